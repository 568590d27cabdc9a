// Items of a JSON list → captures, by a mapping of our fields to their paths. Without one the names of their members are
// guessed with the words that guess the columns of a spreadsheet.
import type { Capture, ComplaintCapture } from '../collector.ts'
import { htmlToText } from '../html.ts'
import { leavesOf, parseTemplate } from '../json-path.ts'
import { documentColumns, documentsOf, type Mapping } from '../spreadsheet/rows.ts'
import type { Table } from '../tables.ts'

const documentFields = [
  'externalId',
  'title',
  'body',
  'publishedAt',
  'url',
  'author',
  'publisherName',
  'rank',
  'likes',
  'comments',
  'shares',
  'views',
] as const
const readingFields = ['project', 'metric', 'value', 'planned', 'unit', 'at'] as const

/** What is wrong with a mapping, or nothing: an unknown field name, a path that cannot be read, a field that is missing. */
export function mappingFault(
  mapping: Mapping,
  content: 'documents' | 'complaints' | 'readings',
): string | undefined {
  const known: readonly string[] = content === 'documents' ? documentFields : readingFields
  for (const [field, path] of Object.entries(mapping)) {
    if (content !== 'complaints' && !known.includes(field))
      return `«${field}» is no field; there are ${known.join(', ')}`
    if (parseTemplate(path) === undefined) return `«${path}» is no path such as data.title or items[0].name`
  }
  if (content !== 'readings') return undefined
  const missing = ['project', 'metric', 'value', 'at'].filter((field) => mapping[field] === undefined)
  return missing.length > 0 ? `readings need ${missing.join(', ')}` : undefined
}

type Reader = (item: unknown) => string

const readersOf = (mapping: Mapping): ReadonlyMap<string, Reader> =>
  new Map(
    Object.entries(mapping).flatMap(([field, path]) => {
      const reader = parseTemplate(path)
      return reader ? [[field, reader] as const] : []
    }),
  )

/** Our field → path, from the names of the members of the first items. */
function guessed(items: readonly unknown[]): Mapping {
  const paths = [...new Set(items.slice(0, 5).flatMap((item) => [...leavesOf(item).keys()]))]
  // Of two members of one name the one nearer to the top is meant.
  const sorted = paths.sort((a, b) => a.split('.').length - b.split('.').length)
  const columns = documentColumns(sorted.map((path) => path.split('.').pop() ?? path))
  return Object.fromEntries(
    Object.entries(columns).flatMap(([field, column]) => {
      const path = sorted[column]
      return path === undefined ? [] : [[field, path]]
    }),
  )
}

/** `base`: relative addresses are seen from here. */
export function* documentItems(
  items: readonly unknown[],
  mapping: Mapping,
  { base, now }: { base: string; now: Date },
): Generator<Capture> {
  const readers = readersOf({ ...guessed(items), ...mapping })
  const header = [...readers.keys()]
  for (const item of items) {
    const cells = [...readers].map(([field, read]) => {
      const text = read(item)
      return (field === 'title' || field === 'body') && /<[a-z/!]|&[a-z#]/i.test(text)
        ? htmlToText(text)
        : text
    })
    for (const capture of documentsOf({ name: '', header, rows: [{ number: 1, cells }] }, {}, now)) {
      const { url, ...rest } = capture
      const address = url !== undefined && URL.canParse(url, base) ? new URL(url, base).href : undefined
      yield { ...rest, ...(address === undefined ? {} : { url: address }), raw: item }
    }
  }
}

/** The ledger knows the words of its trade: members keep their own names unless the mapping renames them. */
export function* complaintItems(
  items: readonly unknown[],
  mapping: Mapping,
  page: number,
): Generator<ComplaintCapture> {
  const readers = readersOf(mapping)
  const renamed = new Set(Object.values(mapping))
  for (const [at, item] of items.entries()) {
    const own = [...leavesOf(item)].filter(([path]) => !renamed.has(path))
    const chosen = [...readers].flatMap(([field, read]) => {
      const value = read(item)
      return value === '' ? [] : [[field, value] as const]
    })
    const fields = Object.fromEntries([
      ...own.map(([path, value]) => [path.split('.').pop() ?? path, value] as const),
      ...chosen,
    ])
    yield { place: itemPlace(page, at), fields, raw: item }
  }
}

/** What the mapping finds in items, as a table with the names of our fields above it. */
export function tableOfItems(items: readonly unknown[], mapping: Mapping, page: number): Table {
  const readers = [...readersOf(mapping)]
  return {
    name: '',
    header: readers.map(([field]) => field),
    rows: items.map((item, at) => ({
      number: at + 1,
      cells: readers.map(([, read]) => read(item)),
      place: itemPlace(page, at),
    })),
  }
}

const itemPlace = (page: number, at: number) => `page ${page} item ${at + 1}`
