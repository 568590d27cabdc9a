import { expect, test } from 'vitest'
import { canonicalUrl, declaredUrl } from '../../server/ingest/address.ts'

const same: readonly (readonly [string, string | undefined])[] = [
  ['http://News.example:80/a/1.html?utm_source=wx&b=2&a=1#top', 'https://news.example/a/1.html?a=1&b=2'],
  ['https://news.example:443/a/1.html', 'https://news.example/a/1.html'],
  ['http://news.example:443/a/1.html', 'https://news.example/a/1.html'],
  ['http://news.example:8080/a', 'https://news.example:8080/a'],
  ['https://me:word@news.example./a', 'https://news.example/a'],
  ['https://news.example/a/?from=timeline&isappinstalled=0', 'https://news.example/a'],
  ['https://news.example/list?from=3', 'https://news.example/list?from=3'],
  ['https://news.example/', 'https://news.example/'],
  ['https://news.example/index.html', 'https://news.example/'],
  ['https://news.example/2026/index.shtml?id=1', 'https://news.example/2026?id=1'],
  ['https://news.example/my-index.html', 'https://news.example/my-index.html'],
  ['https://news.example/t/1024/amp/', 'https://news.example/t/1024'],
  ['https://news.example/amp', 'https://news.example/amp'],
  ['https://bbs.example/#/post/9', 'https://bbs.example/#/post/9'],
  ['https://bbs.example/#!/post/9', 'https://bbs.example/#!/post/9'],
  ['https://news.example/云湖', 'https://news.example/%E4%BA%91%E6%B9%96'],
  ['http://m.sohu.com/a/612345678_121?scm=1102.x&_f=index#c', 'https://www.sohu.com/a/612345678_121'],
  ['https://3g.163.com/dy/article/ABC123.html?spss=wap', 'https://www.163.com/dy/article/ABC123.html'],
  ['https://m.toutiao.com/i7123456789/?app=news&timestamp=1', 'https://www.toutiao.com/article/7123456789'],
  ['https://www.iesdouyin.com/share/video/7123/?region=CN', 'https://www.douyin.com/video/7123'],
  [
    'https://www.bilibili.com/video/BV1x/?p=2&vd_source=a&timestamp=1',
    'https://www.bilibili.com/video/BV1x?p=2',
  ],
  ['https://baijiahao.baidu.com/s?id=17&wfr=spider&for=pc', 'https://baijiahao.baidu.com/s?id=17'],
  [
    'http://mp.weixin.qq.com/s?__biz=MzA&mid=22&idx=1&sn=ab&chksm=8&scene=27&key=secret#rd',
    'https://mp.weixin.qq.com/s?__biz=MzA&idx=1&mid=22&sn=ab',
  ],
  ['https://weibo.com/1234/Nabc?refer_flag=1001&type=comment', 'https://weibo.com/1234/Nabc'],
  [
    'https://www.xiaohongshu.com/discovery/item/65ab?xsec_token=A&app_platform=ios',
    'https://www.xiaohongshu.com/explore/65ab',
  ],
  // Not known to be the same, so they stay two: the worse error is to lose a page.
  ['https://m.news.example/a/1', 'https://m.news.example/a/1'],
  ['https://www.news.example/a/1', 'https://www.news.example/a/1'],
  ['https://bbs.example/thread?tid=9&page=2', 'https://bbs.example/thread?page=2&tid=9'],
  ['https://news.example/show?id=1&source=2', 'https://news.example/show?id=1&source=2'],
  ['mailto:a@news.example', undefined],
  ['no address', undefined],
  [`https://news.example/?q=${'a'.repeat(3_000)}`, undefined],
]

test.each(same)('%s is the page %s', (written, canonical) => {
  expect(canonicalUrl(written)).toBe(canonical)
  if (canonical) expect(canonicalUrl(canonical)).toBe(canonical)
})

const declared = (url: string, head: string) =>
  declaredUrl({
    url,
    headers: { 'content-type': 'text/html' },
    bytes: new TextEncoder().encode(`<head>${head}`),
  })

test('a page may say its own address, within its site and about the same number', () => {
  const asked = 'https://m.news.example/wap/20260305/102400.html?ch=7'
  const link = (href: string) => `<link rel="canonical" href="${href}">`
  expect(declared(asked, link('https://www.news.example/20260305/102400.html'))).toBe(
    'https://www.news.example/20260305/102400.html',
  )
  expect(declared(asked, `<link href='/a?id=20260305&amp;x=1' rel=canonical>`)).toBe(
    'https://m.news.example/a?id=20260305&x=1',
  )
  expect(declared(asked, '<meta property="og:url" content="//www.news.example/n/20260305">')).toBe(
    'https://www.news.example/n/20260305',
  )
})

test('a page that calls itself the home page, another article or another site is not believed', () => {
  const asked = 'https://www.news.example/c/102400.html'
  const link = (href: string) => `<link rel="canonical" href="${href}">`
  for (const wrong of [
    '/',
    'https://www.news.example/',
    '/c/102401.html',
    '/c/1024001.html',
    'https://other.example/c/102400.html',
    '',
  ])
    expect([wrong, declared(asked, link(wrong))]).toEqual([wrong, undefined])
  expect(declared('https://www.news.example/about', link('/contact'))).toBeUndefined()
})
