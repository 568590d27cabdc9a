// Rows of a table or of an interface → readings. Two shapes are met: long (project, metric, value, a row a number) and wide (a
// column a number: 项目, 日期, 去化套数, 成交均价 …). Columns are found by the words people put above them; a mapping goes first.
import { CollectError, type Metric, metrics, type ReadingCapture } from '../collector.ts'
import { parseDate } from '../dates.ts'
import type { Mapping } from '../spreadsheet/rows.ts'
import type { Table } from '../tables.ts'

const words = {
  project: [
    '项目',
    '项目名称',
    '楼盘',
    '楼盘名称',
    '案场',
    '项目编码',
    'project',
    'projectname',
    'site',
    'name',
  ],
  metric: ['指标', '指标名称', '类型', '类别', 'metric', 'indicator', 'kind', 'type'],
  value: ['数值', '实际', '实际值', '完成', '完成值', '本期', 'value', 'actual', 'reading'],
  planned: ['计划', '计划值', '目标', '目标值', '应完成', 'planned', 'plan', 'target'],
  unit: ['单位', '计量单位', 'unit'],
  at: [
    '日期',
    '时间',
    '统计日期',
    '截止日期',
    '月份',
    '期间',
    'date',
    'at',
    'time',
    'month',
    'day',
    'period',
  ],
} as const satisfies Record<string, readonly string[]>

const metricWords: Readonly<Record<Metric, readonly string[]>> = {
  sales: [
    '销售',
    '去化',
    '成交套数',
    '签约套数',
    '认购套数',
    '网签套数',
    '销售套数',
    '去化套数',
    '销售额',
    '签约额',
    '销售面积',
    '签约金额',
    '销售金额',
    'sales',
    'unitssold',
    'soldunits',
  ],
  progress: ['进度', '工程进度', '形象进度', '施工进度', '完成率', '完成比例', 'progress', 'completion'],
  quality: ['质量', '合格率', '实测实量', '实测合格率', '一次合格率', '质量合格率', 'quality', 'passrate'],
  price: ['价格', '均价', '成交均价', '销售均价', '单价', '成交价', 'price', 'averageprice', 'unitprice'],
  visits: ['来访', '来访量', '来访组数', '到访', 'visits', 'visitors'],
  complaints: ['投诉', '投诉量', '投诉件数', '报修', '报修量', 'complaints'],
}

/** Fields a mapping may name: the long ones, and each metric (with `_planned`) as a column of the wide shape. */
type Column = keyof typeof words | Metric | `${Metric}_planned`

const plain = (header: string) =>
  header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)/g, '')
    .replace(/[\s_\-*:/]/g, '')

/** What stands in brackets behind a header is its unit: 成交均价(元/㎡). */
const unitIn = (header: string) => /[(（]([^()（）]{1,20})[)）]\s*$/.exec(header)?.[1]?.trim()

function metricNamed(word: string): Metric | undefined {
  const wanted = plain(word)
  return metrics.find(
    (metric) => metric === wanted || metricWords[metric].some((known) => plain(known) === wanted),
  )
}

export interface Series {
  /** Used for rows that say none themselves. */
  metric?: Metric | undefined
  unit?: string | undefined
  project?: string | undefined
}

/**
 * The readings of a table, row by row.
 * `refused` hears of rows whose metric nobody knows; wrong numbers and days go on as they are, for whoever stores them names them.
 * @throws CollectError `parse-error` when no column tells the value, the project or the day
 */
export function* readingsOf(
  table: Table,
  mapping: Mapping,
  given: Series = {},
  refused: (what: string) => void = () => {},
): Generator<ReadingCapture> {
  const columns = columnsOf(table.header, mapping)
  const wide = columns.value === undefined ? wideColumns(table.header, mapping) : []
  const missing = [
    columns.project === undefined && given.project === undefined && 'project (项目)',
    columns.at === undefined && 'date (日期)',
    columns.value === undefined && wide.length === 0 && 'value (数值)',
    columns.value !== undefined &&
      columns.metric === undefined &&
      given.metric === undefined &&
      'metric (指标)',
  ].filter(Boolean)
  if (missing.length > 0) {
    throw new CollectError(
      'parse-error',
      `no column for ${missing.join(', ')} among ${table.header.slice(0, 20).join(', ') || 'none'}`,
    )
  }
  for (const { number, cells } of table.rows) {
    const cell = (column: number | undefined) => (column === undefined ? '' : (cells[column]?.trim() ?? ''))
    const place = `${table.name ? `${table.name} ` : ''}row ${number}`
    const project = cell(columns.project) || given.project || ''
    const at = dayOf(cell(columns.at))
    const base = { place, project, at: at ?? cell(columns.at) }
    if (columns.value !== undefined) {
      const written = cell(columns.metric)
      const metric = metricNamed(written) ?? (written === '' ? given.metric : undefined)
      const planned = numberIn(cell(columns.planned))
      const unit = cell(columns.unit) || unitOf(cell(columns.value)) || given.unit
      if (metric === undefined) {
        refused(`${place}: «${written.slice(0, 40)}» is no metric`)
        continue
      }
      yield {
        ...base,
        metric,
        value: numberIn(cell(columns.value)) ?? Number.NaN,
        ...(planned !== undefined && { planned }),
        ...(unit !== undefined && { unit }),
      }
      continue
    }
    for (const { metric, column, planned, unit } of wide) {
      // An empty cell is a number nobody took, not a wrong one.
      if (cell(column) === '') continue
      const plan = numberIn(cell(planned))
      const own = unit ?? unitOf(cell(column)) ?? given.unit
      yield {
        ...base,
        metric,
        value: numberIn(cell(column)) ?? Number.NaN,
        ...(plan !== undefined && { planned: plan }),
        ...(own !== undefined && { unit: own }),
      }
    }
  }
}

/** True when the table may hold readings, so that a sheet of notes beside them is passed over. */
export function holdsReadings(header: readonly string[], mapping: Mapping, given: Series): boolean {
  const columns = columnsOf(header, mapping)
  const hasValue = columns.value !== undefined || wideColumns(header, mapping).length > 0
  return (
    hasValue && columns.at !== undefined && (columns.project !== undefined || given.project !== undefined)
  )
}

function columnsOf(header: readonly string[], mapping: Mapping) {
  const named = header.map(plain)
  const found: Partial<Record<keyof typeof words, number>> = {}
  for (const field of ['project', 'metric', 'value', 'planned', 'unit', 'at'] as const) {
    const wanted = mapping[field]
    const names = wanted === undefined ? [field, ...words[field]].map(plain) : [plain(wanted)]
    const column = names.map((name) => named.indexOf(name)).find((at) => at >= 0)
    if (column !== undefined) found[field] = column
  }
  return found
}

function wideColumns(header: readonly string[], mapping: Mapping) {
  const named = header.map(plain)
  const at = (names: readonly string[]) =>
    names.map((name) => named.indexOf(plain(name))).find((one) => one >= 0)
  const chosen = (column: Column) => mapping[column]
  return metrics.flatMap((metric) => {
    const own = chosen(metric)
    const column = at(own === undefined ? [metric, ...metricWords[metric]] : [own])
    if (column === undefined) return []
    const title = header[column] ?? ''
    const bare = plain(title)
    const plan = chosen(`${metric}_planned`)
    const planned =
      plan === undefined
        ? at([
            `计划${bare}`,
            `${bare}计划`,
            `目标${bare}`,
            `${bare}目标`,
            `planned${bare}`,
            `${bare}planned`,
            `${bare}plan`,
          ])
        : at([plan])
    return [{ metric, column, planned, unit: unitIn(title) }]
  })
}

const factors: Readonly<Record<string, number>> = { 万: 10_000, 亿: 100_000_000 }

/** 12,480.5 · 86% · 1.2万 as written in a cell; `undefined` when it is no number. */
export function numberIn(written: string): number | undefined {
  const found =
    /^([+-]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d{1,2})?)\s*([万亿](?![元平㎡]))?/i.exec(
      written.normalize('NFKC').trim(),
    )
  if (!found?.[1]) return undefined
  const rest = written.normalize('NFKC').trim().slice(found[0].length)
  // Behind the number only a unit may stand: «3-5» and «12.3.4» are none.
  if (/[\d.]/.test(rest.replace(/m2|m²/gi, ''))) return undefined
  const number = Number(found[1].replace(/[,，]/g, '')) * (factors[found[2] ?? ''] ?? 1)
  return Number.isFinite(number) ? number : undefined
}

const unitOf = (written: string) =>
  /[\d.]\s*([%％‰]|万元|亿元|元[/／]?(?:㎡|m2|m²|平方米|平米|平)?|㎡|平方米|套|组|件|人)\s*$/i.exec(
    written,
  )?.[1]

/** A day, or a month by its last day: what is counted for a month is known at its end. */
function dayOf(written: string): string | undefined {
  const month = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?$/.exec(written.normalize('NFKC').trim())
  if (month) {
    const [year, number] = [Number(month[1]), Number(month[2])]
    if (number < 1 || number > 12) return undefined
    const last = new Date(Date.UTC(year, number, 0)).getUTCDate()
    return parseDate(`${year}-${String(number).padStart(2, '0')}-${last}`)
  }
  return parseDate(written)
}
