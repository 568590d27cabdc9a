/**
 * Compares a candidate with what is in force: first on what people judged, then on the texts of the last days. It runs on the
 * server's own thread in slices of a few milliseconds, so that pages and steps go on beside it; it holds one page of texts at
 * a time, and asks now and then whether somebody called it off.
 */
import { setImmediate } from 'node:timers/promises'
import type { Scope } from '../access/scope.ts'
import { createAnalyser } from '../analysis/analyser.ts'
import { recordAudit } from '../audit/store.ts'
import type { Db } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { log } from '../lib/log.ts'
import { catalogueOf, engineInForce, keepModel, weightsOf } from './catalog-store.ts'
import { lockDraft, setDraftModel } from './draft-store.ts'
import { changedRisks, createComparer, createTally, labelled, type Side } from './replay.ts'
import {
  beatTrial,
  complaintPage,
  countTexts,
  documentPage,
  endTrial,
  judgedTexts,
  type StoredText,
  spanOf,
  takeTrial,
  textsById,
  type VerdictRow,
  verdictRows,
} from './trial-store.ts'
import { createVerdictTally } from './verdicts.ts'

const PAGE = 500
const SLICE_MS = 8
const BEAT_MS = 400

export interface TrialTools {
  db: Db
  jobs: Pick<Jobs, 'announce'>
  now: () => Date
  /** Of the linear model that judges until people put another in force. */
  shippedWeights?: Uint8Array | undefined
}

/** Makes the comparisons that wait, one after the other. True when it made one. */
export async function runTrials({ db, jobs, now, shippedWeights }: TrialTools): Promise<boolean> {
  let didAnything = false
  for (;;) {
    const trial = await takeTrial(db, now())
    if (!trial) return didAnything
    didAnything = true
    try {
      const result = await compare({ db, jobs, now, shippedWeights }, trial)
      if (result) await endTrial(db, trial.id, { state: 'done', result, now: now() })
    } catch (error) {
      log.error({ err: error, trial: trial.id }, 'a comparison failed')
      await endTrial(db, trial.id, { state: 'failed', detail: 'internal', now: now() })
    }
    await tell(jobs, trial, trial.days, trial.days)
  }
}

export interface Trained {
  version: string
  weights: Uint8Array
}
/** Weights from the verdicts of people, upon those in force; undefined: too few verdicts to learn from. */
export type Train = (
  rows: readonly VerdictRow[],
  base: Uint8Array | undefined,
) => Promise<Trained | undefined>

/**
 * Trains on what people judged and puts the weights into the draft, to be compared and switched on like a changed rule. The
 * same verdicts give the same weights, so asking twice stores one model. Undefined: too few verdicts.
 */
export async function retrain(
  db: Db,
  train: Train,
  by: { id: number; name: string; now: Date },
): Promise<{ version: string; rows: number } | undefined> {
  const rows = await verdictRows(db)
  const running = await engineInForce(db)
  if (!running) return undefined
  const base = running.modelVersion === null ? undefined : await weightsOf(db, running.modelVersion)
  const trained = await train(rows, base)
  if (!trained) return undefined
  await inTransaction(db, async (tx) => {
    await lockDraft(tx)
    await keepModel(tx, { ...trained, rowCount: rows.length, createdBy: by.id })
    await setDraftModel(tx, running.catalogVersion, trained.version, by)
    await recordAudit(tx, {
      actor: by,
      action: 'catalogue.retrain',
      subject: { kind: 'model', id: trained.version },
      detail: { rows: rows.length, from: running.modelVersion },
    })
  })
  return { version: trained.version, rows: rows.length }
}

type Trial = NonNullable<Awaited<ReturnType<typeof takeTrial>>>

/** Pages hear that it moved and read the rest themselves, by their own rights. */
function tell(jobs: TrialTools['jobs'], trial: Trial, done: number, total: number) {
  return jobs.announce({ topic: 'progress', progress: { task: `trial-${trial.id}`, done, total } })
}

/** Undefined: called off. */
async function compare({ db, jobs, now, shippedWeights }: TrialTools, trial: Trial) {
  const weightsFor = (model: string | null) => (model === null ? shippedWeights : weightsOf(db, model))
  const running: Side = {
    catalogue: await catalogueOf(db, trial.runningVersion),
    weights: await weightsFor(trial.runningModel),
  }
  const candidate: Side = {
    catalogue: trial.candidate,
    weights: await weightsFor(trial.candidateModel),
  }
  const span = spanOf(trial.askedAt, trial.days, trial.scope)
  const { mentions, complaints } = await countTexts(db, span)
  const total = mentions + complaints
  const pace = createPace(async (done) => {
    await tell(jobs, trial, done, total)
    return beatTrial(db, trial.id, { done, total, now: now() })
  })
  if (!(await pace.beat())) return undefined

  const verdicts = await compareVerdicts(db, trial.scope, { running, candidate }, pace)
  if (!verdicts) return undefined
  const codes = changedRisks(running, candidate)
  const read = createComparer(running, candidate, codes)
  const tally = createTally(running.catalogue, candidate.catalogue, codes)
  for (const [kind, pageOf] of [
    ['mention', documentPage],
    ['complaint', complaintPage],
  ] as const) {
    let last: StoredText | undefined
    for (;;) {
      const page: StoredText[] = await pageOf(db, span, last, PAGE)
      for (const { id, title, text, projectIds } of page) {
        tally.add({ kind, id, projectIds }, read({ title, text }))
        if (!(await pace.did(1))) return undefined
      }
      last = page.at(-1)
      if (page.length < PAGE) break
    }
  }
  await pace.beat()
  return { ...tally.result(), verdicts }
}

interface Sides {
  running: Side
  candidate: Side
}

const analyserOf = ({ catalogue, weights }: Side) =>
  createAnalyser({ ...catalogue, ...(weights && { weights }) })

async function compareVerdicts(db: Db, scope: Scope, { running, candidate }: Sides, pace: Pace) {
  const { judged, corrected } = await judgedTexts(db, scope)
  const tally = createVerdictTally()
  if (judged.length > 0) {
    const read = createComparer(running, candidate)
    for (const kind of ['mention', 'complaint'] as const) {
      const of = judged.filter((one) => one.kind === kind)
      for (let at = 0; at < of.length; at += PAGE) {
        const page = of.slice(at, at + PAGE)
        const texts = await textsById(
          db,
          kind,
          page.map(({ id }) => id),
        )
        for (const { id, verdicts } of page) {
          const text = texts.get(id)
          if (!text) continue
          const { before, after } = read(text)
          // One text may carry the same verdict for several projects: it is one text.
          for (const { risk, state } of new Map(
            verdicts.map((one) => [`${one.risk} ${one.state}`, one]),
          ).values())
            tally.judge({
              kind,
              id,
              risk,
              state,
              before: labelled(before, risk),
              after: labelled(after, risk),
            })
          if (!(await pace.did(0))) return undefined
        }
      }
    }
  }
  if (corrected.length > 0) {
    const [before, after] = [analyserOf(running), analyserOf(candidate)]
    for (let at = 0; at < corrected.length; at += PAGE) {
      const page = corrected.slice(at, at + PAGE)
      const texts = await textsById(
        db,
        'mention',
        page.map(({ id }) => id),
      )
      for (const { id, polarity } of page) {
        const text = texts.get(id)
        if (!text) continue
        tally.tone(polarity, before.analyse(text).polarity, after.analyse(text).polarity)
        if (!(await pace.did(0))) return undefined
      }
    }
  }
  return tally.result()
}

interface Pace {
  /** Counts texts; lets others run when the slice is over. False: called off. */
  did(texts: number): Promise<boolean> | boolean
  beat(): Promise<boolean>
}

function createPace(onBeat: (done: number) => Promise<boolean>): Pace {
  let done = 0
  let sliceSince = performance.now()
  let beatSince = sliceSince
  const rest = async (at: number) => {
    let goesOn = true
    if (at - beatSince > BEAT_MS) {
      goesOn = await onBeat(done)
      beatSince = performance.now()
    }
    await setImmediate()
    sliceSince = performance.now()
    return goesOn
  }
  return {
    did(texts) {
      done += texts
      const at = performance.now()
      return at - sliceSince < SLICE_MS ? true : rest(at)
    },
    beat: () => onBeat(done),
  }
}
