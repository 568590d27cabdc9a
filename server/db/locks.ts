import { sql } from 'kysely'
import type { Tx } from './connect.ts'

/**
 * What has one holder at a time and is no row. Each has a number of its own: two things under one number wait for each other,
 * and two transactions that take them in different orders wait until the database ends one. 714000 (migrations) and 714001
 * (the audit chain) are taken elsewhere, before there are tables and in a trigger; 714005 has a second number, the place.
 */
const NUMBERS = {
  /** What texts are read with: shared by the batches of the analysis, alone by a switch. */
  engine: 714_002,
  complaintImport: 714_003,
  stories: 714_004,
  draft: 714_006,
  masterData: 714_007,
  /** Who may sign in for the whole group. */
  administrators: 714_008,
  assistantBudget: 714_010,
  alerts: 714_011,
  readings: 714_012,
  milestones: 714_013,
} as const

export type Lock = keyof typeof NUMBERS

/** Waits until nobody else holds it, and holds it until the transaction ends. */
export async function takeLock(tx: Tx, lock: Lock): Promise<void> {
  await sql`select pg_advisory_xact_lock(${NUMBERS[lock]})`.execute(tx)
}

/** The same beside others who share it. */
export async function shareLock(tx: Tx, lock: Lock): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${NUMBERS[lock]})`.execute(tx)
}
