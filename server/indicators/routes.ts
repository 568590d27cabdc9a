import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { permit } from '../access/guard.ts'
import type { Env } from '../http/context.ts'
import { IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { currentPolicy } from '../policy/store.ts'
import { factsOf } from './because.ts'
import * as store from './store.ts'
import { withFloor } from './weather-rules.ts'

const DAY_MS = 86_400_000
const MOST_ALERTS = 20
const MOST_READINGS = 5_000
const MOST_DUE = 30
const MOST_ROWS = 100
/** Cities × warnings that are looked at before the floor of each city is kept. */
const MOST_LOOKED_AT = 2_000
/** What a chart of a project reaches back. */
const CHART_DAYS = 180

export const indicatorRoutes = new Hono<Env>()
  .get('/', permit('project.read'), async (c) => {
    const { db, now } = c.get('services')
    const { scope } = c.get('user')
    const at = now()
    const [{ policy }, alerts, readings, due] = await Promise.all([
      currentPolicy(db, at),
      store.alertsByCity(db, scope, at, MOST_LOOKED_AT),
      store.signalsInForce(db, scope, 'reading', MOST_ROWS),
      store.signalsInForce(db, scope, 'milestone', MOST_ROWS),
    ])
    return c.json({
      at,
      alerts: withFloor(alerts, MOST_ROWS, policy.indicators.weather.floorPerCity),
      alertCount: alerts.length,
      readings: readings.map(told),
      due: due.map(told),
    })
  })

  .get('/projects/:id', permit('project.read'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { db, now } = c.get('services')
    const at = now()
    const project = await store.visibleProject(db, c.get('user').scope, c.req.valid('param').id)
    if (!project) throw new Refusal(404, 'not-found')
    const day = (offset: number) =>
      new Date(at.getTime() + 8 * 3_600_000 + offset * DAY_MS).toISOString().slice(0, 10)
    const [alerts, readings, dueDates] = await Promise.all([
      store.alertsOfProject(db, project.id, at, MOST_ALERTS),
      store.readingsOfProject(db, project.id, new Date(at.getTime() - CHART_DAYS * DAY_MS), MOST_READINGS),
      store.dueDatesOfProject(db, project, day(-30), day(400), MOST_DUE),
    ])
    return c.json({ at, alerts, courses: coursesOf(readings), dueDates })
  })

const told = <Row extends { because: unknown }>({ because, ...row }: Row) => ({
  ...row,
  facts: factsOf(because),
})

function coursesOf(readings: Awaited<ReturnType<typeof store.readingsOfProject>>) {
  const courses = new Map<
    string,
    { metric: string; unit: string; readings: { at: Date; value: number; planned: number | null }[] }
  >()
  for (const { metric, unit, ...reading } of readings) {
    const key = `${metric} ${unit}`
    const known = courses.get(key)
    if (known) known.readings.push(reading)
    else courses.set(key, { metric, unit, readings: [reading] })
  }
  return [...courses.values()]
}
