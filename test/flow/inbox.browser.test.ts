import { createServer } from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { onLoopback, startBrowsing } from '../support/browsing.ts'

const item = (title: string) =>
  `<item><title>${title}</title><link>https://news.example/${encodeURIComponent(title)}</link><pubDate>${new Date().toUTCString()}</pubDate></item>`
const papers: Record<string, string[]> = {
  '/evening': [
    '投诉栖霞雅苑业主反映地下车库渗漏',
    '投诉栖霞雅苑外墙开裂业主维权',
    '云境业主反映房屋渗漏',
    '投诉外地某楼盘工地停工',
  ],
  '/daily': ['投诉栖霞雅苑房屋墙面开裂', '云境房屋渗漏业主投诉', '投诉望江家苑房屋渗漏'],
  '/forum': ['投诉望江家苑墙面开裂', '投诉望江家苑业主：房屋漏水'],
}
const site = createServer((request, response) => {
  const titles = papers[request.url ?? '']
  if (titles === undefined) response.writeHead(404).end()
  else
    response.end(`<rss version="2.0"><channel><title>t</title>${titles.map(item).join('')}</channel></rss>`)
})
const origin = await onLoopback(site)
const { page, pageErrors, send } = await startBrowsing({ viewport: { width: 1440, height: 900 } })
const sources: number[] = []

const collectAll = () => Promise.all(sources.map((id) => send('POST', `/api/sources/${id}/run`)))
const waiting = async () => (await send('GET', '/api/mentions/unresolved')).waiting
const group = (name: string) =>
  page.getByRole('list', { name: '待归属' }).locator('> li', { hasText: `「${name}」` })

beforeAll(async () => {
  const company = await send('PUT', '/api/projects/city-companies', {
    code: 'JZ',
    name: '嘉州未雨置业',
    city: '嘉州市',
  })
  for (const [code, name] of [
    ['JZ-1', '云境花园'],
    ['JZ-2', '澜湖华府'],
  ]) {
    const project = await send('POST', '/api/projects', {
      cityCompanyId: company.id,
      code,
      name,
      city: '嘉州市',
      stage: 'PO',
    })
    if (code === 'JZ-1') await send('POST', `/api/projects/${project.id}/aliases`, { alias: '云境' })
  }
  for (const path of Object.keys(papers)) {
    const source = await send('POST', '/api/sources', {
      kind: 'rss',
      name: path.slice(1),
      options: { url: origin + path },
      schedule: '0 3 * * *',
    })
    sources.push(source.id)
  }
}, 120_000)
// The tests of this file are one story and run in order.

test('texts of one name are attached with one click, the name is remembered, and the next text finds its project itself', async () => {
  await collectAll()
  await expect.poll(waiting, { timeout: 60_000 }).toBe(9)
  await page.goto('/mentions')
  await page.getByRole('link', { name: '待归属' }).click()
  await group('栖霞雅苑').getByText('3 条 / 2 家').waitFor()
  await group('栖霞雅苑').getByRole('button', { name: '其他楼盘' }).click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.getByLabel('文中的叫法').inputValue()).toBe('栖霞雅苑')
  await dialog.getByLabel('查找楼盘').fill('澜湖')
  await dialog.getByRole('button', { name: '归属到澜湖华府' }).click()
  await page.getByText('已将 3 条归属到澜湖华府，并记住「栖霞雅苑」').waitFor()
  await expect.poll(waiting).toBe(6)

  papers['/forum']?.push('栖霞雅苑3号楼房屋渗漏业主投诉')
  await collectAll()
  const linked = async () => {
    const { rows } = await send('GET', '/api/mentions?folded=false&q=3号楼')
    return rows[0]?.projects.map(({ name }: { name: string }) => name)
  }
  await expect.poll(linked, { timeout: 30_000 }).toEqual(['澜湖华府'])
  await page.goto('/mentions?q=3号楼')
  await page.getByRole('link', { name: '栖霞雅苑3号楼' }).click()
  await page.getByText('独有名称「栖霞雅苑」').waitFor()
  await page.getByText('3栋', { exact: true }).waitFor()
  expect(pageErrors).toEqual([])
}, 120_000)

test('by keyboard alone: a candidate is taken with its number, and undone', async () => {
  await page.goto('/mentions/unresolved')
  await group('云境').getByText('紧邻楼盘用语').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  // Which group stands first depends on the order in which the texts came.
  await group('云境').focus()
  await page.locator('.deck-active', { hasText: '「云境」' }).waitFor()
  await page.keyboard.press('1')
  await page.getByText('已将 2 条归属到云境花园').waitFor()
  await expect.poll(waiting).toBe(4)
  await page.keyboard.press('u')
  await group('云境').waitFor()
  await expect.poll(waiting).toBe(6)
}, 60_000)

test('several groups are decided together, and «not ours» leaves the inbox', async () => {
  await page.goto('/mentions/unresolved')
  await page.getByRole('checkbox', { name: '选择 「望江家苑」' }).check()
  await page.getByRole('checkbox', { name: '选择 投诉外地某楼盘工地停工' }).check()
  await page.getByText('已选 2 组，4 条').waitFor()
  await page.getByRole('region', { name: '一并处理' }).getByRole('button', { name: '与我们无关' }).click()
  await page.getByText('已将 4 条标为与我们无关').waitFor()
  await expect.poll(waiting).toBe(2)
  expect(await group('望江家苑').count()).toBe(0)
  await page.reload()
  await group('云境').waitFor()
  expect(await group('望江家苑').count()).toBe(0)
}, 60_000)

test('a name of nobody is proposed; the form of a new project has it already', async () => {
  await page.goto('/mentions/unresolved?view=names')
  const row = page.getByRole('list', { name: '新出现的楼盘名' }).locator('> li', { hasText: '望江家苑' })
  await row.getByText('3 条 / 2 家').waitFor()
  await row.getByRole('link', { name: '新建楼盘' }).click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.getByLabel('名称').inputValue()).toBe('望江家苑')
  await dialog.getByLabel('编码').fill('JZ-3')
  await dialog.getByLabel('城市公司').selectOption({ label: '嘉州未雨置业' })
  expect(await dialog.getByLabel(/^城市\s*\*?$/).inputValue()).toBe('嘉州市')
  await dialog.getByRole('button', { name: '保存' }).click()
  await page.getByRole('heading', { name: '望江家苑' }).waitFor()
  await page.goto('/mentions/unresolved?view=names')
  await page.getByText('没有新出现的楼盘名').waitFor()
  expect(pageErrors).toEqual([])
}, 60_000)

test('an alias that every text holds is refused with its cure beside the form', async () => {
  await page.goto('/mentions/unresolved')
  await group('云境').getByRole('button', { name: '其他楼盘' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('查找楼盘').fill('澜湖')
  await dialog.getByLabel('文中的叫法').fill('小区')
  await dialog.getByRole('button', { name: '归属到澜湖华府' }).click()
  await dialog.getByText('这个叫法太常用').waitFor()
  expect(await waiting()).toBe(2)
}, 60_000)

test('on a phone nothing is wider than the window', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  for (const path of ['/mentions/unresolved', '/mentions/unresolved?view=names']) {
    await page.goto(path)
    await page.getByRole('heading', { name: '待归属' }).waitFor()
    await page.waitForLoadState('networkidle')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  }
}, 60_000)
