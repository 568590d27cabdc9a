import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Capture } from '../../../collectors/collector.ts'
import { countOf, hotList } from '../../../collectors/hot-list/index.ts'
import { collectTools } from '../../support/collect-tools.ts'
import { loopbackSite } from '../../support/loopback-site.ts'

let site: Awaited<ReturnType<typeof loopbackSite>>
beforeAll(async () => {
  site = await loopbackSite()
})
afterAll(() => site.close())

const at = (minutes: number) => new Date(Date.parse('2026-03-06T00:00:00Z') + minutes * 60_000)
async function run(answer: unknown, options: object = {}, given: { cursor?: unknown; now?: Date } = {}) {
  site.pages.set('/hot', typeof answer === 'string' ? answer : JSON.stringify(answer))
  const result = await hotList.collect(
    { url: `${site.origin}/hot`, ...options },
    collectTools({ now: at(0), ...given, fetch: (url) => site.fetcher.fetch(url) }),
  )
  const captures = result.outcome === 'ok' ? ([...((result.captures ?? []) as Capture[])] as Capture[]) : []
  return { ...result, captures, cursor: 'cursor' in result ? result.cursor : undefined }
}

test('rank and heat are counters, the words make the identity, whatever the address carries', async () => {
  const list = (rank: number) => ({
    data: [
      {
        title: '#云湖湾 渗水#',
        hot: '123.4万',
        url: `https://s.weibo.com/weibo?q=x&band_rank=${rank}&t=${rank}`,
      },
      { title: '云湖湾渗水', hot: 1, url: 'https://s.weibo.com/again' },
      { title: '  ', hot: 1 },
      { title: '春运', hot: 88 },
    ],
  })
  const first = await run(list(1), { platform: '微博热搜' })
  expect(first.captures).toMatchObject([
    {
      externalId: '云湖湾渗水',
      identifiedBy: 'externalId',
      publisherName: '微博热搜',
      counters: { rank: 1, heat: 1_234_000 },
    },
    { externalId: '春运', counters: { rank: 2, heat: 88 } },
  ])
  expect((await run(list(9))).captures[0]?.externalId).toBe('云湖湾渗水')
})

test('a topic that entered between two near looks is new, and never dated by the clock; a first look and a long gap tell nothing', async () => {
  const of = (...titles: string[]) => ({ data: titles.map((title) => ({ title })) })
  const told = ({ captures }: Awaited<ReturnType<typeof run>>) =>
    captures.map(({ publishedAt, absentAt }) => [publishedAt, absentAt])
  const first = await run(of('甲方通报'))
  expect(told(first)).toEqual([[undefined, undefined]])
  const second = await run(of('甲方通报', '乙方回应'), {}, { cursor: first.cursor, now: at(10) })
  expect(told(second)).toEqual([
    [undefined, undefined],
    [undefined, at(0).toISOString()],
  ])
  const late = await run(of('甲方通报', '丙方发声'), {}, { cursor: second.cursor, now: at(600) })
  expect(told(late)[1]).toEqual([undefined, undefined])
})

test('a time that the list gives is the time of the topic, near look or not', async () => {
  const format = { format: 'own', items: 'list', title: 'n', date: 'at' }
  const list = (...names: string[]) => ({ list: names.map((n) => ({ n, at: '2026-03-06 07:40:00' })) })
  const first = await run(list('甲方通报'), format)
  const second = await run(list('甲方通报', '乙方回应'), format, { cursor: first.cursor, now: at(10) })
  expect(second.captures[1]).toMatchObject({ publishedAt: '2026-03-05T23:40:00.000Z' })
  expect(second.captures[1]?.absentAt).toBeUndefined()
})

test('the formats of the platforms and of the usual mirrors are read', async () => {
  const titleOf = async (format: string, answer: unknown) => {
    const { captures } = await run(answer, { format })
    return [captures[0]?.title, captures[0]?.counters?.heat, captures[0]?.url]
  }
  expect(
    await titleOf('weibo', { ok: 1, data: { realtime: [{ word: '交房', num: 5, realpos: 1 }] } }),
  ).toEqual(['交房', 5, 'https://s.weibo.com/weibo?q=%E4%BA%A4%E6%88%BF'])
  expect(
    await titleOf('zhihu', {
      data: [{ target: { id: 7, title: '如何看待延期交房' }, detail_text: '321 万热度' }],
    }),
  ).toEqual(['如何看待延期交房', 3_210_000, 'https://www.zhihu.com/question/7'])
  expect(
    await titleOf('baidu', {
      data: { cards: [{ content: [{ word: '停工', hotScore: '48,001', url: 'https://b.example/s' }] }] },
    }),
  ).toEqual(['停工', 48_001, 'https://b.example/s'])
  expect(
    (await titleOf('toutiao', { data: [{ Title: '维权', Url: '/x', HotValue: '9' }] })).slice(0, 2),
  ).toEqual(['维权', 9])
  expect(
    (await titleOf('douyin', { data: { word_list: [{ word: '烂尾', hot_value: 3 }] } })).slice(0, 2),
  ).toEqual(['烂尾', 3])
  expect((await titleOf('newsnow', { items: [{ title: '学位', url: 'https://n.example/1' }] }))[0]).toBe(
    '学位',
  )
  expect(
    (
      await titleOf('mirror-value', { data: [{ title: '退房', hot_value: 2, link: 'https://m.example/1' }] })
    )[0],
  ).toBe('退房')
  const own = await run(
    { list: [{ n: '自定义', h: '1.5亿' }] },
    { format: 'own', items: 'list', title: 'n', heat: 'h' },
  )
  expect(own.captures[0]).toMatchObject({ title: '自定义', counters: { rank: 1, heat: 150_000_000 } })
})

test('a list without topics, a page and a captcha in its place fail; a hot list is never just quiet', async () => {
  expect(await run({ code: 200, data: [] })).toMatchObject({
    outcome: 'parse-error',
    detail: 'no topics at «data»; the answer holds code, data',
  })
  expect((await run('<html><title>安全验证</title></html>')).outcome).toBe('blocked')
  expect((await run('nonsense')).outcome).toBe('parse-error')
  expect(
    hotList.options.safeParse({ url: 'https://h.example/', format: 'own' }).error?.issues[0]?.path,
  ).toEqual(['title'])
})

test('figures are read as people write them', () => {
  expect(['1234 万热度', '1.2亿', '12,345', '3w', '热', ''].map(countOf)).toEqual([
    12_340_000,
    120_000_000,
    12_345,
    30_000,
    undefined,
    undefined,
  ])
})
