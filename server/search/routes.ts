import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { permit } from '../access/guard.ts'
import type { Permission } from '../access/permissions.ts'
import { type Scope, scopeFor } from '../access/scope.ts'
import type { Env } from '../http/context.ts'
import { refuseInvalid } from '../http/validate.ts'
import { findComplaints, findMentions, findProjects, findRisks, findWarnings, type Hit } from './store.ts'

const Search = z.object({ q: z.string().trim().min(2).max(50) })

/** One box for everything: each kind only for those who may read it, and only their rows. */
export const searchRoutes = new Hono<Env>().get(
  '/',
  permit('own.account'),
  zValidator('query', Search, refuseInvalid),
  async (c) => {
    const { db } = c.get('services')
    const { permissions, roles } = c.get('user')
    const { q } = c.req.valid('query')
    const within = (permission: Permission, find: (scope: Scope) => Promise<readonly Hit[]>) =>
      permissions.includes(permission) ? find(scopeFor(roles, permission)) : []
    const found = await Promise.all([
      within('warning.read', (scope) => findWarnings(db, scope, q)),
      within('complaint.read', (scope) => findComplaints(db, scope, q)),
      within('project.read', (scope) => findProjects(db, scope, q)),
      within('mention.read', (scope) => findMentions(db, scope, q)),
      within('risk.read', () => findRisks(db, q)),
    ])
    return c.json({ hits: found.flat() })
  },
)
