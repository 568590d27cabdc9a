import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CollectResult } from '../../../collectors/collector.ts'
import { jsonApi } from '../../../collectors/json-api/index.ts'
import { collectTools } from '../../support/collect-tools.ts'
import { loopbackSite } from '../../support/loopback-site.ts'

let site: Awaited<ReturnType<typeof loopbackSite>>
beforeAll(async () => {
  site = await loopbackSite()
})
afterAll(() => site.close())
beforeEach(() => {
  site.pages.clear()
  site.asked.length = 0
})

const now = new Date('2026-03-06T00:00:00Z')
const json = (value: unknown) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

async function run(options: Record<string, unknown>, cursor?: unknown) {
  const result = await jsonApi.collect(
    { url: `${site.origin}/api`, ...options },
    collectTools({
      now,
      cursor,
      fetch: (url, { conditional: _, ...wants } = {}) => site.fetcher.fetch(url, wants),
    }),
  )
  return { ...result, ...(await all(result)) }
}
async function all(result: CollectResult) {
  const found = {
    captures: [] as unknown[],
    complaints: [] as unknown[],
    readings: [] as unknown[],
    cursor: undefined as unknown,
    detail: 'detail' in result ? result.detail : undefined,
  }
  if (result.outcome !== 'ok') return found
  for await (const one of result.captures ?? []) found.captures.push(one)
  for await (const one of result.complaints ?? []) found.complaints.push(one)
  for await (const one of result.readings ?? []) found.readings.push(one)
  // What the stream left behind is read once it ended.
  return { ...found, cursor: result.cursor, detail: result.detail }
}

test('a list is mapped by path; members of usual names need no mapping; markup becomes text', async () => {
  site.pages.set(
    '/api',
    json({
      code: 0,
      data: {
        list: [
          {
            id: 12,
            title: '云湖湾<b>渗水</b>',
            content: '<p>第一段</p><p>第二段</p>',
            publishTime: '2026-03-05 14:05',
            stat: { comments: 31 },
            link: '/t/12',
          },
        ],
      },
    }),
  )
  const { captures } = await run({ items: 'data.list', mapping: 'publishedAt=publishTime' })
  expect(captures).toMatchObject([
    {
      externalId: '12',
      title: '云湖湾渗水',
      body: '第一段\n第二段',
      publishedAt: '2026-03-05T06:05:00.000Z',
      url: `${site.origin}/t/12`,
      counters: { comments: 31 },
      raw: { id: 12 },
    },
  ])
})

test('an address made of an id, fixed words and nested paths are mapped', async () => {
  site.pages.set('/api', json([{ tid: '9 9', subject: { text: '交房' } }]))
  const { captures } = await run({
    mapping: 'title=subject.text,url="https://bbs.example/t/{tid}",publisherName="业主论坛"',
  })
  expect(captures).toMatchObject([
    { title: '交房', url: 'https://bbs.example/t/9%209', publisherName: '业主论坛' },
  ])
})

test('complaints keep the names of the other system but for what is renamed; readings need figures and say what they left out', async () => {
  site.pages.set(
    '/api',
    json({ rows: [{ 工单号: 'A1', 内容: '卫生间漏水', who: { phone: '13800000000' } }] }),
  )
  const { complaints } = await run({ items: 'rows', content: 'complaints', mapping: 'phone=who.phone' })
  expect(complaints).toMatchObject([
    { place: 'page 1 item 1', fields: { 工单号: 'A1', 内容: '卫生间漏水', phone: '13800000000' } },
  ])
  site.pages.set(
    '/api',
    json([
      { p: '云湖湾', n: '1,250', d: '2026-03-05' },
      { p: '云湖湾', n: '待定', d: '2026-03-05' },
    ]),
  )
  const { readings, detail } = await run({
    content: 'readings',
    mapping: 'project=p,metric="sales",value=n,at=d',
  })
  expect(readings).toEqual([
    {
      place: 'page 1 item 1',
      project: '云湖湾',
      metric: 'sales',
      value: 1250,
      at: '2026-03-04T16:00:00.000Z',
    },
  ])
  expect(detail).toBe(
    '1 of 2 rows could not be read: page 1 item 2: «待定» is no number; write 1,234.5 or 80%',
  )
})

test('pages are followed by number, offset, cursor and link up to the bound, and a circle ends', async () => {
  const of = (id: number) => ({ id, title: `第${id}条` })
  site.pages.set('/api?p=1', json({ list: [of(1), of(2)] }))
  site.pages.set('/api?p=2', json({ list: [of(3)] }))
  const byPage = { items: 'list', url: `${site.origin}/api?p={page}`, paging: 'page', pageSize: 2 }
  expect((await run(byPage)).captures).toHaveLength(3)
  expect(await run({ ...byPage, maxPages: 1 })).toMatchObject({
    detail: 'stopped after 1 pages; there may be more',
  })
  site.pages.set('/api?o=0', json({ list: [of(1), of(2)] }))
  site.pages.set('/api?o=2', json({ list: [] }))
  expect(
    (await run({ items: 'list', url: `${site.origin}/api?o={offset}`, paging: 'offset' })).captures,
  ).toHaveLength(2)
  site.pages.set('/api?c=', json({ list: [of(1)], next: 'a b' }))
  site.pages.set('/api?c=a%20b', json({ list: [of(2)], next: 'a b' }))
  const byCursor = {
    items: 'list',
    url: `${site.origin}/api?c={cursor}`,
    paging: 'cursor',
    cursorPath: 'next',
  }
  expect((await run(byCursor)).captures).toHaveLength(2)
  site.pages.set('/api', json({ list: [of(1)], next: '/api?n=2' }))
  site.pages.set('/api?n=2', json({ list: [of(2)] }))
  expect((await run({ items: 'list', paging: 'link', cursorPath: 'next' })).captures).toHaveLength(2)
})

test('a next page on another host is refused, so that the secret stays where it belongs', async () => {
  site.pages.set('/api', json({ list: [{ title: '一' }], next: 'https://evil.example/steal' }))
  expect(await run({ items: 'list', paging: 'link', cursorPath: 'next', secret: 'k' })).toMatchObject({
    outcome: 'refused',
    detail: 'the next page is on another host',
  })
})

test('a secret goes as bearer token or where {secret} stands, and is never repeated in a failure', async () => {
  const seen: (string | undefined)[] = []
  site.pages.set('/api', (request) => {
    seen.push(request.headers.authorization, request.headers['x-key'] as string | undefined)
    return json({ code: 40001, msg: 'token s3cret-key invalid', data: null })
  })
  const refused = await run({ items: 'data', secret: 's3cret-key' })
  expect(refused).toMatchObject({
    outcome: 'blocked',
    detail: 'the interface answered code 40001: token ••• invalid',
  })
  await run({ items: 'data', secret: 's3cret-key', headers: 'X-Key: v1 {secret}' })
  expect(seen).toEqual(['Bearer s3cret-key', undefined, undefined, 'v1 s3cret-key'])
})

test('a body is filled without breaking its form, whatever a cursor holds', async () => {
  const bodies: string[] = []
  site.pages.set('/api', (request, body) => {
    bodies.push(`${request.method} ${request.headers['content-type']} ${body}`)
    return json({
      list: [{ title: `第${bodies.length}条` }],
      next: bodies.length === 1 ? 'x","admin":"y' : '',
    })
  })
  const byPost = {
    items: 'list',
    method: 'POST',
    paging: 'cursor',
    cursorPath: 'next',
    body: '{"after":"{cursor}"}',
  }
  expect((await run(byPost)).captures).toHaveLength(2)
  expect(bodies[1]).toBe('POST application/json {"after":"x\\",\\"admin\\":\\"y"}')
})

test('{since} asks for what is new; a run at its bound goes on next time before {since} moves', async () => {
  const item = (id: number, at: string) => ({ id, title: `第${id}条`, at })
  site.pages.set('/api', (request) => {
    const query = new URL(request.url ?? '', site.origin).searchParams
    const page = Number(query.get('p'))
    return json({ list: page <= 3 ? [item(page, `2026-03-0${5 - page}T00:00:00Z`)] : [] })
  })
  const options = {
    items: 'list',
    url: `${site.origin}/api?p={page}&since={since}`,
    paging: 'page',
    maxPages: 2,
    sincePath: 'at',
    sinceFormat: 'seconds',
  }
  const first = await run(options)
  const week = Math.floor(now.getTime() / 1_000) - 7 * 86_400
  expect(site.asked).toEqual([`/api?p=1&since=${week}`, `/api?p=2&since=${week}`])
  expect(first.cursor).toMatchObject({ resume: { at: '3', newest: '2026-03-04T00:00:00.000Z' } })
  const second = await run(options, first.cursor)
  expect(second.captures).toMatchObject([{ title: '第3条' }])
  expect(second.cursor).toMatchObject({ since: '2026-03-04T00:00:00.000Z' })
  site.asked.length = 0
  await run({ ...options, maxPages: 1 }, second.cursor)
  expect(site.asked).toEqual([`/api?p=1&since=${Date.parse('2026-03-04T00:00:00Z') / 1_000}`])
})

test('an unchanged first page ends a run without asking for the others', async () => {
  for (const page of [1, 2]) site.pages.set(`/api?p=${page}`, json([{ id: page, title: `第${page}条` }]))
  site.pages.set('/api?p=3', json([]))
  const options = { url: `${site.origin}/api?p={page}`, paging: 'page' }
  const { cursor } = await run(options)
  site.asked.length = 0
  await run(options, cursor)
  expect(site.asked).toEqual(['/api?p=1'])
})

test('an HTML page, an empty answer, a lost list and an error inside a good answer each have their outcome', async () => {
  const outcomeOf = async (body: string, items = 'data.list') => {
    site.pages.set('/api', { headers: { 'content-type': 'application/json' }, body })
    const { outcome, detail } = await run({ items })
    return [outcome, detail]
  }
  expect(await outcomeOf('<html><title>用户登录</title></html>')).toEqual([
    'blocked',
    'a sign-in page came where JSON was due',
  ])
  expect(await outcomeOf('')).toEqual(['parse-error', 'the answer is empty'])
  expect(await outcomeOf('{"data":')).toEqual(['parse-error', 'the answer is not JSON'])
  expect(await outcomeOf('{"data":{"rows":[]},"code":0}')).toEqual([
    'parse-error',
    'no list of items at «data.list»; the answer holds data, code',
  ])
  expect(await outcomeOf('{"code":500,"msg":"系统繁忙","data":null}')).toEqual([
    'parse-error',
    'the interface answered code 500: 系统繁忙',
  ])
  expect((await outcomeOf('{"code":0,"data":{"list":[]}}'))[0]).toBe('empty')
  expect((await outcomeOf('callback({"data":{"list":[{"title":"脚本调用"}]}});'))[0]).toBe('ok')
  expect((await outcomeOf(`${'['.repeat(50_000)}`))[0]).toBe('parse-error')
})

test('what cannot work is refused beside its field before it is stored', () => {
  const fieldOf = (options: object) =>
    jsonApi.options.safeParse({ url: 'https://example.com/api', ...options }).error?.issues[0]?.path[0]
  expect(fieldOf({})).toBeUndefined()
  expect(fieldOf({ url: 'https://{secret}.example.com/' })).toBe('url')
  expect(fieldOf({ url: 'https://example.com/{secret}/x' })).toBe('url')
  expect(fieldOf({ url: 'ftp://example.com/' })).toBe('url')
  expect(fieldOf({ headers: 'Host: evil' })).toBe('headers')
  expect(fieldOf({ headers: 'X: a\u0000' })).toBe('headers')
  expect(fieldOf({ mapping: 'titel=subject' })).toBe('mapping')
  expect(fieldOf({ mapping: 'title=a..b' })).toBe('mapping')
  expect(fieldOf({ content: 'readings', mapping: 'project=p' })).toBe('mapping')
  expect(fieldOf({ paging: 'page' })).toBe('paging')
  expect(fieldOf({ paging: 'cursor', url: 'https://example.com/?c={cursor}' })).toBe('cursorPath')
  expect(fieldOf({ url: 'https://example.com/?s={since}' })).toBe('sincePath')
})
