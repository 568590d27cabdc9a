// A JSON interface of another system or of a site: a list by path, its items by mapping, its pages one after the other.
//
// Where the request has a place for {since}, only what is new is asked for: the newest time or number that was stored. A
// run that reaches its bound of pages keeps its place and goes on from there; {since} moves when the end was reached, so
// that nothing between two runs is lost, whichever way the interface sorts. Without {since} a page that holds nothing new
// ends the run.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import {
  type Capture,
  CollectError,
  type CollectResult,
  type CollectTools,
  type ComplaintCapture,
  defineCollector,
} from '../collector.ts'
import { parseDate } from '../dates.ts'
import { contentOption, forDocuments, jsonPathOption, mappingOption } from '../fields.ts'
import { jsonOf } from '../json.ts'
import { listAt, parsePath, textAt, valuesAt } from '../json-path.ts'
import { readingsIn } from '../readings/rows.ts'
import { type Mapping, parseMapping } from '../spreadsheet/rows.ts'
import type { Table } from '../tables.ts'
import { fields } from './fields.ts'
import { complaintItems, documentItems, mappingFault, tableOfItems } from './mapping.ts'
import {
  contentTypeOf,
  fillAddress,
  fillBody,
  fillHeaders,
  holds,
  parseHeaders,
  type Values,
} from './request.ts'

const Options = z
  .object({
    url: z.string().trim().min(1).max(2_000),
    method: z.enum(['GET', 'POST']).default('GET'),
    body: z.string().max(20_000).default(''),
    headers: z.string().max(8_000).default(''),
    secret: z.string().max(2_000).default(''),
    items: jsonPathOption,
    content: contentOption.default('documents'),
    mapping: mappingOption,
    paging: z.enum(['none', 'page', 'offset', 'cursor', 'link']).default('none'),
    firstPage: z.int().min(0).max(1_000_000).default(1),
    pageSize: z.int().min(1).max(10_000).optional(),
    cursorPath: jsonPathOption,
    maxPages: z.int().min(1).max(100).default(5),
    sincePath: jsonPathOption,
    sinceFormat: z.enum(['iso', 'datetime', 'date', 'seconds', 'milliseconds', 'number']).default('iso'),
  })
  .superRefine((options, check) => {
    const wrong = (field: string, message: string) =>
      check.addIssue({ code: 'custom', path: [field], message })
    const empty: Values = { page: '1', offset: '0', cursor: '', since: '', secret: '' }
    const address = fillAddress(options.url, empty)
    if (!/^https?:\/\/[^{}]+?(?:[/?]|$)/i.test(options.url) || !URL.canParse(address))
      wrong('url', 'not an address; places such as {page} stand after the host')
    // The path is shown in messages and logs, the query is not.
    else if (holds(options.url.split('?')[0] ?? '', 'secret'))
      wrong('url', '{secret} stands after the ? only')
    const headers = parseHeaders(options.headers)
    if ('wrong' in headers) wrong('headers', `«${headers.wrong}» is no header; one «Name: value» a line`)
    const fault = mappingFault(parseMapping(options.mapping), options.content)
    if (fault) wrong('mapping', fault)
    if ((options.paging === 'cursor' || options.paging === 'link') && options.cursorPath === '')
      wrong('cursorPath', 'say where the answer holds the next place')
    const asked = options.url + options.body
    if (
      (options.paging === 'page' || options.paging === 'offset' || options.paging === 'cursor') &&
      !holds(asked, options.paging)
    )
      wrong('paging', `the address or body needs a place for {${options.paging}}`)
    if (holds(asked, 'since') && options.sincePath === '')
      wrong('sincePath', 'say where an item holds its time or number, for {since}')
  })
type Options = z.infer<typeof Options>

const Cursor = z.object({
  /** ISO or the number as text: the newest that was stored. */
  since: z.string().optional(),
  /** Where a run stopped at its bound of pages. */
  resume: z.object({ at: z.string(), newest: z.string().optional() }).optional(),
  /** What the last runs held, hashed. */
  known: z.array(z.string()).optional(),
})
type Cursor = z.infer<typeof Cursor>

const firstDays = 7
const mostKnown = 5_000

export const jsonApi = defineCollector<Options>({
  kind: 'json-api',
  label: { zh: 'JSON 接口', en: 'JSON interface' },
  hasPublisher: forDocuments,
  fields,
  options: Options,
  schedule: '*/15 * * * *',
  collect,
})

interface Page {
  number: number
  items: readonly unknown[]
  base: string
}

async function collect(options: Options, tools: CollectTools): Promise<CollectResult> {
  const before = Cursor.safeParse(tools.cursor).data ?? {}
  let pagesEnd: string | undefined
  let leftOut = (): string | undefined => undefined
  const run: Extract<CollectResult, { outcome: 'ok' }> = {
    outcome: 'ok',
    get detail() {
      return [pagesEnd, leftOut()].filter(Boolean).join('; ') || undefined
    },
  }
  const pages = pagesOf(options, tools, before, (cursor, detail) => {
    run.cursor = cursor
    pagesEnd = detail
  })
  // The first page tells whether there is anything; the others come while what came before is stored.
  const first = await pages.next()
  if (first.done)
    return { outcome: first.value === 'not-modified' ? 'not-modified' : 'empty', cursor: run.cursor }
  async function* all() {
    if (!first.done) yield first.value
    yield* pages
  }
  const mapping = parseMapping(options.mapping)
  if (options.content === 'documents') run.captures = documents(all(), mapping, tools.now)
  else if (options.content === 'complaints') run.complaints = complaints(all(), mapping)
  else {
    const found = readingsIn(tablesOf(all(), mapping), {
      // The table has our own names above it already.
      mapping: {},
      now: tools.now,
    })
    run.readings = found.readings
    leftOut = found.leftOut
  }
  return run
}

async function* documents(pages: AsyncIterable<Page>, mapping: Mapping, now: Date): AsyncGenerator<Capture> {
  for await (const { items, base } of pages) yield* documentItems(items, mapping, { base, now })
}
async function* complaints(pages: AsyncIterable<Page>, mapping: Mapping): AsyncGenerator<ComplaintCapture> {
  for await (const { items, number } of pages) yield* complaintItems(items, mapping, number)
}
async function* tablesOf(pages: AsyncIterable<Page>, mapping: Mapping): AsyncGenerator<Table> {
  for await (const { items, number } of pages) yield tableOfItems(items, mapping, number)
}

/** Pages that hold items. `done` gives the cursor once the last one was taken. */
async function* pagesOf(
  options: Options,
  tools: CollectTools,
  before: Cursor,
  done: (cursor: Cursor, detail?: string) => void,
): AsyncGenerator<Page, 'not-modified' | 'end'> {
  const asked = options.url + options.body
  const isIncremental = holds(asked, 'since')
  const origin = new URL(fillAddress(options.url, noValues)).origin
  const known = new Set(before.known)
  const seen = new Set<string>()
  let place = (isIncremental && before.resume?.at) || startOf(options)
  let newest = before.resume?.newest ?? before.since
  let next: string | undefined = place
  for (let number = 1; next !== undefined && number <= options.maxPages; number++) {
    place = next
    if (seen.has(place)) {
      next = undefined
      break
    }
    seen.add(place)
    const answer = await ask(options, tools, place, sinceText(options, before.since, tools.now))
    if (answer.notModified) return 'not-modified'
    const root = jsonOf(answer)
    const items = itemsOf(root, options, number)
    const isNew = remember(items, known)
    for (const item of items) newest = newer(newest, markOf(item, options, tools.now))
    next = nextPlace(options, place, root, items.length, { url: answer.url, origin })
    // Without {since} the rest was read in an earlier run.
    if (items.length === 0 || (!isIncremental && !isNew)) next = undefined
    if (items.length > 0) yield { number, items, base: answer.url }
  }
  const isCut = next !== undefined && options.paging !== 'none'
  const memory = { known: [...known].slice(-mostKnown) }
  if (!isIncremental)
    done(memory, isCut ? `stopped after ${options.maxPages} pages; there may be more` : undefined)
  else if (isCut && next !== undefined)
    done(
      {
        ...memory,
        ...(before.since === undefined ? {} : { since: before.since }),
        resume: { at: next, ...(newest === undefined ? {} : { newest }) },
      },
      `stopped after ${options.maxPages} pages; the next run goes on from there`,
    )
  else done({ ...memory, ...(newest === undefined ? {} : { since: newest }) })
  return 'end'
}

const noValues: Values = { page: '1', offset: '0', cursor: '', since: '', secret: '' }
const startOf = ({ paging, firstPage }: Options) =>
  paging === 'page' ? String(firstPage) : paging === 'offset' ? '0' : ''

/** `place`: page number, offset, cursor, or address of the next page. */
function ask(options: Options, tools: CollectTools, place: string, since: string) {
  const { paging, secret } = options
  const values: Values = {
    page: paging === 'page' ? place : '1',
    offset: paging === 'offset' ? place : '0',
    cursor: paging === 'cursor' ? place : '',
    since,
    secret,
  }
  const isPlaced = holds(options.url + options.body + options.headers, 'secret')
  const hasBody = options.method === 'POST' && options.body !== ''
  const address = paging === 'link' && place !== '' ? place : fillAddress(options.url, values)
  return tools.fetch(address, {
    accept: 'application/json, */*;q=0.5',
    method: options.method,
    ...(hasBody ? { body: fillBody(options.body, values) } : {}),
    headers: {
      ...(hasBody ? { 'content-type': contentTypeOf(options.body) } : {}),
      ...fillHeaders(options.headers, values, isPlaced),
    },
    conditional: options.method === 'GET' && paging === 'none' && !holds(options.url, 'since'),
  })
}

const goodCodes = new Set(['0', '200', '0000', '000000', 'ok', 'success', 'succeed', 'true', '成功'])
const codeNames = ['code', 'errcode', 'errno', 'errCode', 'error_code', 'ret', 'status', 'success', 'ok']

/** @throws CollectError when there is no list: an interface that answers 200 with an error inside must not look quiet */
function itemsOf(root: unknown, { items: written, secret }: Options, number: number): unknown[] {
  const where = parsePath(written) ?? []
  const found = listAt(root, where).filter((item) => item !== null)
  if (found.length > 0 && typeof found[0] === 'object') return found
  for (const name of codeNames) {
    const code = textAt(root, [name]).toLowerCase()
    if (code === '' || goodCodes.has(code) || (code === '1' && !/code|errno/i.test(name))) continue
    const said = ['message', 'msg', 'errmsg', 'error', 'errMsg', 'info']
      .map((key) => textAt(root, [key]))
      .find(Boolean)
    const isRefusal =
      /^(?:40[13]|429)/.test(code) || /token|登录|授权|权限|签名|unauthori[sz]ed|forbidden/i.test(said ?? '')
    const detail = `the interface answered ${name} ${code.slice(0, 40)}${said ? `: ${said.slice(0, 200)}` : ''}`
    // The other side may repeat what it was sent.
    throw new CollectError(
      isRefusal ? 'blocked' : 'parse-error',
      secret === '' ? detail : detail.replaceAll(secret, '•••'),
    )
  }
  const [value] = valuesAt(root, where)
  const isList = Array.isArray(value) ? value.length === 0 : value === null || written.includes('[*]')
  // Later pages often leave the list out.
  if (isList || number > 1) return []
  const members =
    root !== null && typeof root === 'object' ? Object.keys(root).slice(0, 12).join(', ') : typeof root
  throw new CollectError(
    'parse-error',
    `no list of items at «${written || '$'}»; the answer holds ${members.slice(0, 300) || 'nothing'}`,
  )
}

/** True when one of the items was not there before. */
function remember(items: readonly unknown[], known: Set<string>): boolean {
  let isNew = false
  for (const item of items) {
    const hash = createHash('sha256').update(JSON.stringify(item)).digest('base64url').slice(0, 12)
    if (!known.delete(hash)) isNew = true
    known.add(hash)
  }
  return isNew
}

function nextPlace(
  options: Options,
  place: string,
  root: unknown,
  count: number,
  { url, origin }: { url: string; origin: string },
): string | undefined {
  const { paging, pageSize } = options
  const isLast = pageSize !== undefined && count < pageSize
  if (paging === 'page') return isLast ? undefined : String(Number(place) + 1)
  if (paging === 'offset') return isLast ? undefined : String(Number(place) + (pageSize ?? count))
  if (paging === 'none') return undefined
  const found = textAt(root, parsePath(options.cursorPath) ?? []).trim()
  if (found === '' || found === '0' || found === 'false' || found === '-1') return undefined
  if (paging === 'cursor') return found
  // The secret goes to the origin that it was given for, and to no other.
  if (!URL.canParse(found, url) || new URL(found, url).origin !== origin)
    throw new CollectError('refused', 'the next page is on another host')
  return new URL(found, url).href
}

// --- {since}

/** ISO for times, the number as text for numbers. */
function markOf(item: unknown, { sincePath, sinceFormat }: Options, now: Date): string | undefined {
  if (sincePath === '') return undefined
  const text =
    textAt(item, parsePath(sincePath) ?? [])
      .split('\n')[0]
      ?.trim() ?? ''
  if (sinceFormat === 'number') return text === '' ? undefined : text
  const at = parseDate(text, { now })
  // A date far ahead would shut out everything until then.
  return at !== undefined && Date.parse(at) <= now.getTime() + 86_400_000 ? at : undefined
}

function newer(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const isFigure = /^\d+$/.test(a) && /^\d+$/.test(b)
  const isLater = isFigure ? (a.length === b.length ? b > a : b.length > a.length) : b > a
  return isLater ? b : a
}

/** As the interface wants it; the first time a week back, or from the first number on. */
function sinceText({ sinceFormat }: Options, since: string | undefined, now: Date): string {
  if (sinceFormat === 'number') return since ?? '0'
  const at = since === undefined ? now.getTime() - firstDays * 86_400_000 : Date.parse(since)
  if (sinceFormat === 'seconds') return String(Math.floor(at / 1_000))
  if (sinceFormat === 'milliseconds') return String(at)
  if (sinceFormat === 'iso') return new Date(at).toISOString()
  const beijing = new Date(at + 8 * 3_600_000).toISOString()
  return sinceFormat === 'date' ? beijing.slice(0, 10) : beijing.slice(0, 19).replace('T', ' ')
}
