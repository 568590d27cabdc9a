// One run of one source: collect → store in batches → close the run → wake the analysis. Raw first: a text is committed
// before anything reads it. Killed half-way, the next run stores the rest: identities make the repetition harmless.
import { createHash } from 'node:crypto'
import {
  type AnyCollector,
  type Capture,
  CollectError,
  type CollectFiles,
  type CollectResult,
  type CollectTools,
  type ComplaintCapture,
  type Items,
} from '../../collectors/collector.ts'
import type { Fetcher, Validators } from '../../collectors/fetch.ts'
import { collectorOf } from '../../collectors/index.ts'
import type { Db } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { currentPolicy } from '../policy/store.ts'
import { type Dating, isLearningRun, type Preparation, prepare } from './document.ts'
import * as store from './store.ts'

export interface Collecting {
  db: Db
  jobs: Jobs
  fetcher: Fetcher
  files: CollectFiles
  now: () => Date
  /** The ledger's own door: ingest writes no complaint. Rows that cannot be read are refused, the others stored. */
  takeComplaints: (
    complaints: Items<ComplaintCapture>,
    sourceId: number,
  ) => Promise<{ rows: number; added: number; refused: number }>
  /** Told after each batch. */
  progress?: (seen: number) => void
}

export interface RunReport extends store.RunCounts {
  runId: number
  outcome: CollectResult['outcome']
  detail: string | null
  isLearning: boolean
}

const batchSize = 500

export async function collectSource(collecting: Collecting, sourceId: number): Promise<RunReport> {
  const { db, jobs, now } = collecting
  const startedAt = now()
  const source = await store.sourceById(db, sourceId)
  if (!source) throw new Error(`there is no source ${sourceId}`)
  const collector = collectorOf(source.kind)
  if (!collector) throw new Error(`source ${sourceId} is of the unknown kind ${source.kind}`)
  const { policy } = await currentPolicy(db, startedAt)
  const isLearning = isLearningRun(source, startedAt, policy.collecting)
  const preparation: Preparation = {
    source,
    publishers: await store.knownPublishers(db),
    policy: policy.collecting,
    now: startedAt,
    hash: sha256,
  }
  const runId = await inTransaction(db, (tx) => store.startRun(tx, sourceId, startedAt))
  const counts: store.RunCounts = { seen: 0, added: 0, changed: 0, undated: 0, tooOld: 0 }

  const note = async (part: store.RunCounts) => {
    for (const key of ['seen', 'added', 'changed', 'undated', 'tooOld'] as const) counts[key] += part[key]
    collecting.progress?.(counts.seen)
    if (part.added + part.changed > 0) await jobs.wake('analysis')
  }
  const storeCaptures = async (captures: readonly Capture[]) => {
    const documents = captures.map((capture) => prepare(capture, preparation))
    const part = await inTransaction(db, async (tx) => {
      const stored = await store.storeDocuments(tx, {
        sourceId,
        runId,
        isLearning,
        now: startedAt,
        documents,
      })
      const of = (dating: Dating) => documents.filter((document) => document.dating === dating).length
      const part = {
        seen: captures.length,
        ...stored,
        undated: of('undated') + of('future'),
        tooOld: of('old'),
      }
      await store.addToRun(tx, runId, part)
      return part
    })
    await note(part)
  }
  const takeComplaints = async (complaints: Items<ComplaintCapture>) => {
    const taken = await collecting.takeComplaints(complaints, sourceId)
    const part = { seen: taken.rows, added: taken.added, changed: 0, undated: 0, tooOld: 0 }
    await inTransaction(db, (tx) => store.addToRun(tx, runId, part))
    await note(part)
    return taken.refused > 0 ? `${taken.refused} of ${taken.rows} rows could not be read` : undefined
  }

  const { tools, cursor } = toolsFor(collecting, source.cursor, startedAt)
  const finish = async (result: {
    outcome: CollectResult['outcome'] | 'interrupted'
    detail: string | null
    cursor?: unknown
  }) => {
    const succeeded =
      result.outcome === 'ok' || result.outcome === 'empty' || result.outcome === 'not-modified'
    await inTransaction(db, (tx) =>
      store.finishRun(tx, {
        runId,
        sourceId,
        outcome: result.outcome,
        detail: result.detail,
        now: now(),
        ...(succeeded ? { cursor: cursor(result.cursor) } : {}),
      }),
    )
    await jobs.announce({ topic: 'source', projectIds: [] })
  }
  let result: CollectResult
  let remark: string | undefined
  try {
    result = await collector.collect(source.options, tools)
    if (result.outcome === 'ok') {
      await inBatches(result.captures ?? [], storeCaptures)
      if (result.complaints) remark = await takeComplaints(result.complaints)
    }
  } catch (error) {
    // What came before the break is stored; anything but a named outcome is a bug: noted, then thrown.
    if (!(error instanceof CollectError)) {
      await finish({ outcome: 'interrupted', detail: 'the collector failed unexpectedly; see the log' })
      throw error
    }
    result = { outcome: error.outcome, detail: error.message }
  }
  const detail = 'detail' in result ? result.detail : (remark ?? null)
  await finish({ ...result, detail })
  return { runId, isLearning, ...counts, outcome: result.outcome, detail }
}

/**
 * Takes a file in once. It becomes a source of its own that is never read by the clock; who imports a file wants it
 * judged, so it does not learn. The same file again adds nothing, and one that was killed half-way is finished.
 */
export async function importDocuments(
  collecting: Collecting,
  file: { path: string; name: string; mapping?: string },
): Promise<RunReport & { sourceId: number }> {
  const name = `导入 ${file.name}`
  const options = { path: file.path, content: 'documents', mapping: file.mapping ?? '' }
  const source = {
    name,
    publisherId: null,
    options,
    schedule: '0 0 1 1 *',
    isAggregator: true,
  }
  const sourceId = await inTransaction(collecting.db, async (tx) => {
    const known = await store.sourceIdByName(tx, name)
    if (known) {
      await store.updateSource(tx, known.id, source)
      return known.id
    }
    const id = await store.insertSource(tx, {
      ...source,
      kind: 'spreadsheet',
      learningUntil: collecting.now(),
    })
    await store.setSourceState(tx, id, 'paused')
    return id
  })
  return { sourceId, ...(await collectSource(collecting, sourceId)) }
}

/** What a run would store now, without storing anything. */
export async function tryCollector(
  collecting: Pick<Collecting, 'fetcher' | 'files' | 'now' | 'db'>,
  collector: AnyCollector,
  options: unknown,
  limit = 20,
) {
  const now = collecting.now()
  const { policy } = await currentPolicy(collecting.db, now)
  const { tools } = toolsFor(collecting, undefined, now)
  const items: {
    title: string
    excerpt: string
    url: string | null
    publishedAt: string | null
    dating: Dating
  }[] = []
  const complaints: ComplaintCapture[] = []
  try {
    const result = await collector.collect(options, tools)
    if (result.outcome !== 'ok')
      return { outcome: result.outcome, detail: 'detail' in result ? result.detail : null, items, complaints }
    for await (const capture of result.captures ?? []) {
      const prepared = prepare(capture, {
        source: { id: 0, publisherId: null, isAggregator: true },
        publishers: { byName: new Map(), byHost: new Map() },
        policy: policy.collecting,
        now,
        hash: sha256,
      })
      const { title, body, url, publishedAt, dating } = prepared
      items.push({ title, excerpt: body.slice(0, 200), url, publishedAt, dating })
      if (items.length >= limit) break
    }
    for await (const complaint of result.complaints ?? []) {
      complaints.push(complaint)
      if (complaints.length >= limit) break
    }
    return { outcome: result.outcome, detail: null, items, complaints }
  } catch (error) {
    if (!(error instanceof CollectError)) throw error
    return { outcome: error.outcome, detail: error.message, items, complaints }
  }
}

interface KeptCursor {
  validators: Record<string, { etag?: string; lastModified?: string }>
  own?: unknown
}

/** The source's position: its own and what its pages said about themselves. Kept only when everything was stored. */
function toolsFor(
  { fetcher, files }: Pick<Collecting, 'fetcher' | 'files'>,
  stored: unknown,
  now: Date,
): { tools: CollectTools; cursor: (own: unknown) => KeptCursor } {
  const before: KeptCursor = isKept(stored) ? stored : { validators: {} }
  const after: KeptCursor['validators'] = { ...before.validators }
  const validators: Validators = {
    read: (url) => before.validators[url],
    write: (url, value) => {
      after[url] = value
    },
  }
  return {
    tools: {
      cursor: before.own,
      now,
      files,
      fetch: (url, wants = {}) =>
        fetcher.fetch(url, {
          ...(wants.accept === undefined ? {} : { accept: wants.accept }),
          ...(wants.conditional ? { validators } : {}),
        }),
    },
    cursor: (own) => ({ validators: after, own: own === undefined ? before.own : own }),
  }
}

const isKept = (value: unknown): value is KeptCursor =>
  value !== null && typeof value === 'object' && 'validators' in value && typeof value.validators === 'object'

async function inBatches<T>(items: Items<T>, store: (batch: readonly T[]) => Promise<void>): Promise<void> {
  let batch: T[] = []
  try {
    for await (const item of items) {
      batch.push(item)
      if (batch.length >= batchSize) {
        const full = batch
        batch = []
        await store(full)
      }
    }
  } finally {
    // Also when the stream broke: what was read is kept.
    if (batch.length > 0) await store(batch)
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
