import { beforeEach, expect, test } from 'vitest'
import { inTransaction } from '../../server/db/in-transaction.ts'
import type { PreparedDocument } from '../../server/ingest/document.ts'
import { createIntake, type Intake } from '../../server/ingest/intake-job.ts'
import { insertSource, lastRuns } from '../../server/ingest/store.ts'
import { ensureDefaultPolicy } from '../../server/policy/store.ts'
import { emptyTables, testDatabase } from '../support/database.ts'

const { db } = await testDatabase()
const now = new Date('2026-03-05T06:30:00Z')
let sources: number[] = []
let intake: Intake
beforeEach(async () => {
  await emptyTables(db)
  intake = createIntake(db)
  sources = await inTransaction(db, async (tx) => {
    await ensureDefaultPolicy(tx, now)
    const ids: number[] = []
    for (let at = 0; at < 6; at++) {
      const source = {
        kind: 'rss',
        publisherId: null,
        options: { at },
        schedule: '0 * * * *',
        isAggregator: false,
      }
      ids.push(await insertSource(tx, { ...source, name: `来源 ${at}` }))
    }
    return ids
  })
})

const document = (identity: string, of: Partial<PreparedDocument> = {}): PreparedDocument => ({
  identity,
  url: null,
  title: identity,
  body: '正文',
  author: null,
  publisherId: null,
  publisherName: null,
  publishedAt: now.toISOString(),
  dating: 'dated',
  contentHash: 'ab'.repeat(32),
  counters: null,
  raw: null,
  attachments: null,
  ...of,
})
const begin = async (sourceId: number) => {
  const begun = await intake.begin({ sourceId, now })
  if (!begun) throw new Error(`no source ${sourceId}`)
  return begun
}
const brought = (sourceId: number, runId: number, documents: readonly PreparedDocument[]) => ({
  batch: { sourceId, runId, isLearning: false, now, documents },
  pages: [],
  seen: documents.length,
})

test('runs that begin together each get their own source; one that is not there gets nothing', async () => {
  const begun = await Promise.all([...sources, 0].map((sourceId) => intake.begin({ sourceId, now })))
  expect(begun.map((run) => run?.source.options)).toEqual([...sources.map((_, at) => ({ at })), undefined])
  expect(new Set(begun.map((run) => run?.source.runId)).size).toBe(sources.length + 1)
})

test('two pushes to one source at once are two runs, and none is left open', async () => {
  const [first = 0, ...others] = sources
  const begun = await Promise.all([...others, first, first].map(begin))
  const ids = begun.map(({ source }) => source.runId)
  expect(new Set(ids).size).toBe(ids.length)
  await Promise.all(
    begun.map(({ source, policy }) =>
      intake.end({
        runId: source.runId,
        sourceId: source.id,
        outcome: 'ok',
        detail: null,
        now,
        policy: policy.collecting,
      }),
    ),
  )
  const runs = await db.selectFrom('collectionRun').select(['id', 'outcome']).execute()
  expect(runs.map((run) => run.outcome)).toEqual(ids.map(() => 'ok'))
})

test('what two sources bring at once belongs to one of them, and each run counts its own', async () => {
  const runs = await Promise.all(sources.map(begin))
  const parts = await Promise.all(
    runs.map(({ source }) =>
      intake.store(
        brought(source.id, source.runId, [
          document('shared'),
          document(`own ${source.id}`, { dating: 'old' }),
        ]),
      ),
    ),
  )
  expect(parts.map((part) => part.added).toSorted()).toEqual([1, 1, 1, 1, 1, 2])
  expect(parts.map((part) => part.tooOld)).toEqual([1, 1, 1, 1, 1, 1])
  const kept = await db.selectFrom('document').select(['identity', 'sourceId', 'runId']).execute()
  expect(kept).toHaveLength(sources.length + 1)
  for (const { identity, sourceId, runId } of kept) {
    expect(runs.find(({ source }) => source.id === sourceId)?.source.runId).toBe(runId)
    if (identity !== 'shared') expect(identity).toBe(`own ${sourceId}`)
  }
  const [first = 0] = sources
  expect(await lastRuns(db, first, 1)).toMatchObject([{ seen: 2, added: parts[0]?.added, tooOld: 1 }])
})

test('only the source that brought a text changes it, also when others bring another text at the same time', async () => {
  const runs = await Promise.all(sources.map(begin))
  const [owner] = runs
  if (!owner) throw new Error('no run')
  await intake.store(brought(owner.source.id, owner.source.runId, [document('shared')]))
  const changed = await Promise.all(
    runs.map(({ source }) =>
      intake.store(
        brought(source.id, source.runId, [
          document('shared', { title: `题 ${source.id}`, contentHash: `${source.id}`.padStart(64, '0') }),
        ]),
      ),
    ),
  )
  expect(changed.map((part) => part.changed)).toEqual([1, 0, 0, 0, 0, 0])
  expect(await db.selectFrom('document').select(['title', 'version']).execute()).toEqual([
    { title: `题 ${owner.source.id}`, version: 2 },
  ])
})

test('a text that the database refuses fails its own run only', async () => {
  const runs = await Promise.all(sources.map(begin))
  const stored = await Promise.allSettled(
    runs.map(({ source }, at) =>
      intake.store(
        brought(source.id, source.runId, [document(`own ${at}`, at === 3 ? { contentHash: 'no hex' } : {})]),
      ),
    ),
  )
  expect(stored.map((result) => result.status === 'fulfilled')).toEqual([true, true, true, false, true, true])
  expect(await db.selectFrom('document').select('identity').execute()).toHaveLength(5)
})

test('runs that end together each keep their outcome, their cursor and their health', async () => {
  const runs = await Promise.all(sources.map(begin))
  await Promise.all(
    runs.map(({ source, policy }, at) =>
      intake.end({
        runId: source.runId,
        sourceId: source.id,
        outcome: at % 2 === 0 ? 'not-modified' : 'timeout',
        detail: at % 2 === 0 ? null : `no answer ${at}`,
        now,
        bytes: at,
        policy: policy.collecting,
        ...(at % 2 === 0 && { cursor: { own: at } }),
      }),
    ),
  )
  const kept = await db
    .selectFrom('source')
    .innerJoin('sourceHealth as health', 'health.sourceId', 'source.id')
    .select(['cursor', 'learningUntil', 'health.lastOutcome', 'health.lastDetail', 'health.failures'])
    .orderBy('source.id')
    .execute()
  expect(kept).toEqual(
    sources.map((_, at) =>
      at % 2 === 0
        ? {
            cursor: { own: at },
            learningUntil: now,
            lastOutcome: 'not-modified',
            lastDetail: null,
            failures: 0,
          }
        : {
            cursor: null,
            learningUntil: null,
            lastOutcome: 'timeout',
            lastDetail: `no answer ${at}`,
            failures: 1,
          },
    ),
  )
})
