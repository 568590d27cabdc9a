/**
 * The text engine's one entry: everything Weiyu reads out of a text, from one pass over it. Plain and deterministic:
 * the same versions give the same answer.
 */
import type { EngineGroup } from '../../risk-catalog/load.ts'
import type { Risk } from '../../risk-catalog/risk.ts'
import { compileEstates, type EstateSpan, readEstates } from './estate-names.ts'
import {
  compileFeatureKeys,
  createFeatures,
  type FeatureKeys,
  type Features,
  keyOf,
  onlyKnown,
  readFeatures,
} from './features.ts'
import { simhash, textHash } from './fingerprint.ts'
import {
  answersOf,
  createRiskJudge,
  createSentimentJudge,
  isSentiment,
  type Judgement,
  LABEL_SCORE,
  likeliest,
} from './judge.ts'
import { compileRules, type EngineSets, matchRules, negatedStarts } from './match.ts'
import { createScorer, type Model, readModel } from './model.ts'
import { Polarity, readPolarity, type Tone } from './polarity.ts'
import {
  compileProjects,
  knownPlaces,
  matchProjects,
  type ProjectMatch,
  type ProjectNames,
} from './project-match.ts'
import { createReader, createVocabulary, type Reading } from './reading.ts'
import { readTarget, Target } from './target.ts'

/** Goes up with every change that may change a result; documents analysed by an older one are read again. */
const ANALYSIS_VERSION = '2'

export { LABEL_SCORE } from './judge.ts'

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
  projects: (Omit<ProjectMatch, 'hits'> & { terms: Term[] })[]
  /** Names of estates that belong to no project, as written. */
  estates: string[]
  /** Names a company of ours. */
  namesUs: boolean
  /** Names a city or district where we build. */
  namesOurCity: boolean
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
  /** Of the linear model (model.ts); without them the rules speak alone. */
  weights?: Uint8Array
  projects?: readonly ProjectNames[]
  /** Names of the group and its companies. */
  companies?: readonly string[]
}

export interface AnalyserDocument {
  title?: string | undefined
  text: string
  /** Name of the medium or source; a local one speaks for the projects of its city. */
  publisher?: string | undefined
}

export interface Analyser {
  /** Of the engine with its model, and of the catalogue: together they say which rows are out of date. */
  version: string
  catalogVersion: string
  analyse(document: AnalyserDocument): Analysis
  /** The same of a mention: ours, of the trade, or of a risk. Of any other text nothing, which costs less. */
  analyseMention(document: AnalyserDocument): Analysis | undefined
  /** What the model learns from (train.ts); valid until the next call. */
  featuresOf(document: AnalyserDocument): Features
}

/**
 * Characters that are read of a text. What people write about an estate stands in the first
 * thousands; a line of ten million words of the catalogue would cost minutes and hundreds of megabytes.
 */
const MOST_LENGTH = 200_000

/** Trade words that make a text one about housing: one in the title, or this many anywhere. */
const TRADE_WORDS = 2
/** Parts of a text that are shown for a signal that only the model saw. */
const SHOWN_PARTS = 5

const toneKeys = {
  negative: keyOf('tone:negative'),
  neutral: keyOf('tone:neutral'),
  positive: keyOf('tone:positive'),
}
const targetKeys = {
  developer: keyOf('target:developer'),
  'property-management': keyOf('target:property-management'),
  government: keyOf('target:government'),
  other: keyOf('target:other'),
}

export function createAnalyser(input: AnalyserInput): Analyser {
  const vocabulary = createVocabulary()
  const engine = engineSets(input.groups, vocabulary)
  const rules = compileRules(input.risks, engine, vocabulary)
  const allKeys = compileFeatureKeys(rules, input.groups, vocabulary)
  const ordinary = new Set([
    ...Object.values(input.groups).flat(),
    ...input.risks.flatMap((risk) => risk.rules.flatMap((rule) => rule.all.flat())),
  ])
  const projects = compileProjects(input.projects ?? [], input.companies ?? [], ordinary, vocabulary)
  const estateSets = compileEstates(vocabulary, knownPlaces(input.projects ?? []))
  const read = createReader(vocabulary.build())
  const byCode = new Map(input.risks.map((risk) => [risk.code, risk]))
  const model = input.weights && readModel(input.weights)
  const scorer = model && createScorer(model, (output) => !isSentiment(output))
  const knownKeys = scorer ? onlyKnown(allKeys, scorer.knows) : allKeys
  const margins = new Float64Array(model?.outputs.length ?? 0)
  const features = createFeatures()
  const judgeRisks = model && createRiskJudge(model)
  const targets = model && answersOf(model, 'target:')
  const readTone = model && createToneReader(model, features)

  const understand = ({ title, text }: AnalyserDocument) => {
    const whole = title ? `${title}\n${text}` : text
    const original = whole.length > MOST_LENGTH ? whole.slice(0, MOST_LENGTH) : whole
    const reading = read(original, title ? title.length : firstLine(text))
    const negated = negatedStarts(engine, reading)
    const byRules = matchRules(rules, reading, negated)
    const believed = byRules.isNoise ? [] : byRules.matches
    const labelled = believed.filter((match) => match.score >= LABEL_SCORE)
    const tone = readPolarity(engine, reading, negated, labelled)
    const target = readTarget(
      engine,
      reading,
      labelled.flatMap(({ risk, score }) => {
        const entry = byCode.get(risk)
        return entry ? [{ phase: entry.phase, departments: entry.departments, score }] : []
      }),
    )
    return { original, reading, negated, byRules, believed, tone, target }
  }
  const featuresOf = (
    { original, reading, negated, byRules, tone, target }: ReturnType<typeof understand>,
    keys: FeatureKeys,
  ) =>
    readFeatures(
      keys,
      original,
      reading,
      negated,
      byRules,
      [toneKeys[tone.polarity], targetKeys[target]],
      features,
    )

  /** What decides whether a text is a mention, and the way to the rest. */
  const look = (document: AnalyserDocument) => {
    const understood = understand(document)
    const { original, reading, byRules, believed } = understood
    const bodyAt = document.title ? document.title.length + 1 : 0
    let judged: Judgement[] = believed.map((match) => ({ ...match, output: undefined }))
    let { target } = understood
    if (scorer && judgeRisks && targets) {
      scorer.score(featuresOf(understood, knownKeys), margins)
      judged = judgeRisks(margins, byRules)
      target = Target.safeParse(likeliest(targets, margins)).data ?? target
    }
    const labels = judged.filter((risk) => risk.score >= LABEL_SCORE).map(({ risk }) => risk)
    const trade = reading.hitsOf(engine.trade)
    const isTrade =
      labels.length > 0 ||
      trade.length >= TRADE_WORDS ||
      trade.some((hit) => (reading.end[hit] ?? 0) <= reading.titleUnits)
    const spans = readEstates(estateSets, reading)
    const ours = matchProjects(projects, reading, {
      original,
      estates: spans,
      publisher: document.publisher,
    })
    const namesUs = reading.hitsOf(projects.companies).length > 0
    const placed = (from: number, to: number) => termOf(from, to, reading, original, bodyAt)
    const termsOf = (hits: readonly number[]) =>
      hits.map((hit) => placed(reading.start[hit] ?? 0, reading.end[hit] ?? 0))
    return {
      isMention: namesUs || isTrade || ours.length > 0,
      rest: (): Analysis => ({
        labels,
        signals: judged.map(({ risk, score, rule, redLine, hits, output }) => ({
          risk,
          score,
          rule,
          redLine,
          terms:
            scorer && output !== undefined
              ? scorer.strongestParts(output, features, SHOWN_PARTS).map(({ from, to }) => placed(from, to))
              : termsOf(hits),
        })),
        ...(readTone?.(margins, understood.tone) ?? understood.tone),
        target,
        projects: ours.map(({ hits, ...match }) => ({ ...match, terms: termsOf(hits) })),
        estates: unknownEstates(spans, ours, reading),
        namesUs,
        namesOurCity: reading.hitsOf(projects.ourPlaces).length > 0,
        isTrade,
        hash: textHash(reading.text),
        simhash: simhash(reading.text),
      }),
    }
  }

  return {
    version: model ? `${ANALYSIS_VERSION}.${model.version}` : ANALYSIS_VERSION,
    catalogVersion: input.version,
    featuresOf: (document) => featuresOf(understand(document), allKeys),
    analyse: (document) => look(document).rest(),
    analyseMention(document) {
      const seen = look(document)
      return seen.isMention ? seen.rest() : undefined
    },
  }
}

/** What reads like an estate and is no name of ours; a longer name around one of ours is another estate. */
function unknownEstates(
  spans: readonly EstateSpan[],
  ours: readonly ProjectMatch[],
  { start, end, text }: Reading,
): string[] {
  const known = ours.flatMap(({ hits }) => hits)
  const names = spans
    .filter(
      (span) =>
        span.isSure && !known.some((hit) => (start[hit] ?? 0) < span.end && (end[hit] ?? 0) >= span.core),
    )
    .map((span) => String.fromCharCode(...text.units.subarray(span.start, span.end)))
  return [...new Set(names)]
}

/** A first line up to this long that more follows is a title, whether or not it was given as one. */
const TITLE_LENGTH = 60

/** Length of the title that a text brings in its own first line; 0: none. */
export function firstLine(text: string): number {
  const end = text.slice(0, TITLE_LENGTH + 1).indexOf('\n')
  return end > 0 && end < text.length - 1 ? end : 0
}

/** The model's view of the text whose features were read last; the lexicon's where it has none. */
function createToneReader(model: Model, features: Features): (margins: Float64Array, lexicon: Tone) => Tone {
  const scorer = createScorer(model, isSentiment)
  const polarities = answersOf(model, 'polarity:')
  const judge = createSentimentJudge(model, (margins) => scorer.score(features, margins))
  return (margins, lexicon) => {
    const sentiment = judge(margins)
    return {
      polarity: Polarity.safeParse(likeliest(polarities, margins)).data ?? lexicon.polarity,
      sentiment: sentiment === undefined ? lexicon.sentiment : Math.round(1000 * sentiment) / 1000,
    }
  }
}

/** The word sets that the engine itself asks for. */
export function engineSets(
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

/**
 * Units [first, last) as they were written. Parts that the model shows may run from the title into the text; of these the
 * longer side is given.
 */
export function termOf(
  first: number,
  last: number,
  { text }: Pick<Reading, 'text'>,
  original: string,
  bodyAt: number,
): Term {
  let from = text.at[first] ?? 0
  let to = (text.at[last - 1] ?? 0) + 1
  const titleEnd = bodyAt - 1
  const isTitle = to < bodyAt || titleEnd - from > to - bodyAt
  if (isTitle) to = Math.min(to, titleEnd)
  else from = Math.max(from, bodyAt)
  const shift = isTitle ? 0 : bodyAt
  return {
    text: original.slice(from, to),
    start: from - shift,
    end: to - shift,
    field: isTitle ? 'title' : 'text',
  }
}
