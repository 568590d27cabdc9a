import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { withoutSecrets } from '../../collectors/address.ts'
import { CollectError } from '../../collectors/collector.ts'
import { parseOpml } from '../../collectors/opml/parse.ts'
import { writeOpml } from '../../collectors/opml/write.ts'
import { rss } from '../../collectors/rss/index.ts'
import { permit } from '../access/guard.ts'
import { recordAudit } from '../audit/store.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Env } from '../http/context.ts'
import { refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { planFeeds } from './opml-plan.ts'
import * as store from './opml-store.ts'

/** A list of five thousand feeds has one megabyte. */
const maxFileBytes = 8 * 1024 * 1024
/** As many names as a person can read in one audit entry. */
const auditedNames = 200

const ImportForm = z.object({
  file: z.instanceof(File),
  dryRun: z.enum(['true', 'false']).transform((word) => word === 'true'),
  /** Places in the list, from 0, of feeds that are not wanted: `3,7`. */
  leaveOut: z
    .string()
    .regex(/^(?:\d{1,5}(?:,\d{1,5})*)?$/)
    .max(40_000)
    .default('')
    .transform((text) => new Set(text.split(',').filter(Boolean).map(Number))),
})

/** Lists of feeds in and out. Mounted beside the sources' own routes. */
export const opmlRoutes = new Hono<Env>()
  .post('/import', permit('source.manage'), zValidator('form', ImportForm, refuseInvalid), async (c) => {
    const { db, jobs } = c.get('services')
    const { file, dryRun, leaveOut } = c.req.valid('form')
    const list = await listOf(file)
    const { plan, ids } = dryRun
      ? { plan: planFeeds(list.feeds, await store.namesAndAddresses(db), leaveOut), ids: [] }
      : await inTransaction(db, async (tx) => {
          await store.lockSources(tx)
          const plan = planFeeds(list.feeds, await store.namesAndAddresses(tx), leaveOut)
          const wanted = plan.filter(({ outcome }) => outcome === 'new')
          const ids = await store.insertSources(
            tx,
            wanted.map(({ sourceName, url, folder }) => ({
              kind: rss.kind,
              name: sourceName,
              publisherId: null,
              groupName: folder ?? null,
              options: { url },
              schedule: rss.schedule,
              isAggregator: false,
            })),
          )
          if (ids.length > 0) {
            // Names, never addresses: keys and passwords live there.
            await recordAudit(tx, {
              actor: c.get('user'),
              action: 'source.import',
              subject: { kind: 'source' },
              detail: {
                file: file.name.slice(0, 200),
                added: ids.length,
                names: wanted.slice(0, auditedNames).map(({ sourceName }) => sourceName),
              },
            })
          }
          return { plan, ids }
        })
    for (const id of ids) await jobs.collect(id)
    if (ids.length > 0) await jobs.announce({ topic: 'source', projectIds: [] })
    return c.json({
      title: list.title ?? null,
      feeds: plan.map(({ title, url, folder, outcome, sourceName }) => ({
        title,
        address: withoutSecrets(url),
        folder: folder ?? null,
        outcome,
        sourceName,
      })),
      bad: list.bad,
      written: !dryRun,
      added: ids.length,
    })
  })

  .get('/export', permit('source.manage'), async (c) => {
    const { db, now } = c.get('services')
    const feeds = await inTransaction(db, async (tx) => {
      const feeds = await store.feeds(tx)
      await recordAudit(tx, {
        actor: c.get('user'),
        action: 'source.export',
        subject: { kind: 'source' },
        detail: { feeds: feeds.length },
      })
      return feeds
    })
    const opml = writeOpml(
      '未雨 Weiyu',
      feeds.map(({ name, url, groupName }) => ({
        title: name,
        url,
        ...(groupName === null ? {} : { folder: groupName }),
      })),
      now(),
    )
    return c.body(opml, 200, {
      'content-type': 'text/x-opml; charset=utf-8',
      'content-disposition': 'attachment; filename="weiyu-feeds.opml"',
    })
  })

async function listOf(file: File) {
  if (file.size > maxFileBytes) throw new Refusal(413, 'too-large', { field: 'file', maxBytes: maxFileBytes })
  try {
    return parseOpml(new Uint8Array(await file.arrayBuffer()))
  } catch (error) {
    if (!(error instanceof CollectError)) throw error
    if (error.outcome === 'too-large')
      throw new Refusal(413, 'too-many-feeds', { field: 'file', message: error.message })
    throw new Refusal(422, 'not-a-feed-list', { field: 'file', message: error.message })
  }
}
