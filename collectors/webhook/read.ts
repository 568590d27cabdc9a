// One delivery → rows. JSON is one object, an array of them or an object that holds such an array; anything else is CSV.
import { CollectError, type CollectResult, type Delivery } from '../collector.ts'
import { decode } from '../decode.ts'
import { readingsIn } from '../readings/rows.ts'
import { readRows } from '../spreadsheet/read.ts'
import { parseMapping } from '../spreadsheet/rows.ts'
import { readTables } from '../tables.ts'

const limits = { items: 10_000, depth: 20 }
const envelopes = ['items', 'data', 'rows', 'records']

export async function readDelivery(
  { headers, bytes }: Delivery,
  { content, mapping, now }: { content: 'documents' | 'complaints' | 'readings'; mapping: string; now: Date },
): Promise<CollectResult> {
  const { text } = decode(bytes, headers['content-type'])
  const isJson = /json/i.test(headers['content-type'] ?? '') || /^\s*[[{]/.test(text)
  const file = isJson
    ? { name: 'delivery.jsonl', bytes: Buffer.from(jsonLines(text)) }
    : { name: 'delivery.csv', bytes }
  if (file.bytes.length === 0) return { outcome: 'empty' }
  const columns = parseMapping(mapping)
  if (content !== 'readings') return readRows({ ...file, content, mapping: columns, now })
  const tables = await readTables(file.bytes, file.name)
  const { readings, leftOut } = readingsIn(tables, { mapping: columns })
  return {
    outcome: 'ok',
    readings,
    get detail() {
      return leftOut()
    },
  }
}

function jsonLines(text: string): string {
  if (depthOf(text) > limits.depth)
    throw new CollectError('parse-error', `the JSON is nested deeper than ${limits.depth}`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new CollectError(
      'parse-error',
      `the body is no JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read'}`,
    )
  }
  const items = itemsOf(value)
  if (items.length > limits.items)
    throw new CollectError('too-large', `${items.length} items in one delivery; send ${limits.items} at most`)
  return items.map((item) => JSON.stringify(item)).join('\n')
}

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value === null || typeof value !== 'object') return [value]
  const entries = Object.entries(value)
  const held = entries.find(([name, part]) => envelopes.includes(name) && Array.isArray(part))?.[1]
  return Array.isArray(held) ? held : [value]
}

/** Before it is parsed: what walks a value later goes as deep as the value. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let isString = false
  for (let at = 0; at < text.length; at++) {
    const one = text[at]
    if (isString) {
      if (one === '\\') at++
      else if (one === '"') isString = false
    } else if (one === '"') isString = true
    else if (one === '[' || one === '{') deepest = Math.max(deepest, ++depth)
    else if (one === ']' || one === '}') depth--
  }
  return deepest
}
