/**
 * Why there is too little to judge: the sources that a cell requires and that were not read.
 *   <Absence required={6} blocked={[{ id, name, health }]} count={2} />
 */
import { formatNumber } from '../format.ts'
import { language, words } from '../labels.ts'
import { can } from '../session.ts'
import { InsufficientData } from './states.tsx'

const t = words(
  {
    reason: (required: string, blocked: string) =>
      `所需的 ${required} 个信源中 ${blocked} 个受阻，没有读到不等于没有发生。`,
    health: {
      healthy: '正常',
      silent: '异常安静',
      failing: '读取失败',
      paused: '已暂停',
      new: '待首次读取',
    },
  },
  {
    reason: (required, blocked) =>
      `${blocked} of the ${required} sources it requires are blocked; what was not read may have happened.`,
    health: {
      healthy: 'well',
      silent: 'oddly silent',
      failing: 'failing',
      paused: 'paused',
      new: 'not read yet',
    },
  },
)

const healthWord = (health: string) =>
  health === 'silent' || health === 'failing' || health === 'paused' || health === 'new'
    ? t.health[health]
    : t.health.healthy

export interface Absent {
  required: number
  blocked: readonly { id: number; name: string; health: string }[]
  blockedCount: number
}

/** The reason in one sentence. */
export const absenceText = ({ required, blockedCount }: Pick<Absent, 'required' | 'blockedCount'>) =>
  t.reason(formatNumber(required, language.value), formatNumber(blockedCount, language.value))

export function Absence({ of }: { of: Absent }) {
  return (
    <div class="absence">
      <InsufficientData hint={absenceText(of)} />
      <ul class="absence-list small">
        {of.blocked.map((source) => (
          <li key={source.id}>
            {can('source.read') ? <a href={`/sources/${source.id}`}>{source.name}</a> : source.name}{' '}
            <span class="quiet">{healthWord(source.health)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** One requirement as the server tells it; the nulls mean every risk, everywhere. */
interface Required {
  sourceId: number
  name: string
  health: string
  isBlocked: boolean
  riskCode: string | null
  cityCompanyId: number | null
  projectId: number | null
}

/** What is not read of what a cell requires; undefined when all of it was, or nothing is required. */
export function absenceOf(
  required: readonly Required[],
  cell: { riskCode: string; projectId: number; cityCompanyId: number },
): Absent | undefined {
  const sources = new Map<number, Required>()
  for (const one of required) {
    if (one.riskCode !== null && one.riskCode !== cell.riskCode) continue
    if (one.projectId !== null && one.projectId !== cell.projectId) continue
    if (one.cityCompanyId !== null && one.cityCompanyId !== cell.cityCompanyId) continue
    sources.set(one.sourceId, one)
  }
  const blocked = [...sources.values()].filter((source) => source.isBlocked)
  if (blocked.length === 0) return undefined
  return {
    required: sources.size,
    blockedCount: blocked.length,
    blocked: blocked.slice(0, 20).map(({ sourceId, name, health }) => ({ id: sourceId, name, health })),
  }
}
