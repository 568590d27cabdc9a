import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { permit } from '../access/guard.ts'
import { requiredSources } from '../db/required-sources.ts'
import type { Env } from '../http/context.ts'
import { refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { weighed } from './precision.ts'
import * as store from './store.ts'

const CodeParam = z.object({ code: z.string().max(10) })

/** The catalogue is the same for everyone; where it burns is told within the reader's scope. */
export const riskRoutes = new Hono<Env>()
  .get('/', permit('risk.read'), async (c) => {
    const { db, now } = c.get('services')
    const [risks, catalogue] = await Promise.all([
      store.listRisks(db, c.get('user').scope, now()),
      store.catalogueInForce(db),
    ])
    return c.json({ risks, catalogue: catalogue ?? null })
  })
  .get('/:code', permit('risk.read'), zValidator('param', CodeParam, refuseInvalid), async (c) => {
    const { db, now: clock } = c.get('services')
    const { scope } = c.get('user')
    const { code } = c.req.valid('param')
    const now = clock()
    const risk = await store.riskByCode(db, code)
    if (!risk) throw new Refusal(404, 'not-found')
    const [burning, required, verdicts, days] = await Promise.all([
      store.burningProjects(db, scope, code),
      requiredSources(db, scope, { riskCode: code }),
      store.verdictsByRule(db, scope, code, now),
      store.evidenceByDay(db, scope, code, now),
    ])
    const { examples, rules, ...told } = risk
    return c.json({
      ...told,
      rules: rules.map((rule) => ({
        ...rule,
        verdicts: weighed(verdicts.get(rule.id) ?? { proposed: 0, confirmed: 0, rejected: 0 }),
      })),
      examples,
      burning,
      required,
      days,
    })
  })
