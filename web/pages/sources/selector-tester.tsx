/** Beside the form of a list page: proposes its selectors, shows what they find and how the first article reads. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { answer, api } from '../../api.ts'
import { formatNumber } from '../../format.ts'
import { language, outcomeWord } from '../../labels.ts'
import { Button } from '../../parts/button.tsx'
import { ErrorState, Loading } from '../../parts/states.tsx'
import { ExactTime } from '../../parts/time.tsx'
import { Told } from '../../parts/told.tsx'
import { f } from './form-words.ts'
import { h } from './health-words.ts'

type Probe = InferResponseType<typeof api.sources.selectors.$post>
type Suggestion = Probe['suggestions'][number]

const names = ['item', 'link', 'title', 'date', 'articleBody', 'articleTitle', 'articleDate', 'next'] as const
const shownEntries = 8
const number = (n: number) => formatNumber(n, language.value)

export function SelectorTester({
  typed,
  onFill,
  onRefused,
}: {
  typed: Readonly<Record<string, string>>
  onFill: (values: Readonly<Record<string, string>>) => void
  /** True when the form shows the refusal beside a field. */
  onRefused: (failure: unknown) => boolean
}) {
  const [probe, setProbe] = useState<Probe | 'running' | { failure: unknown }>()
  const url = (typed.url ?? '').trim()
  const look = async (given: Readonly<Record<string, string>>) => {
    setProbe('running')
    const written = names.flatMap((name) => {
      const value = (given[name] ?? '').trim()
      return value === '' ? [] : [[name, value] as const]
    })
    try {
      const options = { url, ...Object.fromEntries(written) }
      setProbe(await answer(api.sources.selectors.$post({ json: { options } })))
    } catch (failure) {
      setProbe(onRefused(failure) ? undefined : { failure })
    }
  }
  const use = ({ item, link, date }: Suggestion) => {
    const values = { item, link: link === 'a[href]' ? '' : link, title: '', date }
    onFill(values)
    void look({ ...typed, ...values })
  }
  return (
    <div class="stack stack-tight">
      <div class="line">
        <Button icon="search" disabled={url === ''} onClick={() => look(typed)} title={f.testHint}>
          {f.testSelectors}
        </Button>
        <span class="quiet small">{url === '' ? f.needsAddress : f.testHint}</span>
      </div>
      {probe === 'running' && <Loading lines={4} />}
      {probe !== undefined && probe !== 'running' && 'failure' in probe && (
        <ErrorState failure={probe.failure} what={f.testSelectors} onRetry={() => look(typed)} />
      )}
      {probe !== undefined && probe !== 'running' && !('failure' in probe) && (
        <Result probe={probe} item={(typed.item ?? '').trim()} onUse={use} />
      )}
    </div>
  )
}

function Result({ probe, item, onUse }: { probe: Probe; item: string; onUse: (one: Suggestion) => void }) {
  const { suggestions, entries, article } = probe
  return (
    <section class="stack" aria-label={f.testSelectors}>
      <p role="status">
        <b>{outcomeWord[probe.outcome]}</b>
        {probe.told.length > 0 && (
          <span class="quiet">
            {' · '}
            <Told said={probe.told} />
          </span>
        )}
        {entries.length > 0 && ` · ${f.found(number(probe.matched))}`}
        {entries.length === 0 && probe.matched > 0 && ` · ${f.matched(number(probe.matched))}`}
        {probe.nextPage && <span class="quiet"> · {f.nextPage} ✓</span>}
      </p>
      {probe.outcome !== 'ok' && suggestions.length === 0 && (
        <p class="quiet small">{probe.outcome === 'parse-error' ? f.noProposals : cureOf(probe.outcome)}</p>
      )}
      {entries.length > 0 && (
        <ul class="stack stack-tight">
          {entries.slice(0, shownEntries).map((entry) => (
            <li key={entry.url}>
              <a href={entry.url} target="_blank" rel="noreferrer noopener">
                {entry.title || entry.url}
              </a>
              {entry.publishedAt && (
                <span class="quiet small">
                  {' '}
                  · <ExactTime at={entry.publishedAt} />
                </span>
              )}
            </li>
          ))}
          {entries.length > shownEntries && (
            <li class="quiet small">{f.moreEntries(number(entries.length - shownEntries))}</li>
          )}
        </ul>
      )}
      {article && (
        <div class="stack stack-tight">
          <h3>{f.firstArticle}</h3>
          <p>
            <strong>{article.title}</strong>
          </p>
          <p class="quiet small">
            <ExactTime at={article.publishedAt} />
            {article.author && ` · ${article.author}`} · {f.characters(number(article.characters))}
          </p>
          {!article.bodyFits && <p class="small">{f.bodyMisses}</p>}
          <p class="small">{article.excerpt || f.noText}</p>
        </div>
      )}
      {suggestions.length > 0 && (
        <div class="stack stack-tight">
          <h3>{f.proposals}</h3>
          <p class="quiet small">{f.proposalsHint}</p>
          <ul class="stack stack-tight">
            {suggestions.map((one) => (
              <li key={one.item} class="stack stack-tight">
                <span class="line line-tight">
                  <Button small disabled={one.item === item} onClick={() => onUse(one)}>
                    {one.item === item ? f.inUse : f.use}
                  </Button>
                  <code>{one.item}</code>
                  <span class="quiet small">{f.entries(number(one.count))}</span>
                </span>
                <span class="quiet small">{one.samples.map(({ title }) => title).join(' / ')}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  )
}

const cureOf = (outcome: Probe['outcome']) =>
  Object.entries(h.whatToDo).find(([name]) => name === outcome)?.[1] ?? ''
