import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxListedFeeds, parseOpml } from '../../../collectors/opml/parse.ts'
import { writeOpml } from '../../../collectors/opml/write.ts'

const parse = (text: string | Uint8Array, contentType?: string) =>
  parseOpml(typeof text === 'string' ? Buffer.from(text) : text, {
    headers: contentType === undefined ? {} : { 'content-type': contentType },
  })
const failureOf = (text: string | Uint8Array) => {
  try {
    return parse(text)
  } catch (error) {
    return error
  }
}
const list = (outlines: string, head = '<head><title>楼市订阅</title></head>') =>
  `<?xml version="1.0" encoding="utf-8"?><opml version="2.0">${head}<body>${outlines}</body></opml>`

test('OPML 2: nested folders, sites, entities in addresses', () => {
  expect(
    parse(
      list(`<outline text="楼市"><outline text="武汉">
        <outline type="rss" text="云湖房产" xmlUrl="https://news.example/feed?a=1&amp;b=2" htmlUrl="https://news.example/"/>
      </outline></outline>
      <outline text="城市&lt;b&gt;论坛&lt;/b&gt;" title="x" xmlUrl="http://bbs.example/rss.xml"/>`),
    ),
  ).toEqual({
    title: '楼市订阅',
    feeds: [
      {
        title: '云湖房产',
        url: 'https://news.example/feed?a=1&b=2',
        siteUrl: 'https://news.example/',
        folder: '楼市 / 武汉',
      },
      { title: '城市论坛', url: 'http://bbs.example/rss.xml' },
    ],
    bad: [],
  })
})

test('OPML 1 and its readers: url with a type, other cases of letters, feed: addresses, a category instead of a folder', () => {
  expect(
    parse(`<OPML version="1.0"><BODY>
      <OUTLINE TYPE="rss" TITLE="甲" URL="http://a.example/1"/>
      <outline title="乙" xmlURL="feed://b.example/2"/>
      <outline title="丙" xmlUrl="feed:https://c.example/3" category="/楼市/武汉,别的"/>
      <outline type="link" text="只是链接" url="http://d.example/"/>
      <outline xmlUrl="https://e.example/5"/></BODY></OPML>`).feeds,
  ).toEqual([
    { title: '甲', url: 'http://a.example/1' },
    { title: '乙', url: 'http://b.example/2' },
    { title: '丙', url: 'https://c.example/3', folder: '楼市 / 武汉' },
    { title: 'e.example', url: 'https://e.example/5' },
  ])
})

test('what is no feed is named by its place and title, and does not stop the others', () => {
  const { feeds, bad } = parse(
    list(`<outline text="空"/><outline text="甲" type="rss"/><outline text="乙" xmlUrl="javascript:alert(1)"/>
      <outline text="丙" xmlUrl="file:///etc/passwd"/><outline text="丁" xmlUrl="https://"/><outline text="戊" htmlUrl="https://x.example"/>
      <outline text="己" xmlUrl="https://ok.example/"/><outline text="庚" xmlUrl="https://${'a'.repeat(3_000)}.example/"/>`),
  )
  expect(feeds).toEqual([{ title: '己', url: 'https://ok.example/' }])
  expect(bad).toEqual([
    { outline: 2, title: '甲', problem: 'no-address' },
    { outline: 3, title: '乙', problem: 'not-an-address' },
    { outline: 4, title: '丙', problem: 'not-an-address' },
    { outline: 5, title: '丁', problem: 'not-an-address' },
    { outline: 6, title: '戊', problem: 'no-address' },
    { outline: 8, title: '庚', problem: 'not-an-address' },
  ])
})

test('GBK, a wrong declaration and a cut file give what can be read', () => {
  // «楼市» in GBK.
  const gbk = Buffer.from('c2a5cad0', 'hex')
  const of = (head: string) =>
    Buffer.concat([
      Buffer.from(`${head}<opml><body><outline text="`),
      gbk,
      Buffer.from('" xmlUrl="http://a.example/1"/><outline text="x" xmlUrl="http://b.ex'),
    ])
  for (const declared of ['gb2312', 'utf-8']) {
    const { feeds } = parse(of(`<?xml version="1.0" encoding="${declared}"?>`))
    expect(feeds[0]).toEqual({ title: '楼市', url: 'http://a.example/1' })
  }
})

test('a page, a feed and nothing at all are no list', () => {
  expect(failureOf('<!doctype html><html><title>登录</title></html>')).toMatchObject({ outcome: 'blocked' })
  expect(failureOf('<rss><channel/></rss>')).toMatchObject({ outcome: 'parse-error' })
  expect(failureOf('')).toMatchObject({ outcome: 'parse-error' })
  expect(parse('<opml/>')).toEqual({ feeds: [], bad: [] })
})

test('a list made to hurt is read in little time or refused', () => {
  const before = process.cpuUsage()
  parse(`<opml>${'<outline text="a">'.repeat(100_000)}`)
  parse(`<opml>${'<outline text="a" xmlUrl="'.repeat(50_000)}`)
  parse(
    `<!DOCTYPE o [<!ENTITY a "${'a'.repeat(900)}">]><opml><outline text="${'&a;'.repeat(200_000)}" xmlUrl="http://a.example"/></opml>`,
  )
  expect(failureOf(list('<outline xmlUrl="http://a.example/"/>'.repeat(maxListedFeeds + 1)))).toMatchObject({
    outcome: 'too-large',
  })
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000)
}, 30_000)

test('whatever is listed comes back from what is written', () => {
  const title = fc
    .string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'楼市武汉㐂𠮷é"\'&<>abc-/') })
    // Tags are taken out of titles: what looks like one does not come back.
    .filter((text) => !/<[a-z/]|&/i.test(text))
  const url = fc.nat().map((number) => `https://a.example/feed?a=${number}&b="<'>`)
  const feed = fc.record({ title, url, folder: title })
  fc.assert(
    fc.property(fc.array(feed, { maxLength: 8 }), (feeds) => {
      const text = writeOpml('列表', feeds, new Date('2026-03-05T06:30:00Z'))
      const { title: name, feeds: read, bad } = parse(text)
      expect(name).toBe('列表')
      expect(bad).toEqual([])
      const byPlace = (a: { url: string; title: string }, b: { url: string; title: string }) =>
        a.url < b.url ? -1 : a.url > b.url ? 1 : a.title < b.title ? -1 : 1
      expect([...read].sort(byPlace)).toEqual([...feeds].sort(byPlace))
    }),
    { numRuns: 50 },
  )
})
