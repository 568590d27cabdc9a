import { sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import type { Db } from './connect.ts'

/** One requirement within the reader's scope, with how its source is doing. The nulls mean: every risk, everywhere. */
export interface RequiredSource {
  sourceId: number
  name: string
  health: 'healthy' | 'silent' | 'failing' | 'paused' | 'new'
  cause: string | null
  since: Date
  isBlocked: boolean
  riskCode: string | null
  cityCompanyId: number | null
  projectId: number | null
}

/**
 * What the cells of a reader require; few rows, as people write each by hand. A page joins them to its cells itself: a source
 * required everywhere would be a row a cell otherwise.
 */
export async function requiredSources(
  db: Db,
  scope: Scope,
  of: { riskCode?: string; projectId?: number } = {},
): Promise<readonly RequiredSource[]> {
  // A project is concerned by what is required in its city company too, and the other way round.
  const reach = scope.all
    ? sql`true`
    : sql`(r.project_id is null and r.city_company_id is null or r.project_id = any(${[...scope.projectIds]}::int[])
        or exists (select from project p where p.city_company_id = r.city_company_id and p.id = any(${[...scope.projectIds]}::int[])))`
  const ofRisk =
    of.riskCode === undefined ? sql`true` : sql`(r.risk_code is null or r.risk_code = ${of.riskCode})`
  const ofProject =
    of.projectId === undefined
      ? sql`true`
      : sql`(r.project_id is null or r.project_id = ${of.projectId})
        and (r.city_company_id is null or r.city_company_id = (select city_company_id from project where id = ${of.projectId}))`
  const { rows } = await sql<RequiredSource>`
    select r.source_id, s.name, h.health, h.cause, h.since, h.is_blocked, r.risk_code, r.city_company_id, r.project_id
    from source_requirement r join source s on s.id = r.source_id join source_health h on h.source_id = r.source_id
    where ${reach} and ${ofRisk} and ${ofProject}
    order by h.is_blocked desc, h.since, r.source_id, r.risk_code limit 5000`.execute(db)
  return rows
}
