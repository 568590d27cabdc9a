/**
 * What the linear model learns from people: of every text that somebody judged
 *
 *   find confirmed    its risk: yes, any risk at all: yes
 *   find rejected     its risk: no; of other risks it says nothing
 *   tone corrected    each polarity: yes or no; sentiment: yes for a positive text, no for a negative one
 *                     (of every kind of text: nobody said which this one is; in the trade the polarities are the sentiment)
 *
 * and the weights in force are continued with that (analysis/train.ts). A verdict counts as two texts labelled with care:
 * it is about our own projects. What rules are nearly certain of stays a label all the same (analysis/judge.ts): such a rule
 * is narrowed by hand.
 *
 * A text stands for several projects: a find confirmed for one and rejected for another is that risk elsewhere, so it is
 * learnt as confirmed.
 */
import type { Catalogue } from '../../risk-catalog/load.ts'
import { createAnalyser } from '../analysis/analyser.ts'
import { ANY_RISK } from '../analysis/judge.ts'
import { readModel } from '../analysis/model.ts'
import { Polarity } from '../analysis/polarity.ts'
import { continueModel, type Example, exampleOf, planFor } from '../analysis/train.ts'

/**
 * With fewer verdicts one afternoon of one person would move the model of the whole group, and the comparison that follows
 * could not tell better from luck: 20 that all turn out right still leave 15 wrong in 100 possible (rule of three, 3 / 20).
 */
export const LEAST_VERDICTS = 20
const VERDICT_WEIGHT = 2

export interface JudgedText {
  title: string
  text: string
  verdicts: readonly { risk: string; state: 'confirmed' | 'rejected' }[]
  /** As corrected by a person. */
  polarity?: Polarity | undefined
}

/** What is known of a text, by output of the model, and how many verdicts say so. */
export function answersOf({ verdicts, polarity }: Pick<JudgedText, 'verdicts' | 'polarity'>) {
  const answers = new Map<string, boolean>()
  for (const { risk, state } of verdicts) {
    const name = `risk:${risk}`
    answers.set(name, state === 'confirmed' || answers.get(name) === true)
  }
  const count = answers.size + (polarity ? 1 : 0)
  if ([...answers.values()].includes(true)) answers.set(ANY_RISK, true)
  if (polarity) {
    for (const one of Polarity.options) answers.set(`polarity:${one}`, one === polarity)
    if (polarity !== 'neutral') answers.set('sentiment', polarity === 'positive')
  }
  return { answers, count }
}

export interface Learnt {
  /** Of the weights: equal ones have equal versions. */
  version: string
  weights: Uint8Array
}

/** Takes judged texts one after the other, then trains. Equal texts in equal order give equal bytes. @throws Error when the weights are no model */
export function createLearner(catalogue: Catalogue, base: Uint8Array) {
  // The rules and words of the catalogue that will be judged with; the weights have no say in what is seen of a text.
  const { featuresOf } = createAnalyser({
    risks: catalogue.risks,
    groups: catalogue.groups,
    version: catalogue.version,
  })
  const examples: Example[] = []
  return {
    learn(judged: JudgedText): void {
      const { answers } = answersOf(judged)
      examples.push(exampleOf(featuresOf(judged), { answers, weight: VERDICT_WEIGHT, group: '' }))
    },
    /** Rests now and then, so that a server can answer in between. */
    *train(): Generator<undefined, Learnt> {
      const plan = planFor(catalogue.risks.map(({ code }) => code))
      const weights = yield* continueModel(examples, plan, readModel(base))
      return { version: readModel(weights).version, weights }
    },
  }
}
