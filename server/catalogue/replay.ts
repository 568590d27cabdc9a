/**
 * What a candidate would change: the same texts read by the catalogue in force and by the candidate, counted side by side.
 *
 *   gained   texts that the candidate labels with a risk and the running one does not (its unique hits)
 *   lost     the other way round
 *   unique   of a rule: texts that no other rule of the same risk matches
 *
 * Only risks whose words or rules differ are read; all others would count equal. Example: a rule narrowed by one
 * exception leaves 27 risks unread, and a text without a word of the one risk costs one pass of the automaton.
 */
import type { Catalogue } from '../../risk-catalog/load.ts'
import type { Risk } from '../../risk-catalog/risk.ts'
import { createAnalyser, type Term } from '../analysis/analyser.ts'
import { createRuleReader, type RiskHit, type Text } from '../analysis/explain.ts'

/** Word groups that the engine reads for every rule: when they change, any risk may. */
const shared = ['negation', 'negation-filler', 'not-negation', 'denial', 'noise'] as const

/** Codes of the risks that two engines may find differently. */
export function changedRisks(one: Side, other: Side): string[] {
  const [running, candidate] = [one.catalogue, other.catalogue]
  const codes = new Set([...running.risks, ...candidate.risks].map((risk) => risk.code))
  // A model hears every rule and word.
  if (one.weights || other.weights) return [...codes]
  if (shared.some((name) => String(running.groups[name]) !== String(candidate.groups[name])))
    return [...codes]
  const rulesOf = (catalogue: Catalogue) =>
    new Map(catalogue.risks.map((risk) => [risk.code, JSON.stringify(risk.rules)]))
  const [before, after] = [rulesOf(running), rulesOf(candidate)]
  return [...codes].filter((code) => before.get(code) !== after.get(code))
}

export type RuleState = 'same' | 'changed' | 'new' | 'removed'

/** How each rule of a risk stands to the running one. */
function ruleStates(running: Risk | undefined, candidate: Risk | undefined): Map<string, RuleState> {
  const before = new Map(running?.rules.map((rule) => [rule.id, JSON.stringify(rule)]))
  const states = new Map<string, RuleState>()
  for (const rule of candidate?.rules ?? []) {
    const was = before.get(rule.id)
    states.set(rule.id, was === undefined ? 'new' : was === JSON.stringify(rule) ? 'same' : 'changed')
  }
  for (const id of before.keys()) if (!states.has(id)) states.set(id, 'removed')
  return states
}

export interface Compared {
  before: readonly RiskHit[]
  after: readonly RiskHit[]
}

/** A catalogue and the weights of the linear model that judges upon it; without them the rules speak alone. */
export interface Side {
  catalogue: Catalogue
  weights?: Uint8Array | undefined
}

/**
 * Reads one text after the other by both; only of these risks when they are named. Where a model judges, whole engines read:
 * it hears all rules and words, so that a change anywhere may move any risk.
 */
export function createComparer(
  running: Side,
  candidate: Side,
  codes?: readonly string[],
): (document: Text) => Compared {
  const only = ({ catalogue: { risks, groups } }: Side) => ({
    risks: codes ? risks.filter((risk) => codes.includes(risk.code)) : risks,
    groups,
  })
  const read = createRuleReader([only(running), only(candidate)])
  const byRules = (document: Text): Compared => {
    const [before = [], after = []] = read(document)
    return { before, after }
  }
  if (!running.weights && !candidate.weights) return byRules
  const [judgeBefore, judgeAfter] = [createJudge(running), createJudge(candidate)]
  return (document) => {
    const { before, after } = byRules(document)
    return { before: judgeBefore(document, before), after: judgeAfter(document, after) }
  }
}

/** What the whole engine makes of a text, each risk with the rules that matched; a risk that only the model saw has it for its rule. */
function createJudge({ catalogue, weights }: Side) {
  const { analyse } = createAnalyser({ ...catalogue, ...(weights && { weights }) })
  return (document: Text, byRules: readonly RiskHit[]): RiskHit[] => {
    const { signals, labels } = analyse(document)
    return signals.map(({ risk, score, rule, redLine, terms }) => ({
      risk,
      score,
      redLine,
      isLabel: labels.includes(risk),
      rules: byRules.find((hit) => hit.risk === risk)?.rules ?? [{ rule, weight: score, redLine, terms }],
    }))
  }
}

export interface RuleTally {
  rule: string
  state: RuleState
  hits: number
  unique: number
}

export interface RiskTally {
  risk: string
  before: number
  after: number
  gained: number
  lost: number
  rules: RuleTally[]
}

export interface ReplayExample {
  kind: 'mention' | 'complaint'
  id: number
  risk: string
  change: 'gained' | 'lost'
  rules: string[]
  terms: Term[]
}

export interface CellTally {
  projectId: number
  risk: string
  gained: number
  lost: number
}

export interface Replayed {
  texts: number
  complaints: number
  risks: RiskTally[]
  examples: ReplayExample[]
  /** Projects whose evidence would change most, at most CELLS_KEPT. */
  cells: CellTally[]
  cellCount: number
}

/** Examples kept per risk and change. */
const EXAMPLES_KEPT = 12
const CELLS_KEPT = 60
const TERMS_KEPT = 8

export interface Read {
  kind: 'mention' | 'complaint'
  id: number
  projectIds: readonly number[]
}

interface Counts extends Omit<RiskTally, 'risk' | 'rules'> {
  rules: Map<string, RuleTally>
}

/** Counts text after text; holds numbers and a bounded list of examples, never texts. */
export function createTally(running: Catalogue, candidate: Catalogue, codes: readonly string[]) {
  const riskOf = (catalogue: Catalogue, code: string) => catalogue.risks.find((risk) => risk.code === code)
  const risks = new Map(
    codes.map((code): [string, Counts] => {
      const states = ruleStates(riskOf(running, code), riskOf(candidate, code))
      const rules = new Map(
        [...states].map(([rule, state]): [string, RuleTally] => [rule, { rule, state, hits: 0, unique: 0 }]),
      )
      return [code, { before: 0, after: 0, gained: 0, lost: 0, rules }]
    }),
  )
  const examples = new Map<string, ReplayExample[]>()
  const cells = new Map<string, CellTally>()
  const sum = { texts: 0, complaints: 0 }

  const keep = (read: Read, hit: RiskHit, change: 'gained' | 'lost') => {
    const key = `${hit.risk} ${change}`
    const kept = examples.get(key) ?? []
    examples.set(key, kept)
    if (kept.length < EXAMPLES_KEPT) {
      const terms = hit.rules.flatMap((rule) => rule.terms).slice(0, TERMS_KEPT)
      const rules = hit.rules.map(({ rule }) => rule)
      kept.push({ kind: read.kind, id: read.id, risk: hit.risk, change, rules, terms })
    }
    for (const projectId of read.projectIds) {
      const cell = cells.get(`${projectId} ${hit.risk}`) ?? { projectId, risk: hit.risk, gained: 0, lost: 0 }
      cell[change]++
      cells.set(`${projectId} ${hit.risk}`, cell)
    }
  }

  return {
    add(read: Read, { before, after }: Compared) {
      if (read.kind === 'mention') sum.texts++
      else sum.complaints++
      for (const hit of after) {
        const of = risks.get(hit.risk)
        if (!of || !hit.isLabel) continue
        of.after++
        for (const { rule } of hit.rules) {
          const tally = of.rules.get(rule)
          if (!tally) continue
          tally.hits++
          if (hit.rules.length === 1) tally.unique++
        }
        if (labelled(before, hit.risk)) continue
        of.gained++
        keep(read, hit, 'gained')
      }
      for (const hit of before) {
        const of = risks.get(hit.risk)
        if (!of || !hit.isLabel) continue
        of.before++
        if (labelled(after, hit.risk)) continue
        of.lost++
        keep(read, hit, 'lost')
      }
    },
    result(): Replayed {
      const moved = [...cells.values()].sort(
        (a, b) => b.gained + b.lost - a.gained - a.lost || a.projectId - b.projectId,
      )
      return {
        ...sum,
        risks: [...risks]
          .map(([risk, { rules, ...counts }]) => ({ risk, ...counts, rules: [...rules.values()] }))
          .sort((a, b) => b.gained + b.lost - a.gained - a.lost || (a.risk < b.risk ? -1 : 1)),
        examples: [...examples.values()].flat(),
        cells: moved.slice(0, CELLS_KEPT),
        cellCount: moved.length,
      }
    },
  }
}

export const labelled = (hits: readonly RiskHit[], risk: string) =>
  hits.some((hit) => hit.risk === risk && hit.isLabel)
