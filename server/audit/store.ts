import { sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
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

export interface AuditFilter {
  action?: string | undefined
  actorId?: number | undefined
  subjectKind?: string | undefined
  subjectId?: string | undefined
  from?: Date | undefined
  until?: Date | undefined
}

/** The trail, newest first. `action` takes a whole verb or, ending in a dot, all verbs of a feature. */
export async function listAudit(
  db: Db,
  scope: Scope,
  filter: AuditFilter,
  page: { after?: number | undefined; limit: number },
) {
  const { action, actorId, subjectKind, subjectId, from, until } = filter
  const rows = await db
    .selectFrom('auditEntry')
    .select([
      'id',
      'at',
      'actorId',
      'actor',
      'action',
      'subjectKind',
      'subjectId',
      'cityCompanyId',
      'clause',
      'detail',
    ])
    .$if(!scope.all, (query) => query.where('cityCompanyId', 'in', [-1, ...scope.cityCompanyIds]))
    .where((row) => {
      const wanted = [
        ...(action?.endsWith('.')
          ? [sql<boolean>`starts_with(action, ${action})`]
          : action
            ? [row('action', '=', action)]
            : []),
        ...(actorId === undefined ? [] : [row('actorId', '=', actorId)]),
        ...(subjectKind === undefined ? [] : [row('subjectKind', '=', subjectKind)]),
        ...(subjectId === undefined ? [] : [row('subjectId', '=', subjectId)]),
        ...(from === undefined ? [] : [row('at', '>=', from)]),
        ...(until === undefined ? [] : [row('at', '<', until)]),
        ...(page.after === undefined ? [] : [row('id', '<', page.after)]),
      ]
      return row.and(wanted)
    })
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute()
  const shown = rows.slice(0, page.limit)
  return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null }
}
