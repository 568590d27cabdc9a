import { sql } from 'kysely'
import type { Db, Tx } from '../../db/connect.ts'

/** The text of a page by its identity, and whether the analysis has read it. */
export function textByIdentity(db: Db, identity: string) {
  return db
    .selectFrom('document')
    .innerJoin('documentAnalysis', 'documentAnalysis.documentId', 'document.id')
    .innerJoin('source', 'source.id', 'document.sourceId')
    .select([
      'document.id',
      'document.title',
      'source.name as sourceName',
      'source.kind as sourceKind',
      'documentAnalysis.analysedVersion',
      sql<Date>`case when document.dating in ('dated', 'old')
        then coalesce(document.published_at, document.collected_at) else document.collected_at end`.as(
        'occurredAt',
      ),
    ])
    .where('document.identity', '=', identity)
    .executeTakeFirst()
}

/** A person says that this text is ours: it becomes a mention, whatever the analysis finds, and is read again as one. */
export async function openMention(tx: Tx, documentId: number): Promise<void> {
  await sql`
    insert into mention (id, occurred_at, published_at, source_id, publisher_id, title, excerpt, polarity, sentiment,
      is_learning, analysis_version, catalog_version)
    select id, case when dating in ('dated', 'old') then coalesce(published_at, collected_at) else collected_at end,
      published_at, source_id, publisher_id, title, left(body, 200), 'neutral', 0,
      is_learning or dating <> 'dated', 'by hand', 'by hand'
    from document where id = ${documentId}
    on conflict (id) do nothing`.execute(tx)
}
