// How a source is doing, judged by its own runs. Silence is measured against the source's own habit: a daily paper that
// is quiet for an hour is well, a news ticker is not. Habit = median gap between runs that brought something new.
import type { Outcome } from '../../collectors/collector.ts'
import type { CollectingPolicy } from '../policy/collecting.ts'

export type Health = 'healthy' | 'silent' | 'failing' | 'paused' | 'new'

export interface RunFact {
  startedAt: Date
  /** null while it runs. */
  outcome: Outcome | 'interrupted' | null
  added: number
}

export interface SourceHealth {
  health: Health
  /** For `failing`: how many runs in a row. */
  failures: number
  lastSuccessAt: Date | null
  lastItemAt: Date | null
  usualGapMinutes: number | null
}

const good: ReadonlySet<string> = new Set<Outcome>(['ok', 'not-modified', 'empty'])
/** Fewer gaps than this are no habit. */
const fewestGaps = 5

/** `runs`: newest first. */
export function healthOf(
  source: { state: 'active' | 'paused' },
  runs: readonly RunFact[],
  now: Date,
  policy: Pick<CollectingPolicy, 'silentAfterGaps' | 'silentAfterHours'>,
): SourceHealth {
  const finished = runs.filter((run) => run.outcome !== null)
  const firstGood = finished.findIndex((run) => good.has(run.outcome ?? ''))
  const failures = firstGood < 0 ? finished.length : firstGood
  const fruitful = finished.filter((run) => run.added > 0)
  const gaps = fruitful
    .slice(1)
    .map((run, at) => (fruitful[at]?.startedAt.getTime() ?? 0) - run.startedAt.getTime())
  const usual = gaps.length >= fewestGaps ? median(gaps) : null
  const lastItemAt = fruitful[0]?.startedAt ?? null
  const facts = {
    failures,
    lastSuccessAt: finished[firstGood]?.startedAt ?? null,
    lastItemAt,
    usualGapMinutes: usual === null ? null : Math.round(usual / 60_000),
  }
  if (source.state === 'paused') return { health: 'paused', ...facts }
  if (finished.length === 0) return { health: 'new', ...facts }
  if (failures > 0) return { health: 'failing', ...facts }
  const quiet = lastItemAt === null ? 0 : now.getTime() - lastItemAt.getTime()
  const isSilent =
    usual !== null && quiet > usual * policy.silentAfterGaps && quiet > policy.silentAfterHours * 3_600_000
  return { health: isSilent ? 'silent' : 'healthy', ...facts }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
