/**
 * Compares a candidate with what is in force: first on what people judged, then on the texts of the last days. It runs on the
 * server's own thread in slices of a few milliseconds, so that pages and steps go on beside it; it holds one page of texts at
 * a time, and asks now and then whether somebody called it off.
 */
import { setImmediate } from 'node:timers/promises'
import { everything, type Scope } from '../access/scope.ts'
import { createAnalyser } from '../analysis/analyser.ts'
import { readModel } from '../analysis/model.ts'
import { Polarity } from '../analysis/polarity.ts'
import { recordAudit } from '../audit/store.ts'
import type { Db } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { log } from '../lib/log.ts'
import { Refusal } from '../lib/refusal.ts'
import { catalogueOf, engineInForce, keepModel, weightsOf } from './catalog-store.ts'
import { failingExamples } from './draft.ts'
import { draftCatalogue, lockDraft, readDraftRow, setDraftModel } from './draft-store.ts'
import { answersOf, createLearner, type JudgedText, LEAST_VERDICTS } from './learn.ts'
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

export type Retrained =
  | { state: 'too-few'; verdicts: number; least: number }
  /** These verdicts leave the model of the draft, or the one in force, as it is. */
  | { state: 'nothing-new'; verdicts: number; version: string }
  | { state: 'trained'; verdicts: number; version: string }

/**
 * Continues the weights in force with what people judged, and puts them into the draft, to be compared and switched on like a
 * changed rule; the draft's examples are checked with them. It reads the newest verdicts a page at a time and trains in slices
 * of a few milliseconds, on the server's own thread like the comparisons. The same verdicts give the same weights: asking
 * twice changes nothing.
 * @throws Refusal without a model to continue, with a draft whose files do not fit, and when somebody changed one meanwhile
 */
export async function retrain(
  { db, shippedWeights }: Pick<TrialTools, 'db' | 'shippedWeights'>,
  by: { id: number; name: string; now: Date },
): Promise<Retrained> {
  const texts = await textsToLearn(db)
  const verdicts = texts.reduce((sum, one) => sum + answersOf(one).count, 0)
  if (verdicts < LEAST_VERDICTS) return { state: 'too-few', verdicts, least: LEAST_VERDICTS }

  const seen = await standing(db)
  const { running, draft } = seen
  const base = running.modelVersion === null ? shippedWeights : await weightsOf(db, running.modelVersion)
  if (!base) throw new Refusal(409, 'no-model')
  if (draft && draft.version === null)
    throw new Refusal(422, 'catalogue-invalid', { problems: draft.problems })
  const catalogue = (await draftCatalogue(db)) ?? (await catalogueOf(db, running.catalogVersion))
  const learner = createLearner(catalogue, base)
  await inSlices(learning(db, texts, learner.learn))
  const { version, weights } = await inSlices(learner.train())
  if (version === draft?.modelVersion || version === readModel(base).version)
    return { state: 'nothing-new', verdicts, version }
  const failing = await inSlices(failingExamples(catalogue, weights))

  await inTransaction(db, async (tx) => {
    await lockDraft(tx)
    const now = await standing(tx)
    if (
      now.draft?.version !== draft?.version ||
      now.draft?.modelVersion !== draft?.modelVersion ||
      now.running.catalogVersion !== running.catalogVersion ||
      now.running.modelVersion !== running.modelVersion
    )
      throw new Refusal(409, 'draft-changed')
    await keepModel(tx, { version, weights, rowCount: verdicts, createdBy: by.id })
    await setDraftModel(tx, running.catalogVersion, { modelVersion: version, failing }, by)
    await recordAudit(tx, {
      actor: by,
      action: 'catalogue.retrain',
      subject: { kind: 'model', id: version },
      detail: { verdicts, from: running.modelVersion },
    })
  })
  return { state: 'trained', verdicts, version }
}

/** What a draft stands on, and the draft. */
async function standing(db: Db) {
  const [running, draft] = [await engineInForce(db), await readDraftRow(db)]
  if (!running) throw new Error('no catalogue is in force: installCatalogue runs at start')
  return { running, draft }
}

interface TextToLearn extends Omit<JudgedText, 'title' | 'text'> {
  kind: 'mention' | 'complaint'
  id: number
}

/** In an order of their own, so that equal verdicts give equal weights. */
async function textsToLearn(db: Db): Promise<TextToLearn[]> {
  const { judged, corrected } = await judgedTexts(db, everything)
  const tones = new Map(corrected.map(({ id, polarity }) => [id, Polarity.parse(polarity)]))
  const texts = judged.map((one): TextToLearn => {
    const polarity = one.kind === 'mention' ? tones.get(one.id) : undefined
    if (polarity) tones.delete(one.id)
    return { ...one, polarity }
  })
  for (const [id, polarity] of tones) texts.push({ kind: 'mention', id, verdicts: [], polarity })
  return texts.sort((a, b) => (a.kind === b.kind ? a.id - b.id : a.kind < b.kind ? -1 : 1))
}

async function* learning(
  db: Db,
  texts: readonly TextToLearn[],
  learn: (judged: JudgedText) => void,
): AsyncGenerator<undefined, void> {
  for (const kind of ['mention', 'complaint'] as const) {
    const of = texts.filter((one) => one.kind === kind)
    for (let at = 0; at < of.length; at += PAGE) {
      const page = of.slice(at, at + PAGE)
      const written = await textsById(
        db,
        kind,
        page.map(({ id }) => id),
      )
      for (const { id, verdicts, polarity } of page) {
        const text = written.get(id)
        if (text) learn({ title: text.title, text: text.text, verdicts, polarity })
        yield
      }
    }
  }
}

/** Runs the steps to the end and lets others run after every slice. */
async function inSlices<T>(steps: Generator<undefined, T> | AsyncGenerator<undefined, T>): Promise<T> {
  let since = performance.now()
  for (;;) {
    const step = await steps.next()
    if (step.done) return step.value
    if (performance.now() - since < SLICE_MS) continue
    await setImmediate()
    since = performance.now()
  }
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
