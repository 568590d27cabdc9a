import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createFetcher } from '../../collectors/fetch.ts'
import { collectorOf } from '../../collectors/index.ts'
import { openVault } from '../../server/access/vault.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { type Collecting, collectSource, importDocuments, tryCollector } from '../../server/ingest/job.ts'
import { insertSource, lastRuns, sourceById } from '../../server/ingest/store.ts'
import { ensureDefaultPolicy } from '../../server/policy/store.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { seedGround } from '../support/evidence.ts'
import { noTakers } from '../support/takers.ts'

const { db } = await testDatabase()
let answer = { status: 200, body: '', etag: '' }
const server = createServer((request, response) => {
  if (request.url === '/robots.txt') return void response.writeHead(404).end()
  if (answer.etag && request.headers['if-none-match'] === answer.etag)
    return void response.writeHead(304).end()
  response.writeHead(answer.status, answer.etag ? { etag: answer.etag } : {}).end(answer.body)
})
const fetcher = createFetcher({ userAgent: 'weiyu-test', allow: ['127.0.0.1'], limits: { retries: 0 } })
let url = ''
beforeAll(async () => {
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed.xml`
})
afterAll(async () => {
  await fetcher.close()
  server.close()
})

const woken: string[] = []
const at = new Date('2026-03-05T06:30:00Z')
const collecting = (now = at): Collecting => ({
  db,
  fetcher,
  jobs: {
    wake: async (step) => void woken.push(step),
    collect: async () => {},
    assist: async () => {},
    announce: async (event) => void woken.push(event.topic),
  },
  files: {
    list: async () => [],
    read: async () => new Uint8Array(),
  },
  now: () => now,
  vault: openVault(Buffer.alloc(32, 7)),
  takers: noTakers,
})

let sourceId = 0
beforeEach(async () => {
  await emptyTables(db)
  woken.length = 0
  sourceId = await inTransaction(db, async (tx) => {
    await ensureDefaultPolicy(tx, at)
    return insertSource(tx, {
      kind: 'rss',
      name: '云湖房产',
      publisherId: null,
      options: { url },
      schedule: '*/10 * * * *',
      isAggregator: false,
    })
  })
})

const item = (id: number, title: string, date = 'Thu, 05 Mar 2026 14:05:00 +0800', comments = '') =>
  `<item><title>${title}</title><link>https://news.example/${id}?utm_source=rss</link>${date && `<pubDate>${date}</pubDate>`}${comments && `<slash:comments>${comments}</slash:comments>`}<description>正文</description></item>`
const serve = (...items: string[]) => {
  answer = { status: 200, etag: '', body: `<rss><channel>${items.join('')}</channel></rss>` }
}
const documents = () =>
  db
    .selectFrom('document')
    .innerJoin('documentAnalysis', 'documentId', 'id')
    .select(['identity', 'title', 'version', 'dating', 'isLearning', 'analysedVersion'])
    .orderBy('identity')
    .execute()

test('a run stores raw texts, counts them, wakes the analysis, and the same feed again changes nothing', async () => {
  serve(item(1, '停工'), item(2, '旧闻', 'Mon, 05 Jan 2015 10:00:00 +0800'), item(3, '无日期', ''))
  const first = await collectSource(collecting(), sourceId)
  expect(first).toMatchObject({
    outcome: 'ok',
    seen: 3,
    added: 3,
    changed: 0,
    undated: 1,
    tooOld: 1,
    isLearning: true,
  })
  expect(woken).toEqual(['analysis', 'source'])
  expect(await documents()).toMatchObject([
    { identity: 'https://news.example/1', dating: 'dated', isLearning: true },
    { identity: 'https://news.example/2', dating: 'old' },
    { identity: 'https://news.example/3', dating: 'undated' },
  ])
  woken.length = 0
  const second = await collectSource(collecting(), sourceId)
  expect(second).toMatchObject({ outcome: 'ok', seen: 3, added: 0, changed: 0, isLearning: false })
  expect(woken).toEqual(['source'])
})

test('a changed title is a new version that waits for analysis; both texts are kept', async () => {
  serve(item(1, '项目停工'))
  await collectSource(collecting(), sourceId)
  await db.updateTable('documentAnalysis').set({ analysedVersion: 'x' }).execute()
  serve(item(1, '项目停工（更正）'))
  expect(await collectSource(collecting(), sourceId)).toMatchObject({ added: 0, changed: 1 })
  expect(await documents()).toMatchObject([{ title: '项目停工（更正）', version: 2, analysedVersion: null }])
  const versions = await db
    .selectFrom('documentVersion')
    .select(['version', 'title'])
    .orderBy('version')
    .execute()
  expect(versions).toEqual([
    { version: 1, title: '项目停工' },
    { version: 2, title: '项目停工（更正）' },
  ])
})

test('another source with the same page adds nothing and changes nothing', async () => {
  serve(item(1, '停工'))
  await collectSource(collecting(), sourceId)
  const other = await inTransaction(db, (tx) =>
    insertSource(tx, {
      kind: 'rss',
      name: '转载',
      publisherId: null,
      options: { url },
      schedule: '0 * * * *',
      isAggregator: true,
    }),
  )
  serve(item(1, '停工（转载）'))
  expect(await collectSource(collecting(), other)).toMatchObject({ seen: 1, added: 0, changed: 0 })
})

test('counters are kept as observations, one for each time they moved', async () => {
  for (const [minute, comments] of ['3', '3', '9'].entries()) {
    serve(item(1, '停工', undefined, comments))
    await collectSource(collecting(new Date(at.getTime() + minute * 60_000)), sourceId)
  }
  const seen = await db.selectFrom('documentObservation').select('counters').orderBy('seenAt').execute()
  expect(seen).toEqual([{ counters: { comments: 3 } }, { counters: { comments: 9 } }])
})

/** A project that this document, read as a mention, speaks of. */
async function projectOf(documentId: number): Promise<number> {
  const { cities } = await seedGround(db)
  const projectId = cities[0]?.projectIds[0] ?? 0
  await db
    .insertInto('mention')
    .values({
      id: documentId,
      occurredAt: at,
      sourceId,
      tier: 'local',
      title: '停工',
      excerpt: '停工',
      polarity: 'negative',
      sentiment: 0.2,
      riskCodes: ['DE3'],
      projectIds: [projectId],
      cityCompanyIds: [],
      analysisVersion: 'test',
      catalogVersion: 'test',
    })
    .execute()
  await db
    .insertInto('mentionProject')
    .values({ mentionId: documentId, projectId, confidence: 1, terms: '[]', occurredAt: at })
    .execute()
  return projectId
}

test('reactions that grew mark the issues of the text’s projects, a few more do not', async () => {
  const poll = async (minute: number, comments: string) => {
    serve(item(1, '停工', undefined, comments))
    await collectSource(collecting(new Date(at.getTime() + minute * 60_000)), sourceId)
  }
  await poll(0, '100')
  const { id } = await db.selectFrom('document').select('id').executeTakeFirstOrThrow()
  const projectId = await projectOf(id)
  const due = async () =>
    (await db.selectFrom('issueDue').select('projectId').execute()).map((row) => row.projectId)
  await poll(1, '115')
  expect(await due()).toEqual([])
  await poll(2, '140')
  expect(await due()).toEqual([projectId])
})

test('the position is kept only with the texts: 304 answers not-modified, a failure keeps the old position', async () => {
  serve(item(1, '停工'))
  answer.etag = '"1"'
  expect(await collectSource(collecting(), sourceId)).toMatchObject({ outcome: 'ok' })
  expect(await collectSource(collecting(), sourceId)).toMatchObject({ outcome: 'not-modified', added: 0 })
  answer = { status: 200, etag: '"2"', body: '<html><title>请输入验证码</title></html>' }
  expect(await collectSource(collecting(), sourceId)).toMatchObject({ outcome: 'blocked' })
  answer = { status: 500, etag: '', body: '' }
  expect(await collectSource(collecting(), sourceId)).toMatchObject({ outcome: 'unreachable' })
  const source = await sourceById(db, sourceId)
  expect(source?.cursor).toMatchObject({ validators: { [url]: { etag: '"1"' } } })
  const outcomes = (await lastRuns(db, sourceId, 10)).map((run) => run.outcome)
  expect(outcomes).toEqual(['unreachable', 'blocked', 'not-modified', 'ok'])
})

test('a run whose process was killed is closed as interrupted by the next one', async () => {
  await db.insertInto('collectionRun').values({ sourceId }).execute()
  serve(item(1, '停工'))
  await collectSource(collecting(), sourceId)
  const runs = await lastRuns(db, sourceId, 10)
  expect(runs.map((run) => run.outcome)).toEqual(['ok', 'interrupted'])
})

test('an outage longer than the policy allows makes a source learn again', async () => {
  serve(item(1, '停工'))
  await collectSource(collecting(), sourceId)
  serve(item(2, '复工', 'Mon, 09 Mar 2026 14:05:00 +0800'))
  const later = new Date(at.getTime() + 100 * 3_600_000)
  expect(await collectSource(collecting(later), sourceId)).toMatchObject({ added: 1, isLearning: true })
})

test('known publishers are found by host and by name', async () => {
  const family = await db
    .insertInto('publisherFamily')
    .values({ name: '云湖报业', tier: 'local' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { id } = await db
    .insertInto('publisher')
    .values({ familyId: family.id, name: '云湖晚报', hosts: ['news.example'] })
    .returning('id')
    .executeTakeFirstOrThrow()
  serve(item(1, '停工'))
  await collectSource(collecting(), sourceId)
  expect(await db.selectFrom('document').select('publisherId').execute()).toEqual([{ publisherId: id }])
})

test('a trial shows what would be stored and stores nothing', async () => {
  serve(item(1, '停工'), item(2, '无日期', ''))
  const rss = collectorOf('rss')
  if (!rss) throw new Error('no rss')
  expect(await tryCollector(collecting(), rss, { url })).toMatchObject({
    outcome: 'ok',
    items: [
      { title: '停工', text: '正文', dating: 'dated', publishedAt: '2026-03-05T06:05:00.000Z' },
      { title: '无日期', dating: 'undated', publishedAt: null },
    ],
  })
  answer = { status: 403, etag: '', body: '' }
  expect(await tryCollector(collecting(), rss, { url })).toMatchObject({ outcome: 'blocked', items: [] })
  expect(await documents()).toEqual([])
  expect(await lastRuns(db, sourceId, 10)).toEqual([])
})

test('a file taken in is a source of its own: judged at once, and the second time adds nothing', async () => {
  const csv = '标题,时间,来源\n停工,2026年3月5日 14:05,云湖晚报\n无日期,,论坛\n'
  const files = { list: async () => [], read: async () => Buffer.from(csv) }
  const first = await importDocuments({ ...collecting(), files }, { path: '/x/media.csv', name: 'media.csv' })
  expect(first).toMatchObject({ outcome: 'ok', seen: 2, added: 2, undated: 1, isLearning: false })
  expect(
    await importDocuments({ ...collecting(), files }, { path: '/x/media.csv', name: 'media.csv' }),
  ).toMatchObject({
    sourceId: first.sourceId,
    outcome: 'not-modified',
    added: 0,
  })
  expect(
    await db.selectFrom('source').select(['name', 'state']).where('id', '=', first.sourceId).execute(),
  ).toEqual([{ name: '导入 media.csv', state: 'paused' }])
})

test("complaints go through the ledger's own door, and rows it refused are told", async () => {
  await db
    .updateTable('source')
    .set({ kind: 'spreadsheet', options: JSON.stringify({ path: 'a.csv', content: 'complaints' }) })
    .execute()
  const files = { list: async () => [], read: async () => Buffer.from('标题\n渗水\n停工\n') }
  const rows: string[] = []
  const reading = (taken: { added: number; refused: number; because?: string[] }) =>
    collectSource(
      {
        ...collecting(),
        files,
        takers: {
          ...noTakers,
          complaints: async (complaints) => {
            for await (const { place } of complaints) rows.push(place)
            return { rows: 2, ...taken }
          },
        },
      },
      sourceId,
    )
  // None of use is no good day, and is read again.
  const because = ['row 2: no project is called «x»']
  expect(await reading({ added: 0, refused: 2, because })).toMatchObject({
    outcome: 'parse-error',
    seen: 2,
    detail: '2 of 2 rows could not be read: row 2: no project is called «x»',
  })
  expect(rows.splice(0)).toEqual(['row 2', 'row 3'])
  expect(await reading({ added: 1, refused: 1 })).toMatchObject({
    outcome: 'ok',
    seen: 2,
    added: 1,
    detail: '1 of 2 rows could not be read',
  })
  expect(rows).toEqual(['row 2', 'row 3'])
})

test('a run whose host is busy with other readers is put off: it leaves no trace, and without a queue it waits', async () => {
  serve(item(1, '停工'))
  // By name, for a literal of the house is not paced.
  const named = url.replace('127.0.0.1', 'localhost')
  await db
    .updateTable('source')
    .set({ options: JSON.stringify({ url: named }) })
    .execute()
  const waits: number[] = []
  const paced = createFetcher({
    userAgent: 'weiyu-test',
    allow: ['127.0.0.1', '::1'],
    limits: { paceMs: 30_000 },
    sleep: async (ms) => void waits.push(ms),
  })
  try {
    await paced.fetch(named)
    const other = { ...collecting(), fetcher: paced }
    const report = await collectSource({ ...other, patienceMs: 2_000 }, sourceId)
    expect(report.putOffMs).toBeGreaterThan(2_000)
    expect(report).toMatchObject({ seen: 0, added: 0 })
    expect(await lastRuns(db, sourceId, 10)).toEqual([])
    waits.length = 0
    expect(await collectSource(other, sourceId)).toMatchObject({ outcome: 'ok', added: 1 })
    expect(waits[0]).toBeGreaterThan(2_000)
  } finally {
    await paced.close()
  }
})
