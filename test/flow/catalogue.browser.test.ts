import { createServer } from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { onLoopback, startBrowsing } from '../support/browsing.ts'

/** A word that no shipped rule knows, in a text that a feed brings today. */
const title = '映月台业主反映琉璃瓦雀跃'
const site = createServer((request, response) => {
  if (request.url === '/robots.txt') response.writeHead(404).end()
  else
    response.end(
      `<rss><channel><item><title>${title}</title><link>https://news.example/1</link><pubDate>${new Date().toUTCString()}</pubDate></item></channel></rss>`,
    )
})
const origin = await onLoopback(site)
const { page, pageErrors, send } = await startBrowsing()
page.setDefaultTimeout(60_000)

beforeAll(async () => {
  const source = {
    kind: 'rss',
    name: '晚报',
    schedule: '0 3 * * *',
    options: { url: `${origin}/feed.xml` },
  }
  await send('POST', '/api/sources', source)
})

test('a text is tried: its risks with their words marked, and what nearly matched', async () => {
  await page.goto('/risks')
  await page.getByRole('link', { name: '试一段文字' }).click()
  await page.getByText('粘贴一段标题或正文').waitFor()
  await page.getByLabel('正文').fill('梧桐湾外墙渗水严重，业主苦不堪言。')
  await page.getByRole('button', { name: '识别' }).click()
  await page.getByRole('link', { name: /DE5/ }).first().waitFor()
  expect(await page.locator('mark').allTextContents()).toContain('外墙渗水')
  await page.getByLabel('正文').fill('梧桐湾外墙没有渗水。')
  await page.getByRole('button', { name: '重新识别' }).click()
  await page.getByText('没有识别出风险').waitFor()
  await page.getByText('被「没有」否定').first().waitFor()
}, 120_000)

test('a draft with an error is refused at its place, and the text stays in the form', async () => {
  await page.goto('/risks/edit?path=DE%2FDE5.yaml&tab=source')
  const text = page.getByLabel('YAML 文本')
  const before = await text.inputValue()
  await text.fill(before.replace('- [$defect-leak]', '- [$no-such-group]'))
  await page.getByRole('button', { name: '存入草稿' }).click()
  const problem = page.getByRole('button', { name: /没有词组「\$no-such-group」/ })
  await problem.waitFor()
  const line = before.slice(0, before.indexOf('$defect-leak')).split('\n').length
  expect(await problem.textContent()).toContain(`第 ${line} 行`)
  await problem.click()
  const chosen = await text.evaluate((area: HTMLTextAreaElement) =>
    area.value.slice(area.selectionStart, area.selectionEnd),
  )
  expect(chosen).toContain('$no-such-group')
  await page.goto('/risks/catalogue')
  await page.getByText('没有草稿').waitFor()
}, 120_000)

test('a rule is edited, compared, and switched on: a stored text gets the new label', async () => {
  await page.goto('/risks/DE5')
  await page.getByRole('link', { name: '修改规则' }).click()
  await page.getByRole('button', { name: '添加规则' }).click()
  await page.getByLabel('规则编号').last().fill('glazed-tile')
  await page.getByLabel('第 1 组词').last().fill('琉璃瓦雀跃、琉璃瓦欢呼')
  await page.getByRole('button', { name: '存入草稿' }).click()
  await page.getByText('已存入草稿').waitFor()

  await page.getByRole('link', { name: '查看草稿与对比' }).click()
  const switchOn = page.getByRole('button', { name: '启用草稿' })
  expect(await switchOn.isDisabled()).toBe(true)
  await page.getByRole('button', { name: '对比近 30 天' }).click()
  const rule = page.getByRole('row').filter({ hasText: 'glazed-tile' })
  await rule.waitFor()
  expect(await rule.getByRole('cell').allTextContents()).toEqual(['glazed-tile', '新增', '1', '1'])
  await expect.poll(() => page.locator('.replayed mark').allTextContents()).toContain('琉璃瓦雀跃')

  await switchOn.click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('理由').fill('本地说法漏报')
  await dialog.getByRole('button', { name: '启用草稿' }).click()
  await page.getByText('没有草稿').waitFor()
  await page.getByText('本地说法漏报').waitFor()

  await page.goto('/mentions?risk=DE5')
  await page.getByText(title).first().waitFor()
  expect(pageErrors).toEqual([])
}, 180_000)

test('the earlier version is put back', async () => {
  await page.goto('/risks/catalogue')
  await page.getByRole('button', { name: '退回此版本' }).last().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('理由').fill('误报')
  await dialog.getByRole('button', { name: '退回此版本' }).click()
  await page.getByText('随产品发布').first().waitFor()
  await expect
    .poll(
      async () => {
        await page.goto('/mentions?risk=DE5')
        await page.waitForLoadState('networkidle').catch(() => {})
        return page.getByText(title).count()
      },
      { timeout: 60_000 },
    )
    .toBe(0)
}, 120_000)
