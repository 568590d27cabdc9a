// Pushes: who signs is taken in once, and nobody else learns anything.
import { randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { signatureOf } from '../../collectors/webhook/signature.ts'
import { openVault } from '../../server/access/vault.ts'
import { importComplaints } from '../../server/complaints/job.ts'
import { createApp } from '../../server/http/app.ts'
import { takeReadings } from '../../server/indicators/job.ts'
import { receiveDelivery } from '../../server/ingest/job.ts'
import { lastRuns } from '../../server/ingest/store.ts'
import { sourceTicker } from '../../server/jobs/schedule.ts'
import { seedLedger } from '../complaints/ledger.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { notedJobs, testServices } from '../support/services.ts'
import { signedInAs } from '../support/signed-in.ts'
import { noTakers } from '../support/takers.ts'

const database = await testDatabase()
const { db } = database
const vault = openVault(randomBytes(32))
const start = new Date('2026-03-05T06:30:00Z')
let now = start
const jobs = notedJobs(database)
const services = testServices(database, { vault, jobs, now: () => now })
const app = createApp({
  ...services,
  receive: (id, delivery) =>
    receiveDelivery(
      {
        db,
        jobs,
        vault,
        now: () => now,
        ...services.outside,
        takers: {
          ...noTakers,
          complaints: (rows, sourceId) =>
            importComplaints({ db, vault, jobs, now: () => now }, rows, { sourceId, isPartial: true }),
          readings: (rows, sourceId) => takeReadings({ db, jobs, now: () => now }, rows, sourceId),
        },
      },
      id,
      delivery,
    ),
})

beforeEach(async () => {
  await emptyTables(db)
  await seedLedger(db)
  now = start
  jobs.collected.length = 0
})

async function hooked(options: Readonly<Record<string, unknown>> = {}) {
  const admin = await signedInAs(app, db, 'administrator', { now: start })
  const added = await admin.post('/api/sources', {
    kind: 'webhook',
    name: '热线系统',
    options: { content: 'documents', ...options },
  })
  const { id } = (await added.json()) as { id: number }
  const made = await admin.post(`/api/sources/${id}/hook/secret`)
  expect(made.status).toBe(201)
  return { admin, id, ...((await made.json()) as { secret: string; path: string }) }
}
type Hooked = Awaited<ReturnType<typeof hooked>>

interface Push {
  at?: Date
  secret?: string
  type?: string
  id?: string
  signature?: string
}
function push(hook: Pick<Hooked, 'path' | 'secret'>, body: string | Uint8Array, given: Push = {}) {
  const at = String(Math.floor((given.at ?? now).getTime() / 1_000))
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return app.request(hook.path, {
    method: 'POST',
    headers: {
      'content-type': given.type ?? 'application/json',
      'x-weiyu-timestamp': at,
      'x-weiyu-signature': given.signature ?? signatureOf(given.secret ?? hook.secret, at, bytes),
      ...(given.id === undefined ? {} : { 'x-weiyu-delivery': given.id }),
    },
    body: Buffer.from(bytes),
  })
}
const item = (id: string, title = '云境花园停工') => ({
  id,
  title,
  body: '正文',
  publishedAt: '2026-03-05 14:05',
})
const documents = () =>
  db.selectFrom('document').select(['identity', 'title', 'isLearning']).orderBy('id').execute()

test('a signed push is stored at once, is no stock to learn from, and wakes the analysis', async () => {
  const hook = await hooked()
  const answer = await push(hook, JSON.stringify([item('1'), item('2', '云境花园复工')]))
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { outcome: 'ok', seen: 2, added: 2, changed: 0, detail: null },
  ])
  expect(await documents()).toEqual([
    { identity: `source:${hook.id}:1`, title: '云境花园停工', isLearning: false },
    { identity: `source:${hook.id}:2`, title: '云境花园复工', isLearning: false },
  ])
  expect(jobs.woken).toContain('analysis')
})

test.each([
  ['one object', 'application/json', JSON.stringify(item('1'))],
  ['an envelope', 'application/json', JSON.stringify({ total: 1, items: [item('1')] })],
  ['JSON that does not say so', 'text/plain', JSON.stringify([item('1')])],
  ['CSV', 'text/csv', '编号,标题,正文,发布时间\n1,云境花园停工,正文,2026-03-05 14:05\n'],
  [
    'CSV in GBK',
    'text/csv',
    // 编号,标题,正文 / 1,停工,正文
    Buffer.from('b1e0bac52cb1eacce22cd5fdcec40a312ccda3b9a42cd5fdcec40a', 'hex'),
  ],
])('%s is read', async (_name, type, body) => {
  const hook = await hooked()
  const answer = await push(hook, body, { type })
  expect(await answer.json()).toMatchObject({ outcome: 'ok', seen: 1, added: 1 })
  expect((await documents())[0]).toMatchObject({ identity: `source:${hook.id}:1` })
})

test('field names of the other system are mapped, and complaints go into the ledger', async () => {
  const hook = await hooked({ content: 'complaints', mapping: 'title=subject,content=words,receivedAt=when' })
  const answer = await push(
    hook,
    JSON.stringify({ id: 'T-1', subject: '外墙渗水', words: '云境花园外墙渗水', when: '2026-03-05 09:00' }),
  )
  expect(await answer.json()).toMatchObject({ outcome: 'ok', seen: 1, added: 1, detail: null })
  const half = await push(hook, JSON.stringify([{ id: 'T-2', subject: '电梯故障' }]))
  expect(await half.json()).toMatchObject({ error: 'parse-error', message: '1 of 1 rows could not be read' })
  expect(await db.selectFrom('complaint').select(['title', 'externalIdentity']).execute()).toEqual([
    { title: '外墙渗水', externalIdentity: `source:${hook.id}:T-1` },
  ])
})

test('readings are taken in; what is wrong with a row is told by whoever sees it, with its place', async () => {
  const hook = await hooked({ content: 'readings' })
  const rows = [
    { project: '云境花园', metric: 'sales', value: 12, planned: 20, date: '2026-03-04' },
    { project: '云境花园', metric: 'sales', value: '十二', planned: 20, date: '2026-03-03' },
    { project: '别家花园', metric: 'sales', value: 12, planned: 20, date: '2026-03-04' },
  ]
  const answer = await push(hook, JSON.stringify(rows))
  expect([answer.status, await answer.json()]).toEqual([
    200,
    {
      outcome: 'ok',
      seen: 2,
      added: 1,
      changed: 0,
      detail:
        '1 of 3 rows could not be read: row 2: «十二» is no number; write 1,234.5 or 80%; ' +
        '1 of 2 rows could not be read: row 3: no project is called «别家花园»',
    },
  ])
  expect(await db.selectFrom('reading').select(['metric', 'value', 'planned']).execute()).toEqual([
    { metric: 'sales', value: 12, planned: 20 },
  ])
  const wrong = await push(hook, JSON.stringify(rows.slice(1, 2)))
  expect(wrong.status).toBe(422)
  expect(await wrong.text()).toContain('1 of 1 rows could not be read: row 1: «十二» is no number')
})

test('without the right signature nothing is stored, nothing is noted and nothing is told', async () => {
  const hook = await hooked()
  const body = JSON.stringify([item('1')])
  const refusals = [
    await push(hook, body, { secret: 'another secret' }),
    await push(hook, body, { signature: '' }),
    await push(hook, body, { signature: 'f'.repeat(64) }),
    await push(hook, body, { signature: signatureOf(hook.secret, '0', Buffer.from(body)) }),
    await push({ ...hook, path: '/api/hooks/nobody-knows-this-token' }, body),
    await app.request(hook.path, { method: 'POST', body }),
  ]
  for (const refused of refusals)
    expect([refused.status, await refused.json()]).toEqual([401, { error: 'not-signed' }])
  expect(await documents()).toEqual([])
  expect(await lastRuns(db, hook.id, 10)).toEqual([])
})

test('a recorded push is worth nothing later, and within its five minutes it is taken in once', async () => {
  const hook = await hooked()
  const body = JSON.stringify([item('1')])
  const late = await push(hook, body, { at: new Date(now.getTime() - 6 * 60_000) })
  expect([late.status, await late.json()]).toEqual([401, { error: 'stale-timestamp' }])
  expect((await push(hook, body, { at: new Date(now.getTime() + 6 * 60_000) })).status).toBe(401)
  const at = new Date(now.getTime() - 4 * 60_000)
  expect(await (await push(hook, body, { at, id: 'a' })).json()).toMatchObject({ outcome: 'ok', added: 1 })
  // The same signature under another id, and the same id signed anew.
  expect(await (await push(hook, body, { at, id: 'b' })).json()).toMatchObject({ outcome: 'duplicate' })
  expect(await (await push(hook, body, { id: 'a' })).json()).toMatchObject({ outcome: 'duplicate' })
  expect(await lastRuns(db, hook.id, 10)).toHaveLength(1)
})

test('two workers that get the same push at once store its rows once', async () => {
  const hook = await hooked()
  const body = JSON.stringify(Array.from({ length: 50 }, (_, n) => item(String(n), `云境花园停工 ${n}`)))
  const answers = await Promise.all([push(hook, body), push(hook, body)])
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  expect(await documents()).toHaveLength(50)
})

test('what cannot be read is told with place and cure, may be sent again, and shows on the source', async () => {
  const hook = await hooked()
  const cases = [
    ['{"title": ', 422, /no JSON/],
    ['['.repeat(100_000), 422, /nested deeper than 20/],
    ['[1, 2]', 422, /line 1 is not one JSON object/],
    [JSON.stringify([{ colour: 'red' }]), 422, /no column for title or text among colour/],
    [JSON.stringify(Array.from({ length: 10_001 }, () => ({ title: 'x' }))), 413, /send 10000 at most/],
  ] as const
  for (const [body, status, words] of cases) {
    const refused = await push(hook, body)
    expect(refused.status).toBe(status)
    expect(((await refused.json()) as { message: string }).message).toMatch(words)
  }
  expect(await (await hook.admin.get(`/api/sources/${hook.id}`)).json()).toMatchObject({
    health: 'failing',
    failures: cases.length,
  })
  await push(hook, JSON.stringify([item('1')]))
  expect(await (await hook.admin.get(`/api/sources/${hook.id}`)).json()).toMatchObject({ health: 'healthy' })
})

test('a body over the limit is refused before it is read', async () => {
  const hook = await hooked()
  const answer = await push(hook, 'x'.repeat(9 * 1024 * 1024))
  expect(answer.status).toBe(413)
  expect(await lastRuns(db, hook.id, 10)).toEqual([])
})

test('more than a hundred and twenty pushes a minute are put off', async () => {
  const hook = await hooked()
  await db
    .insertInto('collectionRun')
    .values(
      Array.from({ length: 120 }, () => ({ sourceId: hook.id, startedAt: now, outcome: 'ok' as const })),
    )
    .execute()
  const answer = await push(hook, JSON.stringify([item('1')]))
  expect([answer.status, await answer.json()]).toEqual([
    429,
    { error: 'too-many-deliveries', perMinute: 120 },
  ])
  now = new Date(now.getTime() + 61_000)
  expect((await push(hook, JSON.stringify([item('1')]))).status).toBe(200)
})

test('after a change of the secret both are good for a day, then only the new one', async () => {
  const hook = await hooked()
  const changed = await hook.admin.post(`/api/sources/${hook.id}/hook/secret`)
  const next = (await changed.json()) as { secret: string; path: string }
  expect(next.path).toBe(hook.path)
  expect(next.secret).not.toBe(hook.secret)
  expect((await push(hook, JSON.stringify([item('1')]))).status).toBe(200)
  expect((await push(next, JSON.stringify([item('2')]))).status).toBe(200)
  now = new Date(now.getTime() + 25 * 3_600_000)
  expect((await push(hook, JSON.stringify([item('3')]))).status).toBe(401)
  expect((await push(next, JSON.stringify([item('3')]))).status).toBe(200)
})

test('the secret is shown once, lies encrypted, and its making is in the audit trail', async () => {
  const hook = await hooked()
  const shown = await hook.admin.get(`/api/sources/${hook.id}/hook`)
  const text = await shown.text()
  expect(text).toContain(hook.path)
  expect(text).not.toContain(hook.secret)
  const [row] = await db.selectFrom('sourceHook').selectAll().execute()
  expect(row?.secretEncrypted.includes(hook.secret)).toBe(false)
  const actions = await db
    .selectFrom('auditEntry')
    .select('action')
    .where('subjectKind', '=', 'source')
    .where('action', '=', 'source.secret')
    .execute()
  expect(actions.length).toBeGreaterThan(0)
})

test('a paused source takes nothing in', async () => {
  const hook = await hooked()
  await hook.admin.post(`/api/sources/${hook.id}/pause`)
  const answer = await push(hook, JSON.stringify([item('1')]))
  expect([answer.status, await answer.json()]).toEqual([409, { error: 'source-paused' }])
})

test('a source that is pushed to is not read: not when it is added, not by the clock, not by hand', async () => {
  const hook = await hooked()
  expect(jobs.collected).toEqual([])
  await db.updateTable('source').set({ schedule: '* * * * *' }).execute()
  expect(await sourceTicker(db, jobs).run(now)).toEqual({ due: 0 })
  const byHand = await hook.admin.post(`/api/sources/${hook.id}/run`)
  expect([byHand.status, await byHand.json()]).toEqual([409, { error: 'waits-for-pushes' }])
  // Neither well nor ill before somebody pushed.
  expect(await (await hook.admin.get(`/api/sources/${hook.id}`)).json()).toMatchObject({
    health: 'new',
    learningUntil: start.toISOString(),
  })
})

test('other kinds take no pushes', async () => {
  const { admin } = await hooked()
  const added = await admin.post('/api/sources', {
    kind: 'rss',
    name: '云湖房产',
    options: { url: 'https://news.example/feed' },
  })
  const { id } = (await added.json()) as { id: number }
  for (const answer of [
    await admin.get(`/api/sources/${id}/hook`),
    await admin.post(`/api/sources/${id}/hook/secret`),
  ])
    expect([answer.status, await answer.json()]).toEqual([409, { error: 'takes-no-pushes' }])
})
