import fc from 'fast-check'
import { expect, test } from 'vitest'
import { extractArticle } from '../../../collectors/article/extract.ts'

const now = new Date('2026-04-01T00:00:00Z')
const size = 1_000_000
const filled = (piece: string) => piece.repeat(Math.ceil(size / piece.length)).slice(0, size)
const read = (html: string, url: string) => extractArticle(Buffer.from(html), { url, now })

// Each of them takes minutes in a parser or a judge that looks back through what is open, or up through what encloses, and
// less than a second here: the limit tells the two apart on any machine.
test.each([
  ['nested elements', '<div>'],
  ['nested elements with telling names', '<div class="comment user">a，'],
  ['closing tags without opening', '<div></b>'],
  ['crossed tags', '<z></w><w></z>'],
  ['links round blocks', '<a><div></a>'],
  ['formatting left open in paragraphs', '<p><b class=x><i>a</p>'],
  ['quotes that never close', '<a href="x\'>'],
  ['brackets', '<'],
  ['scripts that never close', '<script>'],
  ['raw text that never closes', '<textarea>a'],
  ['tables in tables', '<table><tr><td>'],
  ['one line a letter', 'x<br>'],
  ['references', '&amp;'],
  ['list items that begin with links', '<li><a href=1>abcdefgh</a>x. </li>'],
  ['metadata', '<meta name=a content=b>'],
  ['next links', '<a rel=next href=/a_2>下一页</a>'],
  ['broken data for machines', '<script type="application/ld+json">[[[[</script>'],
  ['headings', '<h1>abcd</h1>'],
  ['posts', '<div class="reply-item floor">ab，'],
  ['bylines', '作者：'],
  ['dates', '2026-03-0'],
])(
  'A million characters of %s cost time by their number',
  (_, piece) => {
    for (const url of ['https://news.example/a', 'https://bbs.example/thread-1']) {
      const started = process.cpuUsage()
      read(filled(piece), url)
      const used = process.cpuUsage(started)
      expect((used.user + used.system) / 1e6).toBeLessThan(4)
    }
  },
  120_000,
)

test('one endless title, name or attribute is cut, not carried', () => {
  const long = filled('a-')
  expect(read(`<title>${long}`, 'https://news.example/a').title ?? '').toHaveLength(0)
  expect((read(`<title>${long}</title>`, 'https://news.example/a').title ?? '').length).toBeLessThanOrEqual(
    1_000,
  )
  expect(read(`<p class="${long}">x</p>`, 'https://news.example/a').text).toBe('x')
})

const soup = fc.constantFrom(
  ...'<div class="article-content"> </div> <p> </p> <a href="?page=2">下一页</a> <li class="comment"> <h1> </h1> <title> </title> <meta name="date" content="2026-13-40"> <script type="application/ld+json">{"@graph":[null,1,{"author":[null]}]}</script> 作者： 来源： 记者 2026年3月5日 业主反映墙面渗水，要求维修。 &#0; &lt; " \' <'.split(
    ' ',
  ),
)
test('whatever stands on the page, the answer is an article', () => {
  fc.assert(
    fc.property(fc.array(soup, { maxLength: 40 }), (parts) => {
      const url = 'https://news.example/a/1.html'
      const article = read(parts.join(' '), url)
      expect(article.text).not.toMatch(/\u0000/)
      if (article.publishedAt) expect(Number.isNaN(Date.parse(article.publishedAt))).toBe(false)
      if (article.nextPage) expect(new URL(article.nextPage).host).toBe(new URL(url).host)
    }),
    { numRuns: 60 },
  )
  expect(extractArticle(Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x00]), { url: '', now }).text).toBeDefined()
}, 30_000)
