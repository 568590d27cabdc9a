// A ranked list of topics as JSON: hot searches and hot questions of the platforms, from their own interface or a mirror.
//
// A topic keeps one identity by its words: its address often carries its rank or the time of the request. Rank and heat are
// counters, so that the rows of observation are its course. A topic that came on between two looks close together is new,
// seen first at the second one; when it was published a hot list does not say, and nothing here says it instead.
import { z } from 'zod'
import { type Capture, CollectError, type CollectTools, defineCollector } from '../collector.ts'
import { parseDate } from '../dates.ts'
import { type Field, jsonPathOption, webAddress } from '../fields.ts'
import { htmlToText } from '../html.ts'
import { jsonOf } from '../json.ts'
import { listAt, parsePath, parseTemplate } from '../json-path.ts'

interface Format {
  items: string
  title: string
  url: string
  heat: string
  body: string
  publisher: string
}

// Members as the platforms and the usual mirrors name them; the host is the user's.
const formats = {
  mirror: { items: 'data', title: 'title', url: 'url', heat: 'hot', body: 'desc', publisher: '' },
  'mirror-value': { items: 'data', title: 'title', url: 'link', heat: 'hot_value', body: '', publisher: '' },
  newsnow: { items: 'items', title: 'title', url: 'url', heat: 'extra.info', body: '', publisher: '' },
  weibo: {
    items: 'data.realtime',
    title: 'word',
    url: '"https://s.weibo.com/weibo?q={word}"',
    heat: 'num',
    body: '',
    publisher: '微博热搜',
  },
  zhihu: {
    items: 'data',
    title: 'target.title',
    url: '"https://www.zhihu.com/question/{target.id}"',
    heat: 'detail_text',
    body: 'target.excerpt',
    publisher: '知乎热榜',
  },
  baidu: {
    items: 'data.cards[0].content',
    title: 'word',
    url: 'url',
    heat: 'hotScore',
    body: 'desc',
    publisher: '百度热搜',
  },
  toutiao: { items: 'data', title: 'Title', url: 'Url', heat: 'HotValue', body: '', publisher: '头条热榜' },
  douyin: {
    items: 'data.word_list',
    title: 'word',
    url: '"https://www.douyin.com/search/{word}"',
    heat: 'hot_value',
    body: '',
    publisher: '抖音热榜',
  },
} as const satisfies Readonly<Record<string, Format>>
type FormatName = keyof typeof formats

const own: Pick<Field, 'when'> = { when: { field: 'format', is: ['own'] } }
const fields: readonly Field[] = [
  {
    name: 'url',
    label: { zh: '榜单接口地址', en: 'Address of the list' },
    kind: 'url',
    required: true,
    hint: {
      zh: '平台接口或您自己的聚合服务，返回 JSON',
      en: 'Of the platform or of a mirror of yours; answers JSON',
    },
    placeholder: 'https://hot.example.com/weibo',
  },
  {
    name: 'format',
    label: { zh: '格式', en: 'Format' },
    kind: 'select',
    choices: [
      {
        value: 'mirror',
        label: { zh: '聚合服务：data[].title/url/hot', en: 'Mirror: data[].title/url/hot' },
      },
      {
        value: 'mirror-value',
        label: { zh: '聚合服务：data[].title/link/hot_value', en: 'Mirror: data[].title/link/hot_value' },
      },
      { value: 'newsnow', label: { zh: '聚合服务：items[].title/url', en: 'Mirror: items[].title/url' } },
      { value: 'weibo', label: { zh: '微博热搜', en: 'Weibo' } },
      { value: 'zhihu', label: { zh: '知乎热榜', en: 'Zhihu' } },
      { value: 'baidu', label: { zh: '百度热搜', en: 'Baidu' } },
      { value: 'toutiao', label: { zh: '头条热榜', en: 'Toutiao' } },
      { value: 'douyin', label: { zh: '抖音热榜', en: 'Douyin' } },
      { value: 'own', label: { zh: '自定义', en: 'Own' } },
    ],
  },
  {
    name: 'platform',
    label: { zh: '平台名称', en: 'Platform' },
    kind: 'text',
    hint: { zh: '显示为来源；不填用格式自带的名称', en: 'Shown as publisher; that of the format when empty' },
    placeholder: '微博热搜',
  },
  {
    name: 'items',
    label: { zh: '榜单路径', en: 'Path of the list' },
    kind: 'json-path',
    ...own,
    placeholder: 'data.list',
  },
  {
    name: 'title',
    label: { zh: '标题路径', en: 'Path of the title' },
    kind: 'json-path',
    ...own,
    placeholder: 'title',
  },
  {
    name: 'link',
    label: { zh: '链接路径', en: 'Path of the address' },
    kind: 'json-path',
    ...own,
    hint: {
      zh: '也可写成 "https://example.com/s?q={title}"',
      en: 'Or made of others: "https://example.com/s?q={title}"',
    },
  },
  { name: 'heat', label: { zh: '热度路径', en: 'Path of the heat' }, kind: 'json-path', ...own },
  { name: 'date', label: { zh: '上榜时间路径', en: 'Path of the time' }, kind: 'json-path', ...own },
]

const template = z
  .string()
  .trim()
  .max(300)
  .refine((text) => parseTemplate(text) !== undefined, 'not a path such as data.title')
  .default('')
const Options = z
  .object({
    url: webAddress,
    format: z.enum(['own', ...Object.keys(formats)]).default('mirror'),
    platform: z.string().trim().max(100).default(''),
    items: jsonPathOption,
    title: template,
    link: template,
    heat: template,
    date: template,
  })
  .refine(({ format, title }) => format !== 'own' || title !== '', {
    path: ['title'],
    message: 'say where an item holds its title',
  })
type Options = z.infer<typeof Options>

const Cursor = z.object({ at: z.string(), topics: z.array(z.string()) })
const mostTopics = 300
/** Of two looks this near to each other the second tells what is new. */
const bracketMs = 2 * 3_600_000

export const hotList = defineCollector<Options>({
  kind: 'hot-list',
  label: { zh: '热榜', en: 'Hot list' },
  hasPublisher: true,
  fields,
  options: Options,
  schedule: '*/10 * * * *',
  async collect(options, tools) {
    const answer = await tools.fetch(options.url, {
      accept: 'application/json, */*;q=0.5',
      conditional: true,
    })
    if (answer.notModified) return { outcome: 'not-modified' }
    const topics = topicsOf(jsonOf(answer), options, tools, answer.url)
    const before = Cursor.safeParse(tools.cursor).data
    const isNear = before !== undefined && tools.now.getTime() - Date.parse(before.at) <= bracketMs
    const known = new Set(before?.topics)
    const captures = topics.map((topic) =>
      topic.publishedAt === undefined && isNear && !known.has(topic.externalId)
        ? { ...topic, absentAt: before.at }
        : topic,
    )
    const cursor = { at: tools.now.toISOString(), topics: topics.map(({ externalId }) => externalId) }
    return { outcome: 'ok', captures, cursor }
  },
})

type Topic = Capture & { externalId: string }

/** By rank, each topic once. @throws CollectError `parse-error` when the answer holds no topics: a hot list is never empty */
function topicsOf(root: unknown, options: Options, { now }: CollectTools, base: string): Topic[] {
  const format = formatOf(options)
  const items = listAt(root, parsePath(format.items) ?? []).slice(0, mostTopics)
  const read = (text: string) => (text === '' ? () => '' : (parseTemplate(text) ?? (() => '')))
  const [title, url, heat, body, date] = [
    format.title,
    format.url,
    format.heat,
    format.body,
    options.date,
  ].map(read)
  const topics = new Map<string, Topic>()
  for (const item of items) {
    const words = htmlToText(title?.(item) ?? '')
      .replace(/\s+/g, ' ')
      .trim()
    const key = keyOf(words)
    if (key === '' || topics.has(key)) continue
    const address = url?.(item).trim() ?? ''
    const figure = countOf(heat?.(item) ?? '')
    const at = parseDate(date?.(item), { now })
    topics.set(key, {
      externalId: key,
      identifiedBy: 'externalId',
      title: words,
      body: htmlToText(body?.(item) ?? ''),
      ...(format.publisher === '' ? {} : { publisherName: format.publisher }),
      ...(address !== '' && URL.canParse(address, base) ? { url: new URL(address, base).href } : {}),
      ...(at === undefined ? {} : { publishedAt: at }),
      counters: { rank: topics.size + 1, ...(figure === undefined ? {} : { heat: figure }) },
      raw: item,
    })
  }
  if (topics.size > 0) return [...topics.values()]
  const members = root !== null && typeof root === 'object' ? Object.keys(root).slice(0, 12).join(', ') : ''
  throw new CollectError(
    'parse-error',
    `no topics at «${format.items || '$'}»; the answer holds ${members.slice(0, 300) || 'nothing'}`,
  )
}

const isFormat = (name: string): name is FormatName => Object.hasOwn(formats, name)

function formatOf({ format, platform, items, title, link, heat }: Options): Format {
  const chosen: Format = isFormat(format)
    ? formats[format]
    : { items, title, url: link, heat, body: '', publisher: '' }
  return platform === '' ? chosen : { ...chosen, publisher: platform }
}

/** The words that make the topic, whatever stands around them: «#云湖湾 渗水#» is «云湖湾渗水». */
const keyOf = (title: string) =>
  title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .slice(0, 200)

/** «1234 万热度», «1.2亿», «12,345» → a figure. */
export function countOf(text: string): number | undefined {
  const found = /(\d[\d,]*(?:\.\d+)?)\s*(万|亿|k|w|m)?/i.exec(text.normalize('NFKC'))
  if (!found) return undefined
  const scale = { 万: 1e4, w: 1e4, 亿: 1e8, k: 1e3, m: 1e6 }[found[2]?.toLowerCase() ?? ''] ?? 1
  const value = Math.round(Number(found[1]?.replaceAll(',', '')) * scale)
  return Number.isSafeInteger(value) ? value : undefined
}
