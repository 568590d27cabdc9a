// A list page → its article pages. For the many sites without a feed: bureaus, local papers, forums.
//
// What was read is remembered by address and title; a title that changed is read again. What is new but does not fit into
// one run waits in the cursor, so that it is read next time even when newer entries have pushed it off the list. A page
// that cannot be had is tried in three runs and then kept with its title alone: the headline is evidence too.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { looksBlocked } from '../blocked.ts'
import {
  type Capture,
  CollectError,
  type CollectResult,
  type CollectTools,
  defineCollector,
} from '../collector.ts'
import { said } from '../details.ts'
import { type Field, webAddress } from '../fields.ts'
import { openPage, optionalSelector, selectorOption } from '../page.ts'
import { readPage } from '../read-page.ts'
import { type ListEntry, listEntries, nextListPage } from './entries.ts'

const fields: readonly Field[] = [
  {
    name: 'url',
    label: { zh: '列表页地址', en: 'List page address' },
    kind: 'url',
    required: true,
    placeholder: 'https://example.com/news/',
  },
  {
    name: 'item',
    label: { zh: '条目选择器', en: 'Entry selector' },
    kind: 'selector',
    required: true,
    hint: {
      zh: 'CSS 选择器，每个条目一个元素；不会写请点「试选择器」',
      en: 'CSS, one element per entry; «Test selectors» proposes it',
    },
    placeholder: 'ul.news > li',
  },
  {
    name: 'link',
    isAdvanced: true,
    label: { zh: '链接选择器', en: 'Link selector' },
    kind: 'selector',
    hint: { zh: '在条目之内；不填取第一个链接', en: 'Inside the entry; the first link when empty' },
    placeholder: 'a[href]',
  },
  {
    name: 'title',
    isAdvanced: true,
    label: { zh: '列表标题选择器', en: 'Title in the list' },
    kind: 'selector',
    hint: { zh: '不填用链接文字', en: 'The words of the link when empty' },
  },
  {
    name: 'date',
    isAdvanced: true,
    label: { zh: '列表日期选择器', en: 'Date in the list' },
    kind: 'selector',
  },
  {
    name: 'articleBody',
    isAdvanced: true,
    label: { zh: '正文选择器', en: 'Article text' },
    kind: 'selector',
    hint: {
      zh: '文章页内；三项不填则自动识别',
      en: 'In the article page; all three are found by themselves when empty',
    },
  },
  {
    name: 'articleTitle',
    isAdvanced: true,
    label: { zh: '文章标题选择器', en: 'Article title' },
    kind: 'selector',
  },
  {
    name: 'articleDate',
    isAdvanced: true,
    label: { zh: '文章日期选择器', en: 'Article date' },
    kind: 'selector',
  },
  {
    name: 'maxNew',
    isAdvanced: true,
    label: { zh: '每次最多读取文章', en: 'Most articles per run' },
    kind: 'number',
    hint: { zh: '默认 20；读不完的下次接着读', en: '20 when empty; what does not fit is read next time' },
    placeholder: '20',
  },
  {
    name: 'pages',
    isAdvanced: true,
    label: { zh: '列表页数', en: 'List pages' },
    kind: 'number',
    hint: { zh: '默认 1；更多时跟随「下一页」', en: '1 when empty; more follow «next page»' },
    placeholder: '1',
  },
  {
    name: 'next',
    isAdvanced: true,
    label: { zh: '下一页选择器', en: 'Next page selector' },
    kind: 'selector',
  },
]

export const listOptions = z.object({
  url: webAddress,
  item: selectorOption,
  link: selectorOption.default('a[href]'),
  title: optionalSelector,
  date: optionalSelector,
  articleBody: optionalSelector,
  articleTitle: optionalSelector,
  articleDate: optionalSelector,
  maxNew: z.int().min(1).max(200).default(20),
  pages: z.int().min(1).max(20).default(1),
  next: optionalSelector,
})
export type ListOptions = z.infer<typeof listOptions>

const Entry = z.object({ url: z.string(), title: z.string(), publishedAt: z.string().optional() })
const Cursor = z.object({
  /** Address and title of what was read, hashed, the latest last. */
  known: z.array(z.tuple([z.string(), z.string()])),
  waiting: z.array(Entry.extend({ tries: z.int() })),
  /** Items on the first list page last time. */
  matched: z.int(),
})
type Cursor = z.infer<typeof Cursor>
type Waiting = Cursor['waiting'][number]

const mostKnown = 5_000
const mostWaiting = 1_000
const mostTries = 3
/** Refusals in a row after which the rest is left for later: going on would only make it worse. */
const mostRefusals = 3

const hash = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 12)

export const pageList = defineCollector<ListOptions>({
  kind: 'page-list',
  label: { zh: '网页列表', en: 'Web page list' },
  hasPublisher: true,
  fields,
  options: listOptions,
  schedule: '*/30 * * * *',
  async collect(options, tools) {
    const before = Cursor.safeParse(tools.cursor).data ?? { known: [], waiting: [], matched: 0 }
    const list = await readLists(options, tools, before.matched)
    if (list === 'empty') return { outcome: 'empty' }
    const known = new Map(before.known)
    const waiting = new Map(before.waiting.map((entry) => [entry.url, entry]))
    const listed = list === 'not-modified' ? [] : list.entries
    for (const { url } of listed) {
      // What still stands on the list is forgotten last.
      const title = known.get(hash(url))
      if (title === undefined) continue
      known.delete(hash(url))
      known.set(hash(url), title)
    }
    const fresh = listed
      .filter(({ url, title }) => known.get(hash(url)) !== hash(title))
      .map((entry): Waiting => ({ ...entry, tries: waiting.get(entry.url)?.tries ?? 0 }))
    const isListed = new Set(fresh.map(({ url }) => url))
    const due = [...fresh, ...before.waiting.filter(({ url }) => !isListed.has(url))]
    if (due.length === 0) return { outcome: 'not-modified', cursor: cursorOf(known, [], list, before) }
    const run: Extract<CollectResult, { outcome: 'ok' }> = { outcome: 'ok' }
    // The cursor is read once the last article is stored.
    run.captures = articles(options, tools, due, {
      read: ({ url, title }) => known.set(hash(url), hash(title)),
      done: (left, detail) => {
        run.cursor = cursorOf(known, left, list, before)
        if (detail !== undefined) run.detail = detail
      },
    })
    return run
  },
})

type Lists = { entries: ListEntry[]; matched: number } | 'not-modified'

function cursorOf(
  known: ReadonlyMap<string, string>,
  waiting: readonly Waiting[],
  list: Lists,
  before: Cursor,
): Cursor {
  return {
    known: [...known].slice(-mostKnown),
    waiting: waiting.slice(0, mostWaiting),
    matched: list === 'not-modified' ? before.matched : list.matched,
  }
}

/** @throws CollectError `parse-error` when the selectors find nothing: a rebuilt page must not look like a quiet day */
async function readLists(
  options: ListOptions,
  tools: CollectTools,
  matchedBefore: number,
): Promise<Lists | 'empty'> {
  const entries = new Map<string, ListEntry>()
  const seen = new Set<string>()
  let matched = 0
  let address: string | undefined = options.url
  for (let number = 1; number <= options.pages && address !== undefined && !seen.has(address); number++) {
    seen.add(address)
    const answer = await tools.fetch(address, { accept: 'text/html, */*;q=0.5', conditional: number === 1 })
    if (answer.notModified) return 'not-modified'
    const page = openPage(answer)
    const found = listEntries(page, options, tools.now)
    if (number === 1) {
      const verdict = judgeList(page.html, found, matchedBefore)
      if (verdict === 'empty') return 'empty'
      matched = found.matched
    }
    for (const entry of found.entries) if (!entries.has(entry.url)) entries.set(entry.url, entry)
    address = nextListPage(page, options.next)
  }
  return { entries: [...entries.values()], matched }
}

function judgeList(
  html: string,
  { matched, entries }: { matched: number; entries: readonly ListEntry[] },
  before: number,
): 'entries' | 'empty' {
  if (entries.length > 0) return 'entries'
  const wall = looksBlocked(html)
  if (wall) throw new CollectError('blocked', said('wall', { wall, due: 'a list' }))
  if (matched > 0) throw new CollectError('parse-error', said('no-links', { count: matched }))
  if (before > 0) throw new CollectError('parse-error', said('page-rebuilt', { count: before }))
  // Only a page that never held anything is believed when it says so.
  if (
    /暂无(?:数据|内容|信息|结果|相关)|没有(?:找到|相关|符合|更多)|no (?:results|entries|data|items)\b/i.test(
      html,
    )
  )
    return 'empty'
  throw new CollectError('parse-error', said('nothing-selected', {}))
}

interface Progress {
  read: (entry: Waiting) => void
  done: (left: readonly Waiting[], detail: string | undefined) => void
}

/** One article after the other, the newest first. Throws what kept all of them out. */
async function* articles(
  options: ListOptions,
  tools: CollectTools,
  due: readonly Waiting[],
  { read, done }: Progress,
): AsyncGenerator<Capture> {
  const selectors = { body: options.articleBody, title: options.articleTitle, date: options.articleDate }
  const left: Waiting[] = []
  let [count, without, refusals] = [0, 0, 0]
  let failure: CollectError | undefined
  let broken = 0
  for (const entry of due) {
    if (count + broken >= options.maxNew || refusals >= mostRefusals) {
      left.push(entry)
      continue
    }
    try {
      const page = await readPage(entry.url, tools, selectors)
      if (!page.bodyFits) without++
      read(entry)
      count++
      refusals = 0
      yield withList(page.capture, entry, options)
    } catch (error) {
      if (!(error instanceof CollectError)) throw error
      failure ??= error
      broken++
      refusals = error.outcome === 'blocked' ? refusals + 1 : 0
      if (entry.tries + 1 < mostTries) left.push({ ...entry, tries: entry.tries + 1 })
      else {
        read(entry)
        yield withList({ url: entry.url, title: entry.title, body: '' }, entry, options)
      }
    }
  }
  // One article that is gone is not the source's failure; several and none read, or a wall, is.
  if (failure && count === 0 && (broken > 1 || failure.outcome === 'blocked')) throw failure
  const remarks = [
    failure && said('articles-unread', { count: broken, all: broken + count, reason: failure.message }),
    options.articleBody !== '' && count > 0 && without === count && said('articles-empty', { count }),
  ].filter((remark) => typeof remark === 'string')
  done(left, remarks.length > 0 ? remarks.join('; ') : undefined)
}

const day = 86_400_000

/** What the list knows fills what the page does not say; of two dates of one day the page's is the more exact. */
export function withList(
  capture: Capture,
  entry: ListEntry,
  options: Pick<ListOptions, 'articleDate'>,
): Capture {
  const { publishedAt: own } = capture
  const listed = entry.publishedAt
  const isChosen = options.articleDate !== '' && own !== undefined
  const agree =
    own === undefined || listed === undefined || Math.abs(Date.parse(own) - Date.parse(listed)) <= day
  const publishedAt = isChosen || agree ? (own ?? listed) : listed
  const { publishedAt: _, ...rest } = capture
  return {
    ...rest,
    title: capture.title === '' || capture.attachments ? entry.title || capture.title : capture.title,
    ...(publishedAt === undefined ? {} : { publishedAt }),
    raw: { listed: entry.title, url: entry.url },
  }
}
