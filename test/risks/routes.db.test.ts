import { expect, test } from 'vitest'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { hashPassword } from '../../server/access/password.ts'
import { installCatalogue } from '../../server/catalogue/catalog-store.ts'
import { createApp } from '../../server/http/app.ts'
import { testDatabase } from '../support/database.ts'
import { addComplaint, addMention, seedGround } from '../support/evidence.ts'
import { testServices } from '../support/services.ts'
import { visitor } from '../support/visitor.ts'

const database = await testDatabase()
const { db } = database
// 00:30 on 22 November in Shanghai.
const now = new Date('2026-11-21T16:30:00Z')
const app = createApp(testServices(database, { now: () => now }))
const PASSWORD = 'three calm herons'
const passwordHash = await hashPassword(PASSWORD)

const ground = await seedGround(db, { cities: 2 })
await installCatalogue(db, loadCatalogue('risk-catalog'))
const [here, there] = ground.cities.map((city) => city.projectIds[0] ?? 0) as [number, number]
const days = (n: number) => new Date(now.getTime() - n * 86_400_000)

async function expose(projectId: number, level: 'I' | 'II' | null) {
  const cell = {
    projectId,
    riskCode: 'DE3',
    likelihood: 0.5,
    impact: 0.5,
    confidence: 0.5,
    dataState: 'sufficient',
  }
  const { id } = await db
    .insertInto('assessment')
    .values({
      ...cell,
      level,
      computedAt: now,
      likelihoodBand: 3,
      impactBand: 3,
      factors: '[]',
      policyVersion: ground.policyVersion,
      catalogVersion: 'test',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('exposure')
    .values({
      ...cell,
      level,
      assessmentId: id,
      mentionCount: 1,
      negativeCount: 1,
      complaintCount: 1,
      openComplaintCount: 1,
      familyCount: 1,
      complainantCount: 1,
      householdCount: 1,
      computedAt: now,
      lastEvidenceAt: now,
    })
    .execute()
}
await expose(here, 'II')
await expose(there, 'I')
await addMention(db, ground, { projectId: here, riskCode: 'DE3' }, { at: now, state: 'confirmed' })
await addMention(db, ground, { projectId: here, riskCode: 'DE3' }, { at: days(1), state: 'rejected' })
await addMention(db, ground, { projectId: there, riskCode: 'DE3' }, { at: days(1) })
await addMention(db, ground, { projectId: here, riskCode: 'DE3' }, { at: days(120), state: 'confirmed' })
await addComplaint(db, ground, { projectId: here, riskCode: 'DE3' }, { at: days(2) })

async function reader(role: string, cityCompanyId: number | null) {
  const login = `${role}-${cityCompanyId}`
  const { id } = await db
    .insertInto('appUser')
    .values({ login, name: role, passwordHash })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('roleAssignment').values({ userId: id, role, cityCompanyId, projectId: null }).execute()
  const one = visitor(app)
  await one.signIn(login, PASSWORD)
  return one
}
const headquarters = await reader('crisis-leader', null)
const city = await reader('general-manager', ground.cities[0]?.id ?? 0)

test('the catalogue is listed whole, in its order, with its version', async () => {
  const { risks, catalogue } = await (await headquarters.get('/api/risks')).json()
  expect(risks).toHaveLength(28)
  expect(risks.slice(0, 2).map((risk: { code: string }) => risk.code)).toEqual(['PS1', 'PS2'])
  expect(catalogue.version).toMatch(/^[0-9a-f]{12}$/)
})

test('where a risk burns and what people said of it is told within the reader’s scope', async () => {
  const listed = async (one: typeof city) => {
    const { risks } = await (await one.get('/api/risks')).json()
    const { levels, verdicts } = risks.find((risk: { code: string }) => risk.code === 'DE3')
    return { levels, verdicts }
  }
  expect(await listed(headquarters)).toEqual({
    levels: { I: 1, II: 1, III: 0, IV: 0 },
    verdicts: { proposed: 2, confirmed: 1, rejected: 1 },
  })
  expect(await listed(city)).toEqual({
    levels: { I: 0, II: 1, III: 0, IV: 0 },
    verdicts: { proposed: 1, confirmed: 1, rejected: 1 },
  })
})

test('one risk shows the gravest project first, and no project of another city', async () => {
  const all = await (await headquarters.get('/api/risks/DE3')).json()
  expect(all.burning.map((row: { level: string }) => row.level)).toEqual(['I', 'II'])
  const own = await (await city.get('/api/risks/DE3')).json()
  expect(own.burning.map((row: { projectId: number }) => row.projectId)).toEqual([here])
  expect(JSON.stringify(own)).not.toContain('城市公司2')
})

test('evidence is counted per Shanghai day, rejected finds left out, empty days kept', async () => {
  const own = await (await city.get('/api/risks/DE3')).json()
  expect(own.days).toHaveLength(60)
  expect(own.days.slice(-3)).toEqual([
    { day: '2026-11-20', mentions: 0, complaints: 1 },
    { day: '2026-11-21', mentions: 0, complaints: 0 },
    { day: '2026-11-22', mentions: 1, complaints: 0 },
  ])
})

test('an unknown code is not found, and a stranger is asked to sign in', async () => {
  expect((await headquarters.get('/api/risks/XX9')).status).toBe(404)
  expect((await visitor(app).get('/api/risks')).status).toBe(401)
})
