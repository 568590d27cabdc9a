// A link that somebody came upon: fetched at once, kept with its page, and given to the project it is about.
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { withoutSecrets } from '../../../collectors/address.ts'
import { told } from '../../../collectors/details.ts'
import { permit } from '../../access/guard.ts'
import { recordAudit } from '../../audit/store.ts'
import { inTransaction } from '../../db/in-transaction.ts'
import type { Ctx, Env } from '../../http/context.ts'
import { Id, refuseInvalid } from '../../http/validate.ts'
import { canonicalUrl } from '../../ingest/address.ts'
import { keepLink } from '../../ingest/job.ts'
import { Refusal } from '../../lib/refusal.ts'
import { decideProject, projectInReach, readMention } from '../store.ts'
import * as store from './store.ts'

const Body = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).max(2_000),
    note: z.string().trim().max(500).optional(),
    projectId: Id.optional(),
    /** What a person saw, where the page cannot be fetched. */
    title: z.string().trim().min(1).max(500).optional(),
    text: z.string().trim().min(1).max(200_000).optional(),
    publishedAt: z.iso.datetime({ offset: true }).optional(),
  })
  .refine(({ title, text }) => (title === undefined) === (text === undefined), {
    path: ['title'],
    message: 'title and text go together',
  })
type Body = z.infer<typeof Body>

/** The answer waits this long for the analysis, so that it can lead to what was found. */
const patienceMs = 3_000
const lookEveryMs = 150

export const keepRoutes = new Hono<Env>().post(
  '/',
  permit('mention.keep'),
  zValidator('json', Body, refuseInvalid),
  async (c) => {
    const { db, jobs, now, outside, vault } = c.get('services')
    const { scope } = c.get('user')
    const given = c.req.valid('json')
    const { url, note, projectId } = given
    const identity = canonicalUrl(url)
    if (identity === undefined) throw new Refusal(422, 'invalid', { field: 'url' })
    if (projectId !== undefined && !(await projectInReach(db, scope, projectId)))
      throw new Refusal(422, 'unknown-project', { field: 'projectId' })
    const before = await store.textByIdentity(db, identity)
    const report = await keepLink(
      { db, jobs, now, vault, ...outside },
      { url, by: c.get('user').name, ...(note ? { note } : {}), ...pastedOf(given) },
    )
    // A page that is gone may be ours already.
    if (report.outcome !== 'ok' && before === undefined)
      return c.json({ state: 'failed' as const, outcome: report.outcome, told: told(report.detail) })
    const kept = await store.textByIdentity(db, identity)
    if (kept === undefined) throw new Error('what was stored is not there')
    await writeDown(c, given, kept, before !== undefined)
    await jobs.wake('analysis')
    const mention = await mentionOf(c, identity, kept.id)
    return c.json({
      state: before === undefined ? ('kept' as const) : ('known' as const),
      documentId: kept.id,
      title: kept.title,
      source: kept.sourceKind === 'manual' ? null : kept.sourceName,
      /** Absent while it waits for the analysis, when that found nothing of ours, or when it is not in reach. */
      mentionId: mention?.id ?? null,
    })
  },
)

const pastedOf = ({ title, text, publishedAt }: Body) =>
  title === undefined || text === undefined
    ? {}
    : { pasted: { title, text, ...(publishedAt === undefined ? {} : { publishedAt }) } }

/** Who kept it, why and for which project, in one transaction with its entry. */
function writeDown(
  c: Ctx,
  { url, note, projectId }: Body,
  kept: { id: number; title: string; occurredAt: Date },
  isKnown: boolean,
): Promise<void> {
  return inTransaction(c.get('services').db, async (tx) => {
    const project =
      projectId === undefined ? undefined : await projectInReach(tx, c.get('user').scope, projectId)
    if (project) {
      await store.openMention(tx, kept.id)
      await decideProject(tx, kept, project.id, 'confirmed')
    }
    await recordAudit(tx, {
      actor: c.get('user'),
      action: 'mention.keep',
      subject: { kind: 'mention', id: kept.id },
      cityCompanyId: project?.cityCompanyId ?? null,
      detail: {
        address: withoutSecrets(url),
        isKnown,
        ...(note ? { note } : {}),
        ...(project ? { project: project.name } : {}),
      },
    })
  })
}

async function mentionOf(c: Ctx, identity: string, id: number) {
  const { db } = c.get('services')
  for (let waited = 0; waited < patienceMs; waited += lookEveryMs) {
    const text = await store.textByIdentity(db, identity)
    if (text?.analysedVersion) break
    await new Promise((done) => setTimeout(done, lookEveryMs))
  }
  return readMention(db, c.get('user').scope, id)
}
