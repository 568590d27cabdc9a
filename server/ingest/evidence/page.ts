// A kept page, made safe to look at: cleaned twice and written anew from an allow-list. Nothing of the page is copied as
// markup: every tag, attribute and character below is ours, so what we do not know cannot pass. Scripts, styles, frames,
// forms, media and every address are left out; a link stays visible but leads nowhere, a picture becomes its name.
// First in one pass over the tags, which balances them and bounds their depth; only then as a tree, because a parser that
// mends a page as browsers do takes half a minute for twenty thousand open tags.
// What the page looked like goes with its styles: this is for reading, the download holds the bytes as they came.
import { load } from 'cheerio'
import { decode } from '../../../collectors/decode.ts'
import { escapeHtml } from '../../../collectors/entities.ts'
import { resolved, sanitiseHtml } from '../../../collectors/html.ts'
import { isHtml, type PreparedSnapshot, textOf } from '../snapshot.ts'

/** For the answer that carries it, also when its address is opened outside our frame. */
export const pagePolicy =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
/** In the page itself, for the copy that leaves the house; the other directives count in a header only. */
const ownPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

const kept = new Set(
  'a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i ins kbd li main mark menu nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr'.split(
    ' ',
  ),
)
const empty = new Set(['br', 'col', 'hr', 'wbr'])
/** Left out with everything inside. Other unknown elements go, their text stays. */
const silent = new Set(
  'script style template iframe frame frameset object embed applet svg math audio video canvas map select datalist input head title link meta base noembed noframes param source track portal fencedframe dialog'.split(
    ' ',
  ),
)
/** Plain numbers and words; `undefined` for a value that is neither. */
const attributes: Readonly<Record<string, RegExp>> = {
  colspan: /^\d{1,4}$/,
  rowspan: /^\d{1,4}$/,
  span: /^\d{1,4}$/,
  start: /^-?\d{1,9}$/,
  value: /^-?\d{1,9}$/,
  dir: /^(?:ltr|rtl|auto)$/i,
  lang: /^[a-z0-9-]{1,35}$/i,
  datetime: /^[\d\sTZ:+.-]{1,40}$/,
  open: /^(?:|open)$/,
}
const picture = /^data:image\/(?:png|gif|jpe?g|webp|avif|bmp);base64,[a-z0-9+/=\s]*$/i

const maxCharacters = 4_000_000
const maxPicture = 1_000_000

interface Words {
  /** Before the address of a picture that was left out. */
  picture: string
}

type Root = NonNullable<ReturnType<ReturnType<typeof load>['root']>[0]>
type Node = Root['children'][number]

/** The whole document to send; plain text for what is no page. `undefined`: there is nothing to show (a picture, a PDF). */
export function safePage(
  page: Pick<PreparedSnapshot, 'headers' | 'bytes' | 'url'>,
  words: Words,
): string | undefined {
  if (!isHtml(page)) {
    const text = textOf(page)
    return text === undefined ? undefined : whole(`<pre>${escapeHtml(text.slice(0, maxCharacters))}</pre>`)
  }
  const html = decode(page.bytes, page.headers['content-type'] ?? '').text.slice(0, maxCharacters)
  return whole(safeBody(html, page.url, words))
}

/** The inner part alone: harmless markup of any HTML, however broken. */
export function safeBody(html: string, url: string, words: Words): string {
  const $ = load(sanitiseHtml(html, url), { xml: { xmlMode: false } })
  const out: string[] = []
  const stack: (Node | string)[] = $.root().contents().toArray().reverse()
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (typeof next === 'string') {
      out.push(next)
      continue
    }
    if (next.type === 'text') out.push(escapeHtml(next.data))
    if (!('children' in next)) continue
    const name = 'name' in next ? next.name : ''
    if (silent.has(name)) continue
    if (name === 'img' && 'attribs' in next) {
      out.push(pictureOf(next.attribs, words))
      continue
    }
    if ('attribs' in next && kept.has(name)) {
      out.push(`<${name}${attributesOf(name, next.attribs, url)}>`)
      if (empty.has(name)) continue
      stack.push(`</${name}>`)
    }
    for (const child of next.children.toReversed()) stack.push(child)
  }
  return out.join('')
}

function attributesOf(name: string, given: Readonly<Record<string, string>>, base: string): string {
  let clean = ''
  for (const [attribute, value] of Object.entries(given)) {
    // `Object.hasOwn`: a page may call an attribute «constructor».
    const shape = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined
    if (shape?.test(value)) clean += ` ${attribute}="${escapeHtml(value)}"`
  }
  // Where it led can be read and not followed.
  if (name === 'a' && given.href) clean += ` title="${escapeHtml(resolved(given.href, base).slice(0, 500))}"`
  return clean
}

function pictureOf(given: Readonly<Record<string, string>>, words: Words): string {
  const { src = '', alt = '' } = given
  if (src.length <= maxPicture && picture.test(src))
    return `<img src="${escapeHtml(src)}" alt="${escapeHtml(alt.slice(0, 500))}">`
  const what = [words.picture, alt, src.startsWith('data:') ? '' : src].filter(Boolean).join(' ')
  return `<span class="picture">[${escapeHtml(what.slice(0, 500))}]</span>`
}

// Paper in both themes: a page from outside must not look like a part of ours.
const look = `html{background:#fff;color:#1a1a1a;font:15px/1.7 system-ui,"Noto Sans SC",sans-serif;overflow-wrap:anywhere}
body{margin:0 auto;padding:16px;max-width:60rem}img{max-width:100%}pre{white-space:pre-wrap}
table{border-collapse:collapse}td,th{padding:2px 6px;vertical-align:top}a{text-decoration:underline dotted}
.picture{color:#5a5a5a;font-size:13px}`

const whole = (body: string) =>
  `<!doctype html><html lang="zh"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${escapeHtml(ownPolicy)}"><meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer"><style>${look}</style></head><body>${body}</body></html>`
