import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { permit } from '../access/guard.ts'
import type { Env } from '../http/context.ts'
import { Id, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { firstBrokenEntry, listAudit } from './store.ts'

const word = z.string().trim().min(1).max(100).optional()
const AuditQuery = z.object({
  action: word,
  actorId: Id.optional(),
  subjectKind: word,
  subjectId: word,
  from: z.coerce.date().optional(),
  until: z.coerce.date().optional(),
  after: Id.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** The trail is only read: nothing here or elsewhere changes an entry. */
export const auditRoutes = new Hono<Env>()
  .get('/', permit('audit.read'), zValidator('query', AuditQuery, refuseInvalid), async (c) => {
    const { after, limit, ...filter } = c.req.valid('query')
    return c.json(await listAudit(c.get('services').db, c.get('user').scope, filter, { after, limit }))
  })
  .get('/verify', permit('audit.read'), async (c) => {
    // The chain runs through everybody's entries.
    if (!c.get('user').scope.all) throw new Refusal(403, 'headquarters-only')
    return c.json({ firstBroken: await firstBrokenEntry(c.get('services').db) })
  })
