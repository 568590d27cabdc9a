/** The daily heartbeats, newest first, with the days that have none. */
import { answer, api, until } from '../../api.ts'
import { now as clock } from '../../clock.ts'
import { formatDay, formatNumber } from '../../format.ts'
import { language } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { EmptyState, Loaded } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { h } from './health-words.ts'

const DAY_MS = 86_400_000
const show = (n: number) => formatNumber(n, language.value)

/** Days between two records that have none: nobody watched. */
function gapBefore(day: string, older: string | undefined): string[] {
  if (older === undefined) return []
  const missing: string[] = []
  for (let at = Date.parse(day) - DAY_MS; at > Date.parse(older); at -= DAY_MS)
    missing.push(new Date(at).toISOString().slice(0, 10))
  return missing
}

export function Heartbeats() {
  const beats = useLoad('heartbeats', (abort) => answer(api.sources.heartbeats.$get({}, until(abort))), {
    refreshOn: ['source'],
  })
  const dayWord = (day: string) => formatDay(`${day}T12:00:00+08:00`, language.value, clock.value)
  return (
    <Loaded of={beats} what={h.heartbeat}>
      {({ rows }) => (
        <div class="stack">
          <p class="quiet small">{h.heartbeatNote}</p>
          {rows.length === 0 && <EmptyState icon="calendar" title={h.noHeartbeat} hint={h.noHeartbeatHint} />}
          <ol class="requirements">
            {rows.flatMap((row, at) => [
              <li key={row.day} class="heartbeat">
                <div>
                  <p>
                    <b>
                      {h.heartbeatLine(
                        dayWord(row.day),
                        show(row.sourcesRead),
                        show(row.sources),
                        show(row.items),
                        show(row.matches),
                      )}
                    </b>
                  </p>
                  <p class="quiet small">
                    {h.failedRuns(show(row.failedRuns), show(row.runs))} · {h.cases} {show(row.cases)}
                    {row.oldestSource && (
                      <>
                        {' · '}
                        {h.oldest} {row.oldestSource}{' '}
                        {row.oldestSuccessAt === null ? (
                          h.neverSucceeded
                        ) : (
                          <RelativeTime at={row.oldestSuccessAt} />
                        )}
                      </>
                    )}
                    {row.deadlinesCheckedAt && (
                      <>
                        {' · '}
                        {h.deadlines} <RelativeTime at={row.deadlinesCheckedAt} />
                      </>
                    )}
                  </p>
                  {row.failing.length > 0 && (
                    <ul class="absence-list small">
                      {row.failing.map((source) => (
                        <li key={source.id}>
                          <a href={`/sources/${source.id}`}>{source.name}</a>{' '}
                          <span class="quiet">{causeWord(source.cause)}</span>
                        </li>
                      ))}
                    </ul>
                  )}
                </div>
              </li>,
              ...gapBefore(row.day, rows[at + 1]?.day).map((day) => (
                <li key={day} class="heartbeat">
                  <b>
                    {dayWord(day)}: {h.missing}
                  </b>
                </li>
              )),
            ])}
          </ol>
        </div>
      )}
    </Loaded>
  )
}

const causes: Readonly<Record<string, string>> = h.causeWord
const causeWord = (cause: string | null) => (cause === null ? '' : (causes[cause] ?? cause))
