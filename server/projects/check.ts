// Rows of a spreadsheet → checked records. Every mistake names its row, its column, and what to write instead; rows are
// checked to the end, so that one reading of the report mends the whole file.
import type { Bilingual, Value } from './cells.ts'
import { type Column, columnFor, recognise, shapes, type TableName, type TableShape } from './columns.ts'

export interface SheetTable {
  name: string
  header: readonly string[]
  rows: readonly { number: number; cells: readonly string[] }[]
}

export interface Mistake {
  /** Header as it stands in the file; absent when the whole row or sheet is meant. */
  column?: string
  value?: string
  problem: Bilingual
  cure: Bilingual
}

/** A row as checked. Only the columns that the file has are in `values`: a column left out changes nothing. */
export interface CheckedRow {
  table: TableName
  sheet: string
  row: number
  values: Readonly<Record<string, Value>>
  mistakes: readonly Mistake[]
}

export interface Checked {
  rows: readonly CheckedRow[]
  /** What concerns no single row: an unknown sheet, a missing column. */
  mistakes: readonly (Mistake & { sheet: string })[]
  /** Headers that were read as nothing. */
  ignored: readonly { sheet: string; column: string }[]
}

/** @param map headers of this file → our headers, for files that call things otherwise */
export function checkTables(
  tables: readonly SheetTable[],
  map: Readonly<Record<string, string>> = {},
): Checked {
  const rows: CheckedRow[] = []
  const mistakes: (Mistake & { sheet: string })[] = []
  const ignored: { sheet: string; column: string }[] = []
  for (const table of tables) {
    if (table.header.length === 0) continue
    const header = table.header.map((text) => map[text] ?? text)
    const shape = recognise(table.name, header)
    if (!shape) {
      mistakes.push({ sheet: table.name, ...unknownSheet(table.header) })
      continue
    }
    const columns = header.map((text) => columnFor(shape, text))
    for (const [at, text] of table.header.entries()) {
      if (text !== '' && !columns[at]) ignored.push({ sheet: table.name, column: text })
    }
    const twice = columns.find((column, at) => column && columns.indexOf(column) !== at)
    if (twice) mistakes.push({ sheet: table.name, ...columnTwice(twice) })
    const missing = shape.columns.filter((column) => column.required && !columns.includes(column))
    for (const column of missing) mistakes.push({ sheet: table.name, ...columnMissing(shape, column) })
    if (twice || missing.length > 0) continue
    for (const row of table.rows) rows.push(checkRow(shape, table, columns, row))
  }
  return { rows: refuseDuplicates(rows), mistakes, ignored }
}

function checkRow(
  shape: TableShape,
  table: SheetTable,
  columns: readonly (Column | undefined)[],
  row: SheetTable['rows'][number],
): CheckedRow {
  const values: Record<string, Value> = {}
  const mistakes: Mistake[] = []
  for (const [at, column] of columns.entries()) {
    if (!column) continue
    // The apostrophe that our own CSV puts before what a spreadsheet would run as a formula.
    const text = (row.cells[at] ?? '').replace(/^'(?=[=+\-@])/, '')
    const header = table.header[at] ?? column.zh
    const cell = column.read(text)
    if (!cell.ok) mistakes.push({ column: header, value: text, problem: cell.problem, cure: cell.cure })
    else if (column.required && cell.value === null) mistakes.push({ column: header, ...empty(column) })
    else values[column.key] = cell.value
  }
  if (shape.name === 'project') mistakes.push(...halfPlace(values))
  return { table: shape.name, sheet: table.name, row: row.number, values, mistakes }
}

/** A longitude alone is a point nowhere. */
function halfPlace(values: Readonly<Record<string, Value>>): Mistake[] {
  if (((values.longitude ?? null) === null) === ((values.latitude ?? null) === null)) return []
  return [
    {
      column: '经度',
      problem: { zh: '经度与纬度只填了一个', en: 'only one of longitude and latitude is given' },
      cure: { zh: '两个都填，或都留空', en: 'give both or none' },
    },
  ]
}

/** What makes a row one of its kind. */
export function naturalKey(table: TableName, values: Readonly<Record<string, Value>>): string | null {
  const part = (key: string) => String(values[key] ?? '')
  switch (table) {
    case 'city-company':
      return part('code')
    case 'department':
      return `${part('company')}/${part('name')}`
    case 'project':
      return part('code') === '' ? `${part('company')}/${part('name')}` : part('code')
    case 'phase':
      return `${part('project')}/${part('name')}`
    case 'milestone':
      return `${part('project')}/${part('phase')}/${part('kind')}`
    case 'publisher':
      return part('name')
  }
}

function refuseDuplicates(rows: readonly CheckedRow[]): CheckedRow[] {
  const seen = new Map<string, CheckedRow>()
  const firstWith = (kind: string, row: CheckedRow) => {
    const key = JSON.stringify([row.table, kind])
    const first = seen.get(key)
    if (!first) seen.set(key, row)
    return first
  }
  return rows.map((row) => {
    if (row.mistakes.length > 0) return row
    const keys = [`key ${naturalKey(row.table, row.values)}`]
    // Two codes for one name of one company would break the second natural key.
    if (row.table === 'project') keys.push(`name ${row.values.company}/${row.values.name}`)
    if (row.table === 'city-company') keys.push(`name ${row.values.name}`)
    const first = keys.map((key) => firstWith(key, row)).find((earlier) => earlier !== undefined)
    return first ? { ...row, mistakes: [duplicate(first)] } : row
  })
}

const duplicate = (first: CheckedRow): Mistake => ({
  problem: {
    zh: `与第 ${first.row} 行${first.sheet ? `（${first.sheet}）` : ''}重复`,
    en: `repeats row ${first.row}${first.sheet ? ` (${first.sheet})` : ''}`,
  },
  cure: { zh: '只保留其中一行', en: 'keep one of the two rows' },
})

const empty = (column: Column): Omit<Mistake, 'column'> => ({
  value: '',
  problem: { zh: `「${column.zh}」没有填写`, en: `“${column.en}” is empty` },
  cure: column.words
    ? {
        zh: `填写其中之一：${column.words.map((word) => word.zh).join('、')}`,
        en: `write one of: ${column.words.map((word) => word.en).join(', ')}`,
      }
    : { zh: '补填后重新导入', en: 'fill it in and import again' },
})

const columnMissing = (shape: TableShape, column: Column): Mistake => ({
  column: column.zh,
  problem: {
    zh: `「${shape.zh}」缺少「${column.zh}」列`,
    en: `${shape.en}: the column “${column.en}” is missing`,
  },
  cure: {
    zh: '补上该列，或用列映射指定对应的列',
    en: 'add the column, or map another column to it',
  },
})

const columnTwice = (column: Column): Mistake => ({
  column: column.zh,
  problem: { zh: `有两列都是「${column.zh}」`, en: `two columns are “${column.en}”` },
  cure: { zh: '删除其中一列', en: 'remove one of them' },
})

const unknownSheet = (header: readonly string[]): Mistake => ({
  value: header.filter(Boolean).slice(0, 6).join('、'),
  problem: { zh: '认不出这张表是什么', en: 'the kind of this table is not recognised' },
  cure: {
    zh: `表头应与其中一种相符：${shapes.map((shape) => `${shape.zh}（${needs(shape, 'zh')}）`).join('；')}`,
    en: `the header must fit one of: ${shapes.map((shape) => `${shape.en} (${needs(shape, 'en')})`).join('; ')}`,
  },
})

const needs = (shape: TableShape, language: 'zh' | 'en') =>
  shape.columns
    .filter((column) => column.required)
    .map((column) => column[language])
    .join(language === 'zh' ? '、' : ', ')
