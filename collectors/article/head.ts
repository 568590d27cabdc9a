// Who wrote it, when, under which title, taken from where. What the page says for machines is believed before its look, except
// where Chinese publishing systems are known to fill it with something else (numbers, their own name, the editor).
import { parseDate } from '../dates.ts'
import type { Line, Part, Reading } from './lines.ts'
import { proseOf } from './noise.ts'
import { attribute, shortText } from './tree.ts'

/** What a page says of itself for machines, by name in lower case; the first word on a matter stands. */
export interface Said {
  metas: ReadonlyMap<string, string>
  linked: Linked
}

export interface Linked {
  type: string
  headline?: string
  author?: string
  date?: string
  publisher?: string
  /** The outlet that stands as the author. */
  outlet?: string
  text?: string
}

export function saidOf({ metas }: Reading, html: string): Said {
  const said = new Map<string, string>()
  for (const meta of metas) {
    const content = attribute(meta, 'content')?.replace(/\s+/g, ' ')
    if (!content || content.length > 1_000) continue
    for (const key of ['property', 'name', 'itemprop']) {
      const name = attribute(meta, key)?.toLowerCase()
      if (name && !said.has(name)) said.set(name, content)
    }
  }
  return { metas: said, linked: linkedData(html) }
}

const script = /<script[^>]{0,300}application\/ld\+json[^>]{0,300}>/gi
const maxLinkedData = 300_000

/** schema.org and Baidu's cambrian data; anything malformed is passed over. */
function linkedData(html: string): Linked {
  const found: Linked = { type: '' }
  let read = 0
  for (const start of html.matchAll(script)) {
    const from = start.index + start[0].length
    const to = html.indexOf('</script', from)
    read += to - from
    if (to < 0 || read > maxLinkedData) break
    // Line ends inside strings are no JSON, and frequent.
    const parsed = parsedJson(html.slice(from, to).replace(/[\u0000-\u001f]+/g, ' '))
    for (const node of nodes(parsed)) takeLinked(node, found)
  }
  return found
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function nodes(value: unknown): Fields[] {
  const all = Array.isArray(value) ? value : isFields(value) ? [value, ...arrayed(value['@graph'])] : []
  return all.slice(0, 50).filter(isFields)
}

const arrayed = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]
const textOf = (value: unknown) => (typeof value === 'string' && value.trim() ? value.trim() : undefined)

function takeLinked(node: Fields, found: Linked) {
  const type = arrayed(node['@type']).join(' ')
  const isArticle = /Article|Posting|Report|Review|WebPage|Question|QAPage|Discussion/i.test(type)
  if (type !== '' && !isArticle) return
  found.type ||= type
  found.text ??= textOf(node.articleBody)
  const take = (key: Exclude<keyof Linked, 'type' | 'text'>, value: string | undefined) => {
    if (value && value.length < 500) found[key] ??= value
  }
  take('headline', textOf(node.headline))
  take('date', textOf(node.datePublished) ?? textOf(node.pubDate) ?? textOf(node.dateCreated))
  const people = arrayed(node.author).map((author) => (isFields(author) ? named(author) : textOf(author)))
  take(
    'author',
    people.find((name) => name !== undefined),
  )
  const outlets = arrayed(node.author).map((author) => (isFields(author) ? textOf(author.name) : undefined))
  take(
    'outlet',
    outlets.find((name) => name !== undefined && medium.test(name)),
  )
  const publisher = node.publisher
  if (isFields(publisher)) take('publisher', textOf(publisher.name))
}

const named = (author: Fields) =>
  author['@type'] === 'Organization' ? undefined : textOf(author.name)?.replace(/^by\s+/i, '')

const squeezed = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()

/** The title without the site's name, as the page's own heading writes it. */
export function titleOf(reading: Reading, { metas, linked }: Said): string {
  const whole = reading.title
  const open =
    metas.get('articletitle') ?? metas.get('og:title') ?? metas.get('twitter:title') ?? linked.headline ?? ''
  const told = [whole, open].map(squeezed).filter((text) => text.length > 0)
  const cut = withoutSite(open) || withoutSite(whole)
  let best = ''
  for (const heading of headings(reading)) {
    const own = squeezed(heading)
    if (own.length < 2) continue
    // A heading that the title begins with is the title without its site …
    if (told.some((text) => text.startsWith(own)) && own.length > squeezed(best).length) best = heading
  }
  const first = squeezed(whole.split(separator)[0] ?? '')
  const isWhole = squeezed(best).length >= 4 || squeezed(best) === squeezed(cut) || squeezed(best) === first
  if (best && isWhole) return best
  // … one that has the cut title in it carries a counter or a badge; and a title may name the site alone.
  const heading = headings(reading)[0] ?? ''
  return !cut || (isSiteName(cut, metas) && heading.length > cut.length) ? heading || cut : cut
}

const isSiteName = (text: string, metas: Said['metas']) =>
  [metas.get('og:site_name'), metas.get('sitename'), metas.get('application-name')].includes(text) ||
  /^\S{2,16}(?:网|网站|政府|论坛|门户|委员会|局|日报|在线)$/.test(text)

function headings({ parts, lines }: Reading): string[] {
  const first: string[] = []
  const then: string[] = []
  for (const part of parts) {
    const isFirst = part.element.tag === 'h1'
    if (!isFirst && !/^h[2-4]$/.test(part.element.tag) && !/title|biaoti|headline|subject/i.test(part.names))
      continue
    if (part.to - part.from > 3) continue
    const list = isFirst ? first : then
    if (list.length >= 100) continue
    const own = lines.slice(part.from, part.to).map((line) => line.text)
    for (const text of own.length > 1 ? [own.join(' '), ...own] : own) if (text.length <= 200) list.push(text)
  }
  return [...first, ...then]
}

const separator = /\s*[_|｜–—]+\s*|\s+[-·»«]+\s+|\s*--+\s*|-(?=[^-]{2,16}$)/

/** «标题_频道_站点» → «标题»: cuts from the end as long as what stays is the longer part or a title by itself. */
function withoutSite(title: string): string {
  let kept = title
  for (let cuts = 0; cuts < 6; cuts++) {
    const found =
      /^(.+?)(?:\s*[_|｜–—]+\s*|\s+[-·»«]+\s+|\s*--+\s*)([^_|｜–—]{1,24})$/.exec(kept) ?? hyphened.exec(kept)
    const [, stays = '', tail = ''] = found ?? []
    if (!stays || (stays.length < tail.length && stays.length < 4)) break
    kept = stays
  }
  return kept.replace(/^\(.{1,30}(?:私信|消息)\)\s*/, '').trim()
}

/** A hyphen without spaces divides Chinese words only: «COVID-19», «Covid-Fälle» and «A-share» stay whole. */
const hyphened = /^(.*\p{Script=Han}.*?)-(?=[^-]*\p{Script=Han})([^-]{2,16})$/u

/** The site's name as the page gives it, or as the title ends. */
export function siteNameOf({ title }: Reading, { metas, linked }: Said, own: string): string | undefined {
  const said = metas.get('og:site_name') ?? metas.get('sitename') ?? metas.get('application-name')
  if (said) return said
  if (linked.publisher) return linked.publisher
  if (!title.startsWith(own.slice(0, 10))) return undefined
  const tails = title
    .slice(own.length)
    .split(separator)
    .map((part) => part.trim())
  const fits = tails.filter((part) => part.length >= 2 && part.length <= 24).reverse()
  // Keywords stand behind titles as well.
  return (
    fits.find((part) => /网|報|报|新闻|新聞|在线|论坛|社区|政府|博客|news|times|daily|post$/i.test(part)) ??
    (fits.length === 1 ? fits[0] : undefined)
  )
}

const day = String.raw`(?<year>(?:19|20)\d\d)\s*[-/.年]\s*(?<month>\d{1,2})\s*[-/.月]\s*(?<day>[0-3]?\d)\s*日?`
const clock = String.raw`(?:[\sT|]*(?:\(?(?:星期|周|週)[一二三四五六日天]\)?)?\s*(?<half>凌晨|早上|上午|中午|下午|晚上)?\s*(?<clock>[0-2]?\d[:：][0-5]\d(?:[:：][0-5]\d)?))?`
const fullDate = new RegExp(day + clock)
const englishDate =
  /(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d|\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?,? (?:19|20)\d\d)/i
const relativeDate =
  /(?:刚刚|半小时前|\d{1,3} ?(?:秒钟?|分钟|个?小时|天|周|个?月|年)前|(?:今天|昨天|前天) ?\d{1,2}[:：]\d\d|(?<![\d-/])(?:\d{1,2}-\d{1,2}|\d{1,2}月\d{1,2}日) ?\d{1,2}[:：]\d\d)/
const otherDate = /更新于|修改于|最后|推荐|copyright|©|备案|截[至止]/i
const datePlaces = /time|date|info|source|meta|pub|author|article-?head|riqi|shijian/i

/** When it was published, ISO 8601 UTC; a date in the future is none. */
export function dateOf(
  reading: Reading,
  said: Said,
  body: Around,
  html: string,
  now: Date,
): string | undefined {
  const plausible = (written: string | undefined) => {
    const at = parseDate(written, { now })
    return at && Date.parse(at) <= now.getTime() + 86_400_000 && Date.parse(at) > earliest ? at : undefined
  }
  const told = dateNames.map((name) => said.metas.get(name)).find((written) => plausible(written))
  const machine = plausible(told) ?? plausible(said.linked.date) ?? plausible(timeElement(reading))
  if (machine && !isMidnight(machine)) return machine
  const written = datesOn(reading, body, plausible)
  // A machine's bare day gets its hour from the page, when both name the same day.
  if (machine) return written.find((at) => dayOf(at) === dayOf(machine)) ?? machine
  return written[0] ?? plausible(inScript(html))
}

export interface Around {
  from: number
  to: number
  title: string
}

const earliest = Date.UTC(1994, 0, 1)
const dayOf = (at: string) => new Date(Date.parse(at) + 480 * 60_000).toISOString().slice(0, 10)
const isMidnight = (at: string) =>
  new Date(Date.parse(at) + 480 * 60_000).toISOString().slice(11, 19) === '00:00:00'

const dateNames = [
  'weibo: article:create_at',
  'article:published_time',
  'news:published_time',
  'og:published_time',
  'og:release_date',
  'og:time',
  'bytedance:published_time',
  'datepublished',
  'publishdate',
  'publish-date',
  'pubdate',
  'publish_time',
  'publication_date',
  'apub:time',
  'parsely-pub-date',
  'sailthru.date',
  'dc.date',
  'dc.date.issued',
  'dcterms.created',
  'datecreated',
  'date',
  'createdate',
  'release_date',
  'dateupdate',
]

function timeElement({ times }: Reading): string | undefined {
  return times.map((time) => attribute(time, 'datetime')).find((written) => written !== undefined)
}

/** Dates written on the page, the likeliest first: beside the title, in places named for it, above the text, below it. */
function datesOn(
  { lines }: Reading,
  { from, to, title }: Around,
  plausible: (written: string | undefined) => string | undefined,
): string[] {
  const heading = lines.findLastIndex((line, at) => at < from + 5 && line.text === title)
  const beside =
    heading < 0
      ? []
      : [...lines.slice(heading, heading + 12), ...lines.slice(Math.max(0, heading - 2), heading)]
  const above = lines.slice(Math.max(0, heading < 0 ? from - 15 : heading - 2), from + 3)
  // What stands well above the heading is the masthead, with today's date.
  const places = lines.slice(Math.max(0, heading - 12), from + 300).filter((line) => isPlace(line.owner))
  const below = lines.slice(Math.max(0, to - 3), to + 8)
  const found: string[] = []
  // A post's own line, or the day under an official letter.
  const inside = [...lines.slice(from, from + 30), ...lines.slice(Math.max(from, to - 5), to)].filter(
    (line) => line.text.length <= 60 && ownDate.test(line.text),
  )
  for (const group of [beside, above, places, below, inside]) {
    for (const line of group) {
      if (line.text.length > 200 || otherDate.test(line.text) || proseOf(line) > 40) continue
      // An item of a list of other articles.
      if (line.chars > 20 && line.linked > line.chars / 2) continue
      const at = dateIn(line, plausible)
      if (at) found.push(at)
      if (found.length >= 12) return found
    }
  }
  return found
}

const ownDate =
  /^(?:发表|发布|发帖|提交|时间|日期|posted|published)|^\S{0,4}(?:19|20)\d\d\s*[-/.年].{4,14}$|\d+ ?楼/i

const isPlace = (part: Part) => datePlaces.test(part.names) || datePlaces.test(part.parent?.names ?? '')

function dateIn(
  line: Line,
  plausible: (written: string | undefined) => string | undefined,
): string | undefined {
  const text = line.text.normalize('NFKC')
  const full = fullDate.exec(text)?.groups
  if (full) {
    const { year, month, day, half = '', clock = '' } = full
    return plausible(`${year}年${month}月${day}日 ${half}${clock.replace(/：/g, ':')}`.trim())
  }
  // The others are found in prose too; a line of their own is short.
  if (text.length > 60) return undefined
  const english = englishDate.exec(text)?.[0]?.replace(/(\d)(?:st|nd|rd|th)/i, '$1')
  return plausible(english) ?? plausible(relativeDate.exec(text)?.[0]?.replace(/：/g, ':'))
}

const inScripts =
  /["']?(?:pub(?:lish(?:ed)?)?_?(?:time|date|at)|oriCreateTime|create_?time|\bct)["']?\s*[:=]\s*["']?(\d{10}(?:\d{3})?|\d{4}[-/]\d\d?[-/]\d\d?[T ]\d\d?:\d\d(?::\d\d)?(?:\+\d\d:?\d\d|Z)?)(?=["',;\s}])/i

/** Pages that are drawn by their scripts carry the time only there. */
const inScript = (html: string) => inScripts.exec(html.slice(0, 1_000_000))?.[1]

const person = String.raw`[\p{Script=Han}]{2,4}(?:[·•][\p{Script=Han}]{1,8})?(?!\p{Script=Han})`
const bylines = [
  /(?:作者|撰文|撰稿|笔者|原创作者|文字)\s*[:：/|丨]\s*(?<name>[^\s:：|丨/,，。;；()（）[\]【】<>《》]{2,20}(?: (?=[A-Z])[\w.]{2,20})?)/u,
  /(?:^|[\s|丨(（])文\s*[:：/|丨]\s*(?<name>[^\s:：|丨/,，。;；()（）[\]【】<>《》]{2,16})/u,
  /^[Bb][Yy]\s+(?<name>\p{Lu}[\p{L}.'’-]+(?: \p{Lu}[\p{L}.'’-]*){0,3})/u,
]
const reporters = [
  new RegExp(String.raw`(?:本报|本刊|本网|特约)?(?:全媒体)?记者\s*[:：]?\s*(?<name>${person})`, 'u'),
  new RegExp(String.raw`(?:评论员|通讯员)(?:\s*[:：]\s*|\s+)(?<name>${person})(?=\s|$)`, 'u'),
]
const notPerson =
  /^https?:|^[\d\s]+$|[!！。，?？:：|]|\d{4}-\d|\d+ ?(?:天|个?月|年|周|分钟|小时)前|来源|编辑|时间|网友|评论员|记者|^(?:admin|administrator|editor|root|null|undefined|佚名|未知|匿名|责任编辑|原创|admin\w*)$|其他|文章|声明|discuz/i
const medium =
  /(?:网|报|社|新闻|日报|周刊|电视台|官方|频道|编辑部|客户端|资讯|政府|委员会|办公室|集团|公司|观察|财经|联播|mobile|online|news|团队)$/i

/** The byline: a person before an outlet; the reporter named in the text when nothing else is. */
export function authorOf(
  reading: Reading,
  { metas, linked }: Said,
  { from, to, title }: Around,
): string | undefined {
  const { lines, parts } = reading
  const site = siteNameOf(reading, { metas, linked }, title) ?? ''
  const isPerson = (name: string | undefined): name is string =>
    name !== undefined &&
    name.length >= 2 &&
    name.length <= 40 &&
    !notPerson.test(name) &&
    !medium.test(name) &&
    !site.includes(name) &&
    name !== metas.get('editor')
  if (isPerson(linked.author)) return linked.author
  const near = [
    ...lines.slice(Math.max(0, from - 25), from + 6),
    ...lines.slice(Math.max(from, to - 3), to + 12),
  ]
  for (const pattern of bylines) {
    for (const line of near) {
      const name = line.text.length < 150 ? pattern.exec(line.text)?.groups?.name : undefined
      if (isPerson(name)) return name
    }
  }
  for (const { element, at } of reading.links) {
    if (at < from - 40 || at > to + 12 || !/(?:^|\s)author(?:\s|$)/i.test(attribute(element, 'rel') ?? ''))
      continue
    const name = shortText(element)
    if (isPerson(name)) return name
  }
  const places = parts.filter(
    (part) =>
      /(?:^|[-_\s])(?:author|writer|byline|nick-?name|zuozhe)|author-?name|nickName|user-?name/i.test(
        part.names,
      ) &&
      part.to - part.from <= 2 &&
      part.from <= from + 1 &&
      part.from >= from - 40,
  )
  for (const part of places) {
    const name = placed(part, lines)
    if (isPerson(name)) return name
  }
  for (const name of [metas.get('author'), metas.get('article:author'), metas.get('byl')]) {
    const clean = name?.replace(/^(?:作者[:：]|by\s+)/i, '').trim()
    if (isPerson(clean) && (clean.length <= 4 || / /.test(clean) || !/\p{Script=Han}/u.test(clean)))
      return clean
  }
  for (const pattern of reporters) {
    for (const line of near) {
      const name = line.text.length < 150 ? pattern.exec(line.text)?.groups?.name : undefined
      if (name && !notPerson.test(name)) return name
    }
  }
  return undefined
}

function placed({ from, to, element }: Part, lines: readonly Line[]): string | undefined {
  const text = element.children.length === 1 ? element.children[0] : undefined
  const own = typeof text === 'string' ? text : lines.slice(from, to)[0]?.text
  return own?.trim().replace(/^(?:作者|责任编辑|编辑|by)\s*[:：]?\s*/i, '')
}

const sources =
  /(?:(?:信息|文章|稿件|新闻)?来源|来自|稿源|转自|出处)\s*[:：|丨]\s*(?<name>[^\s:：|丨,，。;；()（）[\]【】<>]{2,24})/u

/** The outlet a text is taken from, as the page names it. */
export function sourceOf(
  { lines }: Reading,
  { metas, linked }: Said,
  { from, to, title }: Around,
): string | undefined {
  const clean = (name: string | undefined) => {
    // «来源: 云湖晚报2026-03-05» without a space between them.
    const short = name
      ?.replace(/(?:19|20)\d\d[-/.年].*$|(?:作者|(?:责任)?编辑|(?:发布)?(?:时间|日期)|浏览(?:次数)?)$/, '')
      .trim()
    return short && short.length >= 2 && short.length <= 24 && !/^https?:|^\d+$/.test(short)
      ? short
      : undefined
  }
  const heading = lines.findLastIndex((line, at) => at < from + 5 && line.text === title)
  const beside = lines
    .slice(Math.max(0, heading < 0 ? from - 15 : heading), from + 3)
    .filter((line) => line.text.length < 120)
  for (const line of beside) {
    const name = clean(sources.exec(line.text)?.groups?.name)
    if (name) return name
  }
  for (const key of ['contentsource', 'source', 'mediaid', 'article:author']) {
    const name = clean(metas.get(key)?.replace(/^来源[:：]\s*/, ''))
    if (name) return name
  }
  if (linked.outlet) return linked.outlet
  // «2026-03-05 14:05 云湖晚报»
  for (const line of beside) {
    const name = clean(afterDate.exec(line.text)?.groups?.name)
    if (name && !/^(?:作者|编辑|浏览|阅读|评论|发布|来自|举报|字号|点击|周|星期)/.test(name)) return name
  }
  const below = lines.slice(Math.max(from, to - 3), to + 6).filter((line) => line.text.length < 120)
  return below.map((line) => clean(sources.exec(line.text)?.groups?.name)).find((name) => name !== undefined)
}

const afterDate = new RegExp(
  `${day}${clock}[\\s·|]*(?<name>\\p{Script=Han}[^\\s:：|丨,，。;；()（）]{1,15})(?=\\s|$)`,
  'u',
)

/** At most twenty, as the page lists them. */
export function keywordsOf({ metas }: Said): string[] {
  const written = metas.get('keywords') ?? metas.get('news_keywords') ?? ''
  const parts = written.split(/[,，;；、|]/).map((word) => word.trim())
  return [...new Set(parts.filter((word) => word.length > 0 && word.length <= 40))].slice(0, 20)
}
