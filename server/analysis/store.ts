import { sql } from 'kysely'
import { z } from 'zod'
import type { Catalogue } from '../../risk-catalog/load.ts'
import { Risk } from '../../risk-catalog/risk.ts'
import type { Db, Tx } from '../db/connect.ts'
import { shareLock, takeLock } from '../db/locks.ts'
import type { Evidence, Verdict } from './evidence.ts'
import { nearBucket, nearKeys } from './fingerprint.ts'
import type { Polarity } from './polarity.ts'
import type { StoryMember } from './story.ts'
import type { Target } from './target.ts'

/** What people put in force; undefined: nothing yet, so the shipped catalogue it is. */
export async function engineInForce(db: Db) {
  return db
    .selectFrom('engineSwitch')
    .select(['catalogVersion', 'modelVersion'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

const Content = z.object({ risks: z.array(Risk), groups: z.record(z.string(), z.array(z.string())) })

export async function catalogueOf(db: Db, version: string): Promise<Catalogue> {
  const { content } = await db
    .selectFrom('catalogVersion')
    .select('content')
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
  return { ...Content.parse(content), version }
}

/** Weights of a retrained model that people put in force. */
export async function weightsOf(db: Db, version: string): Promise<Uint8Array> {
  const { weights } = await db
    .selectFrom('engineModel')
    .select('weights')
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
  return weights
}

/**
 * Keeps what is in force until this transaction ends: whoever switches waits for it. Otherwise a batch could mark its
 * texts as read by the old version after they were told to wait for the new one.
 */
export async function holdEngine(tx: Tx) {
  await shareLock(tx, 'engine')
  return engineInForce(tx)
}

/** Texts that another version read wait again. */
export async function forgetOtherVersions(db: Db, version: string): Promise<void> {
  await db
    .updateTable('documentAnalysis')
    .set({ analysedVersion: null })
    .where('analysedVersion', '<>', version)
    .execute()
  await db
    .updateTable('complaintAnalysis')
    .set({ analysedVersion: null })
    .where('analysedVersion', '<>', version)
    .execute()
}

/**
 * The next waiting documents, locked for this transaction; what another worker holds is passed over. Locked first and read
 * afterwards: read together, a text that changes in between would be given as it was, and marked as read.
 */
export async function takeDocuments(tx: Tx, limit: number) {
  const taken = await tx
    .selectFrom('documentAnalysis')
    .select('documentId')
    .where('analysedVersion', 'is', null)
    .orderBy('documentId')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
  if (taken.length === 0) return []
  return (
    tx
      .selectFrom('document')
      .innerJoin('source', 'source.id', 'document.sourceId')
      .leftJoin('publisher', 'publisher.id', 'document.publisherId')
      .leftJoin('publisherFamily', 'publisherFamily.id', 'publisher.familyId')
      .select([
        'document.id',
        'document.sourceId',
        'document.publisherId',
        sql<string>`coalesce(publisher.name, document.publisher_name, source.name)`.as('publisher'),
        'publisher.familyId',
        'publisherFamily.tier',
        'document.title',
        'document.body',
        'document.publishedAt',
        'document.dating',
        'document.collectedAt',
        'document.isLearning',
      ])
      // Most are new: nothing that hangs on a mention has to be looked for.
      .select(sql<boolean>`exists (select from mention where id = document.id)`.as('isMention'))
      .where('document.id', '=', sql<number>`any(${taken.map(({ documentId }) => documentId)}::bigint[])`)
      .orderBy('document.id')
      .execute()
  )
}

/** The same of complaints. */
export async function takeComplaints(tx: Tx, limit: number) {
  const taken = await tx
    .selectFrom('complaintAnalysis')
    .select('complaintId')
    .where('analysedVersion', 'is', null)
    .orderBy('complaintId')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
  if (taken.length === 0) return []
  return tx
    .selectFrom('complaint')
    .select(['id', 'projectId', 'cityCompanyId', 'title', 'content', 'receivedAt'])
    .where('id', '=', sql<number>`any(${taken.map(({ complaintId }) => complaintId)}::bigint[])`)
    .orderBy('id')
    .execute()
}

export async function markAnalysed(
  tx: Tx,
  table: 'document' | 'complaint',
  ids: readonly number[],
  version: string,
  now: Date,
): Promise<void> {
  const mark = { analysedVersion: version, analysedAt: now }
  const these = sql<number>`any(${[...ids]}::bigint[])`
  if (table === 'document')
    await tx.updateTable('documentAnalysis').set(mark).where('documentId', '=', these).execute()
  else await tx.updateTable('complaintAnalysis').set(mark).where('complaintId', '=', these).execute()
}

/** What people decided about the projects of these mentions. */
export async function projectVerdicts(
  tx: Tx,
  mentionIds: readonly number[],
): Promise<Map<number, Map<number, Verdict>>> {
  if (mentionIds.length === 0) return new Map()
  const rows = await tx
    .selectFrom('mentionProject')
    .select(['mentionId', 'projectId', 'state'])
    .where('mentionId', '=', sql<number>`any(${[...mentionIds]}::bigint[])`)
    .where('state', '<>', 'proposed')
    .execute()
  const verdicts = new Map<number, Map<number, Verdict>>()
  for (const { mentionId, projectId, state } of rows) {
    if (state === 'proposed') continue
    const of = verdicts.get(mentionId) ?? new Map<number, Verdict>()
    verdicts.set(mentionId, of.set(projectId, state))
  }
  return verdicts
}

/** Documents that are no mentions (any more). What a person has judged stays. */
export async function removeMentions(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await sql`
    with gone as (
      select id from mention m where id = any(${[...ids]}::bigint[])
        and not exists (select from signal where mention_id = m.id and state <> 'proposed')
        and not exists (select from mention_project where mention_id = m.id and state <> 'proposed')
        and not exists (select from story_decision where mention_id = m.id)
    ), due as (
      insert into scoring_due as due (project_id, risk_code)
      select distinct project_id, risk_code from signal
      where mention_id in (select id from gone) and project_id is not null order by 1, 2
      on conflict (project_id, risk_code) do update set since = due.since
    )
    delete from mention where id in (select id from gone)`.execute(tx)
}

export interface MentionRow {
  id: number
  occurredAt: Date
  publishedAt: Date | null
  sourceId: number
  publisherId: number | null
  familyId: number | null
  tier: string | null
  title: string
  excerpt: string
  polarity: Polarity
  sentiment: number
  target: Target
  riskCodes: readonly string[]
  projectIds: readonly number[]
  cityCompanyIds: readonly number[]
  storyId: number | null
  simhash: string
  hash: string
  isLearning: boolean
  namesUs: boolean
}

export interface Versions {
  analysisVersion: string
  catalogVersion: string
}

export async function writeMentions(
  tx: Tx,
  rows: readonly MentionRow[],
  { analysisVersion, catalogVersion }: Versions,
): Promise<void> {
  if (rows.length === 0) return
  const given = rows.map((row) => ({ ...row, simhash: signedOf(row.simhash) }))
  await sql`
    insert into mention (id, occurred_at, published_at, source_id, publisher_id, family_id, tier, title, excerpt, polarity,
      sentiment, target, risk_codes, project_ids, city_company_ids, story_id, simhash, text_hash, is_learning, names_us,
      analysis_version, catalog_version)
    select id, "occurredAt", "publishedAt", "sourceId", "publisherId", "familyId", tier, title, excerpt, polarity,
      sentiment, target, "riskCodes", "projectIds", "cityCompanyIds", "storyId", simhash, decode(hash, 'hex'), "isLearning",
      "namesUs", ${analysisVersion}, ${catalogVersion}
    from json_to_recordset(${JSON.stringify(given)}::json) as given (id bigint, "occurredAt" timestamptz,
      "publishedAt" timestamptz, "sourceId" int, "publisherId" int, "familyId" int, tier text, title text, excerpt text,
      polarity text, sentiment real, target text, "riskCodes" text[], "projectIds" int[], "cityCompanyIds" int[],
      "storyId" bigint, simhash bigint, hash text, "isLearning" boolean, "namesUs" boolean)
    on conflict (id) do update set occurred_at = excluded.occurred_at, published_at = excluded.published_at,
      publisher_id = excluded.publisher_id, family_id = excluded.family_id, tier = excluded.tier, title = excluded.title,
      excerpt = excluded.excerpt,
      polarity = case when mention.polarity_by is null then excluded.polarity else mention.polarity end, sentiment = excluded.sentiment, target = excluded.target,
      risk_codes = excluded.risk_codes, project_ids = excluded.project_ids, city_company_ids = excluded.city_company_ids,
      story_id = excluded.story_id, simhash = excluded.simhash, text_hash = excluded.text_hash,
      is_learning = excluded.is_learning, names_us = excluded.names_us, analysis_version = excluded.analysis_version,
      catalog_version = excluded.catalog_version`.execute(tx)
}

export interface MentionProjectRow {
  mentionId: number
  projectId: number
  confidence: number
  terms: unknown
  factors: unknown
  phases: readonly string[]
  buildings: readonly string[]
  occurredAt: Date
}

/** Candidates of these mentions; those that are no candidates any more go, what a person decided stays. */
export async function writeMentionProjects(
  tx: Tx,
  mentionIds: readonly number[],
  rows: readonly MentionProjectRow[],
): Promise<void> {
  if (mentionIds.length === 0) return
  await sql`
    with given as (
      select * from json_to_recordset(${JSON.stringify(rows)}::json) as given
        ("mentionId" bigint, "projectId" int, confidence real, terms jsonb, factors jsonb, phases text[], buildings text[],
          "occurredAt" timestamptz)
    ), gone as (
      delete from mention_project mp where mention_id = any(${[...mentionIds]}::bigint[]) and state = 'proposed'
        and not exists (select from given where "mentionId" = mention_id and "projectId" = project_id)
    )
    insert into mention_project (mention_id, project_id, confidence, terms, factors, phases, buildings, occurred_at)
    select "mentionId", "projectId", confidence, terms, factors, phases, buildings, "occurredAt" from given
    on conflict (mention_id, project_id) do update set confidence = excluded.confidence, terms = excluded.terms,
      factors = excluded.factors, phases = excluded.phases, buildings = excluded.buildings,
      occurred_at = excluded.occurred_at`.execute(tx)
}

export interface EstateSighting {
  name: string
  mentionId: number
  family: string
  isNear: boolean
  occurredAt: Date
}

/** A name seen more often than this is counted no further: it waits for a decision, not for more evidence. */
const MOST_SIGHTINGS = 500

/**
 * Takes back the sightings that these mentions no longer show, before they may go.
 * @returns the names whose counters are to be made anew by `writeEstates`
 */
export async function forgetEstates(
  tx: Tx,
  mentionIds: readonly number[],
  rows: readonly EstateSighting[],
): Promise<string[]> {
  if (mentionIds.length === 0) return []
  const gone = await sql<{ name: string }>`
    with given as (
      select * from json_to_recordset(${JSON.stringify(rows)}::json) as given (name text, "mentionId" bigint)
    ), gone as (
      delete from estate_sighting s where mention_id = any(${[...mentionIds]}::bigint[])
        and not exists (select from given where given.name = s.name and given."mentionId" = s.mention_id)
      returning name
    ) select distinct name from gone`.execute(tx)
  return gone.rows.map(({ name }) => name)
}

/** Adds sightings and counts the names that gained or lost one. Rows are locked in the order of names. */
export async function writeEstates(
  tx: Tx,
  rows: readonly EstateSighting[],
  lost: readonly string[],
): Promise<void> {
  if (rows.length === 0 && lost.length === 0) return
  const names = [...new Set([...rows.map(({ name }) => name), ...lost])].sort()
  await sql`insert into estate_name (name) select unnest(${names}::text[]) on conflict (name) do nothing`.execute(
    tx,
  )
  await sql`select from estate_name where name = any(${names}::text[]) order by name for update`.execute(tx)
  const gained = await sql<{ name: string }>`
    insert into estate_sighting (name, mention_id, family, is_near, occurred_at)
    select given.name, "mentionId", family, "isNear", "occurredAt"
    from json_to_recordset(${JSON.stringify(rows)}::json) as given
      (name text, "mentionId" bigint, family text, "isNear" boolean, "occurredAt" timestamptz)
    join estate_name on estate_name.name = given.name and state = 'seen' and texts < ${MOST_SIGHTINGS}
    on conflict (name, mention_id) do nothing returning name`.execute(tx)
  const changed = [...new Set([...gained.rows.map(({ name }) => name), ...lost])]
  await sql`
    update estate_name set texts = counted.texts, families = counted.families, near = counted.near,
      first_at = counted.first_at, last_at = counted.last_at
    from (
      select wanted as name, count(s.mention_id)::int as texts, count(distinct s.family)::int as families,
        (count(*) filter (where s.is_near))::int as near, min(s.occurred_at) as first_at, max(s.occurred_at) as last_at
      from unnest(${changed}::text[]) wanted left join estate_sighting s on s.name = wanted group by wanted
    ) counted where counted.name = estate_name.name`.execute(tx)
}

export interface SignalRow extends Evidence {
  mentionId: number | null
  complaintId: number | null
  occurredAt: Date
  isLearning: boolean
}

/**
 * Replaces the machine's proposals of these subjects and marks every cell whose evidence changed. A person's verdict
 * stays on its row whatever the machine now thinks. The mark locks its row until the commit, so that scoring never
 * takes the mark before it can see the signals.
 */
export async function writeSignals(
  tx: Tx,
  kind: 'mention' | 'complaint',
  subjectIds: readonly number[],
  rows: readonly SignalRow[],
  { analysisVersion, catalogVersion }: Versions,
): Promise<void> {
  if (subjectIds.length === 0) return
  const subject = sql.ref(kind === 'mention' ? 'signal.mention_id' : 'signal.complaint_id')
  await sql`
    with given as (
      select * from json_to_recordset(${JSON.stringify(rows)}::json) as given ("mentionId" bigint, "complaintId" bigint,
        "riskCode" text, "projectId" int, strength real, "isRedLine" boolean, because jsonb, "occurredAt" timestamptz,
        "isLearning" boolean)
    ), gone as (
      delete from signal where kind = ${kind} and ${subject} = any(${[...subjectIds]}::bigint[]) and state = 'proposed'
        and not exists (select from given where coalesce("mentionId", "complaintId") = ${subject}
          and "riskCode" = risk_code and "projectId" is not distinct from project_id)
      returning project_id, risk_code
    ), put as (
      insert into signal (kind, mention_id, complaint_id, risk_code, project_id, strength, is_red_line, because,
        occurred_at, is_learning, analysis_version, catalog_version)
      select ${kind}, "mentionId", "complaintId", "riskCode", "projectId", strength, "isRedLine", because, "occurredAt",
        "isLearning", ${analysisVersion}, ${catalogVersion} from given
      on conflict on constraint signal_evidence do update set
        strength = excluded.strength, is_red_line = excluded.is_red_line, because = excluded.because,
        occurred_at = excluded.occurred_at, is_learning = excluded.is_learning,
        analysis_version = excluded.analysis_version, catalog_version = excluded.catalog_version
      returning project_id, risk_code
    )
    insert into scoring_due as due (project_id, risk_code)
    select distinct project_id, risk_code from (select * from gone union all select * from put) changed
    where project_id is not null order by 1, 2
    on conflict (project_id, risk_code) do update set since = due.since`.execute(tx)
}

export interface StoryCandidate extends StoryMember {
  id: number
  storyId: number | null
}

/**
 * One worker at a time gives texts their stories, until its commit: two that read the first two texts of a story at once
 * would each open one. Taken before any row is changed, so that nobody waits for it while holding what its holder needs.
 */
export async function lockStories(tx: Tx): Promise<void> {
  await takeLock(tx, 'stories')
}

export interface CandidateLimits {
  windowMs: number
  /** Bits of a simhash that may differ. */
  nearBits: number
  /** Letters and digits from which a title can tell a story. */
  titleLetters: number
  perText: number
  perProject: number
}

/**
 * Earlier mentions that may tell the same story as these, within the window around each: equal texts, near-equal texts and
 * equal titles anywhere, and mentions of the same projects. Every way is an index and bounded per text or project, so that
 * a storm of reposts and a million stored texts stay cheap: any one member leads to its story.
 */
export async function storyCandidates(
  tx: Tx,
  texts: readonly {
    title: string
    hash: string
    simhash: string
    occurredAt: Date
    projectIds: readonly number[]
  }[],
  { windowMs, nearBits, titleLetters, perText, perProject }: CandidateLimits,
): Promise<StoryCandidate[]> {
  const wanted = texts.map(({ title, hash, simhash, occurredAt }) => ({
    title,
    hash,
    simhash: signedOf(simhash),
    keys: [-1, 0, 1].flatMap((step) => nearKeys(simhash, nearBucket(occurredAt) + step)),
    from: new Date(occurredAt.getTime() - windowMs),
    to: new Date(occurredAt.getTime() + windowMs),
  }))
  const times = texts.map(({ occurredAt }) => occurredAt.getTime())
  const [from, to] = [new Date(Math.min(...times) - windowMs), new Date(Math.max(...times) + windowMs)]
  const columns = sql`m.id, m.title, encode(m.text_hash, 'hex') as hash, m.simhash::text as simhash, m.project_ids,
    m.risk_codes, m.occurred_at, m.story_id`
  const distance = sql`bit_count((m.simhash # w.simhash)::bit(64))`
  const found = await sql<{
    id: number
    title: string
    hash: string
    simhash: string | null
    projectIds: number[]
    riskCodes: string[]
    occurredAt: Date
    storyId: number | null
  }>`
    with wanted as materialized (
      select * from json_to_recordset(${JSON.stringify(wanted)}::json) as given (title text, hash text, simhash bigint,
        keys int[], "from" timestamptz, "to" timestamptz)
    )
    select distinct on (id) * from (
      (select ${columns} from wanted w
        cross join lateral (
          select * from mention where text_hash = decode(w.hash, 'hex') and occurred_at between w."from" and w."to"
          order by id limit 1) m)
      union all
      (select ${columns} from wanted w
        cross join lateral (
          -- Fenced: else the planner reads the whole window from the index of times as well.
          select * from (
            select * from mention where near_keys(simhash, near_bucket(occurred_at)) && w.keys offset 0) m
          where m.occurred_at between w."from" and w."to" and ${distance} <= ${nearBits}
          order by ${distance}, m.id limit ${perText}) m
        where w.simhash is not null)
      union all
      (select ${columns} from wanted w
        cross join lateral (
          select * from mention m where title_letters(m.title) = title_letters(w.title)
            and m.occurred_at between w."from" and w."to"
          order by m.id limit ${perText}) m
        where length(title_letters(w.title)) >= ${titleLetters})
      union all
      (select ${columns} from unnest(${[...new Set(texts.flatMap((text) => text.projectIds))]}::int[]) wanted
        cross join lateral (
          select mention_id from mention_project
          where project_id = wanted and occurred_at between ${from} and ${to}
          order by occurred_at desc, mention_id desc limit ${perProject}) near
        join mention m on m.id = near.mention_id)
    ) found order by id`.execute(tx)
  return found.rows.map((row) => ({ ...row, simhash: unsignedOf(row.simhash) }))
}

/** Stories that people gave these mentions. */
export async function decidedStories(
  tx: Tx,
  mentionIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (mentionIds.length === 0) return new Map()
  const rows = await tx
    .selectFrom('storyDecision')
    .select(['mentionId', 'storyId'])
    .where('mentionId', '=', sql<number>`any(${[...mentionIds]}::bigint[])`)
    .execute()
  return new Map(rows.map((row) => [row.mentionId, row.storyId]))
}

/** Places whose hot issues changed; gathered by stories/job.ts. */
export async function markIssuesDue(
  tx: Tx,
  places: readonly { cityCompanyId: number; projectId: number }[],
): Promise<void> {
  if (places.length === 0) return
  await sql`
    insert into issue_due (city_company_id, project_id)
    select distinct "cityCompanyId", "projectId"
    from json_to_recordset(${JSON.stringify(places)}::json) as given ("cityCompanyId" int, "projectId" int)
    order by 1, 2
    on conflict (city_company_id, project_id) do update set since = excluded.since`.execute(tx)
}

/** Stories that the mentions of these ids already belong to, with the text they had then. */
export async function knownStories(
  tx: Tx,
  mentionIds: readonly number[],
): Promise<ReadonlyMap<number, { storyId: number | null; hash: string | null }>> {
  if (mentionIds.length === 0) return new Map()
  const rows = await tx
    .selectFrom('mention')
    .select(['id', 'storyId', sql<string | null>`encode(text_hash, 'hex')`.as('hash')])
    .where('id', '=', sql<number>`any(${[...mentionIds]}::bigint[])`)
    .where('storyId', 'is not', null)
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

/** Ids for new stories; their rows follow with `writeStories`. */
export async function newStoryIds(tx: Tx, count: number): Promise<number[]> {
  if (count === 0) return []
  const ids = await sql<{ id: number }>`
    select nextval(pg_get_serial_sequence('story', 'id')) as id from generate_series(1, ${count})`.execute(tx)
  return ids.rows.map((row) => row.id)
}

export async function createStories(
  tx: Tx,
  rows: readonly { id: number; title: string; firstAt: Date }[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into story (id, title, first_at, last_at) overriding system value
    select id, title, "firstAt", "firstAt"
    from json_to_recordset(${JSON.stringify(rows)}::json) as given (id bigint, title text, "firstAt" timestamptz)`.execute(
    tx,
  )
}

/** Gives earlier mentions, which stood alone until now, their story. */
export async function joinStory(
  tx: Tx,
  rows: readonly { mentionId: number; storyId: number }[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update mention set story_id = "storyId"
    from json_to_recordset(${JSON.stringify(rows)}::json) as given ("mentionId" bigint, "storyId" bigint)
    where id = "mentionId"`.execute(tx)
}

/** Counts of the stories that changed; one that lost all its mentions goes. */
export async function recountStories(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await sql`
    with counted as (
      select story_id, min(occurred_at) as first_at, max(occurred_at) as last_at, count(*) as mentions,
        count(distinct coalesce('f' || family_id, 's' || source_id)) as families
      from mention where story_id = any(${[...ids]}::bigint[]) group by story_id
    )
    update story set first_at = counted.first_at, last_at = counted.last_at, mention_count = counted.mentions,
      family_count = counted.families
    from counted where story.id = counted.story_id`.execute(tx)
  await sql`
    delete from story where id = any(${[...ids]}::bigint[])
      and not exists (select from mention where story_id = story.id)
      and not exists (select from story_decision where story_id = story.id)`.execute(tx)
}

// ── words ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Moves texts of mentions that wait into the table whose index searches them, and gives how many; what another worker or
 * an analysis holds is passed over, so nobody waits for anybody. A search sees each text in one of the two at any time.
 */
export async function moveTexts(db: Db, limit: number): Promise<number> {
  const moved = await sql<{ count: number }>`
    with due as (
      select w.mention_id from mention_text_waiting w join mention m on m.id = w.mention_id
      order by w.mention_id limit ${limit} for update of w skip locked for key share of m skip locked
    ), moved as (
      delete from mention_text_waiting w using due where w.mention_id = due.mention_id returning w.mention_id, w.text
    ), put as (
      insert into mention_text (mention_id, text) select mention_id, text from moved order by mention_id
      on conflict (mention_id) do update set text = excluded.text
    ) select count(*) as count from moved`.execute(db)
  return moved.rows[0]?.count ?? 0
}

/**
 * Sorts what lies beside the indexes of words into them. Together it costs a third of what it costs text by text; nothing is
 * found less without it, only more slowly.
 */
export async function sortInWords(db: Db): Promise<void> {
  await sql`select gin_clean_pending_list('mention_text_words'), gin_clean_pending_list('complaint_words')`.execute(
    db,
  )
}

/** Whether texts wait for the analysis, and how many mentions wait for the index of words, counted up to `most`. */
export async function whatWaits(db: Db, most: number): Promise<{ isReading: boolean; texts: number }> {
  const found = await sql<{ isReading: boolean; texts: number }>`
    select exists (select from document_analysis where analysed_version is null) as is_reading,
      (select count(*) from (select from mention_text_waiting limit ${most}) waiting) as texts`.execute(db)
  return found.rows[0] ?? { isReading: false, texts: 0 }
}

// ── names that changed ────────────────────────────────────────────────────────────────────────────────────────────

/** A name whose texts are to be read again. `notedAt` as text: all of its microseconds tell it from one noted later. */
export interface DueName {
  name: string
  since: Date
  notedAt: string
}

export async function dueNames(db: Db): Promise<readonly DueName[]> {
  const found = await sql<DueName>`
    select name, since, noted_at::text from name_due order by name`.execute(db)
  return found.rows
}

/** These were looked for; one noted again meanwhile stays. */
export async function forgetNames(db: Db, names: readonly DueName[]): Promise<void> {
  await sql`
    delete from name_due using json_to_recordset(${JSON.stringify(names)}::json) as given (name text, "notedAt" timestamptz)
    where name_due.name = given.name and noted_at = "notedAt"`.execute(db)
}

export interface Stretch {
  /** The lowest id in it. */
  first: number
  newestCollectedAt: Date
}

/** The next `size` documents below an id, towards the oldest; undefined: there are no more. */
export async function stretchBelow(db: Db, before: number, size: number): Promise<Stretch | undefined> {
  const found = await sql<{ first: number | null; newestCollectedAt: Date }>`
    select min(id) as first, max(collected_at) as newest_collected_at
    from (select id, collected_at from document where id < ${before} order by id desc limit ${size}) d`.execute(
    db,
  )
  const row = found.rows[0]
  return row && row.first !== null ? { ...row, first: row.first } : undefined
}

/**
 * Documents of a stretch that are dated since, the newest first.
 * @param holding only those that hold one of these as it is written, which costs a microsecond each; undefined: all
 */
export async function textsBetween(
  db: Db,
  { first, before, since }: { first: number; before: number; since: Date },
  holding: readonly string[] | undefined,
): Promise<readonly { id: number; title: string; body: string }[]> {
  const words = holding?.map((word) => sql`position(${word} in title) > 0 or position(${word} in body) > 0`)
  const found = await sql<{ id: number; title: string; body: string }>`
    select id, title, body from document
    where id >= ${first} and id < ${before} and coalesce(published_at, collected_at) >= ${since}
      and ${words ? sql`(${sql.join(words, sql` or `)})` : sql`true`}
    order by id desc`.execute(db)
  return found.rows
}

/** These wait for analysis again. */
export async function requeue(db: Db, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('documentAnalysis')
    .set({ analysedVersion: null })
    .where('documentId', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .where('analysedVersion', 'is not', null)
    .execute()
}

/** PostgreSQL has no unsigned 64 bit: the same bits with a sign. */
function signedOf(simhash: string): string | null {
  return simhash === '' ? null : BigInt.asIntN(64, BigInt(`0x${simhash}`)).toString()
}

function unsignedOf(simhash: string | null): string {
  return simhash === null ? '' : BigInt.asUintN(64, BigInt(simhash)).toString(16).padStart(16, '0')
}
