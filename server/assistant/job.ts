import { createHash, randomBytes } from 'node:crypto'
import type { Vault } from '../access/vault.ts'
import { type KnownPerson, redactText } from '../complaints/masking.ts'
import type { Db } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { readAnswer } from './answer.ts'
import type { Endpoint } from './endpoint.ts'
import { type Item, promptFor, tokensOf } from './prompt.ts'
import { type Content, idsOf } from './proposal.ts'
import { limits, type Purpose } from './purpose.ts'
import * as store from './store.ts'

export interface AssistantTools {
  db: Db
  vault: Vault
  endpoint: Endpoint
  jobs: Pick<Jobs, 'announce'>
  now: () => Date
}

const CANCEL_CHECK_MS = 1_000
/** Kept of an answer for the log. */
const MOST_ANSWER = 20_000

/** Which kinds of proposal a purpose replaces. */
const kindsOf: Readonly<Record<Purpose, readonly Content['kind'][]>> = {
  labels: ['label', 'miss'],
  summary: ['summary'],
  draft: ['draft'],
  severity: ['severity'],
}

/**
 * Makes one call that waits, and stores what it proposes. Holds no transaction and no lock while the model thinks, and has a
 * queue of its own: however long it takes, no step of the pipeline waits for it. A call that ended meanwhile (cancelled,
 * given up) stores nothing.
 */
export async function runCall(tools: AssistantTools, id: number): Promise<void> {
  const { db, now, jobs } = tools
  const call = await store.takeCall(db, id, now())
  if (!call) return
  try {
    await answerCall(tools, call)
  } catch (error) {
    await end(tools, id, { outcome: 'interrupted' })
    throw error
  } finally {
    await jobs.announce({ topic: 'assistant', projectIds: call.projectIds })
  }
}

/** Ends what was lost with its process; runs every minute. */
export async function endLost({ db, jobs, now }: Pick<AssistantTools, 'db' | 'jobs' | 'now'>): Promise<void> {
  for (const { projectIds } of await store.endLostCalls(db, now()))
    await jobs.announce({ topic: 'assistant', projectIds })
}

type Call = NonNullable<Awaited<ReturnType<typeof store.takeCall>>>

async function answerCall(tools: AssistantTools, call: Call): Promise<void> {
  const { db, vault, endpoint, now } = tools
  const { id, purpose, subjectKind } = call
  if (purpose === 'test' || subjectKind === 'endpoint' || call.subjectId === null) return
  const settings = await store.readEndpoint(db)
  if (!settings?.isOn) {
    await end(tools, id, { outcome: 'switched-off', tokens: 0 })
    return
  }
  const subject = { kind: subjectKind, id: call.subjectId }
  const [items, risks, signals, about] = await Promise.all([
    gather(tools, call.given),
    purpose === 'labels' ? store.riskNames(db) : [],
    purpose === 'labels' ? store.signalsOf(db, subject.id) : [],
    store.subjectWords(db, subject),
  ])
  const asked = { purpose, draftKind: call.draftKind, about: redactText(about?.words ?? ''), items, risks }
  const prompt = promptFor(asked, randomBytes(9).toString('hex'))
  const whole = `${prompt.system}\n${prompt.user}`
  await store.notePrompt(db, id, {
    hash: createHash('sha256').update(whole).digest(),
    chars: whole.length,
    given: [...prompt.sent.keys()],
  })

  const cancel = new AbortController()
  const watch = watchFor(db, id, cancel)
  const answered = await endpoint
    .ask(
      {
        baseUrl: settings.baseUrl,
        model: settings.model,
        key: settings.keyEncrypted ? vault.decrypt(settings.keyEncrypted) : undefined,
        system: prompt.system,
        user: prompt.user,
        answerTokens: limits[purpose].answerTokens,
        timeLimitMs: settings.timeLimitMs,
      },
      cancel.signal,
    )
    .finally(() => watch.stop())
  if (answered.outcome !== 'ok') {
    // What never reached the model cost nothing; of the rest nobody knows, so what was set aside stays spent.
    const isFree = freeFailures.has(answered.outcome)
    const { outcome, detail, attempts } = answered
    await end(tools, id, { outcome, detail, attempts, ...(isFree && { tokens: 0 }) })
    return
  }
  const reading = readAnswer(answered.content, {
    purpose,
    sent: prompt.sent,
    risks: new Set(risks.map((risk) => risk.code)),
    signals,
  })
  const tokensIn = answered.tokensIn ?? tokensOf(whole.length)
  const tokensOut = answered.tokensOut ?? tokensOf(answered.content.length)
  await inTransaction(db, async (tx) => {
    const isWanted = await store.finishCall(tx, id, {
      outcome: reading.outcome,
      finishedAt: now(),
      detail: 'detail' in reading ? reading.detail : null,
      answer: storable(answered.content),
      attempts: answered.attempts,
      tokens: tokensIn + tokensOut,
      tokensIn: answered.tokensIn,
      tokensOut: answered.tokensOut,
      cut: reading.cut,
    })
    if (!isWanted || !('proposals' in reading)) return
    const { draftKind, projectIds, cityCompanyId } = call
    await store.writeProposals(
      tx,
      { id, subject, draftKind, projectIds, cityCompanyId, cell: about?.cell ?? null },
      kindsOf[purpose],
      reading.proposals,
    )
  })
}

const freeFailures: ReadonlySet<string> = new Set([
  'unreachable',
  'refused-address',
  'redirected',
  'unauthorised',
  'not-found',
  'rejected',
  'too-busy',
])

async function end(
  { db, now }: Pick<AssistantTools, 'db' | 'now'>,
  id: number,
  ended: Omit<Parameters<typeof store.finishCall>[2], 'finishedAt'>,
): Promise<void> {
  await inTransaction(db, (tx) => store.finishCall(tx, id, { ...ended, finishedAt: now() }))
}

/** Somebody may cancel from another process: the row says so. */
function watchFor(db: Db, id: number, cancel: AbortController): { stop(): void } {
  const timer = setInterval(() => {
    store.isStillWanted(db, id).then(
      (isWanted) => isWanted || cancel.abort(),
      () => {},
    )
  }, CANCEL_CHECK_MS)
  return { stop: () => clearInterval(timer) }
}

/** The texts behind the refs, in their order, without personal data. */
async function gather({ db, vault }: AssistantTools, given: readonly string[]): Promise<readonly Item[]> {
  const [mentions, cases] = await Promise.all([
    store.mentionTexts(db, idsOf(given, 'm')),
    store.complaintTexts(db, idsOf(given, 'c')),
  ])
  const open = (sealed: Buffer | null) => (sealed ? vault.decrypt(sealed) : undefined)
  const items = new Map<string, Item>()
  for (const { id, at, from, title, text } of mentions)
    items.set(`m${id}`, { ref: `m${id}`, at, from, title: redactText(title), text: redactText(text) })
  for (const { id, at, from, title, text, people } of cases) {
    const known = people.map(
      (person): KnownPerson => ({
        name: open(person.name),
        phone: open(person.phone),
        address: open(person.address),
        unit: open(person.unit),
        idNumber: open(person.idNumber),
      }),
    )
    items.set(`c${id}`, {
      ref: `c${id}`,
      at,
      from,
      title: redactText(title, known),
      text: redactText(text, known),
    })
  }
  return given.flatMap((ref) => items.get(ref) ?? [])
}

/** As a text column can hold it. */
const storable = (answer: string) => answer.replace(/\0|\p{Surrogate}/gu, '\ufffd').slice(0, MOST_ANSWER)
