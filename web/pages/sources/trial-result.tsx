/** What a source would bring, read once and not stored: how it went, and what each text would be to us. */
import type { InferResponseType } from 'hono/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { answer, api } from '../../api.ts'
import { formatList, formatNumber } from '../../format.ts'
import { language, outcomeWord } from '../../labels.ts'
import { Chip } from '../../parts/badges.tsx'
import { ErrorState, Loading } from '../../parts/states.tsx'
import { ExactTime } from '../../parts/time.tsx'
import { Told } from '../../parts/told.tsx'
import { useRiskNames } from '../../risk-names.ts'
import { f } from './form-words.ts'
import { h } from './health-words.ts'
import { t } from './words.ts'

export type Trial = InferResponseType<typeof api.sources.try.$post>
type Item = Trial['items'][number]
type Found = InferResponseType<(typeof api.catalogue)['try-all']['$post']>['texts']

/** What reading a source once brought; nothing of it is stored. */
export function TrialResult({
  trial,
  onRetry,
}: {
  trial: Trial | 'running' | { failure: unknown }
  onRetry: () => Promise<void>
}) {
  if (trial === 'running') return <Loading lines={4} />
  if ('failure' in trial) return <ErrorState failure={trial.failure} what={t.try} onRetry={onRetry} />
  return <Brought trial={trial} />
}

function Brought({ trial }: { trial: Trial }) {
  const number = (n: number) => formatNumber(n, language.value)
  const section = useRef<HTMLElement>(null)
  // It stands below a long form: on a phone nobody would see that it came.
  useEffect(() => section.current?.scrollIntoView({ block: 'start' }), [trial])
  const found = useFound(trial.items)
  const ours = found?.filter(({ isMention }) => isMention).length
  const cause =
    trial.outcome === 'ok' || trial.outcome === 'not-modified' || trial.outcome === 'empty'
      ? undefined
      : trial.outcome
  return (
    <section ref={section} class="stack" aria-label={t.try}>
      <p role="status">
        <b>{outcomeWord[trial.outcome]}</b>
        {cause && ` · ${h.whatHappened[cause]}`}
        {trial.told.length > 0 && !cause && (
          <span class="quiet">
            {' · '}
            <Told said={trial.told} />
          </span>
        )}
        {trial.items.length > 0 && ` · ${t.tryItems(number(trial.items.length))}`}
        {ours !== undefined && ours > 0 && ` · ${f.tryOurs(number(ours))}`}
        {trial.complaints.length > 0 && ` · ${t.tryComplaints(number(trial.complaints.length))}`}
        {trial.readings.length > 0 && ` · ${f.tryReadings(number(trial.readings.length))}`}
        {trial.alerts.length > 0 && ` · ${f.tryAlerts(number(trial.alerts.length))}`}
        {trial.dueDates.length > 0 && ` · ${f.tryDueDates(number(trial.dueDates.length))}`}
      </p>
      {ours === 0 && <p class="quiet">{f.tryNothingOurs}</p>}
      {cause && (
        <>
          <p>{h.whatToDo[cause]}</p>
          {trial.told.length > 0 && (
            <p class="quiet small">
              <Told said={trial.told} />
            </p>
          )}
        </>
      )}
      <ul class="stack">
        {trial.items.map((item, at) => (
          <OneText key={`${item.url} ${item.title}`} item={item} found={found?.[at]} />
        ))}
        {trial.complaints.map((row) => (
          <li key={row.place}>
            <p class="quiet small">{row.place}</p>
            <p>
              {Object.entries(row.fields)
                .map(([field, value]) => `${field}: ${value.slice(0, 40)}`)
                .join(' · ')}
            </p>
          </li>
        ))}
        {trial.readings.map((row) => (
          <li key={`${row.place} ${row.metric}`}>
            <p class="quiet small">{row.place}</p>
            <p>
              {row.project} · {row.metric} · {number(row.value)} {row.unit} · <ExactTime at={row.at} />
            </p>
          </li>
        ))}
        {trial.alerts.map((alert) => (
          <li key={alert.externalId}>
            <p>{alert.headline}</p>
            <p class="quiet small">
              {alert.issuer} · <ExactTime at={alert.startsAt} /> ·{' '}
              {formatList(
                alert.areas.map(({ name }) => name),
                language.value,
              )}
            </p>
          </li>
        ))}
        {trial.dueDates.map((due) => (
          <li key={due.externalId}>
            <p>{due.title}</p>
            <p class="quiet small">
              {due.on} · {due.project ?? f.everyProject} · {due.risks.join(' ')}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

function OneText({ item, found }: { item: Item; found: Found[number] | undefined }) {
  const riskName = useRiskNames()
  return (
    <li>
      <p>{item.title}</p>
      <p class="quiet small">
        <ExactTime at={item.publishedAt} />
        {t.datingWord[item.dating] && ` · ${t.datingWord[item.dating]}`}
        {t.knownWord[item.known] && ` · ${t.knownWord[item.known]}`}
        {item.text && ` · ${item.text.slice(0, 80)}`}
      </p>
      {found && (
        <p class="line line-tight small">
          {found.labels.map((code) => (
            <Chip key={code}>{riskName(code)}</Chip>
          ))}
          {found.projects.map((name) => (
            <Chip key={name}>{name}</Chip>
          ))}
          {found.labels.length + found.projects.length === 0 && (
            <span class="quiet">{found.isMention ? f.tryTrade : f.tryNotOurs}</span>
          )}
        </p>
      )}
    </li>
  )
}

/** What the texts would be to us; undefined until it is known, also when it cannot be had: the trial itself stands. */
function useFound(items: readonly Item[]): Found | undefined {
  const [found, setFound] = useState<Found>()
  useEffect(() => {
    let isLeft = false
    setFound(undefined)
    if (items.length === 0) return
    const texts = items.map(({ title, text }) => ({ title, text }))
    answer(api.catalogue['try-all'].$post({ json: { texts } })).then(
      (said) => !isLeft && setFound(said.texts),
      () => undefined,
    )
    return () => {
      isLeft = true
    }
  }, [items])
  return found
}
