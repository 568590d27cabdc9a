import { expect, test } from 'vitest'
import { hashPassword } from '../../server/access/password.ts'
import { recordAudit } from '../../server/audit/store.ts'
import { createApp } from '../../server/http/app.ts'
import { testDatabase } from '../support/database.ts'
import { testServices } from '../support/services.ts'
import { visitor } from '../support/visitor.ts'

const database = await testDatabase()
const { db } = database
const app = createApp(testServices(database))

const [city] = await db
  .insertInto('cityCompany')
  .values({ code: 'A', name: '甲城公司', city: '甲城' })
  .returning('id')
  .execute()
const passwordHash = await hashPassword('three calm herons')
async function auditor(login: string, cityCompanyId: number | null) {
  const { id } = await db
    .insertInto('appUser')
    .values({ login, name: login, passwordHash })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('roleAssignment')
    .values({ userId: id, role: 'auditor', cityCompanyId, projectId: null })
    .execute()
  const one = visitor(app)
  await one.signIn(login, 'three calm herons')
  return async (path: string) => {
    const answer = await one.get(path)
    const body = (await answer.json()) as {
      rows: { action: string }[]
      next: number | null
      firstBroken: number | null
    }
    return { status: answer.status, body, actions: body.rows?.map((row) => row.action) }
  }
}
for (const [action, cityCompanyId] of [
  ['warning.lift', city!.id],
  ['warning.publish', null],
  ['complaint.reveal', city!.id],
] as const) {
  await db
    .transaction()
    .execute((tx) =>
      recordAudit(tx, { action, subject: { kind: action.split('.')[0]!, id: 7 }, cityCompanyId }),
    )
}
const ask = await auditor('headquarters', null)

test('the trail is filtered by feature, subject and time, and read page by page', async () => {
  expect((await ask('/api/audit?action=warning.')).actions).toEqual(['warning.publish', 'warning.lift'])
  expect((await ask('/api/audit?subjectKind=complaint&subjectId=7')).actions).toEqual(['complaint.reveal'])
  expect((await ask('/api/audit?until=2020-01-01')).actions).toEqual([])
  const first = await ask('/api/audit?limit=1&action=warning.')
  expect(first.actions).toEqual(['warning.publish'])
  const second = await ask(`/api/audit?limit=1&action=warning.&after=${first.body.next}`)
  expect([second.actions, second.body.next]).toEqual([['warning.lift'], null])
})

test('the chain is checked on request', async () => {
  expect((await ask('/api/audit/verify')).body).toEqual({ firstBroken: null })
})

test("an auditor of one city company sees that city's entries only", async () => {
  const askInCity = await auditor('in-city', city!.id)
  expect((await askInCity('/api/audit')).actions).toEqual(['complaint.reveal', 'warning.lift'])
  expect((await askInCity('/api/audit/verify')).status).toBe(403)
})
