// Pages as evidence: bytes once per hash, one row per fetch, never changed. Brotli at level 5: on 38 Chinese pages it left
// 17.7 % in 6.6 ms a page, where gzip left 21.6 % in 5.1 ms and brotli at level 9 17.2 % in 48 ms.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants } from 'node:zlib'
import { sql } from 'kysely'
import type { Failure } from '../../collectors/collector.ts'
import type { Db, Tx } from '../db/connect.ts'
import type { CollectingPolicy } from '../policy/collecting.ts'
import type { PreparedSnapshot } from './snapshot.ts'

type Rules = CollectingPolicy['snapshots']

const squeeze = promisify(brotliCompress)
const unsqueeze = promisify(brotliDecompress)

/** Ready for the database; made outside the transaction, because compressing takes longer than writing. */
export interface PackedPage extends Omit<PreparedSnapshot, 'bytes'> {
  sha256: Buffer
  size: number
  encoding: 'identity' | 'br'
  body: Buffer
}

export async function packPage({ bytes, ...page }: PreparedSnapshot): Promise<PackedPage> {
  const small = await squeeze(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  })
  const facts = { ...page, sha256: createHash('sha256').update(bytes).digest(), size: bytes.length }
  return small.length < bytes.length
    ? { ...facts, encoding: 'br', body: small }
    : { ...facts, encoding: 'identity', body: Buffer.from(bytes) }
}

/** A page that came with an item. */
export interface CollectedPage {
  identity: string
  contentHash: string
  page: PreparedSnapshot
}

/**
 * Packs the pages that will be new: of documents we do not have, of new versions, of versions without a page. The second
 * reading of a list compresses nothing.
 */
export async function packNew(
  db: Db,
  sourceId: number,
  pages: readonly CollectedPage[],
): Promise<readonly (PackedPage & { identity: string })[]> {
  if (pages.length === 0) return []
  const identities = pages.map(({ identity }) => identity)
  const { rows } = await sql<{ identity: string; sourceId: number; hash: string; isKept: boolean }>`
    select identity, source_id, encode(content_hash, 'hex') as hash,
      exists (select from snapshot s where s.document_id = d.id and s.document_version = d.version) as is_kept
    from document d where identity = any(${identities}::text[])`.execute(db)
  const known = new Map(rows.map((row) => [row.identity, row]))
  const wanted = new Map(
    pages
      .filter(({ identity, contentHash }) => {
        const old = known.get(identity)
        return !old?.isKept || (old.sourceId === sourceId && old.hash !== contentHash)
      })
      .map((page) => [page.identity, page.page]),
  )
  const packed: (PackedPage & { identity: string })[] = []
  for (const [identity, page] of wanted) packed.push({ identity, ...(await packPage(page)) })
  return packed
}

/** In the transaction of the documents: one page of each version, whoever brought it first. Gives how many are new. */
export async function keepCollected(
  tx: Tx,
  pages: readonly (PackedPage & { identity: string })[],
): Promise<number> {
  if (pages.length === 0) return 0
  await keepBodies(tx, pages)
  const column = <Value>(of: (page: (typeof pages)[number]) => Value) => pages.map(of)
  const { rows } = await sql`
    insert into snapshot (document_id, document_version, url, status, headers, fetched_at, sha256, reason)
    select d.id, d.version, page.url, page.status, page.headers, page.fetched_at, decode(page.hash, 'hex'), 'collected'
    from unnest(${column((page) => page.identity)}::text[], ${column((page) => page.url)}::text[],
      ${column((page) => page.status)}::int[], ${column((page) => JSON.stringify(page.headers))}::jsonb[],
      ${column((page) => page.fetchedAt)}::timestamptz[], ${column((page) => page.sha256.toString('hex'))}::text[])
      as page(identity, url, status, headers, fetched_at, hash)
    join document d using (identity)
    where not exists (select from snapshot s where s.document_id = d.id and s.document_version = d.version)
    order by d.id
    on conflict do nothing returning id`.execute(tx)
  return rows.length
}

async function keepBodies(tx: Tx, pages: readonly PackedPage[]): Promise<void> {
  const bodies = new Map(
    pages.map(({ sha256, size, encoding, body }) => [
      sha256.toString('hex'),
      { sha256, size, encoding, body },
    ]),
  )
  // In the order of the hashes, so that two writers of the same pages wait for each other instead of locking each other out.
  const inOrder = [...bodies].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, body]) => body)
  await tx
    .insertInto('snapshotBody')
    .values(inOrder)
    .onConflict((body) => body.column('sha256').doNothing())
    .execute()
}

export interface Keeping {
  documentId: number
  page: PackedPage
  reason: 'warned' | 'asked'
  askedBy: number | null
  showsTitle: boolean | null
}

/** Two clicks within this are one. */
const SAME_CLICK = '60 seconds'

/**
 * Keeps a page that was fetched for its own sake. The machine keeps one of each version; asked by a person, the same bytes
 * at another time are a row of their own, because «still there on that day» is what is proved, and take no space.
 */
export async function keepPage(
  tx: Tx,
  { documentId, page, reason, askedBy, showsTitle }: Keeping,
): Promise<{ id: number; isNew: boolean }> {
  await keepBodies(tx, [page])
  const newest = await tx
    .selectFrom('snapshot')
    .select('id')
    .where('documentId', '=', documentId)
    .where('reason', '=', reason)
    .where('sha256', '=', page.sha256)
    .where(sql<boolean>`fetched_at > ${page.fetchedAt}::timestamptz - interval '${sql.raw(SAME_CLICK)}'`)
    .orderBy('id', 'desc')
    .executeTakeFirst()
  if (newest) return { id: newest.id, isNew: false }
  const { rows } = await sql<{ id: number }>`
    insert into snapshot (document_id, document_version, url, status, headers, fetched_at, sha256, reason, asked_by, shows_title)
    select id, version, ${page.url}, ${page.status}, ${JSON.stringify(page.headers)}::jsonb, ${page.fetchedAt}::timestamptz,
      ${page.sha256}, ${reason}, ${askedBy}, ${showsTitle} from document where id = ${documentId}
    on conflict (document_id, document_version, reason) where reason <> 'asked' do nothing
    returning id`.execute(tx)
  const [kept] = rows
  if (kept) return { id: kept.id, isNew: true }
  const { id } = await tx
    .selectFrom('snapshot')
    .innerJoin('document', 'document.id', 'snapshot.documentId')
    .select('snapshot.id')
    .where('snapshot.documentId', '=', documentId)
    .where('snapshot.reason', '=', reason)
    .whereRef('snapshot.documentVersion', '=', 'document.version')
    .executeTakeFirstOrThrow()
  return { id, isNew: false }
}

/** Notes a try that brought no page. */
export async function noteAttempt(
  tx: Tx,
  attempt: {
    documentId: number
    at: Date
    reason: 'warned' | 'asked'
    askedBy: number | null
    outcome: Failure
    detail: string
  },
): Promise<void> {
  await tx
    .insertInto('snapshotAttempt')
    .values({ ...attempt, detail: attempt.detail.slice(0, 1_000) })
    .execute()
}

export async function askedCount(db: Db, documentId: number): Promise<number> {
  const { count } = await db
    .selectFrom('snapshot')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('documentId', '=', documentId)
    .where('reason', '=', 'asked')
    .executeTakeFirstOrThrow()
  return count
}

/** The bytes of a hash as fetched. @throws when they do not give that hash any more */
export async function readBody(db: Db, sha256: Buffer): Promise<Buffer> {
  const { encoding, body } = await db
    .selectFrom('snapshotBody')
    .select(['encoding', 'body'])
    .where('sha256', '=', sha256)
    .executeTakeFirstOrThrow()
  const bytes = encoding === 'br' ? await unsqueeze(body) : body
  if (!createHash('sha256').update(bytes).digest().equals(sha256))
    throw new Error(`the snapshot ${sha256.toString('hex')} was altered`)
  return bytes
}

// --- pages to fetch

/** Texts older than this are no longer looked up by themselves. */
const LOOK_BACK = '30 days'
/** Newest texts of one warning; those behind them are told by the same. */
const PER_WARNING = 200
const QUEUED_AT_ONCE = 500

/**
 * Queues the pages of texts behind a red line or an open warning of level I or II that have none for their version. Both
 * ways are an index: red lines by time, and the newest signals of the cells of open warnings.
 */
export async function queueWarned(tx: Tx, now: Date): Promise<number> {
  const { rows } = await sql`
    with wanted as (
      select mention_id from signal
      where is_red_line and mention_id is not null and state <> 'rejected' and not is_learning
        and occurred_at > ${now}::timestamptz - interval '${sql.raw(LOOK_BACK)}'
      union
      select s.mention_id from warning w cross join lateral (
        select mention_id from signal
        where project_id = w.project_id and risk_code = w.risk_code and state <> 'rejected' and not is_learning
          and mention_id is not null and occurred_at > ${now}::timestamptz - interval '${sql.raw(LOOK_BACK)}'
        order by occurred_at desc limit ${PER_WARNING}) s
      where w.closed_at is null and w.level in ('I', 'II')
    )
    insert into snapshot_due (document_id, document_version, next_at)
    select d.id, d.version, ${now} from wanted join document d on d.id = wanted.mention_id
    where d.url ~* '^https?://'
      and not exists (select from snapshot s where s.document_id = d.id and s.document_version = d.version)
      and not exists (select from snapshot_due q where q.document_id = d.id and q.document_version = d.version)
    order by d.id desc limit ${QUEUED_AT_ONCE}
    on conflict do nothing returning document_id`.execute(tx)
  return rows.length
}

export interface DuePage {
  documentId: number
  documentVersion: number
  url: string
  title: string
  /** This one included. */
  attempts: number
}

/** Takes one page to fetch for two minutes; a process that is killed meanwhile loses it to the next. */
export async function takeDue(db: Db, now: Date): Promise<DuePage | undefined> {
  const { rows } = await sql<DuePage>`
    update snapshot_due q set attempts = attempts + 1, taken_until = ${now}::timestamptz + interval '2 minutes'
    from document d
    where d.id = q.document_id and (q.document_id, q.document_version) = (
      select document_id, document_version from snapshot_due
      where gave_up_at is null and next_at <= ${now} and (taken_until is null or taken_until <= ${now})
      order by next_at, document_id desc limit 1 for update skip locked)
    returning q.document_id, q.document_version, d.url, d.title, q.attempts`.execute(db)
  return rows[0]
}

/** The page is kept: nothing of this document up to the version waits any more. */
export async function settleDue(tx: Tx, { documentId }: DuePage): Promise<void> {
  await sql`
    delete from snapshot_due q using document d
    where d.id = q.document_id and q.document_id = ${documentId} and q.document_version <= d.version`.execute(
    tx,
  )
}

/** Later again, or never. */
export async function putOff(
  tx: Tx,
  { documentId, documentVersion }: DuePage,
  until: { nextAt: Date } | { gaveUpAt: Date },
): Promise<void> {
  await tx
    .updateTable('snapshotDue')
    .set({ takenUntil: null, ...until })
    .where('documentId', '=', documentId)
    .where('documentVersion', '=', documentVersion)
    .execute()
}

/** Pages fetched by the machine since. */
export async function warnedSince(db: Db, since: Date): Promise<number> {
  const { count } = await db
    .selectFrom('snapshot')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('reason', '=', 'warned')
    .where('fetchedAt', '>', since)
    .executeTakeFirstOrThrow()
  return count
}

// --- what may go

const GONE_AT_ONCE = 500

/**
 * Takes away what the policy lets go, oldest first and bounded: pages that came with an item and stand behind no risk, and
 * evidence past its time. A page that came with an item counts as evidence once a risk was seen in its text.
 */
export async function expireSnapshots(
  tx: Tx,
  rules: Pick<Rules, 'collectedDays' | 'evidenceDays'>,
  now: Date,
): Promise<{ snapshots: number; bodies: number }> {
  const before = (days: number) => new Date(now.getTime() - days * 86_400_000)
  await sql`select set_config('weiyu.retention', 'on', true)`.execute(tx)
  const gone = await sql<{ sha256: Buffer }>`
    delete from snapshot where id in (
      (select id from snapshot s where reason = 'collected' and fetched_at < ${before(rules.collectedDays)}
        and not exists (select from signal where mention_id = s.document_id and state <> 'rejected')
        order by fetched_at limit ${GONE_AT_ONCE})
      union all
      (select id from snapshot where reason in ('collected', 'warned', 'asked') and fetched_at < ${before(rules.evidenceDays)}
        order by fetched_at limit ${GONE_AT_ONCE}))
    returning sha256`.execute(tx)
  const hashes = [...new Set(gone.rows.map((row) => row.sha256.toString('hex')))]
  const bodies = await sql`
    delete from snapshot_body b using unnest(${hashes}::text[]) as gone(hash)
    where b.sha256 = decode(gone.hash, 'hex') and not exists (select from snapshot s where s.sha256 = b.sha256)
    returning b.size`.execute(tx)
  await sql`select set_config('weiyu.retention', 'off', true)`.execute(tx)
  return { snapshots: gone.rows.length, bodies: bodies.rows.length }
}
