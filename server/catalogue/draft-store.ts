import { sql } from 'kysely'
import { z } from 'zod'
import type { Catalogue, Problem, SourceFile } from '../../risk-catalog/load.ts'
import type { Db, Tx } from '../db/connect.ts'
import { takeLock } from '../db/locks.ts'
import { catalogueFrom, contentOf } from './catalog-store.ts'
import type { FailingExample } from './draft.ts'

const Failing = z.array(z.object({ risk: z.string(), kind: z.enum(['hit', 'miss']), text: z.string() }))
/** A draft that an earlier release checked has its problems in English alone. */
const Problems = z.array(
  z
    .object({
      file: z.string(),
      line: z.number(),
      column: z.number(),
      message: z.string(),
      zh: z.string().optional(),
    })
    .transform((problem) => ({ ...problem, zh: problem.zh ?? problem.message })),
)

export interface DraftFile extends SourceFile {
  revision: number
  changedBy: string | null
  changedAt: Date
}

export interface Draft {
  baseVersion: string
  /** null: its files do not fit together, see `problems`. */
  version: string | null
  failing: FailingExample[]
  problems: Problem[]
  modelVersion: string | null
  changedBy: string | null
  changedAt: Date
  files: DraftFile[]
}

/** Writers of the draft queue here, so that a revision read is the one that is replaced. */
export async function lockDraft(tx: Tx): Promise<void> {
  await takeLock(tx, 'draft')
}

export async function readDraftRow(db: Db): Promise<Draft | undefined> {
  const row = await db
    .selectFrom('catalogueDraft')
    .leftJoin('appUser', 'appUser.id', 'catalogueDraft.changedBy')
    .select(['baseVersion', 'version', 'failing', 'problems', 'modelVersion', 'changedAt'])
    .select('appUser.name as changedBy')
    .executeTakeFirst()
  if (!row) return undefined
  const files = await db
    .selectFrom('catalogueDraftFile')
    .leftJoin('appUser', 'appUser.id', 'catalogueDraftFile.changedBy')
    .select(['path', 'text', 'revision', 'changedAt', 'appUser.name as changedBy'])
    .orderBy('path')
    .execute()
  return { ...row, failing: Failing.parse(row.failing), problems: Problems.parse(row.problems), files }
}

/** What the draft's files said when they were saved; undefined: there is no draft, or they do not fit together. */
export async function draftCatalogue(db: Db): Promise<Catalogue | undefined> {
  const row = await db.selectFrom('catalogueDraft').select(['version', 'content']).executeTakeFirst()
  return row?.version == null ? undefined : catalogueFrom(row.content, row.version)
}

export interface DraftState {
  baseVersion: string
  /** undefined: the files do not fit together. */
  catalogue: Catalogue | undefined
  failing: readonly FailingExample[]
  problems: readonly Problem[]
  modelVersion: string | null
}

/** Writes the draft as a whole: these are its changed files, with the revision each is to have. */
export async function writeDraft(
  tx: Tx,
  state: DraftState,
  files: readonly { path: string; text: string; revision: number; isNew: boolean }[],
  by: { id: number; now: Date },
): Promise<void> {
  const row = {
    baseVersion: state.baseVersion,
    version: state.catalogue?.version ?? null,
    content: state.catalogue ? contentOf(state.catalogue) : null,
    failing: JSON.stringify(state.failing),
    problems: JSON.stringify(state.problems),
    modelVersion: state.modelVersion,
    changedBy: by.id,
    changedAt: by.now,
  }
  await tx
    .insertInto('catalogueDraft')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
  await tx
    .deleteFrom('catalogueDraftFile')
    .where('path', '<>', sql<string>`all(${files.map((file) => file.path)}::text[])`)
    .execute()
  const changed = files.filter((file) => file.isNew)
  if (changed.length === 0) return
  await tx
    .insertInto('catalogueDraftFile')
    .values(
      changed.map(({ path, text, revision }) => ({
        path,
        text,
        revision,
        changedBy: by.id,
        changedAt: by.now,
      })),
    )
    .onConflict((conflict) =>
      conflict.column('path').doUpdateSet((row) => ({
        text: row.ref('excluded.text'),
        revision: row.ref('excluded.revision'),
        changedBy: row.ref('excluded.changedBy'),
        changedAt: row.ref('excluded.changedAt'),
      })),
    )
    .execute()
}

/** Gives the draft another model; without one it begins a draft that changes no file of what is in force. */
export async function setDraftModel(
  tx: Tx,
  runningVersion: string,
  { modelVersion, failing: failed }: { modelVersion: string; failing: readonly FailingExample[] },
  by: { id: number; now: Date },
): Promise<void> {
  const failing = JSON.stringify(failed)
  const changed = { modelVersion, failing, changedBy: by.id, changedAt: by.now }
  await tx
    .insertInto('catalogueDraft')
    .columns(['baseVersion', 'version', 'content', 'modelVersion', 'failing', 'changedBy', 'changedAt'])
    .expression((row) =>
      row
        .selectFrom('catalogVersion')
        .select(['version as baseVersion', 'version', 'content'])
        .select([sql.val(modelVersion).as('modelVersion'), sql<string>`${failing}::jsonb`.as('failing')])
        .select(sql.val(by.id).as('changedBy'))
        .select(sql.val(by.now).as('changedAt'))
        .where('version', '=', runningVersion),
    )
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute()
}

export async function dropDraft(tx: Tx): Promise<void> {
  await tx.deleteFrom('catalogueDraftFile').execute()
  await tx.deleteFrom('catalogueDraft').execute()
}
