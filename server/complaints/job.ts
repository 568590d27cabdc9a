import { createHash } from 'node:crypto'
import type { ComplaintCapture, Items } from '../../collectors/collector.ts'
import { isInScope, type Scope } from '../access/scope.ts'
import type { Vault } from '../access/vault.ts'
import { recordAudit } from '../audit/store.ts'
import type { Db, Tx } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { currentPolicy } from '../policy/store.ts'
import { cityCompanyNamed, putCityCompany } from '../projects/store.ts'
import { keptEngine, projectMeant } from './engine.ts'
import { type Gradable, gradable, openCasesAfter, openCasesOfDueCells, saveGrades } from './grade-store.ts'
import { type Graded, gradeComplaint } from './grading.ts'
import { type AssignedBy, createRowReader, type ReadRow, type RowProblem } from './import.ts'
import { type Mapping, mapColumns } from './import-mapping.ts'
import { engineInput, knownIdentities, knownPlaces, lockImport } from './import-store.ts'
import { type Actor, insertCases, markForScoring, writeRecord } from './store.ts'

const BATCH = 500

export interface Regraded {
  looked: number
  changed: number
}

/** Grades again the open cases whose project and risk got new evidence; runs before that evidence is scored. */
export async function regradeDue(db: Db, jobs: Jobs, now: Date): Promise<Regraded> {
  const ids = await openCasesOfDueCells(db)
  const sum = { looked: 0, changed: 0 }
  for (let at = 0; at < ids.length; at += BATCH)
    add(sum, await regrade(db, jobs, ids.slice(at, at + BATCH), now))
  return sum
}

/** Grades every open case again: a month passed, a policy came into force, or a wake was lost. */
export async function regradeAll(db: Db, jobs: Jobs, now: Date): Promise<Regraded> {
  const sum = { looked: 0, changed: 0 }
  let batch = await openCasesAfter(db, undefined, BATCH)
  while (batch.length > 0) {
    add(
      sum,
      await regrade(
        db,
        jobs,
        batch.map(({ id }) => id),
        now,
      ),
    )
    batch = await openCasesAfter(db, batch.at(-1), BATCH)
  }
  if (sum.changed > 0) await jobs.wake('scoring')
  return sum
}

/** Computes the grades of these cases from today's facts; a changed grade gets its record and audit entry. */
export async function regrade(db: Db, jobs: Jobs, ids: readonly number[], now: Date): Promise<Regraded> {
  const { version, policy } = await currentPolicy(db, now)
  const changed = await inTransaction(db, async (tx) => {
    const cases = await gradable(tx, ids, policy.grading, now)
    const graded = cases.map((one) => ({ ...one, graded: gradeComplaint(one.facts, policy.grading) }))
    await saveGrades(
      tx,
      graded.filter((one) => !isSame(one.gradeBecause, one.graded) || isStale(one, one.graded)),
      { version, now },
    )
    const moved = graded.filter((one) => !one.isOverridden && one.grade !== one.graded.grade)
    for (const { id, grade, graded: to } of moved)
      await writeRecord(tx, id, {
        action: 'regrade',
        now,
        clause: to.clause,
        detail: { from: grade, to: to.grade, because: to.because },
      })
    await markForScoring(
      tx,
      moved.map(({ id }) => id),
    )
    for (const { id, cityCompanyId, grade, graded: to } of moved)
      await recordAudit(tx, {
        action: 'complaint.regrade',
        subject: { kind: 'complaint', id },
        cityCompanyId,
        clause: to.clause,
        detail: { from: grade, to: to.grade },
      })
    return { looked: cases.length, moved }
  })
  if (changed.moved.length > 0)
    await jobs.announce({
      topic: 'complaint',
      projectIds: [...new Set(changed.moved.flatMap(({ projectId }) => projectId ?? []))],
    })
  return { looked: changed.looked, changed: changed.moved.length }
}

function add(sum: Regraded, more: Regraded): void {
  sum.looked += more.looked
  sum.changed += more.changed
}

const isSame = (stored: unknown, graded: Graded) => canonical(stored) === canonical(graded)
/** A dropped override leaves the person's grade until the rules set theirs. */
const isStale = (one: Gradable, graded: Graded) =>
  !one.isOverridden && (one.grade !== graded.grade || one.gradeClause !== graded.clause)

/** jsonb sorts keys its own way. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    one !== null && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
}

// ── import ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ImportServices {
  db: Db
  vault: Vault
  jobs: Jobs
  now: () => Date
}

export interface ImportOptions {
  /** Column of each field, where the headers do not say it themselves. */
  mapping?: Mapping
  /** For rows that name no place of ours. */
  cityCompanyId?: number | undefined
  /** Rows of a source are known by its own numbers; absent for files. */
  sourceId?: number | undefined
  actor?: Actor | undefined
  /** A person imports only where they may register. */
  scope?: Scope | undefined
  /** Reads and reports, stores nothing. */
  isDryRun?: boolean
  /** Stores the good rows although others are wrong; otherwise one wrong row keeps all out. */
  isPartial?: boolean
  progress?: (done: number, total: number) => void
}

export interface ImportReport {
  rows: number
  added: number
  unchanged: number
  /** Rows with wrong values; `problems` names the first of them. */
  refused: number
  problems: readonly RowProblem[]
  /** Known by number, but with another text: the ledger keeps its own. */
  differing: readonly string[]
  assigned: Readonly<Record<AssignedBy, number>>
  unknownProjects: readonly { name: string; rows: number }[]
  mapping: Mapping
  unusedColumns: readonly string[]
  isDryRun: boolean
}

const IMPORT_BATCH = 1_000
/** Where cases wait whose place nobody knows: headquarters sees them and moves them. Made when first needed. */
const UNASSIGNED = { code: 'WFP', name: '未分配', city: '未分配' }
const PROBLEMS_SHOWN = 200
const engineFor = keptEngine()

/**
 * Brings rows of a file or source into the ledger. Every batch is one transaction and every case carries the identity of
 * its row, so a second import adds nothing and one that was killed is finished by starting it again.
 */
export async function importComplaints(
  { db, vault, jobs, now: clock }: ImportServices,
  captures: Items<ComplaintCapture>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const now = clock()
  const all: ComplaintCapture[] = []
  for await (const capture of captures) all.push(capture)
  const columns = [...new Set(all.flatMap(({ fields }) => Object.keys(fields)))]
  const mapping = mapColumns(columns, options.mapping)
  const input = await engineInput(db)
  const engine = input && input.projects.length > 0 ? engineFor(input) : undefined
  const readRow = createRowReader({
    mapping,
    places: await knownPlaces(db),
    projectInText: (title, content) => (engine ? projectMeant(engine, title, content) : undefined),
    fallbackCompanyId: options.cityCompanyId,
    now,
  })

  const problems: RowProblem[] = []
  const good: (ReadRow & { key: string })[] = []
  let refused = 0
  for (const capture of all) {
    const read = readRow(capture)
    const wrong = read.ok ? outsideScope(read.row, options.scope) : read.problems
    if (!read.ok || wrong.length > 0) {
      refused += 1
      problems.push(...wrong)
    } else good.push({ ...read.row, key: identityOf(read.row, options.sourceId) })
  }
  const report = {
    rows: all.length,
    added: 0,
    unchanged: 0,
    refused,
    problems: problems.slice(0, PROBLEMS_SHOWN),
    differing: [] as string[],
    assigned: countAssigned(good),
    unknownProjects: countUnknown(good),
    mapping,
    unusedColumns: columns.filter((column) => !Object.values(mapping).includes(column)),
    isDryRun: options.isDryRun ?? false,
  }
  if (refused > 0 && !options.isPartial && !options.isDryRun) return report

  const { version, policy } = await currentPolicy(db, now)
  const seen = new Set<string>()
  const touched = new Set<number>()
  for (let at = 0; at < good.length; at += IMPORT_BATCH) {
    const batch = good.slice(at, at + IMPORT_BATCH)
    await inTransaction(db, async (tx) => {
      await lockImport(tx)
      const known = await knownIdentities(
        tx,
        batch.map(({ key }) => key),
      )
      const fresh = batch.filter((row) => {
        const before = known.get(row.key)
        if (before && (before.title !== row.case.title || before.content !== row.case.content))
          report.differing.push(row.place)
        const isNew = !before && !seen.has(row.key)
        if (!isNew) report.unchanged += 1
        seen.add(row.key)
        return isNew
      })
      report.added += fresh.length
      if (options.isDryRun || fresh.length === 0) return
      const unassigned = fresh.some((row) => row.case.cityCompanyId === null)
        ? await unassignedCompany(tx)
        : undefined
      const cases = fresh.flatMap((row) => {
        const cityCompanyId = row.case.cityCompanyId ?? unassigned
        if (cityCompanyId === undefined) return []
        if (row.case.projectId !== null) touched.add(row.case.projectId)
        return [{ ...row.case, cityCompanyId, sourceId: options.sourceId ?? null, externalIdentity: row.key }]
      })
      const stored = await insertCases(tx, vault, cases, {
        grade: { version, policy: policy.grading },
        now,
        actor: options.actor,
        action: 'import',
      })
      await recordAudit(tx, {
        actor: options.actor,
        action: 'complaint.import',
        subject: { kind: 'complaint' },
        clause: 'S0-9.2a',
        detail: {
          added: stored.length,
          first: stored[0]?.number,
          last: stored.at(-1)?.number,
          ...(options.sourceId === undefined ? {} : { sourceId: options.sourceId }),
        },
      })
    })
    options.progress?.(Math.min(at + IMPORT_BATCH, good.length), good.length)
  }
  if (report.added > 0 && !options.isDryRun) {
    await jobs.wake('analysis')
    await jobs.announce({ topic: 'complaint', projectIds: [...touched] })
  }
  return report
}

async function unassignedCompany(tx: Tx): Promise<number> {
  return (await cityCompanyNamed(tx, UNASSIGNED.name))?.id ?? putCityCompany(tx, UNASSIGNED)
}

function identityOf({ identity }: ReadRow, sourceId: number | undefined): string {
  const namespace = sourceId === undefined ? 'file' : `source:${sourceId}`
  return 'externalId' in identity
    ? `${namespace}:${identity.externalId}`
    : `content:${createHash('sha256').update(identity.content).digest('hex').slice(0, 40)}`
}

function outsideScope(row: ReadRow, scope: Scope | undefined): RowProblem[] {
  if (!scope || isInScope(scope, row.case)) return []
  return [
    {
      place: row.place,
      field: row.case.projectId === null ? 'cityCompany' : 'project',
      code: 'outside-scope',
    },
  ]
}

function countAssigned(rows: readonly ReadRow[]): Record<AssignedBy, number> {
  const counts = { file: 0, project: 0, city: 0, text: 0, option: 0, 'only-company': 0, unassigned: 0 }
  for (const { assignedBy } of rows) counts[assignedBy] += 1
  return counts
}

function countUnknown(rows: readonly ReadRow[]): { name: string; rows: number }[] {
  const counts = new Map<string, number>()
  for (const { unknownProject } of rows)
    if (unknownProject !== undefined) counts.set(unknownProject, (counts.get(unknownProject) ?? 0) + 1)
  return [...counts]
    .map(([name, count]) => ({ name, rows: count }))
    .sort((one, other) => other.rows - one.rows)
}
