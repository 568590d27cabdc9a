// HTML fragments as feeds carry them: made harmless, made absolute, made text. Works on tags in one pass and builds no tree:
// whatever comes out was written by `open` below from an allow-list, so nothing unknown can pass, however broken the input.
import { decodeEntities, escapeHtml } from './entities.ts'

const allowed = new Set(
  'a abbr acronym address area article aside audio b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li map mark math menu mfrac mi mn mo mrow ms msqrt msub msup mtext nav ol p picture pre q rp rt ruby s samp section small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var video wbr'.split(
    ' ',
  ),
)
const empty = new Set('area br col hr img source wbr'.split(' '))
/** Dropped with everything inside. */
const silent = new Set(['script', 'style', 'applet', 'template', 'noembed', 'noframes'])
const plainAttributes = new Set(
  'abbr align alt axis border cellpadding cellspacing char cols colspan compact coords datetime dir headers height hreflang hspace ismap label lang nohref noshade nowrap rel rev rows rowspan rules scope shape size span start summary title type usemap valign vspace width'.split(
    ' ',
  ),
)
const addressAttributes = new Set(['href', 'src', 'cite', 'longdesc', 'poster', 'background'])
const blocks =
  /^(?:address|article|aside|blockquote|br|center|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul)$/

// Quoted values are bounded so that a page of unclosed quotes costs no more than its length times that bound.
const tag = /<(\/?)([a-zA-Z][^\s/>"'=<]*)((?:"[^"]{0,20000}"|'[^']{0,20000}'|[^>"'<])*)>?/y
const attribute = /([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g

/** Deeper tags are left out, their text stays: a closing tag looks through all that are open. */
const maxDepth = 200

interface Sink {
  text(source: string): void
  tag(name: string, closing: boolean, attributes: string): void
}

function walk(html: string, sink: Sink) {
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    if (open < 0) return sink.text(html.slice(at))
    if (open > at) sink.text(html.slice(at, open))
    const next = html[open + 1] ?? ''
    if (next === '!' || next === '?') {
      if (!/[a-z[-]/i.test(html[open + 2] ?? '')) {
        sink.text('&lt;')
        at = open + 1
        continue
      }
      const cdata = html.startsWith('<![CDATA[', open)
      const end = html.startsWith('<!--', open) ? '-->' : cdata ? ']]>' : '>'
      const close = html.indexOf(end, open + 2)
      if (cdata) sink.text(escapeHtml(html.slice(open + 9, close < 0 ? undefined : close)))
      if (close < 0 && end === '>') sink.text(escapeHtml(html.slice(open)))
      if (close < 0) return
      at = close + end.length
      continue
    }
    tag.lastIndex = open
    const found = tag.exec(html)
    if (!found) {
      sink.text('&lt;')
      at = open + 1
      continue
    }
    const name = (found[2] ?? '').toLowerCase()
    at = tag.lastIndex
    if (silent.has(name)) {
      if (found[1]) continue
      const close = new RegExp(`</${name}\\b[^>]*>?`, 'gi')
      close.lastIndex = at
      if (!close.exec(html)) return
      at = close.lastIndex
      continue
    }
    sink.tag(name, found[1] === '/', found[3] ?? '')
  }
}

/** Absolute when there is a base; `undefined` for what must not be followed. */
export function safeAddress(written: string, base: string | undefined, image = false): string | undefined {
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

/** `written` as seen from `base`; unchanged when it cannot be resolved. */
export function resolved(written: string, base: string | undefined): string {
  if (!base || /^[a-z][a-z0-9+.-]*:(?!\/(?!\/))/i.test(written)) return written
  return URL.canParse(written, base) ? new URL(written, base).href : written
}

export function sanitiseHtml(html: string, base?: string): string {
  if (!html.includes('<')) return html
  const out: string[] = []
  const open: string[] = []
  walk(html, {
    text: (source) => void out.push(source.replace(/</g, '&lt;')),
    tag: (name, closing, attributes) => {
      if (!allowed.has(name)) return
      if (!closing) {
        if (open.length >= maxDepth) return
        out.push(`<${name}${cleanAttributes(name, attributes, base)}>`)
        if (!empty.has(name)) open.push(name)
        return
      }
      const at = open.lastIndexOf(name)
      if (at < 0) return
      for (const unclosed of open.splice(at).reverse()) out.push(`</${unclosed}>`)
    },
  })
  for (const unclosed of open.reverse()) out.push(`</${unclosed}>`)
  return out.join('').trim()
}

function cleanAttributes(element: string, source: string, base: string | undefined): string {
  let clean = ''
  for (const found of source.matchAll(attribute)) {
    const name = (found[1] ?? '').toLowerCase()
    const value = found[2] ?? found[3] ?? found[4] ?? ''
    if (addressAttributes.has(name)) {
      const address = safeAddress(value, base, element === 'img')
      if (address !== undefined) clean += ` ${name}="${escapeHtml(address)}"`
    } else if (plainAttributes.has(name)) {
      clean += ` ${name}="${escapeHtml(decodeEntities(value))}"`
    }
  }
  return clean
}

/** Text with a line per block; no tag, no reference, no script left. */
export function htmlToText(html: string): string {
  if (!/[<&]/.test(html)) return tidy(html)
  const out: string[] = []
  walk(html, {
    text: (source) => void out.push(decodeEntities(source).replace(/\s+/g, ' ')),
    tag: (name) => {
      if (blocks.test(name)) out.push('\n')
      else if (name === 'img') return
    },
  })
  return tidy(out.join(''))
}

function tidy(text: string): string {
  return text
    .replace(/[ \t\u00a0\u3000\r]+/g, ' ')
    .replace(/ ?\n[ \n]*/g, '\n')
    .trim()
}
