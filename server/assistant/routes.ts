import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { permit } from '../access/guard.ts'
import type { Permission } from '../access/permissions.ts'
import { permissionsOn, scopeFor } from '../access/scope.ts'
import { recordAudit } from '../audit/store.ts'
import { shanghaiDay } from '../complaints/shanghai.ts'
import { evidenceOfCell } from '../db/cell-evidence.ts'
import type { Tx } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Ctx, Env } from '../http/context.ts'
import { Id, IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { giveVerdict } from '../mentions/verdict-store.ts'
import { currentPolicy } from '../policy/store.ts'
import { budgetRefusal, outcomes, restsUntil } from './outcome.ts'
import { tokensOf } from './prompt.ts'
import type { Content } from './proposal.ts'
import {
  type DraftKind,
  draftKinds,
  GIVEN_LENGTH,
  limits,
  MOST_ITEMS,
  type Purpose,
  purposes,
} from './purpose.ts'
import { defaultSettings, mayKeepKey, SettingsInput } from './settings.ts'
import * as store from './store.ts'

const DraftKinds = z.enum(draftKinds)
const AskMention = z.discriminatedUnion('purpose', [
  z.strictObject({ purpose: z.literal('labels') }),
  z.strictObject({ purpose: z.literal('summary'), of: z.enum(['mention', 'story']).default('mention') }),
  z.strictObject({
    purpose: z.literal('draft'),
    of: z.enum(['mention', 'story']).default('mention'),
    draftKind: DraftKinds,
  }),
])
const AskWarning = z.discriminatedUnion('purpose', [
  z.strictObject({ purpose: z.literal('summary') }),
  z.strictObject({ purpose: z.literal('draft'), draftKind: DraftKinds }),
  z.strictObject({ purpose: z.literal('severity') }),
])
const Reason = z.string().trim().min(2).max(500)
const Acceptance = z.strictObject({
  /** The text as the person wants it; only summaries and drafts have one. */
  edited: z.string().trim().min(1).max(8_000).optional(),
  /** Needed for an opinion on severity. */
  reason: Reason.optional(),
})
const Discard = z.strictObject({ reason: Reason.optional() })
const Withdrawal = z.strictObject({ reason: Reason })
const CallQuery = z.object({
  purpose: z.enum([...purposes, 'test']).optional(),
  outcome: z.enum([...outcomes, 'failed']).optional(),
  from: z.coerce.date().optional(),
  until: z.coerce.date().optional(),
  after: Id.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

const notFound = () => new Refusal(404, 'not-found')
/** Rules and form of a prompt, without the texts. */
const PROMPT_FRAME = 2_000
/** A call that waits longer than this for its turn was lost. */
const MOST_WAITING_MS = 10 * 60_000
const TEST_LIMIT_SECONDS = 30

const dayStart = (now: Date) => new Date(`${shanghaiDay(now)}T00:00:00+08:00`)

/** The optional language model: what it is, what it is asked, what people make of what it proposes. */
export const assistantRoutes = new Hono<Env>()
  .get('/settings', permit('assistant.manage'), async (c) => {
    const { db, now } = c.get('services')
    const stored = await store.readEndpoint(db)
    const [today, recent] = await Promise.all([
      store.spentSince(db, dayStart(now())),
      stored ? store.recentOutcomes(db, stored.updatedAt) : [],
    ])
    const { keyEncrypted, timeLimitMs, updatedAt, updatedBy, ...settings } = stored ?? {
      ...defaultSettings,
      timeLimitMs: defaultSettings.timeLimitSeconds * 1000,
      keyEncrypted: null,
      updatedAt: null,
      updatedBy: null,
    }
    return c.json({
      isOn: settings.isOn,
      baseUrl: settings.baseUrl,
      model: settings.model,
      callsPerDay: settings.callsPerDay,
      tokensPerDay: settings.tokensPerDay,
      timeLimitSeconds: timeLimitMs / 1000,
      hasKey: keyEncrypted !== null,
      updatedAt,
      updatedBy,
      today,
      restsUntil: restsUntil(recent, now()),
    })
  })

  .put(
    '/settings',
    permit('assistant.manage'),
    zValidator('json', SettingsInput, refuseInvalid),
    async (c) => {
      const { db, vault, now } = c.get('services')
      const user = c.get('user')
      const { key, timeLimitSeconds, ...given } = c.req.valid('json')
      await inTransaction(db, async (tx) => {
        const before = await store.readEndpoint(tx)
        const keptKey = keyToKeep(before, given.baseUrl, key)
        await store.writeEndpoint(tx, {
          ...given,
          timeLimitMs: timeLimitSeconds * 1000,
          keyEncrypted: key === undefined ? keptKey : key === '' ? null : vault.encrypt(key),
          updatedBy: user.id,
          updatedAt: now(),
        })
        await recordAudit(tx, {
          actor: user,
          action: 'assistant.configure',
          subject: { kind: 'assistant' },
          detail: {
            isOn: given.isOn,
            baseUrl: given.baseUrl,
            model: given.model,
            timeLimitSeconds,
            callsPerDay: given.callsPerDay,
            tokensPerDay: given.tokensPerDay,
            key: key === undefined ? 'kept' : key === '' ? 'none' : 'new',
          },
        })
      })
      return c.json({ ok: true })
    },
  )

  .post('/test', permit('assistant.manage'), zValidator('json', SettingsInput, refuseInvalid), async (c) => {
    const { db, vault, endpoint, now } = c.get('services')
    const user = c.get('user')
    const { key: givenKey, baseUrl, model, timeLimitSeconds } = c.req.valid('json')
    const kept = keyToKeep(await store.readEndpoint(db), baseUrl, givenKey)
    const key = givenKey ?? (kept ? vault.decrypt(kept) : undefined)
    const askedAt = now()
    const timeLimitMs = Math.min(timeLimitSeconds, TEST_LIMIT_SECONDS) * 1000
    const asked = {
      system: '只输出 JSON，不加说明。',
      user: '这是连接测试。请只回答：{"ok":true}',
      answerTokens: 50,
    }
    const callId = await inTransaction(db, async (tx) => {
      const id = await store.insertCall(tx, {
        askedBy: user.id,
        askedAt,
        purpose: 'test',
        subjectKind: 'endpoint',
        model,
        state: 'running',
        startedAt: askedAt,
        deadlineAt: new Date(askedAt.getTime() + timeLimitMs + 60_000),
        tokens: tokensOf(asked.user.length) + asked.answerTokens,
      })
      await recordAudit(tx, {
        actor: user,
        action: 'assistant.test',
        subject: { kind: 'assistant' },
        detail: { baseUrl, model },
      })
      return id
    })
    const started = performance.now()
    const answered = await endpoint.ask(
      { baseUrl, model, key: key || undefined, ...asked, timeLimitMs },
      c.req.raw.signal,
    )
    const latencyMs = Math.round(performance.now() - started)
    const isJson = answered.outcome === 'ok' && /^\s*(```(json)?)?\s*\{/.test(answered.content)
    const outcome = answered.outcome !== 'ok' ? answered.outcome : isJson ? 'ok' : 'not-json'
    const detail =
      answered.outcome !== 'ok'
        ? answered.detail
        : isJson
          ? ''
          : 'the model is there, but did not answer with JSON as it was told'
    await inTransaction(db, (tx) =>
      store.finishCall(tx, callId, {
        outcome,
        detail,
        finishedAt: now(),
        attempts: answered.attempts,
        ...(answered.outcome === 'ok' && {
          answer: answered.content.replace(/\0|\p{Surrogate}/gu, '\ufffd').slice(0, 500),
          tokensIn: answered.tokensIn,
          tokensOut: answered.tokensOut,
          ...(answered.tokensIn !== null &&
            answered.tokensOut !== null && { tokens: answered.tokensIn + answered.tokensOut }),
        }),
      }),
    )
    return c.json({ outcome, detail, latencyMs, attempts: answered.attempts })
  })

  .get('/mentions/:id', permit('assistant.ask'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { scope } = c.get('user')
    const subject = await store.mentionSubject(c.get('services').db, scope, c.req.valid('param').id)
    if (!subject) throw notFound()
    const story = subject.storyId === null ? [] : [{ kind: 'story' as const, id: subject.storyId }]
    return c.json(await standing(c, [{ kind: 'mention', id: subject.id }, ...story], subject))
  })

  .post(
    '/mentions/:id',
    permit('assistant.ask'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', AskMention, refuseInvalid),
    async (c) => {
      const { db } = c.get('services')
      const { scope } = c.get('user')
      const wanted = c.req.valid('json')
      const mention = await store.mentionSubject(db, scope, c.req.valid('param').id)
      if (!mention) throw notFound()
      const draftKind = wanted.purpose === 'draft' ? wanted.draftKind : null
      if (wanted.purpose !== 'labels' && wanted.of === 'story') {
        const story =
          mention.storyId === null ? undefined : await store.storySubject(db, scope, mention.storyId)
        if (!story) throw new Refusal(409, 'no-story')
        return ask(c, story, wanted.purpose, draftKind, { mentions: story.mentionIds, complaints: [] })
      }
      return ask(c, mention, wanted.purpose, draftKind, { mentions: [mention.id], complaints: [] })
    },
  )

  .get('/warnings/:id', permit('assistant.ask'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { scope } = c.get('user')
    const subject = await store.warningSubject(c.get('services').db, scope, c.req.valid('param').id)
    if (!subject) throw notFound()
    return c.json(await standing(c, [{ kind: 'warning', id: subject.id }], subject))
  })

  .post(
    '/warnings/:id',
    permit('assistant.ask'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', AskWarning, refuseInvalid),
    async (c) => {
      const { db, now } = c.get('services')
      const { scope, roles } = c.get('user')
      const wanted = c.req.valid('json')
      const warning = await store.warningSubject(db, scope, c.req.valid('param').id)
      if (!warning || warning.projectId === null || warning.riskCode === null) throw notFound()
      const held = permissionsOn(roles, warning.projectId)
      if (wanted.purpose === 'severity' && !held.includes('warning.verify'))
        throw new Refusal(403, 'not-permitted', { permission: 'warning.verify' })
      if (wanted.purpose === 'severity' && warning.isClosed) throw new Refusal(409, 'warning-closed')
      const cell = { projectId: warning.projectId, riskCode: warning.riskCode }
      const evidence = await evidenceOfCell(db, cell, { by: 'weight', limit: MOST_ITEMS, now: now() })
      const draftKind = wanted.purpose === 'draft' ? wanted.draftKind : null
      return ask(c, warning, wanted.purpose, draftKind, {
        mentions: evidence.flatMap((item) => item.mention?.id ?? []),
        // Cases go out for those alone who may read them, masked even so.
        complaints: held.includes('complaint.read')
          ? evidence.flatMap((item) => item.complaint?.id ?? [])
          : [],
      })
    },
  )

  .post(
    '/proposals/:id/accept',
    permit('assistant.ask'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Acceptance, refuseInvalid),
    async (c) => {
      const { db, jobs, now } = c.get('services')
      const user = c.get('user')
      const { id } = c.req.valid('param')
      const { edited, reason } = c.req.valid('json')
      const accepted = await inTransaction(db, async (tx) => {
        const proposal = await openProposal(c, tx, id)
        const { content, cityCompanyId } = proposal
        const isText = content.kind === 'summary' || content.kind === 'draft'
        // What the acceptance does comes first: an older opinion must have ended before this one holds.
        const done =
          content.kind === 'label'
            ? await acceptLabel(c, tx, proposal.subjectId, content, reason)
            : content.kind === 'severity'
              ? await acceptOpinion(c, tx, proposal, reason)
              : {
                  projectIds: proposal.projectIds,
                  detail: content.kind === 'miss' ? { risk: content.riskCode } : {},
                }
        await store.decide(tx, id, {
          state: 'accepted',
          by: user.id,
          now: now(),
          edited: isText ? (edited ?? null) : null,
          reason: reason ?? null,
        })
        await recordAudit(tx, {
          actor: user,
          action: 'assistant.accept',
          subject: { kind: proposal.subjectKind, id: proposal.subjectId },
          cityCompanyId,
          ...('clause' in done && { clause: done.clause }),
          detail: {
            proposal: id,
            kind: content.kind,
            ...done.detail,
            ...(isText && edited !== undefined && { isEdited: true }),
            ...(reason && { reason }),
          },
        })
        return { kind: content.kind, projectIds: done.projectIds }
      })
      if (accepted.kind === 'label' || accepted.kind === 'severity') await jobs.wake('scoring')
      if (accepted.kind === 'label')
        await jobs.announce({ topic: 'mention', projectIds: accepted.projectIds })
      await jobs.announce({ topic: 'assistant', projectIds: accepted.projectIds })
      return c.json({ id, state: 'accepted' as const })
    },
  )

  .post(
    '/proposals/:id/discard',
    permit('assistant.ask'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Discard, refuseInvalid),
    async (c) => {
      const { db, jobs, now } = c.get('services')
      const user = c.get('user')
      const { id } = c.req.valid('param')
      const { reason = null } = c.req.valid('json')
      const projectIds = await inTransaction(db, async (tx) => {
        const proposal = await openProposal(c, tx, id)
        await store.decide(tx, id, { state: 'discarded', by: user.id, now: now(), reason })
        await recordAudit(tx, {
          actor: user,
          action: 'assistant.discard',
          subject: { kind: proposal.subjectKind, id: proposal.subjectId },
          cityCompanyId: proposal.cityCompanyId,
          detail: { proposal: id, kind: proposal.kind, ...(reason && { reason }) },
        })
        return proposal.projectIds
      })
      await jobs.announce({ topic: 'assistant', projectIds })
      return c.json({ id, state: 'discarded' as const })
    },
  )

  // Only what still works after it was accepted can be taken back: a verdict is changed on its own page, a text is a text.
  .post(
    '/proposals/:id/withdraw',
    permit('assistant.ask'),
    zValidator('param', IdParam, refuseInvalid),
    zValidator('json', Withdrawal, refuseInvalid),
    async (c) => {
      const { db, jobs, now } = c.get('services')
      const user = c.get('user')
      const { id } = c.req.valid('param')
      const { reason } = c.req.valid('json')
      const projectIds = await inTransaction(db, async (tx) => {
        const proposal = await store.proposalForChange(tx, user.scope, id, mayReadCases(c))
        if (!proposal) throw notFound()
        const { projectId, riskCode, kind, state } = proposal
        if (kind !== 'severity' || state !== 'accepted' || projectId === null || riskCode === null)
          throw new Refusal(409, 'not-in-force', { state })
        if (!permissionsOn(user.roles, projectId).includes('warning.verify'))
          throw forbidden('warning.verify')
        await store.withdraw(tx, id, reason)
        await store.markCellDue(tx, { projectId, riskCode })
        const { policy } = await currentPolicy(tx, now())
        await recordAudit(tx, {
          actor: user,
          action: 'assistant.withdraw',
          subject: { kind: proposal.subjectKind, id: proposal.subjectId },
          cityCompanyId: proposal.cityCompanyId,
          clause: policy.scoring.opinion.clause,
          detail: { proposal: id, step: proposal.step, reason },
        })
        return proposal.projectIds
      })
      await jobs.wake('scoring')
      await jobs.announce({ topic: 'assistant', projectIds })
      return c.json({ id, state: 'withdrawn' as const })
    },
  )

  .post(
    '/calls/:id/cancel',
    permit('assistant.ask'),
    zValidator('param', IdParam, refuseInvalid),
    async (c) => {
      const { db, jobs, now } = c.get('services')
      const user = c.get('user')
      const { id } = c.req.valid('param')
      const projectIds = await inTransaction(db, async (tx) => {
        const call = await store.callForChange(tx, user.scope, id)
        if (!call) throw notFound()
        const isFree = call.startedAt === null
        const wasRunning = await store.finishCall(tx, id, {
          outcome: 'cancelled',
          finishedAt: now(),
          ...(isFree && { tokens: 0 }),
        })
        if (!wasRunning) throw new Refusal(409, 'ended')
        await recordAudit(tx, {
          actor: user,
          action: 'assistant.cancel',
          subject: { kind: call.subjectKind, id: call.subjectId },
          cityCompanyId: call.cityCompanyId,
          detail: { call: id },
        })
        return call.projectIds
      })
      await jobs.announce({ topic: 'assistant', projectIds })
      return c.json({ id, outcome: 'cancelled' as const })
    },
  )

  .get('/calls', permit('assistant.log'), zValidator('query', CallQuery, refuseInvalid), async (c) => {
    const { after, limit, ...filter } = c.req.valid('query')
    return c.json(await store.listCalls(c.get('services').db, c.get('user').scope, filter, { after, limit }))
  })

  .get('/calls/:id', permit('assistant.log'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const call = await store.readCall(c.get('services').db, c.get('user').scope, c.req.valid('param').id)
    if (!call) throw notFound()
    return c.json(call)
  })

const forbidden = (permission: Permission) => new Refusal(403, 'not-permitted', { permission })

/** The stored key, where it may stay; refused when the address went elsewhere and no key came with it. */
function keyToKeep(
  before: { baseUrl: string; keyEncrypted: Buffer | null } | undefined,
  baseUrl: string,
  key: string | undefined,
): Buffer | null {
  if (key !== undefined || !before?.keyEncrypted) return null
  if (!mayKeepKey(before.baseUrl, baseUrl)) throw new Refusal(422, 'key-needed-anew', { field: 'key' })
  return before.keyEncrypted
}

/** Whether the reader may read the cases of all these projects. */
function mayReadCases(c: Ctx): (projectIds: readonly number[]) => boolean {
  const { roles } = c.get('user')
  return (projectIds) => projectIds.every((id) => permissionsOn(roles, id).includes('complaint.read'))
}

/** The person's own verdict, through the path of every verdict; the proposal is only what made them look. */
async function acceptLabel(
  c: Ctx,
  tx: Tx,
  mentionId: number,
  label: Extract<Content, { kind: 'label' }>,
  givenReason: string | undefined,
) {
  const user = c.get('user')
  const { signalId, verdict: state } = label
  if (!user.permissions.includes('signal.judge')) throw forbidden('signal.judge')
  if ((await store.signalState(tx, signalId))?.state !== 'proposed')
    throw new Refusal(409, 'judged-meanwhile')
  const reason = givenReason ?? label.reason
  const verdict = { state, reason, by: user.id, now: c.get('services').now() }
  const judged = await giveVerdict(tx, scopeFor(user.roles, 'signal.judge'), { mentionId, signalId }, verdict)
  if (!judged) throw notFound()
  const detail = { signalId, risk: judged.riskCode, project: judged.projectId, state, reason }
  await recordAudit(tx, {
    actor: user,
    action: 'signal.judge',
    subject: { kind: 'mention', id: mentionId },
    cityCompanyId: judged.cityCompanyId,
    detail: { ...detail, isProposed: true },
  })
  return { projectIds: judged.projectIds, detail }
}

/** From now on the opinion moves the matrix of its cell by its one step; see scoring/opinion.ts. */
async function acceptOpinion(
  c: Ctx,
  tx: Tx,
  opinion: {
    subjectId: number
    projectId: number | null
    riskCode: string | null
    step: number | null
    projectIds: readonly number[]
  },
  reason: string | undefined,
) {
  const { subjectId, projectId, riskCode, step, projectIds } = opinion
  if (projectId === null || riskCode === null) throw notFound()
  if (!permissionsOn(c.get('user').roles, projectId).includes('warning.verify'))
    throw forbidden('warning.verify')
  if (reason === undefined) throw new Refusal(422, 'invalid', { field: 'reason' })
  if (!(await store.isWarningOpen(tx, subjectId))) throw new Refusal(409, 'warning-closed')
  await store.endOpinion(tx, { projectId, riskCode })
  await store.markCellDue(tx, { projectId, riskCode })
  const { policy } = await currentPolicy(tx, c.get('services').now())
  return { projectIds, clause: policy.scoring.opinion.clause, detail: { step } }
}

async function openProposal(c: Ctx, tx: Tx, id: number) {
  const proposal = await store.proposalForChange(tx, c.get('user').scope, id, mayReadCases(c))
  if (!proposal) throw notFound()
  if (proposal.state !== 'open') throw new Refusal(409, 'decided', { state: proposal.state })
  return proposal
}

/** What a page draws: whether the model may be asked, what it proposed, what is being asked. */
async function standing(
  c: Ctx,
  subjects: Parameters<typeof store.proposalsOn>[2],
  { projectId, isClosed }: Pick<store.Subject, 'projectId' | 'isClosed'>,
) {
  const { db } = c.get('services')
  const { scope, roles, permissions } = c.get('user')
  const held = projectId === null ? permissions : permissionsOn(roles, projectId)
  const [settings, proposals, calls] = await Promise.all([
    store.readEndpoint(db),
    store.proposalsOn(db, scope, subjects, { mayReadComplaints: held.includes('complaint.read') }),
    store.callsOn(db, scope, subjects),
  ])
  return {
    isOn: settings?.isOn ?? false,
    mayJudge: held.includes('signal.judge'),
    mayMoveLevel: projectId !== null && !isClosed && held.includes('warning.verify'),
    proposals,
    calls,
  }
}

/** Writes down a call and has it made. The same question twice is one call. */
async function ask(
  c: Ctx,
  subject: store.Subject,
  purpose: Purpose,
  draftKind: DraftKind | null,
  given: { mentions: readonly number[]; complaints: readonly number[] },
) {
  const { db, jobs, now } = c.get('services')
  const user = c.get('user')
  const at = now()
  if (given.mentions.length + given.complaints.length === 0) throw new Refusal(409, 'nothing-to-read')
  const chars = await store.lengthOf(db, given.mentions, given.complaints)
  const tokens = tokensOf(Math.min(chars, GIVEN_LENGTH) + PROMPT_FRAME) + limits[purpose].answerTokens
  const asked = await inTransaction(db, async (tx) => {
    await store.lockBudget(tx)
    const settings = await store.readEndpoint(tx)
    if (!settings?.isOn) throw new Refusal(409, 'assistant-off')
    const running = await store.unfinishedCall(tx, { purpose, draftKind, subject })
    if (running) return { id: running.id, isNew: false }
    const rests = restsUntil(await store.recentOutcomes(tx, settings.updatedAt), at)
    if (rests) throw new Refusal(429, 'assistant-rests', { until: rests })
    const refusal = budgetRefusal(await store.spentSince(tx, dayStart(at)), settings, tokens)
    if (refusal) throw new Refusal(429, refusal)
    const id = await store.insertCall(tx, {
      askedBy: user.id,
      askedAt: at,
      purpose,
      draftKind,
      subjectKind: subject.kind,
      subjectId: subject.id,
      projectIds: [...subject.projectIds],
      cityCompanyId: subject.cityCompanyId,
      given: JSON.stringify([
        ...given.mentions.map((mention) => `m${mention}`),
        ...given.complaints.map((complaint) => `c${complaint}`),
      ]),
      model: settings.model,
      deadlineAt: new Date(at.getTime() + MOST_WAITING_MS + settings.timeLimitMs),
      tokens,
    })
    await recordAudit(tx, {
      actor: user,
      action: 'assistant.ask',
      subject: { kind: subject.kind, id: subject.id },
      cityCompanyId: subject.cityCompanyId,
      detail: {
        call: id,
        purpose,
        ...(draftKind && { draftKind }),
        mentions: given.mentions.length,
        complaints: given.complaints.length,
      },
    })
    return { id, isNew: true }
  })
  if (asked.isNew) await jobs.assist(asked.id)
  await jobs.announce({ topic: 'assistant', projectIds: [...subject.projectIds] })
  return c.json({ callId: asked.id }, 202)
}
