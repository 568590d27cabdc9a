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
  /** The ledger's own door: ingest does not write complaints. Gives how many were new. */
  storeComplaints: (
    batch: readonly ComplaintCapture[],
    source: { id: number; name: string },
  ) => Promise<{ added: number; changed: number }>
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
  const storeComplaints = async (complaints: readonly ComplaintCapture[]) => {
    const stored = await collecting.storeComplaints(complaints, source)
    const part = { seen: complaints.length, ...stored, undated: 0, tooOld: 0 }
    await inTransaction(db, (tx) => store.addToRun(tx, runId, part))
    await note(part)
  }

  const { tools, cursor } = toolsFor(collecting, source.cursor, startedAt)
  const finish = async (result: {
    outcome: CollectResult['outcome'] | 'interrupted'
    detail?: string
    cursor?: unknown
  }) => {
    const succeeded =
      result.outcome === 'ok' || result.outcome === 'empty' || result.outcome === 'not-modified'
    await inTransaction(db, (tx) =>
      store.finishRun(tx, {
        runId,
        sourceId,
        outcome: result.outcome,
        detail: result.detail ?? null,
        now: now(),
        ...(succeeded ? { cursor: cursor(result.cursor) } : {}),
      }),
    )
    await jobs.announce({ topic: 'source', projectIds: [] })
  }
  let result: CollectResult
  try {
    result = await collector.collect(source.options, tools)
    if (result.outcome === 'ok') {
      await inBatches(result.captures ?? [], storeCaptures)
      await inBatches(result.complaints ?? [], storeComplaints)
    }
  } catch (error) {
    // What came before the break is stored; anything but a named outcome is a bug: noted, then thrown.
    if (!(error instanceof CollectError)) {
      await finish({ outcome: 'interrupted', detail: 'the collector failed unexpectedly; see the log' })
      throw error
    }
    result = { outcome: error.outcome, detail: error.message }
  }
  await finish(result)
  return {
    runId,
    isLearning,
    ...counts,
    outcome: result.outcome,
    detail: 'detail' in result ? result.detail : null,
  }
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
