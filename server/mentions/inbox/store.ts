import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../access/scope.ts'
import { foldNames } from '../../analysis/estate-names.ts'
import type { Db, Tx } from '../../db/connect.ts'
import { anyProjectInScope, projectInScope } from '../../db/scoped.ts'
import { requeueTexts } from '../store.ts'
import { likelyProjects, type WaitingText } from './group.ts'

/** What is older than this is history: it would change no warning. */
const DAYS = 90
/** Texts read for one answer; the groups are made of these. */
const PAGE = 300
/** The count stops here: «1,000 or more» is all that one needs to know. */
const MOST_COUNTED = 1_000
const MOST_CANDIDATES = 5

export const inboxKinds = ['candidate', 'company', 'risk'] as const
export type InboxKind = (typeof inboxKinds)[number]

/**
 * Has a risk that nobody rejected, or names a company of ours; no project, also none that a person has just given it and the
 * analysis has not read; nobody said «not ours».
 */
const isWaiting = sql<boolean>`
  m.project_ids = '{}' and (m.risk_codes <> '{}' or m.names_us) and m.dismissed_at is null
  and (m.names_us or exists (select from signal s where s.mention_id = m.id and s.state <> 'rejected'))
  and not exists (select from mention_project where mention_id = m.id and state = 'confirmed')`

function ofKind(kind: InboxKind | undefined): RawBuilder<boolean> {
  if (kind === 'company') return sql<boolean>`m.names_us`
  if (kind === 'risk') return sql<boolean>`m.risk_codes <> '{}'`
  if (kind === 'candidate')
    return sql<boolean>`exists (select from mention_project where mention_id = m.id and state = 'proposed')`
  return sql<boolean>`true`
}

/** The newest waiting texts, with their candidates; `next` continues with older ones. */
export async function waitingTexts(
  db: Db,
  scope: Scope,
  asked: { kind?: InboxKind | undefined; after?: number | undefined; now: Date },
): Promise<{ rows: readonly WaitingText[]; next: number | null }> {
  const since = new Date(asked.now.getTime() - DAYS * 86_400_000)
  const after = asked.after
    ? sql`(m.occurred_at, m.id) < (select occurred_at, id from mention where id = ${asked.after})`
    : sql`true`
  const found = await sql<WaitingText>`
    with page as materialized (
      select m.id, m.occurred_at, m.title, m.excerpt, m.polarity, m.source_id, m.publisher_id, m.family_id, m.names_us,
        m.story_id
      from mention m
      where ${isWaiting} and m.occurred_at >= ${since} and ${after} and ${ofKind(asked.kind)}
        and ${anyProjectInScope(scope, 'm.projectIds')}
      order by m.occurred_at desc, m.id desc limit ${PAGE + 1}
    )
    select page.id, page.occurred_at, page.title, page.excerpt, page.polarity, page.names_us, page.story_id,
      coalesce(publisher.name, d.publisher_name, source.name) as publisher,
      coalesce('f' || page.family_id, 's' || page.source_id) as family,
      array(select distinct s.risk_code from signal s where s.mention_id = page.id and s.state <> 'rejected'
        and s.project_id is null order by 1) as risk_codes,
      array(select e.name from estate_sighting e join estate_name n on n.name = e.name and n.state = 'seen'
        where e.mention_id = page.id order by n.texts desc, e.name limit 3) as estates,
      coalesce(likely.candidates, '[]') as candidates, coalesce(likely.phases, '[]') as phases,
      coalesce(likely.buildings, '[]') as buildings
    from page
    join document d on d.id = page.id
    join source on source.id = page.source_id
    left join publisher on publisher.id = page.publisher_id
    left join lateral (
      select jsonb_agg(jsonb_build_object('projectId', p.id, 'name', p.name, 'city', p.city,
          'confidence', round(mp.confidence::numeric, 2), 'written', coalesce(mp.terms -> 0 ->> 'text', ''),
          'factors', mp.factors) order by mp.confidence desc, p.id) as candidates,
        (array_agg(to_jsonb(mp.phases) order by mp.confidence desc, p.id))[1] as phases,
        (array_agg(to_jsonb(mp.buildings) order by mp.confidence desc, p.id))[1] as buildings
      from (
        select * from mention_project where mention_id = page.id and state = 'proposed'
        order by confidence desc, project_id limit ${MOST_CANDIDATES}
      ) mp join project p on p.id = mp.project_id and ${projectInScope(scope, 'p.id')}
    ) likely on true
    order by page.occurred_at desc, page.id desc`.execute(db)
  const rows = found.rows.slice(0, PAGE)
  return { rows, next: found.rows.length > PAGE ? (rows.at(-1)?.id ?? null) : null }
}

/** How many texts wait, up to MOST_COUNTED. */
export async function countWaiting(db: Db, scope: Scope, now: Date): Promise<number> {
  const since = new Date(now.getTime() - DAYS * 86_400_000)
  const found = await sql<{ count: number }>`
    select count(*)::int as count from (
      select from mention m where ${isWaiting} and m.occurred_at >= ${since}
        and ${anyProjectInScope(scope, 'm.projectIds')} limit ${MOST_COUNTED}) waiting`.execute(db)
  return found.rows[0]?.count ?? 0
}

/** The mentions to decide on, locked in the order of their ids; fewer than asked: some are none, or not the reader's. */
export function mentionsForChange(tx: Tx, scope: Scope, ids: readonly number[]) {
  return tx
    .selectFrom('mention')
    .select(['id', 'occurredAt', 'projectIds'])
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .where(anyProjectInScope(scope, 'mention.projectIds'))
    .orderBy('id')
    .forUpdate()
    .execute()
}

/** Writes that all of these are the project's; the analysis reads them again under that word. */
export async function attachAll(tx: Tx, ids: readonly number[], projectId: number): Promise<void> {
  await sql`
    insert into mention_project (mention_id, project_id, confidence, terms, state, occurred_at)
    select id, ${projectId}, 1, '[]', 'confirmed', occurred_at from mention where id = any(${[...ids]}::bigint[])
    on conflict (mention_id, project_id) do update set state = 'confirmed'`.execute(tx)
  await tx
    .updateTable('mention')
    .set({ dismissedBy: null, dismissedAt: null })
    .where('id', '=', anyOf(ids))
    .execute()
  await requeueTexts(tx, ids)
}

/** Takes an attachment back to what the machine thinks. */
export async function detachAll(tx: Tx, ids: readonly number[], projectId: number): Promise<void> {
  await tx
    .updateTable('mentionProject')
    .set({ state: 'proposed' })
    .where('mentionId', '=', anyOf(ids))
    .where('projectId', '=', projectId)
    .where('state', '=', 'confirmed')
    .execute()
  await requeueTexts(tx, ids)
}

/** «Not ours»: they leave the inbox, and their candidates are rejected so that a later reading does not bring them back. */
export async function dismissAll(
  tx: Tx,
  ids: readonly number[],
  by: { userId: number; now: Date },
): Promise<void> {
  await tx
    .updateTable('mention')
    .set({ dismissedBy: by.userId, dismissedAt: by.now })
    .where('id', '=', anyOf(ids))
    .execute()
  await setStates(tx, ids, 'proposed', 'rejected')
}

export async function restoreAll(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx
    .updateTable('mention')
    .set({ dismissedBy: null, dismissedAt: null })
    .where('id', '=', anyOf(ids))
    .execute()
  await setStates(tx, ids, 'rejected', 'proposed')
}

const anyOf = (ids: readonly number[]) => sql<number>`any(${[...ids]}::bigint[])`

async function setStates(
  tx: Tx,
  ids: readonly number[],
  from: 'proposed' | 'rejected',
  to: 'proposed' | 'rejected',
): Promise<void> {
  await tx
    .updateTable('mentionProject')
    .set({ state: to })
    .where('mentionId', '=', anyOf(ids))
    .where('state', '=', from)
    .execute()
}

// ── names of estates that no project has ──────────────────────────────────────────────────────────────────────────

/** Names looked at for one answer, and shown. */
const MOST_NAMES = 400
const MOST_SHOWN = 100
const EXAMPLES = 3

export interface ProposedName {
  name: string
  /** Longer cuts that count for it: decided together with it. */
  variants: readonly string[]
  texts: number
  families: number
  near: number
  firstAt: Date
  lastAt: Date
  examples: readonly { id: number; title: string; publisher: string; occurredAt: Date }[]
  likely: readonly { id: number; name: string; city: string }[]
}

/** Names seen in three texts of two publisher families or more, those near our companies and cities first. */
export async function proposedNames(db: Db, scope: Scope): Promise<readonly ProposedName[]> {
  // Texts of nobody's project are headquarters' to read.
  if (!scope.all) return []
  const found = await sql<Omit<ProposedName, 'variants' | 'examples' | 'likely'>>`
    select name, texts, families, near, first_at, last_at from estate_name n
    where state = 'seen' and texts >= 3 and families >= 2
      and not exists (select from project where project.name = n.name)
      and not exists (select from project_alias where alias = n.name)
    order by near desc, families desc, texts desc, name limit ${MOST_NAMES}`.execute(db)
  const standsFor = foldNames(found.rows)
  const shown = found.rows.filter(({ name }) => standsFor.get(name) === name).slice(0, MOST_SHOWN)
  const names = shown.map(({ name }) => name)
  const [examples, projects] = await Promise.all([
    sql<{ name: string; id: number; title: string; publisher: string; occurredAt: Date }>`
      select wanted as name, m.id, m.title, m.occurred_at, coalesce(publisher.name, d.publisher_name, source.name) as publisher
      from unnest(${names}::text[]) wanted
      cross join lateral (
        select distinct on (family) mention_id from estate_sighting where name = wanted order by family, mention_id desc
        limit ${EXAMPLES}) seen
      join mention m on m.id = seen.mention_id join document d on d.id = m.id join source on source.id = m.source_id
      left join publisher on publisher.id = m.publisher_id
      order by m.occurred_at desc, m.id desc`.execute(db),
    sql<{ id: number; name: string; city: string; names: string[] }>`
      select id, name, city, array[name] || array(select alias from project_alias where project_id = project.id) as names
      from project order by id`.execute(db),
  ])
  return shown.map((row) => {
    const variants = found.rows.filter(({ name }) => name !== row.name && standsFor.get(name) === row.name)
    return {
      ...row,
      texts: variants.reduce((sum, one) => sum + one.texts, row.texts),
      variants: variants.map(({ name }) => name),
      examples: examples.rows.flatMap(({ name, ...example }) => (name === row.name ? [example] : [])),
      likely: likelyProjects(row.name, projects.rows, 3).map(({ id, name, city }) => ({ id, name, city })),
    }
  })
}

/** Marks names as decided, or as open again; gives those that exist. */
export async function decideNames(
  tx: Tx,
  names: readonly string[],
  state: 'seen' | 'ignored' | 'known',
  by: { userId: number; now: Date },
): Promise<string[]> {
  const decided = await tx
    .updateTable('estateName')
    .set({
      state,
      decidedBy: state === 'seen' ? null : by.userId,
      decidedAt: state === 'seen' ? null : by.now,
    })
    .where('name', '=', sql<string>`any(${[...names]}::text[])`)
    .returning('name')
    .execute()
  return decided.map(({ name }) => name)
}
