import { sql } from 'kysely'
import type { Db, Tx } from '../db/connect.ts'
import type { SourceInput } from './store.ts'

/** Names are unique and an import chooses them: nobody adds a source between the choice and the rows. Readers go on. */
export async function lockSources(tx: Tx): Promise<void> {
  await sql`lock table source in share row exclusive mode`.execute(tx)
}

/** Every source's name, and the address of those that are feeds. A few hundred rows, a few thousand at the most. */
export async function namesAndAddresses(db: Db): Promise<readonly { name: string; url: string | null }[]> {
  const { rows } = await sql<{ name: string; url: string | null }>`
    select name, case when kind = 'rss' then options->>'url' end as url from source order by name`.execute(db)
  return rows
}

export function feeds(db: Db) {
  return db
    .selectFrom('source')
    .select(['source.name', 'source.groupName', sql<string>`options->>'url'`.as('url')])
    .where('source.kind', '=', 'rss')
    .where(sql<boolean>`options->>'url' is not null`)
    .orderBy('source.name')
    .execute()
}

/** All in one statement; their ids in the order of their making. */
export async function insertSources(tx: Tx, sources: readonly SourceInput[]): Promise<number[]> {
  if (sources.length === 0) return []
  const column = <Name extends keyof SourceInput>(name: Name) => sources.map((source) => source[name])
  const { rows } = await sql<{ id: number }>`
    insert into source (kind, name, publisher_id, group_name, options, schedule, is_aggregator)
    select kind, name, publisher_id, group_name, options::jsonb, schedule, is_aggregator
    from unnest(${column('kind')}::text[], ${column('name')}::text[], ${column('publisherId')}::int[],
      ${sources.map(({ groupName }) => groupName ?? null)}::text[],
      ${sources.map(({ options }) => JSON.stringify(options))}::text[], ${column('schedule')}::text[],
      ${column('isAggregator')}::boolean[])
      with ordinality as given(kind, name, publisher_id, group_name, options, schedule, is_aggregator, at)
    order by at
    returning id`.execute(tx)
  return rows.map(({ id }) => id)
}
