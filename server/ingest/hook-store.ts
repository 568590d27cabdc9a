import { sql } from 'kysely'
import type { Db, Tx } from '../db/connect.ts'

const rememberedDays = 30

export function hookByToken(db: Db, token: string) {
  return db
    .selectFrom('sourceHook')
    .innerJoin('source', 'source.id', 'sourceHook.sourceId')
    .select(['sourceId', 'source.state', 'secretEncrypted', 'previousEncrypted', 'previousUntil'])
    .where('token', '=', token)
    .executeTakeFirst()
}

export function hookOf(db: Db, sourceId: number) {
  return db
    .selectFrom('sourceHook')
    .select(['token', 'madeAt', 'previousUntil'])
    .where('sourceId', '=', sourceId)
    .executeTakeFirst()
}

/** The first secret, or the next: the one before stays good until `previousUntil`. Gives the token, which stays the same. */
export async function putSecret(
  tx: Tx,
  hook: { sourceId: number; token: string; secretEncrypted: Buffer; now: Date; previousUntil: Date },
): Promise<string> {
  const { sourceId, token, secretEncrypted, now, previousUntil } = hook
  const { token: kept } = await tx
    .insertInto('sourceHook')
    .values({ sourceId, token, secretEncrypted, madeAt: now })
    .onConflict((row) =>
      row.column('sourceId').doUpdateSet({
        secretEncrypted,
        madeAt: now,
        previousEncrypted: sql`source_hook.secret_encrypted`,
        previousUntil,
      }),
    )
    .returning('token')
    .executeTakeFirstOrThrow()
  return kept
}

/** True when one of these was taken in already. */
export async function isKnownDelivery(db: Db, sourceId: number, ids: readonly string[]): Promise<boolean> {
  const known = await db
    .selectFrom('sourceDelivery')
    .select('deliveryId')
    .where('sourceId', '=', sourceId)
    .where('deliveryId', '=', sql<string>`any(${[...ids]}::text[])`)
    .limit(1)
    .executeTakeFirst()
  return known !== undefined
}

export async function rememberDelivery(
  tx: Tx,
  sourceId: number,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  await tx
    .insertInto('sourceDelivery')
    .values(ids.map((deliveryId) => ({ sourceId, deliveryId, receivedAt: now })))
    .onConflict((row) => row.doNothing())
    .execute()
  await tx
    .deleteFrom('sourceDelivery')
    .where('sourceId', '=', sourceId)
    .where('receivedAt', '<', new Date(now.getTime() - rememberedDays * 86_400_000))
    .execute()
}

/** Runs that began since then, whatever became of them. */
export async function runsSince(db: Db, sourceId: number, since: Date): Promise<number> {
  const { count } = await db
    .selectFrom('collectionRun')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('sourceId', '=', sourceId)
    .where('startedAt', '>', since)
    .executeTakeFirstOrThrow()
  return Number(count)
}
