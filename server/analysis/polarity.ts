/**
 * The text's own tone from the lexicon of the trade. Sentiment is 0 (bad) … 1 (good): the logistic of the balance
 *   (positive − negative) / √(hits + 1)
 * where a negated word counts for the other side at half weight, words in the title count twice, and a risk that was
 * found counts as bad news by its score. Example: 投诉 and 漏水 beside a DE5 signal of 0.8 give
 * (0 − 2 − 1.6) / √3 = −2.1 → 0.11, negative.
 */
import { z } from 'zod'
import type { EngineSets, RiskMatch } from './match.ts'
import type { Reading } from './reading.ts'

export const Polarity = z.enum(['negative', 'neutral', 'positive'])
export type Polarity = z.output<typeof Polarity>

export interface Tone {
  polarity: Polarity
  /** 0 bad … 1 good. */
  sentiment: number
}

const TITLE_FACTOR = 2
const NEGATED_FACTOR = 0.5
const RISK_FACTOR = 2
/** Sentiment up to which a text is negative, and from which on it is positive. */
const NEGATIVE_UP_TO = 0.4
const POSITIVE_FROM = 0.62

export function readPolarity(
  engine: EngineSets,
  reading: Reading,
  negated: ReadonlySet<number>,
  risks: readonly RiskMatch[],
): Tone {
  let bad = 0
  let good = 0
  let hits = 0
  const weigh = (hit: number, isBad: boolean) => {
    const factor = (reading.end[hit] ?? 0) <= reading.titleUnits ? TITLE_FACTOR : 1
    const isNegated = negated.has(reading.start[hit] ?? 0)
    const weight = isNegated ? factor * NEGATED_FACTOR : factor
    if (isBad !== isNegated) bad += weight
    else good += weight
    hits++
  }
  for (const hit of reading.hitsOf(engine.negative)) weigh(hit, true)
  for (const hit of reading.hitsOf(engine.positive)) weigh(hit, false)
  bad += RISK_FACTOR * Math.max(0, ...risks.map((risk) => risk.score))
  const sentiment = Math.round(1000 / (1 + Math.exp((bad - good) / Math.sqrt(hits + 1)))) / 1000
  return {
    polarity: sentiment <= NEGATIVE_UP_TO ? 'negative' : sentiment >= POSITIVE_FROM ? 'positive' : 'neutral',
    sentiment,
  }
}
