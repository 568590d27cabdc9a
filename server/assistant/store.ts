import { type Insertable, type RawBuilder, sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import type { Db, Tx } from '../db/connect.ts'
import { takeLock } from '../db/locks.ts'
import type { Schema } from '../db/schema.ts'
import { anyProjectInScope, projectInScope } from '../db/scoped.ts'
import { RECENT_CALLS } from './outcome.ts'
import { Content, Cuts, Given } from './proposal.ts'
import { type DraftKind, ITEM_LENGTH, MOST_ITEMS, type Purpose } from './purpose.ts'

// ── settings ──

export function readEndpoint(db: Db) {
  return db
    .selectFrom('assistantEndpoint as e')
    .leftJoin('appUser as u', 'u.id', 'e.updatedBy')
    .select([
      'e.isOn',
      'e.baseUrl',
      'e.model',
      'e.keyEncrypted',
      'e.timeLimitMs',
      'e.callsPerDay',
      'e.tokensPerDay',
      'e.updatedAt',
      'u.name as updatedBy',
    ])
    .executeTakeFirst()
}

export async function writeEndpoint(tx: Tx, values: Insertable<Schema['assistantEndpoint']>): Promise<void> {
  await tx
    .insertInto('assistantEndpoint')
    .values(values)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute()
}

// ── what is asked about ──

interface SubjectAt {
  kind: 'mention' | 'story' | 'warning'
  id: number
}

export interface Subject extends SubjectAt {
  projectIds: readonly number[]
  cityCompanyId: number | null
  /** The one project whose permissions decide; null: those of the whole scope. */
  projectId: number | null
  riskCode: string | null
  /** A warning that has ended: nothing of its level can be moved any more. */
  isClosed: boolean
}

export async function mentionSubject(
  db: Db,
  scope: Scope,
  id: number,
): Promise<(Subject & { storyId: number | null }) | undefined> {
  const row = await db
    .selectFrom('mention')
    .select(['id', 'projectIds', 'cityCompanyIds', 'storyId'])
    .where('id', '=', id)
    .where(anyProjectInScope(scope, 'mention.projectIds'))
    .executeTakeFirst()
  if (!row) return undefined
  const { projectIds, cityCompanyIds, storyId } = row
  return {
    kind: 'mention',
    id,
    projectIds,
    cityCompanyId: cityCompanyIds[0] ?? null,
    projectId: null,
    riskCode: null,
    isClosed: false,
    storyId,
  }
}

/** The story of a mention as far as the reader sees it: its first texts, one of each family before any second one. */
export async function storySubject(
  db: Db,
  scope: Scope,
  storyId: number,
): Promise<(Subject & { mentionIds: readonly number[] }) | undefined> {
  const found = await sql<{ id: number; projectIds: number[]; cityCompanyIds: number[] }>`
    select m.id, m.project_ids, m.city_company_ids from (
      select id, row_number() over (partition by coalesce('f' || family_id, 's' || source_id) order by occurred_at, id) as place,
        occurred_at
      from (
        select * from mention t where t.story_id = ${storyId} and ${anyProjectInScope(scope, 't.projectIds')}
        order by occurred_at, id limit 500
      ) t
    ) told join mention m on m.id = told.id
    order by told.place, told.occurred_at, told.id limit ${MOST_ITEMS}
  `.execute(db)
  const first = found.rows[0]
  if (!first) return undefined
  return {
    kind: 'story',
    id: storyId,
    projectIds: [...new Set(found.rows.flatMap((row) => row.projectIds))],
    cityCompanyId: first.cityCompanyIds[0] ?? null,
    projectId: null,
    riskCode: null,
    isClosed: false,
    mentionIds: found.rows.map((row) => row.id),
  }
}

export async function warningSubject(db: Db, scope: Scope, id: number): Promise<Subject | undefined> {
  const row = await db
    .selectFrom('warning as w')
    .select(['w.id', 'w.projectId', 'w.riskCode', 'w.cityCompanyId', 'w.closedAt'])
    .where('w.id', '=', id)
    .where(projectInScope(scope, 'w.projectId'))
    .executeTakeFirst()
  if (!row) return undefined
  return {
    kind: 'warning',
    id,
    projectIds: [row.projectId],
    cityCompanyId: row.cityCompanyId,
    projectId: row.projectId,
    riskCode: row.riskCode,
    isClosed: row.closedAt !== null,
  }
}

/** What the subject is called, and the cell of a warning. */
export async function subjectWords(
  db: Db,
  subject: SubjectAt,
): Promise<{ words: string; cell: { projectId: number; riskCode: string } | null } | undefined> {
  if (subject.kind === 'warning') {
    const row = await db
      .selectFrom('warning')
      .select(['title', 'level', 'projectId', 'riskCode'])
      .where('id', '=', subject.id)
      .executeTakeFirst()
    return (
      row && {
        words: `${row.title}（${row.level} 级预警）`,
        cell: { projectId: row.projectId, riskCode: row.riskCode },
      }
    )
  }
  const row = await db
    .selectFrom(subject.kind)
    .select('title as words')
    .where('id', '=', subject.id)
    .executeTakeFirst()
  return row && { ...row, cell: null }
}

/** Characters that these refs would bring at most. */
export async function lengthOf(db: Db, mentionIds: readonly number[], complaintIds: readonly number[]) {
  const found = await sql<{ chars: number }>`
    select coalesce(sum(chars), 0)::int as chars from (
      select least(length(body), ${ITEM_LENGTH}) + least(length(title), 200) as chars from document
        where id = any(${[...mentionIds]}::bigint[])
      union all
      select least(length(content) + coalesce(length(demand), 0), ${ITEM_LENGTH}) + least(length(title), 200) from complaint
        where id = any(${[...complaintIds]}::bigint[])
    ) given
  `.execute(db)
  return found.rows[0]?.chars ?? 0
}

export interface FoundText {
  id: number
  at: Date
  from: string
  title: string
  text: string
}

export async function mentionTexts(db: Db, ids: readonly number[]): Promise<readonly FoundText[]> {
  const found = await sql<FoundText>`
    select m.id, m.occurred_at as at, coalesce(p.name, d.publisher_name, s.name) as "from", d.title,
      left(d.body, ${ITEM_LENGTH}) as text
    from mention m join document d on d.id = m.id join source s on s.id = m.source_id
    left join publisher p on p.id = m.publisher_id
    where m.id = any(${[...ids]}::bigint[])
  `.execute(db)
  return found.rows
}

export interface FoundCase extends FoundText {
  people: readonly {
    name: Buffer | null
    phone: Buffer | null
    address: Buffer | null
    unit: Buffer | null
    idNumber: Buffer | null
  }[]
}

/** Cases with what is known of the people behind them, still sealed, so that it can be taken out of the text. */
export async function complaintTexts(db: Db, ids: readonly number[]): Promise<readonly FoundCase[]> {
  if (ids.length === 0) return []
  const cases = await db
    .selectFrom('complaint')
    .select(['id', 'receivedAt as at', 'channel as from', 'title'])
    .select(sql<string>`left(concat_ws(chr(10), content, demand), ${ITEM_LENGTH})`.as('text'))
    .where('id', 'in', [...ids])
    .execute()
  const people = await db
    .selectFrom('complainant')
    .select([
      'complaintId',
      'nameEncrypted as name',
      'phoneEncrypted as phone',
      'addressEncrypted as address',
      'unitEncrypted as unit',
      'idNumberEncrypted as idNumber',
    ])
    .where('complaintId', 'in', [...ids])
    .execute()
  return cases.map((one) => ({ ...one, people: people.filter((person) => person.complaintId === one.id) }))
}

export function riskNames(db: Db) {
  return db.selectFrom('risk').select(['code', 'nameZh as name']).orderBy('position').execute()
}

export function signalsOf(db: Db, mentionId: number) {
  return db
    .selectFrom('signal as s')
    .leftJoin('project as p', 'p.id', 's.projectId')
    .select(['s.id', 's.riskCode', 's.projectId', 'p.name as project', 's.isRedLine', 's.state'])
    .where('s.mentionId', '=', mentionId)
    .orderBy('s.id')
    .execute()
}

// ── calls ──

/** Callers queue here, so that two of them never spend the same last call of a day. */
export async function lockBudget(tx: Tx): Promise<void> {
  await takeLock(tx, 'assistantBudget')
}

/** What was spent since an instant; a call that lasts counts with what it may cost. A test of the connection counts too. */
export async function spentSince(db: Db, since: Date): Promise<{ calls: number; tokens: number }> {
  return db
    .selectFrom('assistantCall')
    .select(({ fn }) => [
      fn.countAll<number>().as('calls'),
      sql<number>`coalesce(sum(tokens), 0)::bigint`.as('tokens'),
    ])
    .where('askedAt', '>=', since)
    .executeTakeFirstOrThrow()
}

/** Ended calls since the settings last changed, newest first, for the breaker. */
export function recentOutcomes(db: Db, since: Date) {
  return db
    .selectFrom('assistantCall')
    .select(['outcome', 'finishedAt'])
    .where('askedAt', '>=', since)
    .where('state', '=', 'done')
    .orderBy('askedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(RECENT_CALLS)
    .execute()
}

export async function insertCall(tx: Tx, values: Insertable<Schema['assistantCall']>): Promise<number> {
  const { id } = await tx.insertInto('assistantCall').values(values).returning('id').executeTakeFirstOrThrow()
  return id
}

/** The same thing asked and not answered yet. */
export function unfinishedCall(
  db: Db,
  asked: {
    purpose: Purpose
    draftKind: DraftKind | null
    subject: SubjectAt
  },
) {
  return db
    .selectFrom('assistantCall')
    .select('id')
    .where('subjectKind', '=', asked.subject.kind)
    .where('subjectId', '=', asked.subject.id)
    .where('purpose', '=', asked.purpose)
    .where(sql<boolean>`draft_kind is not distinct from ${asked.draftKind}`)
    .where('state', '<>', 'done')
    .executeTakeFirst()
}

/** Takes a waiting call; undefined: ended, cancelled or taken already. */
export async function takeCall(db: Db, id: number, now: Date) {
  const call = await db
    .updateTable('assistantCall')
    .set({ state: 'running', startedAt: now })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .returning([
      'id',
      'purpose',
      'draftKind',
      'subjectKind',
      'subjectId',
      'projectIds',
      'cityCompanyId',
      'given',
      'tokens',
    ])
    .executeTakeFirst()
  return call && { ...call, given: Given.parse(call.given) }
}

export async function isStillWanted(db: Db, id: number): Promise<boolean> {
  const call = await db.selectFrom('assistantCall').select('state').where('id', '=', id).executeTakeFirst()
  return call?.state === 'running'
}

/** What is about to be sent, written before it is. */
export async function notePrompt(
  db: Db,
  id: number,
  prompt: { hash: Buffer; chars: number; given: readonly string[] },
): Promise<void> {
  await db
    .updateTable('assistantCall')
    .set({ promptHash: prompt.hash, promptChars: prompt.chars, given: JSON.stringify(prompt.given) })
    .where('id', '=', id)
    .execute()
}

/** Ends a call that still runs or waits; false: it had ended, so nothing of it may be stored. */
export async function finishCall(
  tx: Tx,
  id: number,
  ended: {
    outcome: string
    finishedAt: Date
    detail?: string | null
    answer?: string | null
    attempts?: number
    /** Absent: what was set aside stays spent, as nobody knows what the other side counted. */
    tokens?: number
    tokensIn?: number | null
    tokensOut?: number | null
    cut?: Readonly<Record<string, number>>
  },
): Promise<boolean> {
  const { cut, ...values } = ended
  const done = await tx
    .updateTable('assistantCall')
    .set({ ...values, state: 'done', ...(cut && { cut: JSON.stringify(cut) }) })
    .where('id', '=', id)
    .where('state', '<>', 'done')
    .returning('id')
    .executeTakeFirst()
  return done !== undefined
}

/** Calls whose process went away; gives whose pages wait for them. */
export async function endLostCalls(
  db: Db,
  now: Date,
): Promise<readonly { id: number; projectIds: number[] }[]> {
  return db
    .updateTable('assistantCall')
    .set({ state: 'done', outcome: 'interrupted', finishedAt: now })
    .where('state', '<>', 'done')
    .where('deadlineAt', '<', now)
    .returning(['id', 'projectIds'])
    .execute()
}

/** A call to cancel, locked; undefined: none, or not within reach. */
export function callForChange(tx: Tx, scope: Scope, id: number) {
  return tx
    .selectFrom('assistantCall')
    .select(['id', 'state', 'subjectKind', 'subjectId', 'projectIds', 'cityCompanyId', 'startedAt'])
    .where('id', '=', id)
    .where(mayRead(scope, 'assistantCall'))
    .forUpdate()
    .executeTakeFirst()
}

/** A story joins projects: what was said about all of them is for readers who see all of them. */
function mayRead(
  scope: Scope,
  table: 'assistantCall' | 'assistantProposal' | 'c' | 'p',
): RawBuilder<boolean> {
  if (scope.all) return sql<boolean>`true`
  const kind = sql.ref(`${table}.subjectKind`)
  const projects = sql.ref(`${table}.projectIds`)
  return sql<boolean>`(${anyProjectInScope(scope, `${table}.projectIds`)} and
    (${kind} <> 'story' or ${projects} <@ ${[...scope.projectIds]}::int[]))`
}

export interface CallFilter {
  purpose?: string | undefined
  outcome?: string | undefined
  from?: Date | undefined
  until?: Date | undefined
}

/** The log, newest first. */
export async function listCalls(
  db: Db,
  scope: Scope,
  filter: CallFilter,
  page: { after?: number | undefined; limit: number },
) {
  const conditions = [
    mayRead(scope, 'c'),
    filter.purpose ? sql<boolean>`c.purpose = ${filter.purpose}` : undefined,
    filter.outcome === 'failed'
      ? sql<boolean>`c.state = 'done' and c.outcome not in ('ok', 'nothing', 'cancelled')`
      : filter.outcome
        ? sql<boolean>`c.outcome = ${filter.outcome}`
        : undefined,
    filter.from && sql<boolean>`c.asked_at >= ${filter.from}`,
    filter.until && sql<boolean>`c.asked_at < ${filter.until}`,
    page.after
      ? sql<boolean>`(c.asked_at, c.id) < (select asked_at, id from assistant_call where id = ${page.after})`
      : undefined,
  ].filter((condition) => condition !== undefined)
  const rows = await db
    .selectFrom('assistantCall as c')
    .innerJoin('appUser as u', 'u.id', 'c.askedBy')
    .select([
      'c.id',
      'c.askedAt',
      'u.name as askedBy',
      'c.purpose',
      'c.draftKind',
      'c.subjectKind',
      'c.subjectId',
      'c.state',
      'c.outcome',
      'c.tokens',
      'c.startedAt',
      'c.finishedAt',
    ])
    .where((row) => row.and(conditions))
    .orderBy('c.askedAt', 'desc')
    .orderBy('c.id', 'desc')
    .limit(page.limit + 1)
    .execute()
  const shown = rows.slice(0, page.limit)
  return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null }
}

export async function readCall(db: Db, scope: Scope, id: number) {
  const call = await db
    .selectFrom('assistantCall as c')
    .innerJoin('appUser as u', 'u.id', 'c.askedBy')
    .select([
      'c.id',
      'c.askedAt',
      'u.name as askedBy',
      'c.purpose',
      'c.draftKind',
      'c.subjectKind',
      'c.subjectId',
      'c.given',
      'c.model',
      'c.promptChars',
      'c.state',
      'c.outcome',
      'c.detail',
      'c.answer',
      'c.attempts',
      'c.startedAt',
      'c.finishedAt',
      'c.tokens',
      'c.tokensIn',
      'c.tokensOut',
      'c.cut',
    ])
    .select(sql<string | null>`encode(c.prompt_hash, 'hex')`.as('promptHash'))
    .where('c.id', '=', id)
    .where(mayRead(scope, 'c'))
    .executeTakeFirst()
  if (!call) return undefined
  const decisions = await db
    .selectFrom('assistantProposal as p')
    .leftJoin('appUser as u', 'u.id', 'p.decidedBy')
    .select(['p.id', 'p.kind', 'p.state', 'p.decidedAt', 'u.name as decidedBy', 'p.edited', 'p.reason'])
    .where('p.callId', '=', id)
    .orderBy('p.id')
    .execute()
  return { ...call, given: Given.parse(call.given), cut: Cuts.parse(call.cut), decisions }
}

// ── proposals ──

/** Stores what an answer proposes; an open proposal of the same purpose about the same thing gives way. */
export async function writeProposals(
  tx: Tx,
  call: {
    id: number
    subject: SubjectAt
    draftKind: 'statement' | 'reply' | 'briefing' | null
    projectIds: readonly number[]
    cityCompanyId: number | null
    cell: { projectId: number; riskCode: string } | null
  },
  kinds: readonly Content['kind'][],
  contents: readonly Content[],
): Promise<void> {
  await tx
    .updateTable('assistantProposal')
    .set({ state: 'replaced' })
    .where('subjectKind', '=', call.subject.kind)
    .where('subjectId', '=', call.subject.id)
    .where('kind', 'in', [...kinds])
    .where(sql<boolean>`draft_kind is not distinct from ${call.draftKind}`)
    .where('state', '=', 'open')
    .execute()
  if (contents.length === 0) return
  await tx
    .insertInto('assistantProposal')
    .values(
      contents.map((content) => ({
        callId: call.id,
        kind: content.kind,
        draftKind: call.draftKind,
        subjectKind: call.subject.kind,
        subjectId: call.subject.id,
        // A verdict on a signal is for readers of its project, whoever else the text is about.
        projectIds:
          content.kind === 'label' && content.projectId !== null ? [content.projectId] : [...call.projectIds],
        cityCompanyId: call.cityCompanyId,
        content: JSON.stringify(content),
        signalId: content.kind === 'label' ? content.signalId : null,
        ...(content.kind === 'severity' && call.cell ? { ...call.cell, step: content.step } : {}),
      })),
    )
    .execute()
}

/**
 * What stands on a page: open and accepted proposals, newest first. One that was made from complaints is for readers of
 * complaints.
 */
export async function proposalsOn(
  db: Db,
  scope: Scope,
  subjects: readonly SubjectAt[],
  reader: { mayReadComplaints: boolean },
) {
  const found = await db
    .selectFrom('assistantProposal as p')
    .innerJoin('assistantCall as c', 'c.id', 'p.callId')
    .innerJoin('appUser as asker', 'asker.id', 'c.askedBy')
    .leftJoin('appUser as decider', 'decider.id', 'p.decidedBy')
    .select([
      'p.id',
      'p.subjectKind',
      'p.draftKind',
      'p.content',
      'p.state',
      'p.edited',
      'p.decidedAt',
      'decider.name as decidedBy',
      'asker.name as askedBy',
      'c.askedAt',
      'c.model',
      'c.cut',
    ])
    .where((row) =>
      row.or(
        subjects.map(({ kind, id }) =>
          row.and([row('p.subjectKind', '=', kind), row('p.subjectId', '=', id)]),
        ),
      ),
    )
    .where('p.state', 'in', ['open', 'accepted'])
    .where(mayRead(scope, 'p'))
    .$if(!reader.mayReadComplaints, (query) => query.where(sql<boolean>`not ${citesComplaints}`))
    .orderBy('p.id', 'desc')
    .limit(50)
    .execute()
  return found.map((row) => ({ ...row, content: Content.parse(row.content), cut: Cuts.parse(row.cut) }))
}

const citesComplaints = sql<boolean>`jsonb_path_exists(c.given, '$[*] ? (@ starts with "c")')`

/** The last call about each of these that has not ended, or ended without a proposal: what the page says in its place. */
export function callsOn(db: Db, scope: Scope, subjects: readonly SubjectAt[]) {
  return db
    .selectFrom('assistantCall as c')
    .distinctOn(['c.subjectKind', 'c.purpose', 'c.draftKind'])
    .select([
      'c.id',
      'c.subjectKind',
      'c.purpose',
      'c.draftKind',
      'c.state',
      'c.outcome',
      'c.askedAt',
      'c.cut',
    ])
    .where((row) =>
      row.or(
        subjects.map(({ kind, id }) =>
          row.and([row('c.subjectKind', '=', kind), row('c.subjectId', '=', id)]),
        ),
      ),
    )
    .where(mayRead(scope, 'c'))
    .orderBy('c.subjectKind')
    .orderBy('c.purpose')
    .orderBy('c.draftKind')
    .orderBy('c.id', 'desc')
    .limit(20)
    .execute()
}

/** A proposal to decide on, locked; undefined: none, or not within reach. */
export async function proposalForChange(
  tx: Tx,
  scope: Scope,
  id: number,
  mayReadComplaints: (projectIds: readonly number[]) => boolean,
) {
  const row = await tx
    .selectFrom('assistantProposal as p')
    .innerJoin('assistantCall as c', 'c.id', 'p.callId')
    .select([
      'p.id',
      'p.kind',
      'p.subjectKind',
      'p.subjectId',
      'p.projectIds',
      'p.cityCompanyId',
      'p.content',
      'p.signalId',
      'p.projectId',
      'p.riskCode',
      'p.step',
      'p.state',
    ])
    .select(citesComplaints.as('citesComplaints'))
    .where('p.id', '=', id)
    .where(mayRead(scope, 'p'))
    .forUpdate('p')
    .executeTakeFirst()
  if (!row || (row.citesComplaints && !mayReadComplaints(row.projectIds))) return undefined
  return { ...row, content: Content.parse(row.content) }
}

/** Takes an accepted opinion back; who accepted it and when stay on the row. */
export async function withdraw(tx: Tx, id: number, reason: string): Promise<void> {
  await tx.updateTable('assistantProposal').set({ state: 'withdrawn', reason }).where('id', '=', id).execute()
}

/** The person's decision, with their text and reason. */
export async function decide(
  tx: Tx,
  id: number,
  decision: {
    state: 'accepted' | 'discarded'
    by: number
    now: Date
    edited?: string | null
    reason?: string | null
  },
): Promise<void> {
  const { state, by, now, edited, reason } = decision
  await tx
    .updateTable('assistantProposal')
    .set({
      state,
      decidedBy: by,
      decidedAt: now,
      ...(edited !== undefined && { edited }),
      ...(reason !== undefined && { reason }),
    })
    .where('id', '=', id)
    .execute()
}

/** What a signal stands at now, locked: somebody may have judged it since the proposal was made. */
export function signalState(tx: Tx, id: number) {
  return tx.selectFrom('signal').select('state').where('id', '=', id).forUpdate().executeTakeFirst()
}

/** Whether the warning behind an opinion still stands; locked, so that it does not end meanwhile. */
export async function isWarningOpen(tx: Tx, id: number): Promise<boolean> {
  const row = await tx
    .selectFrom('warning')
    .select('closedAt')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row?.closedAt === null
}

/** One opinion holds for a cell: an older one ends when a newer is accepted. */
export async function endOpinion(tx: Tx, cell: { projectId: number; riskCode: string }): Promise<void> {
  await tx
    .updateTable('assistantProposal')
    .set({ state: 'replaced' })
    .where('kind', '=', 'severity')
    .where('state', '=', 'accepted')
    .where('projectId', '=', cell.projectId)
    .where('riskCode', '=', cell.riskCode)
    .execute()
}

/** Asks scoring to look at a cell again. */
export async function markCellDue(tx: Tx, cell: { projectId: number; riskCode: string }): Promise<void> {
  await sql`
    insert into scoring_due as due (project_id, risk_code) values (${cell.projectId}, ${cell.riskCode})
    on conflict (project_id, risk_code) do update set since = due.since
  `.execute(tx)
}
