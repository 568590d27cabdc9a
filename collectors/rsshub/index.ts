// Feeds of an RSSHub of one's own: it makes feeds of sites that have none. The routes below are its own; what stands after
// a colon is filled in, a question mark says that it may be left out.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { CollectError, defineCollector } from '../collector.ts'
import { said } from '../details.ts'
import { type Field, webAddress } from '../fields.ts'
import { readFeed } from '../rss/index.ts'

const routes = [
  {
    route: '/people/liuyan/:id/:state?',
    zh: '人民网领导留言板（编号/状态）',
    en: 'Message board for leaders (id/state)',
  },
  { route: '/weibo/keyword/:keyword', zh: '微博关键词', en: 'Weibo keyword' },
  { route: '/weibo/search/hot', zh: '微博热搜', en: 'Weibo hot searches' },
  { route: '/zhihu/topic/:topicId', zh: '知乎话题（编号）', en: 'Zhihu topic (id)' },
  { route: '/zhihu/question/:questionId', zh: '知乎问题（编号）', en: 'Zhihu question (id)' },
  { route: '/zhihu/hot', zh: '知乎热榜', en: 'Zhihu hot list' },
  { route: '/nmc/weatheralarm/:province?', zh: '气象预警（省份）', en: 'Weather alarms (province)' },
  { route: '/gov/mohurd/policy', zh: '住房和城乡建设部政策', en: 'Ministry of housing: policies' },
  { route: '/gov/zhengce/zuixin', zh: '中国政府网最新政策', en: 'Central government: latest policies' },
  {
    route: '/gov/zhengce/zhengceku/:department',
    zh: '国务院政策文件库（库名）',
    en: 'State Council policy library (department)',
  },
  {
    route: '/gov/shenzhen/zjj/xxgk/:caty',
    zh: '深圳市住房和建设局（类别，如 tzgg）',
    en: 'Shenzhen housing bureau (category, e.g. tzgg)',
  },
] as const
const free = 'free'

const fields: readonly Field[] = [
  {
    name: 'base',
    label: { zh: 'RSSHub 地址', en: 'Address of your RSSHub' },
    kind: 'url',
    required: true,
    hint: {
      zh: '请使用自己部署的实例；内网地址由管理员在 WEIYU_FETCH_ALLOW 中开放',
      en: 'One of your own; a private address is opened in WEIYU_FETCH_ALLOW',
    },
    placeholder: 'https://rsshub.example.com',
  },
  {
    name: 'route',
    label: { zh: '内容', en: 'What to read' },
    kind: 'select',
    choices: [
      ...routes.map(({ route, zh, en }) => ({ value: route, label: { zh, en } })),
      { value: free, label: { zh: '其他路由', en: 'Another route' } },
    ],
  },
  {
    name: 'parameters',
    label: { zh: '参数', en: 'Parameters' },
    kind: 'lines',
    when: { field: 'route', is: routes.map(({ route }) => route).filter((route) => route.includes(':')) },
    hint: {
      zh: '按括号中的顺序每行一个：关键词、编号或省份',
      en: 'One a line in the order given: keyword, id or province',
    },
    placeholder: '云湖湾',
  },
  {
    name: 'path',
    label: { zh: '路由', en: 'Route' },
    kind: 'text',
    when: { field: 'route', is: [free] },
    placeholder: '/zhihu/question/123456?limit=20',
  },
  {
    name: 'key',
    label: { zh: '访问密钥', en: 'Access key' },
    kind: 'secret',
    sentTo: ['base'],
    hint: {
      zh: '实例设置了 ACCESS_KEY 时填写；只发送由它算出的校验码',
      en: 'If your instance has an ACCESS_KEY; only the code made of it is sent',
    },
  },
]

const Options = z
  .object({
    base: webAddress,
    route: z.enum([free, ...routes.map(({ route }) => route)]).default(free),
    parameters: z.string().max(1_000).default(''),
    path: z.string().trim().max(1_000).default(''),
    key: z.string().max(500).default(''),
  })
  .superRefine((options, check) => {
    const wrong = (field: string, message: string) =>
      check.addIssue({ code: 'custom', path: [field], message })
    if (options.route === free && !/^\/[^\s#]+$/.test(options.path))
      wrong('path', 'a route begins with / and has no spaces (路由以 / 开头，不含空格)')
    // Written there they would lie in the clear, and every reader of the source would see them.
    for (const field of ['base', 'path'] as const) if (holdsKey(options[field])) wrong(field, keyBelongs)
    if (options.route !== free && filled(options.route, options.parameters) === undefined)
      wrong('parameters', `«${options.route}» needs its parameters, one a line`)
  })
type Options = z.infer<typeof Options>

const keyBelongs =
  'leave out key= and code= and enter the access key in its own field, where it is kept encrypted; the code is made of it (请去掉 key= 或 code=，把访问密钥填在「访问密钥」一栏：加密保存，校验码自动算出)'

/** RSSHub takes its access key, or the code made of it, from these parameters. */
const holdsKey = (written: string) =>
  [...new URLSearchParams(/\?([^#]*)/.exec(written)?.[1])].some(([name]) =>
    /^(?:key|code)$/i.test(name.trim()),
  )

/** The route with its parameters; `undefined` when one that it needs is missing or one too many is given. */
function filled(route: string, parameters: string): string | undefined {
  const given = parameters
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  let isMissing = false
  const parts = route.split('/').flatMap((part) => {
    if (!part.startsWith(':')) return [part]
    const value = given.shift()
    if (value !== undefined) return [encodeURIComponent(value)]
    isMissing ||= !part.endsWith('?')
    return []
  })
  return isMissing || given.length > 0 ? undefined : parts.join('/')
}

/** RSSHub compares `code` with the MD5 of its own path and the key; a prefix of a proxy in front of it is not part of that. */
export function addressOf({ base, route, parameters, path, key }: Options): string {
  const written = route === free ? path : (filled(route, parameters) ?? '')
  const url = new URL(`${base.replace(/[?#].*$/, '').replace(/\/+$/, '')}${written}`)
  if (key !== '') {
    const own = decodedPath(new URL(written, 'http://rsshub').pathname)
    url.searchParams.set(
      'code',
      createHash('md5')
        .update(own + key)
        .digest('hex'),
    )
  }
  return url.href
}

/** The server sees the path decoded, but for a percent sign. */
function decodedPath(path: string): string {
  try {
    return decodeURI(path.replaceAll('%25', '%2525'))
  } catch {
    return path
  }
}

export const rsshub = defineCollector<Options>({
  kind: 'rsshub',
  label: { zh: 'RSSHub 路由', en: 'RSSHub route' },
  hasPublisher: true,
  fields,
  options: Options,
  schedule: '*/20 * * * *',
  async collect(options, tools) {
    try {
      return await readFeed(addressOf(options), tools)
    } catch (error) {
      throw explained(error)
    }
  },
})

/** RSSHub answers 503 when the site behind it refuses or its settings lack a cookie: nothing is wrong with the address. */
function explained(error: unknown): unknown {
  if (!(error instanceof CollectError) || !error.message.startsWith('HTTP 503')) return error
  return new CollectError(error.outcome, said('rsshub', { reason: error.message }), error.retryAfterMs)
}
