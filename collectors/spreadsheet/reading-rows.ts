// Rows of a table → readings: project, what was measured, number, day; one row is one number.
import { CollectError, type Metric, metrics, type ReadingCapture } from '../collector.ts'
import { parseDate } from '../dates.ts'
import type { Table } from '../tables.ts'
import type { Mapping } from './rows.ts'

const headers = {
  project: ['项目', '项目名称', '楼盘', 'project'],
  metric: ['指标', '指标名称', 'metric', 'indicator'],
  value: ['数值', '值', '实际', '实际值', 'value', 'actual'],
  planned: ['计划', '计划值', '目标', '目标值', 'planned', 'plan', 'target'],
  unit: ['单位', 'unit'],
  at: ['日期', '时间', '统计日期', 'at', 'date', 'time', 'day'],
} as const
type ReadingField = keyof typeof headers
const needed = ['project', 'metric', 'value', 'at'] as const

const metricWords: readonly (readonly [RegExp, Metric])[] = [
  [/来访|到访|带看|visit/i, 'visits'],
  [/投诉|complaint/i, 'complaints'],
  [/质量|quality/i, 'quality'],
  [/进度|形象|progress/i, 'progress'],
  [/价|price/i, 'price'],
  [/销售|去化|成交|认购|sale/i, 'sales'],
]

/** The readings of a table. Rows that cannot be read fail the run after the others were given, so that somebody looks. */
export function* readingsOf(table: Table, mapping: Mapping): Generator<ReadingCapture> {
  const columns = columnsOf(table.header, mapping)
  let unreadable = 0
  let first = ''
  for (const { number, cells } of table.rows) {
    const cell = (field: ReadingField) => {
      const column = columns[field]
      return column === undefined ? '' : (cells[column]?.trim() ?? '')
    }
    const read = readingOf(cell)
    if (typeof read === 'string') {
      unreadable += 1
      first ||= `row ${number}: ${read}`
    } else yield { place: `row ${number}`, ...read }
  }
  if (unreadable > 0)
    throw new CollectError('parse-error', `${unreadable} rows are no readings; ${first}`.slice(0, 300))
}

function columnsOf(header: readonly string[], mapping: Mapping): Partial<Record<ReadingField, number>> {
  const plain = header.map((name) => name.normalize('NFKC').trim().toLowerCase())
  const found: Partial<Record<ReadingField, number>> = {}
  for (const field of Object.keys(headers) as ReadingField[]) {
    const names = mapping[field] === undefined ? headers[field] : [mapping[field]]
    const at = names.map((name) => plain.indexOf(name.toLowerCase())).find((column) => column >= 0)
    if (at !== undefined) found[field] = at
  }
  const missing = needed.filter((field) => found[field] === undefined)
  if (missing.length > 0)
    throw new CollectError(
      'parse-error',
      `no column for ${missing.join(', ')} among ${header.slice(0, 20).join(', ')}; name it under Columns, such as ${missing[0]}=…`,
    )
  return found
}

function readingOf(cell: (field: ReadingField) => string): Omit<ReadingCapture, 'place'> | string {
  const project = cell('project')
  if (project === '') return 'it names no project'
  const written = cell('metric')
  const metric =
    metrics.find((name) => name === written.toLowerCase()) ??
    metricWords.find(([word]) => word.test(written))?.[1]
  if (metric === undefined) return `«${written.slice(0, 40)}» is none of ${metrics.join(', ')}`
  const value = numberOf(cell('value'))
  if (value === undefined) return `«${cell('value').slice(0, 40)}» is no number`
  const at = parseDate(cell('at'))
  if (at === undefined) return `«${cell('at').slice(0, 40)}» is no date`
  const planned = numberOf(cell('planned'))
  const unit = cell('unit').slice(0, 20)
  return {
    project: project.slice(0, 200),
    metric,
    value,
    at,
    ...(planned === undefined ? {} : { planned }),
    ...(unit === '' ? {} : { unit }),
  }
}

/** `1,234.5`, `85%`: the sign of per cent is a unit, not a factor. */
function numberOf(written: string): number | undefined {
  const plain = written.normalize('NFKC').replace(/[,\s%]/g, '')
  const value = Number(plain)
  return plain === '' || !Number.isFinite(value) ? undefined : value
}
