import { Hono } from 'hono'
import { permit } from '../access/guard.ts'
import type { Env } from '../http/context.ts'
import { currentPolicy, policyVersions } from './store.ts'

export const policyRoutes = new Hono<Env>().get('/', permit('policy.read'), async (c) => {
  const { db, now } = c.get('services')
  const [{ version, policy }, versions] = await Promise.all([currentPolicy(db, now()), policyVersions(db)])
  return c.json({ version, policy, versions })
})
