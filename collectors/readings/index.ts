import { createHash } from 'node:crypto'
import { z } from 'zod'
import { CollectError, type CollectTools, defineCollector, metrics } from '../collector.ts'
import { decode } from '../decode.ts'
import { said } from '../details.ts'
import {
  eitherOr,
  fileOrAddress,
  keyFields,
  keyHeaders,
  keyOptions,
  mappingField,
  mappingOption,
} from '../fields.ts'
import { leavesOf, parsePath, valuesAt } from '../json-path.ts'
import { parseMapping } from '../spreadsheet/rows.ts'
import { readTables, type Table, tableLimits } from '../tables.ts'
import { holdsReadings, type ReadingRules, readingsIn } from './rows.ts'

const metricLabel = {
  sales: { zh: '销售', en: 'Sales' },
  progress: { zh: '工程进度', en: 'Progress' },
  quality: { zh: '质量合格率', en: 'Quality' },
  price: { zh: '成交价格', en: 'Price' },
  visits: { zh: '来访', en: 'Visits' },
  complaints: { zh: '投诉量', en: 'Complaints' },
} as const

const Options = z
  .object({
    ...fileOrAddress,
    items: z.string().max(200).default(''),
    metric: z.enum(['', ...metrics]).default(''),
    unit: z.string().max(20).default(''),
    project: z.string().max(60).default(''),
    mapping: mappingOption,
    ...keyOptions,
  })
  .superRefine((options, context) => {
    if ((options.path === '') === (options.url === undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['path'],
        message: eitherOr,
      })
    }
  })

/** Numbers of the trade by project and day: a file that somebody keeps writing, or a time series of an interface. */
export const readings = defineCollector({
  kind: 'readings',
  label: { zh: '经营读数', en: 'Readings' },
  hasPublisher: false,
  fields: [
    {
      name: 'path',
      label: { zh: '文件', en: 'File' },
      kind: 'path',
      hint: {
        zh: 'XLSX、CSV 或 JSONL，放在数据文件夹的 inbox 中；与接口地址二选一',
        en: 'XLSX, CSV or JSONL in the inbox of the data folder; or else an address',
      },
      placeholder: 'readings.xlsx',
    },
    {
      name: 'url',
      label: { zh: '接口地址', en: 'Address' },
      kind: 'url',
      hint: { zh: 'CSV，或对象数组的 JSON', en: 'CSV, or JSON with a list of objects' },
      placeholder: 'https://bi.example.com/readings.json',
    },
    {
      name: 'items',
      label: { zh: '列表路径', en: 'Path of the list' },
      kind: 'text',
      hint: {
        zh: 'JSON 中列表的位置，例如 data.rows；不填则自动寻找',
        en: 'Where the list stands in the JSON, as data.rows; found by itself when empty',
      },
    },
    {
      name: 'metric',
      label: { zh: '指标', en: 'Metric' },
      kind: 'select',
      choices: [
        { value: '', label: { zh: '由数据给出', en: 'As the data say' } },
        ...metrics.map((metric) => ({ value: metric, label: metricLabel[metric] })),
      ],
    },
    {
      name: 'unit',
      label: { zh: '单位', en: 'Unit' },
      kind: 'text',
      hint: { zh: '数据未写单位时采用，例如 元/㎡、套、%', en: 'For numbers without one: 元/㎡, 套, %' },
    },
    {
      name: 'project',
      label: { zh: '项目', en: 'Project' },
      kind: 'text',
      hint: { zh: '数据只属于一个项目时填写', en: 'When all numbers are of one project' },
    },
    {
      ...mappingField,
      hint: {
        zh: '不填则按表头识别；格式：project=案场,at=统计日,value=本月,planned=目标；宽表写 sales=签约套数,sales_planned=目标套数',
        en: 'Guessed from the headers when empty; project=Site,at=Day,value=Actual,planned=Target, or sales=Signed,sales_planned=Target',
      },
    },
    ...keyFields,
  ],
  options: Options,
  schedule: '17 * * * *',
  async collect(options, tools) {
    const found =
      options.url === undefined
        ? await fromFile(options.path, tools)
        : await fromAddress(options.url, options, tools)
    if (found === undefined) return { outcome: 'not-modified' }
    const cursor = createHash('sha256')
      .update(found.bytes)
      .update(JSON.stringify([options.mapping, options.metric, options.unit, options.project, options.items]))
      .digest('hex')
    if (cursor === tools.cursor) return { outcome: 'not-modified' }
    const rules: ReadingRules = {
      mapping: parseMapping(options.mapping),
      given: {
        metric: options.metric === '' ? undefined : options.metric,
        unit: options.unit || undefined,
        project: options.project || undefined,
      },
    }
    const tables = await tablesOf(found, options.items)
    const filled = tables.filter((table) => table.header.length > 0)
    const readable = filled.filter((table) => holdsReadings(table.header, rules))
    if (filled.length === 0) return { outcome: 'empty', cursor }
    // Without one that fits, the first says what it lacks.
    const { readings, leftOut } = readingsIn(readable.length > 0 ? readable : filled.slice(0, 1), rules)
    return {
      outcome: 'ok',
      readings: namingFile(found.name, readings),
      cursor,
      get detail() {
        return leftOut()
      },
    }
  },
})

async function* namingFile<T>(name: string, rows: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* rows
  } catch (error) {
    throw error instanceof CollectError
      ? new CollectError(error.outcome, said('of-file', { path: name, reason: error.message }))
      : error
  }
}

interface Found {
  name: string
  bytes: Uint8Array
  contentType: string
}

async function fromFile(path: string, tools: CollectTools): Promise<Found> {
  const bytes = await tools.files.read(path, tableLimits.fileBytes)
  return { name: path.replace(/^.*[\\/]/, ''), bytes, contentType: '' }
}

async function fromAddress(
  url: string,
  key: z.output<typeof Options>,
  tools: CollectTools,
): Promise<Found | undefined> {
  const answer = await tools.fetch(url, {
    accept: 'application/json, text/csv;q=0.9, */*;q=0.5',
    conditional: true,
    headers: keyHeaders(key),
  })
  if (answer.notModified) return undefined
  const name = new URL(answer.url).pathname.replace(/^.*\//, '') || new URL(answer.url).host
  return { name, bytes: answer.bytes, contentType: answer.headers['content-type'] ?? '' }
}

async function tablesOf({ bytes, name, contentType }: Found, items: string): Promise<Table[]> {
  const isPacked = bytes[0] === 0x50 && bytes[1] === 0x4b
  if (isPacked) return readTables(bytes, name)
  const { text } = decode(bytes, contentType)
  const start = text.trimStart()
  if (/^<(?:!doctype|html|head|body)/i.test(start)) {
    throw new CollectError('blocked', `${name}: a page instead of numbers`)
  }
  const isJson = (start.startsWith('{') || start.startsWith('[')) && !/\.(?:jsonl|ndjson)$/i.test(name)
  return isJson ? [tableOfJson(start, items, name)] : readTables(bytes, name)
}

/** The list of objects in a JSON answer as a table; deeper values are named by their path. */
function tableOfJson(text: string, items: string, name: string): Table {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new CollectError('parse-error', `${name}: the answer begins like JSON but is none`)
  }
  const path = parsePath(items)
  const list = items === '' ? firstList(value) : path && valuesAt(value, path)[0]
  if (!Array.isArray(list)) {
    throw new CollectError(
      'parse-error',
      `${name}: no list ${items === '' ? 'of objects' : `at «${items}»`} in the answer`,
    )
  }
  if (list.length > tableLimits.cells / 10)
    throw new CollectError('too-large', `${name}: ${list.length} entries`)
  const rows = list.filter(isObject).map((one) => leavesOf(one))
  const header = [...new Set(rows.flatMap((row) => [...row.keys()]))].slice(0, 200)
  return {
    name: '',
    header,
    rows: rows.map((row, index) => ({ number: index + 1, cells: header.map((key) => row.get(key) ?? '') })),
  }
}

const isObject = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

function firstList(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return value
  if (!isObject(value) || depth > 3) return undefined
  const inner = Object.values(value)
  return (
    inner.find((one) => Array.isArray(one) && one.some(isObject)) ??
    inner.map((one) => firstList(one, depth + 1)).find(Array.isArray) ??
    inner.find(Array.isArray)
  )
}
