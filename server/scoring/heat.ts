import type { ScoringPolicy } from '../policy/scoring.ts'
import { byLog, growth, hoursSince } from './scale.ts'
import { mentionsIn, total, type Weighed } from './signal.ts'

/**
 * Heat 热度: how much attention a cell gets in the media now (S2-2.3.3). Attention only: whether it is true, or bad, are
 * other numbers. Each term is brought to 0–1 first, then weighed; on unscaled terms the largest weight does not lead.
 *
 *   heat = 0.5 breadth + 0.3 momentum + 0.2 persistence
 *   breadth     = ln(1 + Σ tier × freshness over families) ÷ ln(1 + 8)
 *   momentum    = (recent − before) ÷ (recent + before + floor) over 72 h; 0 below the floor of 3 texts
 *   persistence = different hours of the last 24 with a text ÷ 8
 *
 * Source: the families and floors answer failures measured on other monitors (feeds counted as sources; the second
 * post of a quiet day taken for a doubling).
 * Example: fresh texts of a portal (0.7) and a local paper (0.6), 4 texts in 72 h, 1 before, seen in 2 hours:
 * breadth ln 2.3 ÷ ln 9 = 0.379; momentum 3 ÷ 8 = 0.375; persistence 0.25; heat 0.352.
 */
export interface Heat {
  heat: number
  breadth: number
  momentum: number
  persistence: number
  families: number
}

const HOUR_MS = 3_600_000

export function heatOf(evidence: readonly Weighed[], policy: ScoringPolicy['heat'], now: Date): Heat {
  const mentions = mentionsIn(evidence)
  const voices = new Map<string, number>()
  for (const mention of mentions) {
    const loudness = policy.tierWeight[mention.tier] * mention.freshness
    voices.set(mention.family, Math.max(loudness, voices.get(mention.family) ?? 0))
  }
  const breadth = byLog(
    total(voices.values(), (loudness) => loudness),
    policy.familiesForFull,
  )
  const ages = mentions.map((mention) => hoursSince(mention.occurredAt, now))
  const window = policy.momentumWindowHours
  const recent = ages.filter((age) => age < window).length
  const before = ages.filter((age) => age >= window && age < 2 * window).length
  const momentum = growth(recent, before, policy.momentumFloor)
  const hours = new Set(
    mentions
      .filter((mention) => hoursSince(mention.occurredAt, now) < 24)
      .map((mention) => Math.floor(mention.occurredAt.getTime() / HOUR_MS)),
  )
  const persistence = Math.min(1, hours.size / policy.hoursForFull)
  const { weights } = policy
  return {
    heat: weights.breadth * breadth + weights.momentum * momentum + weights.persistence * persistence,
    breadth,
    momentum,
    persistence,
    families: voices.size,
  }
}
