// 500 feeds of 50 Chinese items on loopback: fetch, decode, parse, sanitise, deduplicate and store, 8 sources at once;
// then the second poll, answered 304 and answered in full. Prints items and feeds per second.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFetcher } from '../../collectors/fetch.ts'
import { createFiles } from '../../collectors/files.ts'
import { openVault } from '../../server/access/vault.ts'
import { openDatabase } from '../../server/db/connect.ts'
import { carefree, startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { migrate } from '../../server/db/migrate.ts'
import { type Collecting, collectSource } from '../../server/ingest/job.ts'
import { insertSource } from '../../server/ingest/store.ts'
import { ensureDefaultPolicy } from '../../server/policy/store.ts'

const feeds = 500
const items = 50
const atOnce = 8
const now = new Date('2026-03-05T06:30:00Z')

const words =
  '业主 反映 小区 地下车库 积水 墙面 渗水 延期 交付 物业 收费 电梯 停运 开发商 回应 维修 方案 监理 检测 报告'.split(
    ' ',
  )
let seed = 7
const pick = () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return words[seed % words.length] ?? ''
}
const text = (length: number) => Array.from({ length }, pick).join('')
const bodies = Array.from({ length: feeds }, (_, feed) => {
  const entries = Array.from(
    { length: items },
    (_, at) =>
      `<item><title>${text(8)}</title><link>https://site${feed}.example/a/${at}.html?utm_source=rss</link><guid>${feed}-${at}</guid><pubDate>Thu, 05 Mar 2026 ${10 + (at % 4)}:05:00 +0800</pubDate><description>&lt;p&gt;${text(90)}&lt;/p&gt;&lt;p onclick="x()"&gt;${text(60)}&lt;/p&gt;</description></item>`,
  )
  return Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>${text(3)}</title>${entries.join('')}</channel></rss>`,
  )
})
let honoursConditions = true
const server = createServer((request, response) => {
  const feed = Number(request.url?.slice(1))
  const body = bodies[feed]
  if (!body) return void response.writeHead(404).end()
  if (honoursConditions && request.headers['if-none-match'] === `"${feed}"`)
    return void response.writeHead(304).end()
  response.writeHead(200, { etag: `"${feed}"`, 'content-type': 'application/rss+xml' }).end(body)
})
await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const folder = await mkdtemp(join(tmpdir(), 'weiyu-bench-'))
const postgres = await startEmbeddedPostgres(folder, {
  settings: { ...carefree, shared_buffers: '256MB' },
  mayMoveAway: true,
})
await migrate(postgres.url)
const database = openDatabase(postgres.url)
const { db } = database
const fetcher = createFetcher({ userAgent: 'weiyu-bench', allow: ['127.0.0.1'], limits: { perHost: atOnce } })
const carriesNone = () => Promise.reject(new Error('feeds carry texts alone'))
const collecting: Collecting = {
  db,
  fetcher,
  files: createFiles([]),
  jobs: { wake: async () => {}, collect: async () => {}, assist: async () => {}, announce: async () => {} },
  now: () => now,
  vault: openVault(Buffer.alloc(32, 7)),
  takers: { complaints: carriesNone, readings: carriesNone, alerts: carriesNone, dueDates: carriesNone },
}
try {
  const ids = await inTransaction(db, async (tx) => {
    await ensureDefaultPolicy(tx, now)
    const ids: number[] = []
    for (let feed = 0; feed < feeds; feed++) {
      const options = { url: `${origin}/${feed}` }
      ids.push(
        await insertSource(tx, {
          kind: 'rss',
          name: `feed ${feed}`,
          publisherId: null,
          options,
          schedule: '0 * * * *',
          isAggregator: false,
        }),
      )
    }
    return ids
  })
  await poll('first poll')
  await poll('second poll, 304')
  honoursConditions = false
  await poll('second poll, sent in full')

  async function poll(what: string) {
    const queue = [...ids]
    let seen = 0
    let added = 0
    const started = performance.now()
    const cpu = process.cpuUsage()
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
          const report = await collectSource(collecting, id)
          if (report.outcome !== 'ok' && report.outcome !== 'not-modified')
            throw new Error(`${report.outcome}: ${report.detail}`)
          seen += report.seen
          added += report.added
        }
      }),
    )
    const seconds = (performance.now() - started) / 1_000
    const used = process.cpuUsage(cpu)
    const cpuSeconds = (used.user + used.system) / 1e6
    console.log(
      `${what}: ${feeds} feeds, ${seen} items, ${added} new in ${seconds.toFixed(2)} s = ${Math.round(seen / seconds)} items/s, ${Math.round(feeds / seconds)} feeds/s; ${cpuSeconds.toFixed(2)} s of this process's CPU, the farm's included`,
    )
  }
} finally {
  await fetcher.close()
  await database.close()
  await postgres.stop()
  server.close()
  await rm(folder, { recursive: true, force: true })
}
