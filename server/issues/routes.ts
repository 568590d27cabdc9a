import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { permit } from '../access/guard.ts'
import { scopeFor } from '../access/scope.ts'
import type { Env } from '../http/context.ts'
import { Id, IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import * as store from './store.ts'

const Query = z.object({
  project: Id.max(2_147_483_647).optional(),
  risk: z.string().max(20).optional(),
  q: z.string().trim().max(100).optional(),
  both: z
    .enum(['true', 'false'])
    .transform((word) => word === 'true')
    .optional(),
  days: z.coerce.number().int().min(1).max(90).optional(),
  after: Id.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(30),
})

/** Hot issues: one matter at one place, told by media and ledger together. */
export const issueRoutes = new Hono<Env>()
  .get('/', permit('mention.read'), zValidator('query', Query, refuseInvalid), async (c) => {
    const { after, limit, ...filter } = c.req.valid('query')
    const { db, now } = c.get('services')
    return c.json(await store.listIssues(db, c.get('user').scope, filter, { after, limit, now: now() }))
  })

  .get('/:id', permit('mention.read'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { scope, permissions, roles } = c.get('user')
    const cases = permissions.includes('complaint.read') ? scopeFor(roles, 'complaint.read') : undefined
    const issue = await store.readIssue(c.get('services').db, scope, cases, c.req.valid('param').id)
    if (!issue) throw new Refusal(404, 'not-found')
    return c.json(issue)
  })
