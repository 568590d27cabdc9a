import { type RawBuilder, sql } from 'kysely'

/** Counters that are people doing something, unlike a rank or a view. */
const REACTIONS = ['likes', 'comments', 'shares']
/** More than people there are: what a page says beyond it is not believed. */
const MOST_REACTIONS = 1_000_000_000

/** How many reactions these observed counters (jsonb) tell of; null counters tell of none. */
export const reactionsIn = (counters: RawBuilder<unknown>): RawBuilder<number> => {
  const counts = REACTIONS.map(
    (name) => sql`greatest(0, coalesce((${counters} ->> ${sql.lit(name)})::numeric, 0))`,
  )
  return sql<number>`least(${sql.lit(MOST_REACTIONS)}, floor(${sql.join(counts, sql` + `)}))`
}
