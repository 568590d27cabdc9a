import { sql } from 'kysely'
import { z } from 'zod'
import type { Db, Tx } from '../db/connect.ts'
import { takeLock } from '../db/locks.ts'
import { lockedUntil } from './lockout.ts'
import { roles } from './permissions.ts'
import type { Grant } from './scope.ts'

const Grants = z.array(
  z.object({
    role: z.enum(roles),
    cityCompanyId: z.number().nullable(),
    projectId: z.number().nullable(),
    projectIds: z.array(z.number()),
  }),
)

/** A user's grants as JSON, each with the projects it reaches now. */
const grantsOf = (userId: string) =>
  sql<unknown>`coalesce((
  select jsonb_agg(jsonb_build_object('role', r.role, 'cityCompanyId', r.city_company_id, 'projectId', r.project_id, 'projectIds',
    case when r.project_id is not null then jsonb_build_array(r.project_id)
         when r.city_company_id is not null
           then (select coalesce(jsonb_agg(p.id order by p.id), '[]') from project p where p.city_company_id = r.city_company_id)
         else '[]' end) order by r.role, r.city_company_id, r.project_id)
  from role_assignment r where r.user_id = ${sql.ref(userId)}), '[]')`.as('roles')

// ── sessions ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface SessionRow {
  tokenHash: Buffer
  lastSeenAt: Date
  id: number
  login: string
  name: string
  roles: readonly Grant[]
}

/** Open sessions with their users and rights, in one query. */
export async function sessionsByHash(
  db: Db,
  tokenHashes: readonly Buffer[],
  now: Date,
  idleSince: Date,
): Promise<readonly SessionRow[]> {
  if (tokenHashes.length === 0) return []
  const rows = await db
    .selectFrom('session')
    .innerJoin('appUser', 'appUser.id', 'session.userId')
    .select(['session.tokenHash', 'session.lastSeenAt', 'appUser.id', 'appUser.login', 'appUser.name'])
    .select(grantsOf('appUser.id'))
    .where('session.tokenHash', 'in', [...tokenHashes])
    .where('appUser.state', '=', 'active')
    .where('session.expiresAt', '>', now)
    .where('session.lastSeenAt', '>', idleSince)
    .execute()
  return rows.map((row) => ({ ...row, roles: Grants.parse(row.roles) }))
}

export async function touchSession(db: Db, tokenHash: Buffer, now: Date): Promise<void> {
  await db.updateTable('session').set({ lastSeenAt: now }).where('tokenHash', '=', tokenHash).execute()
}

export interface NewSession {
  tokenHash: Buffer
  userId: number
  now: Date
  expiresAt: Date
  address: string | null
  agent: string | null
}

/** Opens a session, and sweeps those that ended. */
export async function openSession(tx: Tx, opened: NewSession, idleSince: Date): Promise<void> {
  const { now, ...row } = opened
  await tx
    .deleteFrom('session')
    .where((row) => row.or([row('expiresAt', '<=', now), row('lastSeenAt', '<=', idleSince)]))
    .execute()
  await tx
    .insertInto('session')
    .values({ ...row, createdAt: now, lastSeenAt: now })
    .execute()
}

export async function endSession(tx: Tx, tokenHash: Buffer): Promise<void> {
  await tx.deleteFrom('session').where('tokenHash', '=', tokenHash).execute()
}

export async function endSessionsOf(tx: Tx, userId: number): Promise<void> {
  await tx.deleteFrom('session').where('userId', '=', userId).execute()
}

// ── signing in ────────────────────────────────────────────────────────────────────────────────────────────────────

export type Attempt =
  | { outcome: 'unknown' }
  | { outcome: 'locked'; until: Date }
  | { outcome: 'check'; id: number; name: string; passwordHash: string; isActive: boolean }

/**
 * Counts the attempt as failed before the password is looked at, so that guesses sent at the same time count like guesses
 * sent one after the other; `attemptSucceeded` takes it back.
 */
export async function beginAttempt(tx: Tx, login: string, now: Date): Promise<Attempt> {
  const user = await tx
    .selectFrom('appUser')
    .select(['id', 'name', 'passwordHash', 'state', 'failedAttempts', 'lockedUntil'])
    .where(sql`lower(login)`, '=', login.toLowerCase())
    .forUpdate()
    .executeTakeFirst()
  if (!user) return { outcome: 'unknown' }
  if (user.lockedUntil && user.lockedUntil > now) return { outcome: 'locked', until: user.lockedUntil }
  const failedAttempts = user.failedAttempts + 1
  await tx
    .updateTable('appUser')
    .set({ failedAttempts, lockedUntil: lockedUntil(failedAttempts, now) })
    .where('id', '=', user.id)
    .execute()
  const { id, name, passwordHash } = user
  return { outcome: 'check', id, name, passwordHash, isActive: user.state === 'active' }
}

export async function attemptSucceeded(tx: Tx, userId: number, now: Date): Promise<void> {
  await tx
    .updateTable('appUser')
    .set({ failedAttempts: 0, lockedUntil: null, lastSignInAt: now })
    .where('id', '=', userId)
    .execute()
}

export async function passwordHashOf(db: Db, userId: number): Promise<string> {
  const user = await db
    .selectFrom('appUser')
    .select('passwordHash')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  return user.passwordHash
}

// ── first run ─────────────────────────────────────────────────────────────────────────────────────────────────────

export async function hasUsers(db: Db): Promise<boolean> {
  return (await db.selectFrom('appUser').select('id').limit(1).executeTakeFirst()) !== undefined
}

/** Two first visitors queue here; the second then finds a user. */
export async function lockFirstRun(tx: Tx): Promise<void> {
  await takeLock(tx, 'administrators')
}

export async function setGroupName(tx: Tx, name: string, now: Date): Promise<void> {
  const value = JSON.stringify({ name })
  await tx
    .insertInto('setting')
    .values({ key: 'group', value, updatedAt: now })
    .onConflict((row) => row.column('key').doUpdateSet({ value, updatedAt: now }))
    .execute()
}

const Group = z.object({ name: z.string() })

export async function groupOf(db: Db): Promise<{ name: string } | null> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', 'group').executeTakeFirst()
  return row ? Group.parse(row.value) : null
}

/** What a new installation still lacks. */
export async function emptiness(
  db: Db,
): Promise<{ sources: boolean; complaints: boolean; projects: boolean }> {
  const found = await sql<{ sources: boolean; complaints: boolean; projects: boolean }>`
    select not exists (select from source) as sources, not exists (select from complaint) as complaints,
      not exists (select from project) as projects
  `.execute(db)
  return found.rows[0] ?? { sources: true, complaints: true, projects: true }
}

// ── users ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The city companies a scope reaches, by name, also when it reaches only one of their projects. */
export function cityCompaniesOf(
  db: Db,
  scope: { all: boolean; cityCompanyIds: readonly number[]; projectIds: readonly number[] },
) {
  return db
    .selectFrom('cityCompany')
    .select(['id', 'name'])
    .$if(!scope.all, (query) =>
      query.where(
        sql<boolean>`(id = any(${[...scope.cityCompanyIds]}::int[])
          or id in (select city_company_id from project where id = any(${[...scope.projectIds]}::int[])))`,
      ),
    )
    .orderBy('code')
    .execute()
}

export async function listUsers(db: Db, page: { after: number; limit: number }) {
  const rows = await db
    .selectFrom('appUser')
    .select(['id', 'login', 'name', 'state', 'lockedUntil', 'lastSignInAt', 'createdAt'])
    .select(grantsOf('appUser.id'))
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit + 1)
    .execute()
  const shown = rows.slice(0, page.limit).map((row) => ({ ...row, roles: Grants.parse(row.roles) }))
  return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null }
}

export function userById(db: Db, id: number) {
  return db
    .selectFrom('appUser')
    .select(['id', 'login', 'name', 'state'])
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Undefined: the login is taken. */
export async function insertUser(
  tx: Tx,
  user: { login: string; name: string; passwordHash: string },
): Promise<number | undefined> {
  const row = await tx
    .insertInto('appUser')
    .values(user)
    .onConflict((target) => target.expression(sql`lower(login)`).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id
}

export async function updateUser(
  tx: Tx,
  id: number,
  change: {
    name?: string | undefined
    state?: 'active' | 'disabled' | undefined
    passwordHash?: string | undefined
  },
): Promise<void> {
  await tx.updateTable('appUser').set(change).where('id', '=', id).execute()
}

export async function unlockUser(tx: Tx, id: number): Promise<void> {
  await tx.updateTable('appUser').set({ failedAttempts: 0, lockedUntil: null }).where('id', '=', id).execute()
}

export type NewGrant = Pick<Grant, 'role' | 'cityCompanyId' | 'projectId'>

export async function setGrants(tx: Tx, userId: number, grants: readonly NewGrant[]): Promise<void> {
  await tx.deleteFrom('roleAssignment').where('userId', '=', userId).execute()
  if (grants.length === 0) return
  await tx
    .insertInto('roleAssignment')
    .values(grants.map((grant) => ({ userId, ...grant })))
    .onConflict((row) => row.doNothing())
    .execute()
}

/** Which of the named city companies and projects do not exist. */
export async function unknownPlaces(db: Db, grants: readonly NewGrant[]): Promise<boolean> {
  const cities = grants.map((grant) => grant.cityCompanyId).filter((id) => id !== null)
  const projects = grants.map((grant) => grant.projectId).filter((id) => id !== null)
  const found = await sql<{ unknown: boolean }>`
    select exists (select from unnest(${cities}::int[]) id where id not in (select id from city_company))
        or exists (select from unnest(${projects}::int[]) id where id not in (select id from project)) as unknown
  `.execute(db)
  return found.rows[0]?.unknown ?? false
}

export async function cityCompanyByCode(db: Db, code: string): Promise<number | undefined> {
  const row = await db.selectFrom('cityCompany').select('id').where('code', '=', code).executeTakeFirst()
  return row?.id
}

/** Locks the administrators that can still sign in for the whole group, so that two changes cannot each remove the other's last one. */
export async function activeAdministrators(tx: Tx): Promise<readonly number[]> {
  await takeLock(tx, 'administrators')
  const rows = await tx
    .selectFrom('appUser')
    .innerJoin('roleAssignment', 'roleAssignment.userId', 'appUser.id')
    .select('appUser.id')
    .where('roleAssignment.role', '=', 'administrator')
    .where('roleAssignment.cityCompanyId', 'is', null)
    .where('roleAssignment.projectId', 'is', null)
    .where('appUser.state', '=', 'active')
    .execute()
  return rows.map((row) => row.id)
}
