import { beforeAll, expect, test, vi } from 'vitest'
import { startBrowsing } from '../support/browsing.ts'

const headers = { 'x-weiyu': '1' }
const { page, pageErrors } = await startBrowsing({ viewport: { width: 1440, height: 900 } })

beforeAll(async () => {
  await page.request.post('/api/demo', { headers, timeout: 400_000 })
  // Issues are gathered when all of the invented history is there.
  await vi.waitUntil(
    async () => (await (await page.request.get('/api/issues', { headers })).json()).rows.length > 0,
    { timeout: 500_000, interval: 500 },
  )
}, 600_000)
const noSidewaysScroll = () =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)

test('hot issues stand hottest first and lead to what media and the ledger tell', async () => {
  await page.goto('/issues')
  await page.getByRole('heading', { name: '热点问题' }).waitFor()
  const rows = page.getByRole('row')
  await rows.nth(2).waitFor()
  const heats = (await rows.allInnerTexts()).flatMap((text) => /\d\.\d\d/.exec(text)?.[0] ?? []).map(Number)
  expect(heats).toEqual([...heats].sort((a, b) => b - a))
  await page.getByText('媒体与投诉都有').click()
  await expect.poll(() => page.url()).toContain('both=true')
  await rows.nth(1).getByRole('link').click()
  await page.getByRole('heading', { name: '媒体说了什么' }).waitFor()
  await page.getByRole('heading', { name: '台账里的投诉' }).waitFor()
  await page.getByLabel('台账里的投诉').getByRole('link').first().waitFor()
  expect(pageErrors).toEqual([])
})

test('a story tells who came first; a text taken out of it becomes a story of its own and can be merged back', async () => {
  const { rows } = await (await page.request.get('/api/mentions?limit=200', { headers })).json()
  const told = await Promise.all(
    rows
      .filter((row: { otherMentions: number }) => row.otherMentions > 0)
      .map(async (row: { storyId: number }) => {
        const answer = await page.request.get(`/api/stories/${row.storyId}`, { headers })
        return answer.json()
      }),
  )
  const story = told.find(({ texts }) => texts.length > 2)
  await page.goto(`/stories/${story.id}`)
  await page.getByRole('heading', { name: '传播过程' }).waitFor()
  await page.getByText('首发', { exact: true }).waitFor()
  const last = story.texts.at(-1)
  await page.getByLabel(`选择：${last.title}`).last().check()
  await page.getByRole('button', { name: '移出所选 1 条' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: '移出本事件' }).click()
  // Without a reason nothing happens.
  await dialog.getByText('请写明理由').first().waitFor()
  await dialog.getByLabel('理由', { exact: false }).fill('另一件事')
  await dialog.getByRole('button', { name: '移出本事件' }).click()
  await page.getByText('已移出').waitFor()
  await expect.poll(() => page.getByRole('checkbox').count()).toBe(story.texts.length - 1)

  const mention = await (await page.request.get(`/api/mentions/${last.id}`, { headers })).json()
  expect(mention.storyId).not.toBe(story.id)
  await page.goto(`/stories/${mention.storyId}`)
  await page.getByRole('button', { name: '并入另一事件' }).click()
  // Where it came from is offered before anything is typed; a few words of its title narrow the list down.
  await dialog.getByRole('radio', { name: `#${story.id}` }).waitFor()
  const wanted = dialog.getByRole('searchbox', { name: '并入哪个事件' })
  await wanted.fill('没有这样的标题')
  await dialog.getByText('没有找到').waitFor()
  await wanted.fill(story.title.slice(0, 8))
  await dialog.getByRole('radio', { name: `#${story.id}` }).waitFor()
  await wanted.fill(`${new URL(page.url()).origin}/stories/${story.id}`)
  await expect.poll(() => dialog.getByRole('radio').count()).toBe(1)
  // By keys alone: the first one with Enter.
  await dialog.getByLabel('理由', { exact: false }).fill('看错了')
  await dialog.getByRole('button', { name: '并入另一事件' }).click()
  await dialog.getByText('请先选择要并入的事件').waitFor()
  await wanted.press('Enter')
  await expect.poll(() => dialog.getByRole('radio').isChecked()).toBe(true)
  await dialog.getByRole('button', { name: '并入另一事件' }).click()
  await expect.poll(() => page.url()).toContain(`/stories/${story.id}`)
  await expect.poll(() => page.getByRole('checkbox').count()).toBe(story.texts.length)
  expect(pageErrors).toEqual([])
})

test('on a phone the list, an issue and a story fit the screen, light and dark', async () => {
  const { rows } = await (await page.request.get('/api/issues', { headers })).json()
  const mentions = await (await page.request.get('/api/mentions?limit=200', { headers })).json()
  const { storyId } = mentions.rows.find((row: { otherMentions: number }) => row.otherMentions > 0)
  await page.setViewportSize({ width: 390, height: 844 })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const path of ['/issues', `/issues/${rows[0].id}`, `/stories/${storyId}`]) {
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await expect.poll(noSidewaysScroll).toBe(true)
    }
  }
  expect(pageErrors).toEqual([])
})
