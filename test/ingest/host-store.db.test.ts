import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFetcher } from '../../collectors/fetch.ts'
import { openDatabase } from '../../server/db/connect.ts'
import { createHostStore } from '../../server/ingest/host-store.ts'
import { testDatabase } from '../support/database.ts'
import { ledgerPromises } from '../support/host-ledger.ts'

const { db, url } = await testDatabase()
const second = openDatabase(url, { connections: 6 })
afterAll(() => second.close())

describe('the ledger of two processes', () => {
  ledgerPromises(
    () => [createHostStore(db), createHostStore(second.db)],
    (ms) => new Promise((done) => setTimeout(done, ms)),
  )
})

test('quiet hosts are forgotten, closed ones are not', async () => {
  await sql`insert into host_state (host, free_at, closed_until) values
    ('quiet.example', now() - interval '2 days', '-infinity'),
    ('closed.example', now() - interval '2 days', now() + interval '1 hour')`.execute(db)
  await createHostStore(db).reserve('new.example', { paceMs: 0, patienceMs: 0, insists: false })
  const { rows } = await sql<{ host: string }>`select host from host_state
    where host in ('quiet.example', 'closed.example', 'new.example') order by host`.execute(db)
  expect(rows.map((row) => row.host)).toEqual(['closed.example', 'new.example'])
})

describe('two workers on one host', () => {
  const arrived: number[] = []
  let status = 200
  const server = createServer((request, response) => {
    if (request.url !== '/robots.txt') arrived.push(performance.now())
    response.writeHead(
      request.url === '/robots.txt' ? 404 : status,
      status === 429 ? { 'retry-after': '3600' } : {},
    )
    response.end()
  })
  let address = ''
  beforeAll(async () => {
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
    // By name: a literal of the house is not paced.
    address = `http://localhost:${(server.address() as AddressInfo).port}/page`
  })
  const paceMs = 250
  const worker = (of: typeof db) =>
    createFetcher({
      userAgent: 'weiyu-test',
      allow: ['127.0.0.1', '::1'],
      limits: { paceMs, retries: 0 },
      ledger: createHostStore(of),
    })
  const workers = [worker(db), worker(second.db)] as const
  afterAll(async () => {
    for (const { close } of workers) await close()
    server.close()
  })

  test('keep one pace between them', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, at) => workers[at % 2 === 0 ? 0 : 1].fetch(address)))
    expect(arrived).toHaveLength(8)
    const gaps = arrived.slice(1).map((at, index) => at - (arrived[index] ?? 0))
    // A timer may be late before a request and punctual before the next; on the whole the pace is kept.
    expect((arrived.at(-1) ?? 0) - (arrived[0] ?? 0)).toBeGreaterThan(7 * paceMs - 150)
    expect(Math.min(...gaps)).toBeGreaterThan(paceMs / 3)
  })

  test('what one was told by Retry-After the other keeps', async () => {
    status = 429
    await expect(workers[0].fetch(address)).rejects.toMatchObject({
      outcome: 'blocked',
      retryAfterMs: 3_600_000,
    })
    arrived.length = 0
    const refusal = await workers[1].fetch(address).catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      outcome: 'blocked',
      message: expect.stringContaining('left alone until'),
    })
    expect(arrived).toEqual([])
  })
})
