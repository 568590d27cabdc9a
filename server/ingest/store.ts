import { sql } from 'kysely'
import type { Outcome } from '../../collectors/collector.ts'
import type { Db, Tx } from '../db/connect.ts'
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
      'source.options',
      'source.schedule',
      'source.state',
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

export async function existingSources(db: Db, ids: readonly number[]): Promise<number[]> {
  const rows = await db
    .selectFrom('source')
    .select('id')
    .where('id', 'in', [...ids])
    .orderBy('id')
    .execute()
  return rows.map((row) => row.id)
}

export interface SourceInput {
  kind: string
  name: string
  publisherId: number | null
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
    .values({ ...source, options: JSON.stringify(source.options), state: 'paused' })
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

export async function setSourceState(tx: Tx, id: number, state: 'active' | 'paused'): Promise<void> {
  await setSourceStates(tx, [id], state)
}

/** Gives those whose state it changed. What comes back waits for nothing yet, and its silence begins with its next reading. */
export async function setSourceStates(
  tx: Tx,
  ids: readonly number[],
  state: 'active' | 'paused',
): Promise<number[]> {
  const changed = await tx
    .updateTable('source')
    .set({ state, updatedAt: sql`now()` })
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
 * Two workers that end runs of one source must not wait for each other: the source first, then its run and its health.
 * What follows in the same statement reads from it, so it comes first.
 */
const held = (sourceId: number) =>
  sql`held as (select id from source where id = ${sourceId} for no key update)`

/**
 * Begins a run; one that never ended (its process was killed) is closed as interrupted. One statement: hundreds of sources
 * are read a second, and each way to the database costs more than what is done there.
 */
export async function startRun(db: Db, sourceId: number, now: Date): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with ${held(sourceId)}, lost as (
      update collection_run set outcome = 'interrupted', finished_at = ${now}
      from held where source_id = held.id and outcome is null
    )
    insert into collection_run (source_id, started_at) select id, ${now} from held returning id`.execute(db)
  const [run] = rows
  if (!run) throw new Error(`there is no source ${sourceId}`)
  return run.id
}

export async function addToRun(tx: Tx, runId: number, counts: RunCounts): Promise<void> {
  await tx
    .updateTable('collectionRun')
    .set((row) => ({
      seen: row('seen', '+', counts.seen),
      added: row('added', '+', counts.added),
      changed: row('changed', '+', counts.changed),
      undated: row('undated', '+', counts.undated),
      tooOld: row('tooOld', '+', counts.tooOld),
    }))
    .where('id', '=', runId)
    .execute()
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

/** Ends a run and, when it went well, keeps where its source stands: one statement, as at its start. */
export async function finishRun(db: Db, end: RunEnd): Promise<void> {
  const succeeded = end.outcome === 'ok' || end.outcome === 'empty' || end.outcome === 'not-modified'
  const cursor = end.cursor === undefined ? null : JSON.stringify(end.cursor)
  await sql`
    with ${held(end.sourceId)}, run as (
      update collection_run set outcome = ${end.outcome}, detail = ${end.detail?.slice(0, 1_000) ?? null},
        finished_at = ${end.now}, bytes = ${end.bytes ?? 0}
      from held where collection_run.id = ${end.runId} and source_id = held.id
    )
    update source set learning_until = coalesce(learning_until, ${end.now}), cursor = coalesce(${cursor}::jsonb, cursor)
    from held where source.id = held.id and ${succeeded}`.execute(db)
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

export interface Batch {
  sourceId: number
  runId: number
  isLearning: boolean
  now: Date
  documents: readonly PreparedDocument[]
}

/**
 * Stores what is new, keeps every version of what changed, notes counters that moved. The same batch twice changes
 * nothing. Only the source that brought a text may change it: two feeds that cut one article differently would make a
 * new version at every reading. `fresh` are those nobody had brought before.
 */
export async function storeDocuments(
  tx: Tx,
  batch: Batch,
): Promise<{ added: number; changed: number; fresh: readonly PreparedDocument[] }> {
  const documents = [...new Map(batch.documents.map((document) => [document.identity, document])).values()]
  if (documents.length === 0) return { added: 0, changed: 0, fresh: [] }
  // Most of a feed was there last time: asked first, so that only what is new or different travels.
  const known = await tx
    .selectFrom('document')
    .select(['identity', 'sourceId', sql<string>`encode(content_hash, 'hex')`.as('hash')])
    .where('identity', '=', sql<string>`any(${documents.map((document) => document.identity)}::text[])`)
    .execute()
  const before = new Map(known.map((document) => [document.identity, document]))
  const fresh = documents.filter((document) => !before.has(document.identity))
  const different = documents.filter((document) => {
    const old = before.get(document.identity)
    return old?.sourceId === batch.sourceId && old.hash !== document.contentHash
  })
  const counts = {
    fresh,
    added: fresh.length > 0 ? await insertDocuments(tx, batch, fresh) : 0,
    changed: different.length > 0 ? await changeDocuments(tx, batch, different) : 0,
  }
  const counted = documents.filter((document) => document.counters !== null)
  if (counted.length > 0) await observe(tx, batch, counted)
  return counts
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

async function insertDocuments(
  tx: Tx,
  batch: Batch,
  documents: readonly PreparedDocument[],
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with ${incoming(documents)}
    insert into document (identity, source_id, run_id, publisher_id, publisher_name, url, title, body, author,
      published_at, dating, collected_at, content_hash, is_learning, raw, attachments)
    select identity, ${batch.sourceId}, ${batch.runId}, publisher_id, publisher_name, url, title, body, author,
      published_at, dating, ${batch.now}, content_hash, ${batch.isLearning}, raw, attachments
    from incoming order by identity
    on conflict (identity) do nothing
    returning id`.execute(tx)
  return rows.length
}

/** The first text becomes version 1 of the history, each later one the next. */
async function changeDocuments(
  tx: Tx,
  batch: Batch,
  documents: readonly PreparedDocument[],
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with ${incoming(documents)}, old as (
      select document.id, document.version, document.title, document.body, document.content_hash, document.collected_at,
        incoming.title as new_title, incoming.body as new_body, incoming.content_hash as new_hash,
        incoming.published_at as new_published_at, incoming.dating as new_dating, incoming.raw as new_raw, incoming.attachments as new_attachments
      from document join incoming using (identity)
      where document.content_hash <> incoming.content_hash
      order by document.identity
      for update of document
    ), first_version as (
      insert into document_version (document_id, version, title, body, content_hash, seen_at)
      select id, version, title, body, content_hash, collected_at from old on conflict do nothing
    ), next_version as (
      insert into document_version (document_id, version, title, body, content_hash, seen_at)
      select id, version + 1, new_title, new_body, new_hash, ${batch.now} from old
    )
    update document set title = new_title, body = new_body, content_hash = new_hash, raw = new_raw, attachments = new_attachments,
      version = document.version + 1, is_learning = ${batch.isLearning},
      published_at = coalesce(document.published_at, new_published_at),
      dating = case when document.published_at is null then new_dating else document.dating end
    from old where document.id = old.id
    returning document.id`.execute(tx)
  return rows.length
}

/** Counters are observations: one row each time they moved. */
async function observe(tx: Tx, batch: Batch, documents: readonly PreparedDocument[]): Promise<void> {
  await sql`
    with ${incoming(documents)}
    insert into document_observation (document_id, seen_at, counters)
    select document.id, ${batch.now}, incoming.counters
    from incoming join document using (identity)
    where incoming.counters is distinct from (
      select counters from document_observation
      where document_id = document.id order by seen_at desc limit 1)
    on conflict do nothing`.execute(tx)
}

/** The batch as a table of the statement: one array a column. */
function incoming(documents: readonly PreparedDocument[]) {
  const column = <Name extends keyof PreparedDocument>(name: Name) =>
    documents.map((document) => document[name])
  return sql`incoming as (
    select identity, url, title, body, author, publisher_id, publisher_name, published_at, dating,
      decode(hash, 'hex') as content_hash, counters::jsonb as counters, raw::jsonb as raw,
      attachments::jsonb as attachments
    from unnest(${column('identity')}::text[], ${column('url')}::text[], ${column('title')}::text[],
      ${column('body')}::text[], ${column('author')}::text[], ${column('publisherId')}::int[],
      ${column('publisherName')}::text[], ${column('publishedAt')}::timestamptz[], ${column('dating')}::text[],
      ${column('contentHash')}::text[], ${column('counters')}::text[], ${column('raw')}::text[],
      ${column('attachments')}::text[])
      as i(identity, url, title, body, author, publisher_id, publisher_name, published_at, dating, hash, counters, raw,
        attachments))`
}
