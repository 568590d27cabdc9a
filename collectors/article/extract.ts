import { decode } from '../decode.ts'
import { htmlToText } from '../html.ts'
import { bodyOf } from './body.ts'
import { authorOf, dateOf, keywordsOf, saidOf, siteNameOf, sourceOf, titleOf } from './head.ts'
import { readLines } from './lines.ts'
import { nextPageOf } from './next-page.ts'
import { isThread, threadOf } from './thread.ts'
import { parseTree } from './tree.ts'

export interface Article {
  /** Without the site's name. */
  title?: string
  /** Who signs it; several names as the page writes them. */
  author?: string
  /** ISO 8601, UTC; a day without hour is its midnight in Shanghai. */
  publishedAt?: string
  /** A line per block; '' when the page has no text of its own. */
  text: string
  siteName?: string
  /** The outlet it is taken from («来源»). */
  source?: string
  keywords?: string[]
  /** Where the text goes on, on the same host. The caller decides how far to follow. */
  nextPage?: string
}

interface Page {
  /** Where the page was found: tells threads from articles and resolves `nextPage`. */
  url: string
  contentType?: string
  /** For dates such as «昨天 14:05»; later dates are not believed. */
  now: Date
}

const maxCharacters = 4_000_000

/**
 * What an article, thread or notice says, from the bytes of its page: title, byline, time, text without menus, related lists,
 * comments (in threads the replies are text) and the site's own lines. Reads the first 4 million characters, in time by their
 * number however they are nested; runs nothing, loads nothing, never throws.
 */
export function extractArticle(bytes: Uint8Array, { url, contentType, now }: Page): Article {
  const html = decode(bytes, contentType).text.slice(0, maxCharacters)
  const reading = readLines(parseTree(html))
  const said = saidOf(reading, html)
  const title = titleOf(reading, said)
  const body = isThread(reading, said, url) ? threadOf(reading) : bodyOf(reading, title)
  const around = { from: body.from, to: body.to, title }
  const author = authorOf(reading, said, around)
  const publishedAt = dateOf(reading, said, around, html, now)
  const siteName = siteNameOf(reading, said, title)
  const source = sourceOf(reading, said, around)
  const keywords = keywordsOf(said)
  const nextPage = nextPageOf(reading, html, url, body)
  return {
    text: withoutByline(textOf(body.text, said.linked.text), author),
    ...(title ? { title } : {}),
    ...(author ? { author } : {}),
    ...(publishedAt ? { publishedAt } : {}),
    ...(siteName ? { siteName } : {}),
    ...(source ? { source } : {}),
    ...(keywords.length > 0 ? { keywords } : {}),
    ...(nextPage ? { nextPage } : {}),
  }
}

/** What the page says for machines stands in for a text that only its scripts would draw. */
function textOf(drawn: string, told: string | undefined): string {
  if (!told || drawn.length >= 120) return drawn
  const plain = htmlToText(told)
  return plain.length > drawn.length * 2 ? plain : drawn
}

/** The author's name alone in the first line is no text. */
function withoutByline(text: string, author: string | undefined): string {
  const end = text.indexOf('\n')
  const first = text.slice(0, end).replace(/^by\s+/i, '')
  return author && end > 0 && first === author ? text.slice(end + 1) : text
}
