// Master data → sheets, the other way round of check.ts: what is exported and imported again changes nothing.
import type { Value } from './cells.ts'
import { shapeOf, shapes, type TableName } from './columns.ts'
import type { MasterData } from './compare.ts'

export interface ExportSheet {
  name: string
  header: readonly string[]
  rows: readonly (readonly (string | number | null)[])[]
}

export function exportSheet(data: MasterData, table: TableName, language: 'zh' | 'en'): ExportSheet {
  const { columns, ...shape } = shapeOf(table)
  return {
    name: shape[language],
    header: columns.map((column) => column[language]),
    rows: [...data[table].values()].map((values) =>
      columns.map((column) => {
        const value = values[column.key] ?? null
        return column.words?.find((word) => word.value === value)?.[language] ?? cell(value)
      }),
    ),
  }
}

export const exportSheets = (data: MasterData, language: 'zh' | 'en'): ExportSheet[] =>
  shapes.map((shape) => exportSheet(data, shape.name, language))

function cell(value: Value): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : (value?.join('、') ?? null)
}

/** CSV for Excel: a byte-order mark, CRLF, and no cell that a spreadsheet would run as a formula. */
export function csvOf(sheet: ExportSheet): string {
  const lines = [sheet.header, ...sheet.rows].map((row) => row.map(csvCell).join(','))
  return `\ufeff${lines.join('\r\n')}\r\n`
}

function csvCell(value: string | number | null): string {
  if (value === null) return ''
  const text = String(value)
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
