// Rows of a table or of an interface → readings. Two shapes are met: long (project, metric, value, a row a number) and wide (a
// column a number: 项目, 日期, 去化套数, 成交均价 …). Columns are found by the words people put above them; a mapping goes first.
// Every kind that brings readings brings them through here, so that one word means one thing wherever it is written.
import { CollectError, type Items, type Metric, metrics, type ReadingCapture } from '../collector.ts'
import { parseDate } from '../dates.ts'
import { said } from '../details.ts'
import type { Mapping } from '../spreadsheet/rows.ts'
import { placeOf, plainHeader as plain, type Table } from '../tables.ts'

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
  value: ['数值', '值', '实际', '实际值', '完成', '完成值', '本期', 'value', 'actual', 'reading'],
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

/** What stands in brackets behind a header is its unit: 成交均价(元/㎡). */
const unitIn = (header: string) => /[(（]([^()（）]{1,20})[)）]\s*$/.exec(header)?.[1]?.trim()

const metricOf: ReadonlyMap<string, Metric> = new Map(
  metrics.flatMap((metric) => [metric, ...metricWords[metric]].map((word) => [plain(word), metric] as const)),
)
/** Longer names hold one of these: 月度来访人次, 外立面形象进度. The first that fits: 质量投诉 is a count of complaints. */
const metricParts: readonly (readonly [RegExp, Metric])[] = [
  [/来访|到访|带看|visit/, 'visits'],
  [/投诉|complaint/, 'complaints'],
  [/质量|quality/, 'quality'],
  [/进度|形象|progress/, 'progress'],
  [/(?<!评)价(?!值)|price/, 'price'],
  [/销售|去化|成交|认购|sale/, 'sales'],
]

function metricNamed(written: string): Metric | undefined {
  const word = plain(written)
  const metric = metricOf.get(word) ?? metricParts.find(([part]) => part.test(word))?.[1]
  // 去化率 is another number than 去化, and stored as homes it would be a wrong one.
  const isRateOfCount = metric !== 'quality' && metric !== 'progress' && /[率比幅]$|rate$/.test(word)
  return isRateOfCount ? undefined : metric
}

export interface ReadingRules {
  mapping: Mapping
  /** Used for rows that say none themselves. */
  given?: Series
  /** Of what is read as it is written: «昨天» is seen from here. Without it such a day is refused. */
  now?: Date
}
export interface Series {
  metric?: Metric | undefined
  unit?: string | undefined
  project?: string | undefined
}

const told = 3

/**
 * The readings of tables. A row that is none is left out, the others are given; once they were read `leftOut` tells how many
 * and of the first their place, what is wrong and what to write instead. Where not one could be read, the run fails.
 * Whether a project, a unit or a size can be is for whoever stores them.
 *
 * While they are read it throws CollectError `parse-error`: no column tells the value, the project or the day, or all rows
 * were refused.
 */
export function readingsIn(
  tables: Items<Table>,
  rules: ReadingRules,
): { readings: AsyncGenerator<ReadingCapture>; leftOut: () => string | undefined } {
  let rows = 0
  let refused = 0
  const because: string[] = []
  const leftOut = () =>
    refused === 0
      ? undefined
      : said('rows-unread-because', { count: refused, all: rows, because: because.join('; ') })

  async function* readings() {
    for await (const table of tables) {
      for (const read of readingsOf(table, rules)) {
        rows += 1
        if (typeof read !== 'string') yield read
        else {
          refused += 1
          if (because.length < told) because.push(read)
        }
      }
    }
    const all = leftOut()
    if (all !== undefined && refused === rows) throw new CollectError('parse-error', all)
  }
  return { readings: readings(), leftOut }
}

/** Each number of a table as a reading, or what is wrong with it. */
function* readingsOf(
  table: Table,
  { mapping, given = {}, now }: ReadingRules,
): Generator<ReadingCapture | string> {
  const columns = columnsOf(table.header, mapping)
  const wide = columns.value === undefined ? wideColumns(table.header, mapping) : []
  const missing = [
    columns.project === undefined && given.project === undefined && 'project (项目)',
    columns.at === undefined && 'at (日期)',
    columns.value === undefined && wide.length === 0 && 'value (数值)',
    columns.value !== undefined &&
      columns.metric === undefined &&
      given.metric === undefined &&
      'metric (指标)',
  ].filter((column) => column !== false)
  const [first] = missing
  if (first !== undefined) {
    const headers = table.header.slice(0, 20).join(', ') || 'none'
    throw new CollectError(
      'parse-error',
      `no column for ${missing.join(', ')} among ${headers}; name it under Columns, such as ${first.split(' ')[0]}=…`,
    )
  }
  for (const row of table.rows) {
    const cell = (column: number | undefined) =>
      column === undefined ? '' : (row.cells[column]?.trim() ?? '')
    const place = placeOf(table, row)
    const wrong = (what: string) => `${place}: ${what}`
    const project = cell(columns.project) || given.project || ''
    const day = cell(columns.at)
    const at = dayOf(day, now)
    const readingFrom = (metric: Metric, value: string, plan: string, unit: string | undefined) => {
      const number = numberIn(value)
      if (project === '') return wrong('it names no project; fill it in')
      if (number === undefined) return wrong(`${shown(value)} is no number; write 1,234.5 or 80%`)
      if (at === undefined)
        return wrong(`${shown(day)} is no day; write 2026-03-31, or 2026-03 for the month`)
      const planned = numberIn(plan)
      return {
        place,
        project: project.slice(0, 200),
        metric,
        value: number,
        at,
        ...(planned !== undefined && { planned }),
        ...(unit !== undefined && { unit: unit.slice(0, 20) }),
      }
    }
    if (columns.value !== undefined) {
      const written = cell(columns.metric)
      const metric = written === '' ? given.metric : metricNamed(written)
      const value = cell(columns.value)
      const unit = cell(columns.unit) || unitOf(value) || given.unit
      yield metric === undefined
        ? wrong(`${shown(written)} is no metric; there are ${metrics.join(', ')}`)
        : readingFrom(metric, value, cell(columns.planned), unit)
      continue
    }
    for (const { metric, column, planned, unit } of wide) {
      const value = cell(column)
      // An empty cell is a number nobody took, not a wrong one.
      if (value !== '') yield readingFrom(metric, value, cell(planned), unit ?? unitOf(value) ?? given.unit)
    }
  }
}

const shown = (written: string) => `«${written.slice(0, 40)}»`

/** True when the table may hold readings, so that a sheet of notes beside them is passed over. */
export function holdsReadings(
  header: readonly string[],
  { mapping, given = {} }: Omit<ReadingRules, 'now'>,
): boolean {
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
    /^([+-]?(?:(?:\d{1,3}(?:[, ]\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:e[+-]?\d{1,2})?)\s*([万亿](?![元平㎡]))?/i.exec(
      written.normalize('NFKC').trim(),
    )
  if (!found?.[1]) return undefined
  const rest = written.normalize('NFKC').trim().slice(found[0].length)
  // Behind the number only a unit may stand: «3-5» and «12.3.4» are none.
  if (/[\d.]/.test(rest.replace(/m2|m²/gi, ''))) return undefined
  const number = Number(found[1].replace(/[, ]/g, '')) * (factors[found[2] ?? ''] ?? 1)
  return Number.isFinite(number) ? number : undefined
}

const unitOf = (written: string) =>
  /[\d.]\s*([%％‰]|万元|亿元|元[/／]?(?:㎡|m2|m²|平方米|平米|平)?|㎡|平方米|套|组|件|人)\s*$/i.exec(
    written,
  )?.[1]

/** A day, or a month by its last day: what is counted for a month is known at its end. */
function dayOf(written: string, now: Date | undefined): string | undefined {
  const month = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?$/.exec(written.normalize('NFKC').trim())
  if (month) {
    const [year, number] = [Number(month[1]), Number(month[2])]
    if (number < 1 || number > 12) return undefined
    const last = new Date(Date.UTC(year, number, 0)).getUTCDate()
    return parseDate(`${year}-${String(number).padStart(2, '0')}-${last}`)
  }
  return parseDate(written, now && { now })
}
