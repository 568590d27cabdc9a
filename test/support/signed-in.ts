import type { Role } from '../../server/access/permissions.ts'
import { hashOfToken, newToken, SESSION_COOKIE } from '../../server/access/session.ts'
import type { Db } from '../../server/db/connect.ts'
import { type TestApp, type Visitor, visitor } from './visitor.ts'

/** Somebody who is signed in already, without the cost of a password: in the whole group, or in one city company. */
export async function signedInAs(
  app: TestApp,
  db: Db,
  role: Role,
  given: { cityCompanyId?: number; now: Date },
): Promise<Visitor & { userId: number }> {
  const token = newToken()
  const { id } = await db
    .insertInto('appUser')
    .values({ login: `${role}-${token.slice(0, 8)}`, name: role, passwordHash: '-' })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('roleAssignment')
    .values({ userId: id, role, cityCompanyId: given.cityCompanyId ?? null, projectId: null })
    .execute()
  await db
    .insertInto('session')
    .values({
      tokenHash: hashOfToken(token),
      userId: id,
      createdAt: given.now,
      lastSeenAt: given.now,
      expiresAt: new Date(given.now.getTime() + 86_400_000),
    })
    .execute()
  const one = visitor(app)
  one.cookie = `${SESSION_COOKIE}=${token}`
  return Object.assign(one, { userId: id })
}
