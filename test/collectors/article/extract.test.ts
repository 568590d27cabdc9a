import { describe, expect, test } from 'vitest'
import { type Article, extractArticle } from '../../../collectors/article/extract.ts'
import {
  account,
  broadcaster,
  bureau,
  english,
  englishHashed,
  letter,
  links,
  oldTables,
  portal,
  type Sample,
  split,
  thread,
} from './pages.ts'

const now = new Date('2026-04-01T00:00:00Z')
const read = (html: string, url = 'https://news.example/a/1.html'): Article =>
  extractArticle(Buffer.from(html), { url, now })
const page = (body: string, head = '<title>云湖湾业主反映墙面渗水_本地新闻_云湖在线</title>') =>
  read(`<!doctype html><html><head>${head}</head><body>${body}</body></html>`)
const prose = portal.body
const inBeijing = (at: string | undefined) =>
  at && new Date(Date.parse(at) + 480 * 60_000).toISOString().slice(0, 16).replace('T', ' ')
const text = prose.map((paragraph) => `<p>${paragraph}</p>`).join('')

const kinds: Record<string, Sample> = {
  'a portal': portal,
  'a bureau': bureau,
  'a bureau’s letter box': letter,
  'a page of tables': oldTables,
  'a forum thread': thread,
  'an account of its own': account,
  'English news of a blog system': english,
  'English news of a broadcaster': broadcaster,
  'English news with names without meaning': englishHashed,
}
describe.each(Object.entries(kinds))('%s', (_, sample) => {
  const article = read(sample.html, sample.url)
  test('gives its text, all of it and nothing else', () => {
    expect(article.text.split('\n')).toEqual(sample.body)
  })
  test('gives title, byline, time and source', () => {
    expect(article.title).toBe(sample.title)
    if (sample.author) expect(article.author).toBe(sample.author)
    if (sample.at) expect(inBeijing(article.publishedAt)).toBe(sample.at)
    if (sample.source) expect(article.source).toBe(sample.source)
    expect(article.nextPage).toBeUndefined()
  })
})

test('a portal names its site and keywords', () => {
  expect(read(portal.html, portal.url)).toMatchObject({
    siteName: '云湖在线',
    keywords: ['云湖湾', '渗水', '业主'],
  })
})

test('a GBK page is read by its own declaration', () => {
  // «墙面渗水» and its sentence in GBK; there is no encoder in the platform.
  const gbk = (...hex: string[]) => Buffer.from(hex.join(''), 'hex')
  const sentence = gbk('c7bdc3e6c9f8cbae', 'a3ac', 'd2b5d6f7cdb6cbdf', 'a1a3')
  const body = Buffer.concat(
    Array.from({ length: 8 }, () => Buffer.concat([Buffer.from('<p>'), sentence, Buffer.from('</p>')])),
  )
  const bytes = Buffer.concat([
    Buffer.from('<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>'),
    gbk('c7bdc3e6c9f8cbae'),
    Buffer.from('</title></head><body><div id="content">'),
    body,
    Buffer.from('</div></body></html>'),
  ])
  const article = extractArticle(bytes, { url: 'http://old.example/1.htm', contentType: 'text/html', now })
  expect(article.title).toBe('墙面渗水')
  expect(article.text).toBe(Array(8).fill('墙面渗水，业主投诉。').join('\n'))
})

test('a page without known names is judged by its prose', () => {
  const article = page(`${links(30, '频道')}<div><div>${text}</div></div>`)
  expect(article.text).toBe(prose.join('\n'))
  expect(article.publishedAt).toBeUndefined()
})

test('a name that says «sidebar» lies when the heading and most of the page stand in it', () => {
  const article = page(
    `${links(9, '频道')}<div class="layout sidebar-right"><h1>云湖湾业主反映墙面渗水</h1><div class="x1">${text}</div></div>`,
  )
  expect(article.text).toBe(prose.join('\n'))
})

test('a body named with room for advertisements is a body, and its pieces belong together', () => {
  const piece = (line: string) => `<div class="article-body ad-slot"><p>${line}</p></div>`
  const article = page(
    `${links(9, '频道')}<div><div class="ad">限时优惠，立即抢购，点击了解。</div>${piece(prose.slice(0, 2).join(''))}<div class="ad">限时优惠，立即抢购，点击了解。</div>${piece(prose[2] ?? '')}</div>`,
  )
  expect(article.text).toBe(`${prose.slice(0, 2).join('')}\n${prose[2]}`)
})

test('a text that only scripts would draw is taken from the data for machines', () => {
  const data = JSON.stringify({ '@type': 'NewsArticle', headline: '渗水', articleBody: prose.join('\n') })
  expect(page(`<div id="app"></div><script type="application/ld+json">${data}</script>`).text).toContain(
    prose[1],
  )
})

test('a report keeps its table', () => {
  const rows = Array.from(
    { length: 40 },
    (_, at) => `<tr><td>${at + 1}栋</td><td>渗水${at}户</td></tr>`,
  ).join('')
  const article = page(`${links(9, '频道')}<div class="content">${text}<table>${rows}</table></div>`)
  expect(article.text).toContain('40栋\n渗水39户')
  expect(article.text.startsWith(prose[0] ?? '')).toBe(true)
})

test('the end of the text is no word of the text', () => {
  const last = [
    '举报人表示，相关照片已经交给住建部门，希望尽快得到答复。',
    '评论区里，不少业主说自己家也有同样的情况，有人贴出了检测报告。',
    '收藏夹里的合同约定，交付之后两年内由开发企业负责维修。',
  ]
  const article = page(
    `<div class="article-content">${text}${last.map((line) => `<p>${line}</p>`).join('')}<p><a href="/f.pdf">附件：检测报告.pdf</a></p><p>责任编辑：周二</p><p>我们的声明，见首页。</p></div>`,
  )
  expect(article.text).toBe([...prose, ...last, '附件：检测报告.pdf'].join('\n'))
})

test('a news address with «topic» in it is no thread when the page says it is an article', () => {
  const html = portal.html.replace(
    '<head>',
    '<head><meta property="article:published_time" content="2026-03-05T14:05:00+08:00">',
  )
  expect(read(html, 'https://news.example/topics/1.html').text).toBe(prose.join('\n'))
})

test('a note of one line is found by the name of its place', () => {
  const article = page(
    `${links(9, '频道')}<div class="article-content"><p>今日停水通知</p></div><div>登录后可以查看更多内容，还可以收藏。</div>`,
  )
  expect(article.text).toBe('今日停水通知')
})

test('lists of other articles are left out, with their summaries and without a telling name', () => {
  const teaser = (at: number) =>
    `<div class="m${at}"><a href="/${at}">湖心岛步道第${at}段建成开放</a><p>昨天上午，步道第${at}段建成，市民可以沿湖步行，沿途设有座椅和饮水点，全程无障碍。</p></div>`
  const list = Array.from({ length: 12 }, (_, at) => teaser(at)).join('')
  expect(page(`<div><div>${text}</div><div>${list}</div></div>`).text).toBe(prose.join('\n'))
})

test('metadata is believed before the look of the page, a date in the future never', () => {
  const head =
    '<meta name="author" content="周二"><meta property="article:published_time" content="2026-03-05T14:05:00+08:00">'
  expect(page(`<article>${text}</article>`, head)).toMatchObject({
    author: '周二',
    publishedAt: '2026-03-05T06:05:00.000Z',
  })
  const future = '<meta property="article:published_time" content="2036-03-05T14:05:00+08:00">'
  expect(page(`<article>${text}</article>`, future).publishedAt).toBeUndefined()
})

test('an empty page gives an empty text, plain words give themselves', () => {
  expect(read('').text).toBe('')
  expect(read('hello').text).toBe('hello')
  expect(read('<script>document.write("x")</script>').text).toBe('')
})

describe('time', () => {
  const dated = (line: string, head = '') =>
    inBeijing(page(`<h1>云湖湾业主反映墙面渗水</h1><div>${line}</div><div>${text}</div>`, head).publishedAt)
  test.each([
    ['2026年3月5日 14:05', '2026-03-05 14:05'],
    ['发布时间：2026-03-05 14:05:33 来源：云湖晚报', '2026-03-05 14:05'],
    ['2026.03.0514:05 云湖晚报', '2026-03-05 14:05'],
    ['2026/3/5 下午2:05', '2026-03-05 14:05'],
    ['2026年3月5日（星期四）14：05', '2026-03-05 14:05'],
    ['昨天 14:05', '2026-03-31 14:05'],
    ['2小时前 · 云湖晚报', '2026-04-01 06:00'],
    ['3天前', '2026-03-29 08:00'],
    ['发布于 03-05 14:05', '2026-03-05 14:05'],
    ['March 5, 2026', '2026-03-05 00:00'],
    ['5 March 2026', '2026-03-05 00:00'],
  ])('«%s»', (line, at) => {
    expect(dated(line)).toBe(at)
  })
  test('a bare day for machines takes its hour from the page', () => {
    expect(dated('2026年03月05日14:05', '<meta name="publishdate" content="2026-03-05">')).toBe(
      '2026-03-05 14:05',
    )
    expect(dated('2026年03月09日14:05', '<meta name="publishdate" content="2026-03-05">')).toBe(
      '2026-03-05 00:00',
    )
  })
  test('neither today’s date in the masthead nor one in a sentence is the time', () => {
    const article = page(
      `<div>今天是2026年4月1日 星期三</div>${links(40, '频道')}<h1>云湖湾业主反映墙面渗水</h1><div><p>2019年9月1日，云湖湾一期交付，随后业主陆续入住，当时没有人提出渗水的问题，直到第二年的雨季才有人反映这件事情。</p>${text}</div>`,
    )
    expect(article.publishedAt).toBeUndefined()
  })
})

describe('byline', () => {
  const signed = (line: string, head = '') =>
    page(
      `<h1>云湖湾业主反映墙面渗水</h1><div>${line}</div><div>${text}</div>`,
      `<title>云湖湾业主反映墙面渗水_云湖在线</title>${head}`,
    ).author
  test.each([
    ['作者：林一', '林一'],
    ['2026-03-05 来源：云湖晚报 作者：林一 编辑：周二', '林一'],
    ['文丨林一', '林一'],
    ['文｜特约评论员 林一', '林一'],
    ['本报记者 林一 周二 报道', '林一'],
    ['云湖晚报记者：林一', '林一'],
    ['By Rowan Ashby', 'Rowan Ashby'],
  ])('«%s»', (line, name) => {
    expect(signed(line)).toBe(name)
  })
  test.each([
    ['责任编辑：周二', ''],
    ['', '<meta name="author" content="云湖在线">'],
    ['', '<meta name="author" content="105464">'],
    ['', '<meta name="author" content="周二"><meta name="editor" content="周二">'],
    ['', '<meta name="author" content="云湖日报">'],
  ])('«%s» %s names nobody', (line, head) => {
    expect(signed(line, head)).toBeUndefined()
  })
})

describe('title', () => {
  const titled = (whole: string, heading = '', head = '') =>
    page(`${heading}<div>${text}</div>`, `<title>${whole}</title>${head}`).title
  test.each([
    ['渗水之后_云湖在线', '<h1>渗水之后</h1>', '渗水之后'],
    ['云湖湾渗水调查-本地新闻-云湖在线', '', '云湖湾渗水调查'],
    ['云湖湾渗水调查|渗水|业主_云湖在线', '', '云湖湾渗水调查'],
    [
      '云湖湾渗水调查 - 云湖在线',
      '<h1>全部导航</h1><h1>云湖湾渗水调查 <span>12</span></h1>',
      '云湖湾渗水调查',
    ],
    ['A-share rally: what it means - The Daily Tide', '', 'A-share rally: what it means'],
    ['', '<h1>云湖湾渗水调查</h1>', '云湖湾渗水调查'],
    ['夜雨_译文及赏析_诗词网', '<h1>夜雨</h1>', '夜雨'],
  ])('«%s» with %s', (whole, heading, title) => {
    expect(titled(whole, heading)).toBe(title)
  })
  test('a title that names the site alone gives way to the heading', () => {
    expect(titled('云湖市人民政府', '<h1>关于云湖湾二期渗水问题的情况通报</h1>')).toBe(
      '关于云湖湾二期渗水问题的情况通报',
    )
  })
  test('a bureau’s own field is believed when the title is the site’s name', () => {
    expect(titled('云湖市人民政府', '', '<meta name="ArticleTitle" content="关于云湖湾渗水的通报">')).toBe(
      '关于云湖湾渗水的通报',
    )
  })
})

describe('next page', () => {
  test('leads through a split article to its end, and its page numbers are no text', () => {
    for (const at of [1, 2, 3] as const) {
      const sample = split(at)
      const article = read(sample.html, sample.url)
      expect(article.text.split('\n')).toEqual(sample.body)
      expect(article.nextPage).toBe(at < 3 ? split(at === 1 ? 2 : 3).url : undefined)
    }
  })
  const next = (link: string, url: string) =>
    read(`<title>云湖湾业主反映墙面渗水</title><div>${text}${link}</div>`, url).nextPage
  test.each([
    ['<a href="?page=2">下一页</a>', 'https://a.example/x.html', 'https://a.example/x.html?page=2'],
    [
      '<a href="/x.html?page=3">Next page »</a>',
      'https://a.example/x.html?page=2',
      'https://a.example/x.html?page=3',
    ],
    [
      '<a href="thread-7-2-1.html">下一页</a>',
      'https://a.example/thread-7-1-1.html',
      'https://a.example/thread-7-2-1.html',
    ],
    [
      '<a href="/t1_1.html"><span>下页</span></a>',
      'https://a.example/t1.html',
      'https://a.example/t1_1.html',
    ],
    ['<a href="/x_all.html">余下全文</a>', 'https://a.example/x.html', 'https://a.example/x_all.html'],
    [
      '<a rel="next" href="/2026/leaks/2/">2</a>',
      'https://a.example/2026/leaks/',
      'https://a.example/2026/leaks/2/',
    ],
    [
      '<script>createPageHTML(3, 0, "t2026_12", "html");</script>',
      'http://b.example/z/t2026_12.html',
      'http://b.example/z/t2026_12_1.html',
    ],
  ])('%s', (link, url, there) => {
    expect(next(link, url)).toBe(there)
  })
  test.each([
    ['another host', '<a href="https://b.example/x_2.html">下一页</a>', 'https://a.example/x.html'],
    ['another article', '<a href="/a/1002.html">下一页</a>', 'https://a.example/a/1001.html'],
    ['the page itself', '<a href="#">下一页</a>', 'https://a.example/x.html'],
    ['a script', '<a href="javascript:go(2)">下一页</a>', 'https://a.example/x.html'],
    ['a page back', '<a href="/x_1.html">下一页</a>', 'https://a.example/x_2.html'],
    [
      'the next article by rel',
      '<link rel="next" href="/2026/other-story/">',
      'https://a.example/2026/leaks/',
    ],
    [
      'the last of drawn pages',
      '<script>createPageHTML(3, 2, "t1", "html")</script>',
      'http://b.example/z/t1_2.html',
    ],
    ['an address that is none', '<a href="/x_2.html">下一页</a>', 'about:blank'],
  ])('%s is none', (_, link, url) => {
    expect(next(link, url)).toBeUndefined()
  })
})
