import { createHash } from 'node:crypto'
import type { Db, Tx } from '../db/connect.ts'
import { defaultPolicy, type Policy, readPolicy } from './policy.ts'

export interface PolicyInForce {
  version: number
  policy: Policy
}

// The content behind a hash never changes, so one reading serves every database of this process.
const readings = new Map<string, Policy>()

/** The version in force at `now`: of those that have begun, the one that begins last. */
export async function currentPolicy(db: Db, now: Date): Promise<PolicyInForce> {
  const inForce = await db
    .selectFrom('policyVersion')
    .select(['version', 'contentHash'])
    .where('effectiveFrom', '<=', now)
    .orderBy('effectiveFrom', 'desc')
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!inForce) throw new Error('no policy is in force: ensureDefaultPolicy runs at start')
  const known = readings.get(inForce.contentHash)
  if (known) return { version: inForce.version, policy: known }
  const { content } = await db
    .selectFrom('policyVersion')
    .select('content')
    .where('version', '=', inForce.version)
    .executeTakeFirstOrThrow()
  const policy = readPolicy(content)
  readings.set(inForce.contentHash, policy)
  return { version: inForce.version, policy }
}

/**
 * At start: stores the shipped numbers as a version when there is none, or when the newest is still an older set of
 * shipped ones. A version that people made is never replaced. Starting twice, or in two processes, stores one.
 */
export async function ensureDefaultPolicy(tx: Tx, now: Date): Promise<void> {
  const newest = await tx
    .selectFrom('policyVersion')
    .select(['version', 'createdBy', 'contentHash', 'effectiveFrom'])
    .orderBy('effectiveFrom', 'desc')
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  const contentHash = hashOf(defaultPolicy)
  if (newest && (newest.createdBy !== null || newest.contentHash === contentHash)) return
  await tx
    .insertInto('policyVersion')
    .values({
      contentHash,
      content: JSON.stringify(defaultPolicy),
      // The first version holds for the whole past, so that imported history is judged by it.
      effectiveFrom: newest ? now : new Date(0),
      reason: newest ? 'numbers shipped with a new release' : 'numbers shipped with the product',
    })
    // The same numbers shipped again after others: they come into force anew.
    .onConflict((conflict) =>
      conflict.column('contentHash').doUpdateSet({ effectiveFrom: newest ? now : new Date(0) }),
    )
    .execute()
}

export function policyVersions(db: Db) {
  return db
    .selectFrom('policyVersion')
    .leftJoin('appUser', 'appUser.id', 'policyVersion.createdBy')
    .select([
      'policyVersion.version',
      'policyVersion.effectiveFrom',
      'policyVersion.reason',
      'policyVersion.createdAt',
      'appUser.name as createdBy',
    ])
    .orderBy('policyVersion.effectiveFrom', 'desc')
    .orderBy('policyVersion.version', 'desc')
    .execute()
}

/** Hash of the content with sorted keys: the order in which a file writes them does not count. */
function hashOf(policy: Policy): string {
  const sorted = JSON.stringify(policy, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
  return createHash('sha256').update(sorted).digest('hex')
}
