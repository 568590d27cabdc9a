// A reader for XML as it is found: it never refuses. Control characters are skipped, a bare `&` stays, undeclared entities are
// HTML's, tags left open close with their parent or the end of the text, closing tags without opening are ignored.
// Names come out lower-case with one prefix per vocabulary, whatever prefix the document chose.
import { decodeEntities, escapeHtml } from '../entities.ts'

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
const startTag = /<([^\s/>"'=<&!?]+)/y
const attributePart = /\s*([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?/y
const maxDepth = 200
const maxPrefixes = 100

/** The root as a nameless element; `resolve` makes the base of an element out of its `xml:base` and its parent's. */
export function readXml(
  source: string,
  resolve: (written: string, base: string | undefined) => string,
  base?: string,
): Element {
  const text = source.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
  const root: Element = { name: '', attributes: noAttributes, children: [], base }
  const stack: { element: Element; written: string; scope: Scope }[] = []
  let current = root
  let scope: Scope = { prefixes: new Map(), names: new Map() }
  let entities: Map<string, string> | undefined
  let at = 0
  const say = (words: string) => {
    const last = current.children.length - 1
    const before = current.children[last]
    if (typeof before === 'string') current.children[last] = before + words
    else current.children.push(words)
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
      const end = text.indexOf('>', at)
      const written = text.slice(at + 2, end < 0 ? undefined : end).trim()
      let depth = stack.length - 1
      while (depth >= 0 && stack[depth]?.written !== written) depth--
      if (depth < 0) {
        const name = nameIn(scope, written)
        depth = stack.length - 1
        while (depth >= 0 && stack[depth]?.element.name !== name) depth--
      }
      if (depth >= 0) close(depth)
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
      const end = isComment ? text.indexOf('-->', at + 4) : declarationEnd(text, at)
      if (!isComment) entities = declaredEntities(text.slice(at, end < 0 ? undefined : end)) ?? entities
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
    startTag.lastIndex = at
    const written = startTag.exec(text)?.[1]
    if (written === undefined || !/^[\p{L}_]/u.test(written)) {
      say('<')
      at++
      continue
    }
    at = startTag.lastIndex
    let attributes = noAttributes
    let inner = scope
    for (;;) {
      attributePart.lastIndex = at
      const found = attributePart.exec(text)
      if (!found) break
      at = attributePart.lastIndex
      const name = found[1] ?? ''
      const value = decodeEntities(found[2] ?? found[3] ?? found[4] ?? '', entities)
      if (name === 'xmlns' || name.startsWith('xmlns:')) {
        // No honest feed has so many vocabularies; every element that names one copies the list.
        if (inner.prefixes.size >= maxPrefixes) continue
        const prefix = name.slice(6).toLowerCase()
        if (inner === scope) inner = { prefixes: new Map(scope.prefixes), names: new Map() }
        inner.prefixes.set(prefix, vocabularyOf(value.trim(), prefix))
      } else {
        attributes = attributes === noAttributes ? {} : attributes
        ;(attributes as Record<string, string>)[name.toLowerCase()] = value
      }
    }
    // What is left before the end of the tag is noise (a stray quote, the slash of an empty element).
    const end = text.indexOf('>', at)
    const empty = end > 0 && text[end - 1] === '/'
    at = end < 0 ? text.length : end + 1
    const ownBase = attributes['xml:base']
    const element: Element = {
      name: nameIn(inner, written),
      attributes,
      children: [],
      base: ownBase === undefined ? current.base : resolve(ownBase.trim(), current.base),
    }
    current.children.push(element)
    if (empty || stack.length >= maxDepth) continue
    stack.push({ element, written, scope })
    current = element
    scope = inner
  }
  return root
}

function declarationEnd(text: string, from: number): number {
  const bracket = text.indexOf('[', from)
  const end = text.indexOf('>', from)
  if (bracket < 0 || bracket > end) return end
  const closed = text.indexOf(']', bracket)
  return closed < 0 ? end : text.indexOf('>', closed)
}

/** Entities of the document's own DTD, taken literally: one does not expand another, so none can explode. */
function declaredEntities(declaration: string): Map<string, string> | undefined {
  if (!declaration.includes('<!ENTITY')) return undefined
  const own = new Map<string, string>()
  for (const [, name = '', , value = ''] of declaration.matchAll(
    /<!ENTITY\s+([\w.-]+)\s+(["'])(.*?)\2\s*>/gs,
  )) {
    if (own.size < 500) own.set(name, decodeEntities(value.slice(0, 1_000)))
  }
  return own
}

/** The text inside, as it reads after decoding. */
export function textOf(element: Element): string {
  if (element.children.length === 1) {
    const [only] = element.children
    if (typeof only === 'string') return only
  }
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('')
}

/** The markup inside, written again as HTML. */
export function markupOf(element: Element): string {
  return element.children
    .map((child) => (typeof child === 'string' ? escapeHtml(child) : outerMarkup(child)))
    .join('')
}

function outerMarkup(element: Element): string {
  const name = element.name.replace(/^.*:/, '')
  const attributes = Object.entries(element.attributes)
    .map(([key, value]) => ` ${key}="${escapeHtml(value)}"`)
    .join('')
  if (
    element.children.length === 0 &&
    /^(?:br|hr|img|col|area|source|wbr|input|embed|base|link|meta)$/.test(name)
  ) {
    return `<${name}${attributes}>`
  }
  return `<${name}${attributes}>${markupOf(element)}</${name}>`
}
