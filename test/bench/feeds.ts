// The feed reader alone: how many of the feeds, encodings and dates beside the project come out right, by family, and how
// many items a second it decodes and reads, by the processor time of alternating rounds. `PEERS=<folder>` with feedsmith and
// @rowanmanning/feed-parser installed in it measures those in the same rounds.
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { CollectTools } from '../../collectors/collector.ts'
import { parseDate } from '../../collectors/dates.ts'
import { rss } from '../../collectors/rss/index.ts'
import { parseFeed } from '../../collectors/rss/parse.ts'
import { collectTools } from '../support/collect-tools.ts'

const now = new Date('2026-03-06T00:00:00Z')

const Check = z.looseObject({ path: z.string(), want: z.unknown() })
const Case = z.object({
  id: z.string(),
  group: z.string(),
  headers: z.record(z.string(), z.string()),
  url: z.string().optional(),
  checks: z.array(Check),
})
const DateCase = z.object({ kind: z.string(), input: z.string(), want: z.string().nullable() })
const Scorer = z.object({
  passes: z.custom<(check: unknown, read: unknown, group: string) => boolean>(
    (is) => typeof is === 'function',
  ),
  iso: z.custom<(at: unknown) => string | null>((is) => typeof is === 'function'),
})

/** Encodings have several names, and what is decoded by the superset is decoded right. */
function encodingOf(label: unknown): string {
  const name = String(label).toLowerCase()
  if (/^(gb2312|gbk|gb18030)$/.test(name)) return 'gb18030'
  return name === 'tis-620' ? 'windows-874' : name
}

async function measureCases(folder: string) {
  const { passes, iso } = Scorer.parse(await import(pathToFileURL(join(folder, 'check.mjs')).href))
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown
  const cases = z.array(Case).parse(read('cases.json'))
  const families = new Map<string, { passed: number; all: number }>()
  const count = (family: string, isPassed: boolean) => {
    const known = families.get(family) ?? { passed: 0, all: 0 }
    families.set(family, { passed: known.passed + Number(isPassed), all: known.all + 1 })
  }
  const outside = new Set(['sanitize', 'relative-urls', 'http', 'encoding'])
  const failed: string[] = []
  let refused = 0
  for (const { id, group, headers, url, checks } of cases) {
    let out: unknown
    try {
      out = parseFeed(readFileSync(join(folder, 'files', id)), {
        headers,
        now,
        ...(url === undefined ? {} : { url }),
      })
    } catch {
      refused++
    }
    const isPassed =
      out !== undefined &&
      checks.every((check) =>
        check.path === 'encoding'
          ? encodingOf(check.want) === encodingOf(z.object({ encoding: z.string() }).parse(out).encoding)
          : passes(check, out, group),
      )
    count(group, isPassed)
    count('all', isPassed)
    if (!checks.some((check) => check.path === 'encoding')) count('all of content', isPassed)
    if (!outside.has(group)) count('core', isPassed)
    if (!isPassed) failed.push(id)
  }
  const summaries = ['all', 'all of content', 'core']
  const rows = [...families].sort(([a], [b]) => summaries.indexOf(b) - summaries.indexOf(a))
  for (const [family, { passed, all }] of rows) {
    const percent = `${((100 * passed) / all).toFixed(1)} %`
    console.log(
      `${family.padEnd(20)} ${String(passed).padStart(4)} of ${String(all).padStart(4)} ${percent.padStart(8)}`,
    )
  }
  console.log(`refused ${refused}; not as wanted: ${failed.join(', ') || 'none'}`)
  const dates = z.array(DateCase).parse(read('dates.json'))
  const wrong = dates.filter(({ input, want }) => iso(parseDate(input, { now, zoneMinutes: 0 })) !== want)
  console.log(
    `dates ${dates.length - wrong.length} of ${dates.length}${wrong.map(({ input }) => `; not ${input}`).join('')}`,
  )
  console.log('published on the whole set: Python feedparser 97.9 %, feedsmith 57.3 %, feed-parser 57.1 %')
}

const words =
  '业主 反映 小区 地下车库 积水 墙面 渗水 延期 交付 物业 收费 电梯 停运 开发商 回应 维修 方案 监理 检测 报告'.split(
    ' ',
  )
/** Twenty feeds of fifty items with marked-up texts, about 55 kB each. */
function feedsOf(kind: 'escaped' | 'CDATA' | 'Atom'): string[] {
  let seed = 7
  const pick = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return words[seed % words.length] ?? ''
  }
  const text = (length: number) => Array.from({ length }, pick).join('')
  return Array.from({ length: 20 }, (_, feed) => {
    const items = Array.from({ length: 50 }, (__, at) => {
      const html = `<p>${text(40)}，${text(20)}。</p><p><a href="/x/${at}.html" target="_blank" onclick="x()">${text(20)}</a><br/><img src="/i/${at}.jpg" style="width:1px">${text(30)}</p>`
      const page = `https://site${feed}.example/a/${at}.html`
      if (kind === 'Atom')
        return `<entry><title type="html">${text(8)}</title><link rel="alternate" href="${page}"/><id>tag:${feed},${at}</id><author><name>林记者</name></author><updated>2026-03-05T1${at % 10}:05:00+08:00</updated><summary>${text(50)}，${text(80)}</summary></entry>\n`
      const body = kind === 'CDATA' ? `<![CDATA[${html}]]>` : html.replace(/</g, '&lt;').replace(/>/g, '&gt;')
      return `<item><title>${text(8)}</title><link>${page}?a=1&amp;b=2</link><guid isPermaLink="false">${feed}-${at}</guid><dc:creator>林记者</dc:creator><pubDate>Thu, 05 Mar 2026 1${at % 4}:05:00 +0800</pubDate><description>${body}</description></item>\n`
    })
    return kind === 'Atom'
      ? `<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>${text(3)}</title>${items.join('')}</feed>`
      : `<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>${text(3)}</title>${items.join('')}</channel></rss>`
  })
}

type Reader = (bytes: Uint8Array) => number | Promise<number>

async function peers(): Promise<Map<string, Reader>> {
  const found = new Map<string, Reader>()
  const folder = process.env.PEERS
  if (!folder) {
    console.log(
      'published, another machine: feed-parser 104,000 items/s, feedsmith 63,000, feedparser (Node) 15,600',
    )
    return found
  }
  const load = createRequire(pathToFileURL(join(resolve(folder), 'package.json')))
  const Module = z.object({
    parseFeed: z.custom<(text: string) => unknown>((is) => typeof is === 'function'),
  })
  for (const name of ['feedsmith', '@rowanmanning/feed-parser']) {
    try {
      const { parseFeed: parse } = Module.parse(load(name))
      found.set(`${name}, decoding`, (bytes) => itemsIn(parse(new TextDecoder().decode(bytes))))
    } catch (error) {
      console.log(
        `${name} is not in ${folder}: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
      )
    }
  }
  return found
}

/** One wraps what it read in `feed`, the other gives it bare; RSS has items, Atom entries. */
function itemsIn(read: unknown): number {
  if (read === null || typeof read !== 'object') return 0
  if ('items' in read && Array.isArray(read.items)) return read.items.length
  if ('entries' in read && Array.isArray(read.entries)) return read.entries.length
  return 'feed' in read ? itemsIn(read.feed) : 0
}

function toolsFor(bytes: Uint8Array): CollectTools {
  const headers = { 'content-type': 'application/xml' }
  return collectTools({
    fetch: async (url) => ({ status: 200, url, headers, bytes, notModified: false }),
    now,
  })
}

async function measureSpeed() {
  const readers = new Map<string, Reader>([
    [
      'decode and parse',
      (bytes) => parseFeed(bytes, { url: 'https://a.example/feed', headers: {}, now }).entries.length,
    ],
    [
      'whole run, texts and stored item',
      async (bytes) => {
        const result = await rss.collect({ url: 'https://a.example/feed' }, toolsFor(bytes))
        return result.outcome === 'ok' && Array.isArray(result.captures) ? result.captures.length : 0
      },
    ],
    ...(await peers()),
  ])
  for (const kind of ['escaped', 'CDATA', 'Atom'] as const) {
    const feeds = feedsOf(kind).map((text) => Buffer.from(text))
    const rates = new Map<string, number>()
    // Rounds in turn: what disturbs one reader disturbs the others too.
    for (let round = 0; round < 15; round++) {
      for (const [name, reader] of readers) {
        const before = process.cpuUsage()
        let items = 0
        for (let again = 0; again < 3; again++) for (const feed of feeds) items += await reader(feed)
        const { user, system } = process.cpuUsage(before)
        rates.set(name, Math.max(rates.get(name) ?? 0, (items / (user + system)) * 1_000_000))
      }
    }
    const size = feeds.reduce((sum, feed) => sum + feed.length, 0) / feeds.length / 1_000
    for (const [name, rate] of rates)
      console.log(
        `${kind}, ${size.toFixed(0)} kB  ${name.padEnd(36)} ${Math.round(rate).toString().padStart(7)} items/s`,
      )
  }
}

const beside = resolve('../shared/data/feeds')
if (existsSync(beside)) await measureCases(realpathSync(beside))
else console.log(`no feed cases to measure on: ${beside} is not there`)
await measureSpeed()
