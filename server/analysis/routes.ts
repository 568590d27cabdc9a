import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { permit } from '../access/guard.ts'
import { recordAudit } from '../audit/store.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Env } from '../http/context.ts'
import { Id, IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { offeredStories } from './candidate-store.ts'
import * as store from './story-store.ts'

const Reason = z.string().trim().min(1).max(500)
const Split = z.object({ mentionIds: z.array(Id).min(1).max(500), reason: Reason })
/** Words of a title, or a number or link of a story; none: what is near. */
const Wanted = z.object({ q: z.string().trim().max(500).default('') })
const Merge = z.object({ into: Id, reason: Reason })

const notFound = () => new Refusal(404, 'not-found')

/** Stories: many texts about one thing, and people's word on which text belongs to which. */
export const storyRoutes = new Hono<Env>()
  .get('/:id', permit('mention.read'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const story = await store.readStory(c.get('services').db, c.get('user').scope, c.req.valid('param').id)
    if (!story) throw notFound()
    return c.json(story)
  })

  .post(
    '/:id/split',
    permit('mention.correct'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Split, refuseInvalid),
    async (c) => {
      const { db, jobs, now } = c.get('services')
      const user = c.get('user')
      const { id } = c.req.valid('param')
      const { mentionIds, reason } = c.req.valid('json')
      const done = await inTransaction(db, async (tx) => {
        const members = await store.membersForChange(tx, user.scope, id)
        const chosen = members.filter((member) => member.isMine && mentionIds.includes(member.id))
        if (chosen.length < new Set(mentionIds).size) throw notFound()
        // Equal texts are chosen as one, and one of them left behind would take the next copy back.
        const folds = new Set(chosen.map(({ fold }) => fold.toString('hex')))
        const out = members.filter((member) => member.isMine && folds.has(member.fold.toString('hex')))
        const [first] = out
        if (!first) throw notFound()
        if (out.length === members.length) throw new Refusal(422, 'nothing-left', { field: 'mentionIds' })
        const storyId = await store.openStory(tx, { title: first.title, at: first.occurredAt })
        await store.moveToStory(tx, out, { storyId, fromStoryId: id }, { by: user.id, now: now() })
        await recordAudit(tx, {
          actor: user,
          action: 'story.split',
          subject: { kind: 'story', id },
          cityCompanyId: first.cityCompanyIds[0] ?? null,
          detail: { into: storyId, mentions: out.map((member) => member.id), reason },
        })
        return { storyId, projectIds: out.flatMap((member) => member.projectIds) }
      })
      await jobs.wake('scoring')
      await jobs.announce({ topic: 'mention', projectIds: done.projectIds })
      return c.json({ id: done.storyId })
    },
  )

  .get(
    '/:id/candidates',
    permit('mention.correct'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('query', Wanted, refuseInvalid),
    async (c) => {
      const { id } = c.req.valid('param')
      const { q } = c.req.valid('query')
      const stories = await offeredStories(c.get('services').db, c.get('user').scope, id, q)
      if (!stories) throw notFound()
      return c.json({ stories })
    },
  )

  .post(
    '/:id/merge',
    permit('mention.correct'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Merge, refuseInvalid),
    async (c) => {
      const { db, jobs, now } = c.get('services')
      const user = c.get('user')
      const { id } = c.req.valid('param')
      const { into, reason } = c.req.valid('json')
      const projectIds = await inTransaction(db, async (tx) => {
        if (into === id) throw new Refusal(422, 'same-story', { field: 'into' })
        const members = await store.membersForChange(tx, user.scope, id)
        const others = await store.membersForChange(tx, user.scope, into)
        if (!members.some((member) => member.isMine)) throw notFound()
        if (!others.some((member) => member.isMine))
          throw new Refusal(422, 'unknown-story', { field: 'into' })
        // Texts of another city would change with it, whose readers have not been asked.
        if (![...members, ...others].every((member) => member.isMine))
          throw new Refusal(403, 'story-beyond-scope')
        await store.noteMerge(tx, id, into)
        await store.moveToStory(tx, members, { storyId: into, fromStoryId: id }, { by: user.id, now: now() })
        await recordAudit(tx, {
          actor: user,
          action: 'story.merge',
          subject: { kind: 'story', id },
          cityCompanyId: members[0]?.cityCompanyIds[0] ?? null,
          detail: { into, mentions: members.length, reason },
        })
        return members.flatMap((member) => member.projectIds)
      })
      await jobs.wake('scoring')
      await jobs.announce({ topic: 'mention', projectIds })
      return c.json({ id: into })
    },
  )
