/** A file into the ledger: first a look at what it would do, row by row, then the deed. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { answer, api, asFailure } from '../../api.ts'
import { formatList, formatNumber } from '../../format.ts'
import { language } from '../../labels.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { Checkbox, Field, Input, Select } from '../../parts/field.tsx'
import { Dialog } from '../../parts/overlay.tsx'
import { KeyValues } from '../../parts/panel.tsx'
import { toast } from '../../parts/toast.tsx'
import { wordOf } from './parts.tsx'
import { fieldWord, problemWord, t } from './words.ts'

type Report = InferResponseType<typeof api.complaints.import.$post>

export function ImportDialog({
  open,
  onClose,
  onDone,
  companies,
}: {
  open: boolean
  onClose: () => void
  onDone: () => void
  companies: readonly { id: number; name: string }[]
}) {
  const [file, setFile] = useState<File>()
  const [mapping, setMapping] = useState('')
  const [company, setCompany] = useState('')
  const [isPartial, setPartial] = useState(false)
  const [report, setReport] = useState<Report>()
  const [failure, setFailure] = useState<unknown>()

  const send = async (dryRun: boolean) => {
    if (!file) return
    setFailure(undefined)
    try {
      const given = await answer(
        api.complaints.import.$post({
          form: {
            file,
            mapping,
            ...(company ? { cityCompanyId: company } : {}),
            partial: isPartial ? 'true' : 'false',
            dryRun: dryRun ? 'true' : 'false',
          },
        }),
      )
      setReport(given)
      if (dryRun) return
      toast.done(t.imported(formatNumber(given.added, language.value)))
      onDone()
      close()
    } catch (thrown) {
      setReport(undefined)
      setFailure(thrown)
    }
  }
  const close = () => {
    setFile(undefined)
    setReport(undefined)
    setFailure(undefined)
    onClose()
  }
  const change =
    <Value,>(set: (value: Value) => void) =>
    (value: Value) => {
      set(value)
      setReport(undefined)
    }
  const mayRun = report !== undefined && report.added > 0 && (report.refused === 0 || isPartial)

  return (
    <Dialog
      open={open}
      onClose={close}
      title={t.importTitle}
      wide
      footer={
        <>
          <Button onClick={() => send(true)} kind={mayRun ? 'secondary' : 'primary'}>
            {t.check}
          </Button>
          {mayRun && (
            <Button kind="primary" icon="upload" onClick={() => send(false)}>
              {t.run(formatNumber(report.added, language.value))}
            </Button>
          )}
        </>
      }
    >
      <div class="stack">
        <Field label={t.file} required error={failure === undefined ? undefined : asFailure(failure).message}>
          {(joint) => (
            <input
              {...joint}
              class="input"
              type="file"
              accept=".xlsx,.csv,.jsonl,.ndjson,.txt"
              onChange={(event) => change(setFile)(event.currentTarget.files?.[0])}
            />
          )}
        </Field>
        <Input label={t.mapping} hint={t.mappingHint} value={mapping} onValue={change(setMapping)} />
        <Select
          label={t.chooseCompany}
          value={company}
          onValue={change(setCompany)}
          options={[
            { value: '', label: t.choose },
            ...companies.map(({ id, name }) => ({ value: String(id), label: name })),
          ]}
        />
        <Checkbox label={t.partial} checked={isPartial} onChecked={setPartial} />
        {report && <ReportView report={report} />}
      </div>
    </Dialog>
  )
}

function ReportView({ report }: { report: Report }) {
  const n = (count: number) => formatNumber(count, language.value)
  return (
    <div class="stack" role="status">
      <KeyValues
        columns={2}
        items={[
          [t.rowsRead, n(report.rows)],
          [t.toAdd, n(report.added)],
          [t.unchanged, n(report.unchanged)],
          [t.wrong, n(report.refused)],
          [
            t.columns,
            <span key="columns" class="line">
              {Object.entries(report.mapping).map(([field, column]) => (
                <Chip key={field}>
                  {column} → {wordOf(fieldWord, field)}
                </Chip>
              ))}
            </span>,
          ],
          [t.unused, formatList(report.unusedColumns, language.value)],
          [
            t.unknownProjects,
            formatList(
              report.unknownProjects.map(({ name, rows }) => `${name} ${n(rows)}`),
              language.value,
            ),
          ],
          [t.differing, formatList(report.differing.slice(0, 20), language.value)],
        ]}
      />
      {report.assigned.unassigned > 0 && <p class="quiet">{t.toUnassigned(n(report.assigned.unassigned))}</p>}
      {report.problems.length > 0 && (
        <div class="table-box">
          <table class="table">
            <caption class="for-ears">{t.problems}</caption>
            <thead>
              <tr>
                <th scope="col">{t.place}</th>
                <th scope="col">{t.field}</th>
                <th scope="col">{t.problem}</th>
              </tr>
            </thead>
            <tbody>
              {report.problems.map((problem) => (
                <tr key={`${problem.place} ${problem.field}`}>
                  <td>{problem.place.replace(/row (\d+)/, (_, row: string) => t.row(row))}</td>
                  <td>{fieldWord[problem.field]}</td>
                  <td>
                    {problem.value && `「${problem.value}」`} {problemWord[problem.code]}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}
