import { z } from 'zod'
import { type Capture, type CollectResult, type CollectTools, defineCollector } from '../collector.ts'
import { webAddress } from '../fields.ts'
import { htmlToText } from '../html.ts'
import { type FeedEntry, parseFeed } from './parse.ts'

export const rss = defineCollector({
  kind: 'rss',
  label: { zh: 'RSS 订阅', en: 'Feed' },
  hasPublisher: true,
  fields: [
    {
      name: 'url',
      label: { zh: '订阅地址', en: 'Feed address' },
      kind: 'url',
      required: true,
      hint: { zh: 'RSS、Atom 或 JSON Feed', en: 'RSS, Atom or JSON Feed' },
      placeholder: 'https://example.com/feed.xml',
    },
  ],
  options: z.object({ url: webAddress }),
  schedule: '*/10 * * * *',
  collect: ({ url }, tools) => readFeed(url, tools),
})

/** What a feed holds, unless it is as it was. @throws CollectError */
export async function readFeed(url: string, tools: CollectTools): Promise<CollectResult> {
  const answer = await tools.fetch(url, {
    accept:
      'application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5',
    conditional: true,
  })
  if (answer.notModified) return { outcome: 'not-modified' }
  const { entries } = parseFeed(answer.bytes, { url: answer.url, headers: answer.headers, now: tools.now })
  const captures = entries.map(captureOf).filter((capture) => capture.title !== '')
  return captures.length > 0 ? { outcome: 'ok', captures } : { outcome: 'empty' }
}

/** A feed entry as a text of ours. */
function captureOf(entry: FeedEntry): Capture {
  const content = htmlToText(entry.content ?? '')
  const summary = entry.summary === entry.content ? content : htmlToText(entry.summary ?? '')
  const body = content.length >= summary.length ? content : summary
  // Short posts often have no title: their first line stands for it.
  const title = htmlToText(entry.title ?? '').replace(/\s+/g, ' ') || firstLine(body).slice(0, 60)
  const capture: Capture = { title, body, raw: rawOf(entry, title, body) }
  if (entry.id !== undefined) capture.externalId = entry.id
  if (entry.link !== undefined) capture.url = entry.link
  if (entry.author !== undefined) capture.author = htmlToText(entry.author)
  const publishedAt = entry.published ?? entry.updated
  if (publishedAt !== undefined) capture.publishedAt = publishedAt
  if (entry.comments !== undefined) capture.counters = { comments: entry.comments }
  return capture
}

const firstLine = (text: string) => text.slice(0, text.includes('\n') ? text.indexOf('\n') : undefined)

/** The item as found; a text that title or body hold letter by letter, or that stands in it twice, is kept once. */
function rawOf(entry: FeedEntry, title: string, body: string): FeedEntry {
  const raw = { ...entry }
  if (raw.title === title) delete raw.title
  if (raw.summary === raw.content || raw.summary === body) delete raw.summary
  if (raw.content === body) delete raw.content
  return raw
}
