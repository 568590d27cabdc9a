import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFeatures, keyOf } from '../../server/analysis/features.ts'
import { createRiskJudge, LABEL_SCORE } from '../../server/analysis/judge.ts'
import {
  createScorer,
  type Model,
  type ModelWeights,
  probabilityOf,
  readModel,
  weightsOf,
  writeModel,
} from '../../server/analysis/model.ts'
import {
  continueModel,
  type Example,
  type OutputPlan,
  runThrough,
  trainModel,
} from '../../server/analysis/train.ts'

const written = (weights: ModelWeights) => runThrough(writeModel(weights))
const byKey = (model: Model, output: number) =>
  new Map(
    [...model.keys].flatMap((key, entry) =>
      weightsOf(model, entry).flatMap((of) => (of.output === output ? [[key, of.weight] as const] : [])),
    ),
  )

const output = (name: string) => ({ name, bias: 0, scale: 1, slope: -1, offset: 0 })
const bytes = written({
  outputs: [output('risk:DE5'), output('any')],
  weights: new Map([
    [7, [{ output: 0, weight: 1 }]],
    [
      -9,
      [
        { output: 0, weight: -0.5 },
        { output: 1, weight: 0.25 },
      ],
    ],
    [11, [{ output: 1, weight: 0.001 }]],
  ]),
})

test('weights come back as they were written, to a level of 1/127, and what rounds to nothing is left out', () => {
  const model = readModel(bytes)
  expect([...byKey(model, 0)].sort()).toEqual(
    [
      [-9, -64 / 127 + 1 / 127],
      [7, 1],
    ].sort(),
  )
  expect(byKey(model, 1).get(-9)).toBeCloseTo(0.25, 2)
  expect(byKey(model, 1).has(11)).toBe(false)
})

test('no hash is the key of a single unit', () => {
  const han = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => String.fromCharCode(from + i))
  // Of these 62,464 pairs one hashes to sixteen zeros.
  const keys = han(0x4e00, 256).flatMap((a) => han(0x4e00, 244).map((b) => keyOf(a + b)))
  expect(keys.filter((key) => key >>> 16 === 0)).toEqual([])
})

test('a scorer adds the weight of each key once and explains only by its parts', () => {
  const features = createFeatures()
  features.key.set([7, 7, 12345])
  features.value.set([0.5, 0.5, 1])
  features.to.set([2, 2, 2])
  features.count = 3
  const scorer = createScorer(readModel(bytes))
  const margins = new Float64Array(2)
  scorer.score(features, margins)
  expect(margins[0]).toBeCloseTo(0.5)
  expect(margins[1]).toBe(0)
  expect(scorer.strongestParts(0, features, 3)).toEqual([{ from: 0, to: 2 }])
})

test('a scorer adds up what a plain sum over all weights does, however keys lie in its table', () => {
  const key = fc.integer({ min: 0x1_0000, max: 0x2_0000 })
  const weight = fc.record({
    output: fc.constantFrom(0, 1, 2),
    weight: fc.double({ min: -1, max: 1, noNaN: true }),
  })
  const weights = fc.uniqueArray(fc.tuple(key, fc.array(weight, { minLength: 1, maxLength: 5 })), {
    selector: ([of]) => of,
    minLength: 700,
    maxLength: 760,
  })
  fc.assert(
    fc.property(weights, fc.array(key, { maxLength: 800 }), fc.nat(), (known, others, seed) => {
      const model = readModel(written({ outputs: ['a', 'b', 'c'].map(output), weights: new Map(known) }))
      const asked = [...known.slice(seed % 700).map(([of]) => of), ...others]
      const features = createFeatures()
      features.key.set(asked)
      features.value.set(asked.map((of) => (of % 7) / 7))
      features.count = asked.length
      const sums = [0, 0, 0]
      const entryOf = new Map([...model.keys].map((of, entry) => [of, entry]))
      for (const of of new Set(asked)) {
        const entry = entryOf.get(of)
        if (entry === undefined) continue
        for (const one of weightsOf(model, entry))
          sums[one.output] = (sums[one.output] ?? 0) + one.weight * Math.fround((of % 7) / 7)
      }
      const margins = new Float64Array(3)
      createScorer(model).score(features, margins)
      for (const [at, sum] of sums.entries()) expect(margins[at]).toBeCloseTo(sum, 6)
    }),
    { numRuns: 30 },
  )
})

test('bytes that are cut off, without a head or with an unknown output are refused', () => {
  expect(() => readModel(bytes.subarray(0, bytes.length - 1))).toThrow('cut off')
  expect(() => readModel(new Uint8Array([1, 2, 3]))).toThrow('no head')
  const damaged = bytes.slice()
  damaged[damaged.length - 2] = 200
  expect(() => readModel(damaged)).toThrow('damaged')
})

const example = (key: number, isTrue: boolean, group: string): Example => ({
  keys: Int32Array.of(key, 99),
  values: Float32Array.of(1, 0.3),
  ruled: 0,
  named: 2,
  headed: 2,
  singles: 0,
  answers: new Map([['any', isTrue]]),
  weight: 1,
  group,
})
const examples = Array.from({ length: 60 }, (_, i) => example(i % 2 === 0 ? 1 : 2, i % 2 === 0, `g${i}`))
const plan: OutputPlan[] = [{ name: 'any', family: 'any', cost: 1, positive: 1 }]

test('equal texts give equal bytes, and the sigmoid says yes and no on the right sides', () => {
  const trained = trainModel(examples, plan)
  expect(trainModel(examples, plan)).toEqual(trained)
  const model = readModel(trained)
  const [any] = model.outputs
  if (!any) throw new Error('no output')
  const weights = byKey(model, 0)
  expect(any.slope).toBeLessThan(0)
  expect(probabilityOf(any, any.bias + (weights.get(1) ?? 0))).toBeGreaterThan(0.8)
  expect(probabilityOf(any, any.bias + (weights.get(2) ?? 0))).toBeLessThan(0.2)
})

test('continuing from a base learns the new key and keeps the sigmoid and what was learnt', () => {
  const base = readModel(trainModel(examples, plan))
  const more = Array.from({ length: 4 }, (_, i) => example(5, true, `m${i}`))
  const next = readModel(runThrough(continueModel(more, plan, base)))
  expect(byKey(next, 0).get(1)).toBeCloseTo(byKey(base, 0).get(1) ?? 0, 1)
  expect(byKey(next, 0).get(5)).toBeGreaterThan(0)
  expect(next.outputs[0]).toMatchObject({ slope: base.outputs[0]?.slope, offset: base.outputs[0]?.offset })
})

const good = (row: number) => row % 2 === 0
/** Named 1, first line 2, n-gram 3, unit 4, all of which stand in the good texts of a kind alone; 5 and 6 tell the kinds apart. */
const ofKind = (kind: 'review' | 'post', isGood: (row: number) => boolean): Example[] =>
  Array.from({ length: 40 }, (_, row) => {
    const keys = [...(isGood(row) ? [1, 2, 3] : []), kind === 'post' ? 5 : 6, ...(isGood(row) ? [4] : [])]
    return {
      keys: Int32Array.from(keys),
      values: Float32Array.from(keys, () => 1),
      ruled: 0,
      named: isGood(row) ? 1 : 0,
      headed: isGood(row) ? 2 : 0,
      singles: isGood(row) ? 1 : 0,
      answers: new Map([
        ['sentiment', good(row)],
        ['kind:post', kind === 'post'],
        ['kind:review', kind === 'review'],
      ]),
      weight: 1,
      group: `${kind}${row}`,
    }
  })
const learnt = (given: Partial<OutputPlan>, rows: readonly Example[]) => {
  const wanted = { name: 'sentiment', family: 'sentiment', cost: 1, positive: 1, ...given }
  return byKey(readModel(trainModel(rows, [wanted])), 0)
}

test('a tone goes by n-grams of the whole text and single units, a kind by these and names, others by all but units', () => {
  const rows = ofKind('review', good)
  const keys = (goesBy: OutputPlan['goesBy']) =>
    [...learnt(goesBy ? { goesBy } : {}, rows).keys()].filter((key) => key < 5)
  expect(keys('tone').sort()).toEqual([3, 4])
  expect(keys('kind').sort()).toEqual([1, 3, 4])
  expect(keys(undefined).sort()).toEqual([1, 2, 3])
})

test('a view beside the rules believes them less and the words more, and keeps the odds', () => {
  const rows = examples.map((one) => ({
    ...one,
    keys: Int32Array.of(one.keys[0] ?? 0, (one.keys[0] ?? 0) + 10),
    ruled: 1,
  }))
  const of = (besideRules: number) => {
    const model = readModel(trainModel(rows, [{ ...plan[0]!, besideRules }]))
    const [any] = model.outputs
    const [rule = 0, word = 0] = [1, 11].map((key) => byKey(model, 0).get(key))
    return { rule, word, probability: probabilityOf(any!, any!.bias + rule + 0.3 * word) }
  }
  const [alone, both] = [of(0), of(0.5)]
  expect(both.rule).toBeLessThan(0.8 * alone.rule)
  expect(both.word).toBeGreaterThan(1.2 * alone.word)
  expect(both.probability).toBeCloseTo(alone.probability, 1)
})

test('an expert believes its own kind where kinds differ, and others where it knows nothing itself', () => {
  // What praises in a review blames in a post.
  const rows = [...ofKind('review', good), ...ofKind('post', (row) => !good(row))]
  const of = (kind: string, given = rows) =>
    learnt({ goesBy: 'tone', learnsFrom: { answer: 'sentiment', kind: `kind:${kind}` } }, given).get(3) ?? 0
  expect(of('review')).toBeGreaterThan(0)
  expect(of('post')).toBeLessThan(0)
  expect(of('post', ofKind('review', good))).toBeGreaterThan(0)
})

const model = readModel(
  written({ outputs: [output('risk:DE5'), output('risk:DE3'), output('any')], weights: new Map() }),
)
const logit = (p: number) => Math.log(p / (1 - p))
const match = (risk: string, score: number) => ({ risk, score, rule: 'r', redLine: false, hits: [0] })
const judge = (
  p: readonly [number, number, number],
  matches: ReturnType<typeof match>[] = [],
  isNoise = false,
) => createRiskJudge(model)(Float64Array.from(p, logit), { isNoise, matches })

test('certain rules win over the model, unless the title is noise', () => {
  expect(judge([0.01, 0.01, 0.01], [match('DE5', 0.95)])).toMatchObject([
    { risk: 'DE5', score: 0.95, rule: 'r' },
  ])
  expect(judge([0.01, 0.01, 0.01], [match('DE5', 0.95)], true)).toEqual([])
})

test('the model has the last word below certainty', () => {
  expect(judge([0.02, 0.01, 0.5], [match('DE5', 0.8)])).toEqual([])
})

test('a text without any risk for the model shows hints at most', () => {
  expect(judge([0.9, 0.01, 0.05])).toMatchObject([{ risk: 'DE5', score: LABEL_SCORE - 0.01, rule: 'model' }])
})

test('a text with some risk for the model shows the likeliest', () => {
  expect(judge([0.2, 0.18, 0.6])).toMatchObject([
    { risk: 'DE5', score: LABEL_SCORE },
    { risk: 'DE3', score: 0.36 },
  ])
})

test('the rules of a risk that the model does not know speak alone', () => {
  expect(judge([0.01, 0.01, 0.01], [match('XX1', 0.6)])).toMatchObject([{ risk: 'XX1', score: 0.6 }])
})

test('scores stay between 0 and 1 and in order', () => {
  const p = fc.double({ min: 0.001, max: 0.999, noNaN: true })
  fc.assert(
    fc.property(fc.tuple(p, p, p), fc.double({ min: 0, max: 1, noNaN: true }), (margins, score) => {
      const scores = judge(margins, [match('DE5', score)]).map((one) => one.score)
      expect(scores).toEqual([...scores].sort((a, b) => b - a))
      for (const one of scores) expect(one >= 0 && one <= 1).toBe(true)
    }),
  )
})
