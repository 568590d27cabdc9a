// For who writes the selectors of a list page: proposals, what a selector finds, how the first article reads.
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { told } from '../../../collectors/details.ts'
import { listProbe, probeList } from '../../../collectors/page-list/probe.ts'
import { permit } from '../../access/guard.ts'
import type { Env } from '../../http/context.ts'
import { refuseInvalid } from '../../http/validate.ts'
import { trialTools } from '../job.ts'

/** As the form holds them, so that a refusal names the field of the form. */
const Body = z.strictObject({ options: listProbe })

export const selectorRoutes = new Hono<Env>().post(
  '/',
  permit('source.manage'),
  zValidator('json', Body, refuseInvalid),
  async (c) => {
    const { now, outside } = c.get('services')
    const { detail, ...found } = await probeList(c.req.valid('json').options, trialTools(outside, now()))
    return c.json({ ...found, told: detail === null ? [] : told(detail) })
  },
)
