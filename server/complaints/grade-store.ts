import { sql } from 'kysely'
import type { Db, Tx } from '../db/connect.ts'
import type { GradePolicy } from '../policy/grading.ts'
import type { Coverage, Graded, GradeFacts, SameCase } from './grading.ts'

/** A signal below this is a hint: it neither makes two complaints the same nor a mention coverage, unless a person confirmed it. */
const COUNTS_FROM = 0.5

export interface Gradable {
  id: number
  projectId: number | null
  cityCompanyId: number
  grade: number
  gradeClause: string
  gradeBecause: unknown
  isOverridden: boolean
  facts: GradeFacts
}

/**
 * Locks the open cases among `ids` that nobody else holds, with everything their grades depend on: three questions however
 * many cases.
 */
export async function gradable(
  tx: Tx,
  ids: readonly number[],
  policy: GradePolicy,
  now: Date,
): Promise<Gradable[]> {
  const cases = await tx
    .selectFrom('complaint')
    .select([
      'id',
      'projectId',
      'cityCompanyId',
      'grade',
      'gradeClause',
      'gradeBecause',
      'gradeOverriddenBy',
      'receivedAt',
      'householdCount',
      'personCount',
      'mayLitigate',
      'isGroupLitigation',
      'mayReachMedia',
      'isReputationAtStake',
      'validity',
      'isOurFault',
      'repeatAfterHandlingCount',
      'needsOtherDepartments',
    ])
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .where('closedAt', 'is', null)
    .where('kind', '=', 'complaint')
    .orderBy('id')
    .forUpdate()
    .skipLocked()
    .execute()
  const around = await surroundings(
    tx,
    cases.map(({ id }) => id),
    policy,
  )
  return cases.map((one) => ({
    id: one.id,
    projectId: one.projectId,
    cityCompanyId: one.cityCompanyId,
    grade: one.grade,
    gradeClause: one.gradeClause,
    gradeBecause: one.gradeBecause,
    isOverridden: one.gradeOverriddenBy !== null,
    facts: {
      now,
      receivedAt: one.receivedAt,
      isOpen: true,
      households: one.householdCount,
      persons: one.personCount,
      mayLitigate: one.mayLitigate,
      isGroupLitigation: one.isGroupLitigation,
      mayReachMedia: one.mayReachMedia,
      isReputationAtStake: one.isReputationAtStake,
      validity: one.validity,
      isOurFault: one.isOurFault,
      repeatsAfterHandling: one.repeatAfterHandlingCount,
      needsOtherDepartments: one.needsOtherDepartments,
      coverage: around.coverage.get(one.id) ?? [],
      sameCases: around.sameCases(one.id),
    },
  }))
}

/** Media and other cases on the cells (project × risk) of these cases. A rejected link makes nothing the same. */
async function surroundings(db: Db, ids: readonly number[], policy: GradePolicy) {
  const cells = sql`select s.complaint_id, s.project_id, s.risk_code, c.received_at
    from signal s join complaint c on c.id = s.complaint_id
    where s.complaint_id = any(${[...ids]}::bigint[]) and s.project_id is not null and ${counts('s')}`
  const media = await sql<Coverage & { complaintId: number }>`
    with cell as (${cells})
    select cell.complaint_id, cell.risk_code, count(*) as mentions,
      count(distinct coalesce(m.family_id, -m.source_id)) as families,
      array_remove(array_agg(distinct m.tier), null) as tiers
    from cell
    join signal s on s.project_id = cell.project_id and s.risk_code = cell.risk_code and s.kind = 'mention'
      and not s.is_learning and ${counts('s')}
      and s.occurred_at >= cell.received_at - make_interval(days => ${policy.coverageDays})
    join mention m on m.id = s.mention_id and m.polarity = 'negative'
    group by cell.complaint_id, cell.risk_code
    order by cell.complaint_id, cell.risk_code
  `.execute(db)
  const coverage = new Map<number, Coverage[]>()
  for (const { complaintId, ...one } of media.rows)
    coverage.set(complaintId, [...(coverage.get(complaintId) ?? []), one])

  const ofCase = new Map<number, string[]>()
  const own = await sql<{ complaintId: number; projectId: number; riskCode: string }>`${cells}`.execute(db)
  for (const { complaintId, projectId, riskCode } of own.rows)
    ofCase.set(complaintId, [...(ofCase.get(complaintId) ?? []), `${projectId} ${riskCode}`])

  const days = Math.max(policy.sameComplaint.rollingDays, 31)
  const others = await sql<{ projectId: number; riskCode: string; at: Date; person: string | null }>`
    with cell as (
      select project_id, risk_code, min(received_at) as first_at, max(received_at) as last_at
      from (${cells}) one group by project_id, risk_code
    )
    select cell.project_id, cell.risk_code, c.received_at as at, encode(p.person_key, 'hex') as person
    from cell
    join signal s on s.project_id = cell.project_id and s.risk_code = cell.risk_code and s.kind = 'complaint'
      and ${counts('s')}
    join complaint c on c.id = s.complaint_id and c.kind = 'complaint' and c.validity is distinct from 'invalid'
      and c.received_at between cell.first_at - make_interval(days => ${days}) and cell.last_at + make_interval(days => ${days})
    left join complainant p on p.complaint_id = c.id
    order by c.received_at
  `.execute(db)
  const inCell = new Map<string, SameCase[]>()
  for (const { projectId, ...one } of others.rows) {
    const key = `${projectId} ${one.riskCode}`
    const list = inCell.get(key)
    if (list) list.push(one)
    else inCell.set(key, [one])
  }
  return {
    coverage,
    sameCases: (id: number) => (ofCase.get(id) ?? []).flatMap((cell) => inCell.get(cell) ?? []),
  }
}

const counts = (signal: string) => {
  const state = sql.ref(`${signal}.state`)
  return sql`(${state} = 'confirmed' or (${state} = 'proposed' and ${sql.ref(`${signal}.strength`)} >= ${COUNTS_FROM}))`
}

/** Writes what the rules say; of an overridden case only the computed grade beside the chosen one. */
export async function saveGrades(
  tx: Tx,
  graded: readonly { id: number; graded: Graded; isOverridden: boolean }[],
  by: { version: number; now: Date },
): Promise<void> {
  if (graded.length === 0) return
  const rows = graded.map(({ id, graded: one, isOverridden }) => ({
    id,
    grade: one.grade,
    clause: one.clause,
    because: one,
    overridden: isOverridden,
  }))
  await sql`
    update complaint c set
      grade = case when g.overridden then c.grade else g.grade end,
      grade_clause = case when g.overridden then c.grade_clause else g.clause end,
      grade_because = g.because, grade_policy_version = ${by.version}, graded_at = ${by.now}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as g(id bigint, grade int, clause text, because jsonb, overridden boolean)
    where c.id = g.id
  `.execute(tx)
}

/** Open cases of cells whose evidence changed and was not scored yet: their grades may have changed with it. */
export async function openCasesOfDueCells(db: Db): Promise<number[]> {
  const found = await sql<{ id: number }>`
    select distinct c.id from scoring_due d
    join signal s on s.project_id = d.project_id and s.risk_code = d.risk_code and s.complaint_id is not null
    join complaint c on c.id = s.complaint_id and c.closed_at is null and c.kind = 'complaint'
    order by c.id
  `.execute(db)
  return found.rows.map(({ id }) => id)
}

/**
 * The open cases after this one in the order they came, for the hourly sweep: time alone changes grades too. Cases that came
 * together share the months in which the same complaints are looked for.
 */
export async function openCasesAfter(db: Db, after: { at: Date; id: number } | undefined, limit: number) {
  let query = db
    .selectFrom('complaint')
    .select(['id', 'receivedAt as at'])
    .where('closedAt', 'is', null)
    .where('kind', '=', 'complaint')
    .orderBy('receivedAt')
    .orderBy('id')
    .limit(limit)
  if (after)
    query = query.where(sql<boolean>`(received_at, id) > (${after.at}::timestamptz, ${after.id}::bigint)`)
  return query.execute()
}
