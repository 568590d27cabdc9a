/** Try a text: what it is recognised as and by which words, and which rules it just misses. Nothing is stored. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { ApiError, answer, api } from '../../api.ts'
import { formatList, formatNumber, formatScore } from '../../format.ts'
import { language, polarityWord } from '../../labels.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { Input, Select, Textarea } from '../../parts/field.tsx'
import { Highlight } from '../../parts/highlight.tsx'
import { KeyValues, Page, Panel } from '../../parts/panel.tsx'
import { EmptyState, ErrorState, Loading } from '../../parts/states.tsx'
import { useRiskNames } from '../../risk-names.ts'
import { useQuery } from '../../url.ts'
import { t, targetWord } from './catalogue-words.ts'

type Tried = InferResponseType<typeof api.catalogue.try.$post>
type Near = Tried['near'][number]
type Reason = Near['reasons'][number]

const MOST = 20_000
const show = (n: number) => formatNumber(n, language.value)

export function TryText() {
  const query = useQuery()
  const against = query.oneOf('against', ['in-force', 'draft'])
  const [title, setTitle] = useState('')
  const [text, setText] = useState('')
  const [tried, setTried] = useState<{ title: string; text: string; result: Tried }>()
  const [failure, setFailure] = useState<unknown>()
  const [running, setRunning] = useState(false)
  const names = useRiskNames()
  const run = async () => {
    setRunning(true)
    setFailure(undefined)
    try {
      const given = { title: title.trim(), text }
      const result = await answer(
        api.catalogue.try.$post({ json: { ...(given.title && { title: given.title }), text, against } }),
      )
      setTried({ ...given, result })
    } catch (thrown) {
      setFailure(thrown)
    } finally {
      setRunning(false)
    }
  }
  const isLong = text.length > MOST
  const wrong = failure instanceof ApiError && failure.field === 'text' ? failure.message : undefined
  return (
    <Page title={t.try} lead={t.tryLead} back={{ href: '/risks', label: t.risks }}>
      <div class="columns columns-2">
        <Panel>
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault()
              void run()
            }}
          >
            <Input label={t.title} value={title} onValue={setTitle} maxLength={500} />
            <Textarea
              label={t.text}
              value={text}
              onValue={setText}
              rows={10}
              hint={t.textHint(show(text.length), show(MOST))}
              error={isLong ? t.textHint(show(text.length), show(MOST)) : wrong}
            />
            <div class="line line-end">
              <Select
                label={t.against}
                value={against}
                onValue={(value) => query.set({ against: value === 'in-force' ? null : value })}
                options={[
                  { value: 'in-force', label: t.inForce },
                  { value: 'draft', label: t.draft },
                ]}
              />
              <Button
                kind="primary"
                type="submit"
                icon="search"
                busy={running}
                disabled={isLong || (text.trim() === '' && title.trim() === '')}
              >
                {tried ? t.again : t.run}
              </Button>
            </div>
          </form>
        </Panel>
        <div class="stack" aria-live="polite">
          {failure !== undefined && wrong === undefined ? (
            <Panel>
              <ErrorState failure={failure} onRetry={run} />
            </Panel>
          ) : running && !tried ? (
            <Panel>
              <Loading lines={6} />
            </Panel>
          ) : tried ? (
            <Result {...tried} names={names} />
          ) : (
            <Panel>
              <EmptyState icon="quote" title={t.nothingTried} hint={t.nothingTriedHint} />
            </Panel>
          )}
        </div>
      </div>
    </Page>
  )
}

function Result({
  title,
  text,
  result,
  names,
}: {
  title: string
  text: string
  result: Tried
  names: (code: string) => string
}) {
  const terms = [
    ...result.signals.flatMap((signal) => signal.terms),
    ...result.risks.flatMap((hit) => hit.rules.flatMap((rule) => rule.terms)),
  ]
  const inside = (field: 'title' | 'text') => terms.filter((term) => term.field === field)
  const byRules = new Set(result.risks.map((hit) => hit.risk))
  const byModel = result.signals.filter((signal) => !byRules.has(signal.risk))
  const scores = new Map(result.signals.map((signal) => [signal.risk, signal.score]))
  const scoreOf = ({ risk, score }: { risk: string; score: number }) => scores.get(risk) ?? score
  const hits = [...result.risks].sort((a, b) => scoreOf(b) - scoreOf(a))
  return (
    <>
      <Panel title={t.result}>
        <div class="stack">
          {result.labels.length === 0 && (
            <div>
              <strong>{t.noRisk}</strong>
              {result.near.length > 0 && <p class="quiet small">{t.noRiskHint}</p>}
            </div>
          )}
          <ul class="rules">
            {hits.map((hit) => (
              <li key={hit.risk} class="rule stack-tight">
                <div class="line">
                  <a href={`/risks/${hit.risk}`}>
                    <strong>{names(hit.risk)}</strong>
                  </a>
                  {hit.redLine && <Chip title={t.redLineHint}>{t.redLine}</Chip>}
                  {!result.labels.includes(hit.risk) && <Chip title={t.hintOf}>{t.hint}</Chip>}
                  <span class="quiet small">
                    {t.score} {formatScore(scoreOf(hit))}
                  </span>
                </div>
                {hit.rules.map((rule) => (
                  <div key={rule.rule} class="small">
                    <code>{rule.rule}</code> <span class="quiet">{formatScore(rule.weight)}</span>{' '}
                    {formatList([...new Set(rule.terms.map((term) => term.text))], language.value)}
                  </div>
                ))}
              </li>
            ))}
            {byModel.map((signal) => (
              <li key={signal.risk} class="rule stack-tight">
                <div class="line">
                  <a href={`/risks/${signal.risk}`}>
                    <strong>{names(signal.risk)}</strong>
                  </a>
                  {!result.labels.includes(signal.risk) && <Chip title={t.hintOf}>{t.hint}</Chip>}
                  <span class="quiet small">
                    {t.score} {formatScore(signal.score)}
                  </span>
                </div>
                <p class="small">
                  <span class="quiet">{t.byModel}</span>{' '}
                  {formatList(
                    signal.terms.map((term) => term.text),
                    language.value,
                  )}
                </p>
              </li>
            ))}
          </ul>
          <KeyValues
            items={[
              [t.tone, `${polarityWord[result.polarity]} ${formatScore(result.sentiment)}`],
              [t.target, targetWord[result.target]],
              [
                t.projects,
                result.projects.length === 0
                  ? t.noProject
                  : formatList(
                      result.projects.map((project) => `${project.name} ${formatScore(project.confidence)}`),
                      language.value,
                    ),
              ],
            ]}
          />
        </div>
      </Panel>
      <Panel title={t.marked}>
        {title !== '' && (
          <p>
            <strong>
              <Highlight text={title} ranges={inside('title')} />
            </strong>
          </p>
        )}
        <div class="mention-text">
          <Highlight text={text} ranges={inside('text')} />
        </div>
      </Panel>
      <Panel title={t.near} note={t.nearNote}>
        {result.near.length === 0 ? (
          <p class="quiet">{t.noNear}</p>
        ) : (
          <ul class="rules">
            {result.near.map((miss) => (
              <NearMiss key={`${miss.risk} ${miss.rule}`} miss={miss} names={names} />
            ))}
          </ul>
        )}
      </Panel>
    </>
  )
}

function NearMiss({ miss, names }: { miss: Near; names: (code: string) => string }) {
  return (
    <li class="rule stack-tight">
      <div class="line">
        <a href={`/risks/${miss.risk}`}>{names(miss.risk)}</a>
        <code>{miss.rule}</code>
        {miss.redLine && <Chip title={t.redLineHint}>{t.redLine}</Chip>}
        <span class="quiet small">
          {t.found} {formatList([...new Set(miss.found.map((term) => term.text))], language.value)}
        </span>
      </div>
      <ul class="bullets small">
        {miss.reasons.map((reason) => (
          <li key={reasonWord(reason)}>{reasonWord(reason)}</li>
        ))}
      </ul>
    </li>
  )
}

function reasonWord(reason: Reason): string {
  switch (reason.kind) {
    case 'missing':
      return t.missing(
        formatList(reason.words, language.value),
        reason.count > reason.words.length ? t.moreOf(show(reason.count)) : '',
      )
    case 'too-far':
      return t.tooFar(show(reason.distance), show(reason.within))
    case 'other-sentence':
      return t.otherSentence
    case 'outside-title':
      return t.outsideTitle
    case 'negated':
      return t.negated(reason.by.text)
    case 'noise-title':
      return t.noiseTitle(reason.by.text)
    case 'silenced':
      return { not: t.silencedNot, noise: t.silencedNoise, denial: t.silencedDenial }[reason.list](
        reason.by.text,
      )
  }
}
