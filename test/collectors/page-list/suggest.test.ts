import { expect, test } from 'vitest'
import { openHtml } from '../../../collectors/page.ts'
import { suggestLists } from '../../../collectors/page-list/suggest.ts'

const now = new Date('2026-03-06T00:00:00Z')
const titles = [
  '云湖湾二期业主反映地下车库积水',
  '市住建局通报三起商品房质量问题',
  '望山苑交付延期三个月引发关注',
  '滨河新城外墙维修方案公示',
]
const menu = (names: readonly string[]) =>
  `<div class="nav"><ul>${names.map((name, at) => `<li><a href="/c/${at}/">${name}</a></li>`).join('')}</ul></div>`
const suggest = (body: string) =>
  suggestLists(openHtml(`<html><body>${body}</body></html>`, 'https://news.example/'), now)

test('the list of headlines is proposed before menus and footers, with its dates', () => {
  const rows = titles.map(
    (title, at) =>
      `<li class="item-${at} odd"><span class="time">2026-03-0${at + 1}</span><a href="/a/${at}.html">${title}</a></li>`,
  )
  const [best] = suggest(
    `${menu(['首页新闻', '房产频道', '民生频道', '视频频道', '专题报道', '数字报纸', '读者来信'])}<div id="main"><ul class="news-list">${rows.join('')}</ul></div>
     <div class="footer"><a href="/about">关于我们</a><a href="/ad">广告服务</a><a href="/law">法律声明</a><a href="/job">招聘信息</a></div>`,
  )
  expect(best).toMatchObject({ item: 'ul.news-list > li', link: 'a[href]', date: 'span.time', count: 4 })
  expect(best?.samples[0]).toEqual({
    url: 'https://news.example/a/0.html',
    title: titles[0],
    publishedAt: '2026-02-28T16:00:00.000Z',
  })
})

test('cards whose picture and headline share one address are one entry each, and their headline is the link', () => {
  const cards = titles.map(
    (title, at) =>
      `<div class="card"><a href="/p/${at}"><img src="x.jpg"></a><div><h3><a href="/p/${at}">${title}</a></h3><p>摘要文字，不带链接。</p></div></div>`,
  )
  const [best] = suggest(`<section class="list">${cards.join('')}</section>`)
  expect(best).toMatchObject({ item: 'section.list > div.card', count: 4 })
  expect(best?.samples[1]?.title).toBe(titles[1])
})

test('a table as old bureau sites draw it, and bare links in a row, are found too', () => {
  const table = titles.map(
    (title, at) => `<tr><td><a href="show.asp?id=${at}">${title}</a></td><td>(03-0${at + 1})</td></tr>`,
  )
  expect(suggest(`<table id="list"><tbody>${table.join('')}</tbody></table>`)[0]).toMatchObject({
    item: '#list > tbody > tr',
    count: 4,
  })
  const bare = titles.map((title, at) => `<a class="t" href="/x/${at}">${title}</a>`)
  expect(suggest(`<div class="box">${bare.join('<br>')}</div>`)[0]).toMatchObject({
    item: 'div.box > a.t',
    count: 4,
  })
})

test('a page where nothing repeats gives no proposal, and odd class names break nothing', () => {
  expect(suggest('<p>只有一段文字和<a href="/one">一个链接在这里</a></p>')).toEqual([])
  const odd = titles.map(
    (title, at) => `<li class="w-1/2 md:flex 3x [a]"><a href="/o/${at}">${title}</a></li>`,
  )
  expect(suggest(`<ul class="9lives a:b">${odd.join('')}</ul>`)[0]).toMatchObject({ count: 4 })
})
