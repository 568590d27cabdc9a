// What sources did and how they are judged. The facts stand in `source_health`, kept by a trigger with every run; a
// judgement is the plain rule of health.ts over them, stored only so that a change of it can be seen and handed on.
import { sql } from 'kysely'
import { z } from 'zod'
import type { Db, Tx } from '../db/connect.ts'
import type { CollectingPolicy } from '../policy/collecting.ts'
import { type Cause, Habit, type Health, type HourFact, habitOf, judge, type SourceFacts } from './health.ts'

const HabitColumn = Habit.nullable()

interface HealthRow extends Omit<SourceFacts, 'habit'> {
  sourceId: number
  lastDetail: string | null
  lastAdded: number
  failingSince: Date | null
  habit: unknown
  storedHealth: Health
  storedCause: Cause | null
  since: Date
  storedIsBlocked: boolean
}

export interface KnownHealth extends SourceFacts {
  sourceId: number
  lastDetail: string | null
  lastAdded: number
  failingSince: Date | null
  stored: { health: Health; cause: Cause | null; since: Date; isBlocked: boolean }
}

/**
 * One row a source, by its id: nothing here grows with the number of runs. The list of all shows the stored judgement alone
 * (list-store.ts): it is made with every run and every minute.
 */
export async function healthFacts(db: Db, ids?: readonly number[]): Promise<readonly KnownHealth[]> {
  const chosen = ids ? sql`where h.source_id = any(${[...ids]}::int[])` : sql``
  const { rows } = await sql<HealthRow>`
    select h.source_id, s.state, h.last_started_at, h.last_finished_at, h.last_outcome, h.last_detail, h.last_added,
      h.first_success_at, h.last_success_at, h.last_item_at, h.failures, h.failing_since, h.empties, h.quiet_from, h.due_since,
      h.habit, h.health as stored_health, h.cause as stored_cause, h.since, h.is_blocked as stored_is_blocked
    from source_health h join source s on s.id = h.source_id ${chosen} order by h.source_id`.execute(db)
  return rows.map(({ storedHealth, storedCause, since, storedIsBlocked, habit, ...facts }) => ({
    ...facts,
    habit: HabitColumn.parse(habit),
    stored: { health: storedHealth, cause: storedCause, since, isBlocked: storedIsBlocked },
  }))
}

/**
 * Judges sources anew (all of them, unless named) and keeps what changed. Cells that require a source whose sight changed are
 * marked for scoring. Gives how many changed, and whether cells were marked. The same facts twice change nothing.
 */
export async function judgeSources(
  tx: Tx,
  policy: CollectingPolicy,
  now: Date,
  ids?: readonly number[],
): Promise<{ changed: number; marksCells: boolean }> {
  const judged = (await healthFacts(tx, ids)).map((facts) => ({ ...facts, ...judge(facts, policy, now) }))
  const changed = judged.filter(
    ({ health, cause, isBlocked, stored }) =>
      health !== stored.health || cause !== stored.cause || isBlocked !== stored.isBlocked,
  )
  if (changed.length === 0) return { changed: 0, marksCells: false }
  // `since` is of the health: another way of failing is still the same failure.
  await sql`
    update source_health h set health = j.health, cause = j.cause, is_blocked = j.is_blocked,
      since = case when h.health = j.health then h.since else ${now} end
    from unnest(${changed.map((row) => row.sourceId)}::int[], ${changed.map((row) => row.health)}::text[],
      ${changed.map((row) => row.cause)}::text[], ${changed.map((row) => row.isBlocked)}::boolean[])
      as j(source_id, health, cause, is_blocked)
    where h.source_id = j.source_id`.execute(tx)
  const turned = changed.filter((row) => row.isBlocked !== row.stored.isBlocked).map((row) => row.sourceId)
  const marksCells = turned.length > 0 && (await markRequiringCells(tx, turned)) > 0
  return { changed: changed.length, marksCells }
}

/** Cells in which something stands; a cell without evidence asks for its sources when it is read (overview). */
async function markRequiringCells(tx: Tx, sourceIds: readonly number[]): Promise<number> {
  const marked = await sql`
    insert into scoring_due as due (project_id, risk_code)
    select distinct e.project_id, e.risk_code from source_requirement r
    join exposure e on (r.risk_code is null or r.risk_code = e.risk_code) and (r.project_id is null or r.project_id = e.project_id)
    join project p on p.id = e.project_id and (r.city_company_id is null or r.city_company_id = p.city_company_id)
    where r.source_id = any(${[...sourceIds]}::int[]) and (e.level is not null or e.last_evidence_at is not null)
    order by 1, 2
    on conflict (project_id, risk_code) do update set since = due.since`.execute(tx)
  return Number(marked.numAffectedRows ?? 0)
}

/** Items of one source that are read for its habit; the newest tell it. */
const MOST_ITEMS = 2_000
const MOST_HABITS = 100

/** Reads anew the rhythm of sources that brought something since it was read, at most once in `everyHours`. Gives how many. */
export async function readHabits(
  db: Db,
  policy: CollectingPolicy,
  now: Date,
  everyHours = 20,
): Promise<number> {
  const due = await db
    .selectFrom('sourceHealth')
    .select(['sourceId', sql<Date>`last_item_at`.as('lastItemAt')])
    .where('lastItemAt', 'is not', null)
    .where(({ eb, or }) =>
      or([
        eb('habitAt', 'is', null),
        eb('habitAt', '<', sql<Date>`last_item_at - ${everyHours} * interval '1 hour'`),
      ]),
    )
    .where('lastItemAt', '<=', now)
    .orderBy('habitAt', (order) => order.asc().nullsFirst())
    .limit(MOST_HABITS)
    .execute()
  for (const { sourceId, lastItemAt } of due) {
    const since = new Date(lastItemAt.getTime() - policy.silence.habitDays * 86_400_000)
    const hours: HourFact[] = await db
      .selectFrom('collectionHour')
      .select(['hour', 'succeeded', 'fruitful', 'answers', 'empties'])
      .where('sourceId', '=', sourceId)
      .where('hour', '>=', since)
      .where('hour', '<=', lastItemAt)
      .execute()
    const items = await db
      .selectFrom('collectionRun')
      .select('startedAt')
      .where('sourceId', '=', sourceId)
      .where('added', '>', 0)
      .where('startedAt', '>=', since)
      .where('startedAt', '<=', lastItemAt)
      .orderBy('startedAt', 'desc')
      .limit(MOST_ITEMS)
      .execute()
    const habit = habitOf(
      hours,
      items.map((run) => run.startedAt),
      policy,
    )
    await db
      .updateTable('sourceHealth')
      .set({ habit: JSON.stringify(habit), habitAt: lastItemAt })
      .where('sourceId', '=', sourceId)
      .execute()
  }
  return due.length
}

/** After a time without anybody reading, silence counts from now: what was not looked for cannot be missed. */
export async function forgiveSilence(db: Db, now: Date): Promise<void> {
  await db
    .updateTable('sourceHealth')
    .set({ quietFrom: now, dueSince: null })
    .where('quietFrom', '<', now)
    .execute()
}

// --- charts: sums only, however many runs there were

/** New items per Shanghai day of every source, the last `days` days, as [source, day, items]; days without any are left out. */
export async function itemsPerDay(db: Db, now: Date, days: number) {
  const { rows } = await sql<{ sourceId: number; day: string; added: number }>`
    select source_id, day, added from collection_day
    where day > shanghai_day(${now}::timestamptz) - ${days}::int and added > 0 order by source_id, day`.execute(
    db,
  )
  return rows
}

export async function daysOfSource(db: Db, sourceId: number, now: Date, days: number) {
  const { rows } = await sql<PeriodRow & { day: string }>`
    select d.day::date as day, ${sums}
    from generate_series(shanghai_day(${now}::timestamptz) - ${days - 1}::int, shanghai_day(${now}::timestamptz), interval '1 day') d(day)
    left join collection_day c on c.source_id = ${sourceId} and c.day = d.day::date order by d.day`.execute(
    db,
  )
  return rows
}

export async function hoursOfSource(db: Db, sourceId: number, now: Date, hours: number) {
  const { rows } = await sql<PeriodRow & { hour: Date }>`
    select h.hour, ${sums}
    from generate_series(date_trunc('hour', ${now}::timestamptz, 'UTC') - ${hours - 1} * interval '1 hour',
      date_trunc('hour', ${now}::timestamptz, 'UTC'), interval '1 hour') h(hour)
    left join collection_hour c on c.source_id = ${sourceId} and c.hour = h.hour order by h.hour`.execute(db)
  return rows
}

interface PeriodRow {
  runs: number
  succeeded: number
  added: number
  changed: number
  undated: number
  tooOld: number
  /** Mean of a run; null without runs. */
  meanMs: number | null
  bytes: number
}
const sums = sql`coalesce(c.runs, 0) as runs, coalesce(c.succeeded, 0) as succeeded, coalesce(c.added, 0) as added,
  coalesce(c.changed, 0) as changed, coalesce(c.undated, 0) as undated, coalesce(c.too_old, 0) as too_old,
  (c.duration_ms::float8 / nullif(c.runs, 0)) as mean_ms, coalesce(c.bytes, 0)::float8 as bytes`

// --- retention

/** Deletes what is kept long enough, in small steps; the newest runs of every source stay whatever their age. Gives how many runs. */
export async function pruneRuns(db: Db, policy: CollectingPolicy, now: Date): Promise<number> {
  const before = (days: number) => new Date(now.getTime() - days * 86_400_000)
  let deleted = 0
  for (;;) {
    // The oldest first: collection_run_started; what stays is found by collection_run_source.
    const { numAffectedRows } = await sql`
      delete from collection_run where id in (
        select run.id from collection_run run
        where run.started_at < ${before(policy.keepRunsDays)} and run.outcome is not null
          and run.id < (
            select min(newest.id) from (
              select id from collection_run where source_id = run.source_id order by id desc limit ${policy.keepNewestRuns}
            ) newest)
        order by run.started_at limit 2000)`.execute(db)
    deleted += Number(numAffectedRows ?? 0)
    if (Number(numAffectedRows ?? 0) < 2_000) break
  }
  await db.deleteFrom('collectionHour').where('hour', '<', before(policy.keepHoursDays)).execute()
  return deleted
}

// --- what requires a source

export interface Requirement {
  riskCode: string | null
  cityCompanyId: number | null
  projectId: number | null
}

export function requirementsOf(db: Db, sourceId: number) {
  return db
    .selectFrom('sourceRequirement as r')
    .leftJoin('project as p', 'p.id', 'r.projectId')
    .leftJoin('cityCompany as c', 'c.id', 'r.cityCompanyId')
    .select(['r.riskCode', 'r.cityCompanyId', 'r.projectId', 'p.name as project', 'c.name as cityCompany'])
    .where('r.sourceId', '=', sourceId)
    .orderBy('c.name')
    .orderBy('p.name')
    .orderBy('r.riskCode')
    .execute()
}

/** Replaces them all. Cells that were or are concerned are marked for scoring. */
export async function setRequirements(
  tx: Tx,
  sourceId: number,
  requirements: readonly Requirement[],
): Promise<void> {
  await markRequiringCells(tx, [sourceId])
  await tx.deleteFrom('sourceRequirement').where('sourceId', '=', sourceId).execute()
  if (requirements.length > 0) {
    await tx
      .insertInto('sourceRequirement')
      .values(requirements.map((requirement) => ({ ...requirement, sourceId })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  await markRequiringCells(tx, [sourceId])
}

/** Which of these risks, projects and city companies exist. */
export async function knownTargets(db: Db, requirements: readonly Requirement[]) {
  const { rows } = await sql<{ risks: string[]; cities: number[]; projects: number[] }>`
    select array(select code from risk where code = any(${requirements.map((one) => one.riskCode)}::text[])) as risks,
      array(select id from city_company where id = any(${requirements.map((one) => one.cityCompanyId)}::int[])) as cities,
      array(select id from project where id = any(${requirements.map((one) => one.projectId)}::int[])) as projects`.execute(
    db,
  )
  return rows[0] ?? { risks: [], cities: [], projects: [] }
}

/** What a source may be required for. */
export async function targets(db: Db) {
  const [risks, cities, projects] = await Promise.all([
    db.selectFrom('risk').select(['code', 'nameZh', 'nameEn', 'phase']).orderBy('position').execute(),
    db.selectFrom('cityCompany').select(['id', 'name', 'city']).orderBy('id').execute(),
    db.selectFrom('project').select(['id', 'name', 'cityCompanyId']).orderBy('id').execute(),
  ])
  return { risks, cities, projects }
}

// --- the daily heartbeat

const FailingList = z.array(
  z.object({
    id: z.number(),
    name: z.string(),
    health: z.string(),
    cause: z.string().nullable(),
    since: z.string(),
  }),
)

/** Writes the record of a day; one that is there stays. True when it was written. */
export async function writeHeartbeat(
  tx: Tx,
  period: { day: string; since: Date; at: Date },
): Promise<boolean> {
  const { day, since, at } = period
  const { numAffectedRows } = await sql`
    insert into daily_heartbeat (day, at, since, sources, sources_read, sources_silent, sources_paused, runs, failed_runs,
      items, matches, cases, oldest_source, oldest_success_at, deadlines_checked_at, failing)
    select ${day}, ${at}, ${since}, standing.active, standing.read, standing.silent, standing.paused,
      hours.runs, hours.failed, hours.items, texts.matches, ledger.cases, oldest.name, oldest.last_success_at,
      (select at from heartbeat where key = 'exposures-swept'), failing.list
    from (
      select count(*) filter (where s.state = 'active') as active, count(*) filter (where s.state = 'paused') as paused,
        count(*) filter (where h.health in ('healthy', 'silent')) as read, count(*) filter (where h.health = 'silent') as silent
      from source s join source_health h on h.source_id = s.id
    ) standing
    cross join (
      select coalesce(sum(runs), 0) as runs, coalesce(sum(runs - succeeded), 0) as failed, coalesce(sum(added), 0) as items
      from collection_hour where hour >= ${since}
    ) hours
    cross join (
      select count(*) as matches from mention where occurred_at >= ${since} and occurred_at <= ${at} and (project_ids <> '{}' or risk_codes <> '{}')
    ) texts
    cross join (select count(*) as cases from complaint where received_at >= ${since} and received_at <= ${at}) ledger
    left join lateral (
      select s.name, h.last_success_at from source s join source_health h on h.source_id = s.id
      where s.state = 'active' order by h.last_success_at nulls first, s.id limit 1
    ) oldest on true
    cross join (
      select coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'health', health, 'cause', cause, 'since', since) order by since, id), '[]') as list
      from (
        select s.id, s.name, h.health, h.cause, h.since from source s join source_health h on h.source_id = s.id
        where h.health in ('failing', 'silent') order by h.since, s.id limit 50
      ) worst
    ) failing
    on conflict (day) do nothing`.execute(tx)
  return Number(numAffectedRows ?? 0) > 0
}

/** The newest first. */
export async function heartbeats(db: Db, limit: number) {
  const rows = await db.selectFrom('dailyHeartbeat').selectAll().orderBy('day', 'desc').limit(limit).execute()
  return rows.map((row) => ({ ...row, failing: FailingList.parse(row.failing) }))
}

/** When a task of the clock last ended well. */
export async function lastBeat(db: Db, key: 'sources-due' | 'sources-judged'): Promise<Date | null> {
  const beat = await db.selectFrom('heartbeat').select('at').where('key', '=', key).executeTakeFirst()
  return beat?.at ?? null
}
