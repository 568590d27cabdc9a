// One model for RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0, CDF and JSON Feed. Texts come out as harmless HTML with absolute addresses.
import { z } from 'zod'
import { CollectError } from '../collector.ts'
import { type DateContext, parseDate } from '../dates.ts'
import { decode } from '../decode.ts'
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

function notAFeed(text: string): CollectError {
  if (/<html[\s>]|<!doctype html|<body[\s>]|<head[\s>]|<meta\s/i.test(text.slice(0, 20_000))) {
    return new CollectError(
      'blocked',
      'an HTML page came where a feed was due (sign-in, captcha or error page)',
    )
  }
  return new CollectError('parse-error', text.trim() === '' ? 'the answer is empty' : 'this is not a feed')
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

/** The first child of the first name that has any, so that the order of names is the order of preference. */
function first(element: Element, ...names: string[]): Element | undefined {
  for (const name of names) {
    for (const child of element.children) if (typeof child !== 'string' && child.name === name) return child
  }
  return undefined
}

function words(element: Element | undefined): string | undefined {
  return element ? textOf(element).trim() || undefined : undefined
}

/** An object without the entries that hold nothing. */
function known<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

// --- RSS, RDF, CDF

function rssFeed(top: Element, dates: DateContext) {
  const channel = top.name === 'channel' ? top : (first(top, 'channel') ?? top)
  const items = [...childrenOf(channel, 'item'), ...(channel === top ? [] : childrenOf(top, 'item'))]
  if (channel === top && items.length === 0 && top.name !== 'channel') items.push(...childrenOf(top, 'entry'))
  const feed = known<FeedHead>({
    title: rssText(first(channel, 'title', 'dc:title')),
    link: rssLink(channel),
    description: rssText(
      first(channel, 'description', 'dc:description', 'abstract', 'subtitle', 'itunes:summary'),
    ),
    id: words(first(channel, 'id', 'guid')) ?? attribute(channel, 'rdf:about'),
    author: person(
      first(channel, 'managingeditor', 'dc:creator', 'dc:author', 'author', 'itunes:author', 'webmaster'),
    ),
    published: dateOf(dates, first(channel, 'pubdate', 'dcterms:issued', 'dcterms:created', 'published')),
    updated:
      dateOf(dates, first(channel, 'lastbuilddate', 'dcterms:modified', 'dc:date', 'updated')) ??
      parseDate(attribute(channel, 'lastmod'), dates),
  })
  return { feed, entries: items.map((item) => rssEntry(item, dates)) }
}

function rssEntry(item: Element, dates: DateContext): FeedEntry {
  const guid = first(item, 'guid', 'id')
  const guidText = words(guid)
  const isPermanent = guid !== undefined && attribute(guid, 'ispermalink')?.toLowerCase() !== 'false'
  const link = rssLink(item)
  // «description» and «summary» in one item: the first one written is the summary, the other the text.
  const [summary, longer] = item.children.filter(
    (child): child is Element =>
      typeof child !== 'string' && (child.name === 'description' || child.name === 'summary'),
  )
  const content = rssText(
    first(item, 'content:encoded', 'xhtml:body', 'body', 'fullitem', 'xhtml:div', 'content') ?? longer,
  )
  const byGuid = isPermanent && guidText && /^https?:\/\//i.test(guidText) ? guidText : undefined
  return known<FeedEntry>({
    id: guidText ?? attribute(item, 'rdf:about'),
    title: rssText(first(item, 'title', 'dc:title', 'media:title')),
    link: link ?? byGuid,
    summary:
      rssText(summary ?? first(item, 'dc:description', 'abstract', 'itunes:summary', 'media:description')) ??
      content,
    content,
    author: person(first(item, 'author', 'dc:creator', 'dc:author', 'itunes:author')),
    published: dateOf(dates, first(item, 'pubdate', 'dcterms:issued', 'dcterms:created', 'published')),
    updated:
      dateOf(dates, first(item, 'dcterms:modified', 'dc:date', 'updated', 'expirationdate')) ??
      parseDate(attribute(item, 'lastmod'), dates),
    comments: count(words(first(item, 'slash:comments'))),
  })
}

function rssLink(element: Element): string | undefined {
  for (const link of childrenOf(element, 'link')) {
    const rel = (attribute(link, 'rel') ?? 'alternate').toLowerCase()
    const written = words(link) ?? (rel === 'alternate' ? attribute(link, 'href') : undefined)
    if (written) return address(written, link.base)
  }
  const href = attribute(element, 'href')
  return href ? address(href, element.base) : undefined
}

const attribute = (element: Element, name: string) => element.attributes[name]?.trim() || undefined
const address = (written: string, base: string | undefined) => safeAddress(written.replace(/\s+/g, ''), base)
const count = (written: string | undefined) =>
  written && /^\d+$/.test(written) ? Number(written) : undefined
const dateOf = (dates: DateContext, element: Element | undefined) => parseDate(words(element), dates)

function rssText(element: Element | undefined): string | undefined {
  if (!element) return undefined
  const naked = element.children.some((child) => typeof child !== 'string')
  return sanitiseHtml(naked ? markupOf(element) : textOf(element), element.base).trim() || undefined
}

/** The name, without the address that the formats want beside it. */
function person(element: Element | undefined): string | undefined {
  if (!element) return undefined
  const named = first(element, 'name', 'foaf:person', 'dc:title')
  const written = (words(named) ?? words(element) ?? '').slice(0, 300)
  const mail = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/
  const name = written
    .replace(mail, '')
    .replace(/[<(]\s*(?:mailto:)?\s*[>)]/g, '')
    .trim()
    .replace(/^\((.*)\)$/, '$1')
  return name || mail.exec(written)?.[0]
}

// --- Atom

function atomFeed(top: Element, dates: DateContext) {
  const feed = known<FeedHead>({
    title: atomText(first(top, 'title')),
    link: atomLink(top),
    description: atomText(first(top, 'subtitle', 'tagline', 'description')),
    id: idOf(first(top, 'id', 'guid')),
    author: person(first(top, 'author', 'dc:creator')),
    published: dateOf(dates, first(top, 'published', 'issued', 'pubdate', 'dcterms:issued')),
    updated: dateOf(dates, first(top, 'updated', 'modified', 'dcterms:modified', 'dc:date')),
  })
  const entries = [...childrenOf(top, 'entry'), ...childrenOf(top, 'item')]
  return { feed, entries: entries.map((entry) => atomEntry(entry, feed, dates)) }
}

function atomEntry(entry: Element, feed: FeedHead, dates: DateContext): FeedEntry {
  const contents = childrenOf(entry, 'content')
  const content = atomText(contents.find((one) => /html/.test(attribute(one, 'type') ?? '')) ?? contents[0])
  const origin = first(entry, 'source')
  return known<FeedEntry>({
    id: idOf(first(entry, 'id', 'guid')),
    title: atomText(first(entry, 'title')),
    link: atomLink(entry),
    summary: atomText(first(entry, 'summary', 'description')) ?? content,
    content,
    author:
      person(first(entry, 'author', 'dc:creator') ?? (origin && first(origin, 'author'))) ?? feed.author,
    published: dateOf(dates, first(entry, 'published', 'issued', 'pubdate', 'created', 'dcterms:issued')),
    updated: dateOf(dates, first(entry, 'updated', 'modified', 'dcterms:modified', 'dc:date')),
  })
}

/** Compared letter by letter (RFC 4287 4.2.6.1), so only a relative one is changed. */
function idOf(element: Element | undefined): string | undefined {
  const id = words(element)
  return id && element && /^\.{0,2}\//.test(id) ? resolved(id, element.base) : id
}

function atomLink(element: Element): string | undefined {
  const links = childrenOf(element, 'link').filter((link) =>
    /^$|alternate/i.test(attribute(link, 'rel') ?? ''),
  )
  const best = links.find((link) => /html|^$/i.test(attribute(link, 'type') ?? '')) ?? links[0]
  const written = best && (attribute(best, 'href') ?? words(best))
  return best && written ? address(written, best.base) : undefined
}

function atomText(element: Element | undefined): string | undefined {
  if (!element) return undefined
  const type = (attribute(element, 'type') ?? 'text').toLowerCase()
  const mode = attribute(element, 'mode')?.toLowerCase()
  const hasMarkup = element.children.some((child) => typeof child !== 'string')
  const isBinary = type.includes('/') && !/^text\/|xml$/.test(type) && mode === undefined
  if (mode === 'base64' || (isBinary && !hasMarkup))
    return sanitiseHtml(base64(textOf(element)), element.base) || undefined
  if (hasMarkup) return sanitiseHtml(markupOf(element), element.base) || undefined
  const text = textOf(element).trim()
  const isHtml = /html/.test(type) || mode === 'escaped' || type === 'xml'
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
const jsonShape = z.object({
  version: z.string().optional(),
  title: jsonText,
  home_page_url: jsonText,
  feed_url: jsonText,
  description: jsonText,
  author: jsonAuthors,
  authors: jsonAuthors,
  items: z.array(
    z.object({
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
    }),
  ),
})

function jsonFeed(text: string, base: string | undefined, dates: DateContext) {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    throw new CollectError('parse-error', 'broken JSON')
  }
  const read = jsonShape.safeParse(value)
  if (!read.success) throw new CollectError('parse-error', 'JSON, but not a JSON Feed')
  const { data } = read
  const nameOf = (one: { author?: z.infer<typeof jsonAuthors>; authors?: z.infer<typeof jsonAuthors> }) =>
    (one.authors ?? one.author)?.find((author) => author.name)?.name
  const plainText = (written: string | undefined) => (written?.includes('<') ? escapeHtml(written) : written)
  const feed = known<FeedHead>({
    title: plainText(data.title),
    link: data.home_page_url ? address(data.home_page_url, base) : undefined,
    description: plainText(data.description),
    id: data.feed_url,
    author: nameOf(data),
    published: undefined,
    updated: undefined,
  })
  const entries = data.items.map((item) => {
    const link = item.url ?? item.external_url
    const content = item.content_html ? sanitiseHtml(item.content_html, base) : plainText(item.content_text)
    return known<FeedEntry>({
      id: item.id ?? item.url,
      title: plainText(item.title),
      link: link ? address(link, base) : undefined,
      summary: plainText(item.summary) ?? content,
      content,
      author: nameOf(item) ?? feed.author,
      published: parseDate(item.date_published, dates),
      updated: parseDate(item.date_modified, dates),
      comments: undefined,
    })
  })
  return { feed, entries }
}
