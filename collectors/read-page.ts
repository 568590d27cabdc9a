// One article page → one capture with its snapshot: fetched, told from what stands in its way, its pages joined.
import { type Article, extractArticle } from './article/extract.ts'
import { looksBlocked } from './blocked.ts'
import { type Attachment, type Capture, CollectError, type CollectTools, type Fetched } from './collector.ts'
import { decode } from './decode.ts'
import { said } from './details.ts'
import { dateIn, linesOf, openPage, wordsOf } from './page.ts'

export interface ArticleSelectors {
  body: string
  title: string
  date: string
}

export interface ReadPage {
  capture: Capture & Required<Pick<Capture, 'url'>>
  /** The site's own name of itself. */
  siteName?: string
  /** The chosen body selector found a text. */
  bodyFits: boolean
}

/** Pages of one article that are joined. */
const mostParts = 10
/** A text this long is not a wall, whatever words stand around it. */
const fewestOwnCharacters = 120
const accept = 'text/html, application/xhtml+xml;q=0.9, */*;q=0.5'

/**
 * Reads the article at `url`. A file that is no page (PDF, Word) is named as an attachment and kept as snapshot.
 * @throws CollectError as `fetch` does; `blocked` for a captcha or sign-in page; `unreachable` for a page that leads home
 */
export async function readPage(
  url: string,
  tools: CollectTools,
  selectors: ArticleSelectors = { body: '', title: '', date: '' },
): Promise<ReadPage> {
  const answer = await tools.fetch(url, { accept })
  const snapshot = {
    url: answer.url,
    status: answer.status,
    headers: answer.headers,
    bytes: answer.bytes,
    fetchedAt: tools.now.toISOString(),
  }
  const file = fileOf(answer)
  if (file)
    return {
      capture: { url, title: file.name, body: '', attachments: [file], snapshot },
      bodyFits: false,
    }
  if (leadsHome(url, answer.url)) throw new CollectError('unreachable', said('page-gone', {}))
  const { article, bodyFits } = readOne(answer, selectors, tools.now)
  const wall =
    article.text.length < fewestOwnCharacters
      ? looksBlocked(decode(answer.bytes, answer.headers['content-type']).text)
      : undefined
  if (wall) throw new CollectError('blocked', said('wall', { wall, due: 'an article' }))
  const rest = bodyFits ? [] : await furtherParts(article, answer.url, tools)
  return {
    capture: {
      url,
      title: article.title ?? '',
      body: [article.text, ...rest].join('\n'),
      ...(article.author === undefined ? {} : { author: article.author }),
      ...(article.publishedAt === undefined ? {} : { publishedAt: article.publishedAt }),
      snapshot,
    },
    bodyFits,
    ...(article.siteName === undefined ? {} : { siteName: article.siteName }),
  }
}

/** Own selectors first; where one finds nothing, the extraction speaks. */
function readOne(answer: Fetched, { body, title, date }: ArticleSelectors, now: Date) {
  const article: Article & { nextPage?: string } = extractArticle(answer.bytes, {
    url: answer.url,
    now,
    ...(answer.headers['content-type'] ? { contentType: answer.headers['content-type'] } : {}),
  })
  if (body === '' && title === '' && date === '') return { article, bodyFits: false }
  const page = openPage(answer)
  const chosen = (selector: string) => (selector === '' ? '' : wordsOf(page.$, page.$(selector)))
  if (body !== '') page.$('script,style,noscript,template,iframe').remove()
  const text = body === '' ? '' : linesOf(page.$, page.$(body).slice(0, 50))
  const publishedAt = dateIn(chosen(date), now)
  const heading = chosen(title)
  return {
    article: {
      ...article,
      ...(text && { text }),
      ...(heading && { title: heading }),
      ...(publishedAt && { publishedAt }),
    },
    bodyFits: text !== '',
  }
}

/** Pages two and on of a split article, on the same host. One that fails ends it: half an article is better than none. */
async function furtherParts(
  first: Article & { nextPage?: string },
  start: string,
  tools: CollectTools,
): Promise<string[]> {
  const texts: string[] = []
  const seen = new Set([start])
  let next = first.nextPage
  while (next !== undefined && texts.length < mostParts - 1 && !seen.has(next)) {
    if (!URL.canParse(next) || new URL(next).host !== new URL(start).host) break
    seen.add(next)
    try {
      const answer = await tools.fetch(next, { accept })
      const { article } = readOne(answer, { body: '', title: '', date: '' }, tools.now)
      if (article.text !== '') texts.push(article.text)
      next = article.nextPage
    } catch (error) {
      if (!(error instanceof CollectError)) throw error
      break
    }
  }
  return texts
}

/** What is no page: by its own word, else by how it begins. */
function fileOf({ headers, bytes, url }: Fetched): Attachment | undefined {
  const contentType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 8))
  const isFile =
    /^(?:application\/(?:pdf|msword|zip|octet-stream|vnd\.)|image\/|audio\/|video\/)/.test(contentType) ||
    /^%PDF-|^PK\u0003\u0004|^\u00d0\u00cf\u0011\u00e0/.test(start)
  if (!isFile) return undefined
  const last = new URL(url).pathname.split('/').pop() ?? ''
  return { name: decoded(last) || 'file', contentType, bytes: bytes.length }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Many sites answer a deleted article with their front page. */
function leadsHome(asked: string, answered: string): boolean {
  const from = new URL(asked)
  const to = new URL(answered)
  const isHome = (url: URL) => /^\/(?:index\.\w+)?$/.test(url.pathname) && url.search === ''
  return !isHome(from) && isHome(to)
}
