// What an import of feeds would do: one row per feed of the list, decided by address, named so that names stay unique.
import type { ListedFeed } from '../../collectors/opml/parse.ts'
import { canonicalUrl } from './address.ts'

export interface PlannedFeed extends ListedFeed {
  /** `new`: becomes a source; `exists`: one reads this address; `repeated`: stands further up in the same list. */
  outcome: 'new' | 'exists' | 'repeated' | 'left-out'
  /** Of the source that is there, or that would be made. */
  sourceName: string
}

const maxName = 100

/** `leftOut` are places in the list, from 0, that a person does not want. */
export function planFeeds(
  listed: readonly ListedFeed[],
  known: readonly { name: string; url: string | null }[],
  leftOut: ReadonlySet<number> = new Set(),
): PlannedFeed[] {
  const names = new Set(known.map(({ name }) => name))
  const owner = new Map<string, string>()
  for (const { name, url } of known) if (url !== null) owner.set(keyOf(url), name)
  const inList = new Map<string, string>()
  return listed.map((feed, at) => {
    const key = keyOf(feed.url)
    const there = owner.get(key)
    if (there !== undefined) return { ...feed, outcome: 'exists', sourceName: there }
    const before = inList.get(key)
    if (before !== undefined) return { ...feed, outcome: 'repeated', sourceName: before }
    if (leftOut.has(at)) return { ...feed, outcome: 'left-out', sourceName: feed.title }
    const sourceName = freeName(feed, names)
    names.add(sourceName)
    inList.set(key, sourceName)
    return { ...feed, outcome: 'new', sourceName }
  })
}

/** http and https, a tracking parameter or the order of parameters do not make another feed. */
const keyOf = (url: string) => canonicalUrl(url) ?? url

/** Its own title; with its host when that is taken; with a number when both are. */
function freeName({ title, url }: ListedFeed, taken: ReadonlySet<string>): string {
  const plain = title.slice(0, maxName)
  if (!taken.has(plain)) return plain
  const host = new URL(url).hostname.slice(0, maxName / 2)
  const withHost = `${title.slice(0, maxName - host.length - 3)} (${host})`
  if (!taken.has(withHost)) return withHost
  for (let number = 2; ; number++) {
    const end = ` ${number}`
    const numbered = `${withHost.slice(0, maxName - end.length)}${end}`
    if (!taken.has(numbered)) return numbered
  }
}
