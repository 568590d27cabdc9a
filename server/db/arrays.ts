/**
 * Arrays as the database reads them off the wire (`array_recv`), for statements that bring hundreds of texts at once. The
 * driver would write an array as one quoted text, which costs its reading character by character on both sides.
 */
import { type RawBuilder, sql } from 'kysely'

const TEXT = 25
const HEAD = 20

/** A `text[]` parameter; a null stays null. */
export function textArray(values: readonly (string | null)[]): RawBuilder<string[]> {
  let room = HEAD
  // A unit takes three bytes at most: a pair takes four.
  for (const value of values) room += 4 + (value?.length ?? 0) * 3
  const bytes = Buffer.allocUnsafe(room)
  bytes.writeInt32BE(values.length === 0 ? 0 : 1, 0)
  bytes.writeInt32BE(values.includes(null) ? 1 : 0, 4)
  bytes.writeInt32BE(TEXT, 8)
  if (values.length === 0) return sql`${bytes.subarray(0, 12)}::text[]`
  bytes.writeInt32BE(values.length, 12)
  bytes.writeInt32BE(1, 16)
  let at = HEAD
  for (const value of values) {
    const length = value === null ? -1 : bytes.write(value, at + 4)
    bytes.writeInt32BE(length, at)
    at += 4 + Math.max(0, length)
  }
  return sql`${bytes.subarray(0, at)}::text[]`
}
