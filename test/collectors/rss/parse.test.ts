import { expect, test } from 'vitest'
import type { CollectTools, Fetched } from '../../../collectors/collector.ts'
import { rss } from '../../../collectors/rss/index.ts'
import { parseFeed } from '../../../collectors/rss/parse.ts'
import { collectTools } from '../../support/collect-tools.ts'

const parse = (text: string, url = 'https://news.example/feed/all.xml') =>
  parseFeed(Buffer.from(text), { url })

const rss2 = `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>云湖房产</title><link>https://news.example/</link><description>本地楼市</description>
<item><title>云湖湾二期业主反映墙面渗水</title><link>/a/1.html?id=1&b=2</link><guid isPermaLink="false">云湖-1</guid>
<pubDate>Thu, 05 Mar 2026 14:05:00 +0800</pubDate><dc:creator>林记者</dc:creator>
<description><![CDATA[<p onclick="x()">墙面渗水<script>steal()</script></p><p><a href="../b/2.html">前情</a></p>]]></description></item>
<item><title>无日期</title><guid>https://news.example/p/2</guid></item></channel></rss>`

test('RSS 2: text, absolute addresses, no active content, a guid that is the link', () => {
  const { feed, entries } = parse(rss2)
  expect(feed).toEqual({ title: '云湖房产', link: 'https://news.example/', description: '本地楼市' })
  expect(entries[0]).toMatchObject({
    id: '云湖-1',
    title: '云湖湾二期业主反映墙面渗水',
    link: 'https://news.example/a/1.html?id=1&b=2',
    author: '林记者',
    published: '2026-03-05T06:05:00.000Z',
    summary: '<p>墙面渗水</p><p><a href="https://news.example/b/2.html">前情</a></p>',
  })
  expect(entries[1]).toEqual({
    id: 'https://news.example/p/2',
    link: 'https://news.example/p/2',
    title: '无日期',
  })
})

test('comments are counted by whichever extension tells them', () => {
  const item = (more: string) =>
    `<rss version="2.0" xmlns:s="http://purl.org/rss/1.0/modules/slash/"><channel><item><title>渗水</title>${more}</item></channel></rss>`
  const entry = (more: string) =>
    `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:t="http://purl.org/syndication/thread/1.0"><entry><title>渗水</title>${more}</entry></feed>`
  const commentsOf = (feed: string) => parse(feed).entries[0]?.comments
  expect(commentsOf(item('<s:comments>218</s:comments>'))).toBe(218)
  expect(commentsOf(entry('<t:total>218</t:total>'))).toBe(218)
  expect(commentsOf(entry('<t:total>-3</t:total>'))).toBeUndefined()
  expect(commentsOf(entry('<total>218</total>'))).toBeUndefined()
})

test('Atom: bases nest, xhtml is kept, escaped html is decoded, the author comes from the feed', () => {
  const { entries } = parse(`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/x/">
    <author><name>编辑部</name><email>e@a.example</email></author>
    <entry xml:base="y/"><id>tag:a,1</id><title type="html">交付&amp;amp;验收 &lt;b&gt;争议&lt;/b&gt;</title>
    <link rel="self" href="self"/><link href="1.html"/><updated>2026-03-05T14:05:00+08:00</updated>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>正文<img src="i.png" onerror="x()"/></p></div></content></entry></feed>`)
  expect(entries).toEqual([
    {
      id: 'tag:a,1',
      title: '交付&amp;验收 <b>争议</b>',
      link: 'https://a.example/x/y/1.html',
      author: '编辑部',
      updated: '2026-03-05T06:05:00.000Z',
      content: '<div><p>正文<img src="https://a.example/x/y/i.png"></p></div>',
      summary: '<div><p>正文<img src="https://a.example/x/y/i.png"></p></div>',
    },
  ])
})

test('JSON Feed', () => {
  const { feed, entries } = parse(
    JSON.stringify({
      version: 'https://jsonfeed.org/version/1.1',
      title: '投诉快讯',
      items: [
        {
          id: 7,
          url: '/7',
          content_html: '<p>停工<iframe src="//evil"></iframe></p>',
          date_published: '2026-03-05T06:05:00Z',
          authors: [{ name: '周' }],
        },
      ],
    }),
  )
  expect(feed.title).toBe('投诉快讯')
  expect(entries).toEqual([
    {
      id: '7',
      link: 'https://news.example/7',
      content: '<p>停工</p>',
      summary: '<p>停工</p>',
      author: '周',
      published: '2026-03-05T06:05:00.000Z',
    },
  ])
})

test('RSS 1.0 keeps its items beside the channel', () => {
  const { entries } =
    parse(`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
    <channel rdf:about="c"><title>快讯</title></channel><item rdf:about="https://news.example/9"><title>停工</title><link>https://news.example/9</link></item></rdf:RDF>`)
  expect(entries).toEqual([{ id: 'https://news.example/9', title: '停工', link: 'https://news.example/9' }])
})

test.each([
  [
    'a bare ampersand',
    '<rss><channel><item><title>物业 & 业主</title></item></channel></rss>',
    '物业 & 业主',
  ],
  [
    'an undeclared entity',
    '<rss><channel><item><title>交房&nbsp;在即&hellip;</title></item></channel></rss>',
    '交房\u00a0在即…',
  ],
  [
    'control characters',
    '<rss><channel><item><title>延\u0008期\u0000交付</title></item></channel></rss>',
    '延期交付',
  ],
  ['a text cut short', '<rss><channel><item><title>延期交付</title><description>业主', '延期交付'],
  [
    'a tag never closed',
    '<rss><channel><item><title>延期交付</title><link>http://e.example/1</item></channel></rss>',
    '延期交付',
  ],
  [
    'a blank line before the declaration',
    '\n\n<?xml version="1.0"?><rss><channel><item><title>延期交付</title></item></channel></rss>',
    '延期交付',
  ],
  [
    'entities that would explode',
    '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>',
    '&a;&a;&a;',
  ],
])('%s does not stop the reader', (_, text, title) => {
  expect(parse(text).entries[0]?.title).toBe(title)
})

test('what browsers would run never passes', () => {
  const dirty =
    '<a href="java&#x09;script:x()">a</a><a href=" javascript:x()">b</a><img src=x onerror=x()><svg onload=x()><foreignObject>x</foreignObject><use href="//e/#x"/><rect fill="url(//e/x)"/><animate/></svg><style>*{}</style><b style="a:expression(x)">c</b><a href="data:text/html,x">d</a><p <script>x()</script>>e'
  const { entries } = parse(
    `<rss><channel><item><description><![CDATA[${dirty}]]></description></item></channel></rss>`,
  )
  expect(entries[0]?.summary).not.toMatch(
    /script|onerror|onload|style|expression|data:|foreign|use|url|animate/i,
  )
})

test('a page where a feed was due is blocked, anything else is a parse error', () => {
  const outcome = (text: string) => {
    try {
      return parse(text)
    } catch (error) {
      return error
    }
  }
  expect(outcome('<!DOCTYPE html><html><title>安全验证</title></html>')).toMatchObject({ outcome: 'blocked' })
  expect(outcome('just words')).toMatchObject({ outcome: 'parse-error' })
  expect(outcome('')).toMatchObject({ outcome: 'parse-error' })
  expect(outcome('{"a":1}')).toMatchObject({ outcome: 'parse-error' })
})

const toolsThat = (answer: Partial<Fetched>): CollectTools =>
  collectTools({
    fetch: async (url) => ({
      status: 200,
      url,
      headers: {},
      bytes: new Uint8Array(),
      notModified: false,
      ...answer,
    }),
  })

test('a run gives plain text and says when nothing changed or nothing was there', async () => {
  const url = 'https://news.example/feed/all.xml'
  expect(await rss.collect({ url }, toolsThat({ bytes: Buffer.from(rss2) }))).toMatchObject({
    outcome: 'ok',
    captures: [
      { title: '云湖湾二期业主反映墙面渗水', body: '墙面渗水\n前情', externalId: '云湖-1', author: '林记者' },
      { title: '无日期', body: '' },
    ],
  })
  expect(await rss.collect({ url }, toolsThat({ notModified: true }))).toEqual({ outcome: 'not-modified' })
  expect(await rss.collect({ url }, toolsThat({ bytes: Buffer.from('<rss><channel/></rss>') }))).toEqual({
    outcome: 'empty',
  })
  expect(await rss.collect({ url }, toolsThat({ bytes: Buffer.from('<html></html>') }))).toMatchObject({
    outcome: 'blocked',
  })
  expect(await rss.collect({ url: 'file:///etc/passwd' }, toolsThat({}))).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining('url'),
  })
})

test('a text made to be slow costs no more than its length', () => {
  const many = 60_000
  const slow = [
    `<description><![CDATA[${'<div>'.repeat(many)}${'</b>'.repeat(many)}]]></description>`,
    `<author>${'a.'.repeat(many)}</author>`,
    `<description><![CDATA[${'<a "'.repeat(many)}'${'<'.repeat(many)}]]></description>`,
    '<a>'.repeat(many) + '</b>'.repeat(many),
  ]
  const started = performance.now()
  for (const text of slow) parse(`<rss><channel><item>${text}</item></channel></rss>`)
  // Seconds each before the limits; a tenth of one now.
  expect(performance.now() - started).toBeLessThan(4_000)
})
