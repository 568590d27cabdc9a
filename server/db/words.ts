import { type RawBuilder, sql } from 'kysely'

/**
 * Searching mentions by words. Their texts stand in `mention_text`, whose index knows every pair of neighbouring signs, and
 * for a minute after they came in `mention_text_waiting`, which is read through: what waits there stands in place of what
 * is indexed. A search asks both, so it is complete at any time.
 */

/** The words of a query; every one of them must be there. */
export function wordsOf(query: string): readonly string[] {
  return [...new Set(query.normalize('NFKC').split(/[\s\p{Cc}]+/u))].filter((word) => word !== '')
}

/** That a text, kept as `search_text` gives it, holds all the words. */
export function holdsWords(text: RawBuilder<unknown>, words: readonly string[]): RawBuilder<boolean> {
  return allOf(words.map((word) => sql<boolean>`position(search_text(${word}) in ${text}) > 0`))
}

/** The text of one mention. */
export const textOfMention = (id: RawBuilder<unknown>) => sql`coalesce(
  (select text from mention_text_waiting where mention_id = ${id}), (select text from mention_text where mention_id = ${id}))`

/**
 * Ids of all mentions that hold the words, in no order. A word without an indexed pair (one letter, or marks only) costs
 * a look into every text.
 * @param part what of a text must hold them
 */
export function mentionsHolding(
  words: readonly string[],
  part: (text: RawBuilder<unknown>) => RawBuilder<unknown> = (text) => text,
): RawBuilder<unknown> {
  const pairs = words
    .filter(hasPair)
    .map((word) => sql<boolean>`word_pairs(t.text) @> word_pairs(search_text(${word}))`)
  return sql`
    select t.mention_id as id from mention_text t
    where ${allOf([...pairs, holdsWords(part(sql`t.text`), words)])}
      -- Not «not exists»: a table that fills and empties by the minute is often thought empty, and joined row by row.
      and t.mention_id not in (select mention_id from mention_text_waiting)
    union all
    select w.mention_id from mention_text_waiting w where ${holdsWords(part(sql`w.text`), words)}`
}

const allOf = (conditions: readonly RawBuilder<boolean>[]) =>
  conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join([...conditions], sql` and `)})`

/** Whether `word_pairs` of the database gives any: two neighbours that are neither blank nor punctuation. */
export function hasPair(word: string): boolean {
  const signs = [...word.toLowerCase()].map((sign) => isIndexed(sign.codePointAt(0) ?? 0))
  return signs.some((isGood, at) => isGood && signs[at + 1] === true)
}

const isIndexed = (code: number) => code >= 48 && !(code >= 0x2000 && code <= 0x303f)
