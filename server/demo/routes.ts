import { Hono } from 'hono'
import { permit } from '../access/guard.ts'
import { recordAudit } from '../audit/store.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Env } from '../http/context.ts'
import { Refusal } from '../lib/refusal.ts'
import { claimDemo, demoState } from './state-store.ts'

/** Loading the invented group takes a while: it is started here, and told over the live events. */
export const demoRoutes = new Hono<Env>()
  .get('/', permit('demo.load'), async (c) => {
    const { db, now } = c.get('services')
    return c.json({ state: await demoState(db, now()) })
  })
  .post('/', permit('demo.load'), async (c) => {
    const { db, now, loadDemo } = c.get('services')
    await inTransaction(db, async (tx) => {
      if (!(await claimDemo(tx, now()))) throw new Refusal(409, 'not-empty')
      await recordAudit(tx, { actor: c.get('user'), action: 'demo.load', subject: { kind: 'group' } })
    })
    // The answer does not wait: the page follows the live events.
    void loadDemo()
    return c.json({ state: 'running' as const }, 202)
  })
