import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { CollectError } from '../../collectors/collector.ts'
import { maxFileBytes, readRows } from '../../collectors/spreadsheet/read.ts'
import { permit } from '../access/guard.ts'
import type { Role } from '../access/permissions.ts'
import { recordAudit } from '../audit/store.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Ctx, Env, SignedIn } from '../http/context.ts'
import { Id, IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { currentPolicy } from '../policy/store.ts'
import { bareFacts, caseOf, proposed, Registration, titleFrom } from './case.ts'
import { channels, classes } from './classify.ts'
import { keptEngine } from './engine.ts'
import { exportCsv } from './export.ts'
import { gradeComplaint } from './grading.ts'
import { parseMapping } from './import-mapping.ts'
import { engineInput } from './import-store.ts'
import { importComplaints, regrade } from './job.ts'
import { personIdentity } from './person-key.ts'
import * as store from './store.ts'
import { actions, isState, pathOf, states, step, stepsFrom } from './transitions.ts'

const listOf = <Word extends string>(words: readonly [Word, ...Word[]]) =>
  z
    .string()
    .transform((text) => text.split(',').filter(Boolean))
    .pipe(z.array(z.enum(words)))
    .optional()
const yesNo = z.enum(['true', 'false']).transform((word) => word === 'true')
const Filter = z.object({
  state: listOf(states),
  grade: z
    .string()
    .transform((text) => text.split(',').filter(Boolean).map(Number))
    .pipe(z.array(z.literal([1, 2, 3, 4])))
    .optional(),
  class: listOf(classes),
  channel: listOf(channels),
  projectId: Id.optional(),
  cityCompanyId: Id.optional(),
  risk: z
    .string()
    .regex(/^[A-Z]{2}\d$/)
    .optional(),
  open: yesNo.optional(),
  overdue: yesNo.optional(),
  /** Days of Shanghai, both included. */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  q: z.string().trim().max(100).optional(),
})
const Cursor = z
  .string()
  .regex(/^\d{1,15}\.\d{1,15}$/)
  .transform((text) => {
    const [at = 0, id = 0] = text.split('.').map(Number)
    return { at: new Date(at), id }
  })
const Page = Filter.extend({
  after: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(30),
})
const Words = z.string().trim().min(1).max(2_000)
const Taken = z.strictObject({
  action: z.enum(actions),
  note: Words.optional(),
  validity: z.enum(['valid', 'coordination', 'invalid']).optional(),
  validityBasis: Words.optional(),
  responsibleDepartmentId: Id.optional(),
  isOurFault: z.boolean().optional(),
  nextReplyOn: z.iso.date().optional(),
})
const Override = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('set'), grade: z.literal([1, 2, 3, 4]), reason: Words }),
  z.strictObject({ kind: z.literal('drop'), reason: Words }),
])
const Reveal = z.strictObject({ purpose: z.string().trim().min(2).max(200) })
const Verdict = z.strictObject({ verdict: z.enum(['confirmed', 'rejected']), reason: Words.optional() })
const SignalParam = IdParam.extend({ signalId: Id })
const Draft = z.strictObject({
  title: z.string().max(200).default(''),
  content: z.string().max(20_000).default(''),
  projectId: Id.optional(),
  phone: z.string().max(40).optional(),
  households: z.int().min(0).max(1_000_000).default(1),
  persons: z.int().min(0).max(1_000_000).default(1),
})
const Upload = z.object({
  file: z.instanceof(File),
  mapping: z.string().max(4_000).default(''),
  cityCompanyId: Id.optional(),
  partial: yesNo.default(false),
  dryRun: yesNo.default(false),
})

const engineFor = keptEngine()

export const complaintRoutes = new Hono<Env>()
  .get('/', permit('complaint.read'), zValidator('query', Page, refuseInvalid), async (c) => {
    const { db, vault } = c.get('services')
    const { after, limit, ...filter } = c.req.valid('query')
    const { rows, next } = await store.listComplaints(
      db,
      vault,
      c.get('user').scope,
      { ...filter, ...daysOf(filter) },
      { after, limit },
      await gradingNow(c),
    )
    return c.json({ rows, next: next && `${next.at.getTime()}.${next.id}` })
  })

  .get('/count', permit('complaint.read'), zValidator('query', Filter, refuseInvalid), async (c) => {
    const filter = c.req.valid('query')
    return c.json(
      await store.countComplaints(
        c.get('services').db,
        c.get('user').scope,
        { ...filter, ...daysOf(filter) },
        await gradingNow(c),
      ),
    )
  })

  .get('/choices', permit('complaint.read'), async (c) =>
    c.json(await store.choices(c.get('services').db, c.get('user').scope)),
  )

  .get('/export.csv', permit('complaint.read'), zValidator('query', Filter, refuseInvalid), async (c) => {
    const { db, vault } = c.get('services')
    const { scope, ...user } = c.get('user')
    const filter = c.req.valid('query')
    const grading = await gradingNow(c)
    await inTransaction(db, (tx) =>
      recordAudit(tx, {
        actor: user,
        action: 'complaint.export',
        subject: { kind: 'complaint' },
        clause: 'S3-P10.19.1',
        detail: { filter },
      }),
    )
    const page = (after: store.Cursor | undefined) =>
      store.exportComplaints(
        db,
        vault,
        scope,
        { ...filter, ...daysOf(filter) },
        { after, limit: 1_000 },
        grading,
      )
    return c.body(exportCsv(page), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="complaints.csv"',
    })
  })

  .post('/preview', permit('complaint.register'), zValidator('json', Draft, refuseInvalid), async (c) => {
    const { db, vault, now: clock } = c.get('services')
    const { scope } = c.get('user')
    const draft = c.req.valid('json')
    const now = clock()
    const { policy } = await currentPolicy(db, now)
    const title = draft.title || titleFrom(draft.content)
    const input = await engineInput(db)
    const analysis = input && engineFor(input).analyse({ title, text: draft.content })
    const risks = analysis?.signals.filter(({ score }) => score >= 0.5) ?? []
    const found = await store.projectsById(
      db,
      scope,
      analysis?.projects.map(({ projectId }) => projectId) ?? [],
    )
    const projectId = draft.projectId ?? found[0]?.id
    const person = personIdentity({ phone: draft.phone })
    const around =
      projectId === undefined
        ? { same: [], sameCases: [], coverage: [] }
        : await store.aroundDraft(db, scope, {
            projectId,
            risks: risks.map(({ risk }) => risk),
            now,
            policy: policy.grading,
          })
    const words = proposed(title, draft.content)
    const graded = gradeComplaint(
      {
        ...bareFacts(now, now),
        ...words,
        households: Math.max(draft.households, words.households),
        persons: draft.persons,
        coverage: around.coverage,
        sameCases: [
          ...around.sameCases,
          ...risks.map(({ risk }) => ({
            riskCode: risk,
            at: now,
            person: person ? vault.personKey(person).toString('hex') : null,
          })),
        ],
      },
      policy.grading,
    )
    return c.json({
      projects: found,
      class: words.class,
      cues: words,
      risks: risks.map(({ risk, score, redLine, terms }) => ({ riskCode: risk, score, redLine, terms })),
      polarity: analysis?.polarity ?? null,
      same: around.same,
      samePerson: person ? await store.casesOfPerson(db, scope, vault.personKey(person)) : [],
      grade: graded,
    })
  })

  .post('/import', permit('complaint.import'), zValidator('form', Upload, refuseInvalid), async (c) => {
    const { file, mapping: written, cityCompanyId, partial, dryRun } = c.req.valid('form')
    const { scope, ...user } = c.get('user')
    const mapping = parseMapping(written)
    if (!mapping.ok)
      throw new Refusal(422, 'invalid', { field: 'mapping', message: `cannot read «${mapping.part}»` })
    if (file.size > maxFileBytes) throw new Refusal(413, 'too-large', { maxBytes: maxFileBytes })
    const services = c.get('services')
    try {
      const { complaints = [] } = await readRows({
        bytes: new Uint8Array(await file.arrayBuffer()),
        name: file.name,
        content: 'complaints',
        mapping: {},
        now: services.now(),
      })
      return c.json(
        await importComplaints(services, complaints, {
          mapping: mapping.mapping,
          cityCompanyId,
          actor: user,
          scope,
          isPartial: partial,
          isDryRun: dryRun,
        }),
      )
    } catch (error) {
      if (error instanceof CollectError)
        throw new Refusal(422, 'unreadable-file', { field: 'file', message: error.message })
      throw error
    }
  })

  .post('/', permit('complaint.register'), zValidator('json', Registration, refuseInvalid), async (c) => {
    const { db, vault, jobs, now: clock } = c.get('services')
    const { scope, ...user } = c.get('user')
    const given = c.req.valid('json')
    const now = clock()
    const { version, policy } = await currentPolicy(db, now)
    const cityCompanyId =
      given.projectId === undefined
        ? store.companyInScope(scope, given.cityCompanyId)
        : await store.cityCompanyOf(db, scope, given.projectId)
    if (cityCompanyId === undefined) throw new Refusal(422, 'outside-scope', { field: 'projectId' })
    if (given.receivedAt && new Date(given.receivedAt).getTime() > now.getTime() + 60_000)
      throw new Refusal(422, 'in-future', { field: 'receivedAt' })
    const stored = await inTransaction(db, async (tx) => {
      const [one] = await store.insertCases(tx, vault, [caseOf(given, cityCompanyId, now)], {
        grade: { version, policy: policy.grading },
        now,
        actor: user,
        action: 'register',
      })
      if (!one) throw new Error('the case was not stored')
      await recordAudit(tx, {
        actor: user,
        action: 'complaint.register',
        subject: { kind: 'complaint', id: one.id },
        cityCompanyId,
        clause: 'S0-9.2a',
        detail: { number: one.number },
      })
      return one
    })
    await jobs.wake('analysis')
    await jobs.announce(heardBy(stored.projectId))
    return c.json({ id: stored.id, number: stored.number }, 201)
  })

  .get('/:id', permit('complaint.read'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { db, vault } = c.get('services')
    const user = c.get('user')
    const { policy } = await gradingNow(c)
    const found = await store.readComplaint(db, vault, user.scope, c.req.valid('param').id, policy)
    if (!found) throw new Refusal(404, 'not-found')
    const mayHandle = user.permissions.includes('complaint.handle')
    return c.json({
      ...found,
      path: isState(found.state)
        ? pathOf(
            found.state,
            found.records.map(({ toState, at }) => ({ state: toState, at })),
          )
        : [],
      steps:
        mayHandle && isState(found.state)
          ? stepsFrom(found.state, rolesFor(user, found), asGrade(found.grade)).map(
              ({ action, to, guard, clause }) => ({
                action,
                to,
                guard: guard ?? null,
                clause,
              }),
            )
          : [],
    })
  })

  .post(
    '/:id/actions',
    permit('complaint.handle'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Taken, refuseInvalid),
    async (c) => {
      const { db, jobs, now: clock } = c.get('services')
      const user = c.get('user')
      const { id } = c.req.valid('param')
      const { action, note, ...decided } = c.req.valid('json')
      const now = clock()
      const moved = await inTransaction(db, async (tx) => {
        const before = await store.caseForUpdate(tx, user.scope, id)
        if (!before || !isState(before.state)) throw new Refusal(404, 'not-found')
        if (
          decided.responsibleDepartmentId !== undefined &&
          !(await store.isDepartmentOf(tx, decided.responsibleDepartmentId, before.cityCompanyId))
        )
          throw new Refusal(422, 'invalid', {
            field: 'responsibleDepartmentId',
            message: 'of another company',
          })
        const stepped = step(before.state, action, rolesFor(user, before), {
          grade: asGrade(before.grade),
          note,
          validity: decided.validity ?? before.validity,
          validityBasis: decided.validityBasis ?? before.validityBasis,
          responsibleDepartmentId: decided.responsibleDepartmentId ?? before.responsibleDepartmentId,
        })
        if (!stepped.ok) {
          if (stepped.reason === 'not-your-role') throw new Refusal(403, 'not-your-role', { action })
          if (stepped.reason === 'not-ready')
            throw new Refusal(422, 'not-ready', { action, guard: stepped.guard })
          throw new Refusal(409, 'no-such-step', { action, state: before.state })
        }
        const { from, to, clause, closes } = stepped.transition
        await store.moveCase(tx, id, { from, to, action, clause, closes, note, actor: user, now, decided })
        await store.markForScoring(tx, [id])
        await recordAudit(tx, {
          actor: user,
          action: `complaint.${action}`,
          subject: { kind: 'complaint', id },
          cityCompanyId: before.cityCompanyId,
          clause,
          detail: { from, to, ...(closes ? { closes } : {}) },
        })
        return { state: to, projectId: before.projectId }
      })
      await regrade(db, jobs, [id], now)
      await jobs.wake('scoring')
      await jobs.announce(heardBy(moved.projectId))
      return c.json({ state: moved.state })
    },
  )

  .post(
    '/:id/grade',
    permit('complaint.regrade'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Override, refuseInvalid),
    async (c) => {
      const { db, jobs, now: clock } = c.get('services')
      const { scope, ...user } = c.get('user')
      const { id } = c.req.valid('param')
      const given = c.req.valid('json')
      const now = clock()
      const before = await inTransaction(db, async (tx) => {
        const found = await store.caseForUpdate(tx, scope, id)
        if (!found) throw new Refusal(404, 'not-found')
        const { reason } = given
        if (given.kind === 'drop') await store.dropOverride(tx, id, { reason, actor: user, now })
        else
          await store.overrideGrade(tx, id, {
            from: found.grade,
            grade: given.grade,
            reason,
            actor: user,
            now,
          })
        await store.markForScoring(tx, [id])
        await recordAudit(tx, {
          actor: user,
          action: given.kind === 'drop' ? 'complaint.drop-override' : 'complaint.override-grade',
          subject: { kind: 'complaint', id },
          cityCompanyId: found.cityCompanyId,
          clause: 'S3-P7.2.3',
          detail: { from: found.grade, ...(given.kind === 'set' ? { to: given.grade } : {}) },
        })
        return found
      })
      await regrade(db, jobs, [id], now)
      await jobs.wake('scoring')
      await jobs.announce(heardBy(before.projectId))
      return c.json({ ok: true })
    },
  )

  .post(
    '/:id/reveal',
    permit('complaint.reveal'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Reveal, refuseInvalid),
    async (c) => {
      const { db, vault } = c.get('services')
      const { scope, ...user } = c.get('user')
      const { id } = c.req.valid('param')
      const { purpose } = c.req.valid('json')
      return c.json(
        await inTransaction(db, async (tx) => {
          const found = await store.caseForUpdate(tx, scope, id)
          if (!found) throw new Refusal(404, 'not-found')
          const plain = await store.revealComplainants(tx, vault, id)
          await recordAudit(tx, {
            actor: user,
            action: 'complaint.reveal',
            subject: { kind: 'complaint', id },
            cityCompanyId: found.cityCompanyId,
            clause: 'S3-P10.19.2',
            detail: { purpose },
          })
          return plain
        }),
      )
    },
  )

  .post(
    '/:id/signals/:signalId/verdict',
    permit('signal.judge'),
    zValidator('param', SignalParam, refuseInvalid),
    zValidator('json', Verdict, refuseInvalid),
    async (c) => {
      const { db, jobs, now: clock } = c.get('services')
      const { scope, ...user } = c.get('user')
      const { id, signalId } = c.req.valid('param')
      const { verdict, reason } = c.req.valid('json')
      const now = clock()
      const judged = await inTransaction(db, async (tx) => {
        const found = await store.caseForUpdate(tx, scope, id)
        const signal =
          found && (await store.judgeSignal(tx, id, signalId, { verdict, reason, actor: user, now }))
        if (!signal) throw new Refusal(404, 'not-found')
        await store.markForScoring(tx, [id])
        await recordAudit(tx, {
          actor: user,
          action: `signal.${verdict}`,
          subject: { kind: 'complaint', id },
          cityCompanyId: found.cityCompanyId,
          clause: 'S0-14.0',
          detail: { signalId, riskCode: signal.riskCode },
        })
        return signal
      })
      await regrade(db, jobs, [id], now)
      await jobs.wake('scoring')
      await jobs.announce(heardBy(judged.projectId))
      return c.json({ state: verdict })
    },
  )

async function gradingNow(c: Ctx) {
  const { db, now: clock } = c.get('services')
  const now = clock()
  return { policy: (await currentPolicy(db, now)).policy.grading, now }
}

/** Days of Shanghai → instants; the last day is included. */
function daysOf({ from, to }: { from?: string | undefined; to?: string | undefined }) {
  const start = (day: string) => new Date(`${day}T00:00:00+08:00`)
  return {
    from: from === undefined ? undefined : start(from),
    to: to === undefined ? undefined : new Date(start(to).getTime() + 86_400_000),
  }
}

/** Roles count where they were given: a supervisor of city A is nobody in city B. */
function rolesFor(user: SignedIn, one: { cityCompanyId: number; projectId: number | null }): Role[] {
  return user.roles
    .filter(({ cityCompanyId, projectId }) =>
      projectId !== null
        ? projectId === one.projectId
        : cityCompanyId === null || cityCompanyId === one.cityCompanyId,
    )
    .map(({ role }) => role)
}

const heardBy = (projectId: number | null) => ({
  topic: 'complaint' as const,
  projectIds: projectId === null ? [] : [projectId],
})

function asGrade(grade: number): 1 | 2 | 3 | 4 {
  return grade === 1 || grade === 2 || grade === 3 ? grade : 4
}
