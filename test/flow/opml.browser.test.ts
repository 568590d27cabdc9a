import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { onLoopback, startBrowsing } from '../support/browsing.ts'

const site = createServer((request, response) => {
  if (request.url === '/robots.txt') response.writeHead(404).end()
  else
    response.end(
      `<rss><channel><item><title>停工 ${request.url}</title><link>https://news.example${request.url}</link></item></channel></rss>`,
    )
})
const origin = await onLoopback(site)
const { page, pageErrors } = await startBrowsing()

const list = () => `<opml version="2.0"><head><title>楼市订阅</title></head><body>
  <outline text="武汉"><outline text="云湖房产" xmlUrl="${origin}/lake?key=secret"/><outline text="城市论坛" xmlUrl="${origin}/bbs"/></outline>
  <outline text="不要的" xmlUrl="${origin}/unwanted"/><outline text="坏的" xmlUrl="ftp://x.example/"/></body></opml>`

async function choose(text: string) {
  await page
    .getByLabel('OPML 文件')
    .setInputFiles({ name: 'feeds.opml', mimeType: 'text/x-opml', buffer: Buffer.from(text) })
}

test('a list is chosen, looked at, thinned out and imported; its feeds are read, and the list comes out again', async () => {
  await page.goto('/sources')
  await page.getByRole('button', { name: '导入订阅列表' }).first().click()
  await choose('<html><title>登录</title></html>')
  await page.getByText('这不是 OPML 订阅列表').first().waitFor()
  await choose(list())
  const dialog = page.getByRole('dialog')
  await dialog.getByText('可添加 3 · 已有 0 · 不能读取 1').waitFor()
  await dialog.getByText('第 5 个条目「坏的」').waitFor()
  await dialog.getByText(`武汉 · ${origin}/lake?…`).waitFor()
  await dialog.getByLabel('不要的').uncheck()
  await dialog.getByRole('button', { name: '添加 2 个信源' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('link', { name: /云湖房产/ }).waitFor()
  await page.getByRole('link', { name: /城市论坛/ }).waitFor()
  expect(await page.getByText('不要的').count()).toBe(0)
  // The folder is a group one can filter by.
  await page.getByLabel('分组').selectOption('武汉')
  expect(new URL(page.url()).searchParams.get('group')).toBe('武汉')
  await page.getByRole('link', { name: /云湖房产/ }).waitFor()
  await page.getByLabel('分组').selectOption('/')
  await page.getByText('没有符合条件的结果').waitFor()
  await page.goto('/sources')
  await expect
    .poll(() => page.getByText('正常', { exact: true }).count(), { timeout: 20_000 })
    .toBeGreaterThanOrEqual(2)

  // The second time they are there already.
  await page.getByRole('button', { name: '导入订阅列表' }).first().click()
  await choose(list())
  await dialog.getByText('可添加 1 · 已有 2 · 不能读取 1').waitFor()
  await dialog.getByText('已有信源「云湖房产」').waitFor()
  await page.keyboard.press('Escape')

  const answer = await page.request.get('/api/sources/opml/export')
  expect(await answer.text()).toContain(`xmlUrl="${origin}/lake?key=secret"`)
  expect(pageErrors).toEqual([])
})
