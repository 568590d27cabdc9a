import { zValidator } from '@hono/zod-validator'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { permit } from '../../access/guard.ts'
import { isOrdinaryWord } from '../../analysis/estate-names.ts'
import { recordAudit } from '../../audit/store.ts'
import type { Tx } from '../../db/connect.ts'
import { inTransaction } from '../../db/in-transaction.ts'
import type { Env } from '../../http/context.ts'
import { Id, refuseInvalid } from '../../http/validate.ts'
import { Refusal } from '../../lib/refusal.ts'
import { noteNames } from '../../projects/store.ts'
import { forgetAlias, learnAlias, projectInReach } from '../store.ts'
import { groupWaiting } from './group.ts'
import * as store from './store.ts'

/** Decided with one click at most. */
const MOST_AT_ONCE = 500
const Ids = z
  .array(Id)
  .min(1)
  .max(MOST_AT_ONCE)
  .transform((ids) => [...new Set(ids)])
const AliasName = z.string().trim().min(2).max(50)
const InboxQuery = z.object({ kind: z.enum(store.inboxKinds).optional(), after: Id.optional() })
const Attachment = z.object({ mentionIds: Ids, projectId: Id, alias: AliasName.optional() })
const Mentions = z.object({ mentionIds: Ids })
const Undo = z.object({
  mentionIds: Ids,
  /** The project that they were attached to; without one, «not ours» is taken back. */
  projectId: Id.optional(),
  alias: AliasName.optional(),
})

const EstateName = z.string().trim().min(2).max(30)
const variants = z.array(EstateName).max(50).default([])
const NameDecision = z.discriminatedUnion('decision', [
  z.object({ decision: z.literal('alias'), name: EstateName, variants, projectId: Id }),
  z.object({ decision: z.literal('ignore'), name: EstateName, variants }),
  /** Takes a decision back; with the project when it had become its alias. */
  z.object({ decision: z.literal('reopen'), name: EstateName, variants, projectId: Id.optional() }),
])

/** Texts that nobody's project has claimed, many at a time, and names of estates that no project has. */
export const inboxRoutes = new Hono<Env>()
  .get('/', permit('mention.read'), zValidator('query', InboxQuery, refuseInvalid), async (c) => {
    const { db, now } = c.get('services')
    const { scope } = c.get('user')
    const asked = { ...c.req.valid('query'), now: now() }
    const [{ rows, next }, waiting] = await Promise.all([
      store.waitingTexts(db, scope, asked),
      store.countWaiting(db, scope, asked.now),
    ])
    return c.json({ groups: groupWaiting(rows), next, waiting, isHeadquarters: scope.all })
  })

  .post('/attach', permit('mention.correct'), zValidator('json', Attachment, refuseInvalid), async (c) => {
    const { mentionIds, projectId, alias } = c.req.valid('json')
    const learnt = await inTransaction(c.get('services').db, async (tx) => {
      await mentionsOf(tx, c, mentionIds)
      const project = await projectOf(tx, c, projectId)
      await store.attachAll(tx, mentionIds, projectId)
      const isLearnt = alias !== undefined && (await teach(tx, c, projectId, alias))
      if (alias !== undefined) await store.decideNames(tx, [alias], 'known', byWhom(c))
      await recordAudit(tx, {
        actor: c.get('user'),
        action: 'mention.attach',
        subject: { kind: 'project', id: projectId },
        cityCompanyId: project.cityCompanyId,
        detail: { project: project.name, mentions: mentionIds, ...(isLearnt && { alias }) },
      })
      return isLearnt
    })
    await readAgain(c, projectId)
    return c.json({ attached: mentionIds.length, projectId, learnt })
  })

  .post('/dismiss', permit('mention.correct'), zValidator('json', Mentions, refuseInvalid), async (c) => {
    const { mentionIds } = c.req.valid('json')
    await inTransaction(c.get('services').db, async (tx) => {
      await mentionsOf(tx, c, mentionIds)
      await store.dismissAll(tx, mentionIds, byWhom(c))
      await recordAudit(tx, {
        actor: c.get('user'),
        action: 'mention.dismiss',
        subject: { kind: 'mention', id: mentionIds[0] ?? 0 },
        detail: { mentions: mentionIds },
      })
    })
    await c.get('services').jobs.announce({ topic: 'mention' })
    return c.json({ dismissed: mentionIds.length })
  })

  .post('/undo', permit('mention.correct'), zValidator('json', Undo, refuseInvalid), async (c) => {
    const { mentionIds, projectId, alias } = c.req.valid('json')
    await inTransaction(c.get('services').db, async (tx) => {
      await mentionsOf(tx, c, mentionIds)
      if (projectId === undefined) await store.restoreAll(tx, mentionIds)
      else {
        await projectOf(tx, c, projectId)
        await store.detachAll(tx, mentionIds, projectId)
        if (alias !== undefined) {
          await forget(tx, c, projectId, alias)
          await store.decideNames(tx, [alias], 'seen', byWhom(c))
        }
      }
      await recordAudit(tx, {
        actor: c.get('user'),
        action: 'mention.undo',
        subject:
          projectId === undefined
            ? { kind: 'mention', id: mentionIds[0] ?? 0 }
            : { kind: 'project', id: projectId },
        detail: { mentions: mentionIds, ...(alias !== undefined && { alias }) },
      })
    })
    await readAgain(c, projectId)
    return c.json({ undone: mentionIds.length })
  })

  .get('/names', permit('mention.read'), async (c) =>
    c.json({ rows: await store.proposedNames(c.get('services').db, c.get('user').scope) }),
  )

  .post('/names', permit('mention.correct'), zValidator('json', NameDecision, refuseInvalid), async (c) => {
    const asked = c.req.valid('json')
    if (!c.get('user').scope.all) throw new Refusal(404, 'not-found')
    const names = [asked.name, ...asked.variants]
    const projectId = asked.decision === 'ignore' ? undefined : asked.projectId
    const state = ({ alias: 'known', ignore: 'ignored', reopen: 'seen' } as const)[asked.decision]
    await inTransaction(c.get('services').db, async (tx) => {
      const decided = await store.decideNames(tx, names, state, byWhom(c))
      if (!decided.includes(asked.name)) throw new Refusal(404, 'not-found')
      const project = projectId === undefined ? undefined : await projectOf(tx, c, projectId)
      if (project && asked.decision === 'alias') await teach(tx, c, project.id, asked.name)
      if (project && asked.decision === 'reopen') await forget(tx, c, project.id, asked.name)
      await recordAudit(tx, {
        actor: c.get('user'),
        action: `estate-name.${asked.decision}`,
        subject: { kind: 'estate-name', id: asked.name },
        cityCompanyId: project?.cityCompanyId ?? null,
        detail: { name: asked.name, ...(project && { project: project.name }) },
      })
    })
    await readAgain(c, projectId)
    return c.json({ name: asked.name, state })
  })

const byWhom = (c: Context<Env>) => ({ userId: c.get('user').id, now: c.get('services').now() })

/** All of them, or none: a list that names a row outside the reader's scope is not followed half-way. */
async function mentionsOf(tx: Tx, c: Context<Env>, ids: readonly number[]) {
  const found = await store.mentionsForChange(tx, c.get('user').scope, ids)
  if (found.length < ids.length) throw new Refusal(404, 'not-found', { field: 'mentionIds' })
}

async function projectOf(tx: Tx, c: Context<Env>, projectId: number) {
  const project = await projectInReach(tx, c.get('user').scope, projectId)
  if (!project) throw new Refusal(422, 'unknown-project', { field: 'projectId' })
  return project
}

/** An alias that is a word of every text would link them all. */
async function teach(tx: Tx, c: Context<Env>, projectId: number, alias: string): Promise<boolean> {
  if (isOrdinaryWord(alias)) throw new Refusal(422, 'ordinary-alias', { field: 'alias' })
  const isLearnt = await learnAlias(tx, projectId, alias)
  if (isLearnt) await noteNames(tx, [alias], c.get('services').now())
  return isLearnt
}

async function forget(tx: Tx, c: Context<Env>, projectId: number, alias: string): Promise<void> {
  if (await forgetAlias(tx, projectId, alias)) await noteNames(tx, [alias], c.get('services').now())
}

async function readAgain(c: Context<Env>, projectId: number | undefined): Promise<void> {
  const { jobs } = c.get('services')
  await jobs.wake('analysis')
  await jobs.announce({ topic: 'mention', ...(projectId !== undefined && { projectIds: [projectId] }) })
}
