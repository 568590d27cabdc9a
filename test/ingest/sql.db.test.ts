// A source of the kind `sql` against a CRM in a real PostgreSQL: what it brings, that it writes nothing, and what it says
// when something is wrong.

import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { beforeEach, expect, test } from 'vitest'
import type { Capture, CollectResult } from '../../collectors/collector.ts'
import { createFetcher } from '../../collectors/fetch.ts'
import { sql } from '../../collectors/sql/index.ts'
import { openVault } from '../../server/access/vault.ts'
import { importComplaints } from '../../server/complaints/job.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { type Collecting, collectSource, tryCollector } from '../../server/ingest/job.ts'
import { sealSecrets } from '../../server/ingest/secrets.ts'
import { insertSource } from '../../server/ingest/store.ts'
import { seedLedger } from '../complaints/ledger.ts'
import { collectTools } from '../support/collect-tools.ts'
import { testCrm } from '../support/crm.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { notedJobs } from '../support/services.ts'
import { noTakers } from '../support/takers.ts'

const database = await testDatabase()
const { db } = database
const crm = await testCrm(`
  create table visit (id bigint primary key, updated_at timestamptz not null, subject text, details text, done boolean default false);
  create table complaint (id text primary key, updated_at timestamp not null, 项目 text, 投诉内容 text, 受理时间 timestamptz, 姓名 text, 电话 text);
  create table figure (id int primary key, updated_at date, 项目 text, 指标 text, 数值 text, 日期 date);
  create table gaps (id int, updated_at timestamptz, subject text)`)
const fetcher = createFetcher({ userAgent: 'weiyu-test', allow: ['127.0.0.1', '::1'] })
const vault = openVault(Buffer.alloc(32, 7))
const now = new Date('2026-03-05T06:30:00Z')
const jobs = notedJobs(database)
const collecting: Collecting = {
  db,
  fetcher,
  jobs,
  files: { list: async () => [], read: async () => new Uint8Array() },
  now: () => now,
  vault,
  takers: {
    ...noTakers,
    complaints: (rows, sourceId) =>
      importComplaints({ db, vault, jobs, now: () => now }, rows, { sourceId, isPartial: true }),
  },
}
const visits = {
  ...crm.options,
  query: 'visit',
  content: 'documents',
  mapping: 'title=subject,body=details,publishedAt=updated_at',
}

beforeEach(async () => {
  await emptyTables(db)
  await seedLedger(db)
  await crm.run('truncate visit, complaint, figure, gaps')
})

const addVisits = (from: number, to: number, at = "'2026-03-05 10:00:00+08'") =>
  crm.run(
    `insert into visit select n, ${at}::timestamptz + n * interval '1 second', '云境花园来访 ' || n, '地下车库积水 ' || n
     from generate_series(${from}, ${to}) n`,
  )

async function source(options: Readonly<Record<string, unknown>>) {
  return inTransaction(db, (tx) =>
    insertSource(tx, {
      kind: 'sql',
      name: 'CRM',
      publisherId: null,
      options: sealSecrets(vault, sql, sql.options.parse(options)),
      schedule: '*/10 * * * *',
      isAggregator: false,
    }),
  )
}
const cursorOf = async (id: number) =>
  (await db.selectFrom('source').select('cursor').where('id', '=', id).executeTakeFirstOrThrow()).cursor
const stored = async () =>
  Number(
    (
      await db
        .selectFrom('document')
        .select((row) => row.fn.countAll().as('n'))
        .executeTakeFirstOrThrow()
    ).n,
  )

/** Straight from the collector: what the run would be told. */
async function outcomeOf(options: Readonly<Record<string, unknown>>, cursor?: unknown) {
  const tools = collectTools({ addressOf: fetcher.addressOf, cursor, now })
  const captures: Capture[] = []
  const told = await tryCollector({ db, fetcher, now: () => now, files: tools.files }, sql, {
    ...visits,
    ...options,
  })
  return { ...told, captures }
}
async function captured(options: Readonly<Record<string, unknown>>, cursor?: unknown) {
  const tools = collectTools({ addressOf: fetcher.addressOf, cursor, now })
  const result: CollectResult = await sql.collect({ ...visits, ...options }, tools)
  if (result.outcome !== 'ok') throw new Error(result.outcome)
  const captures: Capture[] = []
  for await (const capture of result.captures ?? []) captures.push(capture)
  return { captures, cursor: result.cursor }
}

test('new rows become documents once, and the next run goes on where the last one stopped', async () => {
  await addVisits(1, 3)
  const id = await source(visits)
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'ok', seen: 3, added: 3 })
  expect(
    await db
      .selectFrom('document')
      .select(['identity', 'title', 'body', 'publishedAt'])
      .orderBy('id')
      .execute(),
  ).toMatchObject([
    {
      identity: `source:${id}:1`,
      title: '云境花园来访 1',
      body: '地下车库积水 1',
      publishedAt: new Date('2026-03-05T02:00:01Z'),
    },
    { title: '云境花园来访 2' },
    { title: '云境花园来访 3' },
  ])
  expect(await cursorOf(id)).toMatchObject({
    own: { after: { progress: '2026-03-05 10:00:03+08', id: '3' }, isCut: false },
  })
  await addVisits(4, 5)
  await crm.run(`update visit set details = '已抽水', updated_at = '2026-03-05 11:00:00+08' where id = 2`)
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'ok', added: 2, changed: 1 })
  expect(await collectSource(collecting, id)).toMatchObject({ outcome: 'ok', added: 0, changed: 0 })
})

test('a row that was committed late, with an earlier time than what was read, is not lost', async () => {
  await addVisits(10, 20)
  const id = await source(visits)
  await collectSource(collecting, id)
  await addVisits(5, 5)
  expect(await collectSource(collecting, id)).toMatchObject({ added: 1 })
})

test('equal times and a run cut at its bound go on from the very row', async () => {
  await crm.run(
    `insert into visit select n, '2026-03-05 10:00:00.123456+08', '来访 ' || n, '' from generate_series(1, 7) n`,
  )
  const { captures, cursor } = await captured(
    {},
    {
      after: { progress: '2026-03-05 10:00:00.123456+08', id: '4' },
      isCut: true,
    },
  )
  expect(captures.map(({ title }) => title)).toEqual(['来访 5', '来访 6', '来访 7'])
  expect(cursor).toEqual({ after: { progress: '2026-03-05 10:00:00.123456+08', id: '7' }, isCut: false })
})

test('one hundred thousand rows pass through in small parts', async () => {
  await addVisits(1, 100_000)
  const tools = collectTools({ addressOf: fetcher.addressOf, now })
  const result = await sql.collect(visits, tools)
  if (result.outcome !== 'ok') throw new Error(result.outcome)
  const before = process.memoryUsage().heapUsed
  let most = 0
  let seen = 0
  for await (const _ of result.captures ?? []) {
    seen += 1
    if (seen % 20_000 === 0) {
      globalThis.gc?.()
      most = Math.max(most, process.memoryUsage().heapUsed - before)
    }
  }
  expect(seen).toBe(100_000)
  // All rows at once take about 90 MB; garbage of the parts is less.
  expect(most).toBeLessThan(80 * 2 ** 20)
  expect(result.cursor).toMatchObject({ after: { id: '100000' }, isCut: true })
  const rest = await captured({}, result.cursor)
  expect(rest.captures).toEqual([])
})

test('a run that is killed half-way, and two at once, leave every row once', async () => {
  await addVisits(1, 1_200)
  const id = await source(visits)
  let batches = 0
  const dies: Collecting = {
    ...collecting,
    progress: () => {
      batches += 1
      if (batches === 2) throw new Error('killed')
    },
  }
  await expect(collectSource(dies, id)).rejects.toThrow('killed')
  expect(await stored()).toBe(1_000)
  expect(await cursorOf(id)).toBeNull()
  await Promise.all([collectSource(collecting, id), collectSource(collecting, id)])
  expect(await stored()).toBe(1_200)
  const { rows } = await crm.run(
    `select count(*)::int as n from pg_stat_activity where usename = '${crm.options.user}'`,
  )
  expect(rows).toEqual([{ n: 0 }])
})

test('complaints go into the ledger with the numbers of the CRM', async () => {
  await crm.run(
    `insert into complaint values ('K-1', '2026-03-05 09:00', '云境花园', '外墙渗水三个月无人处理', '2026-03-04 09:00+08', '王建国', '13812345678'),
       ('K-2', '2026-03-05 09:01', '观澜里', '电梯反复故障', null, '李梅', '13912345678')`,
  )
  const id = await source({ ...crm.options, query: 'complaint', content: 'complaints' })
  expect(await collectSource(collecting, id)).toMatchObject({
    outcome: 'ok',
    seen: 2,
    added: 1,
    detail: '1 of 2 rows could not be read',
  })
  const cases = await db
    .selectFrom('complaint')
    .select(['externalIdentity', 'content', 'receivedAt'])
    .execute()
  expect(cases).toMatchObject([
    {
      externalIdentity: `source:${id}:K-1`,
      content: '外墙渗水三个月无人处理',
      receivedAt: new Date('2026-03-04T01:00:00Z'),
    },
  ])
  await collectSource(collecting, id)
  expect(await db.selectFrom('complaint').select('id').execute()).toHaveLength(1)
})

test('readings carry project, metric, number and day; a row that is none is left out with its id and the cure', async () => {
  await crm.run(
    `insert into figure values (1, '2026-03-05', '云境花园', '销售套数', '1,234.5', '2026-03-04'),
       (2, '2026-03-05', '云境花园', '形象进度', '八成', '2026-03-04'), (3, '2026-03-06', '观澜里', 'price', '23000', '2026-03-05')`,
  )
  const told = await outcomeOf({ ...crm.options, query: 'figure', content: 'readings', mapping: '' })
  expect(told).toMatchObject({
    outcome: 'ok',
    detail: '1 of 3 rows could not be read: id 2: «八成» is no number; write 1,234.5 or 80%',
    readings: [
      { project: '云境花园', metric: 'sales', value: 1234.5, at: '2026-03-03T16:00:00.000Z' },
      { place: 'id 3', project: '观澜里', metric: 'price', value: 23000 },
    ],
  })
})

test('readings of which not one can be read fail the run, so that no quiet day is made of them', async () => {
  await crm.run(`insert into figure values (1, '2026-03-05', '云境花园', '湿度', '5', '2026-03-04')`)
  expect(
    await outcomeOf({ ...crm.options, query: 'figure', content: 'readings', mapping: '' }),
  ).toMatchObject({
    outcome: 'parse-error',
    detail: expect.stringMatching(
      /^1 of 1 rows could not be read: id 1: «湿度» is no metric; there are sales, /,
    ),
  })
})

test.each([
  ['an update', `with gone as (update visit set subject = 'x' returning *) select * from gone`],
  ['a delete behind the query', `select * from visit) as source; delete from visit; --`],
  ['a second statement', `select * from visit; delete from visit`],
  [
    'a way out of reading only',
    `select id, updated_at, set_config('transaction_read_only', 'off', false) as subject from visit`,
  ],
  ['a sequence', `select id, updated_at, nextval('s')::text as subject from visit`],
])('%s is refused and changes nothing', async (_name, query) => {
  await crm.run('create sequence if not exists s; grant usage on sequence s to public')
  await addVisits(1, 2)
  const { outcome, detail } = await outcomeOf({ query, mapping: '' })
  expect(['parse-error', 'refused']).toContain(outcome)
  expect(detail ?? '').not.toContain(crm.options.password)
  expect((await crm.run('select subject from visit order by id')).rows).toEqual([
    { subject: '云境花园来访 1' },
    { subject: '云境花园来访 2' },
  ])
  expect((await crm.run('select is_called from s')).rows).toEqual([{ is_called: false }])
})

test.each([
  [
    { query: 'select id, updated_at, subjekt from visit' },
    'parse-error',
    /column "subjekt" does not exist.*visit.subject/,
  ],
  [{ query: 'visits' }, 'parse-error', /relation "visits" does not exist/],
  [{ query: 'selct 1' }, 'parse-error', /syntax error/],
  [{ cursorColumn: 'changed' }, 'parse-error', /no column changed; it has id, updated_at, subject/],
  [{ cursorColumn: 'subject' }, 'parse-error', /neither a number nor a time/],
  [
    { mapping: 'title=nowhere,body=nowhere' },
    'parse-error',
    /no column for title or text among id, updated_at/,
  ],
  [{ database: 'nowhere' }, 'unreachable', /no database nowhere/],
  [{ port: 1 }, 'unreachable', /takes no connection.*check server and port/],
  [{ host: '10.1.2.3' }, 'refused', /private or special/],
  [{ tls: 'checked' }, 'unreachable', /offers no TLS/],
] as const)('%o is told as %s with its cure', async (given, outcome, words) => {
  await addVisits(1, 1)
  const told = await outcomeOf(given)
  expect(told.outcome).toBe(outcome)
  expect(told.detail).toMatch(words)
  expect(told.detail).not.toContain(crm.options.password)
})

test('rows without a time would never be read, so they fail the run', async () => {
  await crm.run(`insert into gaps values (1, null, 'x')`)
  const told = await outcomeOf({ query: 'gaps' })
  expect(told).toMatchObject({ outcome: 'parse-error' })
  expect(told.detail).toMatch(/empty in some rows.*coalesce/)
})

test('a query that the server stopped is told as a timeout', async () => {
  await addVisits(1, 1)
  const told = outcomeOf({ query: 'select id, updated_at, subject, pg_sleep(60) from visit' })
  await expect
    .poll(async () => {
      const { rows } = await crm.run(
        `select pg_cancel_backend(pid) as stopped from pg_stat_activity where usename = '${crm.options.user}' and wait_event = 'PgSleep'`,
      )
      return rows.length
    })
    .toBeGreaterThan(0)
  expect(await told).toMatchObject({ outcome: 'timeout' })
})

test('a column that the account may not read is told with the grant that is missing', async () => {
  await crm.run('create table closed (id int, updated_at timestamptz, subject text)')
  expect(await outcomeOf({ query: 'closed' })).toMatchObject({ outcome: 'blocked' })
})

test('a wrong password is told without the password', async () => {
  const told = await outcomeOf({ password: 'not the right one' })
  expect(told).toMatchObject({ outcome: 'blocked' })
  expect(told.detail).toContain('check user, password')
  expect(told.detail).not.toContain('not the right one')
})

test('a public server is not asked without checked encryption', async () => {
  const tools = collectTools({ addressOf: async () => '93.184.216.34', now })
  for (const tls of ['none', 'unchecked']) {
    const result = await sql.collect({ ...visits, tls }, tools)
    if (result.outcome !== 'ok') throw new Error(result.outcome)
    await expect(
      (async () => {
        for await (const _ of result.captures ?? []) break
      })(),
    ).rejects.toThrow(/public address/)
  }
})

test('a server that speaks no PostgreSQL is told as not reachable', async () => {
  const silent = createServer(
    (socket) => void socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  )
  await new Promise<void>((done) => void silent.listen(0, '127.0.0.1', done))
  const { port } = silent.address() as AddressInfo
  const told = await outcomeOf({ host: '127.0.0.1', port })
  expect(told.outcome).toBe('unreachable')
  silent.close()
})

test('the password lies encrypted in the source', async () => {
  const id = await source(visits)
  const { options } = await db
    .selectFrom('source')
    .select('options')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  expect(JSON.stringify(options)).not.toContain(crm.options.password)
})
