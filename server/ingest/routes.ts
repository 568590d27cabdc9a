import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { validate } from 'node-cron'
import { z } from 'zod'
import { withoutSecrets } from '../../collectors/address.ts'
import type { AnyCollector } from '../../collectors/collector.ts'
import { collectorOf, collectors } from '../../collectors/index.ts'
import { permit } from '../access/guard.ts'
import { recordAudit } from '../audit/store.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Ctx, Env } from '../http/context.ts'
import { Id, IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { currentPolicy } from '../policy/store.ts'
import { healthOf, type RunFact } from './health.ts'
import { tryCollector } from './job.ts'
import { openSecrets, sealSecrets } from './secrets.ts'
import { selectorRoutes } from './selectors/routes.ts'
import * as store from './store.ts'

/** Runs that are looked at to judge a source. */
const judgedRuns = 50
const shownRuns = 30

const Options = z.record(z.string(), z.unknown())
const SourceBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  publisherId: z.int().positive().nullable().default(null),
  options: Options,
  schedule: z
    .string()
    .trim()
    .max(100)
    .refine(validate, 'not a schedule: minute hour day month weekday')
    .optional(),
  isAggregator: z.boolean().default(false),
})
const NewSource = SourceBody.extend({ kind: z.string() })
const Trial = z.strictObject({
  kind: z.string(),
  options: Options,
  /** The source that is being changed: its secrets, which never left the server, are used where none is given. */
  sourceId: Id.optional(),
})

export const sourceRoutes = new Hono<Env>()
  .get('/', permit('source.read'), async (c) => {
    const { db, now } = c.get('services')
    const [sources, runs, { policy }] = await Promise.all([
      store.allSources(db),
      store.recentRuns(db, judgedRuns),
      currentPolicy(db, now()),
    ])
    const runsOf = new Map<number, typeof runs>()
    for (const run of runs) {
      const known = runsOf.get(run.sourceId)
      if (known) known.push(run)
      else runsOf.set(run.sourceId, [run])
    }
    return c.json({
      sources: sources.map((source) => {
        const own = runsOf.get(source.id) ?? []
        return {
          ...source,
          ...healthOf(source, own, now(), policy.collecting),
          lastRun: own[0] ? { ...pick(own[0]), detail: own[0].detail } : null,
        }
      }),
    })
  })

  .get('/kinds', permit('source.read'), async (c) => {
    const publishers = await store.publisherNames(c.get('services').db)
    return c.json({
      // The product's own are named, so that their sources can be shown, and left out of the form.
      kinds: collectors.map(({ kind, label, fields, schedule, isInternal = false }) => ({
        kind,
        label,
        fields,
        schedule,
        isInternal,
      })),
      publishers,
    })
  })

  .post('/', permit('source.manage'), zValidator('json', NewSource, refuseInvalid), async (c) => {
    const { db, jobs, vault } = c.get('services')
    const given = c.req.valid('json')
    const collector = knownKind(given.kind)
    if (collector.isInternal) throw new Refusal(422, 'unknown-kind', { field: 'kind' })
    const source = {
      ...given,
      options: sealSecrets(vault, collector, checkedOptions(collector, given.options)),
      schedule: given.schedule ?? collector.schedule,
    }
    const id = await inTransaction(db, async (tx) => {
      await refuseTaken(c, source.name)
      const id = await store.insertSource(tx, source)
      await audit(c, tx, 'source.add', id, { kind: source.kind, name: source.name })
      return id
    })
    await jobs.collect(id)
    return c.json({ id }, 201)
  })

  .post('/try', permit('source.manage'), zValidator('json', Trial, refuseInvalid), async (c) => {
    const { db, now, outside, vault } = c.get('services')
    const { kind, options, sourceId } = c.req.valid('json')
    const collector = knownKind(kind)
    const source = sourceId === undefined ? undefined : await store.sourceById(db, sourceId)
    const kept =
      source?.kind === kind ? keptSecrets(collector, openSecrets(vault, collector, source.options)) : {}
    const checked = checkedOptions(collector, { ...kept, ...options })
    return c.json(await tryCollector({ db, now, ...outside }, collector, checked))
  })

  .route('/selectors', selectorRoutes)

  .get('/:id', permit('source.read'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { db, now } = c.get('services')
    const source = await found(c)
    const [runs, documents, { policy }] = await Promise.all([
      store.lastRuns(db, source.id, judgedRuns),
      store.documentCount(db, source.id),
      currentPolicy(db, now()),
    ])
    const { cursor: _, options, ...shown } = source
    return c.json({
      ...shown,
      options: c.get('user').permissions.includes('source.manage')
        ? openOptions(source.kind, options)
        : closedOptions(source.kind, options),
      documents,
      ...healthOf(source, runs, now(), policy.collecting),
      runs: runs.slice(0, shownRuns),
    })
  })

  .put(
    '/:id',
    permit('source.manage'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', SourceBody, refuseInvalid),
    async (c) => {
      const { db, vault } = c.get('services')
      const given = c.req.valid('json')
      const before = await found(c)
      const collector = knownKind(before.kind)
      const checked = checkedOptions(collector, {
        ...keptSecrets(collector, openSecrets(vault, collector, before.options)),
        ...given.options,
      })
      const options = sealSecrets(vault, collector, checked, before.options)
      await inTransaction(db, async (tx) => {
        if (given.name !== before.name) await refuseTaken(c, given.name)
        await store.updateSource(tx, before.id, {
          ...given,
          options,
          schedule: given.schedule ?? before.schedule,
        })
        await audit(c, tx, 'source.change', before.id, { name: given.name })
      })
      return c.body(null, 204)
    },
  )

  .post('/:id/pause', permit('source.manage'), zValidator('param', IdParam, refuseInvalid), (c) =>
    setState(c, 'paused'),
  )
  .post('/:id/resume', permit('source.manage'), zValidator('param', IdParam, refuseInvalid), (c) =>
    setState(c, 'active'),
  )

  .post('/:id/run', permit('source.manage'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { db, jobs } = c.get('services')
    const { id } = await found(c)
    await inTransaction(db, (tx) => audit(c, tx, 'source.run', id, {}))
    await jobs.collect(id)
    return c.json({ queued: true }, 202)
  })

  .delete('/:id', permit('source.manage'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const source = await found(c)
    await inTransaction(c.get('services').db, async (tx) => {
      if (!(await store.deleteUnusedSource(tx, source.id))) throw new Refusal(409, 'source-has-evidence')
      await audit(c, tx, 'source.delete', source.id, { name: source.name })
    })
    return c.body(null, 204)
  })

async function found(c: Ctx) {
  const id = Number(c.req.param('id'))
  const source = await store.sourceById(c.get('services').db, id)
  if (!source) throw new Refusal(404, 'not-found')
  return source
}

async function setState(c: Ctx, state: 'active' | 'paused') {
  const { id } = await found(c)
  await inTransaction(c.get('services').db, async (tx) => {
    await store.setSourceState(tx, id, state)
    await audit(c, tx, state === 'paused' ? 'source.pause' : 'source.resume', id, {})
  })
  return c.body(null, 204)
}

function audit(
  c: Ctx,
  tx: Parameters<typeof recordAudit>[0],
  action: string,
  id: number,
  detail: Record<string, unknown>,
) {
  return recordAudit(tx, { actor: c.get('user'), action, subject: { kind: 'source', id }, detail })
}

async function refuseTaken(c: Ctx, name: string) {
  if (await store.sourceIdByName(c.get('services').db, name))
    throw new Refusal(409, 'name-taken', { field: 'name' })
}

function knownKind(kind: string): AnyCollector {
  const collector = collectorOf(kind)
  if (!collector) throw new Refusal(422, 'unknown-kind', { field: 'kind' })
  return collector
}

function checkedOptions(collector: AnyCollector, options: unknown): unknown {
  const checked = collector.options.safeParse(options)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  throw new Refusal(422, 'invalid', { field: `options.${issue?.path.join('.')}`, message: issue?.message })
}

const entriesOf = (options: unknown): [string, unknown][] =>
  options !== null && typeof options === 'object' ? Object.entries(options) : []
const fieldKind = (kind: string, name: string) =>
  collectorOf(kind)?.fields.find((field) => field.name === name)?.kind

/** For who may change them: everything but secrets, which only go in. */
const openOptions = (kind: string, options: unknown) =>
  Object.fromEntries(entriesOf(options).filter(([name]) => fieldKind(kind, name) !== 'secret'))

/** For other readers: addresses without user, password and query, and no headers or bodies, where people write keys. */
const closedOptions = (kind: string, options: unknown) =>
  Object.fromEntries(
    Object.entries(openOptions(kind, options))
      .filter(([name]) => fieldKind(kind, name) !== 'lines')
      .map(([name, value]) => [
        name,
        fieldKind(kind, name) === 'url' && typeof value === 'string' ? withoutSecrets(value) : value,
      ]),
  )

const keptSecrets = (collector: AnyCollector, options: unknown) =>
  Object.fromEntries(entriesOf(options).filter(([name]) => fieldKind(collector.kind, name) === 'secret'))

const pick = ({ startedAt, outcome, added }: RunFact) => ({ startedAt, outcome, added })
