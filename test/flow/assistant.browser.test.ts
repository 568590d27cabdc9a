import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { onLoopback, startBrowsing } from '../support/browsing.ts'
import { hangs, loopbackModel, type Received, says } from '../support/loopback-model.ts'

const key = 'sk-browser-secret-77'
const title = '云湖湾二期业主反映地下车库严重积水渗漏，物业无人处理'
const site = createServer((request, response) => {
  if (request.url === '/robots.txt') response.writeHead(404).end()
  else
    response.end(
      `<rss><channel><item><title>${title}</title><link>https://news.example/1</link><description>业主张先生电话13812345678。车库渗漏，业主要求维修。</description></item></channel></rss>`,
    )
})
const origin = await onLoopback(site)
const model = await loopbackModel()
afterAll(() => model.close())
const { product, page, pageErrors, send } = await startBrowsing({
  env: { WEIYU_ASSISTANT_ALLOW: '127.0.0.1' },
  viewport: { width: 1440, height: 900 },
})
let mentionId = 0

beforeAll(async () => {
  await send('POST', '/api/sources', {
    kind: 'rss',
    name: '云湖房产',
    options: { url: `${origin}/feed.xml` },
  })
  await vi.waitFor(
    async () => {
      const { rows } = await (await page.request.get('/api/mentions')).json()
      mentionId = rows[0].id
    },
    { timeout: 30_000, interval: 300 },
  )
})
// One story, in order: off, configured, asked, accepted, logged, hanging, off again.

test('it is off at first: no panel on the mention, an empty log', async () => {
  await page.goto(`/mentions/${mentionId}`)
  await page.getByRole('heading', { name: '风险信号' }).waitFor()
  expect(await page.getByRole('heading', { name: '智能建议' }).count()).toBe(0)
  await page.goto('/assistant')
  await page.getByText('还没有调用').waitFor()
})

test('an administrator connects it: a wrong address says why, the right one works, and the key is not shown again', async () => {
  await page.getByRole('link', { name: '设置', exact: true }).click()
  await page.getByLabel('接口地址').fill('ftp://models.example')
  await page.getByLabel('模型名称').fill('house-model')
  await page.getByLabel('密钥').fill(key)
  await page.getByRole('button', { name: '保存' }).click()
  await expect.poll(() => page.getByLabel('接口地址').getAttribute('aria-invalid')).toBe('true')

  await page.getByLabel('接口地址').fill('http://10.255.255.1/v1')
  await page.getByRole('button', { name: '测试连接' }).click()
  await page.getByText('地址未开放').waitFor()

  model.behave(says({ ok: true }))
  await page.getByLabel('接口地址').fill(model.baseUrl)
  await page.getByRole('button', { name: '测试连接' }).click()
  await page.getByText('连接正常').waitFor()
  expect(model.received.at(-1)?.authorization).toBe(`Bearer ${key}`)

  await page.getByLabel('启用').check()
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByText('已保存（加密）').waitFor()
  expect(await page.getByLabel('密钥', { exact: true }).inputValue()).toBe('')
  expect(await page.content()).not.toContain(key)
})

test('a summary is asked for on a mention, cites it, and is accepted as edited', async () => {
  model.behave(
    says((received: Received) => ({
      sentences: [
        { text: '业主反映地下车库渗漏积水，要求维修。', cites: received.ids },
        { text: '编造的一句。', cites: ['m999999'] },
      ],
    })),
  )
  await page.goto(`/mentions/${mentionId}`)
  await page.getByRole('button', { name: '概括本条' }).click()
  const summary = page.getByRole('article', { name: '概括' })
  await summary.getByText('业主反映地下车库渗漏积水，要求维修。').waitFor()
  await summary.getByText('另有 1 句（项）没有可靠依据，已剔除').waitFor()
  expect(await summary.getByRole('link', { name: `舆情 ${mentionId}` }).getAttribute('href')).toBe(
    `/mentions/${mentionId}`,
  )
  expect(await page.getByText('编造的一句').count()).toBe(0)
  expect(model.received.at(-1)?.user).not.toContain('13812345678')
  await summary.getByRole('button', { name: '修改' }).click()
  await summary.getByLabel('文字').fill('地下车库渗漏，业主要求维修。')
  await summary.getByRole('button', { name: '按修改采纳' }).click()
  await summary.getByText('地下车库渗漏，业主要求维修。').waitFor()
  await summary.getByText('已采纳').waitFor()
})

test('a label is accepted: the signal bears the verdict of the person', async () => {
  const { signals } = await (await page.request.get(`/api/mentions/${mentionId}`)).json()
  const signal = signals[0]
  expect(signal.state).toBe('proposed')
  model.behave(
    says((received: Received) => ({
      labels: [
        {
          risk: signal.riskCode,
          verdict: 'shows',
          quote: '渗漏',
          reason: '原文写明渗漏',
          cites: received.ids,
        },
      ],
    })),
  )
  await page.getByRole('button', { name: '建议标签' }).click()
  const label = page.getByRole('article', { name: '建议确认信号' }).first()
  await label.getByText('原文写明渗漏').waitFor()
  await label.getByRole('button', { name: '采纳' }).click()
  await page.getByText('由管理员判定').first().waitFor()
  await expect
    .poll(async () => {
      const after = await (await page.request.get(`/api/mentions/${mentionId}`)).json()
      return after.signals.filter((one: { state: string }) => one.state === 'confirmed').length
    })
    .toBe(1)
})

test('a call that hangs is seen, and stopped', async () => {
  model.behave(hangs)
  await page.getByRole('button', { name: '回复' }).click()
  await page.getByText('正在生成…').waitFor()
  await page.getByRole('button', { name: '停止' }).click()
  await page.getByText('已取消').waitFor()
})

test('the log tells who, what, how it ended and what came back', async () => {
  await page.goto('/assistant')
  await page.getByRole('row').nth(1).getByText('已取消').waitFor()
  await page.getByRole('row', { name: /概括/ }).first().click()
  const drawer = page.getByRole('dialog')
  await drawer.getByText('house-model').waitFor()
  await drawer.getByText(`m${mentionId}`, { exact: true }).waitFor()
  await drawer.getByText('依据不在所给材料中 1').waitFor()
  await page.keyboard.press('Escape')
  expect(await page.content()).not.toContain(key)
})

test('switched off, the panel shows what was accepted and offers nothing', async () => {
  await page.goto('/assistant/settings')
  await page.getByLabel('启用').uncheck()
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByText('已保存', { exact: true }).waitFor()
  await page.goto(`/mentions/${mentionId}`)
  await page.getByRole('article', { name: '概括' }).waitFor()
  expect(await page.getByRole('button', { name: '概括本条' }).count()).toBe(0)
  expect(pageErrors).toEqual([])
  expect(product.errors()).not.toContain(key)
})
