/** One mention: the text with the words that matched, which risks and projects it shows, who else told it; and corrections. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import type { ModelRule } from '../../../server/analysis/judge.ts'
import { answer, api, asFailure, until } from '../../api.ts'
import { formatDateTime, formatList, formatNumber, formatScore } from '../../format.ts'
import { language, polarityWord, say, tierWord, verdictWord } from '../../labels.ts'
import { type Loader, useLoad } from '../../load.ts'
import type { PageProps } from '../../page.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { Input, Select } from '../../parts/field.tsx'
import { Highlight } from '../../parts/highlight.tsx'
import { ConfirmWithReason } from '../../parts/overlay.tsx'
import { KeyValues, Page, Panel } from '../../parts/panel.tsx'
import { Loaded } from '../../parts/states.tsx'
import { ExactTime, Timeline } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { can } from '../../session.ts'
import { Suggestions } from '../assistant/panel.tsx'
import { Evidence, Versions } from './evidence.tsx'
import { Polarity, type PolarityName } from './parts.tsx'
import { Units, Why } from './why.tsx'
import { t } from './words.ts'

type MentionData = InferResponseType<(typeof api.mentions)[':id']['$get']>
type Signal = MentionData['signals'][number]

const number = (n: number) => formatNumber(n, language.value)
const polarities = ['negative', 'neutral', 'positive'] as const
const isTier = (word: string | null): word is keyof typeof tierWord => word !== null && word in tierWord

export function Mention({ params }: PageProps) {
  const id = params.id ?? ''
  const mention = useLoad(
    `mention ${id}`,
    (abort) => answer(api.mentions[':id'].$get({ param: { id } }, until(abort))),
    {
      refreshOn: ['mention'],
    },
  )
  return (
    <Loaded of={mention} what={t.one}>
      {(data) => <MentionPage mention={data} loader={mention} />}
    </Loaded>
  )
}

/** Runs a change, says how it went, and shows the row as it is now. */
async function change(
  loader: Loader<MentionData>,
  done: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work()
    toast.done(done)
  } catch (thrown) {
    toast.failure(asFailure(thrown))
  }
  await loader.reload()
}

/** What stands for a rule where only the model saw the risk. */
const MODEL: ModelRule = 'model'

function MentionPage({ mention, loader }: { mention: MentionData; loader: Loader<MentionData> }) {
  const terms = mention.signals
    .filter((signal) => signal.state !== 'rejected')
    .flatMap((signal) => signal.because.flatMap((because) => because.terms))
  const rangesIn = (field: 'title' | 'text') => terms.filter((term) => term.field === field)
  const lead = (
    <span class="line">
      <Polarity of={mention.polarity} />
      {mention.polarityBy !== null && <span class="quiet small">{t.correctedBy(mention.polarityBy)}</span>}
      <span>{mention.publisher ?? mention.source.name}</span>
      {isTier(mention.tier) && <Chip>{tierWord[mention.tier]}</Chip>}
      <ExactTime at={mention.occurredAt} />
      {mention.url !== null && /^https?:/.test(mention.url) && (
        <a href={mention.url} target="_blank" rel="noreferrer noopener">
          {t.original}
        </a>
      )}
    </span>
  )
  return (
    <Page title={mention.title} lead={lead} back={{ href: '/mentions', label: t.back }}>
      <div class="columns columns-aside">
        <div class="stack">
          <Panel title={t.text}>
            {rangesIn('title').length > 0 && (
              <p>
                <strong>
                  <Highlight text={mention.title} ranges={rangesIn('title')} />
                </strong>
              </p>
            )}
            {mention.body.trim() === '' ? (
              <p class="quiet">{t.noText}</p>
            ) : (
              <div class="mention-text">
                <Highlight text={mention.body} ranges={rangesIn('text')} />
              </div>
            )}
          </Panel>
          <Versions versions={mention.versions} />
          {mention.story.length > 1 && <Spread mention={mention} />}
        </div>
        <div class="stack">
          <Signals mention={mention} loader={loader} />
          <Projects mention={mention} loader={loader} />
          {can('mention.correct') && <CorrectPolarity mention={mention} loader={loader} />}
          <Suggestions
            about="mention"
            id={mention.id}
            hasStory={mention.story.length > 1}
            onJudged={loader.reload}
          />
          <Evidence mentionId={mention.id} words={terms.map(({ text }) => text)} />
          <Origin mention={mention} />
        </div>
      </div>
    </Page>
  )
}

function Signals({ mention, loader }: { mention: MentionData; loader: Loader<MentionData> }) {
  const [rejecting, setRejecting] = useState<Signal>()
  const param = (signal: Signal) => ({ id: String(mention.id), signalId: String(signal.id) })
  const verdict = api.mentions[':id'].signals[':signalId'].verdict
  const confirm = (signal: Signal) =>
    change(loader, t.confirmed, () =>
      answer(verdict.$post({ param: param(signal), json: { state: 'confirmed' } })),
    )
  const projectOf = (signal: Signal) =>
    mention.candidates.find((candidate) => candidate.projectId === signal.projectId)?.name ??
    mention.projects.find((project) => project.id === signal.projectId)?.name
  return (
    <Panel title={t.signals} note={t.signalsNote}>
      {mention.signals.length === 0 && <p class="quiet">{t.noSignals}</p>}
      <ul class="stack">
        {mention.signals.map((signal) => (
          <li key={signal.id} class="stack-tight">
            <div class="line">
              <a href={`/risks/${signal.riskCode}`}>
                <strong>
                  {signal.riskCode}{' '}
                  {signal.nameZh !== null && say({ zh: signal.nameZh, en: signal.nameEn ?? '' })}
                </strong>
              </a>
              {signal.isRedLine && <Chip>{t.redLine}</Chip>}
              {signal.because.some(({ rule }) => rule === MODEL) && (
                <Chip title={t.byModelHint}>{t.byModel}</Chip>
              )}
              <span class="quiet small">{verdictWord[signal.state]}</span>
            </div>
            <div class="small quiet">
              {projectOf(signal) ?? t.noProject} · {t.strength} {formatScore(signal.strength)} ·{' '}
              {formatList(
                [...new Set(signal.because.flatMap(({ terms }) => terms.map((term) => term.text)))],
                language.value,
              )}
            </div>
            {signal.verdictBy !== null && (
              <div class="small quiet">
                {t.judged(signal.verdictBy)}
                {signal.verdictReason !== null && `: ${signal.verdictReason}`}
              </div>
            )}
            {can('signal.judge') && (
              <div class="line">
                {signal.state !== 'confirmed' && (
                  <Button small icon="check" onClick={() => confirm(signal)}>
                    {t.confirm}
                  </Button>
                )}
                {signal.state !== 'rejected' && (
                  <Button small icon="close" onClick={() => setRejecting(signal)}>
                    {t.reject}
                  </Button>
                )}
              </div>
            )}
          </li>
        ))}
      </ul>
      <ConfirmWithReason
        open={rejecting !== undefined}
        action={t.rejectSignal}
        consequence={t.rejectConsequence}
        onClose={() => setRejecting(undefined)}
        onConfirm={async (reason) => {
          if (rejecting === undefined) return
          await answer(verdict.$post({ param: param(rejecting), json: { state: 'rejected', reason } }))
          toast.done(t.rejected)
          await loader.reload()
        }}
      />
    </Panel>
  )
}

function Projects({ mention, loader }: { mention: MentionData; loader: Loader<MentionData> }) {
  const decide = (json: { projectId: number; state: 'confirmed' | 'rejected'; alias?: string }) =>
    change(loader, json.state === 'confirmed' ? t.attached : t.rejected, () =>
      answer(api.mentions[':id'].project.$post({ param: { id: String(mention.id) }, json })),
    )
  return (
    <Panel title={t.projects} note={t.projectsNote}>
      {mention.candidates.length === 0 && <p class="quiet">{t.noProjects}</p>}
      <ul class="stack">
        {mention.candidates.map(({ projectId, name, confidence, state, counts, ...candidate }) => (
          <li key={projectId} class="stack-tight">
            <div class="line">
              <strong>{name}</strong>
              {counts && <Chip>{t.counts}</Chip>}
              <span class="quiet small">
                {verdictWord[state]} · {formatScore(confidence)}
              </span>
              <Units phases={candidate.phases} buildings={candidate.buildings} />
            </div>
            <Why factors={candidate.factors} />
            {can('mention.correct') && (
              <div class="line">
                {state !== 'confirmed' && (
                  <Button small icon="check" onClick={() => decide({ projectId, state: 'confirmed' })}>
                    {t.confirm}
                  </Button>
                )}
                {state !== 'rejected' && (
                  <Button small icon="close" onClick={() => decide({ projectId, state: 'rejected' })}>
                    {t.reject}
                  </Button>
                )}
              </div>
            )}
          </li>
        ))}
      </ul>
      {can('mention.correct') && <Attach onAttach={decide} />}
    </Panel>
  )
}

function Attach({
  onAttach,
}: {
  onAttach: (decision: { projectId: number; state: 'confirmed'; alias?: string }) => Promise<void>
}) {
  const [project, setProject] = useState('')
  const [alias, setAlias] = useState('')
  const choices = useLoad('mention-choices', (abort) => answer(api.mentions.choices.$get({}, until(abort))))
  const projects = choices.now.state === 'ready' ? choices.now.data.projects : []
  return (
    <details class="mention-attach">
      <summary>{t.attach}</summary>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (project === '') return
          const taught = alias.trim() === '' ? {} : { alias: alias.trim() }
          void onAttach({ projectId: Number(project), state: 'confirmed', ...taught }).then(() => {
            setProject('')
            setAlias('')
          })
        }}
      >
        <Select
          label={t.attachTo}
          value={project}
          onValue={setProject}
          options={[
            { value: '', label: t.choose },
            ...projects.map(({ id, name }) => ({ value: String(id), label: name })),
          ]}
        />
        <Input label={t.alias} hint={t.aliasHint} value={alias} onValue={setAlias} />
        <div>
          <Button type="submit" icon="link" disabled={project === ''}>
            {t.attach}
          </Button>
        </div>
      </form>
    </details>
  )
}

function CorrectPolarity({ mention, loader }: { mention: MentionData; loader: Loader<MentionData> }) {
  const set = (polarity: PolarityName) =>
    change(loader, t.polaritySet, () =>
      answer(api.mentions[':id'].$patch({ param: { id: String(mention.id) }, json: { polarity } })),
    )
  return (
    <Panel title={t.setPolarity}>
      <div class="line">
        {polarities.map((polarity) => (
          <Button key={polarity} small disabled={polarity === mention.polarity} onClick={() => set(polarity)}>
            {polarityWord[polarity]}
          </Button>
        ))}
      </div>
    </Panel>
  )
}

function Spread({ mention }: { mention: MentionData }) {
  const families = new Set(mention.story.map((member) => member.family ?? member.publisher)).size
  const first = mention.story[0]
  return (
    <Panel
      title={<a href={`/stories/${mention.storyId}`}>{t.spread}</a>}
      note={t.spreadNote(number(mention.story.length), number(families))}
    >
      <Timeline
        items={mention.story.toReversed().map((member) => ({
          id: member.id,
          at: member.occurredAt,
          title: (
            <>
              {member.id === mention.id ? (
                <strong>{member.title}</strong>
              ) : (
                <a href={`/mentions/${member.id}`}>{member.title}</a>
              )}{' '}
              {member.id === first?.id && <Chip>{t.first}</Chip>}
            </>
          ),
          by: [member.publisher, isTier(member.tier) ? tierWord[member.tier] : null]
            .filter(Boolean)
            .join(' · '),
        }))}
      />
    </Panel>
  )
}

function Origin({ mention }: { mention: MentionData }) {
  return (
    <Panel title={t.facts}>
      <KeyValues
        items={[
          [t.source, mention.source.name],
          [t.publisher, mention.publisher],
          [t.family, mention.family],
          [t.author, mention.author],
          [
            t.attachments,
            mention.attachments && (
              <ul key="attachments">
                {mention.attachments.map((one) => (
                  <li key={one.name} class="break">
                    {one.name} <span class="quiet">{t.kilobytes(number(Math.ceil(one.bytes / 1_000)))}</span>
                  </li>
                ))}
              </ul>
            ),
          ],
          [t.published, mention.publishedAt && <ExactTime at={mention.publishedAt} />],
          [t.collected, <ExactTime key="collected" at={mention.collectedAt} />],
          [
            t.dating,
            mention.isLearning && (mention.dating === 'dated' || mention.dating === 'seen')
              ? t.learning
              : t.datingWord[mention.dating],
          ],
          [t.versionsUsed, `${mention.analysisVersion} · ${mention.catalogVersion.slice(0, 8)}`],
        ]}
      />
      {mention.observations.length > 0 && (
        <details>
          <summary>{t.observations}</summary>
          <ul class="small">
            {mention.observations.map((seen) => (
              <li key={seen.seenAt}>
                {formatDateTime(seen.seenAt)}{' '}
                <span class="quiet">
                  {Object.entries(seen.counters)
                    .map(([name, count]) => `${name} ${number(count)}`)
                    .join(' · ')}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Panel>
  )
}
