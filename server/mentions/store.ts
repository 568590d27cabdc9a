import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import type { Factor } from '../analysis/project-match.ts'
import type { Db, Tx } from '../db/connect.ts'
import { anyProjectInScope } from '../db/scoped.ts'
import { holdsWords, mentionsHolding, textOfMention, wordsOf } from '../db/words.ts'
import type { MentionFilter } from './filter.ts'

type Condition = RawBuilder<boolean>
const and = (conditions: readonly Condition[]): Condition =>
  sql<boolean>`${sql.join([...conditions], sql` and `)}`

/** The filter but its words, and the reader's scope, as conditions on one alias of the mention table. */
function conditionsOn(alias: 'm' | 'newer', scope: Scope, filter: MentionFilter): Condition {
  const column = (name: string) => sql.ref(`${alias}.${name}`)
  const { from, until, project, risk, polarity, tier, family, source, story, unresolved, apart } = filter
  const conditions = [anyProjectInScope(scope, `${alias}.projectIds`)]
  const add = (condition: Condition) => conditions.push(condition)
  if (from) add(sql`${column('occurredAt')} >= ${from}`)
  if (until) add(sql`${column('occurredAt')} < ${until}`)
  if (project) add(sql`${column('projectIds')} && ${[project]}::int[]`)
  if (risk) {
    add(sql`${column('riskCodes')} && ${[risk]}::text[] and exists (
      select from signal s where s.mention_id = ${column('id')} and s.risk_code = ${risk} and s.state <> 'rejected')`)
  }
  if (polarity) add(sql`${column('polarity')} = ${polarity}`)
  if (tier) add(sql`${column('tier')} = ${tier}`)
  if (family) add(sql`${column('familyId')} = ${family}`)
  if (source) add(sql`${column('sourceId')} = ${source}`)
  if (story) add(sql`${column('storyId')} = ${story}`)
  if (apart) add(apartFrom(alias, apart))
  if (unresolved)
    add(sql`${column('projectIds')} = '{}' and (${column('riskCodes')} <> '{}' or ${column('namesUs')})
      and ${column('dismissedAt')} is null`)
  return and(conditions)
}

/**
 * All of them carry `is_learning` (they raise nothing), whose index is walked by time; dates ahead of the clock are so rare
 * among them that they are looked up instead.
 */
function apartFrom(alias: 'm' | 'newer', apart: NonNullable<MentionFilter['apart']>): Condition {
  const id = sql.ref(`${alias}.id`)
  const raisesNothing = sql<boolean>`${sql.ref(`${alias}.isLearning`)}`
  if (apart === 'future')
    return sql<boolean>`${raisesNothing} and ${id} = any(array(select id from document where dating = 'future'))`
  const dating = apart === 'learning' ? 'dated' : apart
  return sql<boolean>`${raisesNothing} and (select dating from document where id = ${id}) = ${dating}`
}

export interface MentionRow {
  id: number
  occurredAt: Date
  title: string
  excerpt: string
  polarity: 'negative' | 'neutral' | 'positive'
  tier: string | null
  publisher: string | null
  source: { id: number; name: string }
  /** Found in the text and not rejected, for projects the reader sees or for none. */
  riskCodes: readonly string[]
  projects: readonly { id: number; name: string }[]
  storyId: number | null
  /** Of the same story, whom the reader may see. */
  otherMentions: number
  families: number
}

/** What a list draws, and no more: every column is paid for in each row of each answer. */
const shownColumns = (scope: Scope) => sql`
  page.id, page.occurred_at, page.title, page.excerpt, page.polarity, page.tier,
  coalesce(publisher.name, d.publisher_name) as publisher,
  jsonb_build_object('id', source.id, 'name', source.name) as source, page.story_id,
  array(select distinct s.risk_code from signal s where s.mention_id = page.id and s.state <> 'rejected'
    and (s.project_id is null or ${inScope(scope, 's.projectId')}) order by 1) as risk_codes,
  (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) order by p.id), '[]') from project p
    where p.id = any(page.project_ids) and ${inScope(scope, 'p.id')}) as projects`

const namesOfPage = sql`
  join document d on d.id = page.id
  join source on source.id = page.source_id
  left join publisher on publisher.id = page.publisher_id`

const inScope = (scope: Scope, column: string) =>
  scope.all ? sql<boolean>`true` : sql<boolean>`${sql.ref(column)} = any(${[...scope.projectIds]}::int[])`

/** How one counts who tells a story: families, else the source itself. */
const families = sql`count(distinct coalesce('f' || family_id, 's' || source_id))`

interface Page {
  folded: boolean
  after?: number | undefined
  limit: number
}

const newestFirst = sql`m.occurred_at desc, m.id desc`

const behind = ({ after }: Page): Condition =>
  after
    ? sql<boolean>`(m.occurred_at, m.id) < (select occurred_at, id from mention where id = ${after})`
    : sql<boolean>`true`

/** Folded: no newer mention of the same story passes the filter, words and all. */
function standsForStory(
  scope: Scope,
  filter: MentionFilter,
  page: Page,
  words: readonly string[] = [],
): Condition {
  if (!page.folded) return sql<boolean>`true`
  return sql<boolean>`(m.story_id is null or not exists (
    select from mention newer where newer.story_id = m.story_id
      and (newer.occurred_at, newer.id) > (m.occurred_at, m.id) and ${conditionsOn('newer', scope, filter)}
      and ${holdsWords(textOfMention(sql`newer.id`), words)}))`
}

/** The mentions of one page: the time index is walked until it is full. */
function pageOf(scope: Scope, filter: MentionFilter, page: Page): RawBuilder<unknown> {
  return sql`
    select m.* from mention m
    where ${conditionsOn('m', scope, filter)} and ${behind(page)} and ${standsForStory(scope, filter, page)}
    order by ${newestFirst} limit ${page.limit + 1}`
}

/** So many of the newest mentions are looked into before the index of words is asked: some milliseconds, a tenth of a second. */
const NEAR = 2_000
const FAR = 20_000

/**
 * The ids of one page of mentions that hold the words. A word that stands in every tenth text fills the page from the
 * newest, where the index would give a hundred thousand; a rare one is asked of the index. How often it stands among the
 * nearest tells whether looking further would fill the page.
 */
async function idsWithWords(
  db: Db,
  scope: Scope,
  filter: MentionFilter,
  page: Page,
  words: readonly string[],
): Promise<readonly number[]> {
  for (const depth of [NEAR, FAR]) {
    const { looked, ids } = await lookInto(db, scope, filter, page, words, depth)
    if (looked < depth || ids.length > page.limit) return ids
    if (ids.length * (FAR / NEAR) <= page.limit) break
  }
  const found = await sql<{ id: number }>`
    with chosen as (
      select m.id, m.occurred_at,
        row_number() over (partition by coalesce(m.story_id, -m.id) order by ${newestFirst}) as place
      from (${mentionsHolding(words)}) hit join mention m on m.id = hit.id
      where ${conditionsOn('m', scope, filter)}
    )
    select id from chosen m where ${page.folded ? sql`place = 1` : sql`true`} and ${behind(page)}
    order by ${newestFirst} limit ${page.limit + 1}`.execute(db)
  return found.rows.map((row) => row.id)
}

/** The page as far as the newest `depth` mentions give it; `looked`: fewer than that when there are no more. */
async function lookInto(
  db: Db,
  scope: Scope,
  filter: MentionFilter,
  page: Page,
  words: readonly string[],
  depth: number,
): Promise<{ looked: number; ids: readonly number[] }> {
  const found = await sql<{ looked: number; ids: number[] }>`
    with newest as materialized (
      select m.id, m.occurred_at, m.story_id from mention m
      where ${conditionsOn('m', scope, filter)} and ${behind(page)} order by ${newestFirst} limit ${depth}
    )
    select (select count(*) from newest) as looked, array(
      select m.id from newest m cross join lateral (select ${textOfMention(sql`m.id`)} as text offset 0) its
      where ${holdsWords(sql`its.text`, words)} and ${standsForStory(scope, filter, page, words)}
      order by ${newestFirst} limit ${page.limit + 1}) as ids`.execute(db)
  const { looked, ids } = found.rows[0] ?? { looked: 0, ids: [] }
  // An array of bigints comes as texts.
  return { looked, ids: ids.map(Number) }
}

/** The stream, newest first; folded, a story stands at its newest mention that passes the filter. */
export async function listMentions(
  db: Db,
  scope: Scope,
  filter: MentionFilter,
  page: Page,
): Promise<{ rows: readonly MentionRow[]; next: number | null }> {
  const words = wordsOf(filter.q ?? '')
  const ids = words.length === 0 ? undefined : await idsWithWords(db, scope, filter, page, words)
  const found = await sql<MentionRow>`
    with page as materialized (${
      ids ? sql`select * from mention where id = any(${[...ids]}::bigint[])` : pageOf(scope, filter, page)
    })
    select ${shownColumns(scope)}, coalesce(told.mentions - 1, 0) as other_mentions, coalesce(told.families, 1) as families
    from page ${namesOfPage}
    left join lateral (
      select count(*) as mentions, ${families} as families from mention t
      where t.story_id = page.story_id and ${anyProjectInScope(scope, 't.projectIds')}
    ) told on page.story_id is not null
    order by page.occurred_at desc, page.id desc
  `.execute(db)
  const rows = found.rows.slice(0, page.limit)
  return { rows, next: found.rows.length > page.limit ? (rows.at(-1)?.id ?? null) : null }
}

/** Mentions and negative ones per Shanghai day, days without any included. A mention of two projects counts for each. */
export async function dailyMentions(
  db: Db,
  scope: Scope,
  span: { from: string; until: string; project?: number | undefined },
) {
  const projects = span.project
    ? sql`project_id = ${span.project} and ${inScope(scope, 'projectId')}`
    : scope.all
      ? sql`project_id = 0`
      : inScope(scope, 'projectId')
  const found = await sql<{ day: string; mentions: number; negative: number }>`
    select day::date as day, coalesce(sum(c.mentions), 0)::int as mentions, coalesce(sum(c.negative), 0)::int as negative
    from generate_series(${span.from}::date, ${span.until}::date, interval '1 day') day
    left join (select * from mention_daily where ${projects}) c using (day)
    group by day order by day
  `.execute(db)
  return found.rows
}

// ── one mention ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface Term {
  text: string
  start: number
  end: number
  field: string
}

/** Everything known about one mention, as far as the reader's scope goes; undefined: none, or not theirs. */
export async function readMention(db: Db, scope: Scope, id: number) {
  const found = await sql<
    Omit<MentionRow, 'otherMentions' | 'families'> & {
      publishedAt: Date | null
      url: string | null
      sentiment: number
      target: string | null
      family: string | null
      body: string
      author: string | null
      attachments: readonly { name: string; contentType: string; bytes: number }[] | null
      dating: 'dated' | 'seen' | 'undated' | 'future' | 'old'
      collectedAt: Date
      version: number
      isLearning: boolean
      polarityBy: string | null
      analysisVersion: string
      catalogVersion: string
    }
  >`
    with page as (select * from mention m where m.id = ${id} and ${anyProjectInScope(scope, 'm.projectIds')})
    select ${shownColumns(scope)}, page.published_at, d.url, page.sentiment, page.target, family.name as family, d.body, d.author, d.attachments,
      case when d.dating = 'dated' and d.published_at is null then 'seen' else d.dating end as dating, d.collected_at, d.version, page.is_learning,
      (select name from app_user where id = page.polarity_by) as polarity_by, page.analysis_version, page.catalog_version
    from page ${namesOfPage} left join publisher_family family on family.id = page.family_id
  `.execute(db)
  const mention = found.rows[0]
  if (!mention) return undefined
  const [signals, candidates, versions, observations, story] = await Promise.all([
    signalsOf(db, scope, id),
    candidatesOf(db, scope, id),
    db
      .selectFrom('documentVersion')
      .select(['version', 'title', 'body', 'seenAt'])
      .where('documentId', '=', id)
      .orderBy('version', 'desc')
      .execute(),
    sql<{ seenAt: Date; counters: Record<string, number> }>`
      select seen_at, counters from document_observation where document_id = ${id} order by seen_at desc limit 200
    `.execute(db),
    mention.storyId === null ? [] : storyMembers(db, scope, mention.storyId),
  ])
  return { ...mention, signals, candidates, versions, observations: observations.rows, story }
}

async function signalsOf(db: Db, scope: Scope, mentionId: number) {
  const found = await sql<{
    id: number
    riskCode: string
    nameZh: string | null
    nameEn: string | null
    projectId: number | null
    strength: number
    isRedLine: boolean
    because: { rule: string; terms: Term[] }[]
    state: 'proposed' | 'confirmed' | 'rejected'
    verdictBy: string | null
    verdictAt: Date | null
    verdictReason: string | null
  }>`
    select s.id, s.risk_code, risk.name_zh, risk.name_en, s.project_id, s.strength, s.is_red_line, s.because, s.state,
      u.name as verdict_by, s.verdict_at, s.verdict_reason
    from signal s left join risk on risk.code = s.risk_code left join app_user u on u.id = s.verdict_by
    where s.mention_id = ${mentionId} and (s.project_id is null or ${inScope(scope, 's.projectId')})
    order by s.is_red_line desc, s.strength desc, s.id
  `.execute(db)
  return found.rows
}

async function candidatesOf(db: Db, scope: Scope, mentionId: number) {
  const found = await sql<{
    projectId: number
    name: string
    confidence: number
    terms: Term[]
    factors: Factor[]
    phases: string[]
    buildings: string[]
    state: 'proposed' | 'confirmed' | 'rejected'
    counts: boolean
  }>`
    select mp.project_id, p.name, mp.confidence, mp.terms, mp.factors, mp.phases, mp.buildings, mp.state, mp.project_id = any(m.project_ids) as counts
    from mention_project mp join project p on p.id = mp.project_id join mention m on m.id = mp.mention_id
    where mp.mention_id = ${mentionId} and ${inScope(scope, 'mp.projectId')}
    order by mp.confidence desc, mp.project_id
  `.execute(db)
  return found.rows
}

/** Who told it, first to last: the spread of a story. */
async function storyMembers(db: Db, scope: Scope, storyId: number) {
  const found = await sql<{
    id: number
    title: string
    occurredAt: Date
    polarity: 'negative' | 'neutral' | 'positive'
    tier: string | null
    publisher: string | null
    family: string | null
  }>`
    select m.id, m.title, m.occurred_at, m.polarity, m.tier, coalesce(publisher.name, d.publisher_name) as publisher,
      family.name as family
    from mention m join document d on d.id = m.id
    left join publisher on publisher.id = m.publisher_id
    left join publisher_family family on family.id = m.family_id
    where m.story_id = ${storyId} and ${anyProjectInScope(scope, 'm.projectIds')}
    order by m.occurred_at, m.id limit 200
  `.execute(db)
  return found.rows
}

/** What the filters offer. */
export async function filterChoices(db: Db, scope: Scope) {
  const [projects, risks, sources, families] = await Promise.all([
    sql<{ id: number; name: string }>`
      select id, name from project where ${inScope(scope, 'id')} order by name`.execute(db),
    sql<{ code: string; nameZh: string; nameEn: string }>`
      select code, name_zh, name_en from risk order by position`.execute(db),
    sql<{ id: number; name: string }>`select id, name from source order by name`.execute(db),
    sql<{ id: number; name: string }>`select id, name from publisher_family order by name`.execute(db),
  ])
  return { projects: projects.rows, risks: risks.rows, sources: sources.rows, families: families.rows }
}

// ── corrections ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The mention to change, locked; undefined: none, or not the reader's. */
export async function mentionForChange(tx: Tx, scope: Scope, id: number) {
  return tx
    .selectFrom('mention')
    .select(['id', 'polarity', 'projectIds', 'cityCompanyIds', 'occurredAt'])
    .where('id', '=', id)
    .where(anyProjectInScope(scope, 'mention.projectIds'))
    .forUpdate()
    .executeTakeFirst()
}

/** A person's word on one signal; undefined: the mention has none such, or it belongs to a project that is not theirs. */
export async function judgeSignal(
  tx: Tx,
  scope: Scope,
  at: { mentionId: number; signalId: number },
  verdict: { state: 'confirmed' | 'rejected'; reason: string | null; by: number; now: Date },
): Promise<{ riskCode: string; projectId: number | null } | undefined> {
  const { state, reason, by, now } = verdict
  return tx
    .updateTable('signal')
    .set({ state, verdictBy: by, verdictAt: now, verdictReason: reason })
    .where('id', '=', at.signalId)
    .where('mentionId', '=', at.mentionId)
    .where(sql<boolean>`(project_id is null or ${inScope(scope, 'projectId')})`)
    .returning(['riskCode', 'projectId'])
    .executeTakeFirst()
}

/** Asks scoring to look again at every cell of the mention, or at those of one risk. */
export async function markCellsDue(tx: Tx, mentionId: number, riskCode?: string): Promise<void> {
  await sql`
    insert into scoring_due as due (project_id, risk_code)
    select distinct project_id, risk_code from signal
    where mention_id = ${mentionId} and project_id is not null ${riskCode ? sql`and risk_code = ${riskCode}` : sql``}
    order by 1, 2
    on conflict (project_id, risk_code) do update set since = due.since
  `.execute(tx)
}

export async function setPolarity(
  tx: Tx,
  id: number,
  polarity: 'negative' | 'neutral' | 'positive',
  by: number,
): Promise<void> {
  await tx.updateTable('mention').set({ polarity, polarityBy: by }).where('id', '=', id).execute()
}

export async function projectInReach(db: Db, scope: Scope, id: number) {
  return db
    .selectFrom('project')
    .select(['id', 'name', 'cityCompanyId'])
    .where('id', '=', id)
    .where(inScope(scope, 'project.id'))
    .executeTakeFirst()
}

/** Writes whose mention it is, or is not, and lets the analysis read the text again under that word. */
export async function decideProject(
  tx: Tx,
  mention: { id: number; occurredAt: Date },
  projectId: number,
  state: 'confirmed' | 'rejected',
): Promise<void> {
  await tx
    .insertInto('mentionProject')
    .values({
      mentionId: mention.id,
      projectId,
      confidence: 1,
      terms: '[]',
      state,
      occurredAt: mention.occurredAt,
    })
    .onConflict((row) => row.columns(['mentionId', 'projectId']).doUpdateSet({ state }))
    .execute()
  await requeueTexts(tx, [mention.id])
}

/** These texts are read again, whatever was read before. */
export async function requeueTexts(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx
    .updateTable('documentAnalysis')
    .set({ analysedVersion: null })
    .where('documentId', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
}

/** Teaches an alias; the caller notes it (`noteNames`). False: the project has it already. */
export async function learnAlias(tx: Tx, projectId: number, alias: string): Promise<boolean> {
  const added = await tx
    .insertInto('projectAlias')
    .values({ projectId, alias, kind: 'learnt' })
    .onConflict((row) => row.doNothing())
    .returning('alias')
    .executeTakeFirst()
  return added !== undefined
}

/** Takes back an alias that people taught; the caller notes it. False: the project has none such. */
export async function forgetAlias(tx: Tx, projectId: number, alias: string): Promise<boolean> {
  const gone = await tx
    .deleteFrom('projectAlias')
    .where('projectId', '=', projectId)
    .where('alias', '=', alias)
    .where('kind', '=', 'learnt')
    .returning('alias')
    .executeTakeFirst()
  return gone !== undefined
}
