// One form for one page. Two addresses of one page are two warnings about one event, so what only tells how a reader came goes;
// two pages taken for one hide the second, which is worse, so what is not known to be safe stays: hosts are joined by name,
// parameters go by name, and only sites whose pages are known to be told by few of them lose the others.
// Example: http://m.sohu.com/a/612345678_121?scm=1102.xchannel&_f=index#c → https://www.sohu.com/a/612345678_121
import type { Snapshot } from '../../collectors/collector.ts'
import { decode } from '../../collectors/decode.ts'
import { decodeEntities } from '../../collectors/entities.ts'

// Parameters that say how a reader came, not what the page is.
const tracking =
  /^(?:utm_\w+|spm(?:_\w+)?|scm|fbclid|gclid|msclkid|yclid|igshid|mc_[ce]id|_ga|ref_src|refer_flag|hm(?:sr|pl|cu|kw|ci)|xsec_\w+|tt_from|share_?(?:token|from|source|medium|id|uid|times|plat|tag|session_id)|share_from_user_hidden|sharer_\w+|shareid|xhsshare|mpshare|isappinstalled|wxshare_?count|wx_header|pass_ticket|nsukey|bd_vid|from_source|from_spmid|vd_source|unique_k|buvid|plat_id|clicktime|enterid|clickfrom|spss|commtag|amp)$/i
const cameFrom =
  /^(?:timeline|singlemessage|groupmessage|rss|feed|wechat|weixin|weibo|qq|share|wap|android|ios|app|search|copylink|pc|spider)$/i

/** The same path under another name; only hosts of which that is known. */
const sameHost: Readonly<Record<string, string>> = {
  'm.sohu.com': 'www.sohu.com',
  'm.163.com': 'www.163.com',
  '3g.163.com': 'www.163.com',
  'm.thepaper.cn': 'www.thepaper.cn',
  'm.bilibili.com': 'www.bilibili.com',
  'm.toutiao.com': 'www.toutiao.com',
  'toutiao.com': 'www.toutiao.com',
  'm.douyin.com': 'www.douyin.com',
  'www.iesdouyin.com': 'www.douyin.com',
}

/** Pages that few parameters tell; the others are the reader's. `path` may be written anew. */
const sites: readonly { host: RegExp; path: RegExp; keeps: readonly string[]; as?: string }[] = [
  { host: /^mp\.weixin\.qq\.com$/, path: /^\/s$/, keeps: ['__biz', 'mid', 'idx', 'sn'] },
  { host: /^mp\.weixin\.qq\.com$/, path: /^\/s\/[\w-]+$/, keeps: [] },
  {
    host: /^www\.toutiao\.com$/,
    path: /^\/(?:i|a|article\/|group\/|w\/)(\d{6,})$/,
    keeps: [],
    as: '/article/$1',
  },
  { host: /^www\.douyin\.com$/, path: /^\/(?:share\/)?video\/(\d+)$/, keeps: [], as: '/video/$1' },
  { host: /^www\.bilibili\.com$/, path: /^\/video\/\w+$/, keeps: ['p'] },
  { host: /(?:^|\.)weibo\.c(?:om|n)$/, path: /^\/(?:\d+|status|detail)\/\w+$/, keeps: [] },
  { host: /^baijiahao\.baidu\.com$/, path: /^\/s$/, keeps: ['id'] },
  {
    host: /(?:^|\.)xiaohongshu\.com$/,
    path: /^\/(?:explore|discovery\/item)\/(\w+)$/,
    keeps: [],
    as: '/explore/$1',
  },
  { host: /^www\.sohu\.com$/, path: /^\/a\/\d+_\d+$/, keeps: [] },
  { host: /^www\.163\.com$/, path: /\/article\/\w+\.html$/, keeps: [] },
  {
    host: /(?:^|\.)sina\.(?:com\.cn|cn)$/,
    path: /\/(?:doc|detail|article_)-?\w*\d{4}\S*\.s?html$/,
    keeps: [],
  },
]

const longest = 2_000

/**
 * https, no user, no default port, no tracking, sorted parameters, no fragment but a route, no index page.
 * `undefined`: not a page's address, or too long to be told from another.
 */
export function canonicalUrl(written: string): string | undefined {
  if (!URL.canParse(written)) return undefined
  const url = new URL(written)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  const named = url.hostname.replace(/\.$/, '')
  const host = Object.hasOwn(sameHost, named) ? (sameHost[named] ?? named) : named
  // http and https with the other's usual port are one server, asked by an old link.
  const port = url.port === '80' || url.port === '443' ? '' : url.port
  const path = url.pathname
    .replace(/\/{2,}/g, '/')
    .replace(/\/(?:index|default)\.s?html?$/i, '/')
    .replace(/(\/[^/]*\d[^/]*)\/amp\/?$/i, '$1')
    .replace(/(.)\/$/, '$1')
  const site = sites.find((one) => one.host.test(host) && one.path.test(path))
  const kept = [...url.searchParams]
    .filter(([name, value]) =>
      site
        ? site.keeps.includes(name)
        : !tracking.test(name) && !(name.toLowerCase() === 'from' && cameFrom.test(value)),
    )
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const query = new URLSearchParams(kept).toString()
  // A hash route is an address of its own; any other fragment is a place on the page.
  const route = /^#!?\//.test(url.hash) ? url.hash : ''
  const told = site?.as ? path.replace(site.path, site.as) : path
  const canonical = `https://${host}${port ? `:${port}` : ''}${told}${query ? `?${query}` : ''}${route}`
  return canonical.length > longest ? undefined : canonical
}

const lookedAt = 200_000

/**
 * What a page calls itself (`<link rel=canonical>`, else og:url), believed only within its own site and when it names the
 * same number: many sites call every page their home page, and all of them would become one.
 */
export function declaredUrl({
  url,
  headers,
  bytes,
}: Pick<Snapshot, 'url' | 'headers' | 'bytes'>): string | undefined {
  if (!URL.canParse(url)) return undefined
  const head = decode(bytes.subarray(0, lookedAt), headers['content-type'] ?? '').text
  const tags = head.match(/<(?:link|meta)\b[^>]{1,2000}>/gi) ?? []
  const value = (tag: string, name: string) =>
    new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i')
      .exec(tag)
      ?.slice(1)
      .find((found) => found !== undefined)
  const canonical = tags.find((tag) => /^canonical$/i.test(value(tag, 'rel') ?? ''))
  const open = tags.find((tag) => value(tag, 'property')?.toLowerCase() === 'og:url')
  for (const written of [canonical && value(canonical, 'href'), open && value(open, 'content')]) {
    const address = written && decodeEntities(written.trim())
    if (!address || !URL.canParse(address, url)) continue
    const declared = new URL(address, url)
    if (isSamePage(declared, new URL(url))) return declared.href
  }
  return undefined
}

function isSamePage(declared: URL, asked: URL): boolean {
  const site = (host: string) => host.replace(/^(?:www|m|wap|3g|mobile|amp)\./, '')
  if (site(declared.hostname) !== site(asked.hostname)) return false
  const numbers = `${asked.pathname}${asked.search}`.match(/\d{4,}/g) ?? []
  const most = numbers.reduce((best, one) => (one.length >= best.length ? one : best), '')
  return `${declared.pathname}${declared.search}`.match(/\d{4,}/g)?.includes(most) ?? false
}
