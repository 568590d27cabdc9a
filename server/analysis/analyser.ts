/**
 * The text engine's one entry: everything Weiyu reads out of a text, from one pass over it. Plain and deterministic:
 * the same versions give the same answer.
 */
import type { EngineGroup } from '../../risk-catalog/load.ts'
import type { Risk } from '../../risk-catalog/risk.ts'
import { simhash, textHash } from './fingerprint.ts'
import { compileRules, type EngineSets, matchRules, negatedStarts } from './match.ts'
import { type Polarity, readPolarity } from './polarity.ts'
import { compileProjects, matchProjects, type ProjectNames } from './project-match.ts'
import { createReader, createVocabulary, type Reading } from './reading.ts'
import { readTarget, type Target } from './target.ts'

/** Goes up with every change that may change a result; documents analysed by an older one are read again. */
export const ANALYSIS_VERSION = '1'

/** A risk becomes a label from this score on; weaker signals are kept as hints. */
export const LABEL_SCORE = 0.5

/** A matched word as it was written: `text` is the slice [start, end) of its field. */
export interface Term {
  text: string
  start: number
  end: number
  field: 'title' | 'text'
}

export interface AnalysedSignal {
  risk: string
  score: number
  rule: string
  redLine: boolean
  terms: Term[]
}

export interface Analysis {
  /** Codes of the risks with a score of LABEL_SCORE or more, strongest first. */
  labels: string[]
  signals: AnalysedSignal[]
  polarity: Polarity
  /** 0 bad … 1 good. */
  sentiment: number
  target: Target
  projects: { projectId: number; confidence: number; terms: Term[] }[]
  /** Names a company of ours. */
  namesUs: boolean
  /** About the housing trade at all. */
  isTrade: boolean
  /** Equal for texts with the same letters and digits. */
  hash: string
  /** Near for near texts, see fingerprint.ts; '' for texts of under three characters. */
  simhash: string
}

export interface AnalyserInput {
  risks: readonly Risk[]
  groups: Readonly<Record<string, readonly string[]>>
  /** Of the catalogue. */
  version: string
  projects?: readonly ProjectNames[]
  /** Names of the group and its companies. */
  companies?: readonly string[]
}

export interface Analyser {
  /** Of the engine and of the catalogue: together they say which rows are out of date. */
  version: string
  catalogVersion: string
  analyse(document: { title?: string | undefined; text: string }): Analysis
}

/** Trade words that make a text one about housing: one in the title, or this many anywhere. */
const TRADE_WORDS = 2

export function createAnalyser(input: AnalyserInput): Analyser {
  const vocabulary = createVocabulary()
  const engine = engineSets(input.groups, vocabulary)
  const rules = compileRules(input.risks, engine, vocabulary)
  const ordinary = new Set([
    ...Object.values(input.groups).flat(),
    ...input.risks.flatMap((risk) => risk.rules.flatMap((rule) => rule.all.flat())),
  ])
  const projects = compileProjects(input.projects ?? [], input.companies ?? [], ordinary, vocabulary)
  const read = createReader(vocabulary.build())
  const byCode = new Map(input.risks.map((risk) => [risk.code, risk]))

  return {
    version: ANALYSIS_VERSION,
    catalogVersion: input.version,
    analyse({ title, text }) {
      const bodyAt = title ? title.length + 1 : 0
      const original = title ? `${title}\n${text}` : text
      const reading = read(original, title?.length ?? 0)
      const negated = negatedStarts(engine, reading)
      const matches = matchRules(rules, reading, negated)
      const labelled = matches.filter((match) => match.score >= LABEL_SCORE)
      const found = labelled.flatMap(({ risk, score }) => {
        const entry = byCode.get(risk)
        return entry ? [{ phase: entry.phase, departments: entry.departments, score }] : []
      })
      const termsOf = (hits: readonly number[]) => hits.map((hit) => termOf(hit, reading, original, bodyAt))
      const trade = reading.hitsOf(engine.trade)
      return {
        labels: labelled.map((match) => match.risk),
        signals: matches.map(({ hits, ...match }) => ({ ...match, terms: termsOf(hits) })),
        ...readPolarity(engine, reading, negated, labelled),
        target: readTarget(engine, reading, found),
        projects: matchProjects(projects, reading).map(({ hits, ...match }) => ({
          ...match,
          terms: termsOf(hits),
        })),
        namesUs: reading.hitsOf(projects.companies).length > 0,
        isTrade:
          labelled.length > 0 ||
          trade.length >= TRADE_WORDS ||
          trade.some((hit) => (reading.end[hit] ?? 0) <= reading.titleUnits),
        hash: textHash(reading.text),
        simhash: simhash(reading.text),
      }
    },
  }
}

function engineSets(
  groups: Readonly<Record<string, readonly string[]>>,
  vocabulary: ReturnType<typeof createVocabulary>,
): EngineSets {
  const set = (name: EngineGroup) => {
    const words = groups[name]
    if (!words) throw new Error(`the lexicon has no group «${name}»`)
    return vocabulary.set(words)
  }
  return {
    negation: set('negation'),
    'negation-filler': set('negation-filler'),
    'not-negation': set('not-negation'),
    denial: set('denial'),
    noise: set('noise'),
    trade: set('trade'),
    negative: set('negative'),
    positive: set('positive'),
    developer: set('developer'),
    'property-management': set('property-management'),
    government: set('government'),
  }
}

function termOf(hit: number, { text, start, end }: Reading, original: string, bodyAt: number): Term {
  const from = text.at[start[hit] ?? 0] ?? 0
  const to = (text.at[(end[hit] ?? 1) - 1] ?? 0) + 1
  const isTitle = to < bodyAt
  const shift = isTitle ? 0 : bodyAt
  return {
    text: original.slice(from, to),
    start: from - shift,
    end: to - shift,
    field: isTitle ? 'title' : 'text',
  }
}
