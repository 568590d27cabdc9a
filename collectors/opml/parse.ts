// Lists of feeds as feed readers exchange them: OPML 1 and 2. Read by the same tolerant reader as the feeds themselves, so
// that broken, GBK and hostile lists give what can be read of them.
import { CollectError } from '../collector.ts'
import { decode } from '../decode.ts'
import { htmlToText } from '../html.ts'
import { notAFeed } from '../rss/parse.ts'
import { type Element, readXml, textOf } from '../rss/xml.ts'

export interface ListedFeed {
  title: string
  /** Absolute http or https address, as written. */
  url: string
  siteUrl?: string
  /** Names of the outlines around it, outermost first, with `folderSeparator` between: `楼市 / 武汉`. */
  folder?: string
}

/** An outline that says it is a feed, or belongs to no folder, and cannot be read as one. */
export interface BadOutline {
  /** Counted over all outlines in order of their text, from 1. */
  outline: number
  title: string
  problem: 'no-address' | 'not-an-address'
}

export interface FeedList {
  title?: string
  feeds: ListedFeed[]
  bad: BadOutline[]
}

export const folderSeparator = ' / '

/** The names in it, outermost first; a slash without spaces belongs to a name (`12345/热线`). */
export const partsOfFolder = (folder: string): string[] =>
  folder
    .replace(/\s+/g, ' ')
    .split(folderSeparator)
    .map((part) => part.trim())
    .filter(Boolean)

/** More in one list is an attack or a mistake. */
export const maxListedFeeds = 5_000
const maxTitle = 200

/** Throws `CollectError`: `blocked` for an HTML page, `too-large` beyond the limit, `parse-error` for what is no list. */
export function parseOpml(
  bytes: Uint8Array,
  { headers = {} }: { headers?: Readonly<Record<string, string>> } = {},
): FeedList {
  const { text } = decode(bytes, headers['content-type'])
  const root = readXml(text, (written) => written)
  const list = child(root, 'opml') ?? child(root, 'outlinedocument')
  if (!list) throw notAFeed(text, 'OPML list')
  const found: FeedList = { feeds: [], bad: [] }
  const head = child(list, 'head')
  const title = head && child(head, 'title')
  if (title) found.title = plain(textOf(title))
  let outline = 0
  const read = (element: Element, folders: readonly string[]) => {
    for (const one of element.children) {
      if (typeof one === 'string') continue
      // A head or body that was never closed, or a wrapper of someone's own: outlines are looked for in it all the same.
      if (one.name !== 'outline') {
        read(one, folders)
        continue
      }
      outline++
      const { attributes } = one
      const name = plain(attributes.text ?? attributes.title ?? '')
      const written = addressOf(attributes)
      if (written === undefined) {
        const isFolder = one.children.some((inner) => typeof inner !== 'string')
        if (!isFolder && isFeedLike(attributes)) {
          found.bad.push({ outline, title: name, problem: 'no-address' })
        }
        read(one, name === '' ? folders : [...folders, name])
        continue
      }
      const url = httpAddress(written)
      if (url === undefined) found.bad.push({ outline, title: name, problem: 'not-an-address' })
      else {
        if (found.feeds.length >= maxListedFeeds)
          throw new CollectError('too-large', `more than ${maxListedFeeds} feeds in one list`)
        found.feeds.push(feedOf(attributes, url, name, folders))
      }
      read(one, folders)
    }
  }
  read(list, [])
  return found
}

type Attributes = Element['attributes']

function feedOf(attributes: Attributes, url: string, name: string, folders: readonly string[]): ListedFeed {
  const title = name || plain(attributes.title ?? '') || new URL(url).hostname
  const feed: ListedFeed = { title, url }
  const site = httpAddress(attributes.htmlurl ?? '')
  if (site !== undefined) feed.siteUrl = site
  // OPML 2 may name the folder instead of nesting: `category="/楼市/武汉,别的"`.
  const category = (attributes.category ?? '').split(',')[0]?.split('/').map(plain).filter(Boolean) ?? []
  const folder = partsOfFolder((folders.length > 0 ? folders : category).join(folderSeparator))
    .join(folderSeparator)
    .slice(0, maxTitle)
    .trim()
  if (folder !== '') feed.folder = folder
  return feed
}

/** `xmlUrl`; lists of the first years and of some readers say `url` with a type of feeds. */
function addressOf({ xmlurl, url, type }: Attributes): string | undefined {
  const written = xmlurl ?? (type !== undefined && feedTypes.test(type) ? url : undefined)
  return written?.trim() || undefined
}

const feedTypes = /^(?:rss|atom|rdf|feed|jsonfeed)/i
const isFeedLike = ({ xmlurl, type, htmlurl }: Attributes) =>
  xmlurl !== undefined || (type !== undefined && feedTypes.test(type)) || htmlurl !== undefined

/** `feed:` is what some readers make of `http:`. Anything that is not the web, or longer than an address is, is none. */
function httpAddress(written: string): string | undefined {
  const address = written
    .trim()
    .replace(/^feed:(?:\/\/)?(?=https?:)/i, '')
    .replace(/^feed:\/\//i, 'http://')
  if (address.length > 2_000 || !/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined
  return address
}

const child = (element: Element, name: string): Element | undefined =>
  element.children.find((one): one is Element => typeof one !== 'string' && one.name === name)

const plain = (text: string) =>
  htmlToText(text.slice(0, 10 * maxTitle))
    .replace(/\s+/g, ' ')
    .slice(0, maxTitle)
    .trim()
