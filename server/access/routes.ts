import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { recordAudit } from '../audit/store.ts'
import type { Tx } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import { clientAddress, isHttps } from '../http/client.ts'
import type { Ctx, Env } from '../http/context.ts'
import { IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { anyone, permit } from './guard.ts'
import { countAttempts } from './lockout.ts'
import { hashPassword, oneTimePassword, verifyPassword } from './password.ts'
import { weaknessOf } from './password-rules.ts'
import { roles } from './permissions.ts'
import { ABSOLUTE_MS, hashOfToken, idleSince, newToken, SESSION_COOKIE, type SignedIn } from './session.ts'
import * as store from './store.ts'

const Login = z
  .string()
  .trim()
  .min(2)
  .max(64)
  .regex(/^[\p{L}\p{N}._@-]+$/u)
const Name = z.string().trim().min(1).max(64)
const Password = z.string().max(1_000)

const SignIn = z.object({ login: z.string().trim().min(1).max(200), password: Password })
const FirstRun = z.object({
  login: Login,
  name: Name,
  password: Password,
  groupName: z.string().trim().max(100).optional(),
})
const NewPassword = z.object({ current: Password, password: Password })

const NewGrant = z
  .object({
    role: z.enum(roles),
    cityCompanyId: z.number().int().nullable().default(null),
    projectId: z.number().int().nullable().default(null),
  })
  .refine(
    (grant) => grant.role !== 'administrator' || (grant.cityCompanyId === null && grant.projectId === null),
    {
      message: 'an administrator is one of the whole group',
      path: ['cityCompanyId'],
    },
  )
  .transform((grant) => (grant.projectId === null ? grant : { ...grant, cityCompanyId: null }))
const NewGrants = z.array(NewGrant).max(100)
const NewUser = z.object({ login: Login, name: Name, roles: NewGrants.min(1) })
const UserChange = z.object({
  name: Name.optional(),
  roles: NewGrants.optional(),
  state: z.enum(['active', 'disabled']).optional(),
  unlock: z.literal(true).optional(),
  newPassword: z.literal(true).optional(),
})
const UserPage = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})

const attempts = countAttempts()

export const accessRoutes = new Hono<Env>()
  .get('/session', anyone(), async (c) => c.json(await sessionAnswer(c, c.get('user'))))

  .post('/session', anyone(), zValidator('json', SignIn, refuseInvalid), async (c) => {
    const { db, now: clock } = c.get('services')
    const { login, password } = c.req.valid('json')
    const now = clock()
    const address = clientAddress(c)
    const blockedUntil = attempts.addressBlockedUntil(address, now)
    if (blockedUntil) throw new Refusal(429, 'too-many-attempts', { until: blockedUntil.toISOString() })

    const attempt = await inTransaction(db, (tx) => store.beginAttempt(tx, login, now))
    const isLocked =
      attempt.outcome === 'locked'
        ? attempt.until
        : attempt.outcome === 'unknown'
          ? attempts.strangerTried(login, now)
          : null
    if (isLocked) throw new Refusal(423, 'locked', { until: isLocked.toISOString() })

    const known = attempt.outcome === 'check' ? attempt : undefined
    const fits = await verifyPassword(known?.passwordHash, password)
    if (!known?.isActive || !fits) {
      attempts.addressFailed(address, now)
      await inTransaction(db, (tx) =>
        recordAudit(tx, {
          ...(known && { actor: { id: known.id, name: known.name } }),
          action: 'session.refuse',
          // Never the login as typed: people type their password there.
          subject: { kind: 'user', id: known?.id ?? null },
          detail: {
            address,
            because: known ? (known.isActive ? 'wrong-password' : 'disabled') : 'unknown-login',
          },
        }),
      )
      throw new Refusal(401, 'wrong-login')
    }
    const token = await inTransaction(db, async (tx) => {
      await store.attemptSucceeded(tx, known.id, now)
      const started = await startSession(c, tx, known.id, now)
      await recordAudit(tx, {
        actor: { id: known.id, name: known.name },
        action: 'session.open',
        subject: { kind: 'user', id: known.id },
        detail: { address },
      })
      return started
    })
    return c.json(await welcome(c, token))
  })

  .delete('/session', permit('own.account'), async (c) => {
    const { db } = c.get('services')
    const user = c.get('user')
    const token = getCookie(c, SESSION_COOKIE)
    await inTransaction(db, async (tx) => {
      if (token) await store.endSession(tx, hashOfToken(token))
      await recordAudit(tx, { actor: user, action: 'session.close', subject: { kind: 'user', id: user.id } })
    })
    c.get('sessions').forget(user.id)
    deleteCookie(c, SESSION_COOKIE, { path: '/' })
    return c.body(null, 204)
  })

  .post('/first-run', anyone(), zValidator('json', FirstRun, refuseInvalid), async (c) => {
    const { db, now: clock } = c.get('services')
    const { login, name, password, groupName } = c.req.valid('json')
    refuseWeak(password, login)
    if (await store.hasUsers(db)) throw new Refusal(409, 'already-set-up')
    const passwordHash = await hashPassword(password)
    const now = clock()
    const token = await inTransaction(db, async (tx) => {
      await store.lockFirstRun(tx)
      if (await store.hasUsers(tx)) throw new Refusal(409, 'already-set-up')
      const id = await store.insertUser(tx, { login, name, passwordHash })
      if (id === undefined) throw new Refusal(409, 'already-set-up')
      await store.setGrants(tx, id, [{ role: 'administrator', cityCompanyId: null, projectId: null }])
      if (groupName) await store.setGroupName(tx, groupName, now)
      await store.attemptSucceeded(tx, id, now)
      const started = await startSession(c, tx, id, now)
      await recordAudit(tx, {
        actor: { id, name },
        action: 'first-run',
        subject: { kind: 'user', id },
        detail: { address: clientAddress(c), ...(groupName && { groupName }) },
      })
      return started
    })
    return c.json(await welcome(c, token), 201)
  })

  .post('/own/password', permit('own.account'), zValidator('json', NewPassword, refuseInvalid), async (c) => {
    const { db, now: clock } = c.get('services')
    const user = c.get('user')
    const { current, password } = c.req.valid('json')
    refuseWeak(password, user.login)
    if (!(await verifyPassword(await store.passwordHashOf(db, user.id), current))) {
      throw new Refusal(422, 'wrong-password', { field: 'current' })
    }
    const passwordHash = await hashPassword(password)
    const token = await inTransaction(db, async (tx) => {
      await store.updateUser(tx, user.id, { passwordHash })
      await store.endSessionsOf(tx, user.id)
      const started = await startSession(c, tx, user.id, clock())
      await recordAudit(tx, {
        actor: user,
        action: 'user.change-password',
        subject: { kind: 'user', id: user.id },
      })
      return started
    })
    giveCookie(c, token)
    c.get('sessions').forget(user.id)
    return c.body(null, 204)
  })

  .get('/users', permit('user.manage'), zValidator('query', UserPage, refuseInvalid), async (c) =>
    c.json(await store.listUsers(c.get('services').db, c.req.valid('query'))),
  )

  .post('/users', permit('user.manage'), zValidator('json', NewUser, refuseInvalid), async (c) => {
    const { db } = c.get('services')
    const user = c.req.valid('json')
    const password = oneTimePassword()
    const passwordHash = await hashPassword(password)
    const id = await inTransaction(db, async (tx) => {
      if (await store.unknownPlaces(tx, user.roles))
        throw new Refusal(422, 'unknown-place', { field: 'roles' })
      const created = await store.insertUser(tx, { login: user.login, name: user.name, passwordHash })
      if (created === undefined) throw new Refusal(409, 'login-taken', { field: 'login' })
      await store.setGrants(tx, created, user.roles)
      await recordAudit(tx, {
        actor: c.get('user'),
        action: 'user.create',
        subject: { kind: 'user', id: created },
        detail: { login: user.login, name: user.name, roles: user.roles },
      })
      return created
    })
    return c.json({ id, password }, 201)
  })

  .patch(
    '/users/:id',
    permit('user.manage'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', UserChange, refuseInvalid),
    async (c) => {
      const { db } = c.get('services')
      const { id } = c.req.valid('param')
      const { roles: grants, unlock, newPassword, ...change } = c.req.valid('json')
      const password = newPassword ? oneTimePassword() : undefined
      const passwordHash = password && (await hashPassword(password))
      await inTransaction(db, async (tx) => {
        const user = await store.userById(tx, id)
        if (!user) throw new Refusal(404, 'not-found')
        const administrators = await store.activeAdministrators(tx)
        if (grants && (await store.unknownPlaces(tx, grants)))
          throw new Refusal(422, 'unknown-place', { field: 'roles' })
        if (change.name ?? change.state ?? passwordHash)
          await store.updateUser(tx, id, { ...change, passwordHash })
        if (grants) await store.setGrants(tx, id, grants)
        if (unlock) await store.unlockUser(tx, id)
        if (change.state === 'disabled' || passwordHash) await store.endSessionsOf(tx, id)
        if (administrators.includes(id) && (await store.activeAdministrators(tx)).length === 0) {
          throw new Refusal(409, 'last-administrator')
        }
        await recordAudit(tx, {
          actor: c.get('user'),
          action: 'user.change',
          subject: { kind: 'user', id },
          detail: {
            ...change,
            ...(grants && { roles: grants }),
            ...(unlock && { unlock }),
            ...(newPassword && { newPassword }),
          },
        })
      })
      c.get('sessions').forget(id)
      return c.json({ id, password: password ?? null })
    },
  )

function refuseWeak(password: string, login: string): void {
  const weakness = weaknessOf(password, login)
  if (weakness) throw new Refusal(422, 'weak-password', { field: 'password', weakness })
}

/** A new token at every sign-in: one planted before it opens nothing after it. */
async function startSession(c: Ctx, tx: Tx, userId: number, now: Date): Promise<string> {
  const token = newToken()
  const former = getCookie(c, SESSION_COOKIE)
  if (former) await store.endSession(tx, hashOfToken(former))
  await store.openSession(
    tx,
    {
      tokenHash: hashOfToken(token),
      userId,
      now,
      expiresAt: new Date(now.getTime() + ABSOLUTE_MS),
      address: clientAddress(c),
      agent: c.req.header('user-agent')?.slice(0, 200) ?? null,
    },
    idleSince(now),
  )
  return token
}

function giveCookie(c: Ctx, token: string): void {
  setCookie(c, SESSION_COOKIE, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: c.get('services').secureCookie === 'always' || isHttps(c),
    maxAge: ABSOLUTE_MS / 1_000,
  })
}

/** What someone who has just signed in sees. */
async function welcome(c: Ctx, token: string) {
  giveCookie(c, token)
  return sessionAnswer(c, await c.get('sessions').read(token, c.get('services').now()))
}

async function sessionAnswer(c: Ctx, user: SignedIn | undefined) {
  const { db, version } = c.get('services')
  const group = await store.groupOf(db)
  if (!user) return { firstRun: !(await store.hasUsers(db)), user: null, group, version }
  const { id, login, name, permissions, scope } = user
  const shownRoles = user.roles.map(({ role, cityCompanyId, projectId }) => ({
    role,
    cityCompanyId,
    projectId,
  }))
  const cityCompanies = await store.cityCompaniesOf(db, scope)
  return {
    firstRun: false,
    user: { id, login, name, roles: shownRoles, permissions, scope: { all: scope.all, cityCompanies } },
    group,
    version,
    empty: await store.emptiness(db),
  }
}
