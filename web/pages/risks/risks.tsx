/** The catalogue by phase: what is watched for, where it burns now, and how good the finds are. */
import type { InferResponseType } from 'hono/client'
import { answer, api, until } from '../../api.ts'
import { formatNumber } from '../../format.ts'
import { language, phaseWord, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { LinkButton } from '../../parts/button.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Page, Panel } from '../../parts/panel.tsx'
import { Loaded } from '../../parts/states.tsx'
import { can } from '../../session.ts'
import { t as tools } from './catalogue-words.ts'
import { LevelCounts, VerdictCounts } from './parts.tsx'
import { t } from './words.ts'

type RiskRow = InferResponseType<typeof api.risks.$get>['risks'][number]

const nameOf = (risk: RiskRow) => say({ zh: risk.nameZh, en: risk.nameEn })
const phaseOf = (risk: RiskRow) => {
  const known: Readonly<Record<string, string>> = phaseWord
  return `${risk.phase} · ${known[risk.phase] ?? risk.phase}`
}
/** Graver levels weigh more than any number of lighter ones. */
const heat = ({ levels }: RiskRow) => ((levels.I * 100 + levels.II) * 100 + levels.III) * 100 + levels.IV

export function Risks() {
  const risks = useLoad('risks', (abort) => answer(api.risks.$get({}, until(abort))), {
    refreshOn: ['exposure'],
  })
  const columns: readonly Column<RiskRow>[] = [
    { id: 'code', head: t.code, width: '4.5rem', cell: (risk) => risk.code },
    { id: 'name', head: t.name, main: true, cell: nameOf },
    {
      id: 'burning',
      head: t.burning,
      width: '15rem',
      cell: (risk) => <LevelCounts counts={risk.levels} />,
      sort: heat,
    },
    {
      id: 'verdicts',
      head: t.verdicts,
      width: '16rem',
      cell: (risk) => <VerdictCounts verdicts={risk.verdicts} />,
      sort: (risk) => risk.verdicts.confirmed,
      from: 'l',
    },
    {
      id: 'severity',
      head: t.severity,
      width: '7rem',
      align: 'end',
      cell: (risk) => t.severityOf(String(risk.severity)),
      sort: (risk) => risk.severity,
      from: 'm',
    },
  ]
  const now = risks.now
  const known = now.state === 'ready' ? now.data : undefined
  return (
    <Page
      title={t.title}
      lead={
        known && (
          <>
            <span>{t.lead(formatNumber(known.risks.length, language.value))}</span>
            {known.catalogue && <span class="quiet">{t.version(known.catalogue.version)}</span>}
          </>
        )
      }
      actions={
        can('catalogue.try') && (
          <>
            <LinkButton href="/risks/try" icon="search">
              {tools.try}
            </LinkButton>
            <LinkButton href="/risks/catalogue" icon="edit">
              {tools.catalogue}
            </LinkButton>
          </>
        )
      }
    >
      <Loaded of={risks} what={t.catalogue}>
        {(data) => (
          <Panel flush>
            <DataTable
              label={t.catalogue}
              rows={data.risks}
              rowKey={(risk) => risk.code}
              href={(risk) => `/risks/${risk.code}`}
              columns={columns}
              groupOf={phaseOf}
              phone={(risk) => (
                <>
                  <strong>
                    {risk.code} {nameOf(risk)}
                  </strong>
                  <LevelCounts counts={risk.levels} />
                </>
              )}
            />
          </Panel>
        )}
      </Loaded>
    </Page>
  )
}
