import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { permit } from '../access/guard.ts'
import type { Scope } from '../access/scope.ts'
import { evidenceOfCell } from '../db/cell-evidence.ts'
import type { Db } from '../db/connect.ts'
import { requiredSources } from '../db/required-sources.ts'
import type { Env } from '../http/context.ts'
import { Id, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { shareFor } from '../lib/share-for.ts'
import { currentPolicy } from '../policy/store.ts'
import {
  cellsOfMatrix,
  complaintsPerDay,
  exposureOfCell,
  findCell,
  lastBeat,
  lastDailyBeat,
  leadTime,
  longestUnacknowledged,
  mentionsPerDay,
  openComplaints,
  openWarningOfCell,
  openWarningsByLevel,
  projectsInScope,
  risksInForce,
  sourcesRead,
  warningsThatNeedSomebody,
  warningsToMark,
} from './store.ts'

const Cell = z.object({ projectId: Id, risk: z.string().max(8) })

const NEED_SOMEBODY = 10
const TOP_EVIDENCE = 12
const HOUR_MS = 3_600_000
/** A burst of news makes every open page ask at once; they share one reading of the tables, made after the news. */
const SHARED_MS = 1_000

type Answer = Awaited<ReturnType<typeof readOverview>>
const shared = new WeakMap<Db, ReturnType<typeof shareFor<Answer>>>()

export const overviewRoutes = new Hono<Env>()
  .get('/', permit('overview.read'), async (c) => {
    const { db, live, now } = c.get('services')
    const { scope } = c.get('user')
    const share = shared.get(db) ?? shareFor<Answer>(SHARED_MS)
    shared.set(db, share)
    const at = now()
    return c.json(
      await share(`${live.heard()} ${JSON.stringify(scope)}`, at, () => readOverview(db, scope, at)),
    )
  })
  .get('/cell', permit('overview.read'), zValidator('query', Cell, refuseInvalid), async (c) => {
    const { db, now } = c.get('services')
    const wanted = c.req.valid('query')
    const cell = await findCell(db, c.get('user').scope, wanted)
    if (!cell) throw new Refusal(404, 'not-found')
    const [exposure, warning, required, evidence] = await Promise.all([
      exposureOfCell(db, wanted),
      openWarningOfCell(db, wanted),
      requiredSources(db, c.get('user').scope, { riskCode: cell.riskCode, projectId: cell.projectId }),
      evidenceOfCell(
        db,
        { projectId: cell.projectId, riskCode: cell.riskCode },
        { by: 'weight', limit: TOP_EVIDENCE, now: now() },
      ),
    ])
    return c.json({ cell, exposure, warning, required, evidence })
  })

async function readOverview(db: Db, scope: Scope, now: Date) {
  const [levels, unacknowledged, sources, deadlinesCheckedAt, complaints, beat, tick, { policy }] =
    await Promise.all([
      openWarningsByLevel(db, scope),
      longestUnacknowledged(db, scope),
      sourcesRead(db),
      lastBeat(db, 'exposures-swept'),
      openComplaints(db, scope, now),
      lastDailyBeat(db),
      lastBeat(db, 'sources-due'),
      currentPolicy(db, now),
    ])
  const [projects, risks, cells, required, needSomebody] = await Promise.all([
    projectsInScope(db, scope),
    risksInForce(db),
    cellsOfMatrix(db, scope),
    requiredSources(db, scope),
    warningsThatNeedSomebody(db, scope, NEED_SOMEBODY),
  ])
  const [mentions, marks, ledger, lead] = await Promise.all([
    mentionsPerDay(db, scope, now),
    warningsToMark(db, scope, now),
    complaintsPerDay(db, scope, now),
    leadTime(db, scope, now),
  ])
  return {
    at: now,
    sentence: {
      levels,
      unacknowledged: unacknowledged ?? null,
      sources,
      deadlinesCheckedAt,
      complaints,
      heartbeat: {
        last: beat,
        isLate:
          beat !== null &&
          now.getTime() - beat.at.getTime() > policy.collecting.heartbeatLateAfterHours * HOUR_MS,
        /** The clock that reads the sources stands still: what every source last said is old. */
        stoppedSince:
          tick !== null && now.getTime() - tick.getTime() > policy.collecting.overdueAfterMinutes * 60_000
            ? tick
            : null,
      },
    },
    matrix: { projects, risks, cells, required },
    needSomebody,
    trend: { mentions, ledger, marks },
    leadTime: lead,
  }
}
