// What a story may be merged into. Every question is bounded whatever is stored: so many texts around the story in time, of
// its projects and under its title; words go to the index of titles and texts.
import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import type { Db } from '../db/connect.ts'
import { anyProjectInScope } from '../db/scoped.ts'
import { hasPair, holdsWords, mentionsHolding, wordsOf } from '../db/words.ts'
import { likeliestStories, type NearText, pasted, type StoryFacts } from './story-candidates.ts'

const MOST_OFFERED = 10
/** Texts of one story that are read to tell what it is about. */
const OF_STORY = 500
/** Texts that are looked at before and after the story began, and of each of its projects. */
const AROUND = 1_000
const OF_PROJECT = 200
const PROJECTS = 5
const SAME_TITLE = 100
/** Titles that hold the words and are weighed. */
const FOUND = 1_000

export interface OfferedStory {
  id: number
  title: string
  firstAt: Date
  /** All its texts, those beyond the reader's scope included. */
  mentions: number
  /** Some are beyond: somebody of the group has to merge it. */
  isBeyond: boolean
  /** Those in the reader's scope. */
  projects: readonly { id: number; name: string }[]
}

/**
 * Stories into which this one may be merged, the likeliest first: those near it, or with `words` those that hold them in a
 * title, or the one whose number or link was pasted. undefined: there is no such story, or nothing of it is the reader's.
 */
export async function offeredStories(
  db: Db,
  scope: Scope,
  id: number,
  words: string,
): Promise<readonly OfferedStory[] | undefined> {
  const story = await factsOf(db, scope, id)
  if (!story) return undefined
  const named = pasted(words)
  const direct = named && (await storyNamed(db, named))
  const rest = named?.isLink ? [] : await likeliest(db, scope, story, wordsOf(words))
  const ids = [...new Set([...(direct ? [direct] : []), ...rest])].filter((one) => one !== story.id)
  return describe(db, scope, ids.slice(0, MOST_OFFERED))
}

async function likeliest(
  db: Db,
  scope: Scope,
  story: StoryFacts,
  words: readonly string[],
): Promise<readonly number[]> {
  const rank = (texts: readonly NearText[]) =>
    likeliestStories(story, texts, { most: MOST_OFFERED, isAsked: words.length > 0 })
  const near = await textsOf(db, scope, story, nearTexts(story), words)
  const ranked = rank(near)
  // A word of many titles is among those that are near; marks alone are in no index.
  if (ranked.length === MOST_OFFERED || !words.some(hasPair)) return ranked
  const title = (text: RawBuilder<unknown>) => sql`split_part(${text}, chr(10), 1)`
  return rank([...near, ...(await textsOf(db, scope, story, mentionsHolding(words, title), words))])
}

async function factsOf(db: Db, scope: Scope, id: number): Promise<StoryFacts | undefined> {
  const found = await sql<StoryFacts>`
    select s.id, s.title, told.*,
      array(select distinct unnest(m.project_ids) from mention m where m.id = any(few.ids)) as project_ids,
      array(select distinct unnest(m.risk_codes) from mention m where m.id = any(few.ids)) as risk_codes
    from story s,
      lateral (select array(
        select m.id from mention m where m.story_id = s.id and ${anyProjectInScope(scope, 'm.projectIds')}
        order by m.occurred_at limit ${OF_STORY}) as ids) few,
      lateral (select min(m.occurred_at) as first_at, max(m.occurred_at) as last_at
        from mention m where m.id = any(few.ids)) told
    where s.id = ${id} and told.first_at is not null`.execute(db)
  return found.rows[0]
}

function nearTexts({ title, firstAt, projectIds }: StoryFacts): RawBuilder<unknown> {
  const projects = projectIds.slice(0, PROJECTS)
  return sql`
    (select id from mention where occurred_at <= ${firstAt} order by occurred_at desc, id desc limit ${AROUND})
    union
    (select id from mention where occurred_at > ${firstAt} order by occurred_at, id limit ${AROUND})
    union
    select near.id from unnest(${projects}::int[]) of(project), lateral (
      (select mention_id as id from mention_project where project_id = of.project and occurred_at <= ${firstAt}
        order by occurred_at desc, mention_id desc limit ${OF_PROJECT})
      union all
      (select mention_id from mention_project where project_id = of.project and occurred_at > ${firstAt}
        order by occurred_at, mention_id limit ${OF_PROJECT})
    ) near
    union
    (select id from mention where title_letters(title) = title_letters(${title}) limit ${SAME_TITLE})`
}

/** These texts, as far as the reader may see them and their titles hold the words; those nearest in time. */
async function textsOf(
  db: Db,
  scope: Scope,
  story: StoryFacts,
  ids: RawBuilder<unknown>,
  words: readonly string[],
): Promise<readonly NearText[]> {
  const found = await sql<NearText>`
    with near as materialized (${ids})
    select m.story_id, m.title, m.occurred_at, m.project_ids, m.risk_codes from near join mention m on m.id = near.id
    where m.story_id <> ${story.id} and ${anyProjectInScope(scope, 'm.projectIds')}
      and ${holdsWords(sql`search_text(m.title)`, words)}
    ${words.length > 0 ? sql`order by abs(extract(epoch from m.occurred_at - ${story.firstAt}::timestamptz)) limit ${FOUND}` : sql``}`.execute(
    db,
  )
  return found.rows
}

/** What was merged since the link was copied leads to where it went. */
async function storyNamed(
  db: Db,
  { kind, id }: { kind: 'story' | 'mention'; id: number },
): Promise<number | undefined> {
  const found = await sql<{ id: number }>`
    select coalesce((select into_id from merged_story where id = of.id), of.id) as id
    from (${kind === 'story' ? sql`select ${id}::bigint as id` : sql`select story_id from mention where id = ${id}`}) of(id)
    where of.id is not null`.execute(db)
  return found.rows[0]?.id
}

async function describe(db: Db, scope: Scope, ids: readonly number[]): Promise<readonly OfferedStory[]> {
  const isMine = anyProjectInScope(scope, 'm.projectIds')
  const ofScope = scope.all ? sql`true` : sql`p.id = any(${[...scope.projectIds]}::int[])`
  const found = await sql<OfferedStory>`
    select s.id, s.title, coalesce(told.first_at, s.first_at) as first_at, s.mention_count as mentions, told.is_beyond,
      (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) order by p.id), '[]') from project p
        where p.id in (select unnest(m.project_ids) from mention m where m.id = any(few.ids)) and ${ofScope}) as projects
    from unnest(${[...ids]}::bigint[]) with ordinality asked(id, place) join story s on s.id = asked.id,
      lateral (select array(
        select m.id from mention m where m.story_id = s.id order by m.occurred_at limit ${OF_STORY}) as ids) few,
      lateral (select min(m.occurred_at) filter (where ${isMine}) as first_at, bool_or(not ${isMine}) as is_beyond
        from mention m where m.id = any(few.ids)) told
    where exists (select from mention m where m.story_id = s.id and ${isMine})
    order by asked.place`.execute(db)
  return found.rows
}
