import { afterAll, expect, test } from 'vitest'
import { hashPassword } from '../../server/access/password.ts'
import { createApp } from '../../server/http/app.ts'
import { listen } from '../../server/http/listen.ts'
import { openLive } from '../../server/http/live.ts'
import { announce } from '../../server/jobs/announce-store.ts'
import { StartError } from '../../server/lib/start-error.ts'
import { testDatabase } from '../support/database.ts'
import { testServices } from '../support/services.ts'
import { visitor } from '../support/visitor.ts'

const database = await testDatabase()
const { db } = database
const live = await openLive(database.url)
const app = createApp(testServices(database, { live }))
const server = await listen(app, { host: '127.0.0.1', port: 0 })
afterAll(async () => {
  await live.close()
  await server.close()
})

const PASSWORD = 'three calm herons'
const passwordHash = await hashPassword(PASSWORD)
const cities = await db
  .insertInto('cityCompany')
  .values([
    { code: 'A', name: '甲城公司', city: '甲城' },
    { code: 'B', name: '乙城公司', city: '乙城' },
  ])
  .returning('id')
  .execute()
const projects = await db
  .insertInto('project')
  .values(
    cities.map(({ id }) => ({
      cityCompanyId: id,
      code: `P${id}`,
      name: `云岭${id}`,
      city: '甲城',
      stage: 'SA' as const,
    })),
  )
  .returning('id')
  .execute()

async function reader(login: string, cityCompanyId: number | null) {
  const { id } = await db
    .insertInto('appUser')
    .values({ login, name: login, passwordHash })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('roleAssignment')
    .values({ userId: id, role: 'desk-agent', cityCompanyId, projectId: null })
    .execute()
  const one = visitor(app)
  await one.signIn(login, PASSWORD)
  return { id, cookie: one.cookie! }
}

/** Opens the stream over a real socket; `until` gives all text up to the one that holds the word. */
async function open(cookie: string) {
  const response = await fetch(`${server.url}/api/live`, { headers: { cookie } })
  const chunks = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  const until = async (word: string) => {
    while (!heard.includes(word)) {
      const { value, done } = await chunks.read()
      if (done) throw new Error(`the stream ended before «${word}»: ${heard}`)
      heard += value
    }
    return heard
  }
  await until('retry')
  return { response, until, chunks }
}

test('news reaches those who may see the project, and nobody else', async () => {
  const [cityA, cityB, all] = await Promise.all([
    reader('a', cities[0]!.id).then(({ cookie }) => open(cookie)),
    reader('b', cities[1]!.id).then(({ cookie }) => open(cookie)),
    reader('all', null).then(({ cookie }) => open(cookie)),
  ])
  expect(cityA.response.headers.get('content-type')).toContain('text/event-stream')
  await announce(db, [{ topic: 'warning', projectIds: [projects[0]!.id] }])
  await announce(db, [{ topic: 'complaint', projectIds: [projects[1]!.id] }])
  await announce(db, [{ topic: 'exposure', projectIds: [] }])
  await announce(db, [{ topic: 'progress', progress: { task: 'import', done: 1, total: 2 } }])
  const ofA = await cityA.until('progress')
  const ofB = await cityB.until('progress')
  const ofAll = await all.until('progress')
  const topics = (text: string) => [...text.matchAll(/event: (\w+)/g)].map((match) => match[1])
  expect(topics(ofA)).toEqual(['warning', 'progress'])
  expect(topics(ofB)).toEqual(['complaint', 'progress'])
  expect(topics(ofAll)).toEqual(['warning', 'complaint', 'exposure', 'progress'])
  await Promise.all([cityA, cityB, all].map(({ chunks }) => chunks.cancel()))
  await expect.poll(() => live.readers()).toBe(0)
})

test('200 open pages hear one event in well under a second', async () => {
  const { cookie } = await reader('many', null)
  const open200 = await Promise.all(Array.from({ length: 200 }, () => open(cookie)))
  const started = performance.now()
  await announce(db, [{ topic: 'mention' }])
  await Promise.all(open200.map(({ until }) => until('event: mention')))
  expect(performance.now() - started).toBeLessThan(1_000)
  await Promise.all(open200.map(({ chunks }) => chunks.cancel()))
})

test('a stranger gets no stream', async () => {
  expect((await fetch(`${server.url}/api/live`)).status).toBe(401)
})

test('a stream ends when its session ends', async () => {
  const { id, cookie } = await reader('leaving', null)
  const { until } = await open(cookie)
  await db.deleteFrom('session').where('userId', '=', id).execute()
  await live.beat()
  await expect(until('never')).rejects.toThrow(/ended/)
})

test('when the database connection is lost, pages are sent to connect anew and then hear again', async () => {
  const { cookie } = await reader('steady', null)
  const lost = await open(cookie)
  const { sql } = await import('kysely')
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'weiyu live' and datname = current_database()`.execute(
    db,
  )
  await expect(lost.until('never')).rejects.toThrow(/ended/)
  await expect
    .poll(async () => {
      const { rows } =
        await sql`select 1 from pg_stat_activity where application_name = 'weiyu live' and datname = current_database()`.execute(
          db,
        )
      return rows.length
    })
    .toBe(1)
  const again = await open(cookie)
  await announce(db, [{ topic: 'source' }])
  expect(await again.until('event: source')).toContain('data: null')
  await again.chunks.cancel()
})

test('a port in use is one clear line', async () => {
  const failure = await listen(app, { host: '127.0.0.1', port: server.port }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(StartError)
  expect(String(failure)).toContain(`Port ${server.port} is in use`)
})
