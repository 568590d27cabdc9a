/**
 * Trains the linear model: a support vector machine with squared hinge loss for each output, by dual coordinate descent
 * (Hsieh et al., ICML 2008). Starting from `base` instead of zero it minimises
 *
 *   ½ |w − base|² + Σ cost × max(0, 1 − y × margin)²
 *
 * so a few verdicts of people move the weights that they speak about, and nothing else is forgotten. Without a base the
 * margins become probabilities by Platt's sigmoid on held-out folds, one for all risks together; with a base its sigmoids
 * stay. Everything is in the order given and pseudo-random with a fixed seed: equal rows give equal bytes.
 */
import type { Features } from './features.ts'
import { ANY_RISK, SENTIMENT, sentiments, textKinds } from './judge.ts'
import { type Model, type ModelOutput, weightsOf, writeModel } from './model.ts'
import { Polarity } from './polarity.ts'
import { Target } from './target.ts'

/** One text with what is known about it. An output that is not named is unknown for this text and learns nothing from it. */
export interface Example {
  keys: Int32Array
  values: Float32Array
  /** The first so many keys are of rules, these and named ones, these and headed ones (see Features); the last are single units. */
  ruled: number
  named: number
  headed: number
  singles: number
  answers: ReadonlyMap<string, boolean>
  /** How much it counts beside others; 1 is a text labelled with care. */
  weight: number
  /** Texts of one group (one estate, one event) stand in one fold. */
  group: string
}

/** Takes the features out of the scratch memory; each key once. */
export function exampleOf(
  features: Features,
  known: Omit<Example, 'keys' | 'values' | 'ruled' | 'named' | 'headed' | 'singles'>,
): Example {
  const { key, value, count, units, unitCount, unitValue } = features
  const first = new Map<number, number>()
  const take = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const of = key[i] ?? 0
      if (!first.has(of)) first.set(of, value[i] ?? 0)
    }
    return first.size
  }
  const ruled = take(0, features.ruled)
  const named = take(features.ruled, features.named)
  const headed = take(features.named, features.headed)
  const grams = take(features.headed, count)
  for (const unit of units.subarray(0, unitCount)) if (!first.has(unit)) first.set(unit, unitValue)
  const singles = first.size - grams
  const [keys, values] = [Int32Array.from(first.keys()), Float32Array.from(first.values())]
  return { ...known, ruled, named, headed, singles, keys, values }
}

export interface OutputPlan {
  name: string
  /** Outputs of one family share their sigmoid: a single rare risk has too few texts for one of its own. */
  family: string
  /** How much an error costs; more follows the texts more closely. */
  cost: number
  /** How much more a missed text costs than a false one. */
  positive: number
  /**
   * What it goes by. Most: all but single units. A tone: n-grams of the whole text and single units, each weighed by its
   * log-count ratio between the classes (NB-SVM, Wang & Manning 2012), because the words of our trade say nothing there. A
   * kind: all but the first line's n-grams.
   */
  goesBy?: 'tone' | 'kind'
  /**
   * Share of a second view that does not see what the rules say. Where it was trained, the rules are at their best, for they
   * were written with those texts: what goes by them alone believes them too much of a text that nobody has read.
   */
  besideRules?: number
  /**
   * Learns from what is known of `answer` instead of its own name. Texts known to be of another kind (answer no to `kind`)
   * count OTHERS of their weight.
   */
  learnsFrom?: { answer: string; kind: string }
}

/** With this share of other kinds an expert on one kind knows their words, and still speaks for its own. */
const OTHERS = 0.1
/**
 * On texts that neither rules nor model have seen, F1 of the risks is 0.01 to 0.02 higher than with no second view, and
 * shares of 0.4 to 0.65 differ by less than chance does.
 */
const BESIDE_RULES = 0.6

/** What the shipped model answers, for the risks of a catalogue. */
export function planFor(codes: readonly string[]): OutputPlan[] {
  const own = (names: readonly string[], prefix: string) =>
    names.map((name) => ({ name: `${prefix}:${name}`, family: `${prefix}:${name}`, cost: 0.25, positive: 1 }))
  return [
    ...codes.map((code) => ({
      name: `risk:${code}`,
      family: 'risk',
      cost: 0.5,
      positive: 2,
      besideRules: BESIDE_RULES,
    })),
    { name: ANY_RISK, family: ANY_RISK, cost: 0.5, positive: 1, besideRules: BESIDE_RULES },
    ...own(Polarity.options, 'polarity'),
    ...own(Target.options, 'target'),
    ...own(textKinds, 'kind').map((plan) => ({ ...plan, goesBy: 'kind' as const })),
    ...sentiments.map(({ name, kind }) => ({
      name,
      family: name,
      cost: 0.5,
      positive: 1,
      goesBy: 'tone' as const,
      learnsFrom: { answer: SENTIMENT, kind: `kind:${kind}` },
    })),
  ]
}

/** A key must stand in this many texts; what stands in one says nothing about others. */
const LEAST_TEXTS = 2
const MOST_ROUNDS = 20
/** A round that moves fewer texts than this share is the last. */
const SETTLED = 0.002
const REST_ROUNDS = 4
const FOLDS = 3
/**
 * Weights below this share of the largest are noise, and would make most of the file: on texts held out, labels are the
 * same without them.
 */
const NEGLIGIBLE = 6 / 127
/**
 * A tone, which nothing but n-grams and units speak for, keeps this many, those first that are large and stand in many
 * texts. On reviews held out, 40,000 cost 0.001 of accuracy, and all there are gain nothing.
 */
const MOST_OF_TONE = 60_000
/** A rest every so often lets a server answer in between; the longest stretch measured was 0.3 s, with 20,000 verdicts on a busy machine. */
const RESTS_AFTER_KEYS = 2_000
const RESTS_AFTER_WORK = 200_000

interface Matrix {
  keys: readonly number[]
  /** By key, how many texts it stands in. */
  texts: readonly number[]
  rows: readonly Int32Array[]
  values: readonly Float32Array[]
  /** Of each row, see Example. */
  parts: readonly Pick<Example, 'ruled' | 'named' | 'headed' | 'singles'>[]
}

/** What an output goes by, or its second view. */
interface View extends OutputPlan {
  isBesideRules?: boolean
}

/** What one view of an output has learnt. */
interface Learnt extends Solution {
  /** On texts that were held out. */
  margins: { margin: number; isTrue: boolean; weight: number }[]
}

/** Gives the bytes of a model that knows nothing but these examples. It takes minutes and never rests: for `npm run train`. */
export function trainModel(examples: readonly Example[], plan: readonly OutputPlan[]): Uint8Array {
  const matrix = runThrough(numbered(examples, () => false))
  const outputs: ModelOutput[] = []
  const weights = new Map<number, { output: number; weight: number }[]>()
  for (const family of new Set(plan.map((wanted) => wanted.family))) {
    const members = [...plan.entries()].filter(([, wanted]) => wanted.family === family)
    const learn = (isBesideRules: boolean) => {
      const learnt = members.flatMap(([output, wanted]) =>
        isBesideRules && !wanted.besideRules
          ? []
          : [[output, learnView(matrix, examples, { ...wanted, isBesideRules })] as const],
      )
      return { learnt: new Map(learnt), sigmoid: sigmoidOf(learnt.flatMap(([, { margins }]) => margins)) }
    }
    const [main, beside] = [learn(false), learn(true)]
    for (const [output, wanted] of members) {
      const one = main.learnt.get(output)
      const other = beside.learnt.get(output)
      if (!one) continue
      const { weight, bias } = other
        ? blended(one, main.sigmoid, other, beside.sigmoid, wanted.besideRules ?? 0)
        : one
      const scale = largest(weight)
      outputs[output] = { name: wanted.name, bias, scale: scale || 1, ...main.sigmoid }
      const worth = weight.map(
        (w, id) => Math.abs(w) * (isTone(wanted) ? Math.sqrt(matrix.texts[id] ?? 0) : 1),
      )
      const least = isTone(wanted) ? nthLargest(worth, MOST_OF_TONE) : scale * NEGLIGIBLE
      for (const [id, key] of matrix.keys.entries()) {
        const w = weight[id] ?? 0
        if ((worth[id] ?? 0) < least) continue
        const of = weights.get(key)
        if (of) of.push({ output, weight: w })
        else weights.set(key, [{ output, weight: w }])
      }
    }
  }
  return runThrough(writeModel({ outputs, weights }))
}

/** Learns from all texts, and from folds of them for margins of texts that it has not learnt from. */
function learnView(matrix: Matrix, examples: readonly Example[], wanted: View): Learnt {
  const known = knowing(examples, wanted)
  const problem = { matrix, examples, wanted }
  const solution = runThrough(solve(problem, known))
  const margins: Learnt['margins'] = []
  for (let fold = 0; fold < FOLDS; fold++) {
    const isHeld = (row: number) => foldOf(examples[row]?.group ?? '') === fold
    const rest = known.filter((row) => !isHeld(row))
    const part = runThrough(solve(problem, rest))
    for (const row of known.filter(isHeld)) {
      const example = examples[row]
      // It is asked about its own kind alone.
      if (!example || isOther(example, wanted)) continue
      const margin = marginOf(part, matrix, row)
      const isTrue = isTrueOf(example, wanted)
      const { weight } = example
      margins.push({ margin, isTrue, weight })
      // Good and bad mirror each other, so that a text without any known word is neither.
      if (isTone(wanted)) margins.push({ margin: -margin, isTrue: !isTrue, weight })
    }
  }
  return { ...solution, margins }
}

/**
 * One linear model for two: its log-odds are (1 − share) of one's and `share` of the other's, in the margins of the one, so
 * that its sigmoid stays.
 */
function blended(one: Solution, own: Sigmoid, other: Solution, its: Sigmoid, share: number): Solution {
  const ratio = (share * its.slope) / own.slope
  return {
    weight: one.weight.map((w, id) => (1 - share) * w + ratio * (other.weight[id] ?? 0)),
    bias: (1 - share) * one.bias + ratio * other.bias + (share * (its.offset - own.offset)) / own.slope,
  }
}

/**
 * Continues from `base`: gives the bytes of a model that also holds what the examples say. It rests every few thousand
 * operations (`yield`), so that a server can answer in between.
 *
 * Outputs without an example, and weights whose key stands in no example, are copied to the last bit. An output that the
 * base does not have is left out, whatever the plan says: from a few examples it would speak louder than the rules do, which
 * speak alone for a risk that the model has never learnt. An output that the plan does not name goes.
 */
export function* continueModel(
  examples: readonly Example[],
  plan: readonly OutputPlan[],
  base: Model,
): Generator<undefined, Uint8Array> {
  const entries = new Map<number, number>()
  for (const [entry, key] of base.keys.entries()) {
    entries.set(key, entry)
    if (entry % RESTS_AFTER_KEYS === 0) yield
  }
  const matrix = yield* numbered(examples, (key) => entries.has(key))
  const size = matrix.keys.length

  const kept = base.outputs.flatMap((output, from) => {
    const wanted = plan.find(({ name }) => name === output.name)
    return wanted ? [{ from, wanted, known: knowing(examples, wanted), output: { ...output } }] : []
  })
  const learnt = new Map(
    kept.filter(({ known }) => known.length > 0).map(({ from }) => [from, new Float64Array(size)]),
  )
  for (const [id, key] of matrix.keys.entries()) {
    const entry = entries.get(key)
    if (entry === undefined) continue
    for (const { output, weight } of weightsOf(base, entry)) {
      const of = learnt.get(output)
      if (of) of[id] = weight
    }
    if (id % RESTS_AFTER_KEYS === 0) yield
  }
  for (const { from, wanted, known, output } of kept) {
    const start = learnt.get(from)
    if (!start) continue
    const { bias } = yield* solve({ matrix, examples, wanted, start, bias: output.bias }, known)
    output.bias = bias
    // Never smaller than it was: weights that did not move keep their level.
    output.scale = Math.max(output.scale, largest(start))
  }

  const weights = new Map<number, { output: number; weight: number }[]>()
  const place = new Map(kept.map(({ from }, to) => [from, to]))
  const ids = new Map(matrix.keys.map((key, id) => [key, id]))
  yield
  for (const [entry, key] of base.keys.entries()) {
    const isOpen = ids.has(key)
    const of = weightsOf(base, entry).flatMap(({ output, weight }) => {
      const to = place.get(output)
      return to === undefined || (isOpen && learnt.has(output)) ? [] : [{ output: to, weight }]
    })
    if (of.length > 0) weights.set(key, of)
    if (entry % RESTS_AFTER_KEYS === 0) yield
  }
  for (const [id, key] of matrix.keys.entries()) {
    const of = weights.get(key) ?? []
    for (const [from, weight] of learnt) {
      const w = weight[id] ?? 0
      if (w !== 0) of.push({ output: place.get(from) ?? 0, weight: w })
    }
    if (of.length > 0) weights.set(key, of)
    if (id % RESTS_AFTER_KEYS === 0) yield
  }
  return yield* writeModel({ outputs: kept.map(({ output }) => output), weights })
}

/** To the end without a rest. */
export function runThrough<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

const answerTo = ({ name, learnsFrom }: OutputPlan) => learnsFrom?.answer ?? name
const isTone = ({ goesBy }: OutputPlan) => goesBy === 'tone'

/** Rows that say something about an output. */
const knowing = (examples: readonly Example[], wanted: OutputPlan) =>
  examples.flatMap((example, row) => (example.answers.has(answerTo(wanted)) ? [row] : []))

const isTrueOf = ({ answers }: Example, wanted: OutputPlan) => answers.get(answerTo(wanted)) === true

/** Known to be of another kind. */
const isOther = ({ answers }: Example, { learnsFrom }: OutputPlan) =>
  learnsFrom !== undefined && answers.get(learnsFrom.kind) === false

function largest(weights: Float64Array): number {
  let most = 0
  for (const weight of weights) most = Math.max(most, Math.abs(weight))
  return most
}

function nthLargest(values: Float64Array, n: number): number {
  return values.length > n ? (values.slice().sort().at(-n) ?? 0) : 0
}

function* numbered(
  examples: readonly Example[],
  isKnown: (key: number) => boolean,
): Generator<undefined, Matrix> {
  const texts = new Map<number, number>()
  for (const { keys } of examples) {
    for (const key of keys) texts.set(key, (texts.get(key) ?? 0) + 1)
    yield
  }
  const ids = new Map<number, number>()
  let seen = 0
  for (const [key, count] of texts) {
    if (count >= LEAST_TEXTS || isKnown(key)) ids.set(key, ids.size)
    if (++seen % RESTS_AFTER_KEYS === 0) yield
  }
  const rows: Int32Array[] = []
  const values: Float32Array[] = []
  const parts: Matrix['parts'][number][] = []
  for (const example of examples) {
    const row: number[] = []
    const value: number[] = []
    const grams = example.keys.length - example.singles
    const part = { ruled: 0, named: 0, headed: 0, singles: 0 }
    for (const [i, key] of example.keys.entries()) {
      const id = ids.get(key)
      if (id === undefined) continue
      row.push(id)
      value.push(example.values[i] ?? 0)
      if (i < example.ruled) part.ruled++
      if (i < example.named) part.named++
      if (i < example.headed) part.headed++
      if (i >= grams) part.singles++
    }
    rows.push(Int32Array.from(row))
    values.push(Float32Array.from(value))
    parts.push(part)
    yield
  }
  const keys = [...ids.keys()]
  return { keys, texts: keys.map((key) => texts.get(key) ?? 0), rows, values, parts }
}

interface Row {
  ids: Int32Array
  values: Float32Array
}

/** What an output goes by of a row. */
function partOf({ rows, values, parts }: Matrix, row: number, { goesBy, isBesideRules }: View): Row {
  const [ids, of] = [rows[row] ?? new Int32Array(), values[row] ?? new Float32Array()]
  const { ruled, named, headed, singles } = parts[row] ?? { ruled: 0, named: 0, headed: 0, singles: 0 }
  const grams = ids.length - singles
  if (goesBy === 'tone') return { ids: ids.subarray(headed), values: of.subarray(headed) }
  if (goesBy === undefined) {
    const first = isBesideRules ? ruled : 0
    return { ids: ids.subarray(first, grams), values: of.subarray(first, grams) }
  }
  const isWanted = (_: number, i: number) => i < named || i >= headed
  return { ids: ids.filter(isWanted), values: of.filter(isWanted) }
}

interface Problem {
  matrix: Matrix
  examples: readonly Example[]
  wanted: View
  /** Weights to continue from, by id: they become the solution. Without them it begins at zero. */
  start?: Float64Array
  bias?: number
}

interface Solution {
  weight: Float64Array
  bias: number
}

function* solve(
  { matrix, examples, wanted, start, bias: startBias = 0 }: Problem,
  known: readonly number[],
): Generator<undefined, Solution> {
  const size = matrix.keys.length
  const weight = start ?? new Float64Array(size)
  let bias = startBias
  const count = known.length
  const dual = new Float64Array(count)
  const soft = new Float64Array(count)
  const length = new Float64Array(count)
  const texts = known.flatMap((row) => {
    const example = examples[row]
    if (!example) return []
    const weight = example.weight * (isOther(example, wanted) ? OTHERS : 1)
    return [{ ...partOf(matrix, row, wanted), isTrue: isTrueOf(example, wanted), weight }]
  })
  // Weights that are continued have their ratios in them already, and a few texts would give no others.
  const factor = isTone(wanted) && !start ? ratios(texts, size) : undefined
  if (factor) {
    for (const text of texts)
      text.values = normed(text.values.map((value, k) => value * (factor[text.ids[k] ?? 0] ?? 0)))
  }
  yield
  for (const [i, { values, isTrue, weight }] of texts.entries()) {
    const cost = wanted.cost * weight * (isTrue ? wanted.positive : 1)
    soft[i] = 1 / (2 * cost)
    // A bias is a value of 1 that every text has.
    let sum = isTone(wanted) ? 0 : 1
    for (const v of values) sum += v * v
    length[i] = sum + (soft[i] ?? 0)
  }
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  const restUntil = new Uint8Array(count)
  const random = createRandom()
  for (let round = 0; round < MOST_ROUNDS; round++) {
    for (let i = count - 1; i > 0; i--) {
      const j = random(i + 1)
      const swap = order[i] ?? 0
      order[i] = order[j] ?? 0
      order[j] = swap
    }
    let moved = 0
    let work = 0
    for (const i of order) {
      if ((restUntil[i] ?? 0) > round) continue
      const { ids, values, isTrue } = texts[i] ?? { ids: [], values: [], isTrue: false }
      const y = isTrue ? 1 : -1
      work += ids.length
      if (work > RESTS_AFTER_WORK) {
        work = 0
        yield
      }
      let margin = bias
      for (let k = 0; k < ids.length; k++) margin += (weight[ids[k] ?? 0] ?? 0) * (values[k] ?? 0)
      const old = dual[i] ?? 0
      const next = Math.max(0, old - (y * margin - 1 + old * (soft[i] ?? 0)) / (length[i] ?? 1))
      const step = (next - old) * y
      if (Math.abs(step) < 1e-6) {
        // Far on its right side: it will hardly move in the next rounds.
        if (old === 0) restUntil[i] = round + REST_ROUNDS
        continue
      }
      moved++
      dual[i] = next
      for (let k = 0; k < ids.length; k++) {
        const id = ids[k] ?? 0
        weight[id] = (weight[id] ?? 0) + step * (values[k] ?? 0)
      }
      if (!isTone(wanted)) bias += step
    }
    if (moved < count * SETTLED) break
  }
  if (factor) {
    for (let id = 0; id < size; id++) weight[id] = (weight[id] ?? 0) * (factor[id] ?? 0)
  }
  return { weight, bias }
}

function marginOf({ weight, bias }: Solution, matrix: Matrix, row: number): number {
  let margin = bias
  const ids = matrix.rows[row] ?? new Int32Array()
  const values = matrix.values[row] ?? new Float32Array()
  for (let k = 0; k < ids.length; k++) margin += (weight[ids[k] ?? 0] ?? 0) * (values[k] ?? 0)
  return margin
}

function normed(values: Float32Array): Float32Array {
  let sum = 0
  for (const value of values) sum += value * value
  const length = Math.sqrt(sum) || 1
  return values.map((value) => value / length)
}

/** |log| of how much more often a key stands in texts of one class than of the other, smoothed by one. */
function ratios(texts: readonly (Row & { isTrue: boolean; weight: number })[], size: number): Float64Array {
  const yes = new Float64Array(size).fill(1)
  const no = new Float64Array(size).fill(1)
  for (const { ids, isTrue, weight } of texts) {
    const counts = isTrue ? yes : no
    for (const id of ids) counts[id] = (counts[id] ?? 0) + weight
  }
  const total = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0)
  const balance = Math.log(total(yes) / total(no))
  return yes.map((count, id) => Math.abs(Math.log(count / (no[id] ?? 1)) - balance))
}

type Sigmoid = Pick<ModelOutput, 'slope' | 'offset'>

/**
 * Platt's sigmoid by Newton's method with backtracking (Lin, Lin & Weng 2007). The slope is negative: a larger margin
 * means a more probable yes.
 */
function sigmoidOf(rows: readonly { margin: number; isTrue: boolean; weight: number }[]): Sigmoid {
  const count = (isTrue: boolean) =>
    rows.reduce((sum, row) => (row.isTrue === isTrue ? sum + row.weight : sum), 0)
  const [yes, no] = [count(true), count(false)]
  const high = (yes + 1) / (yes + 2)
  const low = 1 / (no + 2)
  // −log likelihood of one text, written so that neither branch overflows.
  const lossAt = (slope: number, offset: number) => {
    let loss = 0
    for (const { margin, isTrue, weight } of rows) {
      const x = slope * margin + offset
      const t = isTrue ? high : low
      loss += weight * (x >= 0 ? t * x + Math.log1p(Math.exp(-x)) : (t - 1) * x + Math.log1p(Math.exp(x)))
    }
    return loss
  }
  let slope = 0
  let offset = Math.log((no + 1) / (yes + 1))
  let loss = lossAt(slope, offset)
  for (let round = 0; round < 100; round++) {
    let [gs, go, hss, hso, hoo] = [0, 0, 1e-9, 0, 1e-9]
    for (const { margin, isTrue, weight } of rows) {
      const p = 1 / (1 + Math.exp(slope * margin + offset))
      const miss = weight * ((isTrue ? high : low) - p)
      const curve = weight * p * (1 - p)
      gs += miss * margin
      go += miss
      hss += curve * margin * margin
      hso += curve * margin
      hoo += curve
    }
    const det = hss * hoo - hso * hso
    const ds = -(hoo * gs - hso * go) / det
    const dof = -(hss * go - hso * gs) / det
    const fall = gs * ds + go * dof
    let step = 1
    while (step > 1e-10 && lossAt(slope + step * ds, offset + step * dof) > loss + 1e-4 * step * fall)
      step /= 2
    slope += step * ds
    offset += step * dof
    loss = lossAt(slope, offset)
    if (Math.abs(gs) + Math.abs(go) < 1e-5) break
  }
  return { slope, offset }
}

function foldOf(group: string): number {
  let hash = 0x811c_9dc5
  for (let i = 0; i < group.length; i++) hash = Math.imul(hash ^ group.charCodeAt(i), 0x0100_0193)
  return (hash >>> 8) % FOLDS
}

/** Numerical Recipes' linear congruential generator: order of the rounds only. */
function createRandom(): (below: number) => number {
  let state = 1
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}
