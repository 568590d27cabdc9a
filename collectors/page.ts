// HTML as a tree that answers CSS selectors, built as a browser builds it, because people copy selectors from browsers.
import { type CheerioAPI, load } from 'cheerio'
import { z } from 'zod'
import { CollectError, type Fetched } from './collector.ts'
import { parseDate } from './dates.ts'
import { decode } from './decode.ts'
import { htmlToText } from './html.ts'

export interface OpenPage {
  $: CheerioAPI
  html: string
  /** Relative addresses are seen from here: <base> or the address that answered. */
  base: string
}
export type Found = ReturnType<CheerioAPI>

const maxCharacters = 4_000_000
/** Building the tree of elements nested without end takes the square of their number. */
const maxDepth = 1_000
// Never nested, or closed by their successor.
const flat = new Set(
  'area base br col embed hr img input link meta param source track wbr p li dt dd tr td th option optgroup thead tbody tfoot html head body'.split(
    ' ',
  ),
)

/** @throws CollectError `parse-error` when the page is nested beyond reason */
export function openPage({ bytes, url, headers }: Pick<Fetched, 'bytes' | 'url' | 'headers'>): OpenPage {
  return openHtml(decode(bytes, headers['content-type']).text, url)
}

export function openHtml(whole: string, url: string): OpenPage {
  const html = whole.slice(0, maxCharacters)
  let depth = 0
  for (const [, closing, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9-]*)/gi)) {
    if (flat.has(name.toLowerCase())) continue
    depth = closing ? Math.max(0, depth - 1) : depth + 1
    if (depth > maxDepth) throw new CollectError('parse-error', 'the page is nested too deeply to be read')
  }
  const $ = load(html)
  const base = $('base[href]').first().attr('href')
  return { $, html, base: base && URL.canParse(base, url) ? new URL(base, url).href : url }
}

/** False when it would throw in a browser too. */
export function isSelector(selector: string): boolean {
  try {
    load('<p></p>')(selector)
    return true
  } catch {
    return false
  }
}

export const selectorOption = z.string().trim().max(500).refine(isSelector, 'not a CSS selector')
/** One that may be left out. */
export const optionalSelector = selectorOption.default('')

/** A page's address, absolute; `undefined` for scripts, mails, fragments and what is none. */
export function linkOf(element: Found, base: string): string | undefined {
  const written = element.attr('href')?.trim()
  if (!written || written.startsWith('#') || !URL.canParse(written, base)) return undefined
  const url = new URL(written, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  url.hash = /^#!?\//.test(url.hash) ? url.hash : ''
  return url.href.length <= 2_000 ? url.href : undefined
}

/** The words of the elements, a line per block. */
export const linesOf = ($: CheerioAPI, found: Found): string =>
  found
    .toArray()
    .map((element) => htmlToText($.html(element)))
    .filter((text) => text !== '')
    .join('\n')

/** The words of one element on one line. */
export const wordsOf = ($: CheerioAPI, found: Found): string =>
  linesOf($, found.first()).replace(/\s+/g, ' ').trim()

const datePatterns = [
  /(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:[\sT]*\d{1,2}:\d{2}(?::\d{2})?)?/,
  /(?:昨天|前天|今天)\s*(?:\d{1,2}:\d{2})?|\d{1,4}\s*(?:秒|分钟|小时|天)前|刚刚/,
  /\d{1,2}\s*月\s*\d{1,2}\s*日(?:\s*\d{1,2}:\d{2})?|\d{1,2}[-/]\d{1,2}(?:\s+\d{1,2}:\d{2})?/,
]

/** The first date in a few words such as «[03-05]» or «发布时间：2026-03-05 09:00». */
export function dateIn(words: string, now: Date): string | undefined {
  const text = words.normalize('NFKC').slice(0, 300).trim()
  // Bureau sites often draw a calendar sheet: the day large, year and month below it.
  const sheet = /^(\d{1,2})\s+((?:19|20)\d\d)[-/.年](\d{1,2})月?$/.exec(text)
  if (sheet) return parseDate(`${sheet[2]}-${sheet[3]}-${sheet[1]}`, { now })
  const whole = parseDate(text, { now })
  if (whole) return whole
  for (const pattern of datePatterns) {
    const found = parseDate(pattern.exec(text)?.[0], { now })
    if (found) return found
  }
  return undefined
}
