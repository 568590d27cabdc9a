import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { permit } from '../access/guard.ts'
import { isOrdinaryWord } from '../analysis/estate-names.ts'
import { recordAudit } from '../audit/store.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Env } from '../http/context.ts'
import { Id, IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { noteNames } from '../projects/store.ts'
import { MentionQuery, polarities } from './filter.ts'
import { inboxRoutes } from './inbox/routes.ts'
import { keepRoutes } from './keep/routes.ts'
import * as store from './store.ts'
import { giveVerdict } from './verdict-store.ts'

const Day = z.iso.date()
const ChartQuery = z
  .object({ from: Day, until: Day, project: Id.optional() })
  .refine(({ from, until }) => from <= until && daysBetween(from, until) <= 400, {
    message: 'from must not be after until, and at most 400 days before it',
    path: ['from'],
  })
const daysBetween = (from: string, until: string) => (Date.parse(until) - Date.parse(from)) / 86_400_000

const Reason = z.string().trim().min(1).max(500)
const Verdict = z.discriminatedUnion('state', [
  z.object({ state: z.literal('confirmed'), reason: Reason.optional() }),
  z.object({ state: z.literal('rejected'), reason: Reason }),
])
const ProjectDecision = z.object({
  projectId: Id,
  state: z.enum(['confirmed', 'rejected']).default('confirmed'),
  /** How this text calls the project: from now on recognised by it. */
  alias: z.string().trim().min(2).max(50).optional(),
})
const Correction = z.object({ polarity: z.enum(polarities), reason: Reason.optional() })
const SignalParam = IdParam.extend({ signalId: Id })

const notFound = () => new Refusal(404, 'not-found')

/** The stream of what is said outside, and people's corrections of what the machine read. */
export const mentionRoutes = new Hono<Env>()
  .get('/', permit('mention.read'), zValidator('query', MentionQuery, refuseInvalid), async (c) => {
    const { folded, after, limit, ...filter } = c.req.valid('query')
    return c.json(
      await store.listMentions(c.get('services').db, c.get('user').scope, filter, { folded, after, limit }),
    )
  })

  .get('/chart', permit('mention.read'), zValidator('query', ChartQuery, refuseInvalid), async (c) =>
    c.json({
      rows: await store.dailyMentions(c.get('services').db, c.get('user').scope, c.req.valid('query')),
    }),
  )

  .get('/choices', permit('mention.read'), async (c) =>
    c.json(await store.filterChoices(c.get('services').db, c.get('user').scope)),
  )

  .route('/unresolved', inboxRoutes)
  .route('/keep', keepRoutes)

  .get('/:id', permit('mention.read'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const mention = await store.readMention(
      c.get('services').db,
      c.get('user').scope,
      c.req.valid('param').id,
    )
    if (!mention) throw notFound()
    return c.json(mention)
  })

  .patch(
    '/:id',
    permit('mention.correct'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Correction, refuseInvalid),
    async (c) => {
      const { db, jobs } = c.get('services')
      const user = c.get('user')
      const { id } = c.req.valid('param')
      const { polarity, reason } = c.req.valid('json')
      const { projectIds } = await inTransaction(db, async (tx) => {
        const mention = await store.mentionForChange(tx, user.scope, id)
        if (!mention) throw notFound()
        await store.setPolarity(tx, id, polarity, user.id)
        await store.markCellsDue(tx, id)
        await recordAudit(tx, {
          actor: user,
          action: 'mention.correct-polarity',
          subject: { kind: 'mention', id },
          cityCompanyId: mention.cityCompanyIds[0] ?? null,
          detail: { from: mention.polarity, to: polarity, ...(reason && { reason }) },
        })
        return mention
      })
      await jobs.wake('scoring')
      await jobs.announce({ topic: 'mention', projectIds })
      return c.json({ id, polarity })
    },
  )

  .post(
    '/:id/signals/:signalId/verdict',
    permit('signal.judge'),
    zValidator('param', SignalParam, refuseInvalid),
    zValidator('json', Verdict, refuseInvalid),
    async (c) => {
      const { db, jobs, now } = c.get('services')
      const user = c.get('user')
      const { id, signalId } = c.req.valid('param')
      const { state, reason = null } = c.req.valid('json')
      const projectIds = await inTransaction(db, async (tx) => {
        const verdict = { state, reason, by: user.id, now: now() }
        const judged = await giveVerdict(tx, user.scope, { mentionId: id, signalId }, verdict)
        if (!judged) throw notFound()
        await recordAudit(tx, {
          actor: user,
          action: 'signal.judge',
          subject: { kind: 'mention', id },
          cityCompanyId: judged.cityCompanyId,
          detail: { signalId, risk: judged.riskCode, project: judged.projectId, state, reason },
        })
        return judged.projectIds
      })
      await jobs.wake('scoring')
      await jobs.announce({ topic: 'mention', projectIds })
      return c.json({ id, signalId, state })
    },
  )

  .post(
    '/:id/project',
    permit('mention.correct'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', ProjectDecision, refuseInvalid),
    async (c) => {
      const { db, jobs, now } = c.get('services')
      const user = c.get('user')
      const { id } = c.req.valid('param')
      const { projectId, state, alias } = c.req.valid('json')
      const projectIds = await inTransaction(db, async (tx) => {
        const mention = await store.mentionForChange(tx, user.scope, id)
        if (!mention) throw notFound()
        const project = await store.projectInReach(tx, user.scope, projectId)
        if (!project) throw new Refusal(422, 'unknown-project', { field: 'projectId' })
        if (alias !== undefined && isOrdinaryWord(alias))
          throw new Refusal(422, 'ordinary-alias', { field: 'alias' })
        await store.decideProject(tx, mention, projectId, state)
        const hasLearnt =
          alias !== undefined && state === 'confirmed' && (await store.learnAlias(tx, projectId, alias))
        if (hasLearnt) await noteNames(tx, [alias], now())
        await recordAudit(tx, {
          actor: user,
          action: 'mention.decide-project',
          subject: { kind: 'mention', id },
          cityCompanyId: project.cityCompanyId,
          detail: { project: project.name, state, ...(hasLearnt && { alias }) },
        })
        return [...mention.projectIds, projectId]
      })
      await jobs.wake('analysis')
      await jobs.announce({ topic: 'mention', projectIds })
      return c.json({ id, projectId, state })
    },
  )
