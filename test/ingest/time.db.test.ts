// The corners of time, from the feed to what the analysis may raise.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createFetcher } from '../../collectors/fetch.ts'
import { openVault } from '../../server/access/vault.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { collectSource } from '../../server/ingest/job.ts'
import { insertSource } from '../../server/ingest/store.ts'
import { defaultCollecting } from '../../server/policy/collecting.ts'
import { ensureDefaultPolicy } from '../../server/policy/store.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { notedJobs } from '../support/services.ts'
import { noTakers } from '../support/takers.ts'

const database = await testDatabase()
const { db } = database
let body: string | undefined = ''
const server = createServer((request, response) => {
  if (request.url === '/robots.txt') response.writeHead(404).end()
  else if (body === undefined) response.writeHead(404).end()
  else response.end(`<rss><channel>${body}</channel></rss>`)
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

const start = new Date('2026-03-05T06:30:00Z')
const after = (hours: number) => new Date(start.getTime() + hours * 3_600_000)
let sourceId = 0
beforeEach(async () => {
  await emptyTables(db)
  sourceId = await inTransaction(db, async (tx) => {
    await ensureDefaultPolicy(tx, start)
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
const item = (id: number, date: string, title = `停工 ${id}`) =>
  `<item><title>${title}</title><link>https://news.example/${id}</link>${date && `<pubDate>${date}</pubDate>`}</item>`
const read = (now: Date, ...items: string[]) => {
  body = items.join('')
  return collect(now)
}
/** A run that meets a page that is gone. */
const fails = (now: Date) => {
  body = undefined
  return collect(now)
}
const collect = (now: Date) =>
  collectSource(
    {
      db,
      fetcher,
      jobs: notedJobs(database),
      files: { list: async () => [], read: async () => new Uint8Array() },
      now: () => now,
      vault: openVault(Buffer.alloc(32, 7)),
      takers: noTakers,
    },
    sourceId,
  )
const kept = () =>
  db
    .selectFrom('document')
    .select(['publishedAt', 'dating', 'version', 'isLearning'])
    .orderBy('identity')
    .execute()

test('a day without a time is midnight in Shanghai, and a source in daylight saving keeps its own offset', async () => {
  await read(
    start,
    item(1, '2026-03-05'),
    item(2, 'Thu, 05 Mar 2026 01:00:00 -0500'),
    item(3, 'Wed, 04 Mar 2026 23:30:00 PDT'),
    item(4, '2026-03-05 14:05:00'),
  )
  expect((await kept()).map(({ publishedAt, dating }) => [publishedAt?.toISOString(), dating])).toEqual([
    ['2026-03-04T16:00:00.000Z', 'dated'],
    ['2026-03-05T06:00:00.000Z', 'dated'],
    ['2026-03-05T06:30:00.000Z', 'dated'],
    ['2026-03-05T06:05:00.000Z', 'dated'],
  ])
})

test('a clock that runs ahead by less than an hour means now; by more it is kept apart', async () => {
  await read(start, item(1, 'Thu, 05 Mar 2026 07:20:00 GMT'), item(2, 'Thu, 05 Mar 2026 07:31:00 GMT'))
  expect(await kept()).toMatchObject([
    { publishedAt: start, dating: 'dated' },
    { publishedAt: new Date('2026-03-05T07:31:00Z'), dating: 'future' },
  ])
})

test('a feed republished with new dates does not make old news young: the first date stays', async () => {
  await read(start, item(1, 'Wed, 04 Mar 2026 08:00:00 GMT'), item(2, 'Sat, 07 Mar 2015 08:00:00 GMT'))
  const before = await kept()
  const again = await read(
    after(1),
    item(1, 'Thu, 05 Mar 2026 07:00:00 GMT'),
    item(2, 'Thu, 05 Mar 2026 07:00:00 GMT', '停工 2（重发）'),
  )
  expect(again).toMatchObject({ added: 0, changed: 1 })
  expect(await kept()).toMatchObject([
    { publishedAt: before[0]!.publishedAt, dating: 'dated', version: 1 },
    { publishedAt: new Date('2015-03-07T08:00:00Z'), dating: 'old', version: 2 },
  ])
})

test('an article of ten years ago that resurfaces is stored as old, whoever brings it', async () => {
  await read(start, item(1, 'Thu, 05 Mar 2026 06:00:00 GMT'))
  const run = await read(after(1), item(2, 'Sat, 05 Mar 2016 06:00:00 GMT'))
  expect(run).toMatchObject({ added: 1, tooOld: 1, isLearning: false })
  expect((await kept())[1]).toMatchObject({ dating: 'old' })
})

test('an item that gets its date later is dated with the version that brings it', async () => {
  await read(start, item(1, ''))
  expect(await kept()).toMatchObject([{ publishedAt: null, dating: 'undated' }])
  await read(after(1), item(1, 'Thu, 05 Mar 2026 07:00:00 GMT', '停工（更正）'))
  expect(await kept()).toMatchObject([
    { publishedAt: new Date('2026-03-05T07:00:00Z'), dating: 'dated', version: 2 },
  ])
})

test('first run and the end of a long outage learn; failed tries in between do not count as success', async () => {
  expect((await read(start, item(1, 'Thu, 05 Mar 2026 06:00:00 GMT'))).isLearning).toBe(true)
  expect((await read(after(1), item(2, 'Thu, 05 Mar 2026 07:00:00 GMT'))).isLearning).toBe(false)
  const outage = 1 + defaultCollecting.learnAfterOutageHours + 1
  for (let hour = 10; hour < outage; hour += 20)
    expect((await fails(after(hour))).outcome).toBe('unreachable')
  expect((await read(after(outage), item(3, 'Sun, 08 Mar 2026 06:00:00 GMT'))).isLearning).toBe(true)
  expect((await read(after(outage + 1), item(4, 'Sun, 08 Mar 2026 07:00:00 GMT'))).isLearning).toBe(false)
  expect((await kept()).map(({ isLearning }) => isLearning)).toEqual([true, false, true, false])
})
