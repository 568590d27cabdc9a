import { expect, test } from 'vitest'
import { hashPassword } from '../../server/access/password.ts'
import { createApp } from '../../server/http/app.ts'
import { testDatabase } from '../support/database.ts'
import { testServices } from '../support/services.ts'
import { visitor } from '../support/visitor.ts'

const database = await testDatabase()
const { db } = database
let time = new Date('2026-11-22T02:00:00Z')
const later = (minutes: number) => {
  time = new Date(time.getTime() + minutes * 60_000)
}
const services = testServices(database, { now: () => time })
const app = createApp(services)
const PASSWORD = 'three calm herons'
const passwordHash = await hashPassword(PASSWORD)

const first = { login: 'root', name: '管理员', password: PASSWORD, groupName: '云岭集团' }

async function person(login: string, role = 'public-relations') {
  const { id } = await db
    .insertInto('appUser')
    .values({ login, name: login, passwordHash })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('roleAssignment')
    .values({ userId: id, role, cityCompanyId: null, projectId: null })
    .execute()
  return id
}

test('of two first visitors one becomes the administrator and the other is told so', async () => {
  const [one, two] = [visitor(app), visitor(app)]
  expect(await (await one.get('/api/session')).json()).toMatchObject({ firstRun: true, user: null })
  const answers = await Promise.all([
    one.post('/api/first-run', first),
    two.post('/api/first-run', { ...first, login: 'second' }),
  ])
  expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409])
  expect(await db.selectFrom('appUser').select('id').execute()).toHaveLength(1)
  const winner = answers[0]!.status === 201 ? one : two
  expect(await (await winner.get('/api/session')).json()).toMatchObject({
    firstRun: false,
    user: { name: '管理员', scope: { all: true, cityCompanies: [] } },
    group: { name: '云岭集团' },
    empty: { sources: true, complaints: true, projects: true },
  })
  expect((await visitor(app).post('/api/first-run', { ...first, login: 'third' })).status).toBe(409)
})

test('a weak password is refused by name', async () => {
  const answer = await visitor(app).post('/api/first-run', { ...first, password: '1234567890' })
  expect(answer.status).toBe(422)
  expect(await answer.json()).toMatchObject({
    error: 'weak-password',
    field: 'password',
    weakness: 'too-common',
  })
})

test('the cookie is out of reach of scripts and other sites, and secure behind https', async () => {
  await person('cookie')
  const plain = await visitor(app).signIn('cookie', PASSWORD)
  const given = plain.headers.get('set-cookie') ?? ''
  expect(given).toMatch(/^weiyu_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/)
  const behind = createApp(testServices(database, { now: () => time, trustProxy: true }))
  const secure = await visitor(behind).ask(
    'POST',
    '/api/session',
    { login: 'cookie', password: PASSWORD },
    { 'x-forwarded-proto': 'https' },
  )
  expect(secure.headers.get('set-cookie')).toContain('; Secure')
  const stored = await db.selectFrom('session').select('tokenHash').execute()
  const token = given.slice('weiyu_session='.length, given.indexOf(';'))
  expect(stored.some((row) => row.tokenHash.toString('utf8').includes(token))).toBe(false)
})

test('a wrong login and a wrong password get the same answer', async () => {
  await person('known')
  const wrong = await visitor(app).signIn('known', 'not the password')
  const unknown = await visitor(app).signIn('nobody-here', 'not the password')
  expect([wrong.status, await wrong.json()]).toEqual([401, { error: 'wrong-login' }])
  expect([unknown.status, await unknown.json()]).toEqual([401, { error: 'wrong-login' }])
})

test.each(['locked-known', 'locked-unknown'])(
  'after five failures %s is locked, then twice as long',
  async (login) => {
    if (login === 'locked-known') await person(login)
    const someone = visitor(app)
    for (let n = 0; n < 5; n += 1) expect((await someone.signIn(login, 'wrong')).status).toBe(401)
    const locked = await someone.signIn(login, PASSWORD)
    expect(locked.status).toBe(423)
    expect(await locked.json()).toEqual({
      error: 'locked',
      until: new Date(time.getTime() + 15 * 60_000).toISOString(),
    })
    later(15)
    expect((await someone.signIn(login, 'wrong')).status).toBe(401)
    expect(await (await someone.signIn(login, 'wrong')).json()).toMatchObject({
      until: new Date(time.getTime() + 30 * 60_000).toISOString(),
    })
  },
)

test('guesses sent at the same time count one by one', async () => {
  await person('hurried')
  const answers = await Promise.all(
    Array.from({ length: 12 }, () =>
      visitor(app)
        .signIn('hurried', 'wrong')
        .then((answer) => answer.status),
    ),
  )
  expect(answers.filter((status) => status === 401)).toHaveLength(5)
  expect(answers.filter((status) => status === 423)).toHaveLength(7)
})

test('a right password after failures opens the account and forgets them', async () => {
  await person('clumsy')
  const someone = visitor(app)
  for (let n = 0; n < 4; n += 1) await someone.signIn('clumsy', 'wrong')
  expect((await someone.signIn('Clumsy', PASSWORD)).status).toBe(200)
  const row = await db
    .selectFrom('appUser')
    .select('failedAttempts')
    .where('login', '=', 'clumsy')
    .executeTakeFirst()
  expect(row?.failedAttempts).toBe(0)
})

test('a session ends after twelve idle hours and after seven days of use', async () => {
  await person('patient')
  const idle = visitor(app)
  const busy = visitor(app)
  await idle.signIn('patient', PASSWORD)
  await busy.signIn('patient', PASSWORD)
  const names = async (who: typeof idle) =>
    ((await (await who.get('/api/session')).json()) as { user: { login: string } | null }).user?.login
  for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
    later(6 * 60)
    expect(await names(busy)).toBe('patient')
  }
  expect(await names(idle)).toBeUndefined()
  later(6 * 60)
  expect(await names(busy)).toBeUndefined()
})

test('signing in again leaves the former cookie without effect', async () => {
  await person('rotating')
  const someone = visitor(app)
  await someone.signIn('rotating', PASSWORD)
  const former = someone.cookie
  await someone.signIn('rotating', PASSWORD)
  expect(someone.cookie).not.toBe(former)
  later(1)
  expect(
    await (await visitor(app).ask('GET', '/api/session', undefined, { cookie: former! })).json(),
  ).toMatchObject({
    user: null,
  })
})

test('a changed password ends every other session and keeps this one', async () => {
  await person('changing')
  const [here, there] = [visitor(app), visitor(app)]
  await here.signIn('changing', PASSWORD)
  await there.signIn('changing', PASSWORD)
  expect((await there.get('/api/users')).status).toBe(403)
  expect(
    (await here.post('/api/own/password', { current: 'wrong', password: 'seven red kites' })).status,
  ).toBe(422)
  expect(
    (await here.post('/api/own/password', { current: PASSWORD, password: 'seven red kites' })).status,
  ).toBe(204)
  expect((await there.get('/api/users')).status).toBe(401)
  expect((await here.get('/api/users')).status).toBe(403)
  expect((await visitor(app).signIn('changing', PASSWORD)).status).toBe(401)
  expect((await visitor(app).signIn('changing', 'seven red kites')).status).toBe(200)
})

test('a disabled user is out at once and cannot come back; the last administrator stays', async () => {
  const id = await person('leaver')
  const administrator = visitor(app)
  const leaver = visitor(app)
  await leaver.signIn('leaver', PASSWORD)
  const { login } = await db.selectFrom('appUser').select('login').orderBy('id').executeTakeFirstOrThrow()
  expect((await administrator.signIn(login, PASSWORD)).status).toBe(200)
  expect((await administrator.ask('PATCH', `/api/users/${id}`, { state: 'disabled' })).status).toBe(200)
  expect((await leaver.get('/api/users')).status).toBe(401)
  expect((await leaver.signIn('leaver', PASSWORD)).status).toBe(401)
  const root = await db
    .selectFrom('appUser')
    .select('id')
    .where('login', '=', login)
    .executeTakeFirstOrThrow()
  for (const change of [{ state: 'disabled' }, { roles: [{ role: 'auditor' }] }]) {
    const answer = await administrator.ask('PATCH', `/api/users/${root.id}`, change)
    expect([answer.status, await answer.json()]).toEqual([409, { error: 'last-administrator' }])
  }
})

test('a new user signs in with the password shown once', async () => {
  const administrator = visitor(app)
  const { login } = await db.selectFrom('appUser').select('login').orderBy('id').executeTakeFirstOrThrow()
  await administrator.signIn(login, PASSWORD)
  const made = await administrator.post('/api/users', {
    login: 'newcomer',
    name: '新人',
    roles: [{ role: 'executive' }],
  })
  expect(made.status).toBe(201)
  const { password } = (await made.json()) as { password: string }
  expect((await visitor(app).signIn('newcomer', password)).status).toBe(200)
  const again = await administrator.post('/api/users', {
    login: 'NewComer',
    name: '新人',
    roles: [{ role: 'executive' }],
  })
  expect([again.status, await again.json()]).toEqual([409, { error: 'login-taken', field: 'login' }])
  const trail = await db
    .selectFrom('auditEntry')
    .select(['action', 'detail'])
    .where('action', '=', 'user.create')
    .execute()
  expect(trail).toHaveLength(1)
  expect(JSON.stringify(trail)).not.toContain(password)
})
