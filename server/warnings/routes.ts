import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { permit } from '../access/guard.ts'
import { permissionsOn } from '../access/scope.ts'
import { recordAudit } from '../audit/store.ts'
import { evidenceOfCell } from '../db/cell-evidence.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Ctx, Env } from '../http/context.ts'
import { IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { Filter, readCursor, writeCursor } from './list.ts'
import {
  acknowledge,
  acknowledgementsOf,
  assessmentBehind,
  exposureOf,
  findWarning,
  groupWarnings,
  historyOf,
  listWarnings,
  recordOn,
  standingOf,
  updateWarning,
} from './store.ts'
import { type Action, isClosed, step, stepsFor } from './transitions.ts'

const List = Filter.extend({
  limit: z.coerce.number().int().min(1).max(200).default(30),
  after: z.string().max(100).optional(),
  /** Groups by project instead of warnings. */
  grouped: z.stringbool().default(false),
})
const Note = z.object({ note: z.string().trim().max(2000).optional() })
const WithReason = z.object({ reason: z.string().trim().min(2).max(2000) })

/** What the catalogue holds ready for a risk; the rest of the definition is for machines. */
const Definition = z.object({
  departments: z.array(z.string()).default([]),
  measures: z.array(z.string()).default([]),
  playbook: z.array(z.object({ within: z.string(), who: z.string(), does: z.string() })).default([]),
})

const EVIDENCE_SHOWN = 200

export const warningRoutes = new Hono<Env>()
  .get('/', permit('warning.read'), zValidator('query', List, refuseInvalid), async (c) => {
    const { limit, after, grouped, ...filter } = c.req.valid('query')
    const { db } = c.get('services')
    const { scope, id } = c.get('user')
    const cursor = after === undefined ? undefined : readCursor(after)
    if (after !== undefined && !cursor) throw new Refusal(422, 'invalid', { field: 'after' })
    if (grouped) return c.json({ rows: [], groups: await groupWarnings(db, scope, id, filter), next: null })
    const rows = await listWarnings(db, scope, id, filter, { after: cursor, limit: limit + 1 })
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return c.json({ rows: rows.slice(0, limit), groups: [], next: last ? writeCursor(last) : null })
  })
  .get('/:id', permit('warning.read'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { db, now } = c.get('services')
    const { scope, id: readerId, roles } = c.get('user')
    const { id } = c.req.valid('param')
    const found = await findWarning(db, scope, readerId, id)
    if (!found) throw new Refusal(404, 'not-found')
    const { definition, assessmentId, gravest, ...warning } = found
    const held = permissionsOn(roles, warning.projectId)
    const cell = { projectId: warning.projectId, riskCode: warning.riskCode }
    const [assessment, exposure, evidence, history, acknowledgements] = await Promise.all([
      assessmentBehind(db, assessmentId),
      exposureOf(db, cell.projectId, cell.riskCode),
      evidenceOfCell(db, cell, { by: 'time', limit: EVIDENCE_SHOWN, now: now() }),
      historyOf(db, id),
      acknowledgementsOf(db, id),
    ])
    return c.json({
      warning,
      assessment,
      exposure: exposure ?? null,
      evidence,
      evidenceShown: EVIDENCE_SHOWN,
      catalogue: Definition.parse(definition),
      history,
      acknowledgements,
      actions: stepsFor({ state: warning.state, level: gravest }, held),
      mayAcknowledge:
        held.includes('warning.acknowledge') && warning.closedAt === null && !warning.isAcknowledgedByMe,
    })
  })
  .post(
    '/:id/acknowledge',
    permit('warning.acknowledge'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Note, refuseInvalid),
    async (c) => {
      const { db, jobs, now } = c.get('services')
      const user = c.get('user')
      const { note } = c.req.valid('json')
      const at = now()
      const warning = await inTransaction(db, async (tx) => {
        const standing = await standingOf(tx, user.scope, c.req.valid('param').id)
        if (!standing) throw new Refusal(404, 'not-found')
        if (isClosed(standing.state)) throw new Refusal(409, 'closed')
        const { id: warningId, level } = standing
        const isNew = await acknowledge(tx, { warningId, userId: user.id, level, note: note ?? null, at })
        if (!isNew) return standing
        await recordOn(tx, {
          warningId,
          at,
          actorId: user.id,
          action: 'acknowledge',
          reason: note ?? null,
          clause: 'S2-3.3.1c',
        })
        await recordAudit(tx, {
          actor: user,
          action: 'warning.acknowledge',
          subject: { kind: 'warning', id: warningId },
          cityCompanyId: standing.cityCompanyId,
          clause: 'S2-3.3.1c',
          detail: { level },
        })
        return standing
      })
      await jobs.announce({ topic: 'warning', projectIds: [warning.projectId] })
      return c.json({ ok: true })
    },
  )
  .post(
    '/:id/watch',
    permit('warning.verify'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', WithReason, refuseInvalid),
    (c) => take(c, 'watch', c.req.valid('param').id, c.req.valid('json').reason),
  )
  .post(
    '/:id/verify',
    permit('warning.verify'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', WithReason, refuseInvalid),
    (c) => take(c, 'verify', c.req.valid('param').id, c.req.valid('json').reason),
  )
  .post(
    '/:id/assess',
    permit('warning.verify'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', WithReason, refuseInvalid),
    (c) => take(c, 'assess', c.req.valid('param').id, c.req.valid('json').reason),
  )
  .post(
    '/:id/discard',
    permit('warning.verify'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', WithReason, refuseInvalid),
    (c) => take(c, 'discard', c.req.valid('param').id, c.req.valid('json').reason),
  )
  // I and II need warning.lift on top of it; the table of transitions says so.
  .post(
    '/:id/lift',
    permit('warning.verify'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', WithReason, refuseInvalid),
    (c) => take(c, 'lift', c.req.valid('param').id, c.req.valid('json').reason),
  )

/** One step of the life-cycle: state, record and audit entry in one transaction. */
async function take(c: Ctx, action: Action, id: number, reason: string) {
  const { db, jobs, now } = c.get('services')
  const user = c.get('user')
  const at = now()
  const taken = await inTransaction(db, async (tx) => {
    const standing = await standingOf(tx, user.scope, id)
    if (!standing) throw new Refusal(404, 'not-found')
    const { state, gravest, projectId, cityCompanyId, assessmentId } = standing
    const next = step({ state, level: gravest }, action, {
      permissions: permissionsOn(user.roles, projectId),
    })
    if (!next.ok)
      throw new Refusal(next.reason === 'not-permitted' ? 403 : 409, next.reason, { state, action })
    const closing = isClosed(next.to) ? { closedAt: at, closeReason: reason } : {}
    await updateWarning(tx, id, { state: next.to, stateSince: at, updatedAt: at, ...closing })
    await recordOn(tx, {
      warningId: id,
      at,
      actorId: user.id,
      action,
      fromState: state,
      toState: next.to,
      reason,
      assessmentId,
      clause: next.clause,
    })
    await recordAudit(tx, {
      actor: user,
      action: `warning.${action}`,
      subject: { kind: 'warning', id },
      cityCompanyId,
      clause: next.clause,
      detail: { from: state, to: next.to, level: standing.level, reason },
    })
    return { state: next.to, projectId }
  })
  await jobs.announce({ topic: 'warning', projectIds: [taken.projectId] })
  return c.json({ state: taken.state })
}
