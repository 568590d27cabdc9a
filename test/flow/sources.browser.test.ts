import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { onLoopback, startBrowsing } from '../support/browsing.ts'

const item = (title: string) =>
  `<item><title>${title}</title><link>https://news.example/${encodeURIComponent(title)}</link></item>`
let items = item('云湖湾二期业主反映地下车库积水')
const site = createServer((request, response) => {
  if (request.url === '/robots.txt') response.writeHead(404).end()
  else if (request.url === '/captcha') response.end('<html><title>安全验证</title></html>')
  else response.end(`<rss><channel>${items}</channel></rss>`)
})
const origin = await onLoopback(site)
const { page, pageErrors } = await startBrowsing()

async function fill(name: string, path: string) {
  await page.getByRole('button', { name: '添加信源' }).first().click()
  await page.getByLabel('名称').fill(name)
  await page.getByLabel('订阅地址').fill(origin + path)
}

test('an administrator tries a feed, adds it, sees what it brought, and what a blocked one says', async () => {
  await page.goto('/sources')
  await page.getByText('还没有信源').waitFor()
  await fill('云湖房产', '/feed.xml')
  await page.getByRole('button', { name: '试读' }).click()
  await page.getByText('云湖湾二期业主反映地下车库积水').waitFor()
  await page.getByText('无日期，单独保存').waitFor()
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByRole('heading', { name: '云湖房产' }).waitFor()
  // The run ends while the page is open: it hears of it and draws it.
  const run = page.getByRole('row').nth(1)
  await run.getByText('正常').waitFor()
  items += item('云湖湾三期业主反映外墙脱落')
  await page.getByRole('button', { name: '立即读取' }).click()
  await expect.poll(() => page.getByRole('row').count()).toBe(3)
  await page.goto('/sources')
  await fill('城市论坛', '/captcha')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByText('读取失败').first().waitFor()
  await page.goto('/sources?health=failing')
  await page.getByRole('link', { name: /城市论坛/ }).waitFor()
  expect(await page.getByRole('link', { name: /云湖房产/ }).count()).toBe(0)
  expect(pageErrors).toEqual([])
})

test('a wrong address is named beside its field', async () => {
  await page.goto('/sources')
  await fill('内网', '')
  await page.getByLabel('订阅地址').fill('ftp://example.com/feed')
  await page.getByRole('button', { name: '保存' }).click()
  await expect.poll(() => page.getByLabel('订阅地址').getAttribute('aria-invalid')).toBe('true')
})
