import { sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import type { Db } from '../db/connect.ts'
import { projectInScope } from '../db/scoped.ts'
import { AbsenceColumn } from '../scoring/absence.ts'
import { Factors, HardRules } from '../scoring/factor.ts'
import type { Level } from '../scoring/level.ts'
import { OpinionColumn } from '../scoring/opinion.ts'

/** One function per panel; each is one question, within the reader's scope. */

/** Days shown by the charts, today in Shanghai included. */
const DAYS = 90

export function openWarningsByLevel(db: Db, scope: Scope) {
  return db
    .selectFrom('warning as w')
    .select('w.level')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('w.closedAt', 'is', null)
    .where(projectInScope(scope, 'w.project_id'))
    .groupBy('w.level')
    .orderBy('w.level')
    .execute()
}

/** The red or orange warning that has waited longest for anybody to acknowledge it at its present level. */
export function longestUnacknowledged(db: Db, scope: Scope) {
  return db
    .selectFrom('warning as w')
    .select(['w.id', 'w.number', 'w.level'])
    .select(
      sql<Date>`greatest(w.raised_at, (
      select max(at) from warning_record where warning_id = w.id and action = 'raise-level'
    ))`.as('since'),
    )
    .where('w.closedAt', 'is', null)
    .where('w.level', 'in', ['I', 'II'])
    .where(projectInScope(scope, 'w.project_id'))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('warningAcknowledgement as a')
            .select('a.warningId')
            .whereRef('a.warningId', '=', 'w.id')
            .whereRef('a.level', '=', 'w.level'),
        ),
      ),
    )
    .orderBy('since')
    .limit(1)
    .executeTakeFirst()
}

/** How many active sources gave a usable answer last time and are read when they are due, and how many of these are silent. */
export async function sourcesRead(db: Db) {
  const found = await sql<{
    total: number
    read: number
    silent: number
  }>`
    select count(*) as total,
      count(*) filter (where h.failures = 0 and h.last_success_at is not null and h.health <> 'failing') as read,
      count(*) filter (where h.failures = 0 and h.health = 'silent') as silent
    from source s join source_health h on h.source_id = s.id
    where s.state = 'active'
  `.execute(db)
  return found.rows[0] ?? { total: 0, read: 0, silent: 0 }
}

/** The last daily heartbeat, in numbers; which sources failed is told on their page. */
export async function lastDailyBeat(db: Db) {
  const beat = await db
    .selectFrom('dailyHeartbeat')
    .select(['day', 'at', 'sources', 'sourcesRead', 'items', 'matches', 'cases'])
    .orderBy('day', 'desc')
    .limit(1)
    .executeTakeFirst()
  return beat ?? null
}

/** When the machine last did what nobody sees it do. */
export async function lastBeat(db: Db, key: string): Promise<Date | null> {
  const beat = await db.selectFrom('heartbeat').select('at').where('key', '=', key).executeTakeFirst()
  return beat?.at ?? null
}

export function projectsInScope(db: Db, scope: Scope) {
  return db
    .selectFrom('project as p')
    .innerJoin('cityCompany as c', 'c.id', 'p.cityCompanyId')
    .select(['p.id', 'p.name', 'p.stage', 'p.cityCompanyId', 'c.name as cityCompany'])
    .where(projectInScope(scope, 'p.id'))
    .orderBy('c.id')
    .orderBy('p.id')
    .execute()
}

export function risksInForce(db: Db) {
  return db.selectFrom('risk').select(['code', 'phase', 'nameZh', 'nameEn']).orderBy('position').execute()
}

/** The cells in which something stands; all others are calm or unknown. */
export function cellsOfMatrix(db: Db, scope: Scope) {
  return db
    .selectFrom('exposure as e')
    .innerJoin('risk as r', 'r.code', 'e.riskCode')
    .select([
      'e.projectId',
      'e.riskCode',
      'e.level',
      'e.likelihood',
      'e.impact',
      'e.dataState',
      'e.mentionCount',
      'e.familyCount',
      'e.complaintCount',
      'e.openComplaintCount',
      'e.requiredSources',
      'e.blockedSources',
    ])
    .where(projectInScope(scope, 'e.project_id'))
    .where((eb) => eb.or([eb('e.level', 'is not', null), eb('e.lastEvidenceAt', 'is not', null)]))
    .orderBy('e.projectId')
    .orderBy('r.position')
    .execute()
}

/** Open, and nobody has taken it up: gravest first, then the one that waits longest. */
export function warningsThatNeedSomebody(db: Db, scope: Scope, limit: number) {
  return db
    .selectFrom('warning as w')
    .innerJoin('project as p', 'p.id', 'w.projectId')
    .innerJoin('cityCompany as c', 'c.id', 'p.cityCompanyId')
    .innerJoin('risk as r', 'r.code', 'w.riskCode')
    .select([
      'w.id',
      'w.number',
      'w.level',
      'w.reason',
      'w.state',
      'w.raisedAt',
      'w.summary',
      'w.riskCode',
      'p.name as project',
      'c.name as cityCompany',
      'r.nameZh as riskZh',
      'r.nameEn as riskEn',
    ])
    .select(({ exists, selectFrom }) =>
      exists(
        selectFrom('warningAcknowledgement as a')
          .select('a.warningId')
          .whereRef('a.warningId', '=', 'w.id')
          .whereRef('a.level', '=', 'w.level'),
      ).as('isAcknowledged'),
    )
    .where('w.closedAt', 'is', null)
    .where('w.state', '=', 'candidate')
    .where(projectInScope(scope, 'w.project_id'))
    .orderBy('w.level')
    .orderBy('isAcknowledged')
    .orderBy('w.raisedAt')
    .limit(limit)
    .execute()
}

const lastDays = (now: Date) => sql`
  select day::date as day from generate_series(shanghai_day(${now}::timestamptz) - ${DAYS - 1}::int, shanghai_day(${now}::timestamptz), interval '1 day') day
`

/** Headquarters reads the total of all texts; others add up their projects (a text about two of them counts in both). */
export async function mentionsPerDay(db: Db, scope: Scope, now: Date) {
  const projects = scope.all
    ? sql`d.project_id = 0`
    : sql`d.project_id = any(${[...scope.projectIds]}::int[])`
  const found = await sql<{ day: string; mentions: number; negative: number }>`
    select days.day, coalesce(sum(d.mentions), 0)::int as mentions, coalesce(sum(d.negative), 0)::int as negative
    from (${lastDays(now)}) days
    left join mention_daily d on d.day = days.day and ${projects}
    group by days.day order by days.day
  `.execute(db)
  return found.rows
}

export async function complaintsPerDay(db: Db, scope: Scope, now: Date) {
  const reach = scope.all
    ? sql`true`
    : sql`(d.project_id = any(${[...scope.projectIds]}::int[]) or d.project_id = 0 and d.city_company_id = any(${[...scope.cityCompanyIds]}::int[]))`
  const found = await sql<{ day: string; received: number; closed: number }>`
    select days.day, coalesce(sum(d.received), 0)::int as received, coalesce(sum(d.closed), 0)::int as closed
    from (${lastDays(now)}) days
    left join complaint_daily d on d.day = days.day and ${reach}
    group by days.day order by days.day
  `.execute(db)
  return found.rows
}

/** The gravest warnings raised in the days of the charts, to mark on their lines. */
export async function warningsToMark(db: Db, scope: Scope, now: Date) {
  const found = await sql<{ id: number; day: string; level: Level; title: string }>`
    select w.id, shanghai_day(w.raised_at) as day, w.level, w.title from warning w
    where w.raised_at >= ${new Date(now.getTime() - DAYS * 86_400_000)} and w.level in ('I', 'II') and ${projectInScope(scope, 'w.project_id')}
    order by w.level, w.raised_at desc limit 20
  `.execute(db)
  return found.rows
}

/** Open complaints, and how many have waited for longer than the last reply promised. */
export async function openComplaints(db: Db, scope: Scope, now: Date) {
  const found = await sql<{ open: number; gradeOne: number; replyOverdue: number }>`
    select count(*) as open, count(*) filter (where grade = 1) as grade_one,
      count(*) filter (where next_reply_on < shanghai_day(${now}::timestamptz)) as reply_overdue
    from complaint where closed_at is null and ${projectInScope(scope, 'project_id', 'city_company_id')}
  `.execute(db)
  return found.rows[0] ?? { open: 0, gradeOne: 0, replyOverdue: 0 }
}

/**
 * Lead time, in hours, as medians. `ledgerBeforeMedia`: from the first case to the first text of a cell that has both;
 * negative when the media came first. `evidenceToWarning`: from the first evidence to the warning.
 */
export async function leadTime(db: Db, scope: Scope, now: Date) {
  const since = new Date(now.getTime() - DAYS * 86_400_000)
  const found = await sql<{
    ledgerBeforeMedia: number | null
    cells: number
    evidenceToWarning: number | null
    warnings: number
  }>`
    select media.hours as ledger_before_media, media.cells, raised.hours as evidence_to_warning, raised.warnings from (
      select percentile_cont(0.5) within group (order by extract(epoch from first_mention_at - first_complaint_at) / 3600) as hours, count(*) as cells
      from exposure where first_mention_at is not null and first_complaint_at is not null and ${projectInScope(scope, 'project_id')}
    ) media, (
      select percentile_cont(0.5) within group (order by extract(epoch from raised_at - first_evidence_at) / 3600) as hours, count(*) as warnings
      from warning where first_evidence_at is not null and raised_at >= ${since} and ${projectInScope(scope, 'project_id')}
    ) raised
  `.execute(db)
  return found.rows[0] ?? { ledgerBeforeMedia: null, cells: 0, evidenceToWarning: null, warnings: 0 }
}

// ── one cell ──

export function findCell(db: Db, scope: Scope, cell: { projectId: number; risk: string }) {
  return db
    .selectFrom('project as p')
    .innerJoin('cityCompany as c', 'c.id', 'p.cityCompanyId')
    .innerJoin('risk as r', (join) => join.on('r.code', '=', cell.risk))
    .select([
      'p.id as projectId',
      'p.name as project',
      'p.cityCompanyId',
      'c.name as cityCompany',
      'r.code as riskCode',
      'r.nameZh as riskZh',
      'r.nameEn as riskEn',
      'r.phase',
      'r.clause',
      'r.severity',
    ])
    .where('p.id', '=', cell.projectId)
    .where(projectInScope(scope, 'p.id'))
    .executeTakeFirst()
}

export async function exposureOfCell(db: Db, cell: { projectId: number; risk: string }) {
  const row = await db
    .selectFrom('exposure as e')
    .innerJoin('assessment as a', 'a.id', 'e.assessmentId')
    .selectAll('e')
    .select([
      'a.likelihoodBand',
      'a.impactBand',
      'a.factors',
      'a.hardRules',
      'a.opinion',
      'a.absence',
      'a.policyVersion',
      'a.catalogVersion',
    ])
    .where('e.projectId', '=', cell.projectId)
    .where('e.riskCode', '=', cell.risk)
    .executeTakeFirst()
  return row
    ? {
        ...row,
        factors: Factors.parse(row.factors),
        hardRules: HardRules.parse(row.hardRules),
        opinion: OpinionColumn.parse(row.opinion),
        absence: AbsenceColumn.parse(row.absence),
      }
    : null
}

export async function openWarningOfCell(db: Db, cell: { projectId: number; risk: string }) {
  const row = await db
    .selectFrom('warning')
    .select(['id', 'number', 'level', 'state', 'raisedAt'])
    .where('projectId', '=', cell.projectId)
    .where('riskCode', '=', cell.risk)
    .where('closedAt', 'is', null)
    .executeTakeFirst()
  return row ?? null
}
