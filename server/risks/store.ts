import { sql } from 'kysely'
import { Risk } from '../../risk-catalog/risk.ts'
import type { Scope } from '../access/scope.ts'
import type { Db } from '../db/connect.ts'
import type { Level } from '../db/schema.ts'
import { projectInScope } from '../db/scoped.ts'
import type { Verdicts } from './precision.ts'

/** Evidence older than this says little about how well a rule works now. */
const VERDICT_DAYS = 90
const TREND_DAYS = 60
const DAY_MS = 86_400_000

const none: Verdicts = { proposed: 0, confirmed: 0, rejected: 0 }
const verdictCounts = sql<number>`count(*) filter (where state = 'proposed')::int as proposed,
  count(*) filter (where state = 'confirmed')::int as confirmed, count(*) filter (where state = 'rejected')::int as rejected`

/** The catalogue in force, in its order, with where each risk burns within the reader's scope. */
export async function listRisks(db: Db, scope: Scope, now: Date) {
  const risks = await db
    .selectFrom('risk')
    .select(['code', 'phase', 'nameZh', 'nameEn', 'severity', 'clause'])
    .orderBy('position')
    .execute()
  const burning = await db
    .selectFrom('exposure')
    .select(['riskCode', 'level', sql<number>`count(*)::int`.as('projects')])
    .where('level', 'is not', null)
    .where(projectInScope(scope, 'exposure.projectId'))
    .groupBy(['riskCode', 'level'])
    .execute()
  const verdicts = await sql<Verdicts & { riskCode: string }>`
    select risk_code, ${verdictCounts} from signal
    where occurred_at > ${new Date(now.getTime() - VERDICT_DAYS * DAY_MS)} and ${projectInScope(scope, 'signal.projectId')}
    group by risk_code
  `.execute(db)
  const levelsOf = (code: string) => {
    const levels: Record<Level, number> = { I: 0, II: 0, III: 0, IV: 0 }
    for (const row of burning)
      if (row.riskCode === code && row.level !== null) levels[row.level] = row.projects
    return levels
  }
  const verdictsOf = new Map(verdicts.rows.map(({ riskCode, ...counts }) => [riskCode, counts]))
  return risks.map((risk) => ({
    ...risk,
    levels: levelsOf(risk.code),
    verdicts: verdictsOf.get(risk.code) ?? none,
  }))
}

/** When the catalogue in force came, and its version. */
export function catalogueInForce(db: Db) {
  return db
    .selectFrom('catalogVersion')
    .select(['version', 'loadedAt'])
    .where('version', 'in', (risk) => risk.selectFrom('risk').select('catalogVersion'))
    .executeTakeFirst()
}

export async function riskByCode(db: Db, code: string): Promise<Risk | undefined> {
  const row = await db.selectFrom('risk').select('definition').where('code', '=', code).executeTakeFirst()
  return row && Risk.parse(row.definition)
}

/** The projects where it burns, the gravest first, each with its open warning. */
export function burningProjects(db: Db, scope: Scope, code: string) {
  return db
    .selectFrom('exposure')
    .innerJoin('project', 'project.id', 'exposure.projectId')
    .innerJoin('cityCompany', 'cityCompany.id', 'project.cityCompanyId')
    .leftJoin('warning', (join) =>
      join
        .onRef('warning.projectId', '=', 'exposure.projectId')
        .onRef('warning.riskCode', '=', 'exposure.riskCode')
        .on('warning.closedAt', 'is', null),
    )
    .select([
      'exposure.projectId',
      'project.name as projectName',
      'cityCompany.name as cityCompanyName',
      'exposure.level',
      'exposure.likelihood',
      'exposure.impact',
      'exposure.mentionCount',
      'exposure.openComplaintCount',
      'exposure.lastEvidenceAt',
      'warning.id as warningId',
    ])
    .where('exposure.riskCode', '=', code)
    .where('exposure.level', 'is not', null)
    .where(projectInScope(scope, 'exposure.projectId'))
    .orderBy('exposure.level')
    .orderBy('exposure.lastEvidenceAt', (order) => order.desc().nullsLast())
    .orderBy('exposure.projectId')
    .limit(200)
    .execute()
}

/** How often people confirmed and rejected the finds of each rule. A find by several rules counts for each. */
export async function verdictsByRule(db: Db, scope: Scope, code: string, now: Date) {
  const found = await sql<Verdicts & { rule: string }>`
    select hit.rule, ${verdictCounts}
    from signal cross join lateral (select distinct why->>'rule' as rule from jsonb_array_elements(signal.because) as why) as hit
    where risk_code = ${code} and occurred_at > ${new Date(now.getTime() - VERDICT_DAYS * DAY_MS)}
      and hit.rule is not null and ${projectInScope(scope, 'signal.projectId')}
    group by hit.rule
  `.execute(db)
  return new Map(found.rows.map(({ rule, ...counts }) => [rule, counts]))
}

/** Evidence by media and by complaints per Shanghai day, days without any included. */
export async function evidenceByDay(db: Db, scope: Scope, code: string, now: Date) {
  const found = await sql<{ day: string; mentions: number; complaints: number }>`
    with evidence as (
      select shanghai_day(occurred_at) as day, kind from signal
      where risk_code = ${code} and state <> 'rejected' and occurred_at > ${new Date(now.getTime() - (TREND_DAYS + 1) * DAY_MS)}
        and ${projectInScope(scope, 'signal.projectId')}
    )
    select to_char(days.day, 'YYYY-MM-DD') as day,
      count(*) filter (where kind = 'mention')::int as mentions, count(*) filter (where kind = 'complaint')::int as complaints
    from generate_series(shanghai_day(${now}) - ${TREND_DAYS - 1}::int, shanghai_day(${now}), interval '1 day') as days(day)
      left join evidence on evidence.day = days.day::date
    group by days.day order by days.day
  `.execute(db)
  return found.rows
}
