// Which elements of a page are its entries? Links are climbed from as long as the element holds that link alone: what is
// reached is an entry. Entries of one make (same path of tags and classes) form a list; lists with many and long titles
// win, menus and footers lose.
import { dateIn, type Found, isSelector, linkOf, type OpenPage, wordsOf } from '../page.ts'
import { type ListEntry, listEntries } from './entries.ts'

export interface Suggestion {
  item: string
  link: string
  date: string
  /** Entries that it finds on this page. */
  count: number
  samples: readonly ListEntry[]
}

const mostLinks = 2_000
const mostClimbed = 8
const fewestEntries = 3
const mostSuggestions = 5
/** Names that say «this is the third», «this is open»: they do not tell lists apart. */
const passing =
  /^(?:active|current|cur|on|hover|first|last|odd|even|selected|open|hot|new|top|clearfix|fl|fr)$|\d{3,}|^(?:li|item|row)?[-_]?\d+$/i
const aside =
  'nav,header,footer,aside,[class*="nav" i],[class*="menu" i],[class*="footer" i],[class*="breadcrumb" i],[class*="crumb" i],[class*="page" i][class*="ation" i]'

/** The best first; an empty list when nothing on the page repeats. */
export function suggestLists(page: OpenPage, now: Date): Suggestion[] {
  const { $, base } = page
  const groups = new Map<string, { units: Found[]; link: string }>()
  for (const element of $('body a[href]').slice(0, mostLinks).toArray()) {
    const anchor = $(element)
    const url = linkOf(anchor, base)
    if (url === undefined || lengthOf(anchor) < 4) continue
    const unit = unitOf(page, anchor, url)
    const item = pathOf(unit)
    if (item === undefined) continue
    const group = groups.get(item) ?? { units: [], link: unit.is('a') ? 'a[href]' : linkPath(anchor) }
    group.units.push(unit)
    groups.set(item, group)
  }
  const scored = [...groups].flatMap(([item, { units, link }]) => {
    if (units.length < fewestEntries || !isSelector(item)) return []
    const date = datePath(page, units.slice(0, 10), now)
    const { entries } = listEntries(page, { item, link, title: '', date }, now)
    if (entries.length < fewestEntries) return []
    const length = entries.reduce((sum, { title }) => sum + Math.min(title.length, 30), 0) / entries.length
    const first = units[0]
    const isAside = first !== undefined && first.closest(aside).length > 0
    // A menu of twenty two-character links must lose against five headlines.
    const score =
      Math.min(entries.length, 40) ** 0.5 * length ** 2 * (date === '' ? 1 : 2) * (isAside ? 0.2 : 1)
    return [{ score, item, link, date, count: entries.length, samples: entries.slice(0, 3) }]
  })
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, mostSuggestions)
    .map(({ score: _, ...suggestion }) => suggestion)
}

const lengthOf = (element: Found) => element.text().replace(/\s+/g, '').length

/** The largest element around the link that holds no other link (the same address again, as on its picture, is no other). */
function unitOf({ $, base }: OpenPage, anchor: Found, url: string): Found {
  let unit = anchor
  for (let climbed = 0; climbed < mostClimbed; climbed++) {
    const parent = unit.parent()
    if (parent.length === 0 || parent.is('body,html,ul,ol,table,tbody,main')) break
    const others = parent
      .find('a[href]')
      .slice(0, 20)
      .toArray()
      .some((other) => {
        const found = $(other)
        return lengthOf(found) >= 4 && linkOf(found, base) !== url
      })
    if (others) break
    unit = parent
  }
  return unit
}

/** `ul.news > li`: from the nearest ancestor with a name of its own. */
function pathOf(unit: Found): string | undefined {
  const parts = [stepOf(unit)]
  let above = unit.parent()
  for (let climbed = 0; climbed < mostClimbed; climbed++) {
    if (above.length === 0 || above.is('body,html')) break
    const id = above.attr('id')
    if (id !== undefined && isName(id)) return [`#${id}`, ...parts].join(' > ')
    parts.unshift(stepOf(above))
    if (parts[0]?.includes('.')) break
    above = above.parent()
  }
  return parts.join(' > ')
}

const isName = (name: string) => /^[a-z_\u4e00-\u9fff][\w\u4e00-\u9fff-]*$/i.test(name) && !passing.test(name)

function stepOf(element: Found): string {
  const tag = element.prop('tagName')?.toLowerCase() ?? '*'
  const names = (element.attr('class') ?? '').split(/\s+/).filter((name) => name !== '' && isName(name))
  return [tag, ...names.slice(0, 2)].join('.')
}

/** The link inside its entry: by its own class, else by what it stands in. */
function linkPath(anchor: Found): string {
  const own = stepOf(anchor)
  if (own !== 'a') return own
  const above = anchor.parent()
  return /^(?:h[1-6]|dt|strong)$/.test(above.prop('tagName')?.toLowerCase() ?? '')
    ? `${stepOf(above)} a`
    : 'a[href]'
}

/** The smallest element that holds a date and little else, in most of the entries. */
function datePath({ $ }: OpenPage, units: readonly Found[], now: Date): string {
  const votes = new Map<string, number>()
  for (const unit of units) {
    const own = new Set<string>()
    for (const element of unit.find('*').slice(0, 60).toArray().reverse()) {
      const found = $(element)
      if (found.is('a')) continue
      const words = wordsOf($, found)
      if (words.length < 4 || words.length > 30 || dateIn(words, now) === undefined) continue
      own.add(stepOf(found))
      break
    }
    for (const path of own) votes.set(path, (votes.get(path) ?? 0) + 1)
  }
  const [best] = [...votes].sort((a, b) => b[1] - a[1])
  return best !== undefined && best[1] * 2 > units.length ? best[0] : ''
}
