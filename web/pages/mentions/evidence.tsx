/**
 * Pages of a mention as evidence: what is kept, keeping now, looking at one safely, taking all of it away; and what changed
 * between the versions of its text.
 *   <Evidence mentionId={id} words={matched} />   <Versions versions={…} />
 */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { answer, api, until } from '../../api.ts'
import { formatDateTime, formatExact, formatNumber } from '../../format.ts'
import { language, outcomeWord } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button, CopyButton, LinkButton } from '../../parts/button.tsx'
import { Highlight } from '../../parts/highlight.tsx'
import { Dialog } from '../../parts/overlay.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { TextRange } from '../../parts/ranges.ts'
import { Loaded } from '../../parts/states.tsx'
import { ExactTime, RelativeTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { saidText, Told } from '../../parts/told.tsx'
import { can } from '../../session.ts'
import { changesBetween, shortened } from './diff.ts'
import { t } from './evidence-words.ts'
import './evidence.css'

type Kept = InferResponseType<(typeof api.mentions)[':id']['snapshots']['$get']>
type Snapshot = Kept['snapshots'][number]

const number = (n: number) => formatNumber(n, language.value)
const kilobytes = (bytes: number) => `${number(Math.max(1, Math.round(bytes / 1_000)))} kB`
const addressOf = (mentionId: number, page: Snapshot, what: 'page' | 'raw') =>
  `/api/mentions/${mentionId}/snapshots/${page.id}/${what}`

export function Evidence({ mentionId, words }: { mentionId: number; words: readonly string[] }) {
  const id = String(mentionId)
  const kept = useLoad(
    `evidence ${id}`,
    (abort) => answer(api.mentions[':id'].snapshots.$get({ param: { id } }, until(abort))),
    { refreshOn: ['mention'] },
  )
  const [shown, setShown] = useState<Snapshot>()
  const keep = async () => {
    const said = await answer(api.mentions[':id'].snapshots.$post({ param: { id } }))
    if (said.outcome !== 'ok')
      toast.failure({ message: t.notKept(outcomeWord[said.outcome]), cure: saidText(said.told) })
    else if (!said.isNew) toast.done(t.keptAlready)
    else toast.done(said.showsTitle === false ? t.keptWithoutTitle : t.kept)
    await kept.reload()
  }
  const isReady = kept.now.state === 'ready'
  const any = isReady && kept.now.data.snapshots.length > 0
  return (
    <Panel title={t.title} note={t.note}>
      <Loaded of={kept} what={t.title}>
        {({ snapshots, attempts, mayFetch, nextTryAt }) => (
          <div class="stack">
            {snapshots.length === 0 && <p class="quiet">{mayFetch ? t.none : t.noPage}</p>}
            {nextTryAt !== null && (
              <p class="quiet small">
                {t.nextTry} <RelativeTime at={nextTryAt} />
              </p>
            )}
            {snapshots.length > 0 && (
              <ul class="evidence-pages">
                {snapshots.map((page) => (
                  <OnePage key={page.id} mentionId={mentionId} page={page} onView={() => setShown(page)} />
                ))}
              </ul>
            )}
            {attempts.length > 0 && (
              <details>
                <summary class="small">{t.failed(number(attempts.length))}</summary>
                <ul class="small evidence-tries">
                  {attempts.map((attempt) => (
                    <li key={attempt.id}>
                      <ExactTime at={attempt.at} /> {outcomeWord[attempt.outcome]}{' '}
                      <span class="quiet">
                        <Told said={attempt.told} /> · {attempt.askedBy ?? t.reason[attempt.reason]}
                      </span>
                    </li>
                  ))}
                </ul>
              </details>
            )}
            <div class="line no-print">
              {can('evidence.keep') && mayFetch && (
                <Button icon="shield" onClick={keep}>
                  {any ? t.keepAgain : t.keep}
                </Button>
              )}
              {can('evidence.export') && (
                <span title={t.exportHint}>
                  <LinkButton href={`/api/mentions/${id}/evidence.zip`} icon="download" download>
                    {t.export}
                  </LinkButton>
                </span>
              )}
            </div>
          </div>
        )}
      </Loaded>
      {shown && (
        <PageDialog mentionId={mentionId} page={shown} words={words} onClose={() => setShown(undefined)} />
      )}
    </Panel>
  )
}

function OnePage({ mentionId, page, onView }: { mentionId: number; page: Snapshot; onView: () => void }) {
  return (
    <li class="stack-tight">
      <div class="line line-tight">
        <strong>
          <ExactTime at={page.fetchedAt} />
        </strong>
        {page.showsTitle === false && <Chip>{t.noTitle}</Chip>}
      </div>
      <p class="quiet small">
        {page.askedBy === null ? t.reason[page.reason] : t.by(page.askedBy)} ·{' '}
        {t.ofVersion(number(page.documentVersion))} · HTTP {page.status} · {kilobytes(page.size)}
      </p>
      <p class="quiet small evidence-hash">
        {t.hash} <code title={page.sha256}>{page.sha256.slice(0, 16)}…</code>
        <CopyButton text={page.sha256} />
      </p>
      <div class="line no-print">
        <Button small icon="eye" onClick={onView}>
          {t.view}
        </Button>
        <LinkButton small icon="download" href={addressOf(mentionId, page, 'raw')} download>
          {t.raw}
        </LinkButton>
      </div>
    </li>
  )
}

const views = ['page', 'text'] as const

function PageDialog({
  mentionId,
  page,
  words,
  onClose,
}: {
  mentionId: number
  page: Snapshot
  words: readonly string[]
  onClose: () => void
}) {
  const isReadable = /html|text|xml|json/i.test(page.contentType ?? 'html')
  const [view, setView] = useState<(typeof views)[number]>('page')
  const title = t.shown(formatDateTime(page.fetchedAt))
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={title}
      lead={<span class="quiet small evidence-address">{page.url}</span>}
    >
      {!isReadable ? (
        <p class="quiet">{t.notReadable}</p>
      ) : (
        <div class="stack">
          <div class="line">
            {views.map((one) => (
              <Button
                key={one}
                small
                kind={one === view ? 'primary' : 'secondary'}
                aria-pressed={one === view}
                onClick={() => setView(one)}
              >
                {t[one]}
              </Button>
            ))}
            {view === 'page' && <span class="quiet small">{t.pageNote}</span>}
          </div>
          {view === 'page' ? (
            // No permission at all: no script, no form, no window, no origin. The answer's own policy says the same.
            <iframe
              class="evidence-frame"
              sandbox=""
              referrerpolicy="no-referrer"
              title={title}
              src={addressOf(mentionId, page, 'page')}
            />
          ) : (
            <PageText mentionId={mentionId} page={page} words={words} />
          )}
        </div>
      )}
    </Dialog>
  )
}

function PageText({
  mentionId,
  page,
  words,
}: {
  mentionId: number
  page: Snapshot
  words: readonly string[]
}) {
  const param = { id: String(mentionId), snapshotId: String(page.id) }
  const read = useLoad(`evidence text ${page.id}`, (abort) =>
    answer(api.mentions[':id'].snapshots[':snapshotId'].text.$get({ param }, until(abort))),
  )
  return (
    <Loaded of={read} what={t.text}>
      {({ text, isCut }) => {
        const ranges = rangesOf(text, words)
        return (
          <div class="stack">
            {words.length > 0 && ranges.length === 0 && <p class="quiet small">{t.noMatches}</p>}
            {isCut && <p class="quiet small">{t.cut}</p>}
            <div class="mention-text evidence-text">
              <Highlight text={text} ranges={ranges} />
            </div>
          </div>
        )
      }}
    </Loaded>
  )
}

/** Where the matched words stand on the page; their own offsets belong to the text as collected. */
const mostRanges = 2_000
function rangesOf(text: string, words: readonly string[]): TextRange[] {
  const ranges: TextRange[] = []
  for (const word of new Set(words)) {
    if (word === '') continue
    for (
      let at = text.indexOf(word);
      at >= 0 && ranges.length < mostRanges;
      at = text.indexOf(word, at + word.length)
    )
      ranges.push({ start: at, end: at + word.length })
  }
  return ranges
}

// --- versions of the text

export interface Version {
  version: number
  title: string
  body: string
  seenAt: string
}

/** Newest first; each with what it changed against the one before. */
export function Versions({ versions }: { versions: readonly Version[] }) {
  if (versions.length < 2) return null
  return (
    <Panel title={t.versions}>
      <ol class="stack evidence-versions">
        {versions.map((version, at) => (
          <OneVersion key={version.version} version={version} before={versions[at + 1]} />
        ))}
      </ol>
    </Panel>
  )
}

function OneVersion({ version, before }: { version: Version; before: Version | undefined }) {
  const head = (
    <p class="small quiet">
      {t.version(number(version.version))} ·{' '}
      <span title={formatExact(version.seenAt)}>{formatDateTime(version.seenAt)}</span>
      {before === undefined && ` · ${t.firstVersion}`}
      {before?.title === version.title && ` · ${t.titleSame}`}
      {before?.body === version.body && ` · ${t.bodySame}`}
    </p>
  )
  return (
    <li class="stack-tight">
      {head}
      <p>
        <strong>
          {before === undefined ? version.title : <Diff before={before.title} after={version.title} />}
        </strong>
      </p>
      {before !== undefined && before.body !== version.body && (
        <div class="mention-text small">
          <Diff before={before.body} after={version.body} isCut />
        </div>
      )}
      <details class="small">
        <summary>{t.wholeText}</summary>
        <div class="mention-text">{version.body}</div>
      </details>
    </li>
  )
}

function Diff({ before, after, isCut = false }: { before: string; after: string; isCut?: boolean }) {
  const changes = changesBetween(before, after)
  return (
    <>
      {(isCut ? shortened(changes) : changes).map(({ kind, text }, at) =>
        kind === 'same' ? (
          text
        ) : kind === 'removed' ? (
          <del key={at}>
            <span class="for-ears">{`${t.removed} `}</span>
            {text}
          </del>
        ) : (
          <ins key={at}>
            <span class="for-ears">{`${t.added} `}</span>
            {text}
          </ins>
        ),
      )}
    </>
  )
}
