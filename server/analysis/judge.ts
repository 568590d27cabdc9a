/**
 * From what the rules found and what the linear model thinks to the risks of a text.
 *
 * The model has the last word below CERTAIN, because it has seen which rules mislead where; from CERTAIN on the rules win:
 * the crisis group can read and edit them. A text that the model takes for no risk at all shows none below CERTAIN
 * (`GATE`), and one that it takes for some risk shows the likeliest even when none is sure alone (`LEAD`).
 */
import type { RiskMatch, RuleReading } from './match.ts'
import { type Model, probabilityOf } from './model.ts'

/** A risk becomes a label from this score on; weaker signals are kept as hints. */
export const LABEL_SCORE = 0.5

/** Rules that are this sure together need no second opinion. */
const CERTAIN = 0.93
/** The model's probability at which a label is as often right as wrong for F1: it becomes LABEL_SCORE. */
const EVEN = 0.25
const GATE = 0.19
/** Of «any risk»: from here on the likeliest risk is shown. */
const LEAD = 0.45
const LEAST_LEAD = 0.1
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

/** Risks with their scores, strongest first. @param margins of the model's outputs */
export function judgeRisks(
  model: Model,
  margins: Float64Array,
  { isNoise, matches }: Pick<RuleReading, 'isNoise' | 'matches'>,
): Judgement[] {
  const byRisk = new Map(matches.map((match) => [match.risk, match]))
  const found: Judgement[] = []
  let any = 1
  for (const [at, output] of model.outputs.entries()) {
    if (output.name === ANY_RISK) any = probabilityOf(output, margins[at] ?? 0)
  }
  for (const [at, output] of model.outputs.entries()) {
    if (!output.name.startsWith('risk:')) continue
    const risk = output.name.slice('risk:'.length)
    const match = byRisk.get(risk)
    byRisk.delete(risk)
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
  for (const match of byRisk.values()) {
    if (!model.outputs.some(({ name }) => name === `risk:${match.risk}`))
      found.push({ ...match, output: undefined })
  }
  found.sort((a, b) => b.score - a.score || (a.risk < b.risk ? -1 : 1))
  const [best] = found
  if (best && best.score < LABEL_SCORE && any >= LEAD && best.score >= scaled(LEAST_LEAD))
    best.score = LABEL_SCORE
  return found.map((judgement) => ({ ...judgement, score: Math.round(judgement.score * 1000) / 1000 }))
}

/** Bends probabilities so that EVEN becomes LABEL_SCORE, 0 stays 0 and 1 stays 1. */
function scaled(probability: number): number {
  return probability < EVEN
    ? (probability / EVEN) * LABEL_SCORE
    : LABEL_SCORE + ((probability - EVEN) / (1 - EVEN)) * (1 - LABEL_SCORE)
}

/** The likeliest of the outputs named `<prefix><answer>`, or undefined when the model has none. */
export function likeliest(model: Model, margins: Float64Array, prefix: string): string | undefined {
  let best: string | undefined
  let most = -1
  for (const [at, output] of model.outputs.entries()) {
    if (!output.name.startsWith(prefix)) continue
    const probability = probabilityOf(output, margins[at] ?? 0)
    if (probability > most) {
      most = probability
      best = output.name.slice(prefix.length)
    }
  }
  return best
}
