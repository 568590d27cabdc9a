import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CollectError, type Fetched } from '../../collectors/collector.ts'
import { expirePages, keepWarnedPages } from '../../server/ingest/evidence/job.ts'
import { prepareSnapshot } from '../../server/ingest/snapshot.ts'
import * as snapshots from '../../server/ingest/snapshot-store.ts'
import { storeDocuments } from '../../server/ingest/store.ts'
import { defaultPolicy } from '../../server/policy/policy.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { addMention, type Ground, seedGround } from '../support/evidence.ts'
import { notedJobs } from '../support/services.ts'

const database = await testDatabase()
const { db } = database
const at = new Date('2026-03-05T06:30:00Z')
const later = (minutes: number) => new Date(at.getTime() + minutes * 60_000)

let ground: Ground
beforeEach(async () => {
  await emptyTables(db)
  ground = await seedGround(db)
})
afterEach(() => {
  asked.length = 0
  answers.clear()
})

// --- pages that came with their items

const collected = (id: number, body: string, html: string) => ({
  identity: `https://news.example/${id}`,
  contentHash: createHash('sha256').update(body).digest('hex'),
  body,
  page: prepareSnapshot({
    url: `https://news.example/${id}`,
    status: 200,
    headers: { 'content-type': 'text/html', 'set-cookie': 'sid=1' },
    bytes: new TextEncoder().encode(html),
    fetchedAt: at.toISOString(),
  })!,
})
async function collect(...items: ReturnType<typeof collected>[]) {
  const packed = await snapshots.packNew(db, ground.sourceId, items)
  await db.transaction().execute(async (tx) => {
    const { id: runId } = await tx
      .insertInto('collectionRun')
      .values({ sourceId: ground.sourceId, startedAt: at })
      .returning('id')
      .executeTakeFirstOrThrow()
    const documents = items.map(({ identity, contentHash, body }) => ({
      identity,
      contentHash,
      body,
      url: identity,
      title: '停工',
      author: null,
      publisherId: null,
      publisherName: null,
      publishedAt: at.toISOString(),
      dating: 'dated' as const,
      counters: null,
      attachments: null,
      raw: null,
    }))
    await storeDocuments(tx, [{ sourceId: ground.sourceId, runId, isLearning: false, now: at, documents }])
    await snapshots.keepCollected(tx, packed)
  })
  return packed.length
}
const kept = () =>
  db
    .selectFrom('snapshot')
    .select(['documentId', 'documentVersion', 'reason', 'headers', 'sha256'])
    .orderBy('id')
    .execute()
const bodies = async () => (await db.selectFrom('snapshotBody').select('size').execute()).length

test('a page is kept with its text, once for each version, and the second reading compresses nothing', async () => {
  expect(await collect(collected(1, '一', '<p>一'), collected(2, '二', '<p>二'))).toBe(2)
  expect(await kept()).toMatchObject([
    { documentVersion: 1, reason: 'collected', headers: { 'content-type': 'text/html' } },
    { documentVersion: 1 },
  ])
  // Another advertisement in the page, the same text: not worth a row.
  expect(await collect(collected(1, '一', '<p>一<i>ad'), collected(2, '二', '<p>二'))).toBe(0)
  expect(await collect(collected(1, '一（更正）', '<p>一（更正）'))).toBe(1)
  expect((await kept()).map((row) => row.documentVersion)).toEqual([1, 1, 2])
})

test('equal bytes lie there once, and come back as they were, also after compression', async () => {
  const html = `<p>${'外墙渗水，'.repeat(5_000)}`
  await collect(collected(1, '一', html), collected(2, '二', html))
  expect([(await kept()).length, await bodies()]).toEqual([2, 1])
  const [row] = await kept()
  expect((await snapshots.readBody(db, row!.sha256)).toString()).toBe(html)
  const stored = await sql<{ bytes: number }>`select octet_length(body) as bytes from snapshot_body`.execute(
    db,
  )
  expect(stored.rows[0]!.bytes).toBeLessThan(html.length / 10)
})

test('a snapshot is never changed, and a body that no longer gives its hash is refused', async () => {
  await collect(collected(1, '一', '<p>一'))
  await expect(db.updateTable('snapshot').set({ status: 404 }).execute()).rejects.toThrow(/never changed/)
  await expect(db.deleteFrom('snapshot').execute()).rejects.toThrow(/never changed/)
  await expect(db.updateTable('snapshotBody').set({ size: 1 }).execute()).rejects.toThrow(/never changed/)
  await sql`alter table snapshot_body disable trigger snapshot_body_frozen`.execute(db)
  await db
    .updateTable('snapshotBody')
    .set({ body: Buffer.from('other'), encoding: 'identity' })
    .execute()
  await sql`alter table snapshot_body enable trigger snapshot_body_frozen`.execute(db)
  const [row] = await kept()
  await expect(snapshots.readBody(db, row!.sha256)).rejects.toThrow(/was altered/)
})

// --- pages of what was warned of

const answers = new Map<string, string | CollectError>()
const asked: string[] = []
const fetcher = {
  fetch: async (url: string): Promise<Fetched> => {
    asked.push(url)
    const answer = answers.get(url) ?? new CollectError('unreachable', `HTTP 404 from ${url}`)
    if (answer instanceof CollectError) throw answer
    const headers = { 'content-type': 'text/html; charset=utf-8' }
    return { status: 200, url, headers, bytes: new TextEncoder().encode(answer), notModified: false }
  },
}
const keep = (now = at) => keepWarnedPages({ db, jobs: notedJobs(database), fetcher, now: () => now })
async function mention(values: { isRedLine?: boolean; isLearning?: boolean; state?: 'rejected' } = {}) {
  const place = { projectId: ground.cities[0]!.projectIds[0]!, riskCode: 'DE5' }
  const { mentionId } = await addMention(db, ground, place, {
    at,
    title: '云湖湾外墙脱落砸伤路人',
    ...values,
  })
  const url = `https://news.example/${mentionId}`
  await db.updateTable('document').set({ url }).where('id', '=', mentionId).execute()
  return { id: mentionId, url, place }
}
async function warn(level: 'I' | 'II' | 'III', place: { projectId: number; riskCode: string }) {
  const { id } = await db
    .insertInto('assessment')
    .values({
      ...place,
      computedAt: at,
      likelihood: 0.8,
      impact: 0.7,
      likelihoodBand: 4,
      impactBand: 4,
      level,
      confidence: 0.8,
      factors: '[]',
      dataState: 'sufficient',
      policyVersion: ground.policyVersion,
      catalogVersion: 'test',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('warning')
    .values({
      ...place,
      number: '1',
      cityCompanyId: ground.cities[0]!.id,
      level,
      reason: 'level',
      title: '渗水',
      summary: '',
      state: 'candidate',
      raisedAt: at,
      spokeAt: at,
      familyCount: 1,
      complaintCount: 0,
      raisedAssessmentId: id,
      assessmentId: id,
    })
    .execute()
}

test('the page behind a red line is fetched once, with word of whether the title stands on it', async () => {
  const { id, url } = await mention({ isRedLine: true })
  answers.set(url, '<h1>云湖湾外墙脱落砸伤路人</h1>')
  expect(await keep()).toEqual({ queued: 1, kept: 1, failed: 0 })
  expect(await db.selectFrom('snapshot').select(['documentId', 'reason', 'showsTitle']).execute()).toEqual([
    { documentId: id, reason: 'warned', showsTitle: true },
  ])
  expect(await keep(later(5))).toEqual({ queued: 0, kept: 0, failed: 0 })
  expect(asked).toEqual([url])
})

test('so is that behind an open warning of level I or II; III, rejected and learning evidence is left alone', async () => {
  const plain = await mention()
  await mention({ state: 'rejected' })
  await mention({ isLearning: true, isRedLine: true })
  answers.set(plain.url, '<p>该帖已删除')
  await warn('III', plain.place)
  expect((await keep()).queued).toBe(0)
  await db.updateTable('warning').set({ level: 'II' }).execute()
  expect(await keep()).toEqual({ queued: 1, kept: 1, failed: 0 })
  expect(await db.selectFrom('snapshot').select('showsTitle').execute()).toEqual([{ showsTitle: false }])
})

test('what cannot be had is tried again after growing pauses, noted each time, and given up at last', async () => {
  const { id, url } = await mention({ isRedLine: true })
  for (const [minutes, failed] of [
    [0, 1],
    [10, 0],
    [15, 1],
    [75, 1],
    [320, 1],
    [100_000, 0],
  ] as const)
    expect([minutes, (await keep(later(minutes))).failed]).toEqual([minutes, failed])
  expect(asked).toHaveLength(4)
  const attempts = await db
    .selectFrom('snapshotAttempt')
    .select(['documentId', 'outcome', 'detail'])
    .execute()
  expect(attempts).toHaveLength(4)
  expect(attempts[0]).toEqual({ documentId: id, outcome: 'unreachable', detail: `HTTP 404 from ${url}` })
  // A new version of the text is a new reason to look.
  await db.updateTable('document').set({ version: 2 }).where('id', '=', id).execute()
  answers.set(url, '<p>更正')
  expect(await keep(later(330))).toEqual({ queued: 1, kept: 1, failed: 0 })
  expect(await db.selectFrom('snapshotDue').select('documentId').execute()).toEqual([])
})

test('robots.txt is obeyed: a refusal is final; a captcha is not kept as the page', async () => {
  const refused = await mention({ isRedLine: true })
  const captcha = await mention({ isRedLine: true })
  answers.set(refused.url, new CollectError('refused', 'robots.txt forbids it'))
  answers.set(captcha.url, '<title>安全验证</title>请完成验证')
  expect(await keep()).toEqual({ queued: 2, kept: 0, failed: 2 })
  expect(await keep(later(60))).toEqual({ queued: 0, kept: 0, failed: 1 })
  expect(asked.filter((url) => url === refused.url)).toHaveLength(1)
  expect(await kept()).toEqual([])
})

test('a page that a killed process held is taken by the next after two minutes, and never by two at once', async () => {
  const { url } = await mention({ isRedLine: true })
  answers.set(url, '<p>页面')
  await db.transaction().execute((tx) => snapshots.queueWarned(tx, at))
  expect(await snapshots.takeDue(db, at)).toMatchObject({ url, attempts: 1 })
  expect((await keep(later(1))).kept).toBe(0)
  expect((await keep(later(2))).kept).toBe(1)
  await Promise.all([keep(later(3)), keep(later(3))])
  expect(asked).toEqual([url])
})

test('the policy switches it off and bounds a day', async () => {
  for (let n = 0; n < 3; n++) answers.set((await mention({ isRedLine: true })).url, `<p>页面 ${n}`)
  const rules = (change: object) => {
    const policy = structuredClone(defaultPolicy)
    Object.assign(policy.collecting.snapshots, change)
    return db
      .insertInto('policyVersion')
      .values({
        contentHash: JSON.stringify(change),
        content: JSON.stringify(policy),
        effectiveFrom: at,
        reason: 'test',
      })
      .execute()
  }
  await rules({ keepsWarned: false })
  expect(await keep()).toEqual({ queued: 0, kept: 0, failed: 0 })
  await rules({ warnedPerDay: 2 })
  expect(await keep()).toEqual({ queued: 3, kept: 2, failed: 0 })
  expect((await keep(later(60))).kept).toBe(0)
  expect((await keep(later(24 * 60 + 1))).kept).toBe(1)
})

// --- asked by a person

test('asked twice within a minute is one row; asked on another day the same bytes are a second row and no second body', async () => {
  const { id, url } = await mention()
  const keepAsked = async (when: Date, html = '<p>页面') => {
    const page = await snapshots.packPage(
      prepareSnapshot({
        url,
        status: 200,
        headers: {},
        bytes: new TextEncoder().encode(html),
        fetchedAt: when.toISOString(),
      })!,
    )
    return db
      .transaction()
      .execute((tx) =>
        snapshots.keepPage(tx, { documentId: id, page, reason: 'asked', askedBy: null, showsTitle: null }),
      )
  }
  const first = await keepAsked(at)
  expect(await keepAsked(later(0.5))).toEqual({ id: first.id, isNew: false })
  expect(await keepAsked(later(60))).toMatchObject({ isNew: true })
  expect([(await kept()).length, await bodies(), await snapshots.askedCount(db, id)]).toEqual([2, 1, 2])
})

// --- what may go

test('a page of a harmless text goes after its days, evidence after its years, each with its bytes when nobody names them', async () => {
  await collect(collected(1, '一', '<p>一'), collected(2, '二', '<p>二'))
  const red = await mention({ isRedLine: true })
  answers.set(red.url, '<p>一')
  await keep()
  expect(await bodies()).toBe(2)
  const { collectedDays, evidenceDays } = defaultPolicy.collecting.snapshots
  const day = 24 * 60
  expect(await expirePages(db, later((collectedDays - 1) * day))).toEqual({ snapshots: 0, bodies: 0 })
  // The bytes of the first are those of the evidence too: they stay.
  expect(await expirePages(db, later((collectedDays + 1) * day))).toEqual({ snapshots: 2, bodies: 1 })
  expect((await kept()).map((row) => row.reason)).toEqual(['warned'])
  expect(await expirePages(db, later((evidenceDays + 1) * day))).toEqual({ snapshots: 1, bodies: 1 })
  const entries = await db
    .selectFrom('auditEntry')
    .select(['actor', 'clause'])
    .where('action', '=', 'evidence.expire')
    .execute()
  expect(entries).toEqual(Array(2).fill({ actor: 'system', clause: 'S3-P8.1.4' }))
})

test('a collected page behind a risk that people did not reject stays', async () => {
  const { id } = await mention()
  const page = await snapshots.packPage(collected(1, '一', '<p>一').page)
  const { identity } = await db
    .selectFrom('document')
    .select('identity')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  await db.transaction().execute((tx) => snapshots.keepCollected(tx, [{ ...page, identity }]))
  expect((await expirePages(db, later(200 * 24 * 60))).snapshots).toBe(0)
  await db.updateTable('signal').set({ state: 'rejected' }).execute()
  expect((await expirePages(db, later(200 * 24 * 60))).snapshots).toBe(1)
})
