// The list of sources in one pass: five hundred rows are shown at once, so a row is made once and carries nothing that the
// list does not show.
import { sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import type { Db } from '../db/connect.ts'
import { projectInScope } from '../db/scoped.ts'
import type { Cause, Health, SourceFacts } from './health.ts'

export interface ListedSource {
  id: number
  kind: string
  name: string
  publisherId: number | null
  publisherName: string | null
  groupName: string | null
  schedule: string
  state: 'active' | 'paused'
  isAggregator: boolean
  learningUntil: Date | null
  /** As it was judged with its last run, or in the last minute. */
  health: Health
  cause: Cause | null
  isBlocked: boolean
  /** Since when it is so; a failing one since its first failure, or since it was due. */
  since: Date
  failures: number
  lastRunAt: Date | null
  /** null while it is read for the first time, or just now. */
  lastOutcome: SourceFacts['lastOutcome']
  lastDetail: string | null
  lastAdded: number
  lastItemAt: Date | null
  /** City companies whose cells require it; 0: those of all. null: none. */
  requiredIn: readonly number[] | null
}

/** Every source by its id, or those that concern one project: its cells require them, or they wrote about it since then. */
export async function listedSources(
  db: Db,
  only?: { projectId: number; since: Date },
): Promise<readonly ListedSource[]> {
  const concerned = only
    ? sql`where s.id in (
        select r.source_id from source_requirement r join project p on p.id = ${only.projectId}
        where (r.project_id is null or r.project_id = p.id) and (r.city_company_id is null or r.city_company_id = p.city_company_id)
        union
        select m.source_id from mention_project mp join mention m on m.id = mp.mention_id
        where mp.project_id = ${only.projectId} and mp.occurred_at >= ${only.since} and mp.state <> 'rejected')`
    : sql``
  const { rows } = await sql<ListedSource>`
    select s.id, s.kind, s.name, s.publisher_id, p.name as publisher_name, s.group_name, s.schedule, s.state,
      s.is_aggregator, s.learning_until, h.health, h.cause, h.is_blocked,
      case when h.health = 'failing' then coalesce(h.failing_since, h.due_since, h.since) else h.since end as since,
      h.failures, h.last_started_at as last_run_at,
      case when h.last_finished_at >= h.last_started_at then h.last_outcome end as last_outcome,
      h.last_detail, h.last_added, h.last_item_at, required.cities as required_in
    from source s join source_health h on h.source_id = s.id
    left join publisher p on p.id = s.publisher_id
    left join (
      select r.source_id, array_agg(distinct coalesce(r.city_company_id, of.city_company_id, 0)) as cities
      from source_requirement r left join project of on of.id = r.project_id group by r.source_id
    ) required on required.source_id = s.id
    ${concerned}
    order by s.id`.execute(db)
  return rows
}

/** Whether the reader may ask about this project. */
export async function isProjectInScope(db: Db, scope: Scope, projectId: number): Promise<boolean> {
  const { rows } = await sql`
    select from project p where p.id = ${projectId} and ${projectInScope(scope, 'p.id')}`.execute(db)
  return rows.length > 0
}
