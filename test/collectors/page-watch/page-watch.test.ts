import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Capture } from '../../../collectors/collector.ts'
import { changeBetween, keyOf, linesToWatch } from '../../../collectors/page-watch/compare.ts'
import { pageWatch } from '../../../collectors/page-watch/index.ts'
import { collectTools } from '../../support/collect-tools.ts'
import { loopbackSite } from '../../support/loopback-site.ts'

let site: Awaited<ReturnType<typeof loopbackSite>>
beforeAll(async () => {
  site = await loopbackSite()
})
afterAll(() => site.close())

const at = (hours: number) => new Date(Date.parse('2026-03-05T01:00:00Z') + hours * 3_600_000)
async function run(body: string, options: object = {}, cursor?: unknown, now = at(0)) {
  site.pages.set('/notice', `<html><head><title>云湖湾公告</title></head><body>${body}</body></html>`)
  const result = await pageWatch.collect(
    { url: `${site.origin}/notice`, ...options },
    collectTools({ cursor, now, fetch: (url) => site.fetcher.fetch(url) }),
  )
  const captures = result.outcome === 'ok' ? (result.captures as Capture[]) : []
  return { ...result, captures, cursor: 'cursor' in result ? result.cursor : undefined }
}
const notice = (delivery: string, views = 100, day = '2026年3月5日 星期四') =>
  `<nav><a href="/">首页</a></nav><p>今天是${day} 09:00:01</p><div id="c"><p>交付日期：${delivery}</p><p>浏览量：${views} 次</p></div><div class="advert">广告${views}</div>`

test('the first look keeps the base, counters and clocks are no change, a new delivery date is', async () => {
  const first = await run(notice('2026年6月30日'))
  expect([first.outcome, first.captures]).toEqual(['empty', []])
  const second = await run(notice('2026年6月30日', 2_345, '2026年3月6日 星期五'), {}, first.cursor, at(24))
  expect(second.outcome).toBe('not-modified')
  const third = await run(notice('2026年9月30日', 2_400, '2026年3月6日 星期五'), {}, second.cursor, at(25))
  expect(third.captures).toMatchObject([
    {
      title: '云湖湾公告（页面变动 Page changed）',
      body: '新增 Added：\n交付日期：2026年9月30日\n删去 Removed：\n交付日期：2026年6月30日',
      absentAt: at(24).toISOString(),
      identifiedBy: 'externalId',
      snapshot: { status: 200 },
    },
  ])
  expect(third.captures[0]?.publishedAt).toBeUndefined()
  // Repeated from the same place, as after a run that was killed: the same change is the same text.
  const friday = '2026年3月6日 星期五'
  const repeated = await run(notice('2026年9月30日', 9, friday), {}, second.cursor, at(26))
  expect(repeated.captures[0]?.externalId).toBe(third.captures[0]?.externalId)
  const fourth = await run(notice('2026年9月30日', 9, friday), {}, third.cursor, at(26))
  expect(fourth.outcome).toBe('not-modified')
})

test('a change after a long gap is not said to be new', async () => {
  const { cursor } = await run(notice('2026年6月30日'))
  const [change] = (await run(notice('2026年9月30日'), {}, cursor, at(100))).captures
  expect(change).toBeDefined()
  expect([change?.publishedAt, change?.absentAt]).toEqual([undefined, undefined])
})

test('a region and lines to ignore keep the rest of the page out', async () => {
  const options = { region: '#c', ignore: '浏览*次\n天气' }
  const { cursor } = await run(notice('2026年6月30日'), options)
  expect((await run(`<p>别处变了</p>${notice('2026年6月30日')}`, options, cursor)).outcome).toBe(
    'not-modified',
  )
  expect(await run('<p>重建的页面，没有了那个区域</p>', options, cursor)).toMatchObject({
    outcome: 'parse-error',
  })
})

test('a captcha and an emptied page are failures, never a change', async () => {
  const { cursor } = await run(notice('2026年6月30日') + '<p>另有说明若干，供业主参考。</p>'.repeat(3))
  expect((await run('<p>请完成安全验证</p>', {}, cursor)).outcome).toBe('blocked')
  expect((await run('', {}, cursor)).outcome).toBe('parse-error')
})

test('what moves by itself is left out of the comparison, what is said is not', () => {
  const same = (a: string, b: string) => keyOf(a, '2026-03-05') === keyOf(b, '2026-03-05')
  expect(same('阅读 1.2万 | 3分钟前', '阅读(1,300)|2小时前')).toBe(true)
  expect(same('2026-03-05 08:00 更新', '2026年3月5日 17:30 更新')).toBe(true)
  expect(same('2026-03-04 更新', '2026-03-05 更新')).toBe(false)
  expect(same('均价 12,000 元', '均价 11,000 元')).toBe(false)
  expect(same('共320户', '共420户')).toBe(false)
})

test('moved lines are no change, repeated ones are counted, patterns cost no more than their length', () => {
  const look = (...lines: string[]) => ({ lines, today: '2026-03-05' })
  expect(changeBetween(look('甲说明', '乙说明'), look('乙说明', '甲说明'))).toBeUndefined()
  expect(changeBetween(look('同一行'), look('同一行', '同一行'))).toEqual({ added: ['同一行'], removed: [] })
  const started = performance.now()
  linesToWatch(`${'a'.repeat(1_000)}\n`.repeat(3_000), [`${'a*'.repeat(500)}b`])
  expect(performance.now() - started).toBeLessThan(3_000)
})
