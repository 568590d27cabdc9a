/**
 * What the language model proposes about a mention or a warning, quietly: nothing is drawn while it is off, nothing is asked
 * unasked, and nothing counts before a person accepts it.
 *   <Suggestions about="mention" id={mention.id} hasStory={…} onJudged={loader.reload} />
 */
import type { InferResponseType } from 'hono/client'
import { useEffect, useState } from 'preact/hooks'
import { answer, api, until } from '../../api.ts'
import { formatDateTime, formatList, formatNumber } from '../../format.ts'
import { language } from '../../labels.ts'
import { type Loader, useLoad } from '../../load.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button, CopyButton } from '../../parts/button.tsx'
import { Textarea } from '../../parts/field.tsx'
import { ConfirmWithReason } from '../../parts/overlay.tsx'
import { Panel } from '../../parts/panel.tsx'
import { toast } from '../../parts/toast.tsx'
import { can } from '../../session.ts'
import { draftWord, outcomeWord, purposeWord, t, wordOf } from './words.ts'
import './assistant.css'

type Standing = InferResponseType<(typeof api.assistant.mentions)[':id']['$get']>
type Proposal = Standing['proposals'][number]
type Call = Standing['calls'][number]
type Sentences = Extract<Proposal['content'], { sentences: unknown }>['sentences']
type DraftKind = keyof typeof draftWord

interface About {
  about: 'mention' | 'warning'
  id: number
  /** The mention is told by others too. */
  hasStory?: boolean
  /** A verdict was given: what the page shows of the signals is old. */
  onJudged?: () => Promise<void>
}

const draftKinds: readonly DraftKind[] = ['statement', 'reply', 'briefing']
/** Where the live connection is down, an answer is seen this much later. */
const pollMs = 5_000

export function Suggestions(props: About) {
  return can('assistant.ask') ? <Asked {...props} /> : null
}

function Asked({ about, id, hasStory = false, onJudged }: About) {
  const param = { id: String(id) }
  const standing = useLoad<Standing>(
    `assistant ${about} ${id}`,
    (abort) =>
      about === 'mention'
        ? answer(api.assistant.mentions[':id'].$get({ param }, until(abort)))
        : answer(api.assistant.warnings[':id'].$get({ param }, until(abort))),
    { refreshOn: ['assistant'] },
  )
  const data = standing.now.state === 'ready' ? standing.now.data : undefined
  const isWaiting = data?.calls.some((call) => call.state !== 'done') ?? false
  useEffect(() => {
    if (!isWaiting) return
    const timer = setInterval(() => void standing.reload(), pollMs)
    return () => clearInterval(timer)
  }, [isWaiting, standing])
  if (!data) return null
  const shown = data.proposals.filter(({ state, content }) => state === 'open' || content.kind !== 'label')
  // Off: only what a person took over and what still works is left to see.
  const visible = data.isOn ? shown : shown.filter(({ state }) => state === 'accepted')
  if (!data.isOn && visible.length === 0) return null

  const asking = async (call: Promise<unknown>) => {
    await call
    await standing.reload()
  }
  const askMention = (json: Parameters<(typeof api.assistant.mentions)[':id']['$post']>[0]['json']) =>
    asking(answer(api.assistant.mentions[':id'].$post({ param, json })))
  const askWarning = (json: Parameters<(typeof api.assistant.warnings)[':id']['$post']>[0]['json']) =>
    asking(answer(api.assistant.warnings[':id'].$post({ param, json })))
  return (
    <Panel title={t.panel} note={t.panelNote}>
      <div class="stack">
        {data.isOn && (
          <div class="line">
            {about === 'mention' ? (
              <>
                {data.mayJudge && (
                  <Button small icon="tag" onClick={() => askMention({ purpose: 'labels' })}>
                    {t.askLabels}
                  </Button>
                )}
                <Button small icon="quote" onClick={() => askMention({ purpose: 'summary', of: 'mention' })}>
                  {t.askSummary}
                </Button>
                {hasStory && (
                  <Button small icon="quote" onClick={() => askMention({ purpose: 'summary', of: 'story' })}>
                    {t.askStory}
                  </Button>
                )}
              </>
            ) : (
              <>
                <Button small icon="quote" onClick={() => askWarning({ purpose: 'summary' })}>
                  {t.askWarning}
                </Button>
                {data.mayMoveLevel && (
                  <Button small icon="shield" onClick={() => askWarning({ purpose: 'severity' })}>
                    {t.askSeverity}
                  </Button>
                )}
              </>
            )}
          </div>
        )}
        {data.isOn && (
          <div class="line small">
            <span class="quiet">{t.draft}</span>
            {draftKinds.map((draftKind) => (
              <Button
                key={draftKind}
                small
                kind="quiet"
                icon="edit"
                onClick={() =>
                  about === 'mention'
                    ? askMention({ purpose: 'draft', of: 'mention', draftKind })
                    : askWarning({ purpose: 'draft', draftKind })
                }
              >
                {draftWord[draftKind]}
              </Button>
            ))}
          </div>
        )}
        <Calls calls={data.calls} standing={standing} />
        {visible.length > 0 && (
          <ul class="suggestions">
            {visible.map((proposal) => (
              <li key={proposal.id}>
                <One proposal={proposal} data={data} standing={standing} onJudged={onJudged} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  )
}

/** What is being written, and what did not come to anything; a call that gave proposals speaks through them. */
function Calls({ calls, standing }: { calls: readonly Call[]; standing: Loader<Standing> }) {
  const name = (call: Call) =>
    call.draftKind === null ? wordOf(purposeWord, call.purpose) : draftWord[call.draftKind]
  const told = calls.filter((call) => call.state !== 'done' || call.outcome !== 'ok')
  if (told.length === 0) return null
  return (
    <ul class="stack-tight" aria-live="polite">
      {told.map((call) => (
        <li key={call.id} class="line small">
          <span>{name(call)}</span>
          {call.state === 'done' ? (
            <span class="quiet">{wordOf(outcomeWord, call.outcome)}</span>
          ) : (
            <>
              <span class="spinner" aria-hidden="true" />
              <span class="quiet">{call.state === 'waiting' ? t.waiting : t.running}</span>
              <Button
                small
                kind="quiet"
                onClick={async () => {
                  await api.assistant.calls[':id'].cancel.$post({ param: { id: String(call.id) } })
                  await standing.reload()
                }}
              >
                {t.stop}
              </Button>
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

function One({
  proposal,
  data,
  standing,
  onJudged,
}: {
  proposal: Proposal
  data: Standing
  standing: Loader<Standing>
  onJudged: (() => Promise<void>) | undefined
}) {
  const { content, state } = proposal
  const param = { id: String(proposal.id) }
  const at = api.assistant.proposals[':id']
  const [edited, setEdited] = useState<string>()
  const [confirming, setConfirming] = useState<'accept' | 'withdraw'>()
  const accept = async (json: { edited?: string; reason?: string }) => {
    await at.accept.$post({ param, json })
    setEdited(undefined)
    toast.done(t.accepted)
    await standing.reload()
    if (content.kind === 'label') await onJudged?.()
  }
  const isText = content.kind === 'summary' || content.kind === 'draft'
  const isAllowed =
    content.kind === 'label' ? data.mayJudge : content.kind === 'severity' ? data.mayMoveLevel : true
  const text = 'sentences' in content ? content.sentences.map((sentence) => sentence.text).join('') : ''
  const cuts = Object.values(proposal.cut).reduce((sum, count) => sum + count, 0)
  return (
    <article class="suggestion" aria-label={headOf(proposal)}>
      <div class="line">
        <strong>{headOf(proposal)}</strong>
        {state === 'accepted' && <Chip>{t.accepted}</Chip>}
      </div>
      {'sentences' in content ? (
        proposal.edited === null ? (
          <CitedText sentences={content.sentences} />
        ) : (
          <div class="stack-tight">
            <p class="mention-text">{proposal.edited}</p>
            <p>
              <Cites refs={[...new Set(content.sentences.flatMap((sentence) => sentence.cites))]} />
            </p>
          </div>
        )
      ) : (
        <div class="stack-tight">
          <p>
            <a href={`/risks/${content.riskCode}`}>{content.riskCode}</a>
            {content.kind === 'label' && content.project !== null && (
              <span class="quiet"> · {content.project}</span>
            )}{' '}
            {content.reason} <Cites refs={content.cites} />
          </p>
          <p class="small quiet">
            {t.quote}「{content.quote}」
          </p>
        </div>
      )}
      {content.kind === 'miss' && state === 'open' && <p class="small quiet">{t.missNote}</p>}
      {content.kind === 'severity' && state === 'open' && <p class="small quiet">{t.severityNote}</p>}
      {cuts > 0 && state === 'open' && <p class="small quiet">{t.cut(formatNumber(cuts, language.value))}</p>}
      <p class="small quiet">
        {state === 'accepted' && proposal.decidedBy !== null && proposal.decidedAt !== null
          ? t.acceptedBy(proposal.decidedBy, formatDateTime(proposal.decidedAt))
          : t.askedBy(proposal.askedBy, formatDateTime(proposal.askedAt))}{' '}
        · {proposal.model}
      </p>
      {edited !== undefined && (
        <Textarea label={t.finalText} rows={6} value={edited} maxLength={8000} onValue={setEdited} />
      )}
      {state === 'open' && (
        <div class="line">
          {isAllowed && (
            <Button
              small
              icon="check"
              onClick={() =>
                content.kind === 'severity'
                  ? setConfirming('accept')
                  : accept(edited === undefined ? {} : { edited })
              }
              disabled={edited?.trim() === ''}
            >
              {edited === undefined ? t.accept : t.acceptEdited}
            </Button>
          )}
          {isText && edited === undefined && (
            <Button small icon="edit" onClick={() => setEdited(text)}>
              {t.edit}
            </Button>
          )}
          <Button
            small
            icon="close"
            onClick={async () => {
              await at.discard.$post({ param, json: {} })
              toast.done(t.discarded)
              await standing.reload()
            }}
          >
            {t.discard}
          </Button>
          {isText && <CopyButton text={edited ?? text} />}
        </div>
      )}
      {state === 'accepted' && isText && <CopyButton text={proposal.edited ?? text} />}
      {state === 'accepted' && content.kind === 'severity' && data.mayMoveLevel && (
        <div>
          <Button small onClick={() => setConfirming('withdraw')}>
            {t.withdraw}
          </Button>
        </div>
      )}
      <ConfirmWithReason
        open={confirming === 'accept'}
        action={t.acceptSeverity}
        consequence={t.severityNote}
        onConfirm={(reason) => accept({ reason })}
        onClose={() => setConfirming(undefined)}
      />
      <ConfirmWithReason
        open={confirming === 'withdraw'}
        action={t.withdraw}
        consequence={t.withdrawConsequence}
        onConfirm={async (reason) => {
          await at.withdraw.$post({ param, json: { reason } })
          toast.done(t.withdrawn)
          await standing.reload()
        }}
        onClose={() => setConfirming(undefined)}
      />
    </article>
  )
}

function headOf({ content, subjectKind, draftKind }: Proposal): string {
  switch (content.kind) {
    case 'label':
      return content.verdict === 'confirmed' ? t.confirmSignal : t.rejectSignal
    case 'miss':
      return t.miss
    case 'summary':
      return t.summaryOf[subjectKind]
    case 'draft':
      return draftKind === null ? t.draft : draftWord[draftKind]
    case 'severity':
      return content.step === 1 ? t.graver : t.milder
  }
}

function CitedText({ sentences }: { sentences: Sentences }) {
  const unseen = [...new Set(sentences.flatMap((sentence) => sentence.unseen))]
  return (
    <div class="stack-tight">
      {sentences.map((sentence, at) => (
        <p key={`${at} ${sentence.text}`}>
          {sentence.text} <Cites refs={sentence.cites} />
        </p>
      ))}
      {unseen.length > 0 && <p class="small quiet">{t.unseen(formatList(unseen, language.value))}</p>}
    </div>
  )
}

/** The stored rows a sentence rests on. */
function Cites({ refs }: { refs: readonly string[] }) {
  return (
    <span class="cites small">
      <span class="for-ears">{t.basis}</span>
      {refs.map((ref) => {
        const id = ref.slice(1)
        return ref.startsWith('m') ? (
          <a key={ref} href={`/mentions/${id}`}>
            {t.citeMention(id)}
          </a>
        ) : (
          <a key={ref} href={`/complaints/${id}`}>
            {t.citeComplaint(id)}
          </a>
        )
      })}
    </span>
  )
}
