import { sql } from 'kysely'
import type { Outcome } from '../../collectors/collector.ts'
import { textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/connect.ts'
import { reactionsIn } from '../db/reactions.ts'
import type { PreparedDocument, Publishers } from './document.ts'

// --- sources

export function sourceById(db: Db, id: number) {
  return db
    .selectFrom('source')
    .leftJoin('publisher', 'publisher.id', 'source.publisherId')
    .select([
      'source.id',
      'source.kind',
      'source.name',
      'source.publisherId',
      'publisher.name as publisherName',
      'source.groupName',
      'source.options',
      'source.schedule',
      'source.state',
      'source.keptPaused',
      'source.isAggregator',
      'source.learningUntil',
      'source.cursor',
      'source.createdAt',
      'source.updatedAt',
      lastSuccess.as('lastSuccessAt'),
    ])
    .where('source.id', '=', id)
    .executeTakeFirst()
}

const lastSuccess = sql<Date | null>`(
  select health.last_success_at from source_health health where health.source_id = source.id)`

export function allSources(db: Db) {
  return db
    .selectFrom('source')
    .leftJoin('publisher', 'publisher.id', 'source.publisherId')
    .select([
      'source.id',
      'source.kind',
      'source.name',
      'source.publisherId',
      'publisher.name as publisherName',
      'source.groupName',
      'source.schedule',
      'source.state',
      'source.isAggregator',
      'source.learningUntil',
    ])
    .orderBy('source.id')
    .execute()
}

export function sourceIdByName(db: Db, name: string) {
  return db.selectFrom('source').select(['id', 'kind']).where('name', '=', name).executeTakeFirst()
}

/** Those of the ids that exist, held until the transaction ends so that nobody pauses one meanwhile. */
export function holdSources(tx: Tx, ids: readonly number[]) {
  return tx
    .selectFrom('source')
    .select(['id', 'kind', 'state', 'keptPaused'])
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
}

export interface SourceInput {
  kind: string
  name: string
  publisherId: number | null
  /** Absent in a change: as it was. */
  groupName?: string | null
  options: unknown
  schedule: string
  isAggregator: boolean
}

export async function insertSource(tx: Tx, source: SourceInput & { learningUntil?: Date }): Promise<number> {
  const { id } = await tx
    .insertInto('source')
    .values({ ...source, options: JSON.stringify(source.options) })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** The source of this name, made when there is none; two who ask at once get the same one. Never read by the clock. */
export async function ensurePausedSource(
  tx: Tx,
  source: SourceInput & { learningUntil: Date },
): Promise<number> {
  await tx
    .insertInto('source')
    .values({ ...source, options: JSON.stringify(source.options), state: 'paused', keptPaused: 'product' })
    .onConflict((row) => row.column('name').doNothing())
    .execute()
  const { id } = await tx
    .selectFrom('source')
    .select('id')
    .where('name', '=', source.name)
    .executeTakeFirstOrThrow()
  return id
}

/** The cursor belongs to what was read before: other options begin anew. */
export async function updateSource(tx: Tx, id: number, source: Omit<SourceInput, 'kind'>): Promise<void> {
  const options = JSON.stringify(source.options)
  await tx
    .updateTable('source')
    .set({
      ...source,
      options,
      cursor: sql`case when options = ${options}::jsonb then cursor end`,
      updatedAt: sql`now()`,
    })
    .where('id', '=', id)
    .execute()
}

/** Who keeps a paused source from being resumed with others: who paused it alone, or the product that made it so. */
export type KeptPaused = 'person' | 'product'

/** Of a source that the product made to be read once, or not at all. */
export async function pauseForGood(tx: Tx, id: number): Promise<void> {
  await setSourceStates(tx, [id], 'paused', 'product')
}

/** Gives those whose state it changed. What comes back waits for nothing yet, and its silence begins with its next reading. */
export async function setSourceStates(
  tx: Tx,
  ids: readonly number[],
  state: 'active' | 'paused',
  keptPaused: KeptPaused | null = null,
): Promise<number[]> {
  const changed = await tx
    .updateTable('source')
    .set({ state, keptPaused, updatedAt: sql`now()` })
    .where('id', 'in', [...ids])
    .where('state', '!=', state)
    .returning('id')
    .execute()
  const changedIds = changed.map((row) => row.id)
  if (changedIds.length > 0) {
    await tx
      .updateTable('sourceHealth')
      .set({ dueSince: null, quietFrom: null })
      .where('sourceId', 'in', changedIds)
      .execute()
  }
  return changedIds.toSorted((a, b) => a - b)
}

/** False when texts came from it: evidence keeps its source. */
export async function deleteUnusedSource(tx: Tx, id: number): Promise<boolean> {
  const used = await sql<{ used: boolean }>`
    select exists (select from document where source_id = ${id})
        or exists (select from complaint where source_id = ${id}) as used`.execute(tx)
  if (used.rows[0]?.used) return false
  await tx.deleteFrom('source').where('id', '=', id).execute()
  return true
}

export async function knownPublishers(db: Db): Promise<Publishers> {
  const rows = await db.selectFrom('publisher').select(['id', 'name', 'hosts']).execute()
  return {
    byName: new Map(rows.map((row) => [row.name, row.id])),
    byHost: new Map(rows.flatMap((row) => row.hosts.map((host) => [host.toLowerCase(), row.id] as const))),
  }
}

export function publisherNames(db: Db) {
  return db.selectFrom('publisher').select(['id', 'name']).orderBy('name').execute()
}

// --- runs

export interface RunCounts {
  seen: number
  added: number
  changed: number
  undated: number
  tooOld: number
}

/**
 * Two workers that begin or end runs of the same sources must not wait for each other in a ring: the sources first, in
 * their order, then their runs and their health. What follows in the same statement reads from it, so it comes first.
 */
const held = (sourceIds: readonly number[]) =>
  sql`held as (select * from source where id = any(${[...sourceIds]}::int[]) order by id for no key update)`

/** A source as a run reads it. */
export interface BegunRun {
  runId: number
  id: number
  kind: string
  publisherId: number | null
  options: unknown
  isAggregator: boolean
  learningUntil: Date | null
  lastSuccessAt: Date | null
  cursor: unknown
}

/**
 * Begins runs, each of another source; one that never ended (its process was killed) is closed as interrupted. Undefined for a source
 * that is not there. One statement: hundreds of sources are read a second, and each way to the database costs more than
 * what is done there.
 */
export async function startRuns(
  db: Db,
  starts: readonly { sourceId: number; now: Date }[],
): Promise<(BegunRun | undefined)[]> {
  const ids = starts.map(({ sourceId }) => sourceId)
  const { rows } = await sql<BegunRun>`
    with ${held(ids)}, due as (
      select held.id, start.at from held join unnest(${ids}::int[], ${starts.map(({ now }) => now)}::timestamptz[]) as start(id, at) using (id)
    ), lost as (
      update collection_run set outcome = 'interrupted', finished_at = due.at
      from due where source_id = due.id and outcome is null
    ), begun as (
      insert into collection_run (source_id, started_at) select id, at from due returning id, source_id
    )
    select begun.id as run_id, held.id, kind, publisher_id, options, is_aggregator, learning_until, cursor, last_success_at
    from begun join held on held.id = begun.source_id join source_health h on h.source_id = held.id`.execute(
    db,
  )
  const begun = new Map(rows.map((run) => [run.id, run]))
  return ids.map((id) => begun.get(id))
}

export interface RunPart extends RunCounts {
  runId: number
}

export async function addToRuns(tx: Tx, parts: readonly RunPart[]): Promise<void> {
  const column = (name: keyof RunPart) => parts.map((part) => part[name])
  await sql`
    update collection_run run set seen = run.seen + part.seen, added = run.added + part.added,
      changed = run.changed + part.changed, undated = run.undated + part.undated, too_old = run.too_old + part.too_old
    from unnest(${column('runId')}::bigint[], ${column('seen')}::int[], ${column('added')}::int[],
      ${column('changed')}::int[], ${column('undated')}::int[], ${column('tooOld')}::int[])
      as part(id, seen, added, changed, undated, too_old)
    where run.id = part.id`.execute(tx)
}

/** Of a run that was put off before it asked for anything. */
export async function dropRun(tx: Tx, runId: number): Promise<void> {
  await tx.deleteFrom('collectionRun').where('id', '=', runId).execute()
}

export interface RunEnd {
  runId: number
  sourceId: number
  outcome: Outcome | 'interrupted'
  detail: string | null
  now: Date
  /** What came over the wire. */
  bytes?: number
  /** Absent: the source stays where it was. */
  cursor?: unknown
}

/** Ends runs, each of another source, and keeps where the sources of those stand that went well: one statement, as at their start. */
export async function finishRuns(db: Db, ends: readonly RunEnd[]): Promise<void> {
  const column = <Value>(of: (end: RunEnd) => Value) => ends.map(of)
  await sql`
    with ${held(column((end) => end.sourceId))}, ended as (
      select * from unnest(${column((end) => end.runId)}::bigint[], ${column((end) => end.sourceId)}::int[],
        ${column((end) => end.outcome)}::text[], ${column((end) => end.detail?.slice(0, 1_000) ?? null)}::text[],
        ${column((end) => end.now)}::timestamptz[], ${column((end) => end.bytes ?? 0)}::bigint[],
        ${column((end) => (end.cursor === undefined ? null : JSON.stringify(end.cursor)))}::text[])
        as e(run_id, source_id, outcome, detail, at, bytes, cursor)
      where source_id in (select id from held)
    ), run as (
      update collection_run set outcome = ended.outcome, detail = ended.detail, finished_at = ended.at, bytes = ended.bytes
      from ended where collection_run.id = ended.run_id
    )
    update source set learning_until = coalesce(learning_until, ended.at), cursor = coalesce(ended.cursor::jsonb, source.cursor)
    from ended where source.id = ended.source_id and ended.outcome in ('ok', 'empty', 'not-modified')
      -- Most readings find everything as it was.
      and (learning_until is null or ended.cursor::jsonb is distinct from source.cursor)`.execute(db)
}

export function lastRuns(db: Db, sourceId: number, limit: number) {
  return db
    .selectFrom('collectionRun')
    .select([
      'id',
      'startedAt',
      'finishedAt',
      'outcome',
      'seen',
      'added',
      'changed',
      'undated',
      'tooOld',
      'detail',
      'bytes',
    ])
    .where('sourceId', '=', sourceId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export async function documentCount(db: Db, sourceId: number): Promise<number> {
  const { count } = await db
    .selectFrom('document')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('sourceId', '=', sourceId)
    .executeTakeFirstOrThrow()
  return count
}

// --- documents

/** What one run brings at once. */
export interface Batch {
  sourceId: number
  runId: number
  isLearning: boolean
  now: Date
  documents: readonly PreparedDocument[]
}

/** A document with the batch that brings it. */
interface Brought {
  document: PreparedDocument
  by: Batch
}

export interface StoredBatch {
  added: number
  changed: number
  /** Those that nobody had brought before. */
  fresh: readonly PreparedDocument[]
}

/**
 * Stores what is new, keeps every version of what changed, notes counters that moved. The same batch twice changes
 * nothing. Only the source that brought a text may change it: two feeds that cut one article differently would make a
 * new version at every reading. Of what two batches bring the first one is the bringer.
 */
export async function storeDocuments(tx: Tx, batches: readonly Batch[]): Promise<readonly StoredBatch[]> {
  const documents = broughtBy(batches)
  const counts = batches.map(({ runId }) => ({
    runId,
    added: 0,
    changed: 0,
    fresh: [] as PreparedDocument[],
  }))
  if (documents.length === 0) return counts
  // Most of a feed was there last time: asked first, so that only what is new or different travels.
  const known = await tx
    .selectFrom('document')
    .select(['identity', 'sourceId', sql<string>`encode(content_hash, 'hex')`.as('hash')])
    .where(
      'identity',
      '=',
      sql<string>`any(${textArray(documents.map(({ document }) => document.identity))})`,
    )
    .execute()
  const before = new Map(known.map((one) => [one.identity, one]))
  const fresh = documents.filter(({ document }) => !before.has(document.identity))
  const different = documents.filter(({ document, by }) => {
    const old = before.get(document.identity)
    return old?.sourceId === by.sourceId && old.hash !== document.contentHash
  })
  const of = new Map(counts.map((count) => [count.runId, count]))
  for (const { document, by } of fresh) of.get(by.runId)?.fresh.push(document)
  for (const { runId, count } of await insertDocuments(tx, fresh)) {
    const sums = of.get(runId)
    if (sums) sums.added += count
  }
  for (const { runId, count } of await changeDocuments(tx, different)) {
    const sums = of.get(runId)
    if (sums) sums.changed += count
  }
  await observe(
    tx,
    documents.filter(({ document }) => document.counters !== null),
  )
  return counts
}

/** Each identity once: as its batch has it last, of the first batch that has it. */
function broughtBy(batches: readonly Batch[]): readonly Brought[] {
  const all = new Map<string, Brought>()
  for (const by of batches) {
    for (const document of by.documents) {
      const other = all.get(document.identity)
      if (!other || other.by === by) all.set(document.identity, { document, by })
    }
  }
  return [...all.values()]
}

/** Of the identities that are stored, the hash of the text as it is now. */
export async function storedHashes(
  db: Db,
  identities: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('document')
    .select(['identity', sql<string>`encode(content_hash, 'hex')`.as('hash')])
    .where('identity', '=', sql<string>`any(${[...identities]}::text[])`)
    .execute()
  return new Map(rows.map((row) => [row.identity, row.hash]))
}

interface CountOfRun {
  runId: number
  count: number
}

/** Gives how many of each run are new. */
async function insertDocuments(tx: Tx, documents: readonly Brought[]): Promise<readonly CountOfRun[]> {
  if (documents.length === 0) return []
  const { rows } = await sql<CountOfRun>`
    with ${incoming(documents)}, stored as (
      insert into document (identity, source_id, run_id, publisher_id, publisher_name, url, title, body, author,
        published_at, dating, collected_at, content_hash, is_learning, raw, attachments)
      select identity, source_id, run_id, publisher_id, publisher_name, url, title, body, author,
        published_at, dating, collected_at, content_hash, is_learning, raw, attachments
      from incoming order by identity
      on conflict (identity) do nothing
      returning run_id
    ) select run_id, count(*) as count from stored group by run_id`.execute(tx)
  return rows
}

/** The first text becomes version 1 of the history, each later one the next. Gives how many of each run changed. */
async function changeDocuments(tx: Tx, documents: readonly Brought[]): Promise<readonly CountOfRun[]> {
  if (documents.length === 0) return []
  const { rows } = await sql<CountOfRun>`
    with ${incoming(documents)}, old as (
      select document.id, document.version, document.title, document.body, document.content_hash, document.collected_at,
        incoming.title as new_title, incoming.body as new_body, incoming.content_hash as new_hash,
        incoming.published_at as new_published_at, incoming.dating as new_dating, incoming.raw as new_raw,
        incoming.attachments as new_attachments, incoming.run_id as new_run_id, incoming.collected_at as new_seen_at,
        incoming.is_learning as new_is_learning
      from document join incoming using (identity)
      where document.content_hash <> incoming.content_hash
      order by document.identity
      for update of document
    ), first_version as (
      insert into document_version (document_id, version, title, body, content_hash, seen_at)
      select id, version, title, body, content_hash, collected_at from old on conflict do nothing
    ), next_version as (
      insert into document_version (document_id, version, title, body, content_hash, seen_at)
      select id, version + 1, new_title, new_body, new_hash, new_seen_at from old
    ), changed as (
      update document set title = new_title, body = new_body, content_hash = new_hash, raw = new_raw,
        attachments = new_attachments, version = document.version + 1, is_learning = new_is_learning,
        published_at = coalesce(document.published_at, new_published_at),
        dating = case when document.published_at is null and new_published_at is not null then new_dating else document.dating end
      from old where document.id = old.id
      returning new_run_id as run_id
    ) select run_id, count(*) as count from changed group by run_id`.execute(tx)
  return rows
}

/**
 * Counters are observations: one row each time they moved. Reactions heat the issues of a place by their logarithm, so its
 * issues are gathered again when they grew by a tenth and more than a handful.
 */
async function observe(tx: Tx, documents: readonly Brought[]): Promise<void> {
  if (documents.length === 0) return
  await sql`
    with ${incoming(documents)}, moved as (
      select document.id, incoming.collected_at, incoming.counters, last.counters as before
      from incoming join document using (identity) left join lateral (
        select counters from document_observation
        where document_id = document.id order by seen_at desc limit 1) last on true
      where incoming.counters is distinct from last.counters
    ), noted as (
      insert into document_observation (document_id, seen_at, counters)
      select id, collected_at, counters from moved on conflict do nothing
    )
    insert into issue_due (city_company_id, project_id)
    select distinct p.city_company_id, p.id
    from moved join mention_project mp on mp.mention_id = moved.id and mp.state <> 'rejected' join project p on p.id = mp.project_id
    where ${reactionsIn(sql.ref('moved.counters'))} > 10 + 1.1 * ${reactionsIn(sql.ref('moved.before'))}
    order by 1, 2
    on conflict (city_company_id, project_id) do update set since = excluded.since`.execute(tx)
}

/** The documents as a table of the statement: one array a column. */
function incoming(documents: readonly Brought[]) {
  const column = <Name extends keyof PreparedDocument>(name: Name) =>
    documents.map(({ document }) => document[name])
  const ofBatch = <Value>(of: (batch: Batch) => Value) => documents.map(({ by }) => of(by))
  return sql`incoming as (
    select identity, source_id, run_id, is_learning, collected_at, url, title, body, author, publisher_id, publisher_name,
      published_at, dating, decode(hash, 'hex') as content_hash, counters::jsonb as counters, raw::jsonb as raw,
      attachments::jsonb as attachments
    from unnest(${textArray(column('identity'))}, ${ofBatch((by) => by.sourceId)}::int[], ${ofBatch((by) => by.runId)}::bigint[],
      ${ofBatch((by) => by.isLearning)}::boolean[], ${ofBatch((by) => by.now)}::timestamptz[], ${textArray(column('url'))},
      ${textArray(column('title'))}, ${textArray(column('body'))}, ${textArray(column('author'))}, ${column('publisherId')}::int[],
      ${textArray(column('publisherName'))}, ${column('publishedAt')}::timestamptz[], ${textArray(column('dating'))},
      ${textArray(column('contentHash'))}, ${textArray(column('counters'))}, ${textArray(column('raw'))},
      ${textArray(column('attachments'))})
      as i(identity, source_id, run_id, is_learning, collected_at, url, title, body, author, publisher_id, publisher_name,
        published_at, dating, hash, counters, raw, attachments))`
}
