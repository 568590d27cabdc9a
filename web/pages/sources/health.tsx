/** How a source is doing, in a badge, in words with a cure, and as the strip of its last runs. */
import type { InferResponseType } from 'hono/client'
import type { Cause, Health } from '../../../server/ingest/health.ts'
import type { api } from '../../api.ts'
import { formatDateTime, formatNumber } from '../../format.ts'
import { language, outcomeWord } from '../../labels.ts'
import { StateBadge, type StateTone } from '../../parts/badges.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { type Said, Told } from '../../parts/told.tsx'
import { h } from './health-words.ts'
import { t } from './words.ts'
import './sources.css'

export type OneSource = Extract<InferResponseType<(typeof api.sources)[':id']['$get']>, { runs: unknown }>
type Run = OneSource['runs'][number]

const tones: Readonly<Record<Health, StateTone>> = {
  healthy: 'done',
  silent: 'busy',
  failing: 'open',
  paused: 'open',
  new: 'busy',
}

export const HealthBadge = ({ health }: { health: Health }) => (
  <StateBadge word={t.healthWord[health]} tone={tones[health]} />
)

/** What happened, since when, and what to do. Nothing for a source that is well. */
export function Trouble({
  cause,
  since,
  failures,
  said,
}: {
  cause: Cause | null
  since: string | null
  failures: number
  said: Said
}) {
  if (cause === null) return null
  return (
    <div class="trouble">
      <p>
        <b>{h.whatHappened[cause]}</b>{' '}
        {since && (
          <span class="quiet">
            <RelativeTime at={since} />
          </span>
        )}
        {failures > 1 && <span class="quiet"> · {t.failures(formatNumber(failures, language.value))}</span>}
      </p>
      <p>{h.whatToDo[cause]}</p>
      {said.length > 0 && (
        <p class="small">
          <Told said={said} />
        </p>
      )}
    </div>
  )
}

export const isGood = (outcome: Run['outcome']) =>
  outcome === 'ok' || outcome === 'not-modified' || outcome === 'empty'

/** The last runs, oldest first. Heights and hatching carry it; the sentence is read instead of the picture. */
export function OutcomeStrip({ runs }: { runs: readonly Run[] }) {
  const show = (n: number) => formatNumber(n, language.value)
  const finished = runs.filter((run) => run.outcome !== null)
  const good = finished.filter((run) => isGood(run.outcome)).length
  return (
    <figure
      role="img"
      aria-label={h.outcomesSummary(show(finished.length), show(good), show(finished.length - good))}
    >
      <ol class="outcomes" aria-hidden="true">
        {runs.toReversed().map((run) => (
          <li
            key={run.id}
            class={
              run.outcome === null
                ? 'outcome-running'
                : !isGood(run.outcome)
                  ? 'outcome-failed'
                  : run.added > 0
                    ? 'outcome-new'
                    : undefined
            }
            title={`${formatDateTime(run.startedAt)} · ${run.outcome === null ? t.running : outcomeWord[run.outcome]}${run.added > 0 ? ` · ${t.added(show(run.added))}` : ''}`}
          />
        ))}
      </ol>
    </figure>
  )
}
