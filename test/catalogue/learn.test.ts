import { expect, test } from 'vitest'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { createAnalyser } from '../../server/analysis/analyser.ts'
import { readModel, weightsOf } from '../../server/analysis/model.ts'
import { runThrough } from '../../server/analysis/train.ts'
import { answersOf, createLearner, type JudgedText } from '../../server/catalogue/learn.ts'

const { weights: base = new Uint8Array(), ...catalogue } = loadCatalogue('risk-catalog')
const texts = catalogue.risks.flatMap(({ examples }) => examples.hits.map((text) => ({ title: '', text })))

function retrained(judged: readonly JudgedText[]) {
  const learner = createLearner(catalogue, base)
  for (const text of judged) learner.learn(text)
  return runThrough(learner.train())
}
const labelsBy = (weights: Uint8Array) => {
  const { analyse } = createAnalyser({ ...catalogue, weights })
  return texts.map((text) => analyse(text).labels)
}
const before = labelsBy(base)
/** A label that no rule is nearly certain of: the model may take it back. */
const { analyse } = createAnalyser({ ...catalogue, weights: base })
const wrong = texts
  .flatMap((text, at) => analyse(text).signals.map(({ risk, score }) => ({ at, risk, score })))
  .find(({ score }) => score >= 0.5 && score < 0.8) ?? { at: -1, risk: '' }
const rejected: JudgedText = {
  title: '',
  text: texts[wrong.at]?.text ?? '',
  verdicts: [{ risk: wrong.risk, state: 'rejected' }],
}

test('a rejected find is no label any more, and other texts keep theirs', () => {
  expect(before[wrong.at]).toContain(wrong.risk)
  const after = labelsBy(retrained([rejected]).weights)
  expect(after[wrong.at]).not.toContain(wrong.risk)
  const changed = after.filter((labels, at) => at !== wrong.at && String(labels) !== String(before[at]))
  expect(changed.length).toBeLessThanOrEqual(texts.length / 100)
})

test('equal verdicts give equal bytes, and none the model as it was', () => {
  const once = retrained([rejected])
  const again = retrained([rejected])
  expect(again.version).toBe(once.version)
  expect(Buffer.compare(again.weights, once.weights)).toBe(0)
  expect(Buffer.compare(retrained([]).weights, base)).toBe(0)
})

test('outputs that no verdict speaks about are copied to the last bit', () => {
  const weightsIn = (bytes: Uint8Array) => {
    const model = readModel(bytes)
    const learnt = model.outputs.findIndex(({ name }) => name === `risk:${wrong.risk}`)
    return [...model.keys.entries()]
      .map(
        ([entry, key]) => [key, weightsOf(model, entry).filter(({ output }) => output !== learnt)] as const,
      )
      .filter(([, of]) => of.length > 0)
  }
  expect(JSON.stringify(weightsIn(retrained([rejected]).weights)) === JSON.stringify(weightsIn(base))).toBe(
    true,
  )
})

test('a risk that the model never learnt stays with its rules, whatever people judged', () => {
  const verdicts = [{ risk: 'XX9', state: 'confirmed' as const }]
  const { weights } = retrained([{ title: '', text: '外墙渗水', verdicts }])
  expect(readModel(weights).outputs.map(({ name }) => name)).toEqual(
    readModel(base).outputs.map(({ name }) => name),
  )
})

test('verdicts become answers: confirmed says any risk, rejected only its own, a tone all three', () => {
  const of = (judged: Parameters<typeof answersOf>[0]) => Object.fromEntries(answersOf(judged).answers)
  expect(of({ verdicts: [{ risk: 'DE5', state: 'rejected' }] })).toEqual({ 'risk:DE5': false })
  expect(of({ verdicts: [{ risk: 'DE5', state: 'confirmed' }] })).toEqual({ 'risk:DE5': true, any: true })
  // Rejected for one project and confirmed for another: it is that risk.
  const both = [
    { risk: 'DE5', state: 'confirmed' as const },
    { risk: 'DE5', state: 'rejected' as const },
  ]
  expect(answersOf({ verdicts: both })).toMatchObject({ count: 1 })
  expect(of({ verdicts: both })).toEqual({ 'risk:DE5': true, any: true })
  const tone = { 'polarity:negative': false, 'polarity:neutral': false, 'polarity:positive': true }
  expect(of({ verdicts: [], polarity: 'positive' })).toEqual({ ...tone, sentiment: true })
  expect(of({ verdicts: [], polarity: 'neutral' })).not.toHaveProperty('sentiment')
})
