import { hashPassword } from '../../server/access/password.ts'
import type { Role } from '../../server/access/permissions.ts'
import type { Db } from '../../server/db/connect.ts'
import { type TestApp, type Visitor, visitor } from './visitor.ts'

let serial = 0

/** Someone with these roles, signed in. */
export async function person(
  db: Db,
  app: TestApp,
  as: { role: Role | readonly Role[]; cityCompanyId?: number; login?: string },
): Promise<Visitor & { id: number }> {
  serial += 1
  const login = as.login ?? `person-${serial}`
  const password = 'three calm herons'
  const { id } = await db
    .insertInto('appUser')
    .values({ login, name: login, passwordHash: await hashPassword(password) })
    .returning('id')
    .executeTakeFirstOrThrow()
  const held = [as.role].flat()
  if (held.length > 0) {
    await db
      .insertInto('roleAssignment')
      .values(
        held.map((role) => ({ userId: id, role, cityCompanyId: as.cityCompanyId ?? null, projectId: null })),
      )
      .execute()
  }
  const one = visitor(app)
  const answer = await one.signIn(login, password)
  if (!answer.ok) throw new Error(`${login} could not sign in: ${answer.status}`)
  return Object.assign(one, { id })
}
