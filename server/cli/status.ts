import { sql } from 'kysely'
import { engineInForce } from '../catalogue/catalog-store.ts'
import type { Product } from '../product.ts'
import type { Io } from './io.ts'

/** `status`: one line of JSON with what is stored, what waits and what ran last. */
export async function runStatus(_args: readonly string[], io: Io, product: Product): Promise<number> {
  const { db } = product.database
  const counted = await sql<Record<string, number>>`
    select
      (select count(*) from project) as projects,
      (select count(*) from source) as sources,
      (select count(*) from source where state = 'active') as "activeSources",
      (select count(*) from document) as documents,
      (select count(*) from mention) as mentions,
      (select count(*) from complaint) as complaints,
      (select count(*) from complaint where closed_at is null) as "openComplaints",
      (select count(*) from signal) as signals,
      (select count(*) from document_analysis where analysed_version is null)
        + (select count(*) from complaint_analysis where analysed_version is null) as "waitingForAnalysis",
      (select count(*) from scoring_due) as "waitingForScoring",
      (select count(*) from warning_due) as "waitingForWarnings"
  `.execute(db)
  const warnings = await db
    .selectFrom('warning')
    .select((row) => ['level', row.fn.countAll<number>().as('open')])
    .where('closedAt', 'is', null)
    .groupBy('level')
    .orderBy('level')
    .execute()
  const beats = await db.selectFrom('heartbeat').select(['key', 'at']).orderBy('key').execute()
  io.stdout.write(
    `${JSON.stringify({
      version: product.config.version,
      catalogue: (await engineInForce(db))?.catalogVersion,
      ...counted.rows[0],
      openWarnings: Object.fromEntries(warnings.map(({ level, open }) => [level, open])),
      lastRun: Object.fromEntries(beats.map(({ key, at }) => [key, at.toISOString()])),
    })}\n`,
  )
  return 0
}
