// What is peculiar to the kinds that read the web: the selector tester, kept secrets, links kept by hand.
import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBrowsing } from '../support/browsing.ts'
import { articlePage, loopbackSite } from '../support/loopback-site.ts'

const site = await loopbackSite()
afterAll(() => site.close())
const { page, pageErrors } = await startBrowsing()
const text = '多位业主反映外墙渗水已经持续三个月，物业多次维修没有结果，希望开发商尽快处理并给出书面答复。'

beforeAll(() => {
  const titles = [
    '云湖湾二期业主反映地下车库积水',
    '望山苑交付延期三个月引发关注',
    '滨河新城外墙维修方案公示',
    '市住建局通报三起质量问题',
  ]
  site.pages.set(
    '/news',
    `<div class="nav"><a href="/c/1">首页新闻</a><a href="/c/2">房产频道</a><a href="/c/3">民生频道</a></div>
     <ul class="news">${titles.map((title, at) => `<li><a href="/a/${at}">${title}</a><span class="time">2026-03-0${at + 1}</span></li>`).join('')}</ul>`,
  )
  for (const [at, title] of titles.entries()) site.pages.set(`/a/${at}`, articlePage(title, text))
  site.pages.set('/api', (request) =>
    request.headers.authorization === 'Bearer k-9'
      ? JSON.stringify({
          code: 0,
          data: {
            list: [{ id: 1, title: '论坛帖：电梯停运', content: text, publishTime: '2026-03-05 10:00' }],
          },
        })
      : { status: 401, body: 'who are you' },
  )
  site.pages.set('/post', articlePage('云湖湾业主发帖反映电梯停运', text))
})

/** Pictures for who wants to look: set PICTURES to a folder. */
async function picture(name: string) {
  const folder = process.env.PICTURES
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  for (const [width, height, colorScheme] of [
    [1440, 900, 'light'],
    [390, 844, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme })
    await page.waitForTimeout(400)
    await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png` })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    )
  }
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.emulateMedia({ colorScheme: 'light' })
}

async function open(kind: string, name: string) {
  await page.goto('/sources')
  await page.getByRole('button', { name: '添加信源' }).first().click()
  await page.getByRole('dialog').getByLabel('类型').selectOption(kind)
  await page.getByRole('textbox', { name: /^名称/ }).fill(name)
}

async function tryAndSave(expected: string, name: string) {
  await page.getByRole('button', { name: '试读' }).click()
  const trial = page.getByRole('region', { name: '试读' })
  await trial.getByText(expected).first().waitFor({ timeout: 20_000 })
  // What the texts would be to us is told too, before anything of them is stored.
  await trial.getByText(/其中 \d+ 条会进入舆情/).waitFor()
  await picture(name)
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByRole('heading', { name }).waitFor()
  await page
    .getByRole('row')
    .nth(1)
    .getByText(/正常|无更新|无内容/)
    .first()
    .waitFor({ timeout: 20_000 })
}

test('the selectors of a list page are proposed, taken with one click, shown at work, and the source is well', async () => {
  await open('page-list', '本地新闻')
  await page.getByLabel('列表页地址').fill(`${site.origin}/news`)
  await page.getByRole('button', { name: '试选择器' }).click()
  const tester = page.getByRole('region', { name: '试选择器' })
  await tester.getByText('ul.news > li').waitFor()
  await picture('proposals')
  await tester.getByRole('button', { name: '采用' }).first().click()
  await expect.poll(() => page.getByLabel('条目选择器').inputValue()).toBe('ul.news > li')
  await tester.getByText('找到 4 个条目').waitFor({ timeout: 20_000 })
  await tester.getByText(text.slice(0, 20)).waitFor()
  await picture('tester')
  await tryAndSave('望山苑交付延期三个月引发关注', '本地新闻')
})

test('a selector that cannot be read is named beside its field', async () => {
  await open('page-list', '错误的选择器')
  await page.getByLabel('列表页地址').fill(`${site.origin}/news`)
  await page.getByLabel('条目选择器').fill('li[')
  await page.getByRole('button', { name: '试选择器' }).click()
  await expect.poll(() => page.getByLabel('条目选择器').getAttribute('aria-invalid')).toBe('true')
})

test('a JSON interface with a secret is tried and stored, and its secret never comes back', async () => {
  await open('json-api', '业主论坛接口')
  await page.getByLabel('接口地址').fill(`${site.origin}/api`)
  await page.getByLabel('密钥', { exact: true }).fill('k-9')
  await page.getByLabel('列表路径').fill('data.list')
  await page.getByLabel('字段对应').fill('publishedAt=publishTime')
  await tryAndSave('论坛帖：电梯停运', '业主论坛接口')
  await page.getByRole('button', { name: '修改' }).click()
  await page.getByText('已保存，不再显示；不填则保持不变').waitFor()
  expect(await page.getByLabel('密钥', { exact: true }).inputValue()).toBe('')
  // What is stored is used for a trial too.
  await page.getByRole('button', { name: '试读' }).click()
  await page.getByRole('region', { name: '试读' }).getByText('论坛帖：电梯停运').first().waitFor()
})

test('a link is kept from the Mentions page; what cannot be fetched says why and is entered by hand', async () => {
  await page.goto('/mentions')
  await page.getByRole('button', { name: '收录链接' }).click()
  await page.getByRole('textbox', { name: /^链接/ }).fill(`${site.origin}/post`)
  await page.getByRole('button', { name: '收录', exact: true }).click()
  await page.getByRole('dialog').getByText('云湖湾业主发帖反映电梯停运').waitFor({ timeout: 20_000 })
  await picture('kept')
  await page.getByRole('button', { name: '再收录一条' }).click()
  await page.getByRole('textbox', { name: /^链接/ }).fill(`${site.origin}/gone`)
  await page.getByRole('button', { name: '收录', exact: true }).click()
  await page.getByText('没有取到网页').waitFor({ timeout: 20_000 })
  await page.getByRole('dialog').getByText('对方返回 HTTP 404（页面不存在）').waitFor()
  await picture('kept-failed')
  await page.getByRole('textbox', { name: /^标题/ }).fill('业主发帖已被删除')
  await page.getByRole('textbox', { name: /^正文/ }).fill(text)
  await page.getByRole('button', { name: '收录', exact: true }).click()
  await page.getByRole('dialog').getByText('业主发帖已被删除').waitFor({ timeout: 20_000 })
  expect(pageErrors).toEqual([])
})
