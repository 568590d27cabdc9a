/**
 * From what the rules found and what the linear model thinks to the risks of a text.
 *
 * The model has the last word below CERTAIN, because it has seen which rules mislead where; from CERTAIN on the rules win:
 * the crisis group can read and edit them. A text that the model takes for no risk at all shows none below CERTAIN
 * (`GATE`), and one that it takes for some risk shows the likeliest even when none is sure alone (`LEAD`).
 *
 * Sentiment is asked of the output that knows the text's kind, because people praise and blame in other words in each.
 */
import type { RiskMatch, RuleReading } from './match.ts'
import { type Model, type ModelOutput, probabilityOf } from './model.ts'

/** A risk becomes a label from this score on; weaker signals are kept as hints. */
export const LABEL_SCORE = 0.5

/** Rules that are this sure together need no second opinion. */
const CERTAIN = 0.93
/** The model's probability at which a label is as often right as wrong for F1: it becomes LABEL_SCORE. */
const EVEN = 0.25
const GATE = 0.06
/** Of «any risk»: from here on the likeliest risk is shown, if it is a hint at all. */
const LEAD = 0.35
/** Hints below this say nothing. */
const LEAST_HINT = 0.2

/** Name of the output «does the text show any risk at all». */
export const ANY_RISK = 'any'
/** What stands for a rule on a signal that only the model saw. */
const MODEL_RULE = 'model'
export type ModelRule = typeof MODEL_RULE

export interface Judgement extends RiskMatch {
  /** Number of the model's output when no rule matched: its parts explain the signal. */
  output: number | undefined
}

/** Judges risks by a model: those of a text with their scores, strongest first. */
export function createRiskJudge(
  model: Model,
): (margins: Float64Array, reading: Pick<RuleReading, 'isNoise' | 'matches'>) => Judgement[] {
  const risks = answersOf(model, 'risk:')
  const learnt = new Set(risks.map(({ answer }) => answer))
  const any = named(model, ANY_RISK)
  return (margins, reading) => judgeRisks({ risks, learnt, any }, margins, reading)
}

function judgeRisks(
  {
    risks,
    learnt,
    any: anyRisk,
  }: { risks: Answers; learnt: ReadonlySet<string>; any: Answers[number] | undefined },
  margins: Float64Array,
  { isNoise, matches }: Pick<RuleReading, 'isNoise' | 'matches'>,
): Judgement[] {
  const byRisk = new Map(matches.map((match) => [match.risk, match]))
  const found: Judgement[] = []
  const any = anyRisk ? probabilityOf(anyRisk.output, margins[anyRisk.at] ?? 0) : 1
  for (const { answer: risk, at, output } of risks) {
    const match = byRisk.get(risk)
    const probability = probabilityOf(output, margins[at] ?? 0)
    const sure = match && !isNoise && match.score >= CERTAIN ? match.score : 0
    const score = Math.max(
      sure,
      any < GATE ? Math.min(scaled(probability), LABEL_SCORE - 0.01) : scaled(probability),
    )
    if (score < LEAST_HINT) continue
    found.push(
      match
        ? { ...match, score, output: undefined }
        : { risk, score, rule: MODEL_RULE, redLine: false, hits: [], output: at },
    )
  }
  // A risk that was added after the model was trained: its rules speak alone.
  for (const match of byRisk.values())
    if (!learnt.has(match.risk)) found.push({ ...match, output: undefined })
  found.sort((a, b) => b.score - a.score || (a.risk < b.risk ? -1 : 1))
  const [best] = found
  if (best && best.score < LABEL_SCORE && any >= LEAD) best.score = LABEL_SCORE
  return found.map((judgement) => ({ ...judgement, score: Math.round(judgement.score * 1000) / 1000 }))
}

/** Bends probabilities so that EVEN becomes LABEL_SCORE, 0 stays 0 and 1 stays 1. */
function scaled(probability: number): number {
  return probability < EVEN
    ? (probability / EVEN) * LABEL_SCORE
    : LABEL_SCORE + ((probability - EVEN) / (1 - EVEN)) * (1 - LABEL_SCORE)
}

/** Outputs of one question, with the answer that each stands for. */
type Answers = readonly { answer: string; at: number; output: ModelOutput }[]

/** The outputs named `<prefix><answer>`. */
export function answersOf({ outputs }: Model, prefix: string): Answers {
  return outputs.flatMap((output, at) =>
    output.name.startsWith(prefix) ? [{ answer: output.name.slice(prefix.length), at, output }] : [],
  )
}

const named = (model: Model, name: string) =>
  answersOf(model, name).find(({ output }) => output.name === name)

/** The answer that is likeliest, or undefined when the model has none. */
export function likeliest(answers: Answers, margins: Float64Array): string | undefined {
  let best: string | undefined
  let most = -1
  for (const { answer, at, output } of answers) {
    const probability = probabilityOf(output, margins[at] ?? 0)
    if (probability > most) {
      most = probability
      best = answer
    }
  }
  return best
}

/** Kinds of text: letters and news of our trade, reviews, posts of a microblog. */
export const textKinds = ['trade', 'review', 'post'] as const

/** Name of the answer «is it good», and of the output for every text whose kind has no output of its own. */
export const SENTIMENT = 'sentiment'
export const sentiments = [
  { name: SENTIMENT, kind: 'review' },
  { name: `${SENTIMENT}:post`, kind: 'post' },
] as const satisfies readonly { name: string; kind: (typeof textKinds)[number] }[]

export const isSentiment = ({ name }: { name: string }) => sentiments.some((one) => one.name === name)

/**
 * Reads a sentiment, 0 bad … 1 good, out of a text's margins by the output for its likeliest kind. In our trade the
 * polarities say it, from 0.5 for a neutral text: they have learnt from nothing but its texts. It reads undefined when the
 * model has no sentiment.
 *
 * @param scoreSentiments writes the margins of the sentiments: asked only of texts of other kinds, because it looks up every
 * n-gram once more
 */
export function createSentimentJudge(
  model: Model,
  scoreSentiments: (margins: Float64Array) => void,
): (margins: Float64Array) => number | undefined {
  const kinds = answersOf(model, 'kind:')
  const general = named(model, SENTIMENT)
  const ofKind = new Map(sentiments.map(({ name, kind }) => [String(kind), named(model, name)]))
  const good = named(model, 'polarity:positive')
  const bad = named(model, 'polarity:negative')
  return (margins) => {
    const probability = ({ at, output }: Answers[number]) => probabilityOf(output, margins[at] ?? 0)
    const kind = likeliest(kinds, margins) ?? ''
    if (kind === 'trade' && good && bad) return (1 + probability(good) - probability(bad)) / 2
    const output = ofKind.get(kind) ?? general
    if (!output) return undefined
    scoreSentiments(margins)
    return probability(output)
  }
}
