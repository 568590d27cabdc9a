/**
 * Which catalogue texts are read with. Every version is kept whole with its files; `engine_switch` is the history, and its
 * last row is in force.
 *
 * When a new release ships other files: a shipped version in force gives way to it. A version that people edited stays in
 * force, the new files are kept beside it, and the pages offer to take them into the draft. Nothing of either is lost. Only
 * an edited version that the new release cannot read any more makes way, and the history says why.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { type Catalogue, CatalogueError, readCatalogue, type SourceFile } from '../../risk-catalog/load.ts'
import { Risk } from '../../risk-catalog/risk.ts'
import type { Db, Tx } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import { takeLock } from '../db/locks.ts'

/** A catalogue as it is kept, without its version. */
const Content = z.object({ risks: z.array(Risk), groups: z.record(z.string(), z.array(z.string())) })
const Files = z.array(z.object({ path: z.string(), text: z.string() }))

/** What is shipped, as read and as written. */
export interface Shipped {
  catalogue: Catalogue
  files: readonly SourceFile[]
}

/** Whoever switches waits for batches of the analysis that run by the old version; see `holdEngine` there. */
async function lockEngine(tx: Tx): Promise<void> {
  await takeLock(tx, 'engine')
}

/** At start: puts the shipped catalogue in force, or keeps it ready beside an edited one. True when what is in force changed. */
export function installCatalogue(
  db: Db,
  catalogue: Catalogue,
  files: readonly SourceFile[] = [],
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    // Processes that start together install one after the other.
    await lockEngine(tx)
    await keepShipped(tx, { catalogue, files })
    const running = await engineInForce(tx)
    if (!running) return putInForce(tx, catalogue, { kind: 'release', modelVersion: null })
    const { modelVersion } = running
    if (running.catalogVersion === catalogue.version) return false
    if (running.origin === 'shipped') return putInForce(tx, catalogue, { kind: 'release', modelVersion })
    const edited = await filesOf(tx, running.catalogVersion)
    const read = tryToRead(edited ?? [])
    if ('problems' in read) {
      return putInForce(tx, catalogue, { kind: 'fallback', modelVersion, reason: read.problems })
    }
    // The same files may mean more to a new release (a key it knows, with a default): then they are a version of their own.
    if (read.version === running.catalogVersion) return false
    await keepEdited(tx, { catalogue: read, files: edited ?? [] }, running.baseVersion, null)
    return putInForce(tx, read, { kind: 'release', modelVersion })
  })
}

function tryToRead(files: readonly SourceFile[]): Catalogue | { problems: string } {
  try {
    return readCatalogue(files)
  } catch (error) {
    if (error instanceof CatalogueError) return { problems: error.message.slice(0, 2_000) }
    throw error
  }
}

export const contentOf = ({ risks, groups }: Catalogue) => JSON.stringify({ risks, groups })

export const catalogueFrom = (content: unknown, version: string): Catalogue => ({
  ...Content.parse(content),
  version,
})

/** The shipped version that was loaded last is that of the running product. */
async function keepShipped(tx: Tx, { catalogue, files }: Shipped): Promise<void> {
  const given = files.length > 0 ? JSON.stringify(files) : null
  await sql`
    insert into catalog_version as kept (version, content, files)
    values (${catalogue.version}, ${contentOf(catalogue)}::jsonb, ${given}::jsonb)
    on conflict (version) do update set files = coalesce(kept.files, excluded.files),
      loaded_at = case when exists (
        select from catalog_version newer where newer.origin = 'shipped' and newer.loaded_at > kept.loaded_at
      ) then now() else kept.loaded_at end`.execute(tx)
}

export async function keepEdited(
  tx: Tx,
  { catalogue, files }: Shipped,
  baseVersion: string | null,
  createdBy: number | null,
): Promise<void> {
  await tx
    .insertInto('catalogVersion')
    .values({
      version: catalogue.version,
      content: contentOf(catalogue),
      files: JSON.stringify(files),
      origin: 'edited',
      baseVersion,
      createdBy,
    })
    .onConflict((row) => row.column('version').doNothing())
    .execute()
}

export interface Switch {
  kind: 'release' | 'switch-on' | 'roll-back' | 'fallback'
  modelVersion: string | null
  by?: number
  reason?: string
}

/** The `risk` table, which lists join, follows in the same transaction. */
export async function putInForce(
  tx: Tx,
  catalogue: Catalogue,
  { kind, modelVersion, by, reason }: Switch,
): Promise<true> {
  await lockEngine(tx)
  await tx
    .insertInto('engineSwitch')
    .values({
      kind,
      catalogVersion: catalogue.version,
      modelVersion,
      byId: by ?? null,
      reason: reason ?? null,
    })
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
}

export interface EngineInForce {
  catalogVersion: string
  /** null: the shipped weights. */
  modelVersion: string | null
  origin: 'shipped' | 'edited'
  /** Of an edited version, the shipped one it grew from. */
  baseVersion: string | null
}

export function engineInForce(db: Db): Promise<EngineInForce | undefined> {
  return db
    .selectFrom('engineSwitch')
    .innerJoin('catalogVersion', 'catalogVersion.version', 'engineSwitch.catalogVersion')
    .select(['catalogVersion.version as catalogVersion', 'engineSwitch.modelVersion'])
    .select(['catalogVersion.origin', 'catalogVersion.baseVersion'])
    .orderBy('engineSwitch.id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** A version as it was read when it was kept: a hundred times quicker than reading its files. */
export async function catalogueOf(db: Db, version: string): Promise<Catalogue> {
  const { content } = await db
    .selectFrom('catalogVersion')
    .select('content')
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
  return catalogueFrom(content, version)
}

/** The files of a version as written; undefined: an old one, kept without them. */
export async function filesOf(db: Db, version: string): Promise<readonly SourceFile[] | undefined> {
  const row = await db
    .selectFrom('catalogVersion')
    .select('files')
    .where('version', '=', version)
    .executeTakeFirst()
  return row?.files == null ? undefined : Files.parse(row.files)
}

/** Equal weights have one version: kept once. */
export async function keepModel(
  tx: Tx,
  model: { version: string; weights: Uint8Array; rowCount: number; createdBy: number },
): Promise<void> {
  await tx
    .insertInto('engineModel')
    .values({ ...model, weights: Buffer.from(model.weights) })
    .onConflict((row) => row.column('version').doNothing())
    .execute()
}

export async function weightsOf(db: Db, version: string): Promise<Uint8Array> {
  const { weights } = await db
    .selectFrom('engineModel')
    .select('weights')
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
  return weights
}

/** The catalogue of the running product, whether in force or not. */
export function shippedVersion(db: Db) {
  return db
    .selectFrom('catalogVersion')
    .select(['version', 'loadedAt'])
    .where('origin', '=', 'shipped')
    .orderBy('loadedAt', 'desc')
    .limit(1)
    .executeTakeFirst()
}

const HISTORY = 30

/** What was in force, newest first. */
export function switches(db: Db) {
  return db
    .selectFrom('engineSwitch')
    .innerJoin('catalogVersion', 'catalogVersion.version', 'engineSwitch.catalogVersion')
    .leftJoin('appUser', 'appUser.id', 'engineSwitch.byId')
    .select(['engineSwitch.id', 'engineSwitch.at', 'engineSwitch.kind', 'engineSwitch.catalogVersion'])
    .select(['engineSwitch.modelVersion', 'engineSwitch.reason', 'appUser.name as by'])
    .select(['catalogVersion.origin'])
    .select(sql<boolean>`catalog_version.files is not null`.as('isKept'))
    .orderBy('engineSwitch.id', 'desc')
    .limit(HISTORY)
    .execute()
}

export function switchById(db: Db, id: number) {
  return db
    .selectFrom('engineSwitch')
    .select(['catalogVersion', 'modelVersion'])
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Stored texts that still wait for the version in force; counted up to a bound, beyond which only «many» is told. */
export async function waitingTexts(db: Db): Promise<number> {
  const counted = await sql<{ waiting: number }>`
    select (select count(*) from (select from document_analysis where analysed_version is null limit 200000) d)
      + (select count(*) from (select from complaint_analysis where analysed_version is null limit 200000) c) as waiting
  `.execute(db)
  return counted.rows[0]?.waiting ?? 0
}
