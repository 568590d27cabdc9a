import { sql } from 'kysely'
import type { Failure } from '../../../collectors/collector.ts'
import type { Scope } from '../../access/scope.ts'
import type { Db } from '../../db/connect.ts'
import { anyProjectInScope, projectInScope } from '../../db/scoped.ts'
import type { Dating } from '../document.ts'

/** The text behind a mention the reader may see; undefined: none, or not theirs. */
export function pageOfMention(db: Db, scope: Scope, id: number) {
  return db
    .selectFrom('mention')
    .innerJoin('document', 'document.id', 'mention.id')
    .select([
      'document.id',
      'document.url',
      'document.title',
      'document.version',
      'mention.projectIds',
      'mention.cityCompanyIds',
    ])
    .where('mention.id', '=', id)
    .where(anyProjectInScope(scope, 'mention.projectIds'))
    .executeTakeFirst()
}

const mostListed = 300

interface KeptPage {
  id: number
  documentVersion: number
  url: string
  status: number
  headers: unknown
  fetchedAt: Date
  reason: 'collected' | 'warned' | 'asked'
  showsTitle: boolean | null
  /** Bytes as fetched. */
  size: number
  sha256: Buffer
  askedBy: string | null
}

interface FailedAttempt {
  id: number
  at: Date
  reason: 'warned' | 'asked'
  outcome: Failure
  detail: string
  askedBy: string | null
}

/** Pages of one text, newest first, and the tries that brought none. */
export async function keptPages(
  db: Db,
  documentId: number,
): Promise<{
  snapshots: readonly KeptPage[]
  attempts: readonly FailedAttempt[]
  /** When the machine fetches the page next; null: it does not wait for one. */
  nextTryAt: Date | null
}> {
  const [snapshots, attempts, waiting] = await Promise.all([
    db
      .selectFrom('snapshot')
      .innerJoin('snapshotBody', 'snapshotBody.sha256', 'snapshot.sha256')
      .leftJoin('appUser', 'appUser.id', 'snapshot.askedBy')
      .select([
        'snapshot.id',
        'snapshot.documentVersion',
        'snapshot.url',
        'snapshot.status',
        'snapshot.headers',
        'snapshot.fetchedAt',
        'snapshot.reason',
        'snapshot.showsTitle',
        'snapshotBody.size',
        'snapshot.sha256',
        'appUser.name as askedBy',
      ])
      .where('snapshot.documentId', '=', documentId)
      .orderBy('snapshot.id', 'desc')
      .limit(mostListed)
      .execute(),
    db
      .selectFrom('snapshotAttempt')
      .leftJoin('appUser', 'appUser.id', 'snapshotAttempt.askedBy')
      .select(['snapshotAttempt.id', 'at', 'reason', 'outcome', 'detail', 'appUser.name as askedBy'])
      .where('documentId', '=', documentId)
      .orderBy('snapshotAttempt.id', 'desc')
      .limit(mostListed)
      .execute(),
    db
      .selectFrom('snapshotDue')
      .select('nextAt')
      .where('documentId', '=', documentId)
      .where('gaveUpAt', 'is', null)
      .executeTakeFirst(),
  ])
  return { snapshots, attempts, nextTryAt: waiting?.nextAt ?? null }
}

export function keptPage(db: Db, documentId: number, snapshotId: number) {
  return db
    .selectFrom('snapshot')
    .select(['id', 'url', 'headers', 'fetchedAt', 'sha256'])
    .where('documentId', '=', documentId)
    .where('id', '=', snapshotId)
    .executeTakeFirst()
}

// --- for the package

/** Everything known of one text: as found, as changed, as counted. Only for ids that passed the scope. */
export async function documentForPackage(db: Db, id: number) {
  const [document, versions, observations, kept] = await Promise.all([
    db
      .selectFrom('document')
      .innerJoin('source', 'source.id', 'document.sourceId')
      .leftJoin('publisher', 'publisher.id', 'document.publisherId')
      .select([
        'document.id',
        'document.identity',
        'document.url',
        'document.title',
        'document.body',
        'document.author',
        'document.publishedAt',
        sql<Dating | 'seen'>`case when document.dating = 'dated' and document.published_at is null then 'seen'
          else document.dating end`.as('dating'),
        'document.collectedAt',
        'document.version',
        'source.name as source',
        sql<string | null>`coalesce(publisher.name, document.publisher_name)`.as('publisher'),
      ])
      .where('document.id', '=', id)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('documentVersion')
      .select(['version', 'title', 'body', 'seenAt'])
      .where('documentId', '=', id)
      .orderBy('version')
      .limit(mostListed)
      .execute(),
    sql<{ seenAt: Date; counters: Record<string, number> }>`
      select seen_at, counters from document_observation where document_id = ${id} order by seen_at limit 10000
    `.execute(db),
    keptPages(db, id),
  ])
  return { ...document, versions, observations: observations.rows, ...kept }
}

export function warningForPackage(db: Db, scope: Scope, id: number) {
  return db
    .selectFrom('warning')
    .select(['id', 'number', 'title', 'level', 'projectId', 'cityCompanyId', 'riskCode', 'raisedAt'])
    .where('id', '=', id)
    .where(projectInScope(scope, 'warning.projectId'))
    .executeTakeFirst()
}
