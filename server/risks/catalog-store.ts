import { sql } from 'kysely'
import type { Catalogue } from '../../risk-catalog/load.ts'
import type { Db } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'

/**
 * Puts the catalogue in force: a version not seen before is kept whole, and the `risk` table, which lists join, follows.
 * True when it changed, so that texts are read again.
 */
export function installCatalogue(db: Db, catalogue: Catalogue): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    // Processes that start together install one after the other.
    await sql`select pg_advisory_xact_lock(714002)`.execute(tx)
    const inForce = await tx.selectFrom('risk').select('catalogVersion').distinct().execute()
    if (inForce.length === 1 && inForce[0]?.catalogVersion === catalogue.version) return false
    await tx
      .insertInto('catalogVersion')
      .values({
        version: catalogue.version,
        content: JSON.stringify({ risks: catalogue.risks, groups: catalogue.groups }),
      })
      .onConflict((row) => row.column('version').doNothing())
      .execute()
    await tx.deleteFrom('risk').execute()
    await tx
      .insertInto('risk')
      .values(
        catalogue.risks.map((risk, position) => ({
          code: risk.code,
          phase: risk.phase,
          position,
          nameZh: risk.name.zh,
          nameEn: risk.name.en,
          severity: risk.severity,
          clause: risk.clause,
          definition: JSON.stringify(risk),
          catalogVersion: catalogue.version,
        })),
      )
      .execute()
    return true
  })
}
