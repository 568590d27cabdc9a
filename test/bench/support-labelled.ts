/**
 * Labelled texts for training and measuring. Those that we wrote are the examples of every risk in the catalogue; public
 * ones lie beside the project, and only our labels of them, by id, are kept here (`labels/public-texts.tsv`): codes, tone,
 * target, how sure the reader was (1–3), and a fold, in which texts of one estate or event stand together. The authors of the
 * rules have read folds 0 to 3, never the last one.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { Catalogue } from '../../risk-catalog/load.ts'
import type { Analyser } from '../../server/analysis/analyser.ts'
import { ANY_RISK, SENTIMENT, textKinds } from '../../server/analysis/judge.ts'
import { Polarity } from '../../server/analysis/polarity.ts'
import { Target } from '../../server/analysis/target.ts'
import { type Example, exampleOf } from '../../server/analysis/train.ts'
import { inventedTexts } from '../risk-catalog/invented-texts.ts'

/** Folds below this are read by the authors of the rules. */
export const READ_FOLDS = 4
export const FOLDS = 5

/** Folder of the public texts, or undefined when the project stands alone. */
export function publicTexts(): string | undefined {
  const folder = resolve('../shared/data')
  return existsSync(folder) ? realpathSync(folder) : undefined
}

export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
}

export interface LabelledText {
  id: string
  text: string
  /** Codes; empty for a text without risk. */
  labels: readonly string[]
  polarity?: Polarity
  target?: Target
  /** 0–1, by how sure the reader was. */
  weight: number
  fold: number
  kind: 'letter' | 'headline' | 'background'
}

const CONFIDENCE_WEIGHTS = [0.4, 0.8, 1]
const BODY = 420
const Letter = z.object({ id: z.string(), title: z.string(), body: z.string() })
const Headline = z.object({ id: z.string(), title: z.string(), housing: z.boolean() })
const Labelled = z.object({
  id: z.string(),
  text: z.string(),
  labels: z.array(z.string()),
  polarity: Polarity,
  target: Target,
  source: z.string(),
})
const letters: Readonly<Record<string, string>> = {
  n: 'negative',
  u: 'neutral',
  p: 'positive',
  d: 'developer',
  m: 'property-management',
  g: 'government',
  o: 'other',
}
const codesOf = (labels: readonly string[]) => labels.filter((code) => code !== 'NONE')

/** Public texts that we labelled ourselves. */
export function ownLabels(folder: string): LabelledText[] {
  const texts = new Map<string, string>()
  for (const line of linesOf(join(folder, 'civic-messages.dev.jsonl'))) {
    const { id, title, body } = Letter.parse(JSON.parse(line))
    texts.set(id, `${title}\n${body.length > BODY ? `${body.slice(0, BODY)}…` : body}`)
  }
  for (const line of linesOf(join(folder, 'housing-headlines.jsonl'))) {
    const { id, title } = Headline.parse(JSON.parse(line))
    texts.set(id, title)
  }
  return linesOf(resolve('test/bench/labels/public-texts.tsv'))
    .slice(1)
    .flatMap((line): LabelledText[] => {
      const [id = '', labels = '', polarity = '', target = '', confidence = '', fold = ''] = line.split('\t')
      const text = texts.get(id)
      if (text === undefined) return []
      return [
        {
          id,
          text,
          labels: codesOf(labels.split(',')),
          polarity: Polarity.parse(letters[polarity]),
          target: Target.parse(letters[target]),
          weight: CONFIDENCE_WEIGHTS[Number(confidence) - 1] ?? 1,
          fold: Number(fold),
          kind: text.includes('\n') ? 'letter' : 'headline',
        },
      ]
    })
}

/** The public texts that came labelled. Their folds go by the text, so that copies stand together. */
export function givenLabels(folder: string): LabelledText[] {
  return linesOf(join(folder, 'risk-labelled.dev.jsonl')).map((line) => {
    const { id, text, labels, polarity, target } = Labelled.parse(JSON.parse(line))
    const kind = text.includes('\n') ? 'letter' : 'headline'
    return {
      id,
      text,
      labels: codesOf(labels),
      polarity,
      target,
      weight: 1,
      fold: hashOf(estateOf(text)) % FOLDS,
      kind,
    }
  })
}

/** Headlines of everything but housing. */
export function background(folder: string): LabelledText[] {
  return linesOf(join(folder, 'housing-headlines.jsonl')).flatMap((line): LabelledText[] => {
    const { id, title, housing } = Headline.parse(JSON.parse(line))
    if (housing) return []
    return [{ id, text: title, labels: [], weight: 0.3, fold: hashOf(title) % FOLDS, kind: 'background' }]
  })
}

const Review = z.tuple([z.string(), z.enum(['0', '1']), z.string()])
export interface ReviewText {
  text: string
  isGood: boolean
  set: string
  fold: number
}

/** Sets of posts; the others are reviews. */
const POSTS = new Set(['weibo18'])

/** Reviews and posts with a sentiment. */
export function reviews(folder: string): ReviewText[] {
  return linesOf(join(folder, 'sentiment.dev.tsv')).map((line) => {
    const [text, label, set] = Review.parse(line.split('\t'))
    return { text, isGood: label === '1', set, fold: hashOf(text) % FOLDS }
  })
}

function hashOf(text: string): number {
  let hash = 0x811c_9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193)
  return (hash ^ (hash >>> 15)) >>> 0
}

/** The first estate-like name of a text, or the text itself. */
export function estateOf(text: string): string {
  return /[\u4e00-\u9fff]{2,4}(?:花园|小区|家园|公馆|新城|世纪城|府|苑|湾|郡|广场|城)/.exec(text)?.[0] ?? text
}

const kindAnswers = (kind: (typeof textKinds)[number]) =>
  textKinds.map((name) => [`kind:${name}`, name === kind] as const)

/** Everything that is known of these texts, as the trainer takes it. */
export function examplesOf(
  analyser: Analyser,
  catalogue: Catalogue,
  texts: readonly LabelledText[],
): Example[] {
  return texts.map(({ id, text, labels, polarity, target, weight, fold }) => {
    const answers = new Map<string, boolean>([[ANY_RISK, labels.length > 0], ...kindAnswers('trade')])
    for (const { code } of catalogue.risks) answers.set(`risk:${code}`, labels.includes(code))
    if (polarity) {
      for (const name of Polarity.options) answers.set(`polarity:${name}`, name === polarity)
      if (polarity !== 'neutral') answers.set(SENTIMENT, polarity === 'positive')
    }
    if (target) for (const name of Target.options) answers.set(`target:${name}`, name === target)
    return exampleOf(analyser.featuresOf({ text }), { answers, weight, group: `${fold}:${id}` })
  })
}

/** The rules were made to be right on these, so they say little of how sure to be of the rules. */
const PROVEN_WEIGHT = 0.25

/**
 * The catalogue's own proofs and the texts invented for it: a hit is certain for its risk, a miss is certain against it.
 * Against the other risks both speak, too, unless the rules see these: what is only ever told of risks that a text has
 * makes a model see several in everything that is written alike.
 */
export function provenExamples(rules: Analyser, catalogue: Catalogue): Example[] {
  return catalogue.risks.flatMap(({ code, examples }) => {
    const invented = inventedTexts(code)
    const proof = (text: string, isHit: boolean) => {
      const { labels } = rules.analyse({ text })
      const others = catalogue.risks.filter((risk) => risk.code !== code && !labels.includes(risk.code))
      return exampleOf(rules.featuresOf({ text }), {
        answers: new Map([
          ...others.map((risk) => [`risk:${risk.code}`, false] as const),
          [`risk:${code}`, isHit],
          ...(isHit ? ([[ANY_RISK, true]] as const) : []),
        ]),
        weight: PROVEN_WEIGHT,
        group: text,
      })
    }
    return [
      ...[...examples.hits, ...invented.hits].map((text) => proof(text, true)),
      ...[...examples.misses, ...invented.misses].map((text) => proof(text, false)),
    ]
  })
}

export function reviewExamples(analyser: Analyser, rows: readonly ReviewText[]): Example[] {
  return rows.map(({ text, isGood, set }) =>
    exampleOf(analyser.featuresOf({ text }), {
      answers: new Map([[SENTIMENT, isGood], ...kindAnswers(POSTS.has(set) ? 'post' : 'review')]),
      weight: 1,
      group: text,
    }),
  )
}
