import type { ScoringPolicy } from '../policy/scoring.ts'
import { byLog, rounded, saturating } from './scale.ts'
import { complainants, families, total, type Weighed, withoutReposts } from './signal.ts'

/**
 * Confidence 置信度: how far the evidence carries the numbers; it never changes them.
 *
 *   confidence = 0.4 amount + 0.35 voices + 0.25 certainty
 *   amount    = 1 − e^(−Σ weight ÷ 4)
 *   voices    = ln(1 + families + complainants) ÷ ln(1 + 6)
 *   certainty = mean of 1 for a confirmed link and of its strength for a proposed one, by weight
 *
 * Fewer than 1.2 items or 2 voices are «insufficient data»: said so, and never above level IV without a hard rule.
 * Example: two fresh proposed complaints of two people, strength 0.8: amount 1 − e^(−1.4 ÷ 4) = 0.295; voices ln 3 ÷ ln 7
 * = 0.565; certainty 0.8; confidence 0.516.
 */
export function confidenceOf(
  evidence: readonly Weighed[],
  policy: ScoringPolicy['confidence'],
): { confidence: number; dataState: 'sufficient' | 'insufficient' } {
  const pieces = withoutReposts(evidence)
  const items = total(pieces, (piece) => piece.weight)
  const voices = families(evidence).size + complainants(evidence).size
  const certain = total(pieces, (piece) => piece.weight * (piece.state === 'confirmed' ? 1 : piece.strength))
  const { weights } = policy
  const confidence =
    weights.amount * saturating(items, policy.amountScale) +
    weights.voices * byLog(voices, policy.voicesForFull) +
    weights.certainty * (items > 0 ? certain / items : 0)
  const isSufficient = items >= policy.sufficientItems && voices >= policy.sufficientVoices
  return { confidence: rounded(confidence), dataState: isSufficient ? 'sufficient' : 'insufficient' }
}
