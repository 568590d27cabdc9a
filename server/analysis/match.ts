/**
 * Evaluates the catalogue's rules on one reading: subject AND event AND NOT noise, within a distance.
 *
 * Each rule hangs on its rarest word list (its trigger: the one whose words fewest rules know), so a text costs what its own
 * hits cost however many rules there are. The rules of one risk combine by noisy-or of their weights: 1 − Π(1 − weight), so
 * two independent half-sure rules (0.5, 0.5) give 0.75.
 *
 * Never counted, because readers of other monitors complain about exactly these: what is negated (没有渗漏), denied
 * (系谣言) or stands in the sentence of a how-to or of another industry; a title of that kind silences the whole text.
 */
import type { EngineGroup } from '../../risk-catalog/load.ts'
import type { Risk, Rule } from '../../risk-catalog/risk.ts'
import { ENUMERATION } from './normalise.ts'
import type { createVocabulary, Reading, SetId, WordId } from './reading.ts'

export type EngineSets = Readonly<Record<EngineGroup, SetId>>

export interface RiskMatch {
  risk: string
  /** 0–1, how sure the text shows the risk. */
  score: number
  /** The strongest rule that matched. */
  rule: string
  /** One item of this is enough for a warning. */
  redLine: boolean
  /** Hit numbers of the reading, longest matches only, in text order. */
  hits: readonly number[]
}

export interface CompiledRule {
  /** Place in the list of all rules. */
  index: number
  risk: string
  rule: Rule
  slots: readonly SetId[]
  not: SetId | undefined
}

export interface CompiledRules {
  all: readonly CompiledRule[]
  /** Rules that hang on set s: hanging[triggers[s]] … hanging[triggers[s + 1] - 1]. */
  triggers: Uint32Array
  hanging: readonly CompiledRule[]
  /** The other sets of hanging[i], rarest first: others[i × MOST_SLOTS] and on, -1 where it has no more. */
  others: Int32Array
  engine: EngineSets
}

/** What the rules say of one text. */
export interface RuleReading {
  /** The title is a how-to, of another industry, …: no rule is to be believed by itself. */
  isNoise: boolean
  /** Strongest first. */
  matches: RiskMatch[]
  /** Every rule that matched. */
  matched: readonly CompiledRule[]
  /** Rules with a word for each of their parts somewhere in the text: matched, too far apart, negated or silenced. */
  present: readonly CompiledRule[]
  /** Rules of three parts or more that lack one. */
  lacking: readonly CompiledRule[]
}

/** Parts of one rule; the catalogue's loader allows no more. */
const MOST_SLOTS = 4
/** Places kept per rule: enough to show why, and a bound for a text that repeats one word a million times. */
const SHOWN_PLACES = 12
/** 和 或 及 与: join members of a list like 、 does. */
const isJoin = (unit: number) =>
  unit === ENUMERATION || unit === 0x548c || unit === 0x6216 || unit === 0x53ca || unit === 0x4e0e

export function compileRules(
  risks: readonly Risk[],
  engine: EngineSets,
  vocabulary: ReturnType<typeof createVocabulary>,
): CompiledRules {
  const rules = risks
    .flatMap((risk) => risk.rules.map((rule) => ({ risk: risk.code, rule })))
    .map(
      ({ risk, rule }, index): CompiledRule => ({
        index,
        risk,
        rule,
        slots: rule.all.map((words) => vocabulary.set(words)),
        not: rule.not && vocabulary.set(rule.not),
      }),
    )
  // A word that stands in many rules (小区, 业主) stands in many texts, too: a list is as common as its words are together.
  const users = new Map<WordId, number>()
  const slots = rules.flatMap((rule) => rule.slots)
  for (const word of slots.flatMap(vocabulary.wordsOf)) users.set(word, (users.get(word) ?? 0) + 1)
  const commonness = new Map(
    [...new Set(slots)].map((set) => [
      set,
      vocabulary.wordsOf(set).reduce((sum, word) => sum + (users.get(word) ?? 0), 0),
    ]),
  )
  const byTrigger = new Map<SetId, { rule: CompiledRule; others: readonly SetId[] }[]>()
  for (const rule of rules) {
    const [trigger = 0, ...others] = rule.slots.toSorted(
      (a, b) => (commonness.get(a) ?? 0) - (commonness.get(b) ?? 0),
    )
    const hung = { rule, others }
    const before = byTrigger.get(trigger)
    if (before) before.push(hung)
    else byTrigger.set(trigger, [hung])
    vocabulary.list(trigger)
    for (const set of others) vocabulary.mark(set)
    if (rule.not !== undefined) vocabulary.mark(rule.not)
  }
  const triggers = new Uint32Array(Math.max(-1, ...byTrigger.keys()) + 2)
  const hanging: CompiledRule[] = []
  const others = new Int32Array(rules.length * MOST_SLOTS).fill(-1)
  for (let set = 0; set < triggers.length - 1; set++) {
    for (const hung of byTrigger.get(set) ?? []) {
      others.set(hung.others, hanging.length * MOST_SLOTS)
      hanging.push(hung.rule)
    }
    triggers[set + 1] = hanging.length
  }
  return { all: rules, triggers, hanging, others, engine }
}

/** Whether any rule can match at all: one look a set of the text. */
export function mayMatch({ triggers }: CompiledRules, reading: Reading): boolean {
  return reading.touched.some((set) => (triggers[set + 1] ?? 0) > (triggers[set] ?? 0))
}

export function matchRules(
  compiled: CompiledRules,
  reading: Reading,
  negated: ReadonlySet<number>,
): RuleReading {
  const { engine, triggers, hanging, others } = compiled
  const matched: CompiledRule[] = []
  const present: CompiledRule[] = []
  const lacking: CompiledRule[] = []
  const isNoise = isNoiseTitle(engine, reading)
  const byRisk = new Map<
    string,
    { doubt: number; best: number; rule: string; redLine: boolean; hits: Set<number> }
  >()
  for (const set of reading.touched) {
    const last = triggers[set + 1] ?? 0
    for (let at = triggers[set] ?? last; at < last; at++) {
      // One part of three may be lacking, as a feature of the model; none of two.
      let absent = 0
      let parts = 1
      for (let other = at * MOST_SLOTS; absent < 2; other++, parts++) {
        const set = others[other] ?? -1
        if (set === -1) break
        if (!reading.has(set)) absent++
      }
      if (absent > 1) continue
      const candidate = hanging[at]
      if (!candidate) continue
      if (absent > 0) {
        if (parts > 2) lacking.push(candidate)
        continue
      }
      present.push(candidate)
      const places = placesOf(candidate, engine, reading, negated)
      if (places.size === 0) continue
      matched.push(candidate)
      const { risk, rule } = candidate
      const sum = byRisk.get(risk) ?? { doubt: 1, best: 0, rule: '', redLine: false, hits: new Set() }
      sum.doubt *= 1 - rule.weight
      if (rule.weight > sum.best || (rule.weight === sum.best && rule.id < sum.rule)) {
        sum.best = rule.weight
        sum.rule = rule.id
      }
      sum.redLine ||= rule.redLine
      for (const hit of places) sum.hits.add(hit)
      byRisk.set(risk, sum)
    }
  }
  const matches = [...byRisk]
    .map(([risk, { doubt, rule, redLine, hits }]) => ({
      risk,
      score: Math.round((1 - doubt) * 1000) / 1000,
      rule,
      redLine,
      hits: longestOnly(hits, reading),
    }))
    .sort((a, b) => b.score - a.score || (a.risk < b.risk ? -1 : 1))
  return { isNoise, matches, matched, present, lacking }
}

function isNoiseTitle(engine: EngineSets, reading: Reading): boolean {
  return reading.hitsOf(engine.noise).some((hit) => (reading.end[hit] ?? 0) <= reading.titleUnits)
}

/** Hits of the closest combinations of one word per slot that satisfy the rule. */
function placesOf(
  { rule, slots, not }: CompiledRule,
  engine: EngineSets,
  reading: Reading,
  negated: ReadonlySet<number>,
): ReadonlySet<number> {
  const { start, end, sentence, titleUnits } = reading
  const found = new Set<number>()
  if (not !== undefined && rule.scope === 'text' && reading.hitsOf(not).length > 0) return found
  const events: { slot: number; hit: number }[] = []
  for (const [slot, set] of slots.entries()) {
    for (const hit of reading.hitsOf(set)) {
      if (rule.scope === 'title' && (end[hit] ?? 0) > titleUnits) continue
      if (rule.negatable && negated.has(start[hit] ?? 0)) continue
      events.push({ slot, hit })
    }
  }
  if (slots.length > 1) events.sort((a, b) => (start[a.hit] ?? 0) - (start[b.hit] ?? 0) || a.hit - b.hit)
  const spoils = [engine.noise, engine.denial, ...(not === undefined ? [] : [not])]
  const isSpoilt = (hit: number) => spoils.some((set) => reading.sentencesOf(set).has(sentence[hit] ?? 0))

  const latest: number[] = slots.map(() => -1)
  let places = 0
  for (const { slot, hit } of events) {
    latest[slot] = hit
    if (latest.includes(-1)) continue
    let first = hit
    for (const other of latest) if ((start[other] ?? 0) < (start[first] ?? 0)) first = other
    if ((start[hit] ?? 0) - (end[first] ?? 0) > rule.within) continue
    if (rule.scope === 'sentence' && latest.some((other) => sentence[other] !== sentence[hit])) continue
    if (latest.some(isSpoilt)) continue
    for (const other of latest) found.add(other)
    if (++places === SHOWN_PLACES) break
  }
  return found
}

/**
 * Offsets at which a negated event would begin: right after a negation, after fillers that follow it, and after each
 * member of a list whose first member is negated (没有渗漏、开裂和空鼓).
 */
export function negatedStarts(engine: EngineSets, reading: Reading): ReadonlySet<number> {
  const starts = new Set<number>()
  const negations = reading.hitsOf(engine.negation)
  if (negations.length === 0) return starts
  const { start, end, text } = reading
  const shielded = new Set<number>()
  for (const by of reading.hitsOf(engine['not-negation'])) {
    for (let at = start[by] ?? 0; at < (end[by] ?? 0); at++) shielded.add(at)
  }
  for (const hit of negations) if (!shielded.has(start[hit] ?? 0)) starts.add(end[hit] ?? 0)
  // Only what a filler or the word of a list can carry on: most hits are neither, and are passed over in one look.
  const fillers = reading.hitsOf(engine['negation-filler'])
  const bearers: { hit: number; until: number }[] = []
  let filler = 0
  for (let hit = 0; hit < reading.count; hit++) {
    const until = end[hit] ?? 0
    if (hit === fillers[filler]) {
      bearers.push({ hit, until })
      filler++
    } else if (isJoin(text.units[until] ?? 0)) bearers.push({ hit, until: until + 1 })
  }
  bearers.sort((a, b) => (start[a.hit] ?? 0) - (start[b.hit] ?? 0))
  for (const { hit, until } of bearers) if (starts.has(start[hit] ?? 0)) starts.add(until)
  return starts
}

/** Of hits inside one another only the longest says what was read. */
function longestOnly(hits: ReadonlySet<number>, { start, end }: Reading): number[] {
  const sorted = [...hits].sort((a, b) => (start[a] ?? 0) - (start[b] ?? 0) || (end[b] ?? 0) - (end[a] ?? 0))
  let reached = -1
  return sorted.filter((hit) => {
    if ((end[hit] ?? 0) <= reached) return false
    reached = end[hit] ?? 0
    return true
  })
}
