import { expect, test } from 'vitest'
import { extractArticle } from '../../../collectors/article/extract.ts'

const paragraphs = [
  '3月5日，云湖湾二期数十位业主来到售楼处，反映房屋墙面大面积渗水，要求开发商给出维修时间表。',
  '多位业主表示，自交付以来，地下车库在每次降雨之后都会积水，物业虽然多次清理，但一直没有找到原因。',
  '项目负责人回应称，已经委托第三方机构检测，检测结果将在两周之内公布，维修费用由施工单位承担。',
]
const page = (body: string, head = '') =>
  Buffer.from(
    `<!doctype html><html><head><meta charset="utf-8"><title>云湖湾业主反映墙面渗水_本地新闻_云湖在线</title>${head}</head><body>${body}</body></html>`,
  )
const navigation = `<ul>${Array.from({ length: 30 }, (_, at) => `<li><a href="/${at}">栏目${at}</a></li>`).join('')}</ul>`
const now = new Date('2026-04-01T00:00:00Z')
const read = (bytes: Uint8Array) => extractArticle(bytes, { url: 'https://news.example/a/1.html', now })

test('title without the site, time and author beside the heading, text without menus and tail', () => {
  const article = read(
    page(
      `${navigation}<h1>云湖湾业主反映墙面渗水</h1><div class="info">2026年03月05日 14:05 来源：云湖晚报 作者：林一</div>
      <div class="article-content">${paragraphs.map((text) => `<p>${text}</p>`).join('')}<p>责任编辑：周二</p></div>
      <div class="related"><a href="/2">相关阅读一</a><a href="/3">相关阅读二</a></div>${navigation}`,
      '<meta property="og:site_name" content="云湖在线">',
    ),
  )
  expect(article).toEqual({
    title: '云湖湾业主反映墙面渗水',
    author: '林一',
    publishedAt: '2026-03-05T06:05:00.000Z',
    siteName: '云湖在线',
    text: paragraphs.join('\n'),
  })
})

test('a page without known names is judged by its prose', () => {
  const article = read(
    page(`${navigation}<div><div>${paragraphs.map((text) => `<p>${text}</p>`).join('')}</div></div>`),
  )
  expect(article.text).toBe(paragraphs.join('\n'))
  expect(article.publishedAt).toBeUndefined()
})

test('metadata is believed before the look of the page, a date in the future never', () => {
  const head =
    '<meta name="author" content="周二"><meta property="article:published_time" content="2026-03-05T14:05:00+08:00">'
  expect(read(page(`<article>${paragraphs.join('')}</article>`, head))).toMatchObject({
    author: '周二',
    publishedAt: '2026-03-05T06:05:00.000Z',
  })
  const future = '<meta property="article:published_time" content="2036-03-05T14:05:00+08:00">'
  expect(read(page(`<article>${paragraphs.join('')}</article>`, future)).publishedAt).toBeUndefined()
})

test('an empty page gives an empty text, plain words give themselves', () => {
  expect(read(Buffer.from('')).text).toBe('')
  expect(read(Buffer.from('hello')).text).toBe('hello')
})
