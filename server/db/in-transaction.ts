import type { Db, Tx } from './connect.ts'

/** Runs `work` in a transaction; joins the open one when `db` is already a transaction (Kysely refuses to nest them). */
export function inTransaction<Result>(db: Db, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return db.isTransaction ? work(db as Tx) : db.transaction().execute(work)
}
