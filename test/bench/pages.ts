// Article pages: text, title, time, byline and source read from saved Chinese pages of many sites, against what people read off
// them, side by side with Mozilla's Readability. The pages lie beside the project (`../shared/data/pages-zh`).
// Measure of texts: multisets of four tokens in a row (each Han character is one), precision and recall averaged over the pages,
// F1 of the two means, as the article extraction benchmark of Scrapinghub has it.
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Readability } from '@mozilla/readability'
import { parseHTML } from 'linkedom'
import { z } from 'zod'
import { type Article, extractArticle } from '../../collectors/article/extract.ts'
import { htmlToText } from '../../collectors/html.ts'

const published = [
  ['magic-html, its own benchmark pages', 'article 0.961', 'forum 0.780', 'title 0.774'],
  ['readability-lxml (Python)', 'article 0.932', 'forum 0.490', 'title 0.264'],
  ['Readability with linkedom', 'article 0.878', 'forum 0.617', 'title 0.434', 'time 0.224', 'byline 0.250'],
  ['defuddle with linkedom', 'article 0.872', 'forum 0.678', 'title 0.415', 'time 0.551', 'byline 0.250'],
  [
    '@extractus/article-extractor',
    'article 0.868',
    'forum 0.634',
    'title 0.358',
    'time 0.755',
    'byline 0.083',
  ],
  ['GNE (Python)', 'article 0.835', 'forum 0.574', 'title 0.906', 'time 0.898', 'byline 0.417'],
]

const Truth = z.record(
  z.string(),
  z.object({
    kind: z.enum(['article', 'forum']),
    url: z.string(),
    content: z.string(),
    title: z.string().optional(),
    time: z.string().optional(),
    author: z.string().optional(),
    source: z.string().optional(),
  }),
)
type Wanted = z.infer<typeof Truth>[string]
interface Page extends Wanted {
  id: string
  bytes: Buffer
}

function pagesOf(folder: string): Page[] {
  const truth = Truth.parse(JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')))
  return Object.entries(truth).map(([id, wanted]) => {
    // They are saved without their root element.
    const inner = readFileSync(join(folder, 'pages', `${id}.html`), 'utf8')
    return { id, ...wanted, bytes: Buffer.from(`<!doctype html><html>${inner}</html>`) }
  })
}

function report(pages: readonly Page[]) {
  const now = new Date()
  const readers: Record<string, (page: Page) => Article> = {
    weiyu: ({ bytes, url }) => extractArticle(bytes, { url, now }),
    'Readability + linkedom': readability,
    'all text': ({ bytes }) => ({ text: htmlToText(bytes.toString()) }),
  }
  console.log(
    `${pages.length} pages; F1 (precision, recall) of texts, ms a page: median of the pages, best of 3`,
  )
  for (const [name, read] of Object.entries(readers)) {
    const found = new Map(pages.map((page) => [page, read(page)]))
    const ms = pages.map((page) => Math.min(...[1, 2, 3].map(() => timed(() => read(page)))))
    console.log(`\n${name}`)
    for (const kind of ['article', 'forum'] as const) {
      const own = pages.filter((page) => page.kind === kind)
      const halves = [0, 1].map((half) =>
        f1Of(
          own.filter((_, at) => at % 2 === half),
          found,
        ).f1.toFixed(3),
      )
      console.log(
        `  ${kind.padEnd(8)} ${shown(f1Of(own, found))}, halves ${halves.join(' and ')}, ${own.length} pages`,
      )
    }
    const rights = facts.map((fact) => `${fact.name} ${rightOf(fact, pages, found)}`)
    console.log(`  ${rights.join(', ')}`)
    const slowest = pages[ms.indexOf(Math.max(...ms))]
    console.log(
      `  ${median(ms).toFixed(1)} ms, slowest ${Math.max(...ms).toFixed(0)} ms for ${Math.round((slowest?.bytes.length ?? 0) / 1024)} KB`,
    )
    if (name === 'weiyu') errors(pages, found)
  }
  console.log('\nmeasured elsewhere on these pages and their other half (53 articles, 22 threads):')
  for (const [name = '', ...figures] of published) console.log(`  ${name.padEnd(38)} ${figures.join('  ')}`)
}

function readability({ bytes, url }: Page): Article {
  const { document } = parseHTML(bytes.toString())
  const base = document.createElement('base')
  base.setAttribute('href', url)
  document.querySelector('head')?.append(base)
  const read = new Readability(document, { charThreshold: 80 }).parse()
  return {
    text: htmlToText(read?.content ?? ''),
    ...(read?.title ? { title: read.title } : {}),
    ...(read?.byline ? { author: read.byline } : {}),
    ...(read?.publishedTime ? { publishedAt: read.publishedTime } : {}),
  }
}

function timed(work: () => unknown): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0
const mean = (numbers: readonly number[]) =>
  numbers.length === 0 ? 0 : numbers.reduce((sum, number) => sum + number, 0) / numbers.length

type Found = ReadonlyMap<Page, Article>

interface Score {
  f1: number
  precision: number
  recall: number
}

const shown = ({ f1, precision, recall }: Score) =>
  `F1 ${f1.toFixed(3)} (${precision.toFixed(3)}, ${recall.toFixed(3)})`

function f1Of(pages: readonly Page[], found: Found): Score {
  const scores = pages.map((page) => compared(page.content, found.get(page)?.text ?? ''))
  const precision = mean(scores.flatMap((score) => score.precision ?? []))
  const recall = mean(scores.flatMap((score) => score.recall ?? []))
  return {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
  }
}

function compared(wanted: string, given: string): { precision?: number; recall?: number } {
  const right = shingles(wanted)
  const mine = shingles(given)
  let both = 0
  for (const [shingle, count] of right) both += Math.min(count, mine.get(shingle) ?? 0)
  const size = (of: ReadonlyMap<string, number>) => [...of.values()].reduce((sum, count) => sum + count, 0)
  const [all, had] = [size(right), size(mine)]
  return { ...(had > 0 ? { precision: both / had } : {}), ...(all > 0 ? { recall: both / all } : {}) }
}

const token =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|(?:(?!\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana})[\p{L}\p{N}_])+/gu

function shingles(text: string): Map<string, number> {
  const tokens = text.match(token) ?? []
  const counts = new Map<string, number>()
  for (let at = 0; at < Math.max(1, tokens.length - 3); at++) {
    const shingle = tokens.slice(at, at + 4).join('\u0001')
    if (shingle) counts.set(shingle, (counts.get(shingle) ?? 0) + 1)
  }
  return counts
}

const bare = (text: string | undefined) => (text ?? '').replace(/[^\p{L}\p{N}]/gu, '')
const dayOf = (at: string | undefined) =>
  at && !Number.isNaN(Date.parse(at))
    ? new Date(Date.parse(at) + 480 * 60_000).toISOString().slice(0, 10)
    : ''

interface Fact {
  name: string
  wanted: (page: Page) => string | undefined
  given: (article: Article) => string
}

const facts: readonly Fact[] = [
  { name: 'title', wanted: ({ title }) => title && bare(title), given: ({ title }) => bare(title) },
  { name: 'time', wanted: ({ time }) => time?.slice(0, 10), given: ({ publishedAt }) => dayOf(publishedAt) },
  { name: 'byline', wanted: ({ author }) => author && bare(author), given: ({ author }) => bare(author) },
  { name: 'source', wanted: ({ source }) => source && bare(source), given: ({ source }) => bare(source) },
]

const isRight = (fact: Fact, page: Page, found: Found) =>
  fact.given(found.get(page) ?? { text: '' }) === fact.wanted(page)

function rightOf(fact: Fact, pages: readonly Page[], found: Found): string {
  const asked = pages.filter((page) => fact.wanted(page))
  const right = asked.filter((page) => isRight(fact, page, found)).length
  return `${(right / Math.max(1, asked.length)).toFixed(3)} (${right} of ${asked.length})`
}

/** What goes wrong and where: another text, too much of the page, too little of the article; facts by name. */
function errors(pages: readonly Page[], found: Found) {
  const groups = new Map<string, string[]>()
  const note = (kind: string, what: string) => groups.set(kind, [...(groups.get(kind) ?? []), what])
  for (const page of pages) {
    const { precision = 0, recall = 0 } = compared(page.content, found.get(page)?.text ?? '')
    const where = `${page.id} ${new URL(page.url).host}`
    if (precision < 0.5 && recall < 0.5) note('another text', where)
    else if (precision < 0.95) note('too much', `${where} ${precision.toFixed(2)}`)
    else if (recall < 0.95) note('too little', `${where} ${recall.toFixed(2)}`)
    for (const fact of facts) {
      if (fact.wanted(page) && !isRight(fact, page, found))
        note(
          fact.name,
          `${where} «${fact.given(found.get(page) ?? { text: '' })}» for «${fact.wanted(page)}»`,
        )
    }
  }
  for (const [kind, what] of groups) console.log(`  ${kind}: ${what.join('; ')}`)
}

const folder = resolve('../shared/data/pages-zh')
if (existsSync(folder)) report(pagesOf(realpathSync(folder)))
else console.log(`no pages in ${folder}: nothing measured`)
