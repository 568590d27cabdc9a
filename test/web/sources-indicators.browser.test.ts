import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { cap } from '../collectors/weather/samples.ts'
import { onLoopback, startBrowsing } from '../support/browsing.ts'

// The sender's clock is today's: an alert of last summer has expired.
const instant = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()
const day = (days: number) => instant(8 + days * 24).slice(0, 10)
const site = createServer((request, response) => {
  if (request.url === '/robots.txt') return void response.writeHead(404).end()
  response.writeHead(200, { 'content-type': 'application/cap+xml' }).end(
    cap({
      sent: instant(-1),
      expires: instant(11),
      areas: '<area><areaDesc>嘉州市滨水区</areaDesc></area>',
    }),
  )
})
const origin = await onLoopback(site)
const { product, page, pageErrors, send } = await startBrowsing()
page.setDefaultTimeout(10_000)
let projectId = 0

beforeAll(async () => {
  const inbox = join(product.dataFolder, 'inbox')
  mkdirSync(inbox, { recursive: true })
  const prices = [120, 90, 60, 30, 2].map(
    (ago, n) =>
      `云境花园,${day(-ago)},${[20_000, 20_400, 20_100, 19_800, 16_800][n]},${40 + n * 8},${48 + n * 10}`,
  )
  writeFileSync(
    join(inbox, 'readings.csv'),
    `项目,日期,成交均价(元/㎡),工程进度(%),计划工程进度\n${prices.join('\n')}\n别家花园,${day(-1)},9000,,\n`,
  )
  const { id: cityCompanyId } = await send('PUT', '/api/projects/city-companies', {
    code: 'JZ',
    name: '嘉州公司',
    city: '嘉州',
  })
  const project = {
    cityCompanyId,
    code: 'YJ',
    name: '云境花园',
    city: '嘉州',
    district: '滨水区',
    stage: 'PO',
  }
  projectId = (await send('POST', '/api/projects', project)).id
})

async function add(kind: string, name: string, fields: Readonly<Record<string, string>>) {
  await page.goto('/sources')
  await page.getByRole('button', { name: '添加信源' }).first().click()
  await page.getByRole('dialog').getByLabel('类型').selectOption({ label: kind })
  await page.getByLabel(/^名称/).fill(name)
  for (const [label, value] of Object.entries(fields))
    await page
      .getByLabel(new RegExp(`^${label}`))
      .first()
      .fill(value)
  await page.getByRole('button', { name: '试读' }).click()
  await page.getByRole('status').getByText('正常').first().waitFor()
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByRole('heading', { name }).waitFor()
  // The run ends while the page is open: it hears of it and draws it.
  await page.getByRole('row').nth(1).getByText('正常').waitFor()
}

test('weather, readings and a calendar are added, tried and healthy', async () => {
  await add('气象预警', '嘉州气象', { 预警地址: `${origin}/alert.xml` })
  await add('经营读数', '营销日报', { 文件: 'readings.csv' })
  await page.getByText('no project is called «别家花园»').first().waitFor()
  await add('到期日历', '节令', { 日期: `09-01 开学 PO3\n${day(12)} 二期交付 DE3 DE9 @云境花园` })
  await page.goto('/sources')
  for (const name of ['嘉州气象', '营销日报', '节令']) {
    await page.getByRole('row').filter({ hasText: name }).getByText('正常').first().waitFor()
  }
})

test('the project shows the alert, its numbers and its days', async () => {
  await page.goto(`/projects/${projectId}`)
  await page.getByText('暴雨红色预警').first().waitFor()
  await page.getByText('生效中').waitFor()
  await page.getByText('嘉州市气象台').first().waitFor()
  await page.getByText(/最近 16,800 元\/㎡/).waitFor()
  await page.getByText(/还有 1[12] 天/).waitFor()
  await page.getByRole('cell', { name: '开学' }).first().waitFor()
})

test('all of them stand on one page, in both languages, and behind a cell of the matrix', async () => {
  await page.goto('/indicators')
  await page.getByText('暴雨红色预警').waitFor()
  await page.getByText(/成交价格 16,800 元\/㎡，较此前最高 20,400 元\/㎡ 下跌 18%/).waitFor()
  await page
    .getByText(/二期交付 · 1[12] 天后到期/)
    .first()
    .waitFor()
  await expect
    .poll(
      async () => {
        const cell = await page.request.get(`/api/overview/cell?projectId=${projectId}&risk=PO2`)
        return (await cell.json()).exposure?.level
      },
      { timeout: 20_000 },
    )
    .toBe('IV')
  await page.goto(`/overview?cell=${projectId}.PO2`)
  await page.getByText('气象预警覆盖项目').waitFor()
  await page.getByText('暴雨红色预警 · 嘉州市气象台').first().waitFor()
  await page.evaluate(() => localStorage.setItem('weiyu.language', 'en'))
  await page.goto('/indicators')
  await page.getByText('Rainstorm warning, red').first().waitFor()
  await page.getByText(/Price 16,800 yuan\/m², 18% below the highest before/).waitFor()
  expect(pageErrors).toEqual([])
})
