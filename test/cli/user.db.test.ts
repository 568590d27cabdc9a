import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { verifyPassword } from '../../server/access/password.ts'
import { runUser } from '../../server/cli/user.ts'
import { testDatabase } from '../support/database.ts'

const { db } = await testDatabase()
await db.insertInto('cityCompany').values({ code: 'NJ', name: '南江公司', city: '南江' }).execute()

async function run(line: string, stdin = '') {
  const io = { stdin: Readable.from([stdin]), stdout: new PassThrough(), stderr: new PassThrough() }
  const status = await runUser(line.split(' '), io, db)
  io.stdout.end()
  io.stderr.end()
  return { status, out: await text(io.stdout), err: await text(io.stderr) }
}

test('a user is added for one city company, with a password that is told once and fits', async () => {
  const { status, out } = await run('add --login agent --name 客服 --role desk-agent --city-company NJ')
  expect(status).toBe(0)
  const told = JSON.parse(out) as { id: number; password: string }
  const user = await db.selectFrom('appUser').selectAll().where('id', '=', told.id).executeTakeFirstOrThrow()
  expect(await verifyPassword(user.passwordHash, told.password)).toBe(true)
  expect(await db.selectFrom('roleAssignment').selectAll().where('userId', '=', told.id).execute()).toEqual([
    { userId: told.id, role: 'desk-agent', cityCompanyId: 1, projectId: null },
  ])
  expect(await db.selectFrom('auditEntry').select(['actor', 'action']).execute()).toEqual([
    { actor: 'system', action: 'user.create' },
  ])
})

test('a password on standard input is used and not repeated', async () => {
  const { status, out } = await run(
    'add --login typed --name 甲 --role auditor --password-stdin',
    'three calm herons\n',
  )
  expect(status).toBe(0)
  expect(out).not.toContain('herons')
  const user = await db
    .selectFrom('appUser')
    .select('passwordHash')
    .where('login', '=', 'typed')
    .executeTakeFirstOrThrow()
  expect(await verifyPassword(user.passwordHash, 'three calm herons')).toBe(true)
})

test.each([
  ['add --login agent --name 乙 --role auditor', 1, 'choose another'],
  ['add --login other --name 乙 --role desk-agent --city-company XX', 1, '«XX»: the page Projects'],
  ['add --login other --name 乙 --role king', 2, 'no role «king»'],
  ['add --login other --name 乙 --role administrator --city-company NJ', 2, 'whole group'],
  ['remove --login other', 2, 'user add'],
  ['add --login other --wrong', 2, 'usage'],
])('«user %s» fails with status %i and says %s', async (line, status, says) => {
  const answer = await run(line)
  expect(answer.status).toBe(status)
  expect(answer.err).toContain(says)
  expect(answer.out).toBe('')
})

test('a weak password on standard input adds nobody', async () => {
  const answer = await run('add --login weak --name 丙 --role auditor --password-stdin', '1234567890')
  expect(answer).toMatchObject({ status: 1, err: expect.stringContaining('give 10 to 200 characters') })
  expect(await db.selectFrom('appUser').select('id').where('login', '=', 'weak').execute()).toEqual([])
})
