// What stands on a list page: its entries by selector, and where the list goes on.
import { dateIn, type Found, linkOf, type OpenPage, wordsOf } from '../page.ts'

export interface ListEntry {
  url: string
  title: string
  /** ISO, as far as the list says. */
  publishedAt?: string
}

export interface ListSelectors {
  item: string
  link: string
  title: string
  date: string
}

/** More entries than a page for people ever shows. */
const mostEntries = 500

/** `matched` counts the items, also those without a link: a rebuilt page is told from an empty one by it. */
export function listEntries(
  { $, base }: OpenPage,
  { item, link, title, date }: ListSelectors,
  now: Date,
): { matched: number; entries: ListEntry[] } {
  const items = $(item).slice(0, mostEntries)
  const entries = new Map<string, ListEntry>()
  for (const element of items.toArray()) {
    const found = $(element)
    const anchor: Found = found.is(link) ? found : found.find(link).first()
    const url = linkOf(anchor, base)
    if (url === undefined || entries.has(url)) continue
    const dated = date === '' ? undefined : dateIn(wordsOf($, found.find(date)), now)
    entries.set(url, {
      url,
      title: titleOf(anchor, title === '' ? '' : wordsOf($, found.find(title)), wordsOf($, anchor)),
      ...(dated === undefined ? {} : { publishedAt: dated }),
    })
  }
  return { matched: items.length, entries: [...entries.values()] }
}

/** A link shortened to its line often keeps the whole title for the pointer. */
function titleOf(anchor: Found, chosen: string, linked: string): string {
  const whole = (anchor.attr('title') ?? '').replace(/\s+/g, ' ').trim()
  const shown = chosen || linked
  const start = shown.replace(/(?:…|\.{2,})$/, '').trim()
  const title = whole.length > shown.length && (start === '' || whole.startsWith(start)) ? whole : shown
  return title.slice(0, 300)
}

/** The next page of the list, on the same host. */
export function nextListPage({ $, base }: OpenPage, selector: string): string | undefined {
  const here = new URL(base)
  const candidates =
    selector === ''
      ? [
          ...$('link[rel="next"], a[rel="next"]').toArray(),
          ...$('a[href]')
            .toArray()
            .filter((element) =>
              /^(?:下一?页|后一页|next(?: page)?|[›»>]{1,2})\s*[›»>]?$/i.test($(element).text().trim()),
            ),
        ]
      : $(selector).toArray()
  for (const element of candidates) {
    const found = $(element)
    const url = linkOf(found.is('[href]') ? found : found.find('a[href]').first(), base)
    if (url !== undefined && new URL(url).host === here.host && url !== here.href) return url
  }
  return undefined
}
