// One page that is watched for changes: a price notice, a list of licences, a statement that may be taken down.
//
// The first look keeps what is there and reports nothing. A change becomes one text, known by what the page then said, so
// that a run that is repeated reports it once. It is news when the look before is near: seen first now, published at a time
// that the page does not say.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { looksBlocked } from '../blocked.ts'
import { CollectError, type CollectResult, type CollectTools, defineCollector } from '../collector.ts'
import { said } from '../details.ts'
import { webAddress } from '../fields.ts'
import { linesOf, openPage, optionalSelector, wordsOf } from '../page.ts'
import { changeBetween, keyOf, linesToWatch, textOf } from './compare.ts'

const Options = z.object({
  url: webAddress,
  region: optionalSelector,
  ignore: z.string().max(4_000).default(''),
})
type Options = z.infer<typeof Options>

const Cursor = z.object({
  at: z.string(),
  today: z.string(),
  lines: z.array(z.string()),
})

/** Frames of a page and what is paid for: they change without anything having happened. */
const noise =
  'script,style,noscript,template,iframe,svg,form,select,nav,header,footer,aside,[class*="advert" i],[id*="advert" i],[class*="ad-" i],[class*="banner" i],[class*="recommend" i],[class*="related" i],[class*="breadcrumb" i]'
const bracketMs = 26 * 3_600_000

export const pageWatch = defineCollector<Options>({
  kind: 'page-watch',
  label: { zh: '网页变动', en: 'Watched page' },
  hasPublisher: true,
  fields: [
    {
      name: 'url',
      label: { zh: '网页地址', en: 'Address' },
      kind: 'url',
      required: true,
      placeholder: 'https://example.com/notice.html',
    },
    {
      name: 'region',
      label: { zh: '关注区域', en: 'Region' },
      kind: 'selector',
      hint: {
        zh: 'CSS 选择器；不填则看整页，不含导航、页脚与广告',
        en: 'CSS; the whole page without menus, footers and ads when empty',
      },
      placeholder: '#content',
    },
    {
      name: 'ignore',
      label: { zh: '忽略的行', en: 'Lines to ignore' },
      kind: 'lines',
      hint: {
        zh: '每行一个词，含有它的行不比较；* 代表任意文字。日期、时间与阅读数已自动忽略',
        en: 'One word a line; lines that hold it are not compared; * is anything. Dates of today, times and counters are ignored already',
      },
      placeholder: '今日天气*℃',
    },
  ],
  options: Options,
  schedule: '0 * * * *',
  collect: look,
})

async function look({ url, region, ignore }: Options, tools: CollectTools): Promise<CollectResult> {
  const answer = await tools.fetch(url, { accept: 'text/html, */*;q=0.5', conditional: true })
  const before = Cursor.safeParse(tools.cursor).data
  const at = tools.now.toISOString()
  // Unchanged bytes are a look too: what changes next changed after it.
  if (answer.notModified) return { outcome: 'not-modified', ...(before && { cursor: { ...before, at } }) }
  const page = openPage(answer)
  const title = wordsOf(page.$, page.$('title')) || wordsOf(page.$, page.$('h1')) || url
  const found = region === '' ? page.$('body') : page.$(region)
  if (region !== '' && found.length === 0) {
    const wall = looksBlocked(page.html)
    if (wall) throw new CollectError('blocked', said('wall', { wall, due: 'the page' }))
    throw new CollectError('parse-error', said('region-gone', {}))
  }
  page.$(noise).remove()
  const patterns = ignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const lines = linesToWatch(linesOf(page.$, found), patterns)
  const wall = looksBlocked(page.html)
  // Words of a sign-in in the frame of a short page are no wall; a page that shrank to one is.
  const isShort = before === undefined ? lines.join('').length < 120 : lines.length < before.lines.length / 2
  if (wall && isShort) throw new CollectError('blocked', said('wall', { wall, due: 'the page' }))
  if (lines.length === 0) throw new CollectError('parse-error', said('no-text', {}))
  const today = new Date(tools.now.getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
  const cursor = { at, today, lines }
  if (before === undefined) return { outcome: 'empty', cursor }
  const change = changeBetween(before, cursor)
  // The base stays the one that was compared with, so that many small steps add up to a change.
  if (!change) return { outcome: 'not-modified', cursor: { ...before, at } }
  const keys = lines.map((line) => keyOf(line, today)).filter((key) => key !== '')
  const isNear = tools.now.getTime() - Date.parse(before.at) <= bracketMs
  const capture = {
    externalId: createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 32),
    identifiedBy: 'externalId' as const,
    url,
    title: `${title.slice(0, 200)}（页面变动 Page changed）`,
    body: textOf(change),
    ...(isNear ? { absentAt: before.at } : {}),
    raw: change,
    snapshot: {
      url: answer.url,
      status: answer.status,
      headers: answer.headers,
      bytes: answer.bytes,
      fetchedAt: at,
    },
  }
  return { outcome: 'ok', captures: [capture], cursor }
}
