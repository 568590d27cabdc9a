import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressOf, rsshub } from '../../../collectors/rsshub/index.ts'
import { collectTools } from '../../support/collect-tools.ts'
import { loopbackSite } from '../../support/loopback-site.ts'

let site: Awaited<ReturnType<typeof loopbackSite>>
beforeAll(async () => {
  site = await loopbackSite()
})
afterAll(() => site.close())

const optionsOf = (options: object) =>
  rsshub.options.parse({ base: 'https://hub.example/', ...options }) as Parameters<typeof addressOf>[0]
const run = (options: object) =>
  rsshub.collect({ base: site.origin, ...options }, collectTools({ fetch: (url) => site.fetcher.fetch(url) }))

test('a route is filled with its parameters, a free one is taken as it stands', () => {
  const address = (options: object) => addressOf(optionsOf(options))
  expect(address({ route: '/weibo/keyword/:keyword', parameters: '云湖湾 渗水' })).toBe(
    'https://hub.example/weibo/keyword/%E4%BA%91%E6%B9%96%E6%B9%BE%20%E6%B8%97%E6%B0%B4',
  )
  expect(address({ route: '/people/liuyan/:id/:state?', parameters: '539' })).toBe(
    'https://hub.example/people/liuyan/539',
  )
  expect(address({ route: '/people/liuyan/:id/:state?', parameters: '539\n2' })).toBe(
    'https://hub.example/people/liuyan/539/2',
  )
  expect(address({ route: 'free', path: '/a/b?limit=5' })).toBe('https://hub.example/a/b?limit=5')
})

test('the access key itself is never sent: only the MD5 of the decoded path and the key', () => {
  const url = new URL(
    addressOf(
      optionsOf({
        base: 'https://hub.example/behind/proxy',
        route: '/nmc/weatheralarm/:province?',
        parameters: '广东省',
        key: '1L0ve',
      }),
    ),
  )
  expect(url.searchParams.get('code')).toBe(
    createHash('md5').update('/nmc/weatheralarm/广东省1L0ve').digest('hex'),
  )
  expect(url.href).not.toContain('1L0ve')
  expect(url.pathname).toMatch(/^\/behind\/proxy\/nmc\//)
})

test('missing and surplus parameters and a route with spaces are refused beside their field', () => {
  const fieldOf = (options: object) =>
    rsshub.options.safeParse({ base: 'https://hub.example', ...options }).error?.issues[0]?.path[0]
  expect(fieldOf({ route: '/weibo/keyword/:keyword' })).toBe('parameters')
  expect(fieldOf({ route: '/zhihu/hot', parameters: '多余' })).toBe('parameters')
  expect(fieldOf({ route: 'free', path: 'no slash' })).toBe('path')
  expect(fieldOf({ route: '/zhihu/hot' })).toBeUndefined()
})

test('a key in the address is refused with the cure, wherever it stands and however it is written', async () => {
  const issueOf = (options: object) =>
    rsshub.options.safeParse({ base: 'https://hub.example', ...options }).error?.issues[0]
  for (const path of ['/a/b?key=1L0ve', '/a?limit=5&CODE=abc', '/a?%6bey=1L0ve', '/a?x=1&key'])
    expect([path, issueOf({ path })]).toMatchObject([
      path,
      { path: ['path'], message: expect.stringMatching(/enter the access key in its own field.*访问密钥/) },
    ])
  expect(issueOf({ base: 'https://hub.example/?key=1L0ve', route: '/zhihu/hot' })?.path).toEqual(['base'])
  expect(issueOf({ path: '/a?monkey=1&keyword=code&q=key=1' })).toBeUndefined()
  // One that was stored before is not read with it, and says why; the key is in no message.
  const asked = site.asked.length
  const run1 = await run({ path: '/a/b?key=1L0ve' })
  expect(run1).toMatchObject({
    outcome: 'refused',
    detail: expect.stringMatching(/^the settings need.* path: leave/),
  })
  expect(JSON.stringify(run1)).not.toContain('1L0ve')
  expect(site.asked.length).toBe(asked)
})

test('no message of a run holds the key or its code', async () => {
  site.pages.set('/zhihu/hot', { status: 403, body: 'Access denied. code is wrong' })
  const denied = await run({ route: '/zhihu/hot', key: '1L0ve' })
  const code = new URL(addressOf(optionsOf({ route: '/zhihu/hot', key: '1L0ve' }))).searchParams.get('code')
  expect(denied.outcome).toBe('blocked')
  for (const secret of ['1L0ve', code ?? '?']) expect(JSON.stringify(denied)).not.toContain(secret)
})

test('what RSSHub gives is read as a feed; its own failures are told from those of the address', async () => {
  site.pages.set(
    '/zhihu/hot',
    '<rss><channel><item><title>如何看待延期交房</title><link>https://www.zhihu.com/question/7</link></item></channel></rss>',
  )
  expect(await run({ route: '/zhihu/hot' })).toMatchObject({
    outcome: 'ok',
    captures: [{ title: '如何看待延期交房' }],
  })
  site.pages.set('/zhihu/hot', '<rss><channel></channel></rss>')
  expect((await run({ route: '/zhihu/hot' })).outcome).toBe('empty')
  site.pages.set('/zhihu/hot', { status: 403, body: 'Access denied.' })
  expect((await run({ route: '/zhihu/hot' })).outcome).toBe('blocked')
  site.pages.set('/zhihu/hot', { status: 503, headers: { 'retry-after': '3600' }, body: 'oops' })
  expect(await run({ route: '/zhihu/hot' })).toMatchObject({
    outcome: 'unreachable',
    detail: expect.stringMatching(/could not read the site behind/),
  })
})
