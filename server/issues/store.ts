import { sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import type { Db, Tx } from '../db/connect.ts'
import { reactionsIn } from '../db/reactions.ts'
import { anyProjectInScope, projectInScope } from '../db/scoped.ts'
import { containing } from '../lib/bigrams.ts'
import type { CasePiece, Earlier, Issue, StoryPiece } from './gather.ts'

// ── gathering ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** A place whose issues are to be gathered again. `since` as text: all of its microseconds tell a mark from a later one. */
export interface Due {
  cityCompanyId: number
  /** null: cases of the city company without a project. */
  projectId: number | null
  since: string
  name: string
  aliases: readonly string[]
}

/** Places that wait, the longest first, after those already tried in this run. */
export async function duePlaces(db: Db, limit: number): Promise<readonly Due[]> {
  const found = await sql<Due>`
    select due.city_company_id, nullif(due.project_id, 0) as project_id, due.since::text, coalesce(p.name, c.name) as name,
      array(select alias from project_alias a where a.project_id = p.id order by length(alias) desc, alias) as aliases
    from issue_due due join city_company c on c.id = due.city_company_id left join project p on p.id = due.project_id
    order by due.since, due.city_company_id, due.project_id limit ${limit}`.execute(db)
  return found.rows
}

/** Time alone cools issues and moves their window: all places that have any are gathered again. */
export async function markAllDue(db: Db): Promise<void> {
  await sql`
    insert into issue_due (city_company_id, project_id)
    select distinct city_company_id, coalesce(project_id, 0) from issue order by 1, 2
    on conflict do nothing`.execute(db)
}

/** Newest texts and cases that are read of one place; a place with more is hot enough to be seen. */
const TEXTS = 3_000
const CASES = 800
const BODY = 400
/** Stories of one place that are compared. */
const STORIES = 800

/** Stories with a risk or a negative tone since `from`, the newest first. */
export async function storiesOf(db: Db, projectId: number, from: Date): Promise<readonly StoryPiece[]> {
  const found = await sql<StoryPiece>`
    with near as (
      select mention_id from mention_project
      where project_id = ${projectId} and occurred_at >= ${from} and state <> 'rejected'
      order by occurred_at desc, mention_id desc limit ${TEXTS}
    ), stories as (
      select array_agg(m.id order by m.occurred_at, m.id) as mention_ids,
        array_agg(distinct coalesce('f' || m.family_id, 's' || m.source_id)) as families,
        array_agg(m.occurred_at order by m.occurred_at, m.id) as times, coalesce(sum(seen.reactions), 0)::float8 as reactions
      from near join mention m on m.id = near.mention_id
      left join lateral (
        select ${reactionsIn(sql.ref('o.counters'))} as reactions from document_observation o
        where o.document_id = m.id order by o.seen_at desc limit 1) seen on true
      where ${projectId} = any(m.project_ids) and (m.risk_codes <> '{}' or m.polarity = 'negative')
      group by coalesce(m.story_id, -m.id)
      order by max(m.occurred_at) desc, min(m.id) limit ${STORIES}
    )
    select stories.*, m.title, left(d.body, ${BODY}) as body,
      array(select distinct code from mention other, unnest(other.risk_codes) code where other.id = any(stories.mention_ids) order by 1) as risk_codes
    from stories join mention m on m.id = stories.mention_ids[1] join document d on d.id = m.id
    order by m.id`.execute(db)
  return found.rows
}

/** Cases since `from`, of a project or of a city company's cases without one. */
export async function casesOf(db: Db, place: Due, from: Date): Promise<readonly CasePiece[]> {
  const where =
    place.projectId === null
      ? sql`c.city_company_id = ${place.cityCompanyId} and c.project_id is null`
      : sql`c.project_id = ${place.projectId}`
  const found = await sql<CasePiece>`
    select c.id, c.title, left(c.content, ${BODY}) as body, c.household_count as households, c.received_at as at,
      array(select distinct risk_code from signal s where s.complaint_id = c.id and s.state <> 'rejected' order by 1) as risk_codes
    from (
      select * from complaint c where ${where} and c.received_at >= ${from}
      order by c.received_at desc, c.id desc limit ${CASES}) c
    order by c.id`.execute(db)
  return found.rows
}

/**
 * Takes the mark of a place, unless somebody gathered it meanwhile or it was marked again, and gives the issues it has.
 * Undefined: what was read is old, leave it. From here to the commit nobody else writes this place.
 */
export async function takePlace(tx: Tx, place: Due): Promise<readonly Earlier[] | undefined> {
  const taken = await sql`
    delete from issue_due where city_company_id = ${place.cityCompanyId} and project_id = ${place.projectId ?? 0}
      and since = ${place.since}::timestamptz returning since`.execute(tx)
  if (taken.rows.length === 0) return undefined
  await sql`select pg_advisory_xact_lock(${ISSUE_LOCK}, ${place.projectId ?? -place.cityCompanyId})`.execute(
    tx,
  )
  const found = await sql<Earlier>`
    select i.id, array(select coalesce('m' || mention_id, 'c' || complaint_id) from issue_member where issue_id = i.id) as members
    from issue i where i.city_company_id = ${place.cityCompanyId} and i.project_id is not distinct from ${place.projectId}
    order by i.id`.execute(tx)
  return found.rows
}

const ISSUE_LOCK = 714_005

/** The issues of a place as they are now; those that are no more go. */
export async function writeIssues(
  tx: Tx,
  place: Due,
  issues: readonly (Issue & { id: number | undefined })[],
  now: Date,
): Promise<void> {
  const kept = issues.flatMap(({ id }) => id ?? [])
  await sql`
    delete from issue where city_company_id = ${place.cityCompanyId} and project_id is not distinct from ${place.projectId}
      and not id = any(${kept}::bigint[])`.execute(tx)
  for (const { id, mentionIds, complaintIds, ...issue } of issues) {
    const values = {
      projectId: place.projectId,
      cityCompanyId: place.cityCompanyId,
      title: issue.title,
      who: issue.who,
      place: issue.place,
      what: [...issue.what],
      riskCodes: [...issue.riskCodes],
      firstAt: issue.firstAt,
      lastAt: issue.lastAt,
      heat: issue.heat,
      mentionCount: mentionIds.length,
      familyCount: issue.familyCount,
      complaintCount: complaintIds.length,
      householdCount: issue.householdCount,
      reactionCount: issue.reactionCount,
      trend: [...issue.trend],
      trendUntil: sql<string>`shanghai_day(${now})`,
      gatheredAt: now,
    }
    const { id: issueId } =
      id === undefined
        ? await tx.insertInto('issue').values(values).returning('id').executeTakeFirstOrThrow()
        : await tx
            .updateTable('issue')
            .set(values)
            .where('id', '=', id)
            .returning('id')
            .executeTakeFirstOrThrow()
    await sql`
      with given as (
        select mention_id, null::bigint as complaint_id from mention m, unnest(${[...mentionIds]}::bigint[]) mention_id where m.id = mention_id
        union all
        select null, complaint_id from complaint c, unnest(${[...complaintIds]}::bigint[]) complaint_id where c.id = complaint_id
      ), gone as (
        delete from issue_member im where issue_id = ${issueId} and not exists (
          select from given where given.mention_id is not distinct from im.mention_id
            and given.complaint_id is not distinct from im.complaint_id)
      )
      insert into issue_member (issue_id, mention_id, complaint_id)
      select ${issueId}, mention_id, complaint_id from given on conflict do nothing`.execute(tx)
  }
}

// ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface IssueFilter {
  project?: number | undefined
  risk?: string | undefined
  q?: string | undefined
  /** Told by media and by the ledger. */
  both?: boolean | undefined
  /** With a text or case within so many days. */
  days?: number | undefined
}

export interface IssueRow {
  id: number
  title: string
  who: string | null
  place: string | null
  what: readonly string[]
  riskCodes: readonly string[]
  firstAt: Date
  lastAt: Date
  heat: number
  mentionCount: number
  familyCount: number
  complaintCount: number
  householdCount: number
  reactionCount: number
  openComplaintCount: number
  trend: readonly number[]
  trendUntil: string
  project: { id: number; name: string } | null
  cityCompany: string
}

const columns = sql`
  i.id, i.title, i.who, i.place, i.what, i.risk_codes, i.first_at, i.last_at, i.heat, i.mention_count, i.family_count,
  i.complaint_count, i.household_count, i.reaction_count, i.trend, i.trend_until::text,
  case when p.id is not null then jsonb_build_object('id', p.id, 'name', p.name) end as project, c.name as city_company,
  (select count(*) from issue_member im join complaint one on one.id = im.complaint_id
    where im.issue_id = i.id and one.closed_at is null) as open_complaint_count`
const names = sql`
  left join project p on p.id = i.project_id join city_company c on c.id = i.city_company_id`

/** Hottest first. */
export async function listIssues(
  db: Db,
  scope: Scope,
  filter: IssueFilter,
  page: { after?: number | undefined; limit: number; now: Date },
): Promise<{ rows: readonly IssueRow[]; next: number | null }> {
  const conditions = [projectInScope(scope, 'i.projectId', 'i.cityCompanyId')]
  const { project, risk, q, both, days } = filter
  if (project) conditions.push(sql<boolean>`i.project_id = ${project}`)
  if (risk) conditions.push(sql<boolean>`${risk} = any(i.risk_codes)`)
  if (q)
    conditions.push(
      sql<boolean>`concat_ws(' ', i.title, i.who, i.place, array_to_string(i.what, ' ')) ilike ${containing(q)}`,
    )
  if (both) conditions.push(sql<boolean>`i.mention_count > 0 and i.complaint_count > 0`)
  if (days) conditions.push(sql<boolean>`i.last_at >= ${new Date(page.now.getTime() - days * 86_400_000)}`)
  if (page.after)
    conditions.push(sql<boolean>`(i.heat, i.id) < (select heat, id from issue where id = ${page.after})`)
  const found = await sql<IssueRow>`
    with page as materialized (
      select * from issue i where ${sql.join(conditions, sql` and `)} order by i.heat desc, i.id desc limit ${page.limit + 1})
    select ${columns} from page i ${names} order by i.heat desc, i.id desc`.execute(db)
  const rows = found.rows.slice(0, page.limit)
  return { rows, next: found.rows.length > page.limit ? (rows.at(-1)?.id ?? null) : null }
}

const SHOWN_MEMBERS = 200

/**
 * One issue with its newest members. Cases only where the reader's scope for complaints reaches, without their words.
 * @param cases the scope of the permission to read complaints; undefined: the reader has none
 */
export async function readIssue(db: Db, scope: Scope, cases: Scope | undefined, id: number) {
  const found = await sql<IssueRow>`
    select ${columns} from issue i ${names}
    where i.id = ${id} and ${projectInScope(scope, 'i.projectId', 'i.cityCompanyId')}`.execute(db)
  const issue = found.rows[0]
  if (!issue) return undefined
  const mentions = await sql<{
    id: number
    storyId: number | null
    title: string
    occurredAt: Date
    polarity: 'negative' | 'neutral' | 'positive'
    tier: string | null
    publisher: string | null
    otherMentions: number
    families: number
  }>`
    select m.id, m.story_id, m.title, m.occurred_at, m.polarity, m.tier, coalesce(p.name, d.publisher_name, source.name) as publisher,
      told.mentions - 1 as other_mentions, told.families
    from (
      select min(m.id) as id, count(*) as mentions,
        count(distinct coalesce('f' || m.family_id, 's' || m.source_id)) as families
      from issue_member im join mention m on m.id = im.mention_id
      where im.issue_id = ${id} and ${anyProjectInScope(scope, 'm.projectIds')}
      group by coalesce(m.story_id, -m.id)
    ) told join mention m on m.id = told.id join document d on d.id = m.id join source on source.id = m.source_id
    left join publisher p on p.id = m.publisher_id
    order by m.occurred_at desc, m.id desc limit ${SHOWN_MEMBERS}`.execute(db)
  const complaints = !cases
    ? null
    : await sql<{
        id: number
        number: string
        class: string
        grade: number
        state: string
        isOpen: boolean
        households: number
        receivedAt: Date
      }>`
    select one.id, one.number, one.class, one.grade, one.state, one.closed_at is null as is_open,
      one.household_count as households, one.received_at
    from issue_member im join complaint one on one.id = im.complaint_id
    where im.issue_id = ${id} and ${projectInScope(cases, 'one.projectId', 'one.cityCompanyId')}
    order by one.received_at desc, one.id desc limit ${SHOWN_MEMBERS}`
        .execute(db)
        .then((answer) => answer.rows)
  return { ...issue, mentions: mentions.rows, complaints }
}
