// 500 feeds of 50 Chinese items on loopback hosts, read as the product reads: robots.txt, fetch, decode, parse, sanitise,
// deduplicate, store, judge the source; as many sources at once as its queue takes. Then the second poll, answered 304 and
// sent in full; the same with dead and slow feeds among them; and other 500 feeds with the analysis of every text beside
// it, until the last row is there. The farm is a thread of this process. Peers, on 2 cores with their farm, none of which
// analyses: newsboat 4,380 items/s, tt-rss 245; second poll 53 and 5.4 feeds/s; a bare loop of fetch, parse and insert 17,700
// items/s and 2,430 feeds/s.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { readConfig } from '../../server/config.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { collectSource } from '../../server/ingest/job.ts'
import { insertSource } from '../../server/ingest/store.ts'
import { announcing, createPipeline } from '../../server/jobs/pipeline.ts'
import { COLLECT_AT_ONCE } from '../../server/jobs/queue.ts'
import { openProduct } from '../../server/product.ts'
import { serveFeeds, startFarm } from './support-feed-farm.ts'
import { loadOf } from './support-load.ts'

const feeds = 500
const engineThread = new URL('./engine-thread.js', import.meta.url)
/** Few enough that their connections are kept, many enough that no host is everybody's. */
const hosts = process.platform === 'linux' ? 100 : 1
const now = new Date('2026-03-05T06:30:00Z')

if (isMainThread) await measure()
else
  serveFeeds(
    workerData.feeds,
    (port) => parentPort?.postMessage(port),
    (take) => parentPort?.on('message', take),
  )

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'weiyu-bench-'))
  const farm = await startFarm(new URL(import.meta.url), 2 * feeds)
  const config = readConfig({ WEIYU_DATA: folder, WEIYU_FETCH_ALLOW: '127.0.0.0/8' })
  // For root the database may stand elsewhere: its account cannot enter a folder of root's.
  const product = await openProduct({ ...config, isDefaultDataFolder: true }, { engineThread })
  const { db } = product.database
  const load = await loadOf(db)
  const pipeline = createPipeline(product, () => now)
  const jobs = announcing(product)
  try {
    const addFeeds = (first: number) =>
      inTransaction(db, async (tx) => {
        const ids: number[] = []
        for (let feed = first; feed < first + feeds; feed++) {
          // Other hosts for other feeds: those of dead feeds are left alone for a while.
          const host = `127.0.${1 + Math.floor(feed / feeds)}.${1 + (feed % hosts)}`
          const url = `http://${hosts === 1 ? '127.0.0.1' : host}:${farm.port}/${feed}.xml`
          const source = { kind: 'rss', name: `feed ${feed}`, publisherId: null, options: { url } }
          ids.push(await insertSource(tx, { ...source, schedule: '0 * * * *', isAggregator: false }))
        }
        return ids
      })
    const ids = await addFeeds(0)
    const tell = (manner: { honoursConditions?: boolean; dead?: number[]; slow?: number[] }) =>
      farm.tell({ honoursConditions: true, dead: [], slow: [], ...manner })

    await poll('first poll', ids)
    await poll('second poll, 304', ids)
    await poll('again, 304', ids)
    tell({ honoursConditions: false })
    await poll('again, sent in full', ids)
    const whole = await poll('again, sent in full', ids)
    // Spread over the queue as they are over the hosts of a real list.
    const bad = [50, 150, 250, 350, 450]
    tell({ honoursConditions: false, dead: bad.slice(0, 3), slow: bad.slice(3) })
    const others = await poll('sent in full, 3 dead and 2 slow feeds among them', ids, new Set(bad))
    console.log(
      `the other ${feeds - bad.length} feeds beside them: ${((others / whole) * 100).toFixed(1)} % of the pace without them`,
    )
    tell({})
    await pipeline.steps.analysis()
    await pollAnalysed('first poll with the analysis beside it', await addFeeds(feeds))

    /** Gives the feeds per second of those that are not `bad`. */
    async function poll(what: string, of: readonly number[], bad: ReadonlySet<number> = new Set()) {
      let seen = 0
      let added = 0
      const before = load()
      const started = performance.now()
      let ended = started
      await readAll(of, async (id, at) => {
        const report = await collectSource(pipeline.collecting(jobs), id)
        if (bad.has(at)) return
        ended = performance.now()
        if (report.outcome !== 'ok' && report.outcome !== 'not-modified')
          throw new Error(`${report.outcome}: ${report.detail}`)
        seen += report.seen
        added += report.added
      })
      const seconds = (ended - started) / 1_000
      print(what, { seconds, seen, added, before, count: of.length - bad.size })
      return (of.length - bad.size) / seconds
    }

    async function pollAnalysed(what: string, of: readonly number[]) {
      let seen = 0
      let analysing: Promise<unknown> | undefined
      let isWoken = false
      const analyse = async () => {
        while (isWoken) {
          isWoken = false
          await pipeline.steps.analysis()
        }
        analysing = undefined
      }
      const wake = async () => {
        isWoken = true
        analysing ??= analyse()
      }
      const before = load()
      const started = performance.now()
      await readAll(of, async (id) => {
        const report = await collectSource(pipeline.collecting({ ...jobs, wake }), id)
        if (report.outcome !== 'ok') throw new Error(`${report.outcome}: ${report.detail}`)
        seen += report.seen
      })
      const collected = performance.now()
      await analysing
      const seconds = (performance.now() - started) / 1_000
      print(what, { seconds, seen, added: seen, before, count: of.length })
      const waiting = await db
        .selectFrom('documentAnalysis')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('analysedVersion', 'is', null)
        .executeTakeFirstOrThrow()
      const mentions = await db
        .selectFrom('mention')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      console.log(
        `stored after ${((collected - started) / 1_000).toFixed(2)} s; ${waiting.count} texts wait, ${mentions.count} are mentions`,
      )
    }

    function print(
      what: string,
      of: { seconds: number; seen: number; added: number; count: number; before: ReturnType<typeof load> },
    ) {
      const after = load()
      const perSecond = (count: number) => Math.round(count / of.seconds).toLocaleString('en')
      console.log(
        `${what}: ${of.seen} items, ${of.added} new in ${of.seconds.toFixed(2)} s = ${perSecond(of.seen)} items/s, ${perSecond(of.count)} feeds/s; CPU ${(after.own - of.before.own).toFixed(2)} s here with the farm, ${(after.database - of.before.database).toFixed(2)} s in PostgreSQL; ${Math.round(after.ownMb)} + ${Math.round(after.databaseMb)} MB`,
      )
    }
  } finally {
    await product.close()
    await farm.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function readAll(ids: readonly number[], read: (id: number, at: number) => Promise<void>) {
  let next = 0
  await Promise.all(
    Array.from({ length: COLLECT_AT_ONCE }, async () => {
      for (let at = next++; at < ids.length; at = next++) await read(ids[at] ?? 0, at)
    }),
  )
}
