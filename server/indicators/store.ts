import { sql } from 'kysely'
import type { AlertCapture, AlertShape, DueDateCapture } from '../../collectors/collector.ts'
import type { Scope } from '../access/scope.ts'
import type { Db, Tx } from '../db/connect.ts'
import { takeLock } from '../db/locks.ts'
import { projectInScope } from '../db/scoped.ts'
import type { AlertArea, Reach, Site } from './areas.ts'
import { becauseOf, type Fact } from './because.ts'
import type { CheckedReading } from './check.ts'
import type { Reading } from './reading-rules.ts'

const DAY_MS = 86_400_000

/** What wrote the signals; goes up when the same facts would give others. */
const VERSION = 'indicators-1'

/** One writer of a kind at a time: two that compare what is with what should be at once would each undo the other. */
const locks = { alert: 'alerts', reading: 'readings', milestone: 'milestones' } as const
export type SignalKind = keyof typeof locks

export async function lockKind(tx: Tx, kind: SignalKind): Promise<void> {
  await takeLock(tx, locks[kind])
}

// ── signals ──

export interface WantedSignal {
  projectId: number
  riskCode: string
  alertId?: number
  milestoneId?: number
  dueDateId?: number
  metric?: string
  strength: number
  occurredAt: Date
  facts: readonly Fact[]
}

/**
 * Makes the signals of a kind what they should be now, and marks the cells whose evidence changed. One that should not be
 * ends and stays as history; equal ones are not touched, so that a run without news writes nothing. `projectIds` limits the
 * comparison to those projects. The marks lock their rows until the commit, so that scoring never takes one before it can
 * see the signals.
 */
export async function reconcileSignals(
  tx: Tx,
  kind: SignalKind,
  wanted: readonly WantedSignal[],
  now: Date,
  projectIds?: readonly number[],
): Promise<number> {
  const rows = wanted.map(({ facts, ...row }) => ({ ...row, because: becauseOf(facts) }))
  const within = projectIds === undefined ? sql`true` : sql`s.project_id = any(${[...projectIds]}::int[])`
  const changed = await sql<{ projectId: number }>`
    with given as (
      select g.* from json_to_recordset(${JSON.stringify(rows)}::json) as g ("projectId" int, "riskCode" text, "alertId" bigint,
        "milestoneId" int, "dueDateId" bigint, metric text, strength real, "occurredAt" timestamptz, because jsonb)
      join risk on risk.code = g."riskCode"
    ), held as (
      select s.* from signal s where s.kind = ${kind} and s.ended_at is null and ${within}
    ), ended as (
      update signal set ended_at = ${now} from held
      where signal.id = held.id and not exists (
        select from given g where g."projectId" = held.project_id and g."riskCode" = held.risk_code
          and g."alertId" is not distinct from held.alert_id and g."milestoneId" is not distinct from held.milestone_id
          and g."dueDateId" is not distinct from held.due_date_id and g.metric is not distinct from held.metric
      )
      returning signal.project_id, signal.risk_code
    ), put as (
      insert into signal (kind, project_id, risk_code, alert_id, milestone_id, due_date_id, metric, strength, occurred_at,
        because, analysis_version, catalog_version)
      select ${kind}, g."projectId", g."riskCode", g."alertId", g."milestoneId", g."dueDateId", g.metric, g.strength,
        g."occurredAt", g.because, ${VERSION}, risk.catalog_version
      from given g join risk on risk.code = g."riskCode"
      where not exists (
        select from held where held.project_id = g."projectId" and held.risk_code = g."riskCode"
          and held.alert_id is not distinct from g."alertId" and held.milestone_id is not distinct from g."milestoneId"
          and held.due_date_id is not distinct from g."dueDateId" and held.metric is not distinct from g.metric
          and held.strength = g.strength and held.occurred_at = g."occurredAt" and held.because = g.because
      )
      on conflict on constraint signal_evidence do update set
        strength = excluded.strength, occurred_at = excluded.occurred_at, because = excluded.because, ended_at = null,
        analysis_version = excluded.analysis_version, catalog_version = excluded.catalog_version
      returning project_id, risk_code
    )
    insert into scoring_due as due (project_id, risk_code)
    select distinct project_id, risk_code from (select * from ended union all select * from put) moved order by 1, 2
    on conflict (project_id, risk_code) do update set since = due.since
    returning project_id
  `.execute(tx)
  return changed.rows.length
}

// ── places and names ──

export interface SiteRow extends Site {
  stage: 'PS' | 'LA' | 'SA' | 'DE' | 'PO'
  cityCompanyId: number
  households: number | null
}

/** Every project with its place: a few hundred rows. */
export function allSites(db: Db): Promise<SiteRow[]> {
  return db
    .selectFrom('project')
    .select(['id', 'city', 'district', 'longitude', 'latitude', 'stage', 'cityCompanyId', 'households'])
    .orderBy('id')
    .execute()
}

/** Names, codes and aliases of every project. */
export async function projectNames(db: Db): Promise<{ projectId: number; name: string }[]> {
  const found = await sql<{ projectId: number; name: string }>`
    select id as project_id, name from project union select id, code from project
    union select project_id, alias from project_alias
  `.execute(db)
  return found.rows
}

// ── readings ──

export interface StoredReading extends CheckedReading {
  projectId: number
}

/** Stores readings, the last of equal keys; gives how many are new or changed, and marks their courses. */
export async function storeReadings(
  tx: Tx,
  readings: readonly StoredReading[],
  sourceId: number,
  now: Date,
): Promise<number> {
  const byKey = new Map(
    readings.map((row) => [`${row.projectId} ${row.metric} ${row.unit} ${row.at.getTime()}`, row]),
  )
  const changed = await sql<{ projectId: number }>`
    with given as (
      select * from json_to_recordset(${JSON.stringify([...byKey.values()])}::json) as g ("projectId" int, metric text, unit text,
        at timestamptz, value float8, planned float8)
    ), put as (
      insert into reading as r (project_id, metric, unit, at, value, planned, source_id, stored_at)
      select "projectId", metric, unit, at, value, planned, ${sourceId}, ${now} from given order by 1, 2, 3, 4
      on conflict (project_id, metric, unit, at) do update set
        value = excluded.value, planned = excluded.planned, source_id = excluded.source_id, stored_at = excluded.stored_at
      where (r.value, r.planned) is distinct from (excluded.value, excluded.planned)
      returning project_id, metric
    ), due as (
      insert into reading_due as d (project_id, metric) select distinct project_id, metric from put order by 1, 2
      on conflict (project_id, metric) do update set since = d.since
    )
    select project_id from put
  `.execute(tx)
  return changed.rows.length
}

export interface CourseKey {
  projectId: number
  metric: string
}

/** Takes courses that wait; those of another process are skipped. */
export async function takeDueCourses(tx: Tx, limit: number): Promise<readonly CourseKey[]> {
  const taken = await sql<CourseKey>`
    delete from reading_due where (project_id, metric) in (
      select project_id, metric from reading_due order by since, project_id, metric limit ${limit} for update skip locked
    ) returning project_id, metric
  `.execute(tx)
  return taken.rows
}

/** Courses that say something now are asked again, because a reading grows stale without a new one. */
export async function markSpeakingCourses(db: Db): Promise<void> {
  await sql`
    insert into reading_due (project_id, metric)
    select distinct project_id, metric from signal where kind = 'reading' and ended_at is null and metric is not null order by 1, 2
    on conflict (project_id, metric) do nothing
  `.execute(db)
}

/**
 * The courses of these projects as far back as each metric's rules look, oldest first; with the nearest open handover of each
 * project. A course comes as one row of arrays: hundreds of thousands of rows of their own cost more than the rules.
 */
export async function coursesOf(
  tx: Tx,
  projectIds: readonly number[],
  reaches: readonly { metric: string; since: Date }[],
): Promise<{
  courses: readonly { projectId: number; metric: string; unit: string; readings: Reading[] }[]
  deliveryOf: ReadonlyMap<number, string>
}> {
  const found = await sql<{
    projectId: number
    metric: string
    unit: string
    seconds: number[]
    values: number[]
    plans: (number | null)[]
  }>`
    select r.project_id, r.metric, r.unit, array_agg(extract(epoch from r.at)::float8 order by r.at) as seconds,
      array_agg(r.value order by r.at) as values, array_agg(r.planned order by r.at) as plans
    from unnest(${[...projectIds]}::int[]) as p(id)
    cross join unnest(${reaches.map(({ metric }) => metric)}::text[], ${reaches.map(({ since }) => since.toISOString())}::timestamptz[])
      as reach(metric, since)
    join reading r on r.project_id = p.id and r.metric = reach.metric and r.at >= reach.since
    group by 1, 2, 3 order by 1, 2, 3
  `.execute(tx)
  const courses = found.rows.map(({ projectId, metric, unit, seconds, values, plans }) => ({
    projectId,
    metric,
    unit,
    readings: seconds.map((second, at) => ({
      at: new Date(second * 1_000),
      value: values[at] ?? 0,
      planned: plans[at] ?? null,
    })),
  }))
  const deliveries = await tx
    .selectFrom('milestone')
    .select('projectId')
    .select(sql<string>`min(planned_on)`.as('on'))
    .where('kind', '=', 'delivery')
    .where('actualOn', 'is', null)
    .where('projectId', '=', sql<number>`any(${[...projectIds]}::int[])`)
    .groupBy('projectId')
    .execute()
  return {
    courses,
    deliveryOf: new Map(deliveries.map(({ projectId, on }) => [projectId, on])),
  }
}

// ── alerts ──

/** Which of these messages were seen before. */
export async function knownMessages(db: Db, externalIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('alertMessage')
    .select('externalId')
    .where('externalId', '=', sql<string>`any(${[...externalIds]}::text[])`)
    .where('sentAt', 'is not', null)
    .execute()
  return new Set(rows.map((row) => row.externalId))
}

export interface Message extends AlertCapture {
  sent: Date
  ends: Date
  areaKey: string
}

/**
 * Adds one message to its event: the one that it or its predecessors belong to, else the one of the same issuer, weather and
 * areas that is still in force. The last sent message of an event holds, whatever order they come in. The caller holds the lock.
 */
export async function storeMessage(tx: Tx, message: Message, sourceId: number, now: Date): Promise<void> {
  const { externalId, replaces, sent, ends, areaKey } = message
  const named = [externalId, ...replaces]
  const told = await tx
    .selectFrom('alertMessage')
    .innerJoin('alert', 'alert.id', 'alertMessage.alertId')
    .select(['alert.id', 'alert.sentAt'])
    .distinct()
    .where('alertMessage.externalId', '=', sql<string>`any(${named}::text[])`)
    .orderBy('alert.id')
    .execute()
  const alike = told.length > 0 ? [] : await alikeInForce(tx, message)
  const content = {
    issuer: message.issuer,
    phenomenon: message.phenomenon,
    severity: message.severity,
    headline: message.headline,
    description: message.description,
    areas: JSON.stringify(message.areas),
    shapes: JSON.stringify(message.shapes ?? []),
    areaKey,
    startsAt: message.startsAt,
    endsAt: message.state === 'cancelled' ? sent : ends,
    state: message.state,
    sentAt: sent,
    url: message.url ?? null,
  }
  const [event, ...others] = told.length > 0 ? told : alike
  let alertId: number
  if (event === undefined) {
    const added = await tx
      .insertInto('alert')
      .values({ ...content, sourceId, storedAt: now })
      .returning('id')
      .executeTakeFirstOrThrow()
    alertId = added.id
  } else {
    alertId = event.id
    const newest = Math.max(event.sentAt.getTime(), ...others.map((other) => other.sentAt.getTime()))
    if (sent.getTime() >= newest) {
      // An end says little: what was warned of stays readable.
      const { areas, shapes, areaKey: key, severity, headline, description, ...end } = content
      const isEnd = message.state === 'cancelled'
      const change = isEnd ? end : { ...end, areas, shapes, areaKey: key, severity, headline, description }
      await tx.updateTable('alert').set(change).where('id', '=', alertId).execute()
    }
    for (const other of others) {
      await tx.updateTable('alertMessage').set({ alertId }).where('alertId', '=', other.id).execute()
      await tx.updateTable('alert').set({ replacedBy: alertId }).where('id', '=', other.id).execute()
    }
  }
  await sql`
    insert into alert_message (external_id, alert_id) select unnest(${[...replaces]}::text[]), ${alertId}
    on conflict (external_id) do nothing
  `.execute(tx)
  const seen = {
    alertId,
    state: message.state,
    severity: message.severity,
    headline: message.headline,
    sentAt: sent,
    raw: message.raw === undefined ? null : JSON.stringify(message.raw),
  }
  await tx
    .insertInto('alertMessage')
    .values({ externalId, ...seen })
    .onConflict((conflict) => conflict.column('externalId').doUpdateSet(seen))
    .execute()
}

/** Events in force that a message without reference speaks of. An end often names fewer areas: alone with its weather, it is meant. */
async function alikeInForce(tx: Tx, { issuer, phenomenon, sent, areaKey, state }: Message) {
  const rows = await tx
    .selectFrom('alert')
    .select(['id', 'sentAt', 'areaKey'])
    .where('issuer', '=', issuer)
    .where('phenomenon', '=', phenomenon)
    .where('endsAt', '>', sent)
    .where('replacedBy', 'is', null)
    .where('state', '=', 'actual')
    .orderBy('id')
    .execute()
  const same = rows.filter((row) => row.areaKey === areaKey)
  return same.length === 0 && state === 'cancelled' && rows.length === 1 ? rows : same
}

export interface AlertInForce extends AlertArea {
  id: number
  phenomenon: string
  severity: 'unknown' | 'minor' | 'moderate' | 'severe' | 'extreme'
  startsAt: Date
  endsAt: Date
}

export async function alertsInForce(
  db: Db,
  now: Date,
  read: { areas: (json: unknown) => AlertArea['areas']; shapes: (json: unknown) => readonly AlertShape[] },
): Promise<AlertInForce[]> {
  const rows = await db
    .selectFrom('alert')
    .select(['id', 'issuer', 'phenomenon', 'severity', 'headline', 'areas', 'shapes', 'startsAt', 'endsAt'])
    .where('state', '=', 'actual')
    .where('replacedBy', 'is', null)
    .where('endsAt', '>', now)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ ...row, areas: read.areas(row.areas), shapes: read.shapes(row.shapes) }))
}

/** Which projects the alerts in force reach; rows of alerts that ended stay. */
export async function storeReach(
  tx: Tx,
  alertIds: readonly number[],
  rows: readonly { alertId: number; projectId: number; reach: Reach }[],
): Promise<void> {
  await sql`
    with given as (
      select * from json_to_recordset(${JSON.stringify(rows)}::json) as g ("alertId" bigint, "projectId" int, reach text)
    ), gone as (
      delete from alert_project ap where ap.alert_id = any(${[...alertIds]}::bigint[]) and not exists (
        select from given g where g."alertId" = ap.alert_id and g."projectId" = ap.project_id)
    )
    insert into alert_project as ap (alert_id, project_id, reach)
    select g."alertId", g."projectId", g.reach from given g
    where not exists (select from alert_project same
      where same.alert_id = g."alertId" and same.project_id = g."projectId" and same.reach = g.reach)
    on conflict (alert_id, project_id) do update set reach = excluded.reach
  `.execute(tx)
}

/** Open leak complaints of these projects: valid cases that show one of the risks and say one of the words. */
export async function openLeaks(
  db: Db,
  projectIds: readonly number[],
  { leakRisks, leakWords }: { leakRisks: readonly string[]; leakWords: readonly string[] },
): Promise<ReadonlyMap<number, number>> {
  const found = await sql<{ projectId: number; leaks: number }>`
    select c.project_id, count(*) as leaks from complaint c
    where c.project_id = any(${[...projectIds]}::int[]) and c.closed_at is null and c.validity is distinct from 'invalid'
      and exists (select from signal s where s.complaint_id = c.id and s.risk_code = any(${[...leakRisks]}::text[])
        and s.state <> 'rejected')
      and (c.title || c.content) ~ ${leakWords.map(escaped).join('|')}
    group by c.project_id
  `.execute(db)
  return new Map(found.rows.map(({ projectId, leaks }) => [projectId, leaks]))
}

const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

// ── due days ──

/** Takes in all days of a source; those it no longer has are withdrawn. Gives how many are new or changed. */
export async function storeDueDates(
  tx: Tx,
  sourceId: number,
  rows: readonly (Omit<DueDateCapture, 'project'> & { projectId: number | null })[],
  isWhole: boolean,
): Promise<number> {
  const byId = new Map(rows.map((row) => [row.externalId, row]))
  if (isWhole) {
    await sql`
      with gone as (
        select id from due_date where source_id = ${sourceId} and external_id <> all(${[...byId.keys()]}::text[])
      ), due as (
        insert into scoring_due as due (project_id, risk_code)
        select distinct project_id, risk_code from signal where due_date_id in (select id from gone) and project_id is not null
        order by 1, 2
        on conflict (project_id, risk_code) do update set since = due.since
      )
      delete from due_date where id in (select id from gone)
    `.execute(tx)
  }
  const changed = await sql<{ id: number }>`
    with given as (
      select g.*, array(select jsonb_array_elements_text(g.risks)) as codes
      from json_to_recordset(${JSON.stringify([...byId.values()])}::json) as g ("externalId" text, "on" date, title text,
        "projectId" int, risks jsonb)
    )
    insert into due_date as d (source_id, external_id, due_on, title, project_id, risk_codes)
    select ${sourceId}, g."externalId", g."on", g.title, g."projectId", g.codes from given g
    on conflict (source_id, external_id) do update set
      due_on = excluded.due_on, title = excluded.title, project_id = excluded.project_id, risk_codes = excluded.risk_codes
    where (d.due_on, d.title, d.project_id, d.risk_codes) is distinct from
      (excluded.due_on, excluded.title, excluded.project_id, excluded.risk_codes)
    returning d.id
  `.execute(tx)
  return changed.rows.length
}

export interface OpenMilestone {
  id: number
  projectId: number
  kind: string
  plannedOn: string
}

/** Milestones planned between these days and not reached. */
export function openMilestones(db: Db, from: string, to: string): Promise<OpenMilestone[]> {
  return db
    .selectFrom('milestone')
    .select(['id', 'projectId', 'kind', 'plannedOn'])
    .where('actualOn', 'is', null)
    .where('plannedOn', '>=', from)
    .where('plannedOn', '<=', to)
    .orderBy('id')
    .execute()
}

export interface DueDay {
  id: number
  projectId: number
  riskCode: string
  title: string
  dueOn: string
  isDirect: boolean
}

/**
 * Days of calendars with the cells they concern: those of the named project, else the cells of that risk that texts or
 * complaints already speak of, in projects of its phase: a day of the whole group makes nothing out of nothing.
 */
export async function dueDays(db: Db, from: string, to: string, since: Date): Promise<readonly DueDay[]> {
  const found = await sql<DueDay>`
    select d.id, coalesce(d.project_id, heard.project_id) as project_id, code.risk as risk_code, d.title, d.due_on::text as due_on,
      d.project_id is not null as is_direct
    from due_date d cross join lateral unnest(d.risk_codes) as code(risk)
    left join lateral (
      select distinct s.project_id from signal s join project p on p.id = s.project_id
      where d.project_id is null and s.risk_code = code.risk and s.kind in ('mention', 'complaint') and s.state <> 'rejected'
        and not s.is_learning and s.occurred_at >= ${since}
        and (p.stage = left(code.risk, 2) or left(code.risk, 2) = 'EX' and p.stage in ('DE', 'PO'))
    ) heard on true
    where d.due_on between ${from} and ${to} and coalesce(d.project_id, heard.project_id) is not null
    order by d.id, 2, 3
  `.execute(db)
  return found.rows
}

// ── what people see ──

export function visibleProject(db: Db, scope: Scope, id: number) {
  return db
    .selectFrom('project')
    .select(['id', 'stage'])
    .where('id', '=', id)
    .where(projectInScope(scope, 'project.id'))
    .executeTakeFirst()
}

/** Alerts over the project: in force first, then those that ended within the last month. */
export async function alertsOfProject(db: Db, projectId: number, now: Date, limit: number) {
  const rows = await db
    .selectFrom('alertProject as ap')
    .innerJoin('alert as a', 'a.id', 'ap.alertId')
    .select([
      'a.id',
      'a.issuer',
      'a.phenomenon',
      'a.severity',
      'a.headline',
      'a.description',
      'a.startsAt',
      'a.endsAt',
      'a.state',
      'a.url',
      'ap.reach',
    ])
    .where('ap.projectId', '=', projectId)
    .where('a.replacedBy', 'is', null)
    .where('a.endsAt', '>', new Date(now.getTime() - 30 * DAY_MS))
    .orderBy(sql`a.state = 'actual' and a.ends_at > ${now}`, 'desc')
    .orderBy('a.endsAt', 'desc')
    .orderBy('a.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...row, isInForce: row.state === 'actual' && row.endsAt > now }))
}

/** The courses of a project since then, for its charts. */
export function readingsOfProject(db: Db, projectId: number, since: Date, limit: number) {
  return db
    .selectFrom('reading')
    .select(['metric', 'unit', 'at', 'value', 'planned'])
    .where('projectId', '=', projectId)
    .where('at', '>=', since)
    .orderBy('metric')
    .orderBy('unit')
    .orderBy('at')
    .limit(limit)
    .execute()
}

/** Days of calendars that concern the project, by name or by its stage. */
export async function dueDatesOfProject(
  db: Db,
  project: { id: number; stage: string },
  from: string,
  to: string,
  limit: number,
) {
  const found = await sql<{ id: number; dueOn: string; title: string; riskCodes: string[]; isOwn: boolean }>`
    select id, due_on::text as due_on, title, risk_codes, project_id is not null as is_own from due_date
    where (project_id = ${project.id} or project_id is null and exists (
        select from unnest(risk_codes) code
        where left(code, 2) = ${project.stage} or left(code, 2) = 'EX' and ${project.stage} in ('DE', 'PO')))
      and due_on between ${from} and ${to}
    order by due_on, id limit ${limit}
  `.execute(db)
  return found.rows
}

/** Alerts in force by city company with what they reach there; gravest first. */
export async function alertsByCity(db: Db, scope: Scope, now: Date, limit: number) {
  const found = await sql<{
    id: number
    issuer: string
    phenomenon: string
    severity: 'unknown' | 'minor' | 'moderate' | 'severe' | 'extreme'
    headline: string
    startsAt: Date
    endsAt: Date
    cityCompanyId: number
    cityCompany: string
    projects: number
    openLeaks: number
    projectIds: number[]
    projectNames: string[]
  }>`
    select a.id, a.issuer, a.phenomenon, a.severity, a.headline, a.starts_at, a.ends_at, p.city_company_id, c.name as city_company,
      count(*) as projects, coalesce(sum(leak.leaks), 0)::int as open_leaks,
      (array_agg(p.id order by leak.leaks desc nulls last, p.id))[1:5] as project_ids,
      (array_agg(p.name order by leak.leaks desc nulls last, p.id))[1:5] as project_names
    from alert a
    join alert_project ap on ap.alert_id = a.id
    join project p on p.id = ap.project_id
    join city_company c on c.id = p.city_company_id
    left join lateral (
      select max((why->'fact'->>'openLeaks')::int) as leaks from signal s cross join lateral jsonb_array_elements(s.because) why
      where s.alert_id = a.id and s.project_id = p.id and s.ended_at is null
    ) leak on true
    where a.state = 'actual' and a.replaced_by is null and a.ends_at > ${now} and ${projectInScope(scope, 'p.id')}
    group by a.id, p.city_company_id, c.name
    order by array_position(array['extreme', 'severe', 'moderate', 'minor', 'unknown'], a.severity), open_leaks desc, a.starts_at desc, a.id
    limit ${limit}
  `.execute(db)
  return found.rows
}

/** Signals of readings or due days that hold now, strongest first. */
export async function signalsInForce(db: Db, scope: Scope, kind: 'reading' | 'milestone', limit: number) {
  const found = await sql<{
    id: number
    projectId: number
    project: string
    cityCompany: string
    riskCode: string
    riskZh: string
    riskEn: string
    strength: number
    because: unknown
  }>`
    select s.id, s.project_id, p.name as project, c.name as city_company, s.risk_code, r.name_zh as risk_zh, r.name_en as risk_en,
      s.strength, s.because
    from signal s
    join project p on p.id = s.project_id
    join city_company c on c.id = p.city_company_id
    join risk r on r.code = s.risk_code
    where s.kind = ${kind} and s.ended_at is null and ${projectInScope(scope, 's.project_id')}
      and (${kind} = 'reading' or (s.because->0->'fact'->>'isDirect')::boolean)
    order by s.strength desc, s.id limit ${limit}
  `.execute(db)
  return found.rows
}
