import { sql } from 'kysely'
import type { Db, Tx } from '../db/connect.ts'

export interface AuditEntry {
  /** Absent: the machine did it. */
  actor?: { id: number; name: string } | undefined
  /** A verb of the feature: `warning.lift`, `complaint.reveal`, `session.refused`. */
  action: string
  subject: { kind: string; id?: string | number | null }
  cityCompanyId?: number | null
  clause?: string
  /** What changed, or the purpose; never personal data or a secret. */
  detail?: Readonly<Record<string, unknown>>
}

/**
 * Writes the audit entry of an act; call it in the act's own transaction, as the last statement, because entries queue
 * for the chain until the transaction ends.
 */
export async function recordAudit(tx: Tx, entry: AuditEntry): Promise<void> {
  await tx
    .insertInto('auditEntry')
    .values({
      actorId: entry.actor?.id ?? null,
      actor: entry.actor?.name ?? 'system',
      action: entry.action,
      subjectKind: entry.subject.kind,
      subjectId: entry.subject.id == null ? null : String(entry.subject.id),
      cityCompanyId: entry.cityCompanyId ?? null,
      clause: entry.clause ?? null,
      detail: JSON.stringify(entry.detail ?? {}),
    })
    .execute()
}

/** Walks the chain; gives the id of the first entry that does not fit, or null when all do. */
export async function firstBrokenEntry(db: Db): Promise<number | null> {
  const broken = await sql<{ id: number }>`
    select id from (
      select e.id, e.hash = audit_hash(e) and e.previous_hash = coalesce(lag(e.hash) over (order by e.id), '\\x00'::bytea) as fits
      from audit_entry e
    ) chain where not fits order by id limit 1
  `.execute(db)
  return broken.rows[0]?.id ?? null
}
