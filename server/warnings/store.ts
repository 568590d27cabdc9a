import { type Insertable, type SelectQueryBuilder, sql, type Updateable } from 'kysely'
import type { Scope } from '../access/scope.ts'
import { shanghaiMonth } from '../complaints/shanghai.ts'
import type { Db, Tx } from '../db/connect.ts'
import type { Schema } from '../db/schema.ts'
import { projectInScope } from '../db/scoped.ts'
import { AbsenceColumn } from '../scoring/absence.ts'
import { Factors, HardRules } from '../scoring/factor.ts'
import type { Level } from '../scoring/level.ts'
import { OpinionColumn } from '../scoring/opinion.ts'
import type { Reason, Situation } from './decide.ts'
import type { Cursor, Filter } from './list.ts'
import type { State } from './transitions.ts'
import { isIndicator, numberOf, summaryOf, titleOf } from './wording.ts'

/** The gravest level warning `w` has had since it was raised; as text, I comes before II, III and IV. */
const gravest = sql<Level>`least(w.level, (select min(to_level) from warning_record where warning_id = w.id))`

// ── the job's questions ──

interface Taken {
  projectId: number
  riskCode: string
  assessmentId: number
}

/** Takes waiting cells and deletes their marks; those another process holds are skipped. */
export async function takeDueCells(tx: Tx, limit: number): Promise<readonly Taken[]> {
  const taken = await sql<Taken>`
    delete from warning_due where (project_id, risk_code) in (
      select project_id, risk_code from warning_due order by since, project_id, risk_code limit ${limit} for update skip locked
    ) returning project_id, risk_code, assessment_id
  `.execute(tx)
  return taken.rows.toSorted((a, b) => a.projectId - b.projectId || (a.riskCode < b.riskCode ? -1 : 1))
}

export interface DueCell extends Taken {
  cityCompanyId: number
  project: string
  risk: string
  openId: number | undefined
  situation: Situation
  counts: Parameters<typeof summaryOf>[0]
  firstEvidenceAt: Date | null
}

/** What is known about each cell: its exposure, its open warning (locked, so that nobody acts on it meanwhile), its last closed one. */
export async function situationsOf(tx: Tx, cells: readonly Taken[]): Promise<readonly DueCell[]> {
  const ofCells = sql`unnest(
    ${cells.map((cell) => cell.projectId)}::int[], ${cells.map((cell) => cell.riskCode)}::text[], ${cells.map((cell) => cell.assessmentId)}::bigint[]
  ) as cell(project_id, risk_code, assessment_id)`
  await sql`
    select w.id from ${ofCells} join warning w on w.project_id = cell.project_id and w.risk_code = cell.risk_code and w.closed_at is null
    order by w.id for update of w
  `.execute(tx)
  const found = await sql<SituationRow>`
    select cell.project_id, cell.risk_code, cell.assessment_id, p.city_company_id, p.name as project, r.name_zh as risk,
      e.level, e.mention_count, e.negative_count, e.family_count, e.complaint_count, e.open_complaint_count, e.complainant_count,
      e.household_count, e.first_evidence_at, e.last_evidence_at, a.factors, a.hard_rules,
      w.id as open_id, w.level as open_level, w.state as open_state, w.spoke_at, w.family_count as open_family_count,
      w.complaint_count as open_complaint_count_then,
      ${gravest} as gravest,
      exists (
        select from warning_record where warning_id = w.id and action = 'propose-lifting' and at >= w.spoke_at
      ) as is_lifting_proposed,
      closed.closed_at, closed.level as closed_level
    from ${ofCells}
    join project p on p.id = cell.project_id
    join risk r on r.code = cell.risk_code
    join exposure e on e.project_id = cell.project_id and e.risk_code = cell.risk_code
    join assessment a on a.id = cell.assessment_id
    left join warning w on w.project_id = cell.project_id and w.risk_code = cell.risk_code and w.closed_at is null
    left join lateral (
      select closed_at, level from warning
      where project_id = cell.project_id and risk_code = cell.risk_code and closed_at is not null
      order by closed_at desc limit 1
    ) closed on true
    order by cell.project_id, cell.risk_code
  `.execute(tx)
  return found.rows.map(readSituation)
}

interface SituationRow extends Taken {
  cityCompanyId: number
  project: string
  risk: string
  level: Level | null
  mentionCount: number
  negativeCount: number
  familyCount: number
  complaintCount: number
  openComplaintCount: number
  complainantCount: number
  householdCount: number
  firstEvidenceAt: Date | null
  lastEvidenceAt: Date | null
  factors: unknown
  hardRules: unknown
  openId: number | null
  openLevel: Level | null
  openState: State | null
  spokeAt: Date | null
  openFamilyCount: number | null
  openComplaintCountThen: number | null
  gravest: Level | null
  isLiftingProposed: boolean
  closedAt: Date | null
  closedLevel: Level | null
}

function readSituation(row: SituationRow): DueCell {
  const factors = Factors.parse(row.factors)
  const hardRules = HardRules.parse(row.hardRules)
  const growing = factors.some(
    ({ factor, value, because }) =>
      (factor === 'growth' && value > 0) || (factor === 'heat' && Number(because.momentum) > 0),
  )
  const { openId, openLevel, openState, spokeAt, closedAt, closedLevel } = row
  return {
    projectId: row.projectId,
    riskCode: row.riskCode,
    assessmentId: row.assessmentId,
    cityCompanyId: row.cityCompanyId,
    project: row.project,
    risk: row.risk,
    openId: openId ?? undefined,
    firstEvidenceAt: row.firstEvidenceAt,
    counts: { ...row, hardRules },
    situation: {
      exposure: {
        level: row.level,
        hasHardRule: hardRules.some((rule) => !isIndicator(rule)),
        isGrowing: growing,
        familyCount: row.familyCount,
        complaintCount: row.complaintCount,
        complainantCount: row.complainantCount,
        lastEvidenceAt: row.lastEvidenceAt,
      },
      open:
        openLevel && openState && spokeAt
          ? {
              level: openLevel,
              gravest: row.gravest ?? openLevel,
              state: openState,
              spokeAt,
              familyCount: row.openFamilyCount ?? 0,
              complaintCount: row.openComplaintCountThen ?? 0,
              isLiftingProposed: row.isLiftingProposed,
            }
          : undefined,
      closed: closedAt && closedLevel ? { at: closedAt, level: closedLevel } : undefined,
    },
  }
}

/** Raises the one open warning of a cell; undefined when it has one already. */
export async function raiseWarning(
  tx: Tx,
  cell: DueCell,
  raised: { level: Level; reason: Reason },
  now: Date,
): Promise<number | undefined> {
  const month = shanghaiMonth(now)
  const serial = await tx
    .insertInto('warningSerial')
    .values({ month, last: 1 })
    .onConflict((conflict) =>
      conflict.column('month').doUpdateSet({ last: sql<number>`warning_serial.last + 1` }),
    )
    .returning('last')
    .executeTakeFirstOrThrow()
  const inserted = await tx
    .insertInto('warning')
    .values({
      number: numberOf(month, serial.last),
      projectId: cell.projectId,
      cityCompanyId: cell.cityCompanyId,
      riskCode: cell.riskCode,
      level: raised.level,
      reason: raised.reason,
      title: titleOf(cell),
      summary: summaryOf(cell.counts),
      state: 'candidate',
      stateSince: now,
      raisedAt: now,
      updatedAt: now,
      firstEvidenceAt: cell.firstEvidenceAt,
      raisedAssessmentId: cell.assessmentId,
      assessmentId: cell.assessmentId,
      spokeAt: now,
      familyCount: cell.situation.exposure.familyCount,
      complaintCount: cell.situation.exposure.complaintCount,
    })
    .onConflict((conflict) =>
      conflict.columns(['projectId', 'riskCode']).where('closedAt', 'is', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  return inserted?.id
}

export async function updateWarning(
  tx: Tx,
  id: number,
  values: Updateable<Schema['warning']>,
): Promise<void> {
  await tx.updateTable('warning').set(values).where('id', '=', id).execute()
}

export async function recordOn(tx: Tx, record: Insertable<Schema['warningRecord']>): Promise<void> {
  await tx.insertInto('warningRecord').values(record).execute()
}

// ── the readers' questions ──

/** Warnings with what every list shows of them, within the reader's scope. */
function visible(db: Db, scope: Scope, readerId: number) {
  return db
    .selectFrom('warning as w')
    .innerJoin('project as p', 'p.id', 'w.projectId')
    .innerJoin('cityCompany as c', 'c.id', 'w.cityCompanyId')
    .innerJoin('risk as r', 'r.code', 'w.riskCode')
    .where(projectInScope(scope, 'w.project_id'))
    .select([
      'w.id',
      'w.number',
      'w.level',
      'w.reason',
      'w.summary',
      'w.state',
      'w.raisedAt',
      'w.projectId',
      'p.name as project',
      'c.name as cityCompany',
      'w.riskCode',
      'r.nameZh as riskZh',
      'r.nameEn as riskEn',
    ])
    .select((eb) => [
      eb
        .exists(
          eb
            .selectFrom('warningAcknowledgement as mine')
            .whereRef('mine.warningId', '=', 'w.id')
            .whereRef('mine.level', '=', 'w.level')
            .where('mine.userId', '=', readerId)
            .select('mine.warningId'),
        )
        .as('isAcknowledgedByMe'),
      eb
        .selectFrom('warningAcknowledgement as receipt')
        .whereRef('receipt.warningId', '=', 'w.id')
        .whereRef('receipt.level', '=', 'w.level')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .$asScalar()
        .$notNull()
        .as('acknowledgementCount'),
    ])
}

type Visible<Row> = SelectQueryBuilder<
  Schema & { w: Schema['warning']; p: Schema['project']; c: Schema['cityCompany']; r: Schema['risk'] },
  'w' | 'p' | 'c' | 'r',
  Row
>

function filtered<Row>(query: Visible<Row>, filter: Filter, readerId: number): Visible<Row> {
  let narrowed = query
  if (filter.state === 'open') narrowed = narrowed.where('w.closedAt', 'is', null)
  else if (filter.state === 'closed') narrowed = narrowed.where('w.closedAt', 'is not', null)
  else if (filter.state !== 'all') narrowed = narrowed.where('w.state', '=', filter.state)
  if (filter.level.length > 0) narrowed = narrowed.where('w.level', 'in', filter.level)
  if (filter.projectId !== undefined) narrowed = narrowed.where('w.projectId', '=', filter.projectId)
  if (filter.cityCompanyId !== undefined)
    narrowed = narrowed.where('w.cityCompanyId', '=', filter.cityCompanyId)
  if (filter.phase !== undefined) narrowed = narrowed.where('r.phase', '=', filter.phase)
  if (filter.risk !== undefined) narrowed = narrowed.where('w.riskCode', '=', filter.risk)
  if (filter.q !== undefined) {
    const like = `%${filter.q.replaceAll(/[\\%_]/g, '\\$&')}%`
    narrowed = narrowed.where((eb) =>
      eb.or([eb('w.title', 'ilike', like), eb('w.number', 'ilike', like), eb('w.riskCode', 'ilike', like)]),
    )
  }
  if (filter.acknowledged !== undefined) {
    const isWanted = filter.acknowledged === 'yes'
    narrowed = narrowed.where((eb) => {
      const mine = eb.exists(
        eb
          .selectFrom('warningAcknowledgement as mine')
          .whereRef('mine.warningId', '=', 'w.id')
          .whereRef('mine.level', '=', 'w.level')
          .where('mine.userId', '=', readerId)
          .select('mine.warningId'),
      )
      return isWanted ? mine : eb.not(mine)
    })
  }
  return narrowed
}

/** Gravest first, then latest. */
export function listWarnings(
  db: Db,
  scope: Scope,
  readerId: number,
  filter: Filter,
  page: { after: Cursor | undefined; limit: number },
) {
  let query = filtered(visible(db, scope, readerId), filter, readerId)
  const { after } = page
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('w.level', '>', after.level),
        eb.and([
          eb('w.level', '=', after.level),
          sql<boolean>`(w.raised_at, w.id) < (${new Date(after.raisedAt)}::timestamptz, ${after.id}::bigint)`,
        ]),
      ]),
    )
  }
  return query
    .orderBy('w.level')
    .orderBy('w.raisedAt', 'desc')
    .orderBy('w.id', 'desc')
    .limit(page.limit)
    .execute()
}

/** One group a project, the gravest project first; its warnings are another list, filtered by project. */
export function groupWarnings(db: Db, scope: Scope, readerId: number, filter: Filter) {
  return filtered(visible(db, scope, readerId), filter, readerId)
    .clearSelect()
    .select(['w.projectId', 'p.name as project', 'c.name as cityCompany'])
    .select(({ fn }) => [
      fn.min<Level>('w.level').as('level'),
      fn.max<Date>('w.raisedAt').as('latestAt'),
      fn.countAll<number>().as('count'),
    ])
    .groupBy(['w.projectId', 'p.name', 'c.name'])
    .orderBy('level')
    .orderBy('count', 'desc')
    .orderBy('latestAt', 'desc')
    .orderBy('w.projectId')
    .limit(200)
    .execute()
}

export function findWarning(db: Db, scope: Scope, readerId: number, id: number) {
  return visible(db, scope, readerId)
    .where('w.id', '=', id)
    .select([
      'w.title',
      'w.updatedAt',
      'w.firstEvidenceAt',
      'w.closedAt',
      'w.closeReason',
      'w.cityCompanyId',
      'w.stateSince',
      'w.spokeAt',
      'w.assessmentId',
      'w.raisedAssessmentId',
      'r.clause as riskClause',
      'r.definition',
      gravest.as('gravest'),
    ])
    .executeTakeFirst()
}

/** The warning as an act needs it, locked until the act is done. */
export function standingOf(tx: Tx, scope: Scope, id: number) {
  return tx
    .selectFrom('warning as w')
    .select([
      'w.id',
      'w.state',
      'w.level',
      'w.projectId',
      'w.cityCompanyId',
      'w.assessmentId',
      gravest.as('gravest'),
    ])
    .where('w.id', '=', id)
    .where(projectInScope(scope, 'w.project_id'))
    .forUpdate()
    .executeTakeFirst()
}

export async function assessmentBehind(db: Db, id: number) {
  const row = await db.selectFrom('assessment').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  return {
    ...row,
    factors: Factors.parse(row.factors),
    hardRules: HardRules.parse(row.hardRules),
    opinion: OpinionColumn.parse(row.opinion),
    absence: AbsenceColumn.parse(row.absence),
  }
}

export function exposureOf(db: Db, projectId: number, riskCode: string) {
  return db
    .selectFrom('exposure')
    .selectAll()
    .where('projectId', '=', projectId)
    .where('riskCode', '=', riskCode)
    .executeTakeFirst()
}

export function historyOf(db: Db, id: number) {
  return db
    .selectFrom('warningRecord as record')
    .leftJoin('appUser as actor', 'actor.id', 'record.actorId')
    .select([
      'record.id',
      'record.at',
      'record.action',
      'record.fromState',
      'record.toState',
      'record.fromLevel',
      'record.toLevel',
      'record.reason',
      'record.clause',
      'actor.name as actor',
    ])
    .where('record.warningId', '=', id)
    .orderBy('record.id')
    .execute()
}

export function acknowledgementsOf(db: Db, id: number) {
  return db
    .selectFrom('warningAcknowledgement as a')
    .innerJoin('appUser as u', 'u.id', 'a.userId')
    .select(['a.userId', 'u.name', 'a.level', 'a.at', 'a.note'])
    .where('a.warningId', '=', id)
    .orderBy('a.at', 'desc')
    .execute()
}

/** Personal: for the level as it is now; a rise of the level asks again. False when it was there already. */
export async function acknowledge(
  tx: Tx,
  values: { warningId: number; userId: number; level: Level; note: string | null; at: Date },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('warningAcknowledgement')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}
