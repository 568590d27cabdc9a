/** A workbook in: first what every row would do, then, on a second press, the change itself. */
import type { InferResponseType } from 'hono/client'
import { answer, api } from '../../api.ts'
import { formatList } from '../../format.ts'
import { language, say } from '../../labels.ts'
import { Button } from '../../parts/button.tsx'
import { FileChoice, useFileImport } from '../../parts/file-import.tsx'
import { Dialog } from '../../parts/overlay.tsx'
import { toast } from '../../parts/toast.tsx'
import { t } from './words.ts'

type Report = InferResponseType<typeof api.projects.import.$post>
type Row = Report['rows'][number]

const rowsShown = 200

export function ImportDialog({
  open,
  onClose,
  onStored,
}: {
  open: boolean
  onClose: () => void
  onStored: () => void
}) {
  const importing = useFileImport({
    ask: (file, how: { dryRun: boolean; partial: boolean }) => {
      const form = { file, dryRun: yesNo(how.dryRun), partial: yesNo(how.partial), map: '{}' }
      return answer(api.projects.import.$post({ form }))
    },
    look: { dryRun: true, partial: false },
    onReport: (next) => {
      if (!next.written) return
      toast.done(`${t.done} · ${countsOf(next)}`)
      onStored()
      onClose()
    },
  })
  const { report } = importing
  const news = report ? report.counts.added + report.counts.changed : 0
  const isWrong = report !== undefined && (report.counts.error > 0 || report.mistakes.length > 0)

  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t.importTitle}
      wide
      footer={
        report &&
        news > 0 && (
          <Button
            kind="primary"
            busy={importing.busy}
            onClick={() => importing.again({ dryRun: false, partial: isWrong })}
          >
            {isWrong ? t.storePart : t.store}
          </Button>
        )
      }
    >
      <div class="stack">
        <p class="quiet">{t.importHint}</p>
        <FileChoice label={t.file} accept=".xlsx,.csv,.jsonl" of={importing} />
        {report && <ReportView report={report} />}
      </div>
    </Dialog>
  )
}

const yesNo = (yes: boolean) => (yes ? ('true' as const) : ('false' as const))

const countsOf = ({ counts }: Report) =>
  t.counts(counts.added, counts.changed, counts.unchanged, counts.error)

function ReportView({ report }: { report: Report }) {
  const telling = report.rows.filter((row) => row.outcome !== 'unchanged')
  // What is wrong stands first: it is what a person must mend.
  const rows = [...telling].sort((a, b) => rank(a) - rank(b)).slice(0, rowsShown)
  const isSame = telling.length === 0 && report.mistakes.length === 0
  return (
    <div class="stack">
      <p>
        <b>{countsOf(report)}</b>
        {report.isRereading && ` · ${t.rereading}`}
      </p>
      {isSame && <p>{t.nothing}</p>}
      {report.mistakes.map((mistake) => (
        <p key={`${mistake.sheet} ${mistake.column} ${mistake.problem.zh}`} role="alert">
          {mistake.sheet && <b>{mistake.sheet}：</b>}
          {say(mistake.problem)} — {say(mistake.cure)}
        </p>
      ))}
      {report.ignored.length > 0 && (
        <p class="quiet">
          {t.ignored(
            formatList(
              report.ignored.map(({ column }) => column),
              language.value,
            ),
          )}
        </p>
      )}
      {rows.length > 0 && (
        <ul class="stack-tight">
          {rows.map((row) => (
            <li key={`${row.table} ${row.sheet} ${row.row}`}>
              <p>
                <b>{t.outcomeWord[row.outcome]}</b> · {t.tableWord[row.table]} · {t.rowNumber(row.row)}
              </p>
              <div class="quiet">{whatOf(row)}</div>
            </li>
          ))}
        </ul>
      )}
      {telling.length > rows.length && <p class="quiet">{t.rowsShown(rows.length, telling.length)}</p>}
    </div>
  )
}

const rank = (row: Row) => ['error', 'changed', 'added', 'unchanged'].indexOf(row.outcome)

function whatOf(row: Row) {
  if (row.outcome === 'error')
    return row.mistakes.map((mistake) => (
      <p key={`${mistake.column} ${mistake.problem.zh}`}>
        {mistake.column && <b>{mistake.column} </b>}
        {say(mistake.problem)} — {say(mistake.cure)}
      </p>
    ))
  if (row.outcome === 'changed')
    return row.changes.map((change) => (
      <p key={change.column.zh}>
        {say(change.column)}：{say(change.from) || '—'} → {say(change.to) || '—'}
      </p>
    ))
  return row.key
}
