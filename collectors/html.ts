// HTML fragments as feeds carry them: made harmless, made absolute, made text. Works on tags in one pass and builds no tree:
// what comes out is either a tag without attributes from the allow-list, as found, or was written by `cleanAttributes` below,
// so nothing unknown can pass, however broken the input.
import { decodeEntities, escapeHtml, mendReferences } from './entities.ts'

const allowed =
  'a abbr acronym address area article aside audio b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li map mark math menu mfrac mi mn mo mrow ms msqrt msub msup mtext nav ol p picture pre q rp rt ruby s samp section small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var video wbr'
/** Drawings that stand in a text: shapes alone, nothing that refers, moves or holds foreign content. */
const drawing = 'svg g path rect circle ellipse line polyline polygon text tspan'
const empty = 'area br col hr img source wbr'
/** Dropped with everything inside. */
const silent = 'script style applet template noembed noframes'
const blocks =
  'address article aside blockquote br center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr ul'

interface Tag {
  name: string
  isAllowed: boolean
  isEmpty: boolean
  isBlock: boolean
  /** Finds the end of an element that is dropped whole. */
  silentUntil: RegExp | undefined
}
const unknownTag: Tag = { name: '', isAllowed: false, isEmpty: false, isBlock: false, silentUntil: undefined }
const tags = new Map<string, Tag>()
const listed = (names: string, change: (tag: Tag) => void) => {
  for (const name of names.split(' ')) {
    const tag = tags.get(name) ?? { ...unknownTag, name }
    change(tag)
    tags.set(name, tag)
  }
}
listed(`${allowed} ${drawing}`, (tag) => {
  tag.isAllowed = true
})
listed(empty, (tag) => {
  tag.isEmpty = true
})
listed(blocks, (tag) => {
  tag.isBlock = true
})
listed(silent, (tag) => {
  tag.silentUntil = new RegExp(`</${tag.name}\\b[^>]*>?`, 'gi')
})
const longestName = 10

type AttributeKind = 'plain' | 'address'
const attributes = new Map<string, AttributeKind>()
const plainAttributes =
  'abbr align alt axis border cellpadding cellspacing char cols colspan compact coords datetime dir headers height hreflang hspace ismap label lang nohref noshade nowrap rel rev rows rowspan rules scope shape size span start summary title type usemap valign vspace width cx cy d fill points r rx ry stroke stroke-width transform viewbox x x1 x2 y y1 y2'
for (const name of plainAttributes.split(' ')) attributes.set(name, 'plain')
for (const name of ['href', 'src', 'cite', 'longdesc', 'poster', 'background'])
  attributes.set(name, 'address')

/** A quote that does not end within so many characters was no quote. */
const longestQuoted = 20_000
/** Deeper tags are left out, their text stays: a closing tag looks through all that are open. */
const maxDepth = 200

interface Sink {
  /** Characters between tags; references stand in them as written. */
  text(from: number, to: number): void
  /** Instead of `from`–`to`: `html`. */
  instead(from: number, to: number, html: string): void
  /** `<` stands at `from`, the attributes between `attributesAt` and `attributesEnd`, the tag ends before `to`. */
  tag(tag: Tag, closing: boolean, from: number, attributesAt: number, attributesEnd: number, to: number): void
}

function walk(html: string, sink: Sink): void {
  const end = html.length
  let at = 0
  while (at < end) {
    const open = html.indexOf('<', at)
    if (open !== at) sink.text(at, open < 0 ? end : open)
    if (open < 0) return
    const next = html.charCodeAt(open + 1)
    if (next === 33 /* ! */ || next === 63 /* ? */) {
      at = declaration(html, open, sink)
      continue
    }
    const closing = next === 47 /* / */
    const nameAt = closing ? open + 2 : open + 1
    if (!isLetter(html.charCodeAt(nameAt))) {
      sink.instead(open, open + 1, '&lt;')
      at = open + 1
      continue
    }
    let nameEnd = nameAt + 1
    while (nameEnd < end && !endsName(html.charCodeAt(nameEnd))) nameEnd++
    const tag = nameEnd - nameAt > longestName ? unknownTag : tagOf(html.slice(nameAt, nameEnd))
    const attributesEnd = tagEnd(html, nameEnd)
    at = html.charCodeAt(attributesEnd) === 62 /* > */ ? attributesEnd + 1 : attributesEnd
    if (tag.silentUntil) {
      const from = open
      if (!closing) {
        tag.silentUntil.lastIndex = at
        at = tag.silentUntil.exec(html) ? tag.silentUntil.lastIndex : end
      }
      sink.instead(from, at, '')
      continue
    }
    sink.tag(tag, closing, open, nameEnd, attributesEnd, at)
  }
}

/** Comments and processing instructions away, CDATA as text; gives where to go on. */
function declaration(html: string, open: number, sink: Sink): number {
  if (!/[a-z[-]/i.test(html[open + 2] ?? '')) {
    sink.instead(open, open + 1, '&lt;')
    return open + 1
  }
  const cdata = html.startsWith('<![CDATA[', open)
  const mark = html.startsWith('<!--', open) ? '-->' : cdata ? ']]>' : '>'
  const close = html.indexOf(mark, open + 2)
  const after = close < 0 ? html.length : close + mark.length
  const shown = cdata
    ? html.slice(open + 9, close < 0 ? undefined : close)
    : close < 0 && mark === '>'
      ? html.slice(open)
      : ''
  sink.instead(open, after, escapeHtml(shown))
  return after
}

const isLetter = (code: number) => (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
/** White space, `/`, `>`, quotes, `=`, `<`. */
const endsName = (code: number) =>
  code <= 32 ||
  code === 62 ||
  code === 47 ||
  code === 34 ||
  code === 39 ||
  code === 61 ||
  code === 60 ||
  code === 0xa0 ||
  code === 0x3000

function tagOf(written: string): Tag {
  return tags.get(written) ?? tags.get(written.toLowerCase()) ?? unknownTag
}

/** Where `>` stands, or what ends the tag without it: the next `<`, a quote that never closes, the end. */
function tagEnd(html: string, from: number): number {
  let at = from
  for (; at < html.length; at++) {
    const code = html.charCodeAt(at)
    if (code === 62 /* > */ || code === 60 /* < */) return at
    if (code !== 34 && code !== 39) continue
    const close = html.indexOf(code === 34 ? '"' : "'", at + 1)
    if (close < 0 || close - at > longestQuoted) return at
    at = close
  }
  return at
}

// What an address of the usual kind is made of; anything else is looked at more closely.
const usual = /^https?:\/\/[!#-%'-;=?-~]+$/

/** Absolute when there is a base; `undefined` for what must not be followed. */
export function safeAddress(written: string, base: string | undefined, image = false): string | undefined {
  if (usual.test(written)) return written
  const address = decodeEntities(written)
    .replace(/[\u0000-\u0020\u007f-\u00a0\u200b]+/g, (gap, at: number) =>
      at === 0 ? '' : gap.replace(/[^ ]/g, ''),
    )
    .trim()
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address.replace(/\s/g, ''))?.[1]?.toLowerCase()
  if (scheme === 'data')
    return image && /^data:image\/(?:png|gif|jpe?g|webp|avif);base64,/i.test(address) ? address : undefined
  if (scheme && !/^(?:https?|ftp|mailto|tel|sip|irc|magnet|news|urn|tag)$/.test(scheme)) return undefined
  return resolved(address, base)
}

// The addresses of one feed are seen from one place: its last answer is kept.
let lastBase = ''
let lastOrigin: string | undefined
function originOf(base: string): string | undefined {
  if (base !== lastBase) {
    lastOrigin = /^https?:\/\//i.test(base) && URL.canParse(base) ? new URL(base).origin : undefined
    lastBase = base
  }
  return lastOrigin
}

/** `written` as seen from `base`; unchanged when it cannot be resolved. Letters beyond ASCII stay letters, as in the source. */
export function resolved(written: string, base: string | undefined): string {
  if (!base || /^[a-z][a-z0-9+.-]*:(?!\/(?!\/))/i.test(written)) return written
  if (/^\/(?!\/)(?:[\w\-~!$&()*+,;=:@%?]|\.(?!\.?(?:\/|$))|\/(?!\/))*$/.test(written)) {
    const origin = originOf(base)
    if (origin !== undefined) return origin + written
  }
  if (!URL.canParse(written, base)) return written
  const { href } = new URL(written, base)
  if (!/[^\u0000-\u007f]/.test(written)) return href
  return href.replace(/(?:%[89A-F][0-9A-F])+/g, (codes) => {
    const letters = Buffer.from(codes.replaceAll('%', ''), 'hex').toString()
    return written.includes(letters) ? letters : codes
  })
}

export function sanitiseHtml(html: string, base?: string): string {
  if (!html.includes('<')) return mendReferences(html)
  const open: string[] = []
  // What stays as it was found is copied in one piece: from `kept` on nothing was changed yet.
  let out = ''
  let kept = 0
  const write = (from: number, to: number, markup: string) => {
    out += html.slice(kept, from) + markup
    kept = to
  }
  walk(html, {
    text: () => undefined,
    instead: write,
    tag: (tag, closing, from, attributesAt, attributesEnd, to) => {
      const { name } = tag
      const isAsFound =
        attributesAt === attributesEnd &&
        to > attributesEnd &&
        html.startsWith(name, closing ? from + 2 : from + 1)
      if (!tag.isAllowed) return write(from, to, '')
      if (!closing) {
        if (open.length >= maxDepth) return write(from, to, '')
        if (!isAsFound)
          write(from, to, `<${name}${cleanAttributes(name, html, attributesAt, attributesEnd, base)}>`)
        if (!tag.isEmpty) open.push(name)
        return
      }
      if (isAsFound && open.at(-1) === name) {
        open.pop()
        return
      }
      const at = open.lastIndexOf(name)
      if (at < 0) return write(from, to, '')
      let closed = ''
      for (const unclosed of open.splice(at).reverse()) closed += `</${unclosed}>`
      write(from, to, closed)
    },
  })
  let rest = html.slice(kept)
  for (const unclosed of open.reverse()) rest += `</${unclosed}>`
  return mendReferences((out + rest).trim())
}

function cleanAttributes(
  element: string,
  html: string,
  from: number,
  to: number,
  base: string | undefined,
): string {
  let clean = ''
  let at = from
  while (at < to) {
    while (at < to && isBetween(html.charCodeAt(at))) at++
    const nameAt = at
    while (at < to && !isBetween(html.charCodeAt(at))) at++
    const nameEnd = at
    while (at < to && isSpace(html.charCodeAt(at))) at++
    let value = ''
    if (html.charCodeAt(at) === 61 /* = */ && at < to) {
      at++
      while (at < to && isSpace(html.charCodeAt(at))) at++
      const quote = html.charCodeAt(at)
      if ((quote === 34 || quote === 39) && at < to) {
        const close = html.indexOf(quote === 34 ? '"' : "'", at + 1)
        const valueEnd = close < 0 || close > to ? to : close
        value = html.slice(at + 1, valueEnd)
        at = valueEnd + 1
      } else {
        const valueAt = at
        while (at < to && !isSpace(html.charCodeAt(at))) at++
        value = html.slice(valueAt, at)
      }
    }
    if (nameEnd === nameAt || nameEnd - nameAt > 20) continue
    const name = html.slice(nameAt, nameEnd).toLowerCase()
    const kind = attributes.get(name)
    if (kind === 'address') {
      const address = safeAddress(value, base, element === 'img')
      if (address !== undefined) clean += ` ${name}="${escapeHtml(address)}"`
    } else if (kind === 'plain' && !/url\s*\(/i.test(value)) {
      clean += ` ${name}="${escapeHtml(decodeEntities(value))}"`
    }
  }
  return clean
}

const isSpace = (code: number) => code <= 32 || code === 0xa0 || code === 0x3000
/** What stands between attributes: white space, `=`, `/`, stray quotes and brackets. */
const isBetween = (code: number) =>
  isSpace(code) || code === 61 || code === 47 || code === 34 || code === 39 || code === 60 || code === 62

/** Text with a line per block; no tag, no reference, no script left. */
export function htmlToText(html: string): string {
  if (!html.includes('<') && !html.includes('&')) return tidy(html)
  const isOdd = hasOddSpaces(html)
  let out = ''
  let gap: '' | ' ' | '\n' = ''
  const say = (written: string) => {
    const isEscaped = written.includes('&')
    const words = isEscaped ? decodeEntities(written) : written
    const isSpaced = isEscaped || isOdd || words.includes(' ') || words.includes('\n')
    const text = isSpaced ? words.replace(/\s+/g, ' ') : words
    const from = isSpaced && text.startsWith(' ') ? 1 : 0
    const to = isSpaced && text.endsWith(' ') ? text.length - 1 : text.length
    if (from > 0 && gap === '') gap = ' '
    if (to > from) {
      out += (out === '' ? '' : gap) + text.slice(from, to)
      gap = ''
    }
    if (to < text.length && gap === '') gap = ' '
  }
  walk(html, {
    text: (from, to) => say(html.slice(from, to)),
    instead: (_, __, markup) => {
      if (markup !== '') say(markup)
    },
    tag: (tag) => {
      if (tag.isBlock) gap = '\n'
    },
  })
  return out
}

// Asking a text for a character is far quicker than looking at each of its letters, and most texts have none of these.
const oddSpaces = [
  '\u3000',
  '\u00a0',
  '\t',
  '\r',
  '\f',
  '\v',
  '\ufeff',
  '\u2002',
  '\u2003',
  '\u2009',
  '\u2028',
]
const hasOddSpaces = (text: string) => oddSpaces.some((space) => text.includes(space))

function tidy(text: string): string {
  const isOdd = hasOddSpaces(text)
  const even = isOdd || text.includes('  ') ? text.replace(/[^\S\n]+/g, ' ') : text
  return (even.includes('\n') ? even.replace(/ ?\n[ \n]*/g, '\n') : even).trim()
}
