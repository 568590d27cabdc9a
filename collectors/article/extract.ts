// Article pages → title, author, time, text, site. Containers that Chinese sites use are tried first, because Readability keeps
// lists of related articles on them; it judges all other pages. Metadata is believed before the look of the page.
import { Readability } from '@mozilla/readability'
import { parseHTML } from 'linkedom'
import { parseDate } from '../dates.ts'
import { decode } from '../decode.ts'
import { htmlToText } from '../html.ts'

export interface Article {
  title?: string
  author?: string
  publishedAt?: string
  text: string
  siteName?: string
}

interface Page {
  url: string
  contentType?: string
  now: Date
}

const maxCharacters = 4_000_000

export function extractArticle(bytes: Uint8Array, { url, contentType, now }: Page): Article {
  const html = decode(bytes, contentType).text.slice(0, maxCharacters)
  // linkedom loses the root of a page without <html>, and makes a second body of anything between head and body.
  const { document } = parseHTML(
    /<html[\s>]/i.test(html) ? html : `<html><head></head><body>${html}</body></html>`,
  )
  const root = document.documentElement
  if (!root) return { text: '' }
  const linked = linkedData(root)
  for (const noise of root.querySelectorAll('script,style,noscript,template,iframe,svg,form,button,select'))
    noise.remove()
  const title = titleOf(root, linked)
  const top = lines(root.innerHTML).slice(0, 400)
  const siteName = meta(root, 'og:site_name', 'application-name') ?? linked.siteName
  const author = authorOf(root, linked, top)
  const publishedAt = dateOf(root, linked, top, now)
  const text = bodyOf(document, root, title, url)
  return {
    text,
    ...(title ? { title } : {}),
    ...(author ? { author } : {}),
    ...(publishedAt ? { publishedAt } : {}),
    ...(siteName ? { siteName } : {}),
  }
}

const lines = (html: string) => htmlToText(html).split('\n')

function meta(root: Element, ...names: string[]): string | undefined {
  for (const name of names) {
    for (const attribute of ['property', 'name', 'itemprop']) {
      const value = root.querySelector(`meta[${attribute}="${name}"]`)?.getAttribute('content')?.trim()
      if (value) return htmlToText(value)
    }
  }
  return undefined
}

interface Linked {
  headline?: string
  author?: string
  date?: string
  siteName?: string
}

/** schema.org in the page's own JSON; anything malformed is passed over. */
function linkedData(root: Element): Linked {
  const found: Linked = {}
  for (const script of root.querySelectorAll('script[type="application/ld+json"]')) {
    const text = script.textContent ?? ''
    const value = (key: string) => new RegExp(`"${key}"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)"`).exec(text)?.[1]
    found.headline ??= value('headline')
    found.date ??= value('datePublished') ?? value('pubDate')
    found.author ??= /"author"\s*:\s*[[{][^}]*?"name"\s*:\s*"([^"\\]+)"/.exec(text)?.[1]
    found.siteName ??= /"publisher"\s*:\s*[[{][^}]*?"name"\s*:\s*"([^"\\]+)"/.exec(text)?.[1]
  }
  return found
}

const firstText = (root: Element, selector: string) => {
  for (const element of root.querySelectorAll(selector)) {
    const text = htmlToText(element.innerHTML).replace(/\s+/g, ' ')
    if (text.length >= 4 && text.length <= 150) return text
  }
  return undefined
}

function titleOf(root: Element, linked: Linked): string | undefined {
  const whole = htmlToText(root.querySelector('title')?.innerHTML ?? '').replace(/\s+/g, ' ')
  const open = meta(root, 'og:title', 'twitter:title') ?? linked.headline
  const heading = firstText(root, 'h1')
  const squeezed = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '')
  // A heading that the title repeats is the title without its site; so is a class that says so.
  for (const candidate of [heading, firstText(root, '[class*="title" i],[id*="title" i],h2'), open]) {
    if (candidate && squeezed(candidate).length >= 4 && squeezed(whole).startsWith(squeezed(candidate)))
      return candidate
  }
  return withoutSite(open ?? '') || withoutSite(whole) || heading
}

/** «标题_频道_站点» → «标题»: cuts at separators as long as what stays is the longer part. */
function withoutSite(title: string): string {
  const parts = title.split(/\s*[_|｜–—]\s*|\s+-\s+|-(?=[^-]{2,12}$)/)
  let kept = title
  for (let end = parts.length - 1; end > 0; end--) {
    const tail = parts[end] ?? ''
    const at = kept.lastIndexOf(tail)
    if (tail.length > 16 || at < tail.length) break
    kept = kept.slice(0, at).replace(/[\s_|｜–—-]+$/, '')
  }
  return kept.trim()
}

const written =
  /(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:[\sT]*\d{1,2}:\d{2}(?::\d{2})?)?/

function dateOf(root: Element, linked: Linked, top: readonly string[], now: Date): string | undefined {
  const said =
    meta(
      root,
      'article:published_time',
      'og:published_time',
      'publishdate',
      'PubDate',
      'pubdate',
      'datePublished',
      'publish_time',
      'weibo: article:create_at',
      'apub:time',
      'date',
    ) ?? linked.date
  const time = root.querySelector('time[datetime]')?.getAttribute('datetime') ?? undefined
  const plausible = (text: string | undefined) => {
    const at = parseDate(text, { now })
    return at && Date.parse(at) <= now.getTime() + 86_400_000 ? at : undefined
  }
  const marked = [
    ...root.querySelectorAll(
      '[class*="time" i],[class*="date" i],[id*="time" i],[id*="date" i],[class*="info" i],[class*="source" i]',
    ),
  ]
    .slice(0, 60)
    .map((element) => htmlToText(element.innerHTML))
    .filter((text) => text.length < 200)
  const inText = [...marked, ...top].map((line) => written.exec(line.normalize('NFKC'))?.[0])
  for (const candidate of [said, time, ...inText]) {
    const at = plausible(candidate)
    if (at) return at
  }
  return undefined
}

const byline =
  /(?:作者|撰文|文)\s*[:：/|丨]\s*([\p{Script=Han}A-Za-z·]{2,12}(?:[ 、][\p{Script=Han}·]{2,4})*)/u
const reporter = /(?:本报记者|记者)\s*[:：]?\s*([\p{Script=Han}·]{2,4})(?![\p{Script=Han}])/u

function authorOf(root: Element, linked: Linked, top: readonly string[]): string | undefined {
  const said = meta(root, 'author', 'article:author', 'mediaid') ?? linked.author
  if (said && said.length <= 16 && !/^https?:|^\d+$|[!！。]/.test(said)) return said
  for (const element of root.querySelectorAll('[class*="author" i],[id*="author" i],[rel="author"]')) {
    const text = htmlToText(element.innerHTML).replace(/^(?:作者|责任编辑|编辑)\s*[:：]\s*/, '')
    if (text.length >= 2 && text.length <= 16 && !text.includes('\n')) return text
  }
  for (const pattern of [byline, reporter]) {
    for (const line of top) {
      const name = line.length < 120 ? pattern.exec(line)?.[1] : undefined
      if (name) return name
    }
  }
  return undefined
}

// Containers by their usual names in Chinese publishing systems, the surest first.
const containers = [
  '#js_content',
  '#artibody',
  '.TRS_Editor',
  '.TRS_UEDITOR',
  '#Content',
  '#contentText',
  '.rm_txt_con',
  '#detail',
  '.content_area',
  '#zoom',
  '#UCAP-CONTENT',
  '.article-content',
  '.article_content',
  '.articleContent',
  '#article_content',
  '#articleContent',
  '.article-body',
  '.article_body',
  '#article-body',
  '.post_body',
  '.post-content',
  '.post_content',
  '.entry-content',
  '.news_txt',
  '.news-content',
  '.news_content',
  '.newsContent',
  '.main-content',
  '[itemprop="articleBody"]',
  '.text',
  '#text',
  '#endText',
  '.content-article',
  '.detail-content',
  '.detail_content',
  '.con_text',
  '.zwnr',
  'article',
  '.content',
  '#content',
  '#main-content',
]

function bodyOf(document: Document, root: Element, title: string | undefined, url: string): string {
  const whole = proseLength(root)
  for (const selector of containers) {
    let best: Element | undefined
    for (const element of root.querySelectorAll(selector)) {
      if (!best || proseLength(element) > proseLength(best)) best = element
    }
    // Enough of the page's sentences, and not mostly links.
    if (best && proseLength(best) >= Math.max(60, whole * 0.5) && linkShare(best) < 0.3) {
      return trimmed(lines(best.innerHTML), title)
    }
  }
  const head = document.querySelector('head')
  if (head && !head.querySelector('base')) {
    const base = document.createElement('base')
    base.setAttribute('href', url)
    head.append(base)
  }
  // Readability takes nodes away: what it would need for a second look is read first.
  const everything = lines(root.innerHTML)
  const read = new Readability(document, { charThreshold: 80 }).parse()
  const text = trimmed(lines(read?.content ?? ''), title)
  return text.length >= 60 || whole < 60 ? text : trimmed(everything.filter(isProse), title)
}

/** Characters in text pieces that hold a sentence mark: menus and lists of headlines have none. */
function proseLength(element: Element): number {
  let length = 0
  for (const line of lines(element.innerHTML)) if (isProse(line)) length += line.length
  return length
}

const isProse = (line: string) => /[，。！？；、]|[,.;!?] /.test(line)

function linkShare(element: Element): number {
  const all = (element.textContent ?? '').replace(/\s+/g, '').length
  let linked = 0
  for (const link of element.querySelectorAll('a'))
    linked += (link.textContent ?? '').replace(/\s+/g, '').length
  return all === 0 ? 1 : linked / all
}

const tail =
  /^[（(【[]?(?:责任编辑|责编|编辑|校对|审核|值班编辑|相关(?:阅读|新闻|链接|推荐|文章)|推荐阅读|延伸阅读|更多(?:精彩|新闻|阅读)|返回搜狐|上一篇|下一篇|打印本页|关闭窗口|分享到?|扫一扫|微信扫|版权声明|免责声明|特别声明|声明[:：]|本文来源|原标题[:：]|举报|收藏|点赞|评论|网友评论|热门(?:推荐|评论)|阅读原文)/

/** Cuts the title and byline above the text and the site's own lines below it. */
function trimmed(all: readonly string[], title: string | undefined): string {
  let start = 0
  const isHead = (line: string) =>
    line === title ||
    (line.length < 60 &&
      /^(?:来源|作者|时间|发布(?:时间|日期)|字号|浏览|阅读)\s*[:：]?|^[\d\s:年月日/.-]+$/.test(line) &&
      !/[，。]/.test(line))
  while (start < Math.min(all.length, 6) && isHead(all[start] ?? '')) start++
  let end = all.length
  const lastProse = all.findLastIndex((line) => /[。！？…”」）]$/.test(line) && line.length > 10)
  for (let at = Math.max(start, Math.floor(all.length * 0.5)); at < all.length; at++) {
    if (tail.test(all[at] ?? '')) {
      // A tail word in the middle of running text is text.
      if (at > lastProse || all.length - at < 25) {
        end = at
        break
      }
    }
  }
  return all.slice(start, end).join('\n')
}
