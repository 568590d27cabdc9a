/** Many feeds in at once from an OPML list: first what each would become, then, on a second press, the sources themselves. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { answer, api } from '../../api.ts'
import { formatNumber } from '../../format.ts'
import { language } from '../../labels.ts'
import { Button, LinkButton } from '../../parts/button.tsx'
import { Checkbox } from '../../parts/field.tsx'
import { FileChoice, useFileImport } from '../../parts/file-import.tsx'
import { Dialog } from '../../parts/overlay.tsx'
import { toast } from '../../parts/toast.tsx'
import { can } from '../../session.ts'
import { t } from './opml-words.ts'

type Report = InferResponseType<typeof api.sources.opml.import.$post>
type Feed = Report['feeds'][number]

const rowsShown = 200
const number = (n: number) => formatNumber(n, language.value)

/** Import and export of the list, for who may manage sources. */
export function OpmlActions({ onAdded }: { onAdded: () => void }) {
  const [open, setOpen] = useState(false)
  if (!can('source.manage')) return null
  return (
    <>
      <LinkButton href="/api/sources/opml/export" icon="download" download>
        {t.export}
      </LinkButton>
      <Button icon="upload" onClick={() => setOpen(true)}>
        {t.import}
      </Button>
      {open && <OpmlDialog onClose={() => setOpen(false)} onAdded={onAdded} />}
    </>
  )
}

function OpmlDialog({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const [leftOut, setLeftOut] = useState<ReadonlySet<number>>(new Set())
  const importing = useFileImport({
    ask: (file, { dryRun }: { dryRun: boolean }) => {
      const form = { file, dryRun: dryRun ? 'true' : 'false', leaveOut: [...leftOut].join(',') } as const
      return answer(api.sources.opml.import.$post({ form }))
    },
    look: { dryRun: true },
    onReport: (next) => {
      // Another file: its places are others.
      if (!next.written) return setLeftOut(new Set())
      toast.done(t.done(number(next.added)))
      onAdded()
      onClose()
    },
  })
  const { report } = importing
  const toggle = (at: number, wanted: boolean) => {
    const next = new Set(leftOut)
    if (wanted) next.delete(at)
    else next.add(at)
    setLeftOut(next)
  }
  const fresh = report?.feeds.filter((feed) => feed.outcome === 'new').length ?? 0
  const wanted = fresh - leftOut.size

  return (
    <Dialog
      open
      onClose={onClose}
      title={t.title}
      wide
      footer={
        fresh > 0 && (
          <Button
            kind="primary"
            busy={importing.busy}
            disabled={wanted === 0}
            onClick={() => importing.again({ dryRun: false })}
          >
            {t.add(number(wanted))}
          </Button>
        )
      }
    >
      <div class="stack">
        <p class="quiet">{t.hint}</p>
        <FileChoice label={t.file} accept=".opml,.xml" of={importing} />
        {report && <Preview report={report} fresh={fresh} leftOut={leftOut} onToggle={toggle} />}
      </div>
    </Dialog>
  )
}

function Preview({
  report,
  fresh,
  leftOut,
  onToggle,
}: {
  report: Report
  fresh: number
  leftOut: ReadonlySet<number>
  onToggle: (at: number, wanted: boolean) => void
}) {
  const shown = report.feeds.slice(0, rowsShown)
  const there = report.feeds.length - fresh
  return (
    <div class="stack">
      <p role="status">
        {report.title && `${report.title} · `}
        <b>{t.counts(number(fresh), number(there), number(report.bad.length))}</b>
      </p>
      {fresh === 0 && <p>{t.none}</p>}
      {report.bad.length > 0 && (
        <section class="stack-tight" aria-label={t.badTitle}>
          <h3>{t.badTitle}</h3>
          <ul class="stack-tight">
            {report.bad.slice(0, rowsShown).map((one) => (
              <li key={one.outline}>
                <b>{t.badRow(number(one.outline), one.title)}</b> — {t.problemWord[one.problem]}
              </li>
            ))}
          </ul>
        </section>
      )}
      {shown.length > 0 && (
        <section class="stack-tight" aria-label={t.feeds}>
          <h3>{t.feeds}</h3>
          <ul class="stack-tight">
            {shown.map((feed, at) => (
              <li key={at}>
                <Checkbox
                  label={feed.title}
                  hint={aboutOf(feed)}
                  checked={feed.outcome === 'new' && !leftOut.has(at)}
                  disabled={feed.outcome !== 'new'}
                  onChecked={(wanted) => onToggle(at, wanted)}
                />
              </li>
            ))}
          </ul>
          {report.feeds.length > shown.length && (
            <p class="quiet">{t.shown(number(shown.length), number(report.feeds.length))}</p>
          )}
        </section>
      )}
    </div>
  )
}

function aboutOf(feed: Feed): string {
  const said =
    feed.outcome === 'exists'
      ? t.existsAs(feed.sourceName)
      : feed.outcome === 'repeated'
        ? t.repeatedAs(feed.sourceName)
        : feed.sourceName === feed.title
          ? undefined
          : t.willBe(feed.sourceName)
  return [said, feed.folder, feed.address].filter(Boolean).join(' · ')
}
