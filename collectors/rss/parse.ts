// One model for RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0, CDF and JSON Feed. Texts come out as harmless HTML with absolute addresses.
import { z } from 'zod'
import { CollectError } from '../collector.ts'
import { type DateContext, parseDate } from '../dates.ts'
import { decode } from '../decode.ts'
import { said } from '../details.ts'
import { escapeHtml } from '../entities.ts'
import { resolved, safeAddress, sanitiseHtml } from '../html.ts'
import { type Element, markupOf, readXml, textOf } from './xml.ts'

export interface FeedHead {
  title?: string
  link?: string
  description?: string
  id?: string
  author?: string
  published?: string
  updated?: string
}
export interface FeedEntry {
  id?: string
  title?: string
  link?: string
  summary?: string
  content?: string
  author?: string
  published?: string
  updated?: string
  comments?: number
}
export interface ParsedFeed {
  encoding: string
  feed: FeedHead
  entries: FeedEntry[]
}

export interface FeedSource {
  /** Where it was read; relative addresses are seen from here. */
  url?: string
  headers?: Readonly<Record<string, string>>
  now?: Date
}

/** Throws `CollectError`: `blocked` for a page where a feed was due, `parse-error` for anything else that is no feed. */
export function parseFeed(bytes: Uint8Array, { url, headers = {}, now }: FeedSource = {}): ParsedFeed {
  const { text, encoding } = decode(bytes, headers['content-type'])
  const location = headers['content-location']
  const base = location === undefined ? url : resolved(location, url)
  // A date without zone is Chinese time in a Chinese feed and Greenwich elsewhere.
  const dates: DateContext = { zoneMinutes: /[\u4e00-\u9fff]/.test(text) ? 480 : 0, ...(now ? { now } : {}) }
  if (/^[\ufeff\s]*\{/.test(text)) return { encoding, ...jsonFeed(text, base, dates) }
  const root = readXml(text, resolved, base)
  const top = find(root, 3)
  if (!top) throw notAFeed(text)
  return { encoding, ...(top.name === 'feed' ? atomFeed(top, dates) : rssFeed(top, dates)) }
}

/** What came instead: a page meant for people (`blocked`), or nothing that is known. */
export function notAFeed(text: string, due = 'feed'): CollectError {
  if (/<html[\s>]|<!doctype html|<body[\s>]|<head[\s>]|<meta\s|<script[\s>]/i.test(text.slice(0, 20_000))) {
    return new CollectError('blocked', said('page-for-feed', { due }))
  }
  return new CollectError(
    'parse-error',
    text.trim() === '' ? said('empty-answer', {}) : said('no-feed', { due }),
  )
}

function find(element: Element, depth: number): Element | undefined {
  for (const child of element.children) {
    if (typeof child === 'string') continue
    if (/^(?:rss|rdf:rdf|feed|channel)$/.test(child.name)) return child
    const below = depth > 0 && child.name !== 'html' ? find(child, depth - 1) : undefined
    if (below) return below
  }
  return undefined
}

const childrenOf = (element: Element, name: string): Element[] =>
  element.children.filter((child): child is Element => typeof child !== 'string' && child.name === name)

/** The first items of a feed without end. */
const maxItems = 100_000

type Preference = ReadonlyMap<string, number>
const order = (...names: string[]): Preference => new Map(names.map((name, rank) => [name, rank]))

/** The first child of the first name that has any, so that the order of names is the order of preference. */
function first(element: Element, preference: Preference): Element | undefined {
  let best: Element | undefined
  let least = Number.POSITIVE_INFINITY
  for (const child of element.children) {
    if (typeof child === 'string') continue
    const rank = preference.get(child.name)
    if (rank === undefined || rank >= least) continue
    if (rank === 0) return child
    best = child
    least = rank
  }
  return best
}

function words(element: Element | undefined): string | undefined {
  return element ? textOf(element).trim() || undefined : undefined
}

function set<T extends object, K extends keyof T>(target: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) target[key] = value
}

// --- RSS, RDF, CDF

const rssHead = {
  channel: order('channel'),
  title: order('title', 'dc:title'),
  description: order('description', 'dc:description', 'abstract', 'subtitle', 'itunes:summary'),
  id: order('id', 'guid'),
  author: order('managingeditor', 'dc:creator', 'dc:author', 'author', 'itunes:author', 'webmaster'),
  published: order('pubdate', 'dcterms:issued', 'dcterms:created', 'published'),
  updated: order('lastbuilddate', 'dcterms:modified', 'dc:date', 'updated'),
}
const rssItem = {
  id: order('guid', 'id'),
  title: order('title', 'dc:title', 'media:title'),
  content: order('content:encoded', 'xhtml:body', 'body', 'fullitem', 'xhtml:div', 'content'),
  summary: order('dc:description', 'abstract', 'itunes:summary', 'media:description'),
  author: order('author', 'dc:creator', 'dc:author', 'itunes:author'),
  published: order('pubdate', 'dcterms:issued', 'dcterms:created', 'published'),
  updated: order('dcterms:modified', 'dc:date', 'updated', 'expirationdate'),
  comments: order('slash:comments'),
  anchor: order('a'),
}

function rssFeed(top: Element, dates: DateContext) {
  const channel = top.name === 'channel' ? top : (first(top, rssHead.channel) ?? top)
  const items = childrenOf(channel, 'item')
  if (channel !== top) for (const item of childrenOf(top, 'item')) items.push(item)
  else if (items.length === 0 && top.name !== 'channel') items.push(...childrenOf(top, 'entry'))
  const feed: FeedHead = {}
  set(feed, 'title', rssText(first(channel, rssHead.title)))
  set(feed, 'link', rssLink(channel))
  set(feed, 'description', rssText(first(channel, rssHead.description)))
  set(feed, 'id', words(first(channel, rssHead.id)) ?? attribute(channel, 'rdf:about'))
  set(feed, 'author', person(first(channel, rssHead.author)))
  set(feed, 'published', dateOf(dates, channel, rssHead.published))
  set(
    feed,
    'updated',
    dateOf(dates, channel, rssHead.updated) ?? parseDate(attribute(channel, 'lastmod'), dates),
  )
  return { feed, entries: items.slice(0, maxItems).map((item) => rssEntry(item, dates)) }
}

function rssEntry(item: Element, dates: DateContext): FeedEntry {
  const guid = first(item, rssItem.id)
  const isPermanent = guid !== undefined && attribute(guid, 'ispermalink')?.toLowerCase() !== 'false'
  const written = words(guid)
  const id = isPermanent ? idOf(guid) : written
  // «description» and «summary» in one item: the first one written is the summary, the other the text.
  let summary: Element | undefined
  let longer: Element | undefined
  for (const child of item.children) {
    if (typeof child === 'string' || (child.name !== 'description' && child.name !== 'summary')) continue
    if (summary === undefined) summary = child
    else longer ??= child
  }
  const content = rssText(first(item, rssItem.content) ?? longer)
  const entry: FeedEntry = {}
  set(entry, 'id', id ?? attribute(item, 'rdf:about'))
  set(entry, 'title', rssText(first(item, rssItem.title)))
  set(entry, 'link', rssLink(item) ?? (isPermanent && id && /^https?:\/\//i.test(id) ? id : undefined))
  set(entry, 'summary', rssText(summary ?? first(item, rssItem.summary)) ?? content)
  set(entry, 'content', content)
  set(entry, 'author', person(first(item, rssItem.author)))
  set(entry, 'published', dateOf(dates, item, rssItem.published))
  set(entry, 'updated', dateOf(dates, item, rssItem.updated) ?? parseDate(attribute(item, 'lastmod'), dates))
  set(entry, 'comments', count(words(first(item, rssItem.comments))))
  return entry
}

function rssLink(element: Element): string | undefined {
  for (const link of element.children) {
    if (typeof link === 'string' || link.name !== 'link') continue
    const rel = (attribute(link, 'rel') ?? 'alternate').toLowerCase()
    const written = words(link) ?? (rel === 'alternate' ? attribute(link, 'href') : undefined)
    if (written) return address(written, link.base)
  }
  const anchor = first(element, rssItem.anchor)
  const href = attribute(element, 'href') ?? (anchor && attribute(anchor, 'href'))
  return href ? address(href, element.base) : undefined
}

const attribute = (element: Element, name: string) => element.attributes[name]?.trim() || undefined
const address = (written: string, base: string | undefined) =>
  safeAddress(/\s/.test(written) ? written.replace(/\s+/g, '') : written, base)
const count = (written: string | undefined) =>
  written && /^\d{1,15}$/.test(written) ? Number(written) : undefined

/** By the first name that holds a date; of several equal ones the last written is in force. */
function dateOf(dates: DateContext, element: Element, preference: Preference): string | undefined {
  const best = first(element, preference)
  if (!best) return undefined
  const last = element.children.findLast((child) => typeof child !== 'string' && child.name === best.name)
  return parseDate(words(typeof last === 'string' ? best : last), dates) ?? parseDate(words(best), dates)
}

function rssText(element: Element | undefined): string | undefined {
  if (!element) return undefined
  const html = hasMarkup(element) ? markupOf(element) : textOf(element)
  return sanitiseHtml(html, element.base).trim() || undefined
}

const hasMarkup = (element: Element) => element.children.some((child) => typeof child !== 'string')

const personName = order('name', 'foaf:person', 'dc:title')

/** The name, without the address that the formats want beside it. */
function person(element: Element | undefined): string | undefined {
  if (!element) return undefined
  const written = (words(first(element, personName)) ?? words(element) ?? '').slice(0, 300)
  if (!written.includes('@')) return written.trim().replace(/^\((.*)\)$/, '$1') || undefined
  const mail = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/
  const name = written
    .replace(mail, '')
    .replace(/[<(]\s*(?:mailto:)?\s*[>)]/g, '')
    .trim()
    .replace(/^\((.*)\)$/, '$1')
  return name || mail.exec(written)?.[0]
}

// --- Atom

const atomHead = {
  title: order('title'),
  description: order('subtitle', 'tagline', 'description'),
  id: order('id', 'guid'),
  author: order('author', 'dc:creator'),
  published: order('published', 'issued', 'pubdate', 'dcterms:issued'),
  updated: order('updated', 'modified', 'dcterms:modified', 'dc:date'),
}
const atomItem = {
  ...atomHead,
  summary: order('summary', 'description'),
  source: order('source'),
  published: order('published', 'issued', 'pubdate', 'created', 'dcterms:issued'),
  // RFC 4685, «Atom Threading Extensions».
  comments: order('thr:total', 'slash:comments'),
}

function atomFeed(top: Element, dates: DateContext) {
  const feed: FeedHead = {}
  set(feed, 'title', atomText(first(top, atomHead.title)))
  set(feed, 'link', atomLink(top))
  set(feed, 'description', atomText(first(top, atomHead.description)))
  set(feed, 'id', idOf(first(top, atomHead.id)))
  set(feed, 'author', person(first(top, atomHead.author)))
  set(feed, 'published', dateOf(dates, top, atomHead.published))
  set(feed, 'updated', dateOf(dates, top, atomHead.updated))
  const entries = childrenOf(top, 'entry').concat(childrenOf(top, 'item'))
  return { feed, entries: entries.slice(0, maxItems).map((entry) => atomEntry(entry, feed, dates)) }
}

function atomEntry(element: Element, feed: FeedHead, dates: DateContext): FeedEntry {
  const contents = childrenOf(element, 'content')
  const content = atomText(contents.find((one) => /html/.test(attribute(one, 'type') ?? '')) ?? contents[0])
  const origin = first(element, atomItem.source)
  const author = first(element, atomItem.author) ?? (origin && first(origin, atomItem.author))
  const entry: FeedEntry = {}
  set(entry, 'id', idOf(first(element, atomItem.id)))
  set(entry, 'title', atomText(first(element, atomItem.title)))
  set(entry, 'link', atomLink(element))
  set(entry, 'summary', atomText(first(element, atomItem.summary)) ?? content)
  set(entry, 'content', content)
  set(entry, 'author', person(author) ?? feed.author)
  set(entry, 'published', dateOf(dates, element, atomItem.published))
  set(entry, 'updated', dateOf(dates, element, atomItem.updated))
  set(entry, 'comments', count(words(first(element, atomItem.comments))))
  return entry
}

/** Compared letter by letter (RFC 4287 4.2.6.1), so only a relative one is changed. */
function idOf(element: Element | undefined): string | undefined {
  const id = words(element)
  return id && element && /^\.{0,2}\//.test(id) ? resolved(id, element.base) : id
}

function atomLink(element: Element): string | undefined {
  let best: Element | undefined
  for (const link of element.children) {
    if (typeof link === 'string' || link.name !== 'link') continue
    if (!/^$|alternate/i.test(attribute(link, 'rel') ?? '')) continue
    best ??= link
    if (/html|^$/i.test(attribute(link, 'type') ?? '')) {
      best = link
      break
    }
  }
  const written = best && (attribute(best, 'href') ?? words(best))
  return best && written ? address(written, best.base) : undefined
}

function atomText(element: Element | undefined): string | undefined {
  if (!element) return undefined
  const type = (attribute(element, 'type') ?? 'text').toLowerCase()
  const mode = attribute(element, 'mode')?.toLowerCase()
  const isMarkup = hasMarkup(element)
  const isBinary = type.includes('/') && !/^text\/|xml$/.test(type) && mode === undefined
  if (mode === 'base64' || (isBinary && !isMarkup))
    return sanitiseHtml(base64(textOf(element)), element.base) || undefined
  if (isMarkup) return sanitiseHtml(markupOf(element), element.base) || undefined
  const text = textOf(element).trim()
  const isHtml = mode === 'escaped' || type.includes('html') || type === 'xml'
  return (
    (isHtml ? sanitiseHtml(text, element.base) : text.includes('<') ? escapeHtml(text) : text) || undefined
  )
}

function base64(written: string): string {
  try {
    return new TextDecoder().decode(
      Uint8Array.from(atob(written.replace(/\s+/g, '')), (byte) => byte.charCodeAt(0)),
    )
  } catch {
    return written
  }
}

// --- JSON Feed

const jsonText = z
  .preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string())
  .optional()
  .catch(undefined)
const jsonAuthors = z
  .union([z.array(z.object({ name: jsonText })), z.object({ name: jsonText }).transform((one) => [one])])
  .optional()
  .catch(undefined)
const jsonHead = z.object({
  title: jsonText,
  home_page_url: jsonText,
  feed_url: jsonText,
  description: jsonText,
  author: jsonAuthors,
  authors: jsonAuthors,
  items: z.array(z.unknown()),
})
const jsonItem = z.object({
  id: jsonText,
  url: jsonText,
  external_url: jsonText,
  title: jsonText,
  summary: jsonText,
  content_html: jsonText,
  content_text: jsonText,
  date_published: jsonText,
  date_modified: jsonText,
  author: jsonAuthors,
  authors: jsonAuthors,
})

function jsonFeed(text: string, base: string | undefined, dates: DateContext) {
  const read = jsonHead.safeParse(jsonOf(text))
  if (!read.success) throw new CollectError('parse-error', said('no-json-feed', {}))
  const { data } = read
  const nameOf = (one: { author?: z.infer<typeof jsonAuthors>; authors?: z.infer<typeof jsonAuthors> }) =>
    (one.authors ?? one.author)?.find((author) => author.name)?.name
  const plainText = (written: string | undefined) => (written?.includes('<') ? escapeHtml(written) : written)
  const feed: FeedHead = {}
  set(feed, 'title', plainText(data.title))
  set(feed, 'link', data.home_page_url ? address(data.home_page_url, base) : undefined)
  set(feed, 'description', plainText(data.description))
  set(feed, 'id', data.feed_url)
  set(feed, 'author', nameOf(data))
  const entries: FeedEntry[] = []
  for (const one of data.items.slice(0, maxItems)) {
    const { data: item } = jsonItem.safeParse(one)
    // Something else among the items does not cost the others.
    if (!item) continue
    const link = item.url ?? item.external_url
    const content = item.content_html ? sanitiseHtml(item.content_html, base) : plainText(item.content_text)
    const entry: FeedEntry = {}
    set(entry, 'id', item.id ?? item.url)
    set(entry, 'title', plainText(item.title))
    set(entry, 'link', link ? address(link, base) : undefined)
    set(entry, 'summary', plainText(item.summary) ?? content)
    set(entry, 'content', content)
    set(entry, 'author', nameOf(item) ?? feed.author)
    set(entry, 'published', parseDate(item.date_published, dates))
    set(entry, 'updated', parseDate(item.date_modified, dates))
    entries.push(entry)
  }
  return { feed, entries }
}

/** The value; of a text that was cut short or holds bare line breaks, as much as can be read. */
function jsonOf(text: string): unknown {
  const clean = text.replace(/^\ufeff/, '')
  try {
    return JSON.parse(clean)
  } catch {
    const spaced = clean.replace(/[\u0000-\u001f]/g, ' ')
    try {
      return JSON.parse(spaced)
    } catch {
      const items = wholeItems(spaced)
      if (items.length > 0) return { items }
      throw new CollectError('parse-error', 'broken JSON')
    }
  }
}

/** The objects of `items` that are whole. */
function wholeItems(text: string): unknown[] {
  const list = /"items" *: *\[/.exec(text)
  if (!list) return []
  const items: unknown[] = []
  let depth = 0
  let from = 0
  const marks = /"(?:[^"\\]|\\.)*"|[{}[\]]/g
  marks.lastIndex = list.index + list[0].length
  for (let mark = marks.exec(text); mark && items.length < maxItems; mark = marks.exec(text)) {
    const [sign] = mark
    if (sign === '{' || sign === '[') {
      if (depth === 0) from = mark.index
      depth++
    } else if (sign === '}' || sign === ']') {
      depth--
      if (depth < 0) break
      if (depth > 0) continue
      try {
        items.push(JSON.parse(text.slice(from, marks.lastIndex)))
      } catch {
        // Broken inside: the next one may be whole.
      }
    }
  }
  return items
}
