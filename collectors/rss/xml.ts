// A reader for XML as it is found: it never refuses. Control characters are skipped, a bare `&` stays, undeclared entities are
// HTML's, tags left open close with their parent or the end of the text, closing tags without opening are ignored.
// Names come out lower-case with one prefix per vocabulary, whatever prefix the document chose.
import { decodeEntities, escapeHtml, type OwnEntities } from '../entities.ts'

export interface Element {
  /** `title`, `dc:creator`, `xhtml:body`. */
  name: string
  attributes: Readonly<Record<string, string>>
  children: (Element | string)[]
  /** The nearest `xml:base`, resolved by the caller's function. */
  base: string | undefined
}

const vocabularies: readonly (readonly [RegExp, string])[] = [
  [
    /^https?:\/\/www\.w3\.org\/2005\/atom\/?$|^https?:\/\/purl\.org\/atom\/|^https?:\/\/example\.com\/newformat#/,
    '',
  ],
  [
    /^https?:\/\/purl\.org\/rss\/1\.0\/?$|my\.netscape\.com\/(?:rdf|publish)|channel\.netscape\.com\/rdf|backend\.userland\.com\/rss|blogs\.law\.harvard\.edu\/tech\/rss|purl\.org\/net\/rss/,
    '',
  ],
  [/\/1999\/02\/22-rdf-syntax-ns#?$/, 'rdf'],
  [/purl\.org\/dc\/elements\//, 'dc'],
  [/purl\.org\/dc\/terms\//, 'dcterms'],
  [/purl\.org\/rss\/1\.0\/modules\/content/, 'content'],
  [/\/1999\/xhtml\/?$/, 'xhtml'],
  [/itunes\.com\/dtds\/podcast|example\.com\/dtds\/podcast/, 'itunes'],
  [/search\.yahoo\.com\/mrss/, 'media'],
  [/purl\.org\/rss\/1\.0\/modules\/slash/, 'slash'],
  [/purl\.org\/rss\/1\.0\/modules\/syndication/, 'sy'],
  [/purl\.org\/syndication\/thread/, 'thr'],
  [/xml\/1998\/namespace/, 'xml'],
]
const vocabularyOf = (uri: string, prefix: string) => {
  const known = vocabularies.find(([pattern]) => pattern.test(uri.toLowerCase()))
  return known ? known[1] : prefix
}

interface Scope {
  prefixes: Map<string, string>
  names: Map<string, string>
}

/** `RSS:pubDate` → `pubdate`; prefixes that were never declared stand for themselves. */
function nameIn(scope: Scope, written: string): string {
  const known = scope.names.get(written)
  if (known !== undefined) return known
  const colon = written.indexOf(':')
  const prefix = colon < 0 ? '' : written.slice(0, colon).toLowerCase()
  const local = written.slice(colon + 1).toLowerCase()
  const space =
    scope.prefixes.get(prefix) ?? (['rss', 'atom', 'atom10', 'atom03'].includes(prefix) ? '' : prefix)
  const name = space ? `${space}:${local}` : local
  scope.names.set(written, name)
  return name
}

const noAttributes: Readonly<Record<string, string>> = {}
const maxDepth = 200
/** Eight for each of a hundred thousand items; what comes after is as if the text had been cut there. */
const maxElements = 1_000_000
const maxPrefixes = 100
/** Closing tags that close nothing are looked up among all that are open; after so many they are taken for noise. */
const maxStrays = 10_000
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

interface Opened {
  element: Element
  written: string
  /** The scope around it. */
  scope: Scope
}

/** The root as a nameless element; `resolve` makes the base of an element out of its `xml:base` and its parent's. */
export function readXml(
  source: string,
  resolve: (written: string, base: string | undefined) => string,
  base?: string,
): Element {
  const text = controls.test(source) ? source.replace(new RegExp(controls, 'g'), '') : source
  const root: Element = { name: '', attributes: noAttributes, children: [], base }
  const stack: Opened[] = []
  let current = root
  let scope: Scope = { prefixes: new Map(), names: new Map() }
  let entities: OwnEntities | undefined
  let elements = 0
  let strays = 0
  let isDeclared = false
  let at = 0
  const say = (words: string) => {
    const { children } = current
    const last = children.length - 1
    const before = children[last]
    if (typeof before === 'string') children[last] = before + words
    else children.push(words)
  }
  const close = (depth: number) => {
    const below = stack[depth]
    if (!below) return
    stack.length = depth
    current = stack[depth - 1]?.element ?? root
    scope = below.scope
  }
  while (at < text.length) {
    const open = text.indexOf('<', at)
    if (open !== at) {
      say(decodeEntities(text.slice(at, open < 0 ? undefined : open), entities))
      if (open < 0) break
      at = open
    }
    const next = text.charCodeAt(at + 1)
    if (next === 47 /* / */) {
      const last = stack.at(-1)
      if (
        last &&
        text.startsWith(last.written, at + 2) &&
        text.charCodeAt(at + 2 + last.written.length) === 62
      ) {
        at += last.written.length + 3
        close(stack.length - 1)
        continue
      }
      const end = text.indexOf('>', at)
      const depth =
        strays < maxStrays ? opened(stack, scope, text.slice(at + 2, end < 0 ? undefined : end).trim()) : -1
      if (depth < 0) strays++
      else close(depth)
      if (end < 0) break
      at = end + 1
      continue
    }
    if (next === 33 /* ! */) {
      if (text.startsWith('<![CDATA[', at)) {
        const end = text.indexOf(']]>', at)
        say(text.slice(at + 9, end < 0 ? undefined : end))
        if (end < 0) break
        at = end + 3
        continue
      }
      const isComment = text.startsWith('<!--', at)
      const isDoctype = !isComment && !isDeclared && /^<!doctype/i.test(text.slice(at, at + 9))
      const end = isComment
        ? text.indexOf('-->', at + 4)
        : isDoctype
          ? doctypeEnd(text, at)
          : text.indexOf('>', at)
      if (isDoctype) {
        isDeclared = true
        entities = declaredEntities(text.slice(at, end < 0 ? undefined : end))
      }
      if (end < 0) break
      at = end + (isComment ? 3 : 1)
      continue
    }
    if (next === 63 /* ? */) {
      const end = text.indexOf('>', at)
      if (end < 0) break
      at = end + 1
      continue
    }
    if (elements >= maxElements) break
    const nameEnd = tagNameEnd(text, at + 1)
    if (nameEnd === at + 1) {
      say('<')
      at++
      continue
    }
    const written = text.slice(at + 1, nameEnd)
    let attributes = noAttributes
    let inner = scope
    at = nameEnd
    if (text.charCodeAt(at) !== 62 /* > */) {
      const own: Record<string, string> = {}
      at = readAttributes(text, at, (name, value) => {
        const meant = decodeEntities(value, entities)
        if (name === 'xmlns' || name.startsWith('xmlns:')) {
          // No honest feed has so many vocabularies; every element that names one copies the list.
          if (inner.prefixes.size >= maxPrefixes) return
          const prefix = name.slice(6).toLowerCase()
          if (inner === scope) inner = { prefixes: new Map(scope.prefixes), names: new Map() }
          inner.prefixes.set(prefix, vocabularyOf(meant.trim(), prefix))
        } else {
          own[name.toLowerCase()] = meant
          attributes = own
        }
      })
    }
    // What is left before the end of the tag is noise (a stray quote, the slash of an empty element).
    const end = text.indexOf('>', at)
    const isEmpty = end > 0 && text.charCodeAt(end - 1) === 47
    at = end < 0 ? text.length : end + 1
    const ownBase = attributes === noAttributes ? undefined : attributes['xml:base']
    const element: Element = {
      name: nameIn(inner, written),
      attributes,
      children: [],
      base: ownBase === undefined ? current.base : resolve(ownBase.trim(), current.base),
    }
    elements++
    current.children.push(element)
    if (isEmpty || stack.length >= maxDepth) continue
    stack.push({ element, written, scope })
    current = element
    scope = inner
  }
  return root
}

/** Where the element stands that `</written>` closes: as written, else by its meaning; -1 when none is open. */
function opened(stack: readonly Opened[], scope: Scope, written: string): number {
  const exact = stack.findLastIndex((open) => open.written === written)
  if (exact >= 0) return exact
  const name = nameIn(scope, written)
  return stack.findLastIndex(({ element }) => element.name === name)
}

/** The end of the name that begins at `from`; `from` itself when none does. */
function tagNameEnd(text: string, from: number): number {
  const first = text.charCodeAt(from)
  const isPlain = (first >= 97 && first <= 122) || (first >= 65 && first <= 90) || first === 95
  if (!isPlain && !(first > 127 && /^\p{L}/u.test(text.slice(from, from + 2)))) return from
  let at = from + 1
  while (at < text.length && !endsName(text.charCodeAt(at))) at++
  return at
}

const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x3000
const isQuote = (code: number) => code === 34 || code === 39
/** White space and `> / = < & ! ?` or a quote. */
const endsName = (code: number) =>
  code === 62 ||
  isSpace(code) ||
  code === 47 ||
  isQuote(code) ||
  code === 61 ||
  code === 60 ||
  code === 38 ||
  code === 33 ||
  code === 63

/** Hands over each attribute and gives where the last one ends. */
function readAttributes(text: string, from: number, found: (name: string, value: string) => void): number {
  let at = from
  for (;;) {
    let nameAt = at
    while (isSpace(text.charCodeAt(nameAt))) nameAt++
    let nameEnd = nameAt
    while (nameEnd < text.length && !endsAttribute(text.charCodeAt(nameEnd))) nameEnd++
    if (nameEnd === nameAt) return at
    let valueAt = nameEnd
    while (isSpace(text.charCodeAt(valueAt))) valueAt++
    if (text.charCodeAt(valueAt) !== 61 /* = */) {
      found(text.slice(nameAt, nameEnd), '')
      at = nameEnd
      continue
    }
    valueAt++
    while (isSpace(text.charCodeAt(valueAt))) valueAt++
    const quote = text.charCodeAt(valueAt)
    const close = isQuote(quote) ? text.indexOf(quote === 34 ? '"' : "'", valueAt + 1) : -1
    if (close >= 0) {
      found(text.slice(nameAt, nameEnd), text.slice(valueAt + 1, close))
      at = close + 1
      continue
    }
    let valueEnd = valueAt
    while (valueEnd < text.length && !isSpace(text.charCodeAt(valueEnd)) && text.charCodeAt(valueEnd) !== 62)
      valueEnd++
    found(text.slice(nameAt, nameEnd), text.slice(valueAt, valueEnd))
    at = valueEnd
  }
}

const endsAttribute = (code: number) =>
  isSpace(code) || code === 61 || code === 47 || isQuote(code) || code === 60 || code === 62

/** After the internal subset, whose declarations hold `>` of their own. */
function doctypeEnd(text: string, from: number): number {
  const end = text.indexOf('>', from)
  const bracket = text.slice(from, end < 0 ? undefined : end).indexOf('[')
  if (bracket < 0) return end
  const closed = text.indexOf(']', from + bracket)
  return closed < 0 ? end : text.indexOf('>', closed)
}

/** What a document's own entities may add to it; beyond that its references stay as written. */
const maxExpansion = 1_000_000

/** Entities of the document's own DTD, taken literally: one does not expand another, and all together are bounded. */
function declaredEntities(declaration: string): OwnEntities | undefined {
  if (!declaration.includes('<!ENTITY')) return undefined
  const own = new Map<string, string>()
  for (const [, name = '', double, single] of declaration.matchAll(
    /<!ENTITY\s+([\w.-]+)\s+(?:"([^"]*)"|'([^']*)')\s*>/g,
  )) {
    if (own.size >= 500) break
    own.set(name, decodeEntities((double ?? single ?? '').slice(0, 1_000)))
  }
  let left = maxExpansion
  return {
    get: (name) => {
      const value = own.get(name)
      left -= value?.length ?? 0
      return left < 0 ? undefined : value
    },
  }
}

/** The text inside, as it reads after decoding. */
export function textOf(element: Element): string {
  let text = ''
  for (const child of element.children) text += typeof child === 'string' ? child : textOf(child)
  return text
}

/** The markup inside, written again as HTML. */
export function markupOf(element: Element): string {
  let markup = ''
  for (const child of element.children)
    markup += typeof child === 'string' ? escapeHtml(child) : outerMarkup(child)
  return markup
}

const emptyElements = new Set('br hr img col area source wbr input embed base link meta'.split(' '))

function outerMarkup(element: Element): string {
  const name = element.name.slice(element.name.indexOf(':') + 1)
  let tag = `<${name}`
  for (const [key, value] of Object.entries(element.attributes)) tag += ` ${key}="${escapeHtml(value)}"`
  if (element.children.length === 0 && emptyElements.has(name)) return `${tag}>`
  return `${tag}>${markupOf(element)}</${name}>`
}
