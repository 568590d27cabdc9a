import { createHash } from 'node:crypto'
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { told } from '../../../collectors/details.ts'
import { permit } from '../../access/guard.ts'
import { recordAudit } from '../../audit/store.ts'
import { evidenceOfCell } from '../../db/cell-evidence.ts'
import { inTransaction } from '../../db/in-transaction.ts'
import type { Ctx, Env } from '../../http/context.ts'
import { Id, IdParam, refuseInvalid } from '../../http/validate.ts'
import { Refusal } from '../../lib/refusal.ts'
import { currentPolicy } from '../../policy/store.ts'
import { textOf } from '../snapshot.ts'
import * as snapshots from '../snapshot-store.ts'
import { fetchPage } from './fetch-page.ts'
import { headersOf, type PackageOrder, packageFiles } from './package.ts'
import { pagePolicy, safePage } from './page.ts'
import * as store from './store.ts'
import { zipOf } from './zip.ts'

const SnapshotParam = IdParam.extend({ snapshotId: Id })
/** Shown; the download holds all of it. */
const mostText = 400_000
/** Texts and cases of one warning that go into its package, newest first: what its page shows. */
const mostOfWarning = 200

const notFound = () => new Refusal(404, 'not-found')

/** Pages of a mention as evidence: list, keep now, look at, take away. */
export const mentionEvidenceRoutes = new Hono<Env>()
  .get('/:id/snapshots', permit('mention.read'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { db } = c.get('services')
    const { id, url } = await mentionInReach(c)
    const { snapshots: kept, attempts, nextTryAt } = await store.keptPages(db, id)
    return c.json({
      mayFetch: isPage(url),
      snapshots: kept.map(({ sha256, headers, ...page }) => ({
        ...page,
        sha256: sha256.toString('hex'),
        contentType: headersOf(headers)['content-type'] ?? null,
      })),
      attempts: attempts.map(({ detail, ...attempt }) => ({ ...attempt, told: told(detail) })),
      nextTryAt,
    })
  })

  .post('/:id/snapshots', permit('evidence.keep'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { db, jobs, now, outside } = c.get('services')
    const user = c.get('user')
    const { id, url, title, projectIds, cityCompanyIds } = await mentionInReach(c)
    if (!isPage(url)) throw new Refusal(422, 'no-page')
    const { policy } = await currentPolicy(db, now())
    const rules = policy.collecting.snapshots
    if ((await snapshots.askedCount(db, id)) >= rules.askedPerDocument)
      throw new Refusal(409, 'enough-snapshots', { most: rules.askedPerDocument })
    const found = await fetchPage(outside.fetcher, { url, title }, now)
    const asked = { documentId: id, reason: 'asked' as const, askedBy: user.id }
    const entry = {
      actor: user,
      action: 'evidence.keep',
      subject: { kind: 'mention', id },
      cityCompanyId: cityCompanyIds[0] ?? null,
      clause: rules.clause,
    }
    if (found.outcome !== 'ok') {
      const { outcome, detail } = found
      await inTransaction(db, async (tx) => {
        await snapshots.noteAttempt(tx, { ...asked, at: now(), outcome, detail })
        await recordAudit(tx, { ...entry, detail: { outcome } })
      })
      await jobs.announce({ topic: 'mention', projectIds })
      return c.json({ outcome, told: told(detail) })
    }
    const page = await snapshots.packPage(found.page)
    const kept = await inTransaction(db, async (tx) => {
      const kept = await snapshots.keepPage(tx, { ...asked, page, showsTitle: found.showsTitle })
      await recordAudit(tx, {
        ...entry,
        detail: { outcome: 'ok', snapshotId: kept.id, sha256: page.sha256.toString('hex') },
      })
      return kept
    })
    await jobs.announce({ topic: 'mention', projectIds })
    return c.json({ outcome: 'ok' as const, ...kept, showsTitle: found.showsTitle }, 201)
  })

  .get(
    '/:id/snapshots/:snapshotId/page',
    permit('mention.read'),
    zValidator('param', SnapshotParam, refuseInvalid),
    async (c) => {
      const page = await pageInReach(c)
      const html = safePage(page, { picture: '图片' })
      if (html === undefined) throw new Refusal(422, 'not-readable')
      c.set('pagePolicy', pagePolicy)
      return c.html(html)
    },
  )

  .get(
    '/:id/snapshots/:snapshotId/text',
    permit('mention.read'),
    zValidator('param', SnapshotParam, refuseInvalid),
    async (c) => {
      const text = textOf(await pageInReach(c))
      if (text === undefined) throw new Refusal(422, 'not-readable')
      return c.json({ text: text.slice(0, mostText), isCut: text.length > mostText })
    },
  )

  .get(
    '/:id/snapshots/:snapshotId/raw',
    permit('mention.read'),
    zValidator('param', SnapshotParam, refuseInvalid),
    async (c) => {
      const { bytes, fetchedAt, id } = await pageInReach(c)
      c.set('pagePolicy', "sandbox; default-src 'none'")
      return c.body(new Uint8Array(bytes), 200, {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="page-${id}-${fetchedAt.toISOString().slice(0, 10)}.bin"`,
      })
    },
  )

  .get(
    '/:id/evidence.zip',
    permit('evidence.export'),
    zValidator('param', IdParam, refuseInvalid),
    async (c) => {
      const { id, title, cityCompanyIds } = await mentionInReach(c)
      return sendPackage(
        c,
        { subject: { kind: 'mention', id, title }, documentIds: [id], complaints: [] },
        cityCompanyIds[0] ?? null,
      )
    },
  )

/** All evidence of one warning. */
export const warningEvidenceRoutes = new Hono<Env>().get(
  '/:id/evidence.zip',
  permit('evidence.export'),
  zValidator('param', IdParam, refuseInvalid),
  async (c) => {
    const { db, now } = c.get('services')
    const warning = await store.warningForPackage(db, c.get('user').scope, c.req.valid('param').id)
    if (!warning) throw notFound()
    const { id, title, number, level, projectId, riskCode, cityCompanyId } = warning
    const cell = { projectId, riskCode }
    const evidence = await evidenceOfCell(db, cell, { by: 'time', limit: mostOfWarning, now: now() })
    return sendPackage(
      c,
      {
        subject: { kind: 'warning', id, title, number, level },
        documentIds: evidence.flatMap(({ mention }) => mention?.id ?? []),
        complaints: evidence.flatMap(({ complaint, at }) =>
          complaint
            ? {
                number: complaint.number,
                receivedAt: at.toISOString(),
                grade: complaint.grade,
                state: complaint.state,
                isOpen: complaint.isOpen,
                households: complaint.households,
                channel: complaint.channel,
              }
            : [],
        ),
      },
      cityCompanyId,
    )
  },
)

async function mentionInReach(c: Ctx) {
  const { db } = c.get('services')
  const found = await store.pageOfMention(db, c.get('user').scope, Number(c.req.param('id')))
  if (!found) throw notFound()
  return found
}

async function pageInReach(c: Ctx) {
  const { db } = c.get('services')
  const { id } = await mentionInReach(c)
  const page = await store.keptPage(db, id, Number(c.req.param('snapshotId')))
  if (!page) throw notFound()
  return { ...page, headers: headersOf(page.headers), bytes: await snapshots.readBody(db, page.sha256) }
}

const isPage = (url: string | null): url is string => url !== null && /^https?:/i.test(url)

/**
 * Streams a package. Two audit entries: that somebody began to take it away, before the first byte; and what they hold, with
 * the hash that proves it, after the last. A download that broke off has the first only.
 */
async function sendPackage(
  c: Ctx,
  what: Pick<PackageOrder, 'subject' | 'documentIds' | 'complaints'>,
  cityCompanyId: number | null,
) {
  const { db, now, version } = c.get('services')
  const user = c.get('user')
  const at = now()
  const { policy } = await currentPolicy(db, at)
  const entry = {
    actor: user,
    subject: { kind: what.subject.kind, id: what.subject.id },
    cityCompanyId,
    clause: policy.collecting.snapshots.clause,
  }
  await inTransaction(db, (tx) =>
    recordAudit(tx, { ...entry, action: 'evidence.export', detail: { documents: what.documentIds.length } }),
  )
  const files = packageFiles(
    { ...what, exportedAt: at, exportedBy: { id: user.id, name: user.name }, version },
    {
      document: (id) => store.documentForPackage(db, id),
      body: (sha256) => snapshots.readBody(db, sha256),
      hash: (bytes) => createHash('sha256').update(bytes).digest('hex'),
      finished: (said) =>
        inTransaction(db, (tx) => recordAudit(tx, { ...entry, action: 'evidence.exported', detail: said })),
    },
  )
  const day = at.toISOString().slice(0, 10)
  return c.body(zipOf(files), 200, {
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="evidence-${what.subject.kind}-${what.subject.id}-${day}.zip"`,
  })
}
