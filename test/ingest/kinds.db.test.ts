// Kinds that read the web, through the whole run: the same rows however often, and wherever a run was cut off.
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openVault } from '../../server/access/vault.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { migrations } from '../../server/db/migrate.ts'
import { type Collecting, collectSource } from '../../server/ingest/job.ts'
import { insertSource, lastRuns, sourceById } from '../../server/ingest/store.ts'
import { ensureDefaultPolicy } from '../../server/policy/store.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { articlePage, loopbackSite } from '../support/loopback-site.ts'
import { noTakers } from '../support/takers.ts'

const { db } = await testDatabase()
let site: Awaited<ReturnType<typeof loopbackSite>>
beforeAll(async () => {
  site = await loopbackSite()
})
afterAll(() => site.close())

const start = new Date('2026-03-05T06:30:00Z')
const collecting = (minutes = 0, given: Partial<Collecting> = {}): Collecting => ({
  db,
  fetcher: site.fetcher,
  jobs: { wake: async () => {}, collect: async () => {}, assist: async () => {}, announce: async () => {} },
  files: { list: async () => [], read: async () => new Uint8Array() },
  now: () => new Date(start.getTime() + minutes * 60_000),
  vault: openVault(Buffer.alloc(32, 7)),
  takers: noTakers,
  ...given,
})
beforeEach(async () => {
  site.pages.clear()
  site.asked.length = 0
  await emptyTables(db)
  await inTransaction(db, (tx) => ensureDefaultPolicy(tx, start))
})

const add = (kind: string, options: object) =>
  inTransaction(db, (tx) =>
    insertSource(tx, {
      kind,
      name: kind,
      publisherId: null,
      options,
      schedule: '0 * * * *',
      isAggregator: true,
    }),
  )
const documents = () =>
  db.selectFrom('document').select(['identity', 'title', 'version', 'url']).orderBy('id').execute()

function serveList(...numbers: number[]) {
  site.pages.set(
    '/news',
    `<ul>${numbers.map((number) => `<li><a href="/a/${number}">云湖湾第${number}号公告的标题</a></li>`).join('')}</ul>`,
  )
  for (const number of numbers)
    site.pages.set(
      `/a/${number}`,
      articlePage(
        `云湖湾第${number}号公告的标题`,
        `这是第${number}号公告的正文，说明了地下车库渗漏的维修安排，请业主留意施工时间。`,
      ),
    )
}

test('a page list stores each article once, fetches nothing twice, and takes up the rest in the next runs', async () => {
  serveList(1, 2, 3)
  const id = await add('page-list', { url: `${site.origin}/news`, item: 'li', maxNew: 2 })
  expect(await collectSource(collecting(), id)).toMatchObject({ outcome: 'ok', added: 2 })
  expect(await collectSource(collecting(30), id)).toMatchObject({ outcome: 'ok', added: 1 })
  site.asked.length = 0
  expect(await collectSource(collecting(60), id)).toMatchObject({ outcome: 'not-modified', added: 0 })
  expect(site.asked).toEqual(['/news'])
  expect((await documents()).map(({ title }) => title)).toEqual(
    [1, 2, 3].map((number) => `云湖湾第${number}号公告的标题`),
  )
})

test('a page list that is cut off half-way gives the same rows when it runs again', async () => {
  serveList(1, 2, 3)
  const id = await add('page-list', { url: `${site.origin}/news`, item: 'li' })
  let asked = 0
  const dying = {
    ...site.fetcher,
    fetch: (...of: Parameters<typeof site.fetcher.fetch>) =>
      ++asked > 3 ? Promise.reject(new Error('the process was killed')) : site.fetcher.fetch(...of),
  }
  await expect(collectSource(collecting(0, { fetcher: dying }), id)).rejects.toThrow('killed')
  expect((await sourceById(db, id))?.cursor).toBeNull()
  const before = await documents()
  expect(before).toHaveLength(2)
  expect(await collectSource(collecting(30), id)).toMatchObject({
    outcome: 'ok',
    seen: 3,
    added: 1,
    changed: 0,
  })
  expect((await documents()).slice(0, 2)).toEqual(before)
})

test('a rebuilt list page is an unhealthy run with its reason, and keeps what was known', async () => {
  serveList(1)
  const id = await add('page-list', { url: `${site.origin}/news`, item: 'li' })
  await collectSource(collecting(), id)
  site.pages.set('/news', '<div>新版</div>')
  expect(await collectSource(collecting(30), id)).toMatchObject({ outcome: 'parse-error' })
  expect((await lastRuns(db, id, 1))[0]?.detail).toMatch(/rebuilt/)
  serveList(1)
  expect(await collectSource(collecting(60), id)).toMatchObject({ outcome: 'not-modified' })
})

test('a topic is one text over all polls, its course is in the observations, also when it comes back after a week', async () => {
  const serve = (...topics: [string, number][]) =>
    site.pages.set(
      '/hot',
      JSON.stringify({
        data: topics.map(([title, hot], at) => ({
          title,
          hot,
          url: `https://h.example/s?q=${title}&rank=${at}&t=${hot}`,
        })),
      }),
    )
  const id = await add('hot-list', { url: `${site.origin}/hot`, platform: '微博热搜' })
  serve(['云湖湾渗水', 100], ['春运', 50])
  expect(await collectSource(collecting(), id)).toMatchObject({ added: 2 })
  expect(await collectSource(collecting(5), id)).toMatchObject({ added: 0, changed: 0 })
  serve(['春运', 80], ['#云湖湾渗水#', 70])
  expect(await collectSource(collecting(10), id)).toMatchObject({ added: 0 })
  serve(['春运', 90])
  await collectSource(collecting(20), id)
  serve(['#云湖湾渗水#', 300])
  expect(await collectSource(collecting(7 * 1_440), id)).toMatchObject({ added: 0, changed: 0 })
  const course = await db
    .selectFrom('documentObservation')
    .innerJoin('document', 'document.id', 'documentId')
    .select(['seenAt', 'counters'])
    .where('identity', '=', `source:${id}:云湖湾渗水`)
    .orderBy('seenAt')
    .execute()
  expect(course.map(({ counters }) => counters)).toEqual([
    { rank: 1, heat: 100 },
    { rank: 2, heat: 70 },
    { rank: 1, heat: 300 },
  ])
  expect((await documents())[0]?.url).toMatch(/^https:\/\/h\.example\/s/)
})

const times = () =>
  db
    .selectFrom('document')
    .select(['title', 'publishedAt', 'dating', 'isLearning', 'collectedAt', 'version'])
    .orderBy('id')
    .execute()

test('a new topic is news from the look that saw it first, and has no time of publication, whatever comes later', async () => {
  const serve = (...topics: [string, string][]) =>
    site.pages.set('/hot', JSON.stringify({ data: topics.map(([title, desc]) => ({ title, desc })) }))
  const id = await add('hot-list', { url: `${site.origin}/hot` })
  serve(['甲方通报', ''])
  await collectSource(collecting(), id)
  serve(['甲方通报', ''], ['乙方回应', ''])
  expect(await collectSource(collecting(10), id)).toMatchObject({ added: 1, undated: 0 })
  const seen = { title: '乙方回应', publishedAt: null, dating: 'dated', isLearning: false }
  const undated = { title: '甲方通报', publishedAt: null, dating: 'undated', isLearning: true }
  expect(await times()).toMatchObject([
    undated,
    { ...seen, collectedAt: new Date(start.getTime() + 600_000) },
  ])
  // Another text about it neither undates the one nor makes the other news of ten minutes ago.
  serve(['甲方通报', '补充'], ['乙方回应', '补充'])
  expect(await collectSource(collecting(20), id)).toMatchObject({ changed: 2 })
  serve(['丙方发声', ''])
  await collectSource(collecting(30), id)
  serve(['甲方通报', '再补充'], ['乙方回应', '补充'])
  await collectSource(collecting(40), id)
  const [old, fresh] = await times()
  expect(fresh).toMatchObject({ ...seen, version: 2 })
  expect(old).toMatchObject({ ...undated, isLearning: false, version: 3 })
})

test('times of publication that were the clock are taken back, others stay', async () => {
  const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000)
  for (const kind of ['hot-list', 'rss']) {
    const sourceId = await add(kind, { url: `${site.origin}/x` })
    for (const minutes of [0, 5])
      await db
        .insertInto('document')
        .values({
          identity: `${kind} ${minutes}`,
          sourceId,
          title: `${kind} ${minutes}`,
          body: '',
          publishedAt: at(0),
          dating: 'dated',
          collectedAt: at(minutes),
          contentHash: Buffer.from('x'),
        })
        .execute()
  }
  const { sql: change } = migrations.find(({ name }) => name.endsWith('seen-first')) ?? { sql: '' }
  await inTransaction(db, (tx) => sql.raw(change).execute(tx))
  expect((await times()).map(({ title, publishedAt }) => [title, publishedAt])).toEqual([
    ['hot-list 0', null],
    ['hot-list 5', at(0)],
    ['rss 0', at(0)],
    ['rss 5', at(0)],
  ])
})

test('a JSON interface moves {since} only when everything before it is stored', async () => {
  const asked: string[] = []
  let isBroken = true
  site.pages.set('/api', (request) => {
    const query = new URL(request.url ?? '', site.origin).searchParams
    asked.push(`${query.get('p')} ${query.get('since')}`)
    const page = Number(query.get('p'))
    if (page === 2 && isBroken) return { status: 500, body: 'down' }
    return JSON.stringify({
      list: page <= 2 ? [{ id: page, title: `第${page}条`, at: `2026-03-0${page} 10:00` }] : [],
    })
  })
  const id = await add('json-api', {
    url: `${site.origin}/api?p={page}&since={since}`,
    items: 'list',
    paging: 'page',
    sincePath: 'id',
    sinceFormat: 'number',
  })
  expect(await collectSource(collecting(), id)).toMatchObject({ outcome: 'unreachable', added: 1 })
  isBroken = false
  expect(await collectSource(collecting(15), id)).toMatchObject({ outcome: 'ok', seen: 2, added: 1 })
  await collectSource(collecting(30), id)
  expect(asked).toEqual(['1 0', '2 0', '1 0', '2 0', '3 0', '1 2', '2 2', '3 2'])
  expect(await documents()).toHaveLength(2)
})

test('a watched page gives one text a change, whichever run reports it', async () => {
  const id = await add('page-watch', { url: `${site.origin}/notice` })
  site.pages.set('/notice', '<title>公告</title><p>交付日期为2026年6月30日，请各位业主知悉。</p>')
  expect(await collectSource(collecting(), id)).toMatchObject({ outcome: 'empty', added: 0 })
  const { cursor } = (await sourceById(db, id)) ?? {}
  site.pages.set('/notice', '<title>公告</title><p>交付日期为2026年9月30日，请各位业主知悉。</p>')
  expect(await collectSource(collecting(60), id)).toMatchObject({
    outcome: 'ok',
    added: 1,
    isLearning: false,
  })
  expect(await times()).toMatchObject([{ publishedAt: null, dating: 'dated', isLearning: false }])
  await db
    .updateTable('source')
    .set({ cursor: JSON.stringify(cursor) })
    .where('id', '=', id)
    .execute()
  expect(await collectSource(collecting(70), id)).toMatchObject({ outcome: 'ok', added: 0, changed: 0 })
})
