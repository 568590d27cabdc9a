// HTML → a tree to be judged, never to be shown. Built here and not by a library because pages are hostile: nested to the
// full 4 MB, parse5 and htmlparser2 (so linkedom and cheerio too) take time by the square of the depth, minutes for one page.
// One pass, bounded depth and count; the repairs of the HTML standard that change which text stands in which block are made
// (implied end tags, a stray closing tag, crossed inline tags), those that only change its look are not.
import { decodeEntities } from '../entities.ts'

export interface Element {
  readonly tag: string
  /** As written between name and `>`; read with `attribute`. */
  readonly written: string
  readonly children: (Element | string)[]
  readonly depth: number
}

/** What is deeper stays empty and leaves its text to its parent: readers of the tree recurse, closing tags look through all that are open. */
const maxDepth = 250
/** Further tags only end a line. The largest encyclopaedia pages have 40,000 elements. */
const maxElements = 100_000

const empty = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '))
/** Their content is text to the parser; all but the title's is left out. */
const raw = new Set(
  'script style title textarea noscript iframe template noembed noframes xmp svg math canvas object'.split(
    ' ',
  ),
)
const ignored = new Set(['html', 'head', 'body'])

/** Elements that begin a line. */
export const blocks = new Set(
  'address article aside blockquote br caption center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
)
const structural = new Set([...blocks, 'body', 'button', 'select'])

const closesParagraph = new Set(
  'address article aside blockquote center details dir div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre section table ul'.split(
    ' ',
  ),
)
// What a start tag ends, and where the look for it stops.
const cells = ['td', 'th', 'caption']
const implied: Readonly<Record<string, { ends: readonly string[]; within: readonly string[] }>> = {
  li: { ends: ['li'], within: ['ul', 'ol', 'menu', ...cells] },
  dt: { ends: ['dt', 'dd'], within: ['dl', ...cells] },
  dd: { ends: ['dt', 'dd'], within: ['dl', ...cells] },
  tr: { ends: ['tr'], within: ['table'] },
  td: { ends: ['td', 'th'], within: ['tr', 'table'] },
  th: { ends: ['td', 'th'], within: ['tr', 'table'] },
  tbody: { ends: ['tbody', 'thead', 'tfoot'], within: ['table'] },
  tfoot: { ends: ['tbody', 'thead'], within: ['table'] },
  option: { ends: ['option'], within: ['select'] },
}
const cellParts = new Set(['td', 'th', 'tr', 'tbody', 'thead', 'tfoot', 'caption', 'table'])

/** Scripts, styles, frames and drawings are not in the tree; `html`, `head` and `body` are one root. */
export function parseTree(html: string): Element {
  const root: Element = { tag: 'html', written: '', children: [], depth: 0 }
  const open: Element[] = [root]
  /** How many of each tag are open: most looks for one to end need no walk. */
  const opened = new Map<string, number>()
  const unclosed = new Set<string>()
  let elements = 0
  let at = 0

  const top = () => open.at(-1) ?? root
  const addText = (from: number, to: number) => {
    if (to > from) top().children.push(decodeEntities(html.slice(from, to)))
  }
  const count = (tag: string, by: number) => opened.set(tag, (opened.get(tag) ?? 0) + by)
  const isOpen = (tag: string) => (opened.get(tag) ?? 0) > 0
  /** Ends the nearest of `names` with all inside it, unless one of `within` stands before it. */
  const endNearest = (names: readonly string[], within: readonly string[]) => {
    if (!names.some(isOpen)) return
    for (let depth = open.length - 1; depth > 0; depth--) {
      const tag = open[depth]?.tag ?? ''
      if (names.includes(tag)) {
        for (const ended of open.splice(depth)) count(ended.tag, -1)
        return
      }
      if (within.includes(tag)) return
    }
  }

  while (at < html.length) {
    const start = html.indexOf('<', at)
    if (start < 0) {
      addText(at, html.length)
      break
    }
    addText(at, start)
    const next = html.charCodeAt(start + 1)
    if (next === 33 || next === 63) {
      // <! or <?
      const comment = html.startsWith('<!--', start)
      const end = html.indexOf(comment ? '-->' : '>', start + 2)
      if (end < 0) break
      at = end + (comment ? 3 : 1)
      continue
    }
    const closing = next === 47
    const nameAt = start + (closing ? 2 : 1)
    if (!isLetter(html.charCodeAt(nameAt))) {
      addText(start, start + 1)
      at = start + 1
      continue
    }
    let nameEnd = nameAt
    while (nameEnd < html.length && !endsName(html.charCodeAt(nameEnd))) nameEnd++
    const tag = html.slice(nameAt, Math.min(nameEnd, nameAt + 40)).toLowerCase()
    const end = tagEnd(html, nameEnd)
    if (end < 0) break
    at = end + 1
    if (ignored.has(tag)) continue
    if (closing) close(tag)
    else begin(tag, html.slice(nameEnd, end))
  }
  return root

  function begin(tag: string, written: string) {
    if (raw.has(tag)) {
      const from = at
      const to = unclosed.has(tag) ? -1 : closingTag(html, tag, from)
      if (to < 0) {
        // No end anywhere: scripts run to the end of the page in every browser, the others are passed over.
        unclosed.add(tag)
        if (tag === 'script' || tag === 'style') at = html.length
        return
      }
      at = tagEnd(html, to + 2) + 1 || html.length
      if (tag === 'title' && top() === root)
        root.children.push({ tag, written, children: [decodeEntities(html.slice(from, to))], depth: 1 })
      return
    }
    if (closesParagraph.has(tag)) endNearest(['p'], [...cells, 'button', 'object', 'table'])
    const rule = implied[tag]
    if (rule) endNearest(rule.ends, rule.within)
    else if (tag === 'a') unnest('a')
    if (++elements > maxElements) {
      if (blocks.has(tag)) top().children.push('\n')
      return
    }
    const parent = top()
    const element: Element = { tag, written, children: [], depth: parent.depth + 1 }
    parent.children.push(element)
    if (empty.has(tag) || element.depth >= maxDepth) return
    open.push(element)
    count(tag, 1)
  }

  function close(tag: string) {
    if (tag === 'br') return begin('br', '')
    if (empty.has(tag)) return
    if (cellParts.has(tag)) return endNearest([tag], tag === 'table' ? [] : ['table'])
    if (structural.has(tag)) return endNearest([tag], cells)
    unnest(tag)
  }

  /** Ends an inline element and leaves the blocks open that were begun in it: <a><div></a>…</div>. */
  function unnest(tag: string) {
    if (!isOpen(tag)) return
    for (let depth = open.length - 1; depth > 0; depth--) {
      const seen = open[depth]?.tag ?? ''
      if (seen === tag) {
        open.splice(depth, 1)
        count(tag, -1)
        return
      }
      if (cells.includes(seen)) return
    }
  }
}

const isLetter = (code: number) => (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13)
const endsName = (code: number) => isSpace(code) || code === 47 || code === 62 || code === 60

/** Where the tag's `>` stands; quotes count only where a value begins, as in every browser. */
function tagEnd(html: string, from: number): number {
  for (let at = from; at < html.length; at++) {
    const code = html.charCodeAt(at)
    if (code === 62) return at
    if (code !== 61) continue
    while (isSpace(html.charCodeAt(at + 1))) at++
    const quote = html.charCodeAt(at + 1)
    if (quote !== 34 && quote !== 39) continue
    const close = html.indexOf(quote === 34 ? '"' : "'", at + 2)
    if (close < 0) return -1
    at = close
  }
  return -1
}

const closings = new Map([...raw].map((tag) => [tag, new RegExp(`</${tag}(?=[\\s/>])`, 'gi')]))

function closingTag(html: string, tag: string, from: number): number {
  const pattern = closings.get(tag)
  if (!pattern) return -1
  pattern.lastIndex = from
  return pattern.exec(html)?.index ?? -1
}

const pair = /([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g

/** The value of an attribute, decoded; '' when it stands without one. */
export function attribute(element: Element, name: string): string | undefined {
  if (!element.written.toLowerCase().includes(name)) return undefined
  for (const found of element.written.matchAll(pair)) {
    if (found[1]?.toLowerCase() === name) return decodeEntities(found[2] ?? found[3] ?? found[4] ?? '').trim()
  }
  return undefined
}

/** What an element says, when it is a few words; '' when it is more. */
export function shortText(element: Element): string {
  let text = ''
  const walk = ({ children }: Element) => {
    for (const child of children) {
      if (text.length > 80) return
      if (typeof child === 'string') text += child
      else walk(child)
    }
  }
  walk(element)
  const tidy = text.replace(/\s+/g, ' ').trim()
  return tidy.length > 40 ? '' : tidy
}
