import { randomBytes } from 'node:crypto'
import type { z } from 'zod'
import { openVault } from '../../server/access/vault.ts'
import { installCatalogue } from '../../server/catalogue/catalog-store.ts'
import { caseOf, Registration } from '../../server/complaints/case.ts'
import { insertCases } from '../../server/complaints/store.ts'
import type { Db } from '../../server/db/connect.ts'
import { currentPolicy, ensureDefaultPolicy } from '../../server/policy/store.ts'
import { smallCatalogue } from '../analysis/small-catalogue.ts'

export const vault = openVault(randomBytes(32))

/** Two city companies with a project each, a catalogue and a policy: what a ledger stands on. */
export async function seedLedger(db: Db) {
  await db.transaction().execute((tx) => ensureDefaultPolicy(tx, new Date(0)))
  await installCatalogue(db, smallCatalogue)
  const places = []
  for (const [code, city, estate] of [
    ['JZ', '嘉州市', '云境花园'],
    ['LH', '临湖市', '观澜里'],
  ] as const) {
    const { id: cityCompanyId } = await db
      .insertInto('cityCompany')
      .values({ code, name: `${city.slice(0, 2)}公司`, city })
      .returning('id')
      .executeTakeFirstOrThrow()
    const { id: projectId } = await db
      .insertInto('project')
      .values({ cityCompanyId, code: `${code}-1`, name: estate, city, stage: 'DE' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const { id: departmentId } = await db
      .insertInto('department')
      .values({ cityCompanyId, kind: 'engineering', name: '工程部' })
      .returning('id')
      .executeTakeFirstOrThrow()
    places.push({ cityCompanyId, projectId, departmentId })
  }
  const [here, there] = places
  if (!here || !there) throw new Error('two places were made')
  return { here, there }
}

export async function register(
  db: Db,
  place: { cityCompanyId: number; projectId?: number },
  given: Partial<z.input<typeof Registration>> = {},
  now = new Date('2026-05-20T02:00:00Z'),
) {
  const { version, policy } = await currentPolicy(db, now)
  const registration = Registration.parse({
    channel: 'phone',
    content: '客厅外墙渗水,多次报修无人处理',
    ...(place.projectId === undefined
      ? { cityCompanyId: place.cityCompanyId }
      : { projectId: place.projectId }),
    ...given,
  })
  const [stored] = await db.transaction().execute((tx) =>
    insertCases(tx, vault, [caseOf(registration, place.cityCompanyId, now)], {
      grade: { version, policy: policy.grading },
      now,
      action: 'register',
    }),
  )
  if (!stored) throw new Error('nothing was stored')
  return stored
}

/** A link of a case to a risk, as the analysis writes it. */
export async function link(
  db: Db,
  complaintId: number,
  projectId: number,
  riskCode = 'DE5',
  more: { strength?: number; state?: 'proposed' | 'confirmed' | 'rejected' } = {},
) {
  const { id } = await db
    .insertInto('signal')
    .values({
      kind: 'complaint',
      complaintId,
      projectId,
      riskCode,
      strength: more.strength ?? 0.8,
      state: more.state ?? 'proposed',
      because: JSON.stringify([{ rule: 'leak', terms: [{ text: '渗水', start: 4, end: 6, field: 'text' }] }]),
      occurredAt: new Date('2026-05-20T02:00:00Z'),
      analysisVersion: '1',
      catalogVersion: smallCatalogue.version,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('scoringDue')
    .values({ projectId, riskCode })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return id
}
