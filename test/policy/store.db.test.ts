import { expect, test } from 'vitest'
import { defaultPolicy } from '../../server/policy/policy.ts'
import { currentPolicy, ensureDefaultPolicy, policyVersions } from '../../server/policy/store.ts'
import { rolledBack, testDatabase } from '../support/database.ts'

const { db } = await testDatabase()
const now = new Date('2026-03-01T00:00:00Z')

test('starting twice stores the shipped numbers once, in force for the whole past', () =>
  rolledBack(db, async (tx) => {
    await ensureDefaultPolicy(tx, now)
    await ensureDefaultPolicy(tx, now)
    expect(await policyVersions(tx)).toHaveLength(1)
    expect((await currentPolicy(tx, new Date('2020-01-01T00:00:00Z'))).policy).toEqual(defaultPolicy)
  }))

test('S0-17: a later version holds from its effective date on, and a new release does not replace it', () =>
  rolledBack(db, async (tx) => {
    await ensureDefaultPolicy(tx, now)
    const { id } = await tx
      .insertInto('appUser')
      .values({ login: 'hq', name: '总部营销', passwordHash: '-' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const changed = structuredClone(defaultPolicy)
    changed.warnings.coolDownHours = 12
    await tx
      .insertInto('policyVersion')
      .values({
        contentHash: 'changed',
        content: JSON.stringify(changed),
        effectiveFrom: new Date('2026-04-01T00:00:00Z'),
        createdBy: id,
        reason: '缩短冷却时间',
      })
      .execute()
    await ensureDefaultPolicy(tx, now)
    expect(await policyVersions(tx)).toHaveLength(2)
    const before = await currentPolicy(tx, new Date('2026-03-31T23:59:59Z'))
    const after = await currentPolicy(tx, new Date('2026-04-01T00:00:00Z'))
    expect(before.policy.warnings.coolDownHours).toBe(defaultPolicy.warnings.coolDownHours)
    expect(after.policy.warnings.coolDownHours).toBe(12)
  }))

test('numbers that a new release ships follow the older shipped ones', () =>
  rolledBack(db, async (tx) => {
    await tx
      .insertInto('policyVersion')
      .values({ contentHash: 'old', content: '{}', effectiveFrom: new Date(0), reason: 'shipped' })
      .execute()
    await ensureDefaultPolicy(tx, now)
    const inForce = await currentPolicy(tx, now)
    expect(inForce.policy).toEqual(defaultPolicy)
    expect((await policyVersions(tx)).map((version) => version.version)).toEqual([
      inForce.version,
      inForce.version - 1,
    ])
  }))
