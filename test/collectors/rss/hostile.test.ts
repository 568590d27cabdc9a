// Feeds made to hurt, and feeds hurt on their way. Time is the process's own, so that a busy machine changes nothing.
import { expect, test } from 'vitest'
import { CollectError, type CollectTools } from '../../../collectors/collector.ts'
import { htmlToText, sanitiseHtml } from '../../../collectors/html.ts'
import { rss } from '../../../collectors/rss/index.ts'
import { parseFeed } from '../../../collectors/rss/parse.ts'
import { collectTools } from '../../support/collect-tools.ts'

const parse = (text: string) => parseFeed(Buffer.from(text), { url: 'https://news.example/feed.xml' })
const outcomeOf = (text: string) => {
  try {
    return { outcome: 'ok', entries: parse(text).entries.length }
  } catch (error) {
    if (error instanceof CollectError) return { outcome: error.outcome }
    throw error
  }
}
function cost(work: () => unknown) {
  global.gc?.()
  const memory = process.memoryUsage().heapUsed
  const before = process.cpuUsage()
  const result = work()
  return {
    result,
    seconds: process.cpuUsage(before).user / 1_000_000,
    megabytes: (process.memoryUsage().heapUsed - memory) / 1_048_576,
  }
}

const item = (at: number) =>
  `<item><title>第${at}条</title><link>https://news.example/${at}</link><guid>${at}</guid></item>`
const channel = (inside: string) => `<rss version="2.0"><channel>${inside}</channel></rss>`
const repeat = (text: string, megabytes: number) =>
  text.repeat(Math.ceil((megabytes * 1_000_000) / text.length))

test('entities that would become a billion laughs become none, however they are written', () => {
  const chain = Array.from({ length: 10 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join(
    '',
  )
  const laughs = `<!DOCTYPE r [<!ENTITY l0 "哈"><!ENTITY ext SYSTEM "file:///etc/passwd">${chain}]>${channel(`<item><title>&l10;&ext;</title></item>`)}`
  expect(parse(laughs).entries[0]?.title).toBe(`${'&l9;'.repeat(10)}&ext;`)
  // One long entity named a hundred thousand times: a hundred megabytes, were it not for the bound on all together.
  const quadratic = `<!DOCTYPE r [<!ENTITY a "${'a'.repeat(1_000)}">]>${channel(`<item><title>t</title><description>${'&a;'.repeat(100_000)}</description></item>`)}`
  const { result, seconds } = cost(() => parse(quadratic).entries[0]?.summary?.length ?? 0)
  expect(result).toBeLessThan(1_500_000)
  expect(seconds).toBeLessThan(3)
}, 60_000)

test('a feed of a hundred thousand items is read whole, and one without end to its bound', () => {
  const many = channel(Array.from({ length: 100_000 }, (_, at) => item(at)).join(''))
  const { result, seconds, megabytes } = cost(() => parse(many).entries)
  expect(result).toHaveLength(100_000)
  expect(seconds).toBeLessThan(10)
  expect(megabytes).toBeLessThan(400)
  expect(outcomeOf(channel(repeat('<item/>', 4)))).toEqual({ outcome: 'ok', entries: 100_000 })
  expect(outcomeOf(`{"items":[${'{},'.repeat(300_000)}{}]}`)).toEqual({ outcome: 'ok', entries: 100_000 })
}, 120_000)

test.each([
  ['elements without end', () => outcomeOf(repeat('<a>', 4))],
  ['nesting around an item', () => outcomeOf(channel(`<item>${repeat('<b>', 2)}x`))],
  [
    'a tree that is written again at every level',
    () => outcomeOf(channel(`<item><description>${'<b>'.repeat(190)}${repeat('字', 4)}`)),
  ],
  ['declarations without a bracket', () => outcomeOf(repeat('<!a>', 4))],
  ['subsets that never close', () => outcomeOf(repeat('<!doctype a [>', 2))],
  ['entities that never close', () => outcomeOf(`<!doctype a [${repeat('<!ENTITY a "', 2)}]>`)],
  ['quotes that never close', () => outcomeOf(channel(repeat(`<a b='"><c d="'`, 2)))],
  ['closing tags without opening', () => outcomeOf(`${'<a>'.repeat(300)}${repeat('</b>', 2)}`)],
  [
    'vocabularies without end',
    () => outcomeOf(Array.from({ length: 40_000 }, (_, at) => `<a xmlns:p${at}="u${at}">`).join('')),
  ],
  ['deep JSON', () => outcomeOf(`{"items":${'['.repeat(500_000)}${']'.repeat(500_000)}}`)],
  ['JSON cut in its depth', () => outcomeOf(`{"items":${'[{"a":'.repeat(200_000)}`)],
  [
    'an author that is all dots',
    () => outcomeOf(channel(`<item><author>${repeat('a.', 2)}@</author></item>`)),
  ],
  ['open quotes in a text', () => sanitiseHtml(repeat('<a title="', 1))],
  ['open scripts in a text', () => sanitiseHtml(repeat('<script>x</scrip', 1))],
  ['half comments in a text', () => htmlToText(repeat('<!-', 1))],
  ['half references in a text', () => htmlToText(repeat('&#x&lt', 1))],
  [
    'an address that is all spaces',
    () => sanitiseHtml(`<a href="${repeat(' \t', 1)}x">`, 'https://a.example'),
  ],
])(
  '%s cost a few seconds at the most',
  (_, work) => {
    expect(cost(work).seconds).toBeLessThan(5)
  },
  60_000,
)

test.each([
  [
    'a captcha',
    '<!DOCTYPE html><html><head><title>安全验证</title></head><body><div id="captcha"></div></body></html>',
    'blocked',
  ],
  ['a challenge that is all script', '<script>document.cookie="a=1";location.reload()</script>', 'blocked'],
  [
    'a page as XHTML',
    '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><channel><item/></channel></body></html>',
    'blocked',
  ],
  ['a page in capitals after a comment', '\n<!-- x --><HTML><BODY>403 Forbidden</BODY></HTML>', 'blocked'],
  ['an answer of an interface', '{"code":403,"msg":"频率过高"}', 'parse-error'],
  ['broken JSON', '{"items":', 'parse-error'],
  ['another XML', '<urlset><url><loc>https://a.example</loc></url></urlset>', 'parse-error'],
  ['bytes of a picture', '\u0089PNG\r\n\u001a\n', 'parse-error'],
  ['nothing', '', 'parse-error'],
  ['white space', ' \n\t', 'parse-error'],
])('%s where a feed was due', (_, text, outcome) => {
  expect(outcomeOf(text)).toEqual({ outcome })
})

const whole = channel(`${item(1)}${item(2)}${item(3)}`)
test('a feed cut anywhere gives the items before the cut, and never a broken link', () => {
  for (let end = whole.indexOf('</item>') + 7; end <= whole.length; end++) {
    const { entries } = parse(whole.slice(0, end))
    const complete = whole.slice(0, end).split('</item>').length - 1
    expect(entries.slice(0, complete)).toEqual(parse(whole).entries.slice(0, complete))
  }
  const json = JSON.stringify({
    title: '快讯',
    items: [1, 2, 3].map((id) => ({ id, title: `第${id}条 "}]{`, url: `https://a.example/${id}` })),
  })
  const second = json.indexOf('"id":3')
  expect(parse(json.slice(0, second)).entries.map(({ id }) => id)).toEqual(['1', '2'])
})

test('what is broken in one item costs no other: dates, links, JSON of another shape', () => {
  const { entries } = parse(
    channel(`<item><title>甲</title><pubDate>Thu, 99 Foo 2026 99:99:99 +9999</pubDate><link>javascript:alert(1)</link></item>
      <item><title>乙</title><pubDate>0000-00-00 00:00:00</pubDate></item>
      <item><title>丙 & <b>丁</title><pubDate>Thu, 05 Mar 2026 06:05:00 GMT</pubDate></item>`),
  )
  expect(entries.map(({ published, link }) => [published, link])).toEqual([
    [undefined, undefined],
    [undefined, undefined],
    ['2026-03-05T06:05:00.000Z', undefined],
  ])
  const json =
    '{"version":7,"items":["x",null,{"id":1,"title":{"a":1},"url":"https://a.example/1"},{"title":"戊\n己"}]}'
  expect(parse(json).entries).toEqual([{ id: '1', link: 'https://a.example/1' }, { title: '戊 己' }])
})

const toolsOf = (text: string): CollectTools =>
  collectTools({
    fetch: async (url) => ({ status: 200, url, headers: {}, bytes: Buffer.from(text), notModified: false }),
  })
const capturesOf = async (text: string) => {
  const result = await rss.collect({ url: 'https://news.example/feed.xml' }, toolsOf(text))
  return result.outcome === 'ok' ? [...(result.captures as Iterable<{ raw?: unknown }>)] : []
}

test('the stored item holds each text once, and what title and body do not hold', async () => {
  const [plain, marked, both] = await capturesOf(
    channel(`<item><guid>1</guid><title>停工</title><description>业主反映停工</description></item>
      <item><guid>2</guid><title>停工</title><description>&lt;p&gt;业主&lt;/p&gt;&lt;p&gt;反映&lt;/p&gt;</description></item>
      <item><guid>3</guid><title>停&lt;b&gt;工&lt;/b&gt;</title><description>摘要</description><content:encoded>&lt;p&gt;全文在此&lt;/p&gt;</content:encoded></item>`),
  )
  expect(plain).toMatchObject({ title: '停工', body: '业主反映停工', raw: { id: '1' } })
  expect(plain?.raw).toEqual({ id: '1' })
  expect(marked?.raw).toEqual({ id: '2', summary: '<p>业主</p><p>反映</p>' })
  expect(both?.raw).toEqual({
    id: '3',
    title: '停<b>工</b>',
    summary: '摘要',
    content: '<p>全文在此</p>',
  })
})
