import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import type { Db, Tx } from '../db/connect.ts'
import { anyProjectInScope } from '../db/scoped.ts'
import { lockStories, markIssuesDue, recountStories } from './store.ts'

/** How one counts who tells a story: families, else the source itself. */
const teller = sql`coalesce('f' || m.family_id, 's' || m.source_id)`
/** Equal texts are shown, and moved, as one. */
const fold = sql`coalesce(m.text_hash, int8send(m.id))`
/** Texts of one story that are read at once; copies are folded before. */
const TEXTS = 200
const TELLERS = 100
/** Points of the line that shows the spread. */
const POINTS = 60

export interface StoryText {
  /** The earliest of the equal texts. */
  id: number
  title: string
  occurredAt: Date
  polarity: 'negative' | 'neutral' | 'positive'
  tier: string | null
  publisher: string | null
  family: string | null
  /** Further equal texts, and the families that carry any of them. */
  copies: number
  families: number
}

/** A story as far as the reader's scope goes, or the one it was merged into; undefined: none, or nothing of it is theirs. */
export async function readStory(db: Db, scope: Scope, asked: number) {
  const merged = await db
    .selectFrom('mergedStory')
    .select('intoId')
    .where('id', '=', asked)
    .executeTakeFirst()
  const id = merged?.intoId ?? asked
  const mine = sql`m.story_id = ${id} and ${anyProjectInScope(scope, 'm.projectIds')}`
  const found = await sql<{
    id: number
    title: string
    firstAt: Date
    lastAt: Date
    mentions: number
    families: number
    beyond: number
    riskCodes: string[]
    projects: { id: number; name: string }[]
  }>`
    select s.id, s.title, told.*, s.mention_count - told.mentions as beyond,
      array(select distinct code from mention m, unnest(m.risk_codes) code where ${mine} order by 1) as risk_codes,
      (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) order by p.id), '[]') from project p
        where p.id in (select unnest(m.project_ids) from mention m where ${mine})
          and ${scope.all ? sql`true` : sql`p.id = any(${[...scope.projectIds]}::int[])`}) as projects
    from story s, lateral (
      select min(m.occurred_at) as first_at, max(m.occurred_at) as last_at, count(*) as mentions,
        count(distinct ${teller}) as families
      from mention m where ${mine}
    ) told
    where s.id = ${id} and told.mentions > 0`.execute(db)
  const story = found.rows[0]
  if (!story) return undefined
  const [texts, tellers, spread] = await Promise.all([
    textsOf(db, mine),
    tellersOf(db, mine),
    spreadOf(db, mine, story.firstAt, story.lastAt),
  ])
  return { ...story, texts, tellers, spread }
}

async function textsOf(db: Db, mine: RawBuilder<unknown>): Promise<readonly StoryText[]> {
  const found = await sql<StoryText>`
    with texts as (
      select (array_agg(m.id order by m.occurred_at, m.id))[1] as id, count(*) - 1 as copies, count(distinct ${teller}) as families
      from mention m where ${mine} group by ${fold}
      order by min(m.occurred_at), 1 limit ${TEXTS}
    )
    select m.id, m.title, m.occurred_at, m.polarity, m.tier, coalesce(p.name, d.publisher_name, source.name) as publisher,
      f.name as family, texts.copies, texts.families
    from texts join mention m on m.id = texts.id join document d on d.id = m.id join source on source.id = m.source_id
    left join publisher p on p.id = m.publisher_id left join publisher_family f on f.id = m.family_id
    order by m.occurred_at, m.id`.execute(db)
  return found.rows
}

/** Who told it, in the order in which they came. */
async function tellersOf(db: Db, mine: RawBuilder<unknown>) {
  const found = await sql<{ name: string; tier: string | null; firstAt: Date; mentions: number }>`
    select coalesce(f.name, source.name) as name, min(m.tier) as tier, min(m.occurred_at) as first_at, count(*) as mentions
    from mention m join source on source.id = m.source_id left join publisher_family f on f.id = m.family_id
    where ${mine} group by ${teller}, coalesce(f.name, source.name)
    order by 3, 1 limit ${TELLERS}`.execute(db)
  return found.rows
}

/** Texts per step of whole hours, and how many tell it by the end of each; steps without any included. */
async function spreadOf(db: Db, mine: RawBuilder<unknown>, firstAt: Date, lastAt: Date) {
  const hours = Math.max(1, Math.ceil((lastAt.getTime() - firstAt.getTime()) / 3_600_000 / POINTS))
  const found = await sql<{ at: Date; mentions: number; families: number }>`
    with told as (
      select m.occurred_at, ${teller} as teller from mention m where ${mine}
    ), firsts as (select min(occurred_at) as at from told group by teller),
    steps as (
      select at, at + make_interval(hours => ${hours}) as until
      from generate_series(date_trunc('hour', ${firstAt}::timestamptz), ${lastAt}::timestamptz, make_interval(hours => ${hours})) at
    )
    select at, (select count(*) from told where occurred_at >= at and occurred_at < until) as mentions,
      (select count(*) from firsts where firsts.at < until) as families
    from steps order by at`.execute(db)
  return { hours, steps: found.rows }
}

// ── people's word ─────────────────────────────────────────────────────────────────────────────────────────────────

export interface StoryChange {
  by: number
  now: Date
}

/** Members of a story with what a change must mark; `isMine` false: beyond the reader's scope. Locks the stories. */
export async function membersForChange(tx: Tx, scope: Scope, storyId: number) {
  await lockStories(tx)
  const found = await sql<{
    id: number
    title: string
    occurredAt: Date
    projectIds: number[]
    cityCompanyIds: number[]
    /** Equal for equal texts, which the page folds into one. */
    fold: Buffer
    isMine: boolean
  }>`
    select m.id, m.title, m.occurred_at, m.project_ids, m.city_company_ids, ${fold} as fold, ${anyProjectInScope(scope, 'm.projectIds')} as is_mine
    from mention m where m.story_id = ${storyId} order by m.occurred_at, m.id`.execute(tx)
  return found.rows
}
export type StoryMemberRow = Awaited<ReturnType<typeof membersForChange>>[number]

/** A new story for these texts. */
export async function openStory(tx: Tx, from: { title: string; at: Date }): Promise<number> {
  const { id } = await tx
    .insertInto('story')
    .values({ title: from.title, firstAt: from.at, lastAt: from.at })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Remembers where a story goes, and leads there what was merged into it before. */
export async function noteMerge(tx: Tx, storyId: number, intoId: number): Promise<void> {
  await tx.updateTable('mergedStory').set({ intoId }).where('intoId', '=', storyId).execute()
  await tx.insertInto('mergedStory').values({ id: storyId, intoId }).execute()
}

/**
 * Puts these texts into a story for good: the analysis leaves them there. Counts of both stories follow, and so do the
 * scores and hot issues that count copies of one story once.
 */
export async function moveToStory(
  tx: Tx,
  members: readonly StoryMemberRow[],
  to: { storyId: number; fromStoryId: number },
  { by, now }: StoryChange,
): Promise<void> {
  const ids = members.map(({ id }) => id)
  const these = sql<number>`any(${ids}::bigint[])`
  await tx.updateTable('mention').set({ storyId: to.storyId }).where('id', '=', these).execute()
  await sql`
    insert into story_decision (mention_id, story_id, decided_by, decided_at)
    select id, ${to.storyId}, ${by}, ${now} from unnest(${ids}::bigint[]) id
    on conflict (mention_id) do update set story_id = excluded.story_id, decided_by = excluded.decided_by,
      decided_at = excluded.decided_at`.execute(tx)
  await recountStories(tx, [to.fromStoryId, to.storyId])
  await sql`
    insert into scoring_due as due (project_id, risk_code)
    select distinct project_id, risk_code from signal where mention_id = ${these} and project_id is not null order by 1, 2
    on conflict (project_id, risk_code) do update set since = due.since`.execute(tx)
  const cities = await tx
    .selectFrom('project')
    .select(['id', 'cityCompanyId'])
    .where(
      'id',
      '=',
      sql<number>`any(${[...new Set(members.flatMap(({ projectIds }) => projectIds))]}::int[])`,
    )
    .execute()
  await markIssuesDue(
    tx,
    cities.map(({ id, cityCompanyId }) => ({ projectId: id, cityCompanyId })),
  )
}
