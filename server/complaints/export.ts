import { shanghaiMinute } from './shanghai.ts'

/** A row as lists show it: masked already. */
interface ExportRow {
  number: string
  receivedAt: Date
  cityCompanyName: string
  projectName: string | null
  building: string | null
  title: string
  nameMasked: string | null
  phoneMasked: string | null
  class: string
  channel: string
  riskCodes: readonly string[]
  householdCount: number
  personCount: number
  grade: number
  gradeClause: string
  state: string
  closedAt: Date | null
  closeReason: string | null
}
interface Cursor {
  at: Date
  id: number
}

const columns: readonly (readonly [string, (row: ExportRow) => string | number | null])[] = [
  ['编号', (row) => row.number],
  ['受理时间', (row) => shanghaiMinute(row.receivedAt)],
  ['城市公司', (row) => row.cityCompanyName],
  ['项目', (row) => row.projectName],
  ['楼栋', (row) => row.building],
  ['标题', (row) => row.title],
  ['投诉人', (row) => row.nameMasked],
  ['电话', (row) => row.phoneMasked],
  ['类别', (row) => row.class],
  ['渠道', (row) => row.channel],
  ['风险项', (row) => row.riskCodes.join(' ')],
  ['户数', (row) => row.householdCount],
  ['人数', (row) => row.personCount],
  ['级别', (row) => row.grade],
  ['级别依据', (row) => row.gradeClause],
  ['状态', (row) => row.state],
  ['关闭时间', (row) => (row.closedAt ? shanghaiMinute(row.closedAt) : null)],
  ['关闭原因', (row) => row.closeReason],
]

/** The ledger as CSV, page after page as the reader takes it. The mark at the start makes Excel read UTF-8. */
export function exportCsv(
  page: (after: Cursor | undefined) => Promise<{ rows: readonly ExportRow[]; next: Cursor | null }>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let after: Cursor | undefined
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(`\ufeff${line(columns.map(([name]) => name))}`))
    },
    async pull(controller) {
      const { rows, next } = await page(after)
      controller.enqueue(
        encoder.encode(rows.map((row) => line(columns.map(([, value]) => value(row)))).join('')),
      )
      if (next) after = next
      else controller.close()
    },
  })
}

const line = (cells: readonly (string | number | null)[]) => `${cells.map(csvCell).join(',')}\r\n`

/** A cell that begins like a formula gets an apostrophe: a spreadsheet would run what a complainant wrote. */
export function csvCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
