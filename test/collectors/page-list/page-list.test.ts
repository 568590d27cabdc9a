import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Capture, CollectResult } from '../../../collectors/collector.ts'
import { pageList } from '../../../collectors/page-list/index.ts'
import { collectTools } from '../../support/collect-tools.ts'
import { articlePage, loopbackSite } from '../../support/loopback-site.ts'

let site: Awaited<ReturnType<typeof loopbackSite>>
beforeAll(async () => {
  site = await loopbackSite()
})
afterAll(() => site.close())
beforeEach(() => {
  site.pages.clear()
  site.asked.length = 0
})

const li = (number: number, title = `云湖湾${number}号楼业主反映外墙渗水`) =>
  `<li><a href="/a/${number}.html">${title}</a><span class="date">2026-03-0${(number % 5) + 1}</span></li>`
const list = (...items: string[]) => `<html><body><ul class="news">${items.join('')}</ul></body></html>`
const serve = (...numbers: number[]) => {
  site.pages.set('/news/', list(...numbers.map((number) => li(number))))
  for (const number of numbers)
    site.pages.set(
      `/a/${number}.html`,
      articlePage(
        `云湖湾${number}号楼业主反映外墙渗水`,
        `第${number}栋的多位业主说，雨后外墙渗水已经持续三个月，物业多次维修没有结果，希望开发商尽快处理。`,
      ),
    )
}

async function run(options: Record<string, unknown> = {}, cursor?: unknown) {
  const result = await pageList.collect(
    { url: `${site.origin}/news/`, item: 'ul.news > li', date: '.date', ...options },
    collectTools({ cursor, fetch: (url, wants) => site.fetcher.fetch(url, without(wants)) }),
  )
  const captures = await all(result)
  return { ...result, captures }
}
const without = ({ conditional: _, ...wants }: { conditional?: boolean } = {}) => wants
async function all(result: CollectResult): Promise<Capture[]> {
  const captures: Capture[] = []
  if (result.outcome === 'ok') for await (const capture of result.captures ?? []) captures.push(capture)
  return captures
}
const cursorOf = (result: object) => ('cursor' in result ? result.cursor : undefined)

test('each entry becomes one text with the title, time and words of its own page, and the page as it came', async () => {
  serve(1, 2)
  const { outcome, captures } = await run()
  expect(outcome).toBe('ok')
  expect(captures.map(({ title, url }) => [title, url])).toEqual([
    ['云湖湾1号楼业主反映外墙渗水', `${site.origin}/a/1.html`],
    ['云湖湾2号楼业主反映外墙渗水', `${site.origin}/a/2.html`],
  ])
  expect(captures[0]?.body).toContain('雨后外墙渗水已经持续三个月')
  // The page is three days off the list's date: the list was chosen by a person, the page's was guessed.
  expect(captures[0]?.publishedAt).toBe('2026-03-01T16:00:00.000Z')
  expect(captures[0]?.snapshot).toMatchObject({ url: `${site.origin}/a/1.html`, status: 200 })
  expect(new TextDecoder().decode(captures[0]?.snapshot?.bytes)).toContain('<h1>云湖湾1号楼')
})

test('of two dates of one day the one with a time is kept, and a chosen date selector beats both', async () => {
  site.pages.set('/news/', list(li(4)))
  site.pages.set(
    '/a/4.html',
    articlePage('外墙渗水', '业主反映外墙渗水已有数月，至今无人处理，希望有关部门介入。', '2026-03-05 09:30'),
  )
  expect((await run()).captures[0]?.publishedAt).toBe('2026-03-05T01:30:00.000Z')
  site.pages.set(
    '/a/4.html',
    `${articlePage('外墙渗水', '业主反映外墙渗水已有数月。')}<i class="when">发布于 2026年2月1日 08:00</i>`,
  )
  expect((await run({ articleDate: 'i.when' })).captures[0]?.publishedAt).toBe('2026-02-01T00:00:00.000Z')
})

test('what was read is not fetched again, a changed title is, and what does not fit waits even when it left the list', async () => {
  serve(1, 2, 3)
  const first = await run({ maxNew: 2 })
  expect(first.captures.map(({ url }) => url?.slice(-6))).toEqual(['1.html', '2.html'])
  site.asked.length = 0
  site.pages.set('/news/', list(li(1), li(2, '云湖湾2号楼外墙渗水有了说法')))
  const second = await run({ maxNew: 2 }, cursorOf(first))
  expect(site.asked).toEqual(['/news/', '/a/2.html', '/a/3.html'])
  site.asked.length = 0
  const third = await run({ maxNew: 2 }, cursorOf(second))
  expect(third.outcome).toBe('not-modified')
  expect(site.asked).toEqual(['/news/'])
})

test('a rebuilt page fails loudly, before and after it ever held anything; only a page that says so is empty', async () => {
  serve(1)
  const before = cursorOf(await run())
  site.pages.set(
    '/news/',
    '<html><body><div class="cards"><a href="/a/9.html">新版首页上的一条消息</a></div></body></html>',
  )
  expect(await run({}, before)).toMatchObject({
    outcome: 'parse-error',
    detail: 'the page was rebuilt: the entry selector found 1 entries last time and none now',
  })
  expect(await run()).toMatchObject({
    outcome: 'parse-error',
    detail: 'the entry selector finds nothing on this page',
  })
  site.pages.set('/news/', '<html><body><p>暂无数据</p></body></html>')
  expect((await run()).outcome).toBe('empty')
  expect((await run({}, before)).outcome).toBe('parse-error')
  site.pages.set('/news/', list('<li>没有链接的条目</li>'))
  expect(await run()).toMatchObject({ outcome: 'parse-error', detail: /link selector/ })
})

test('a captcha, a sign-in page and a page of scripts in place of the list are blocked', async () => {
  for (const body of [
    '<html><title>安全验证</title><body>请拖动下方滑块完成拼图</body></html>',
    '<html><body><form>账号<input name="u">密码<input type="password"></form></body></html>',
    '<html><head><script>document.cookie="x=1";location.reload()</script></head><body></body></html>',
    '<html><body><h1>访问过于频繁，请稍后再试</h1></body></html>',
  ]) {
    site.pages.set('/news/', body)
    expect((await run()).outcome).toBe('blocked')
  }
})

test('a captcha in place of every article fails the run as blocked, and the rest is not asked for', async () => {
  serve(1, 2, 3, 4)
  for (const number of [1, 2, 3, 4])
    site.pages.set(`/a/${number}.html`, '<title>人机验证</title><p>请完成验证</p>')
  await expect(run()).rejects.toMatchObject({ outcome: 'blocked' })
  expect(site.asked).toEqual(['/news/', '/a/1.html', '/a/2.html', '/a/3.html'])
})

test('an article that is gone is named in the run, tried in three runs and then kept with its title alone', async () => {
  serve(1, 2)
  site.pages.delete('/a/2.html')
  let result = await run()
  expect(result).toMatchObject({
    outcome: 'ok',
    detail: expect.stringMatching(/^1 of 2 articles could not be read: HTTP 404/),
  })
  result = await run({}, cursorOf(result))
  expect(result.captures).toEqual([])
  result = await run({}, cursorOf(result))
  expect(result.captures).toMatchObject([{ title: '云湖湾2号楼业主反映外墙渗水', body: '' }])
  expect((await run({}, cursorOf(result))).outcome).toBe('not-modified')
})

test('an article that leads to the front page is gone, a PDF is named and kept as it came', async () => {
  serve(1)
  site.pages.set('/', list(li(7)))
  site.pages.set('/a/1.html', { status: 302, headers: { location: '/' }, body: '' })
  expect(await run()).toMatchObject({
    outcome: 'ok',
    captures: [],
    detail: expect.stringMatching(/front page/),
  })
  site.pages.set('/a/1.html', { headers: { 'content-type': 'application/pdf' }, body: '%PDF-1.4 …' })
  const [capture] = (await run()).captures
  expect(capture).toMatchObject({
    title: '云湖湾1号楼业主反映外墙渗水',
    attachments: [{ name: '1.html', contentType: 'application/pdf' }],
  })
})

test('further list pages are followed on the same host, and own selectors of the article are used', async () => {
  site.pages.set('/news/', `${list(li(1))}<a href="/news/2">下一页</a>`)
  site.pages.set('/news/2', `${list(li(2))}<a href="https://elsewhere.example/3">下一页</a>`)
  for (const number of [1, 2])
    site.pages.set(
      `/a/${number}.html`,
      `<h3 class="t">标题${number}</h3><div class="x">正文第${number}篇</div><div class="y">广告</div>`,
    )
  const { captures } = await run({ pages: 5, articleTitle: '.t', articleBody: '.x' })
  expect(captures.map(({ title, body }) => [title, body])).toEqual([
    ['标题1', '正文第1篇'],
    ['标题2', '正文第2篇'],
  ])
  const wrong = await run({ articleBody: '.nowhere' })
  expect(wrong).toMatchObject({ detail: 'the article text selector found nothing in 1 articles' })
})

test('links to scripts, mails and other schemes are no entries; relative ones are seen from <base>', async () => {
  site.pages.set(
    '/news/',
    `<base href="${site.origin}/deep/">${list(
      '<li><a href="javascript:alert(1)">脚本</a></li>',
      '<li><a href="mailto:x@example.com">邮件</a></li>',
      '<li><a href="file:///etc/passwd">文件</a></li>',
      '<li><a href="5.html" title="云湖湾五号楼业主反映地下车库积水严重">云湖湾五号楼业主反映…</a></li>',
    )}`,
  )
  site.pages.set('/deep/5.html', '<p>短</p>')
  const { captures } = await run()
  expect(captures).toMatchObject([
    { url: `${site.origin}/deep/5.html`, title: '云湖湾五号楼业主反映地下车库积水严重' },
  ])
})

test('selectors that are none, and figures out of bounds, are refused by name', () => {
  const check = (options: object) =>
    pageList.options.safeParse({ url: 'https://example.com/', item: 'li', ...options }).error?.issues[0]?.path
  expect(check({ item: 'li[' })).toEqual(['item'])
  expect(check({ articleBody: '::x(' })).toEqual(['articleBody'])
  expect(check({ maxNew: 1_000 })).toEqual(['maxNew'])
  expect(check({ url: 'ftp://example.com/' })).toEqual(['url'])
  expect(check({})).toBeUndefined()
})

test('a page nested without end is refused in time, and one of a million links is read up to a bound', async () => {
  site.pages.set('/news/', `<ul class="news"><li>${'<div>'.repeat(200_000)}<a href="/x">x</a>`)
  const started = performance.now()
  expect(await run()).toMatchObject({
    outcome: 'parse-error',
    detail: 'the page is nested too deeply to be read',
  })
  expect(performance.now() - started).toBeLessThan(5_000)
  site.pages.set(
    '/news/',
    list(...Array.from({ length: 20_000 }, (_, at) => `<li><a href="/b/${at}">第${at}条</a></li>`)),
  )
  const { outcome, captures } = await run({ maxNew: 1 })
  expect([outcome, captures]).toEqual(['ok', []])
})
