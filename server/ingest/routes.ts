import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { createTask, validate } from 'node-cron'
import { z } from 'zod'
import { withoutSecrets } from '../../collectors/address.ts'
import { type AnyCollector, namesPublisher } from '../../collectors/collector.ts'
import { told } from '../../collectors/details.ts'
import { collectorOf, collectors, isPushed } from '../../collectors/index.ts'
import { folderSeparator, partsOfFolder } from '../../collectors/opml/parse.ts'
import { permit } from '../access/guard.ts'
import { recordAudit } from '../audit/store.ts'
import type { Tx } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Ctx, Env } from '../http/context.ts'
import { Id, IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { currentPolicy } from '../policy/store.ts'
import { type Health, judge, silentAt } from './health.ts'
import * as health from './health-store.ts'
import { tryCollector } from './job.ts'
import * as list from './list-store.ts'
import { boundSecrets, keptSecrets, type Sealing, sealSecrets, storedSecrets } from './secrets.ts'
import { selectorRoutes } from './selectors/routes.ts'
import * as store from './store.ts'
import { type Entry, together } from './together.ts'

const SHOWN_RUNS = 100
/** Of the lines in the list and of the charts. */
const SPARK_DAYS = 14
const CHART_DAYS = 60
const CHART_HOURS = 72
/** A source that wrote about a project within so many days concerns it. */
const WROTE_WITHIN_DAYS = 90
const SHOWN_HEARTBEATS = 31
/** One decision of a person, so one transaction. */
const MOST_AT_ONCE = 500
const MOST_REQUIREMENTS = 200

const Options = z.record(z.string(), z.unknown())
/** Groups within groups, as they stand in a list of feeds: «楼市 / 武汉». */
const Group = z
  .string()
  .max(200)
  .transform((text) => partsOfFolder(text).join(folderSeparator) || null)
const SourceBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  publisherId: z.int().positive().nullable().default(null),
  groupName: Group.nullable().optional(),
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
const Bulk = z.strictObject({
  ids: z.array(z.int().positive()).min(1).max(MOST_AT_ONCE),
  action: z.enum(['pause', 'resume', 'run']),
})
const Requirements = z.strictObject({
  requirements: z
    .array(
      z
        .strictObject({
          /** null: of every risk. */
          riskCode: z.string().max(10).nullable(),
          /** Both null: everywhere. */
          cityCompanyId: z.int().positive().nullable(),
          projectId: z.int().positive().nullable(),
        })
        .refine((one) => one.cityCompanyId === null || one.projectId === null, 'a city company or a project'),
    )
    .max(MOST_REQUIREMENTS),
})
const ListQuery = z.object({
  /** Only sources that concern this project. */
  project: Id.optional(),
})
const Trial = z.strictObject({
  kind: z.string(),
  options: Options,
  /** The source that is being changed: its secrets, which never left the server, are used where none is given. */
  sourceId: Id.optional(),
})

export const sourceRoutes = new Hono<Env>()
  .get('/', permit('source.read'), zValidator('query', ListQuery, refuseInvalid), async (c) => {
    const { db, now: clock } = c.get('services')
    const now = clock()
    const { project } = c.req.valid('query')
    if (project !== undefined && !(await list.isProjectInScope(db, c.get('user').scope, project)))
      throw new Refusal(404, 'not-found')
    const since = new Date(now.getTime() - WROTE_WITHIN_DAYS * 86_400_000)
    const [sources, days, tick] = await Promise.all([
      list.listedSources(db, project === undefined ? undefined : { projectId: project, since }),
      health.itemsPerDay(db, now, SPARK_DAYS),
      health.lastBeat(db, 'sources-due'),
    ])
    const last14 = lastDays(now, SPARK_DAYS)
    const sparks = new Map<number, number[]>()
    for (const { sourceId, day, added } of days) {
      const spark = sparks.get(sourceId) ?? last14.map(() => 0)
      spark[last14.indexOf(day)] = added
      sparks.set(sourceId, spark)
    }
    const empty = last14.map(() => 0)
    return c.json({
      sparkFrom: last14[0],
      lastTickAt: tick,
      sources: sources.map(({ lastDetail, ...source }) => ({
        ...source,
        /** What the last run said, where it explains why the source is not well. */
        told: source.health === 'failing' ? told(lastDetail) : [],
        nextRunAt: nextRunOf(source, now),
        spark: sparks.get(source.id) ?? empty,
      })),
    })
  })

  .get('/heartbeats', permit('source.read'), async (c) => {
    const { db, now } = c.get('services')
    const [rows, { policy }] = await Promise.all([
      health.heartbeats(db, SHOWN_HEARTBEATS),
      currentPolicy(db, now()),
    ])
    return c.json({ rows, lateAfterHours: policy.collecting.heartbeatLateAfterHours })
  })

  .get('/targets', permit('source.manage'), async (c) => c.json(await health.targets(c.get('services').db)))

  .get('/kinds', permit('source.read'), async (c) => {
    const publishers = await store.publisherNames(c.get('services').db)
    return c.json({
      // The product's own are named, so that their sources can be shown, and left out of the form.
      kinds: collectors.map(({ kind, label, hasPublisher, fields, schedule, isInternal = false }) => ({
        kind,
        label,
        hasPublisher,
        fields,
        schedule,
        isInternal,
        isPushed: isPushed(kind),
      })),
      publishers,
    })
  })

  .post('/', permit('source.manage'), zValidator('json', NewSource, refuseInvalid), async (c) => {
    const { db, jobs, vault, now } = c.get('services')
    const given = c.req.valid('json')
    const collector = knownKind(given.kind)
    if (collector.isInternal) throw new Refusal(422, 'unknown-kind', { field: 'kind' })
    const checked = checkedOptions(collector, given.options)
    refuseStrayPublisher(collector, checked, given)
    const source = {
      ...given,
      options: sealSecrets(vault, collector, checked),
      schedule: given.schedule ?? collector.schedule,
    }
    const id = await inTransaction(db, async (tx) => {
      await refuseTaken(c, source.name)
      // What is pushed is news from the first piece on.
      const id = await store.insertSource(tx, {
        ...source,
        ...(isPushed(source.kind) ? { learningUntil: now() } : {}),
      })
      await audit(c, tx, 'source.add', id, { kind: source.kind, name: source.name })
      return id
    })
    if (!isPushed(source.kind)) await jobs.collect(id, true)
    return c.json({ id }, 201)
  })

  .post('/try', permit('source.manage'), zValidator('json', Trial, refuseInvalid), async (c) => {
    const { db, now, outside, vault } = c.get('services')
    const { kind, options, sourceId } = c.req.valid('json')
    const collector = knownKind(kind)
    const source = sourceId === undefined ? undefined : await store.sourceById(db, sourceId)
    const checked =
      source?.kind === kind
        ? changedOptions(vault, collector, options, source.options)
        : checkedOptions(collector, options)
    const { detail, ...trial } = await tryCollector({ db, now, ...outside }, collector, checked)
    return c.json({ ...trial, told: told(detail) })
  })

  .route('/selectors', selectorRoutes)
  .post('/bulk', permit('source.manage'), zValidator('json', Bulk, refuseInvalid), async (c) => {
    const { db, jobs } = c.get('services')
    const { ids: given, action } = c.req.valid('json')
    const ids = [...new Set(given)]
    const done = await inTransaction(db, async (tx) => {
      const sources = await store.holdSources(tx, ids)
      if (sources.length < ids.length) throw new Refusal(404, 'not-found')
      const { chosen: changed, left } = together(
        action,
        sources.map((source) => ({ ...source, entry: entryOf(source.kind) })),
      )
      if (changed.length > 0) {
        if (action !== 'run') await changeStates(c, tx, changed, action === 'pause' ? 'paused' : 'active')
        await auditMany(c, tx, `source.${action}`, changed)
      }
      return { changed, left }
    })
    if (action === 'run') for (const id of done.changed) await jobs.collect(id, true)
    else if (done.changed.length > 0) await tellStates(c)
    return c.json(done)
  })

  .get('/:id', permit('source.read'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { db, now: clock } = c.get('services')
    const now = clock()
    const source = await found(c)
    const [[facts], runs, documents, days, hours, requirements, { policy }] = await Promise.all([
      health.healthFacts(db, [source.id]),
      store.lastRuns(db, source.id, SHOWN_RUNS),
      store.documentCount(db, source.id),
      health.daysOfSource(db, source.id, now, CHART_DAYS),
      health.hoursOfSource(db, source.id, now, CHART_HOURS),
      health.requirementsOf(db, source.id),
      currentPolicy(db, now),
    ])
    if (!facts) throw new Error(`source ${source.id} has no row of health`)
    const { cursor: _, options, ...shown } = source
    const judged = judge(facts, policy.collecting, now)
    return c.json({
      ...shown,
      options: c.get('user').permissions.includes('source.manage')
        ? openOptions(source.kind, options)
        : closedOptions(source.kind, options),
      /** Names of those that are kept and not shown; for who may change them. */
      storedSecrets: c.get('user').permissions.includes('source.manage')
        ? storedSecretsOf(source.kind, options)
        : [],
      documents,
      health: judged.health,
      cause: judged.cause,
      isBlocked: judged.isBlocked,
      since: sinceOf(facts, judged.health),
      failures: facts.failures,
      lastRunAt: facts.lastStartedAt,
      lastItemAt: facts.lastItemAt,
      told: told(facts.lastDetail),
      dueSince: facts.dueSince,
      isRunning: isRunning(facts),
      nextRunAt: nextRunOf(source, now),
      habit: facts.habit,
      /** Fewer gaps than this are no habit yet. */
      gapsForHabit: policy.collecting.silence.fewestGaps,
      silentAt: source.state === 'active' ? silentAt(facts, policy.collecting) : null,
      days,
      hours,
      requirements,
      runs: runs.map(({ detail, ...run }) => ({ ...run, told: told(detail) })),
    })
  })

  .put(
    '/:id/requirements',
    permit('source.manage'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Requirements, refuseInvalid),
    async (c) => {
      const { db, jobs } = c.get('services')
      const { id } = await found(c)
      const { requirements } = c.req.valid('json')
      await inTransaction(db, async (tx) => {
        const known = await health.knownTargets(tx, requirements)
        for (const [at, one] of requirements.entries()) {
          if (one.riskCode !== null && !known.risks.includes(one.riskCode))
            throw new Refusal(422, 'unknown-target', { field: `requirements.${at}.riskCode` })
          if (one.cityCompanyId !== null && !known.cities.includes(one.cityCompanyId))
            throw new Refusal(422, 'unknown-target', { field: `requirements.${at}.cityCompanyId` })
          if (one.projectId !== null && !known.projects.includes(one.projectId))
            throw new Refusal(422, 'unknown-target', { field: `requirements.${at}.projectId` })
        }
        await health.setRequirements(tx, id, requirements)
        await audit(c, tx, 'source.require', id, { requirements })
      })
      await jobs.wake('scoring')
      await jobs.announce({ topic: 'exposure', projectIds: [] })
      return c.body(null, 204)
    },
  )

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
      const checked = changedOptions(vault, collector, given.options, before.options)
      refuseStrayPublisher(collector, checked, given)
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
    const { id, kind } = await found(c)
    if (isPushed(kind)) throw new Refusal(409, 'waits-for-pushes')
    if (entryOf(kind) === 'by-hand') throw new Refusal(409, 'kept-by-hand')
    await inTransaction(db, (tx) => audit(c, tx, 'source.run', id, {}))
    await jobs.collect(id, true)
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

/** How texts come into a source of this kind. */
const entryOf = (kind: string): Entry =>
  collectorOf(kind)?.isInternal ? 'by-hand' : isPushed(kind) ? 'pushed' : 'read'

/** One source, by a person who means this one: others that are resumed together leave it paused. */
async function setState(c: Ctx, state: 'active' | 'paused') {
  const { id, kind } = await found(c)
  if (entryOf(kind) === 'by-hand') throw new Refusal(409, 'kept-by-hand')
  await inTransaction(c.get('services').db, async (tx) => {
    await changeStates(c, tx, [id], state, state === 'paused' ? 'person' : null)
    await audit(c, tx, state === 'paused' ? 'source.pause' : 'source.resume', id, {})
  })
  await tellStates(c)
  return c.body(null, 204)
}

/** A paused source blinds what requires it at once, so it is judged with its change. */
async function changeStates(
  c: Ctx,
  tx: Tx,
  ids: readonly number[],
  state: 'active' | 'paused',
  keptPaused: store.KeptPaused | null = null,
) {
  const now = c.get('services').now()
  const { policy } = await currentPolicy(tx, now)
  const changed = await store.setSourceStates(tx, ids, state, keptPaused)
  if (changed.length > 0) await health.judgeSources(tx, policy.collecting, now, changed)
}

async function tellStates(c: Ctx) {
  const { jobs } = c.get('services')
  await jobs.wake('scoring')
  await jobs.announce({ topic: 'source', projectIds: [] })
}

/** One entry a source, so that the trail of each tells everything that was done to it. */
async function auditMany(c: Ctx, tx: Tx, action: string, ids: readonly number[]) {
  for (const id of ids) await audit(c, tx, action, id, { together: ids.length })
}

const isRunning = ({ lastStartedAt, lastFinishedAt }: health.KnownHealth) =>
  lastStartedAt !== null && (lastFinishedAt === null || lastFinishedAt < lastStartedAt)

/** Since when it is so; a judgement that was not stored yet has its facts. */
const sinceOf = (facts: health.KnownHealth, state: Health) =>
  state === 'failing'
    ? (facts.failingSince ?? facts.dueSince ?? facts.stored.since)
    : state === facts.stored.health
      ? facts.stored.since
      : null

/** None for what is paused, and for what others push to: nobody reads it. */
const nextRunOf = (
  { state, kind, schedule }: { state: string; kind: string; schedule: string },
  now: Date,
) => (state === 'active' && !isPushed(kind) ? nextRun(schedule, now) : null)

/** Next time by the schedule. Few schedules serve many sources, and an answer holds until its time has come. */
const schedules = new Map<string, { task: ReturnType<typeof createTask>; next: Date | null }>()
function nextRun(schedule: string, now: Date): Date | null {
  const known = schedules.get(schedule)
  if (known?.next && known.next > now) return known.next
  const task = known?.task ?? createTask(schedule, () => undefined, { timezone: 'Asia/Shanghai' })
  const next = task.getNextRuns(1)[0] ?? null
  schedules.set(schedule, { task, next })
  return next
}

/** Calendar days of Shanghai, today last. */
const lastDays = (now: Date, count: number) =>
  Array.from({ length: count }, (_, at) =>
    new Date(now.getTime() + 8 * 3_600_000 - (count - 1 - at) * 86_400_000).toISOString().slice(0, 10),
  )

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

/** A publisher of rows that nobody publishes would be shown and mean nothing. */
function refuseStrayPublisher(
  collector: AnyCollector,
  options: unknown,
  given: { publisherId: number | null; isAggregator: boolean },
) {
  if (namesPublisher(collector, Object.fromEntries(entriesOf(options)))) return
  if (given.publisherId !== null) throw new Refusal(422, 'no-publisher', { field: 'publisherId' })
  if (given.isAggregator) throw new Refusal(422, 'no-publisher', { field: 'isAggregator' })
}

/** What a form sent, checked, with the stored secrets that it left out and may keep. */
function changedOptions(
  vault: Sealing,
  collector: AnyCollector,
  given: Readonly<Record<string, unknown>>,
  before: unknown,
): unknown {
  const kept = keptSecrets(vault, collector, before, given)
  const checked = checkedOptions(collector, { ...kept, ...given })
  const bound = boundSecrets(collector, Object.keys(kept), checked, before)
  if ('options' in bound) return bound.options
  throw new Refusal(422, 'secret-of-elsewhere', {
    field: `options.${bound.strayed}`,
    message: 'the stored secret was entered for another address: enter the one for this address, or none',
  })
}

const entriesOf = (options: unknown): [string, unknown][] =>
  options !== null && typeof options === 'object' ? Object.entries(options) : []
const fieldKind = (kind: string, name: string) =>
  collectorOf(kind)?.fields.find((field) => field.name === name)?.kind

const storedSecretsOf = (kind: string, options: unknown) => {
  const collector = collectorOf(kind)
  return collector ? storedSecrets(collector, options) : []
}

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
        typeof value === 'string' ? closed(fieldKind(kind, name), value) : value,
      ]),
  )

/** A route is an address without its host. */
const closed = (kind: string | undefined, value: string) =>
  kind === 'url' ? withoutSecrets(value) : kind === 'text' ? value.replace(/^(\/[^?]*)\?.*$/s, '$1?…') : value
