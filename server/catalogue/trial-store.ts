import { sql } from 'kysely'
import { z } from 'zod'
import type { Catalogue } from '../../risk-catalog/load.ts'
import type { Scope } from '../access/scope.ts'
import type { Db, Tx } from '../db/connect.ts'
import { anyProjectInScope, projectInScope } from '../db/scoped.ts'
import { catalogueFrom, contentOf } from './catalog-store.ts'

const DAY_MS = 86_400_000
/** A worker without a sign of life for this long is dead; its trial starts again. */
const DEAD_AFTER_MS = 60_000
/** Older comparisons are of drafts long gone. */
const TRIALS_KEPT = 30
/** Judged texts compared, the newest first: enough to tell, and a bound on the hour it may take. */
const JUDGED_AT_MOST = 20_000

const ScopeShape = z.object({
  all: z.boolean(),
  cityCompanyIds: z.array(z.number()),
  projectIds: z.array(z.number()),
})

export interface Asked {
  askedBy: number
  askedAt: Date
  running: { version: string; model: string | null }
  candidate: { catalogue: Catalogue; model: string | null }
  days: number
  scope: Scope
}

export async function askTrial(tx: Tx, asked: Asked): Promise<number> {
  const { id } = await tx
    .insertInto('catalogueTrial')
    .values({
      askedBy: asked.askedBy,
      askedAt: asked.askedAt,
      runningVersion: asked.running.version,
      runningModel: asked.running.model,
      candidateVersion: asked.candidate.catalogue.version,
      candidateModel: asked.candidate.model,
      candidate: contentOf(asked.candidate.catalogue),
      days: asked.days,
      scope: JSON.stringify(asked.scope),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await tx
    .deleteFrom('catalogueTrial')
    .where('id', '<=', id - TRIALS_KEPT)
    .where('state', 'not in', ['waiting', 'running'])
    .execute()
  return id
}

/** How many comparisons of this person wait or run. */
export async function openTrialsOf(db: Db, userId: number): Promise<number> {
  const { open } = await db
    .selectFrom('catalogueTrial')
    .select((row) => row.fn.countAll<number>().as('open'))
    .where('askedBy', '=', userId)
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirstOrThrow()
  return open
}

/** The next comparison to be made, now ours; one that a dead worker left counts as waiting. */
export async function takeTrial(db: Db, now: Date) {
  const row = await db
    .updateTable('catalogueTrial')
    .set({ state: 'running', beatAt: now, done: 0 })
    .where('id', '=', (trial) =>
      trial
        .selectFrom('catalogueTrial')
        .select('id')
        .where((where) =>
          where.or([
            where('state', '=', 'waiting'),
            where.and([
              where('state', '=', 'running'),
              where('beatAt', '<', new Date(now.getTime() - DEAD_AFTER_MS)),
            ]),
          ]),
        )
        .orderBy('id')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'runningVersion', 'candidateVersion', 'candidate', 'days', 'scope'])
    .returning(['askedAt', 'runningModel', 'candidateModel'])
    .executeTakeFirst()
  return (
    row && {
      ...row,
      candidate: catalogueFrom(row.candidate, row.candidateVersion),
      scope: ScopeShape.parse(row.scope),
    }
  )
}

/** A sign of life with how far it is; false: somebody called it off. */
export async function beatTrial(
  db: Db,
  id: number,
  at: { done: number; total: number; now: Date },
): Promise<boolean> {
  const row = await db
    .updateTable('catalogueTrial')
    .set({ done: at.done, total: at.total, beatAt: at.now })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Only a running one ends: what was called off meanwhile stays so. */
export async function endTrial(
  db: Db,
  id: number,
  end: { state: 'done' | 'failed'; result?: unknown; detail?: string; now: Date },
): Promise<void> {
  await db
    .updateTable('catalogueTrial')
    .set({
      state: end.state,
      candidate: null,
      finishedAt: end.now,
      result: end.result === undefined ? null : JSON.stringify(end.result),
      detail: end.detail ?? null,
    })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute()
}

export async function cancelTrial(db: Db, id: number, now: Date): Promise<boolean> {
  const row = await db
    .updateTable('catalogueTrial')
    .set({ state: 'cancelled', finishedAt: now, candidate: null })
    .where('id', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

const trialColumns = [
  'catalogueTrial.id',
  'askedBy',
  'askedAt',
  'runningVersion',
  'runningModel',
  'candidateVersion',
  'candidateModel',
  'days',
  'catalogueTrial.state',
  'done',
  'total',
  'finishedAt',
  'detail',
] as const

/** One comparison; `result` as it was written, for the schema of the routes. */
export function trialById(db: Db, id: number) {
  return db
    .selectFrom('catalogueTrial')
    .innerJoin('appUser', 'appUser.id', 'catalogueTrial.askedBy')
    .select([...trialColumns, 'scope', 'result', 'appUser.name as askedByName'])
    .where('catalogueTrial.id', '=', id)
    .executeTakeFirst()
}

/** The last comparison that this reader asked for of this candidate, running ones included. */
export function lastTrial(db: Db, userId: number, candidate: { version: string; model: string | null }) {
  return db
    .selectFrom('catalogueTrial')
    .select([...trialColumns])
    .where('askedBy', '=', userId)
    .where('candidateVersion', '=', candidate.version)
    .where('candidateModel', 'is not distinct from', candidate.model)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Whether the whole group's texts were compared: exactly this candidate against exactly what is in force. */
export async function isCompared(
  db: Db,
  running: { version: string; model: string | null },
  candidate: { version: string; model: string | null },
): Promise<boolean> {
  const row = await db
    .selectFrom('catalogueTrial')
    .select('id')
    .where('state', '=', 'done')
    .where('runningVersion', '=', running.version)
    .where('runningModel', 'is not distinct from', running.model)
    .where('candidateVersion', '=', candidate.version)
    .where('candidateModel', 'is not distinct from', candidate.model)
    .where(sql<boolean>`(scope->>'all')::boolean`)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

// ── texts to be compared ────────────────────────────────────────────────────────────────────────────────────────────

export interface StoredText {
  id: number
  title: string
  text: string
  projectIds: number[]
}

interface Span {
  from: Date
  until: Date
  scope: Scope
}

export const spanOf = (askedAt: Date, days: number, scope: Scope): Span => ({
  from: new Date(askedAt.getTime() - days * DAY_MS),
  until: askedAt,
  scope,
})

/** Headquarters reads every stored text; others those about their projects. */
const documentsIn = ({ from, until, scope }: Span) => sql`
  from document d left join mention m on m.id = d.id
  where d.collected_at > ${from} and d.collected_at <= ${until}
    and ${scope.all ? sql`true` : anyProjectInScope(scope, 'm.projectIds')}`
const complaintsIn = ({ from, until, scope }: Span) => sql`
  from complaint c where c.received_at > ${from} and c.received_at <= ${until}
    and ${projectInScope(scope, 'c.projectId', 'c.cityCompanyId')}`

export async function countTexts(db: Db, span: Span): Promise<{ mentions: number; complaints: number }> {
  const counted = await sql<{ mentions: number; complaints: number }>`
    select (select count(*) ${documentsIn(span)}) as mentions, (select count(*) ${complaintsIn(span)}) as complaints
  `.execute(db)
  return counted.rows[0] ?? { mentions: 0, complaints: 0 }
}

/** The next texts, newest first, after the last one of the page before. */
export async function documentPage(db: Db, span: Span, after: StoredText | undefined, limit: number) {
  const before = after
    ? sql`and (d.collected_at, d.id) < (select collected_at, id from document where id = ${after.id})`
    : sql``
  const rows = await sql<StoredText>`
    select d.id, d.title, d.body as text, coalesce(m.project_ids, '{}') as project_ids
    ${documentsIn(span)} ${before} order by d.collected_at desc, d.id desc limit ${limit}`.execute(db)
  return rows.rows
}

export async function complaintPage(db: Db, span: Span, after: StoredText | undefined, limit: number) {
  const before = after
    ? sql`and (c.received_at, c.id) < (select received_at, id from complaint where id = ${after.id})`
    : sql``
  const rows = await sql<StoredText>`
    select c.id, c.title, c.content as text,
      case when c.project_id is null then '{}'::int[] else array[c.project_id] end as project_ids
    ${complaintsIn(span)} ${before} order by c.received_at desc, c.id desc limit ${limit}`.execute(db)
  return rows.rows
}

/** Texts with a verdict of a person on one of their finds, or with a corrected tone; the newest verdicts first. */
export async function judgedTexts(db: Db, scope: Scope) {
  const found = await sql<{
    kind: 'mention' | 'complaint'
    id: number
    verdicts: { risk: string; state: 'confirmed' | 'rejected' }[]
  }>`
    select kind, coalesce(mention_id, complaint_id) as id,
      jsonb_agg(jsonb_build_object('risk', risk_code, 'state', state)) as verdicts
    from (
      select kind, mention_id, complaint_id, risk_code, state from signal
      where state <> 'proposed' and kind in ('mention', 'complaint') and ${judgedInScope(scope)}
      order by verdict_at desc, id desc limit ${JUDGED_AT_MOST}
    ) judged group by 1, 2`.execute(db)
  const corrected = await sql<{ id: number; polarity: string }>`
    select id, polarity from mention where polarity_by is not null and ${anyProjectInScope(scope, 'mention.projectIds')}
    order by id desc limit ${JUDGED_AT_MOST}`.execute(db)
  return { judged: found.rows, corrected: corrected.rows }
}

/** A find without a project is for headquarters, as everywhere. */
const judgedInScope = (scope: Scope) => projectInScope(scope, 'signal.projectId')

export async function textsById(db: Db, kind: 'mention' | 'complaint', ids: readonly number[]) {
  const these = sql`any(${[...ids]}::bigint[])`
  const rows =
    kind === 'mention'
      ? await sql<{ id: number; title: string; text: string }>`
          select id, title, body as text from document where id = ${these}`.execute(db)
      : await sql<{ id: number; title: string; text: string }>`
          select id, title, content as text from complaint where id = ${these}`.execute(db)
  return new Map(rows.rows.map((row) => [row.id, row]))
}

// ── what a person is shown of a comparison ──────────────────────────────────────────────────────────────────────────

/** Texts of mentions within the reader's scope; of those that are no mentions yet, headquarters alone sees them. */
export async function shownMentions(db: Db, scope: Scope, ids: readonly number[]) {
  const rows = await sql<{ id: number; title: string; text: string; at: Date; isMention: boolean }>`
    select d.id, d.title, left(d.body, 4000) as text, coalesce(d.published_at, d.collected_at) as at,
      m.id is not null as "isMention"
    from document d left join mention m on m.id = d.id
    where d.id = any(${[...ids]}::bigint[]) and ${scope.all ? sql`true` : anyProjectInScope(scope, 'm.projectIds')}
  `.execute(db)
  return rows.rows
}

export async function shownComplaints(db: Db, scope: Scope, ids: readonly number[]) {
  const rows = await sql<{
    id: number
    number: string
    title: string
    text: string
    at: Date
    names: Buffer[]
  }>`
    select c.id, c.number, c.title, left(c.content, 4000) as text, c.received_at as at,
      array(select name_encrypted from complainant p where p.complaint_id = c.id and name_encrypted is not null) as names
    from complaint c
    where c.id = any(${[...ids]}::bigint[]) and ${projectInScope(scope, 'c.projectId', 'c.cityCompanyId')}
  `.execute(db)
  return rows.rows
}

/** Where the cells of a comparison stand now. */
export async function cellsNow(db: Db, scope: Scope, cells: readonly { projectId: number; risk: string }[]) {
  const rows = await sql<{
    projectId: number
    projectName: string
    risk: string
    level: 'I' | 'II' | 'III' | 'IV' | null
    evidence: number
    warningId: number | null
  }>`
    select p.id as project_id, p.name as project_name, cell.risk, e.level,
      coalesce(e.mention_count + e.complaint_count, 0) as evidence, w.id as warning_id
    from json_to_recordset(${JSON.stringify(cells)}::json) as cell ("projectId" int, risk text)
      join project p on p.id = cell."projectId"
      left join exposure e on e.project_id = p.id and e.risk_code = cell.risk
      left join warning w on w.project_id = p.id and w.risk_code = cell.risk and w.closed_at is null
    where ${projectInScope(scope, 'p.id')}`.execute(db)
  return new Map(rows.rows.map((row) => [`${row.projectId} ${row.risk}`, row]))
}
