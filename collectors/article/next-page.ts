// The next page of an article or thread that is split: an address on the same host that differs from this one by the number
// of the page alone. Articles are split by hand into two to twenty pages; what turns further is a list.
import type { Reading } from './lines.ts'
import { attribute, shortText } from './tree.ts'

const maxPage = 200
const turn =
  /^(?:下一?页|余下全文|查看全文|阅读全文|全文阅读|点击阅读全文|next(?: page)?|older comments?)\s*[»›>→]*$|^[»›>→]{1,2}$/i
const rest = /^(?:余下全文|查看全文|阅读全文|全文阅读|点击阅读全文)/

/** Absolute, without fragment; `undefined` on the last page. */
export function nextPageOf(
  { links }: Reading,
  html: string,
  url: string,
  body: { from: number; to: number },
): string | undefined {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return undefined
  const here = new URL(url)
  here.hash = ''
  for (const { element: link, at } of links) {
    // Lists of other articles have pages too.
    if (link.tag === 'a' && (at < body.from || at > body.to + 12)) continue
    const isNext = /(?:^|\s)next(?:\s|$)/i.test(attribute(link, 'rel') ?? '')
    const text =
      link.tag === 'a'
        ? shortText(link)
            .replace(/[[\]【】]/g, '')
            .trim()
        : ''
    if (!isNext && !turn.test(text)) continue
    const there = addressed(attribute(link, 'href'), here)
    if (there && (isNextNumber(here, there) || (rest.test(text) && isWhole(here, there)))) return there.href
  }
  return byScript(html, here)
}

function addressed(written: string | undefined, here: URL): URL | undefined {
  if (!written || /^(?:javascript|#)/i.test(written) || !URL.canParse(written, here)) return undefined
  const there = new URL(written, here)
  there.hash = ''
  const isHere = there.host === here.host && /^https?:$/.test(there.protocol)
  return isHere && there.href !== here.href ? there : undefined
}

/** `a_2.html` after `a.html` or `a_1.html`, `?page=3` after `?page=2`, `thread-7-2-1` after `thread-7-1-1`. */
function isNextNumber(here: URL, there: URL): boolean {
  const from = written(here).split(/(\d+)/)
  const to = written(there).split(/(\d+)/)
  if (from.length === to.length) {
    const changed = from.flatMap((part, at) => (part === to[at] ? [] : [at]))
    const [at = 0] = changed
    const number = Number(from[at])
    return changed.length === 1 && at % 2 === 1 && number < maxPage && Number(to[at]) === number + 1
  }
  // The first page mostly has no number of its own; some systems count the second as 1.
  const unnumbered = written(there)
    .replace(/(?:[_-]|\/(?:page\/)?)[12](?=(?:\.\w{2,5})?\/?(?:\?|$))/i, '')
    .replace(/[?&](?:page|p|pn|pageno|pageindex|paged)=[12](?=&|$)/i, '')
  return unnumbered !== written(there) && plain(unnumbered) === plain(written(here))
}

/** The same article on one page: `a_all.html`, `a_full.html`, `?all=1`. */
function isWhole(here: URL, there: URL): boolean {
  const whole = written(there)
    .replace(/[_-](?:all|full|0)(?=\.\w{2,5}$|$)/i, '')
    .replace(/[?&](?:all|full|pageall)=\w+/i, '')
  return (
    whole !== written(there) && plain(whole) === plain(written(here).replace(/_\d{1,2}(?=\.\w{2,5}$)/, ''))
  )
}

const written = (address: URL) => address.pathname + address.search
const plain = (address: string) => address.replace(/[/?&]+$/, '')

// Bureau sites draw their page numbers with `createPageHTML(number of pages, this page from 0, "t2026_1", "html")`.
const drawn =
  /createPageHTML\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*["']([\w-]{1,100})["']\s*,\s*["'](\w{2,5})["']/

function byScript(html: string, here: URL): string | undefined {
  const [, count, page, name, ending] = drawn.exec(html) ?? []
  if (!name || Number(page) + 1 >= Math.min(Number(count), maxPage)) return undefined
  // Only when this page bears the name: the same call turns the pages of lists.
  const own = here.pathname.slice(here.pathname.lastIndexOf('/') + 1)
  if (!own.startsWith(name)) return undefined
  return addressed(`${name}_${Number(page) + 1}.${ending}`, here)?.href
}
