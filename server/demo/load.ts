// Loads the invented group through the product's own doors: master data by the workbook import, media, weather and numbers
// by their collectors over loopback, complaints by the drop folder, due days by the calendar. History is replayed in order with a clock of its own, so nothing
// is too old for the age gate, and assessments and warnings carry the time at which they would have come.
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFetcher } from '../../collectors/fetch.ts'
import { createFiles } from '../../collectors/files.ts'
import { groupOf, setGroupName } from '../access/store.ts'
import { recordAudit } from '../audit/store.ts'
import type { Db } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import { insertSource, pauseForGood } from '../ingest/store.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { createPipeline } from '../jobs/pipeline.ts'
import { Refusal } from '../lib/refusal.ts'
import { checkTables } from '../projects/check.ts'
import { importMasterData } from '../projects/import-store.ts'
import { listPublishers } from '../projects/store.ts'
import { sweepExposures } from '../scoring/job.ts'
import { commentsAt, type DemoComplaint, type DemoItem, demoDays, generateHistory } from './generate.ts'
import { type DemoPublisher, demoGroupName, demoPublishers, groupTables } from './group.ts'
import { alertsXml, calendarDays, demoReadings, readingsCsv } from './indicators.ts'
import { type Feeds, serveFeeds } from './serve.ts'
import { hasProjects } from './state-store.ts'

/** What the product brings; the demo has an outside world of its own. */
export type DemoProduct = Parameters<typeof createPipeline>[0]

export interface DemoOptions {
  /** The moment at which the history ends. */
  end: Date
  seed?: string
  /** Told after each step of the replay. */
  onProgress?: (done: number, total: number) => void | Promise<void>
}

export interface DemoLoaded {
  projects: number
  documents: number
  complaints: number
  readings: number
  alerts: number
  dueDates: number
  steps: number
}

const HOUR = 3_600_000

/** @throws Refusal 409 `not-empty` when there are projects that it would mix with */
export async function loadDemo(product: DemoProduct, options: DemoOptions): Promise<DemoLoaded> {
  const { db } = product.database
  const { end, seed = 'weiyu' } = options
  if (await hasProjects(db)) throw new Refusal(409, 'not-empty')
  const history = generateHistory(seed, end)
  const projects = await importGroup(db, end)
  const folder = await mkdtemp(join(tmpdir(), 'weiyu-demo-'))
  const inbox = join(folder, 'inbox')
  await mkdir(inbox)
  let window: Window = { from: new Date(0), to: new Date(0) }
  const feeds = await serveFeeds(demoPublishers, (publisher) => inFeed(history.items, publisher, window), {
    [alertsPath]: () => ({ type: 'application/cap+xml', body: alertsXml(end, window.to) }),
    [readingsPath]: () => ({ type: 'text/csv', body: readingsCsv(demoReadings(seed, end, window.to)) }),
  })
  const fetcher = createFetcher({
    userAgent: 'Weiyu demo',
    allow: ['127.0.0.1'],
    limits: { perHost: 8, paceMs: 0 },
  })
  try {
    const steps = replaySteps(end)
    const start = steps[0] ?? end
    const sources = await addSources(db, feeds, inbox, { start, end })
    const outside = { fetcher, files: createFiles([inbox]) }
    const pipeline = createPipeline({ ...product, outside }, () => window.to)
    const jobs: Jobs = {
      wake: async () => {},
      collect: async () => {},
      assist: async () => {},
      announce: async () => {},
    }
    const sum = { documents: 0, complaints: 0, readings: 0, alerts: 0, dueDates: 0 }
    for (const [at, to] of steps.entries()) {
      window = { from: window.to, to }
      await dropLedger(inbox, history.complaints, window)
      const runs = await Promise.all(sources.map((source) => pipeline.collect(source.id, jobs)))
      for (const [index, run] of runs.entries()) {
        if (run.detail) throw new Error(`${sources[index]?.name}: ${run.detail}`)
        sum[sources[index]?.brings ?? 'documents'] += run.added
      }
      await sweepExposures(db)
      await pipeline.drain()
      await options.onProgress?.(at + 1, steps.length)
    }
    await pipeline.gatherIssues()
    return { projects, ...sum, steps: steps.length }
  } finally {
    await fetcher.close()
    await feeds.close()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Window {
  from: Date
  to: Date
}

/** Wide steps far back, narrow ones near the end; never wider than the silence after which a source learns again. */
export function replaySteps(end: Date): Date[] {
  const hours: number[] = []
  for (let ago = demoDays * 24; ago > 0; ago -= ago > 27 * 24 ? 72 : ago > 9 * 24 ? 36 : 12) hours.push(ago)
  return [...hours, 0].map((ago) => new Date(end.getTime() - ago * HOUR))
}

async function importGroup(db: Db, end: Date): Promise<number> {
  const checked = checkTables(groupTables(end))
  return inTransaction(db, async (tx) => {
    const report = await importMasterData(tx, checked, { now: end, dryRun: false, partial: false })
    if (!report.written) throw new Error('the demo group does not pass its own import')
    if (!(await groupOf(tx))) await setGroupName(tx, demoGroupName, end)
    await recordAudit(tx, {
      action: 'project.import',
      subject: { kind: 'master-data' },
      detail: { by: 'demo', counts: report.counts },
    })
    return report.rows.filter((row) => row.table === 'project').length
  })
}

interface DemoSource {
  id: number
  name: string
  brings: 'documents' | 'complaints' | 'readings' | 'alerts' | 'dueDates'
}

const alertsPath = '/alerts.xml'
const readingsPath = '/readings.csv'

/** Paused for the schedule: their feeds end with the load. Not learning: what they bring is the history itself. */
async function addSources(
  db: Db,
  feeds: Feeds,
  inbox: string,
  { start, end }: { start: Date; end: Date },
): Promise<DemoSource[]> {
  return inTransaction(db, async (tx) => {
    const ids = new Map((await listPublishers(tx)).map((publisher) => [publisher.name, publisher.id]))
    const sources: DemoSource[] = []
    for (const publisher of demoPublishers) {
      const id = await insertSource(tx, {
        kind: 'rss',
        name: publisher.name,
        publisherId: ids.get(publisher.name) ?? null,
        options: { url: feeds.urlOf(publisher) },
        schedule: '*/10 * * * *',
        isAggregator: false,
        learningUntil: start,
      })
      sources.push({ id, name: publisher.name, brings: 'documents' })
    }
    const others = [
      {
        kind: 'folder',
        name: '客诉台账（每日导出）',
        options: { path: inbox, content: 'complaints', mapping: '' },
        schedule: '0 * * * *',
        brings: 'complaints',
      },
      {
        kind: 'weather',
        name: '气象预警（演示）',
        options: { url: feeds.urlOfPage(alertsPath) },
        schedule: '*/5 * * * *',
        brings: 'alerts',
      },
      {
        kind: 'readings',
        name: '经营指标（演示）',
        options: { url: feeds.urlOfPage(readingsPath) },
        schedule: '17 * * * *',
        brings: 'readings',
      },
      {
        kind: 'calendar',
        name: '到期日历（演示）',
        options: { days: calendarDays(end) },
        schedule: '43 5 * * *',
        brings: 'dueDates',
      },
    ] as const
    for (const { brings, ...source } of others) {
      const more = { publisherId: null, isAggregator: false, learningUntil: start }
      const id = await insertSource(tx, { ...source, ...more })
      sources.push({ id, name: source.name, brings })
    }
    for (const source of sources) await pauseForGood(tx, source.id)
    return sources
  })
}

/** A feed shows what is new and some it showed before, on which people have gone on commenting. */
function inFeed(items: readonly DemoItem[], publisher: DemoPublisher, { from, to }: Window): DemoItem[] {
  const until = items.filter((item) => item.publisher === publisher.name && item.publishedAt <= to)
  const fresh = until.filter((item) => item.publishedAt > from).length
  return until
    .slice(-(fresh + 5))
    .reverse()
    .map((item) => ({ ...item, comments: commentsAt(item, to) }))
}

/** The ledger's daily export: what came in and is open, and what was settled. */
async function dropLedger(inbox: string, complaints: readonly DemoComplaint[], { from, to }: Window) {
  const rows = complaints.filter(({ receivedAt, closedAt }) => {
    const at = closedAt ?? receivedAt
    return at > from && at <= to
  })
  if (rows.length === 0) return
  const path = join(inbox, `ledger-${to.toISOString().slice(0, 13)}.csv`)
  const lines = [
    Object.keys(ledgerColumns),
    ...rows.map((row) => Object.values(ledgerColumns).map((of) => of(row))),
  ]
  await writeFile(path, `\ufeff${lines.map((cells) => cells.map(csvCell).join(',')).join('\r\n')}\r\n`)
  // The collector leaves a file alone that may still be written.
  const writtenAt = new Date(to.getTime() - 60_000)
  await utimes(path, writtenAt, writtenAt)
}

const ledgerColumns: Readonly<Record<string, (row: DemoComplaint) => string>> = {
  投诉编号: (row) => row.externalId,
  性质: (row) => row.kind,
  标题: (row) => row.title,
  内容: (row) => row.content,
  诉求: (row) => row.demand,
  受理时间: (row) => row.receivedAt.toISOString(),
  渠道: (row) => row.channel,
  类别: (row) => row.class,
  城市公司: (row) => row.company,
  项目: (row) => row.project,
  楼栋: (row) => row.building,
  房号: (row) => row.unit,
  姓名: (row) => row.name,
  电话: (row) => row.phone,
  户数: (row) => String(row.households),
  群体诉讼: (row) => (row.isGroupLitigation ? '是' : '否'),
  办结时间: (row) => row.closedAt?.toISOString() ?? '',
}

const csvCell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
