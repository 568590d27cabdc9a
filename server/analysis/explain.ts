/**
 * Why a text shows a risk, and why it nearly shows another: every rule that matched with its words, and of the others the
 * nearest with what kept them from matching.
 *
 * Whether a rule matches is asked of the engine itself, each rule put to it as a risk of its own; only the reason of a rule
 * that did not is worked out here. So an explanation can fall silent where the engine learns something new, but never
 * contradict it.
 *
 * Nearness is the cost of what is missing: a word that silences, negates or stands in the next sentence costs 1, a distance
 * 1 to 2 by how far it is over, a list without any word 2, and 2 more when only words of many rules (业主, 小区) were found.
 */
import type { Risk, Rule } from '../../risk-catalog/risk.ts'
import { engineSets, firstLine, type Term, termOf } from './analyser.ts'
import { LABEL_SCORE } from './judge.ts'
import {
  type CompiledRule,
  compileRules,
  type EngineSets,
  matchRules,
  mayMatch,
  negatedStarts,
} from './match.ts'
import { createReader, createVocabulary, type Reading } from './reading.ts'

export interface RuleSource {
  risks: readonly Risk[]
  groups: Readonly<Record<string, readonly string[]>>
}

export interface Text {
  title?: string | undefined
  text: string
}

/** One risk that the rules see in a text. */
export interface RiskHit {
  risk: string
  /** All its rules together, 0–1. */
  score: number
  redLine: boolean
  /** False: a hint too weak for a label. */
  isLabel: boolean
  /** Strongest first. */
  rules: { rule: string; weight: number; redLine: boolean; terms: Term[] }[]
}

/** One thing that keeps a rule from matching. */
export type Reason =
  /** No word of this list stands in the text; `words` are some of the `count`. */
  | { kind: 'missing'; words: readonly string[]; count: number }
  /** Characters between the words, where the rule allows `within`. */
  | { kind: 'too-far'; distance: number; within: number }
  | { kind: 'other-sentence' }
  | { kind: 'outside-title' }
  | { kind: 'negated'; by: Term }
  /** A word of the rule's exceptions, of the noise or of the denials stands beside them. */
  | { kind: 'silenced'; by: Term; list: 'not' | 'noise' | 'denial' }
  /** A word of the noise list in the title silences the whole text. */
  | { kind: 'noise-title'; by: Term }

export interface NearMiss {
  risk: string
  rule: string
  weight: number
  redLine: boolean
  /** The words that are there. */
  found: Term[]
  reasons: Reason[]
}

export interface Explanation {
  /** Strongest first. */
  risks: RiskHit[]
  /** Nearest first, at most NEAR_SHOWN. */
  near: NearMiss[]
}

const NEAR_SHOWN = 12
/** Dearer ones are no near misses. */
const NEAR_COST = 3
const WORDS_SHOWN = 6
/** A word that this many rules ask for says little by being there. */
const COMMON_WORD = 10
/** Word combinations looked at per rule: a text that repeats one word costs no more. */
const COMBINATIONS = 2_000

interface Side {
  whole: ReturnType<typeof compileRules>
  /** Every rule as a risk of its own. */
  single: ReturnType<typeof compileRules>
  rules: ReadonlyMap<string, { risk: string; rule: Rule }>
  engine: EngineSets
  /** Equal for catalogues that negate by the same words. */
  negation: string
}

const termAt = (hit: number, reading: Reading, original: string, bodyAt: number) =>
  termOf(reading.start[hit] ?? 0, reading.end[hit] ?? 0, reading, original, bodyAt)

const keyOf = (risk: string, rule: string) => `${risk} ${rule}`

function compileSide({ risks, groups }: RuleSource, vocabulary: ReturnType<typeof createVocabulary>): Side {
  const engine = engineSets(groups, vocabulary)
  const each = risks.flatMap((risk) =>
    risk.rules.map((rule) => ({ ...risk, code: keyOf(risk.code, rule.id), rules: [rule] })),
  )
  return {
    whole: compileRules(risks, engine, vocabulary),
    single: compileRules(each, engine, vocabulary),
    rules: new Map(
      risks.flatMap((risk) =>
        risk.rules.map((rule) => [keyOf(risk.code, rule.id), { risk: risk.code, rule }] as const),
      ),
    ),
    engine,
    negation: [engine.negation, engine['negation-filler'], engine['not-negation']].join(' '),
  }
}

/** One pass over a text for several catalogues: what the rules of each see, from the same reading. */
export function createRuleReader(sources: readonly RuleSource[]): (document: Text) => RiskHit[][] {
  const vocabulary = createVocabulary()
  const sides = sources.map((source) => compileSide(source, vocabulary))
  const read = createReader(vocabulary.build())
  return ({ title, text }) => {
    const original = title ? `${title}\n${text}` : text
    const reading = read(original, title ? title.length : firstLine(text))
    const bodyAt = title ? title.length + 1 : 0
    const termsOf = (hits: readonly number[]) => hits.map((hit) => termAt(hit, reading, original, bodyAt))
    // Two versions mostly share their negations: what one side found out serves the other.
    let known: { by: string; negated: ReadonlySet<number> } | undefined
    return sides.map((side) => {
      // Most texts hold no word that could make a rule in question match: nothing more is to be found out about them.
      if (!mayMatch(side.whole, reading)) return []
      const { negation, engine } = side
      known = known?.by === negation ? known : { by: negation, negated: negatedStarts(engine, reading) }
      return hitsOf(side, reading, known.negated, termsOf)
    })
  }
}

function hitsOf(
  side: Side,
  reading: Reading,
  negated: ReadonlySet<number>,
  termsOf: (hits: readonly number[]) => Term[],
): RiskHit[] {
  const { isNoise, matches } = matchRules(side.whole, reading, negated)
  if (isNoise || matches.length === 0) return []
  const byRisk = new Map<string, RiskHit['rules']>()
  for (const match of matchRules(side.single, reading, negated).matches) {
    const of = side.rules.get(match.risk)
    if (!of) continue
    const { id, weight, redLine } = of.rule
    const rules = byRisk.get(of.risk) ?? []
    rules.push({ rule: id, weight, redLine, terms: termsOf(match.hits) })
    byRisk.set(of.risk, rules)
  }
  return matches.map(({ risk, score, redLine }) => ({
    risk,
    score,
    redLine,
    isLabel: score >= LABEL_SCORE,
    rules: (byRisk.get(risk) ?? []).sort((a, b) => b.weight - a.weight || (a.rule < b.rule ? -1 : 1)),
  }))
}

/** Gives the explanation of one text after the other by the rules of one catalogue. */
export function createExplainer(source: RuleSource): (document: Text) => Explanation {
  const vocabulary = createVocabulary()
  const side = compileSide(source, vocabulary)
  const read = createReader(vocabulary.build())
  const compiled = side.single.all
  return ({ title, text }) => {
    const original = title ? `${title}\n${text}` : text
    const bodyAt = title ? title.length + 1 : 0
    const reading = read(original, title ? title.length : firstLine(text))
    const negated = negatedStarts(side.engine, reading)
    const asTerm = (hit: number) => termAt(hit, reading, original, bodyAt)
    const risks = hitsOf(side, reading, negated, (hits) => hits.map(asTerm))
    const users = new Map<number, number>()
    for (const { slots } of compiled)
      for (const set of slots)
        for (const hit of reading.hitsOf(set).slice(0, COMBINATIONS))
          users.set(hit, (users.get(hit) ?? 0) + 1)
    const matched = new Set(risks.flatMap(({ risk, rules }) => rules.map(({ rule }) => keyOf(risk, rule))))
    const labelled = new Set(risks.filter((hit) => hit.isLabel).map((hit) => hit.risk))
    const near = compiled
      .filter((rule) => !matched.has(rule.risk))
      .flatMap((candidate) => {
        const miss = whyNot(candidate, { engine: side.engine, reading, negated, users, asTerm })
        const of = side.rules.get(candidate.risk)
        if (!miss || !of) return []
        const cost = miss.cost + (labelled.has(of.risk) ? 1 : 0)
        const { id, weight, redLine } = of.rule
        return [
          {
            cost,
            miss: { risk: of.risk, rule: id, weight, redLine, found: miss.found, reasons: miss.reasons },
          },
        ]
      })
      .filter(({ cost }) => cost <= NEAR_COST)
      .sort(
        (a, b) =>
          a.cost - b.cost ||
          b.miss.weight - a.miss.weight ||
          (keyOf(a.miss.risk, a.miss.rule) < keyOf(b.miss.risk, b.miss.rule) ? -1 : 1),
      )
      .slice(0, NEAR_SHOWN)
      .map(({ miss }) => miss)
    return { risks, near }
  }
}

interface Around {
  engine: EngineSets
  reading: Reading
  negated: ReadonlySet<number>
  /** How many rules ask for the word of a hit. */
  users: ReadonlyMap<number, number>
  asTerm: (hit: number) => Term
}

interface Miss {
  cost: number
  found: Term[]
  reasons: Reason[]
}

/** Undefined: not one word of it is there, or what is there is too common to tell anything. */
function whyNot(candidate: CompiledRule, around: Around): Miss | undefined {
  const { rule, slots } = candidate
  const { reading, users, asTerm, engine } = around
  const hits = slots.map((set) => reading.hitsOf(set))
  const filled = slots.filter((_, slot) => (hits[slot]?.length ?? 0) > 0)
  if (filled.length === 0) return undefined
  const isCommon = hits.every((list) => list.every((hit) => (users.get(hit) ?? COMMON_WORD) >= COMMON_WORD))
  const titleNoise = reading.hitsOf(engine.noise).find((hit) => (reading.end[hit] ?? 0) <= reading.titleUnits)
  const muted: Reason[] = titleNoise === undefined ? [] : [{ kind: 'noise-title', by: asTerm(titleNoise) }]
  if (filled.length < slots.length) {
    const missing = slots.flatMap((_, slot): Reason[] => {
      if ((hits[slot]?.length ?? 0) > 0) return []
      const words = rule.all[slot] ?? []
      return [{ kind: 'missing', words: words.slice(0, WORDS_SHOWN), count: words.length }]
    })
    const found = hits.flatMap(([first]) => (first === undefined ? [] : [asTerm(first)]))
    // The more of it is there the nearer: two of three lists before one of two.
    const cost = 2 * missing.length + (isCommon ? 2 : 0) - filled.length / 10 + muted.length / 2
    return { cost, found, reasons: [...missing, ...muted] }
  }
  const best = nearest(candidate, around)
  if (!best) return undefined
  const reasons = [...best.reasons, ...muted]
  if (reasons.length === 0) return undefined
  return { cost: best.cost + muted.length / 2, found: best.hits.map(asTerm), reasons }
}

interface Combination {
  cost: number
  hits: readonly number[]
  reasons: Reason[]
}

/** Of all combinations of one word per list, the one that is kept from matching by the least. */
function nearest(candidate: CompiledRule, around: Around): Combination | undefined {
  const { rule, slots } = candidate
  const { reading, negated } = around
  const { start, end, titleUnits } = reading
  const isInTitle = (hit: number) => (end[hit] ?? 0) <= titleUnits
  const isNegated = (hit: number) => rule.negatable && negated.has(start[hit] ?? 0)
  // A nearer word that is negated or outside the title would hide the one behind it, so these are looked at without.
  const passes: ((hit: number) => boolean)[] = [
    () => true,
    (hit) => !isNegated(hit),
    ...(rule.scope === 'title' ? [isInTitle] : []),
  ]
  let best: Combination | undefined
  for (const passed of passes) {
    const events = slots.flatMap((set, slot) =>
      reading
        .hitsOf(set)
        .slice(0, COMBINATIONS)
        .filter(passed)
        .map((hit) => ({ slot, hit })),
    )
    events.sort((a, b) => (start[a.hit] ?? 0) - (start[b.hit] ?? 0) || a.hit - b.hit)
    const latest: number[] = slots.map(() => -1)
    for (const { slot, hit } of events) {
      latest[slot] = hit
      if (latest.includes(-1)) continue
      const weighed = weigh(candidate, latest, around)
      if (!best || weighed.cost < best.cost) best = weighed
      if (best.cost === 0) return best
    }
  }
  return best
}

function weigh({ rule, not }: CompiledRule, hits: readonly number[], around: Around): Combination {
  const { engine, reading, negated, asTerm } = around
  const { start, end, sentence, titleUnits } = reading
  const reasons: Reason[] = []
  let cost = 0
  const because = (reason: Reason, by: number) => {
    reasons.push(reason)
    cost += by
  }
  const starts = hits.map((hit) => start[hit] ?? 0)
  const first = hits[starts.indexOf(Math.min(...starts))] ?? 0
  const distance = Math.max(...starts) - (end[first] ?? 0)
  if (distance > rule.within) {
    because(
      { kind: 'too-far', distance, within: rule.within },
      1 + Math.min(1, (distance - rule.within) / 200),
    )
  }
  if (rule.scope === 'sentence' && hits.some((hit) => sentence[hit] !== sentence[hits[0] ?? 0]))
    because({ kind: 'other-sentence' }, 1)
  if (rule.scope === 'title' && hits.some((hit) => (end[hit] ?? 0) > titleUnits))
    because({ kind: 'outside-title' }, 1)
  const denied = rule.negatable ? hits.find((hit) => negated.has(start[hit] ?? 0)) : undefined
  if (denied !== undefined) {
    const by = reading
      .hitsOf(engine.negation)
      .findLast((hit) => (end[hit] ?? 0) <= (start[denied] ?? 0) && sentence[hit] === sentence[denied])
    because({ kind: 'negated', by: asTerm(by ?? denied) }, 1)
  }
  const lists = [
    ...(not === undefined ? [] : [['not', not] as const]),
    ['noise', engine.noise] as const,
    ['denial', engine.denial] as const,
  ]
  for (const [list, set] of lists) {
    const isAnywhere = list === 'not' && rule.scope === 'text'
    const by = reading
      .hitsOf(set)
      .find((spoil) => isAnywhere || hits.some((hit) => sentence[hit] === sentence[spoil]))
    if (by === undefined) continue
    because({ kind: 'silenced', by: asTerm(by), list }, 1)
    break
  }
  return { cost, hits: [...new Set(hits)], reasons }
}
