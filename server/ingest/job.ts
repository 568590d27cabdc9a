// One run of one source: collect → store in batches → close the run → wake the analysis. Raw first: a text is committed
// before anything reads it. Killed half-way, the next run stores the rest: identities make the repetition harmless.
import { hash } from 'node:crypto'
import {
  type AlertCapture,
  type AnyCollector,
  type Capture,
  CollectError,
  type CollectFiles,
  type CollectResult,
  type CollectTools,
  type ComplaintCapture,
  type Delivery,
  type DueDateCapture,
  type Items,
  type ReadingCapture,
} from '../../collectors/collector.ts'
import { said } from '../../collectors/details.ts'
import type { Fetcher, Validators } from '../../collectors/fetch.ts'
import { collectorOf } from '../../collectors/index.ts'
import { type HandKept, keepPage } from '../../collectors/manual/index.ts'
import { HostBusy } from '../../collectors/turns.ts'
import type { Db } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { currentPolicy } from '../policy/store.ts'
import { type Dating, isLearningRun, type Preparation, type PreparedDocument, prepare } from './document.ts'
import { createIntake, type Intake } from './intake-job.ts'
import { openSecrets, type Sealing } from './secrets.ts'
import { prepareSnapshot } from './snapshot.ts'
import { type CollectedPage, packNew } from './snapshot-store.ts'
import * as store from './store.ts'

export interface Collecting {
  db: Db
  jobs: Jobs
  fetcher: Fetcher
  files: CollectFiles
  now: () => Date
  /** Opens the secrets of a source. */
  vault: Sealing
  takers: Takers
  /** Of all that is read at once in this process; absent: this run writes alone. */
  intake?: Intake
  /**
   * Set by a caller that can come back: the first request of a run waits no longer for the other readers of its host, and
   * the run is put off instead. Later ones wait: half a run is worse than a late one.
   */
  patienceMs?: number
  /** A person asked for it: a host that failed is read all the same. */
  insists?: boolean
  /** Told after each batch. */
  progress?: (seen: number) => void
}

/** Enough for what brings texts and nothing else. */
type TextCollecting = Omit<Collecting, 'takers'>

/** A door of another feature, because ingest writes documents only. Rows that cannot be read are refused, the others stored. */
type Taker<T> = (items: Items<T>, sourceId: number) => Promise<Taken>

export interface Taken {
  rows: number
  added: number
  refused: number
  /** The first refused rows, each with its place and what is wrong with it. */
  because?: readonly string[]
}

export interface Takers {
  complaints: Taker<ComplaintCapture>
  readings: Taker<ReadingCapture>
  alerts: Taker<AlertCapture>
  dueDates: Taker<DueDateCapture>
}

export interface RunReport extends store.RunCounts {
  runId: number
  outcome: CollectResult['outcome']
  detail: string | null
  isLearning: boolean
  /** Set when the run was put off because others read its host: nothing was asked, and no run stands in the books. */
  putOffMs?: number
}

const batchSize = 500
const batchBytes = 32 * 1024 * 1024

/** Reads a source once. @throws Error when there is no such source, and what a collector throws by mistake */
export function collectSource(collecting: Collecting, sourceId: number): Promise<RunReport> {
  return runSource(collecting, sourceId, (collector, options, tools) => collector.collect(options, tools))
}

/** Takes in what another system pushed to a source. @throws like `collectSource`, and when its kind takes no pushes */
export function receiveDelivery(
  collecting: Collecting,
  sourceId: number,
  delivery: Delivery,
): Promise<RunReport> {
  const receive = (collector: AnyCollector, options: unknown, tools: CollectTools) => {
    if (!collector.receive) throw new Error(`sources of the kind ${collector.kind} take no pushes`)
    return collector.receive(options, delivery, tools)
  }
  // What is pushed is news by its nature: there is no old stock to learn, and days without any are no outage.
  return runSource(collecting, sourceId, receive, { mayLearn: false })
}

async function runSource(
  collecting: TextCollecting & { takers?: Takers },
  sourceId: number,
  read: (collector: AnyCollector, options: unknown, tools: CollectTools) => Promise<CollectResult>,
  { mayLearn = true } = {},
): Promise<RunReport> {
  const { db, jobs, now, takers, intake = createIntake(db) } = collecting
  const startedAt = now()
  const begun = await intake.begin({ sourceId, now: startedAt })
  if (!begun) throw new Error(`there is no source ${sourceId}`)
  const { source, policy } = begun
  const { runId } = source
  const collector = collectorOf(source.kind)
  const isLearning = mayLearn && isLearningRun(source, startedAt, policy.collecting)
  const counts: store.RunCounts = { seen: 0, added: 0, changed: 0, undated: 0, tooOld: 0 }

  const note = async (part: store.RunCounts) => {
    for (const key of ['seen', 'added', 'changed', 'undated', 'tooOld'] as const) counts[key] += part[key]
    collecting.progress?.(counts.seen)
    if (part.added + part.changed > 0) await jobs.wake('analysis')
  }
  const storeCaptures = async (captures: readonly Capture[]) => {
    const preparation: Preparation = {
      source,
      publishers: await intake.publishers(),
      policy: policy.collecting,
      now: startedAt,
      hash: sha256,
    }
    const documents = captures.map((capture) => prepare(capture, preparation))
    const pages = await packNew(db, sourceId, pagesOf(captures, documents))
    const part = await intake.store({
      batch: { sourceId, runId, isLearning, now: startedAt, documents },
      pages,
      seen: captures.length,
    })
    await note(part)
  }
  const takeInto = async <T>(take: Taker<T> | undefined, items: Items<T> | undefined) => {
    if (!items) return
    if (!take) throw new Error(`source ${sourceId} brings what nobody takes`)
    const taken = await take(items, sourceId)
    const part = { seen: taken.rows, added: taken.added, changed: 0, undated: 0, tooOld: 0 }
    await inTransaction(db, (tx) => store.addToRuns(tx, [{ runId, ...part }]))
    await note(part)
    if (taken.refused === 0) return
    const rows = { count: taken.refused, all: taken.rows }
    const remark = taken.because?.length
      ? said('rows-unread-because', { ...rows, because: taken.because.join('; ') })
      : said('rows-unread', rows)
    // Nothing that came is of use: that must not look like a good day.
    if (taken.refused === taken.rows) throw new CollectError('parse-error', remark)
    remarks.push(remark)
  }

  const { tools, cursor, busyMs, bytes } = toolsFor(collecting, source.cursor, startedAt, {
    insists: collecting.insists ?? false,
  })
  const finish = async (result: {
    outcome: CollectResult['outcome'] | 'interrupted'
    detail: string | null
    cursor?: unknown
  }) => {
    const succeeded =
      result.outcome === 'ok' || result.outcome === 'empty' || result.outcome === 'not-modified'
    const { marksCells } = await intake.end({
      runId,
      sourceId,
      outcome: result.outcome,
      detail: result.detail,
      now: now(),
      bytes: bytes(),
      policy: policy.collecting,
      ...(succeeded ? { cursor: cursor(result.cursor) } : {}),
    })
    if (marksCells) await jobs.wake('scoring')
    await jobs.announce({ topic: 'source', projectIds: [] })
  }
  let result: CollectResult
  const remarks: string[] = []
  try {
    if (!collector) throw new Error(`source ${sourceId} is of the unknown kind ${source.kind}`)
    result = await read(collector, openSecrets(collecting.vault, collector, source.options), tools)
    if (result.outcome === 'ok') {
      await inBatches(result.captures ?? [], storeCaptures, ({ snapshot }) => snapshot?.bytes.length ?? 0)
      await takeInto(takers?.complaints, result.complaints)
      await takeInto(takers?.readings, result.readings)
      await takeInto(takers?.alerts, result.alerts)
      await takeInto(takers?.dueDates, result.dueDates)
    }
  } catch (error) {
    // What came before the break is stored; anything but a named outcome is a bug: noted, then thrown.
    if (!(error instanceof CollectError)) {
      await finish({ outcome: 'interrupted', detail: said('crashed', {}) })
      throw error
    }
    result = { outcome: error.outcome, detail: error.message }
  }
  const told = 'detail' in result && result.detail ? [result.detail, ...remarks] : remarks
  const detail = told.join('; ').slice(0, 2_000) || null
  const report = { runId, isLearning, ...counts, outcome: result.outcome, detail }
  const putOffMs = busyMs()
  // The source did not fail: its health must not say so.
  if (putOffMs !== undefined && result.outcome !== 'ok' && counts.seen === 0) {
    await inTransaction(db, (tx) => store.dropRun(tx, runId))
    return { ...report, putOffMs }
  }
  await finish({ ...result, detail })
  return report
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
    await store.pauseForGood(tx, id)
    return id
  })
  return { sourceId, ...(await collectSource(collecting, sourceId)) }
}

const keptByHand = '人工收录 Kept by hand'

/**
 * Fetches and keeps a page that a person named, as text of the one source of the kind `manual`, made when it is first
 * needed. Days without a link are no outage of that source: it never learns.
 */
export async function keepLink(collecting: TextCollecting, link: HandKept): Promise<RunReport> {
  const sourceId = await inTransaction(collecting.db, (tx) =>
    store.ensurePausedSource(tx, {
      kind: 'manual',
      name: keptByHand,
      publisherId: null,
      options: {},
      schedule: '0 0 1 1 *',
      isAggregator: true,
      learningUntil: collecting.now(),
    }),
  )
  return runSource(collecting, sourceId, (_, __, tools) => keepPage(link, tools), { mayLearn: false })
}

const tryForMs = 8_000
/** Characters of a tried text: enough to tell what it is about. */
const shownOfTrial = 4_000

/** What a run would store now, without storing anything. */
export async function tryCollector(
  collecting: Pick<Collecting, 'fetcher' | 'files' | 'now' | 'db'>,
  collector: AnyCollector,
  options: unknown,
  limit = 20,
) {
  const now = collecting.now()
  const { policy } = await currentPolicy(collecting.db, now)
  const tools = trialTools(collecting, now)
  const items: {
    title: string
    /** The beginning. */
    text: string
    url: string | null
    publishedAt: string | null
    dating: Dating
    /** Stored already, from whichever source; as it is, or with another text. */
    known: 'new' | 'same' | 'changed'
  }[] = []
  const readOnce: PreparedDocument[] = []
  const complaints: ComplaintCapture[] = []
  const readings: ReadingCapture[] = []
  const alerts: AlertCapture[] = []
  const dueDates: DueDateCapture[] = []
  const found = { items, complaints, readings, alerts, dueDates }
  try {
    const result = await collector.collect(options, tools)
    if (result.outcome !== 'ok')
      return { outcome: result.outcome, detail: 'detail' in result ? result.detail : null, ...found }
    for await (const capture of result.captures ?? []) {
      const prepared = prepare(capture, {
        source: { id: 0, publisherId: null, isAggregator: true },
        publishers: { byName: new Map(), byHost: new Map() },
        policy: policy.collecting,
        now,
        hash: sha256,
      })
      readOnce.push(prepared)
      // Article pages come at the pace of their host: who tries waits for a few, not for all.
      if (readOnce.length >= limit || collecting.now().getTime() - now.getTime() > tryForMs) break
    }
    const stored = await store.storedHashes(
      collecting.db,
      readOnce.map((one) => one.identity),
    )
    for (const { title, body, url, publishedAt, dating, identity, contentHash } of readOnce) {
      const hash = stored.get(identity)
      const known = hash === undefined ? 'new' : hash === contentHash ? 'same' : 'changed'
      items.push({ title, text: body.slice(0, shownOfTrial), url, publishedAt, dating, known })
    }
    await takeSome(result.complaints, complaints, limit)
    await takeSome(result.readings, readings, limit)
    await takeSome(result.alerts, alerts, limit)
    await takeSome(result.dueDates, dueDates, limit)
    return { outcome: result.outcome, detail: result.detail ?? null, ...found }
  } catch (error) {
    if (!(error instanceof CollectError)) throw error
    return { outcome: error.outcome, detail: error.message, ...found }
  }
}

/** Tools of a look that leaves no trace: it knows of no earlier run and keeps nothing for a later one. */
export const trialTools = (outside: Pick<Collecting, 'fetcher' | 'files'>, now: Date): CollectTools =>
  toolsFor(outside, undefined, now, { insists: true }).tools

async function takeSome<T>(items: Items<T> | undefined, into: T[], limit: number): Promise<void> {
  for await (const item of items ?? []) {
    into.push(item)
    if (into.length >= limit) break
  }
}

interface KeptCursor {
  validators: Record<string, { etag?: string; lastModified?: string }>
  own?: unknown
}

/** The source's position: its own and what its pages said about themselves. Kept only when everything was stored. */
function toolsFor(
  { fetcher, files, patienceMs }: Pick<Collecting, 'fetcher' | 'files' | 'patienceMs'>,
  stored: unknown,
  now: Date,
  options: { insists?: boolean } = {},
): {
  tools: CollectTools
  cursor: (own: unknown) => KeptCursor
  /** How long the host of the first request is busy with others, when that is why it was not made. */
  busyMs: () => number | undefined
  /** Fetched so far. */
  bytes: () => number
} {
  const before: KeptCursor = isKept(stored) ? stored : { validators: {} }
  const after: KeptCursor['validators'] = { ...before.validators }
  let bytes = 0
  const validators: Validators = {
    read: (url) => before.validators[url],
    write: (url, value) => {
      after[url] = value
    },
  }
  let isFirst = true
  let busyMs: number | undefined
  return {
    busyMs: () => busyMs,
    tools: {
      cursor: before.own,
      now,
      files,
      fetch: (url, { conditional, ...wants } = {}) => {
        const isWaiting = isFirst && patienceMs !== undefined
        isFirst = false
        return fetcher
          .fetch(url, {
            ...wants,
            ...options,
            ...(conditional && { validators }),
            ...(isWaiting && { patienceMs }),
          })
          .then((fetched) => {
            bytes += fetched.bytes.length
            return fetched
          })
          .catch((error: unknown) => {
            if (isWaiting && error instanceof HostBusy) busyMs = error.retryAfterMs
            throw error
          })
      },
      addressOf: (host) => fetcher.addressOf(host),
    },
    cursor: (own) => ({ validators: after, own: own === undefined ? before.own : own }),
    bytes: () => bytes,
  }
}

const isKept = (value: unknown): value is KeptCursor =>
  value !== null && typeof value === 'object' && 'validators' in value && typeof value.validators === 'object'

/** A batch is full by its number of items, or by the bytes of the pages that hang on them. */
async function inBatches<T>(
  items: Items<T>,
  store: (batch: readonly T[]) => Promise<void>,
  bytesOf: (item: T) => number,
): Promise<void> {
  let batch: T[] = []
  let bytes = 0
  try {
    for await (const item of items) {
      batch.push(item)
      bytes += bytesOf(item)
      if (batch.length >= batchSize || bytes >= batchBytes) {
        const full = batch
        batch = []
        bytes = 0
        await store(full)
      }
    }
  } finally {
    // Also when the stream broke: what was read is kept.
    if (batch.length > 0) await store(batch)
  }
}

function pagesOf(
  captures: readonly Capture[],
  documents: readonly { identity: string; contentHash: string }[],
): readonly CollectedPage[] {
  return documents.flatMap(({ identity, contentHash }, at) => {
    const found = captures[at]?.snapshot
    const page = found && prepareSnapshot(found)
    return page ? [{ identity, contentHash, page }] : []
  })
}

const sha256 = (text: string) => hash('sha256', text)
