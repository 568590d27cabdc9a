/**
 * How right the engine is, on texts that its model has not learnt from, side by side with simpler readers. Five folds:
 * texts of one estate or event stand together, and a text of another set that names an estate under test is not learnt
 * from either. The rules are the same in every fold; their authors have read the given labels and the first READ_FOLDS folds of
 * ours, so only the rest is honest about rules and model together.
 */
import type { Catalogue } from '../../risk-catalog/load.ts'
import { type Analysis, createAnalyser } from '../../server/analysis/analyser.ts'
import type { Polarity } from '../../server/analysis/polarity.ts'
import { type Example, planFor, trainModel } from '../../server/analysis/train.ts'
import { type Answer, keywordList, segmenterWithDictionary } from './support-baselines.ts'
import {
  background,
  estateOf,
  examplesOf,
  FOLDS,
  givenLabels,
  type LabelledText,
  ownLabels,
  provenExamples,
  READ_FOLDS,
  reviewExamples,
  reviews,
} from './support-labelled.ts'

const READERS = ['rules + model', 'rules alone', 'keyword list', 'segmenter+dict'] as const
type Reader = (typeof READERS)[number]
const MEASURES = [
  'risks, micro F1',
  '  precision',
  '  recall',
  'any risk, F1',
  'precision of NONE',
  'background with a risk',
  'polarity, accuracy',
  'target, accuracy',
] as const
type Measure = (typeof MEASURES)[number]
type Figures = Partial<Record<Measure, number>>

interface Read {
  text: LabelledText
  answer: Answer
}

const share = (part: number, of: number) => (of === 0 ? undefined : part / of)

/**
 * Figures of one reader on the labelled texts of one fold; `others` is background of the same fold. A text without risk counts
 * as `noneWeight` texts.
 */
function figuresOf(reads: readonly Read[], others: readonly Read[], noneWeight: number): Figures {
  let [hit, extra, missed] = [0, 0, 0]
  let [anyHit, anyExtra, anyMissed, noneHit, none] = [0, 0, 0, 0, 0]
  for (const { text, answer } of reads) {
    const right = answer.labels.filter((code) => text.labels.includes(code)).length
    const [is, says] = [text.labels.length > 0, answer.labels.length > 0]
    const weight = is ? 1 : noneWeight
    hit += right
    extra += weight * (answer.labels.length - right)
    missed += text.labels.length - right
    if (is && says) anyHit++
    else if (says) anyExtra += weight
    else if (is) anyMissed++
    if (!says) none += weight
    if (!says && !is) noneHit += weight
  }
  const accuracy = (of: 'polarity' | 'target') => {
    const rows = reads.filter(({ text, answer }) => text[of] && answer[of])
    return share(rows.filter(({ text, answer }) => text[of] === answer[of]).length, rows.length)
  }
  const figures: Record<Measure, number | undefined> = {
    'risks, micro F1': share(2 * hit, 2 * hit + extra + missed),
    '  precision': share(hit, hit + extra),
    '  recall': share(hit, hit + missed),
    'any risk, F1': share(2 * anyHit, 2 * anyHit + anyExtra + anyMissed),
    'precision of NONE': share(noneHit, none),
    'background with a risk': share(
      others.filter(({ answer }) => answer.labels.length > 0).length,
      others.length,
    ),
    'polarity, accuracy': accuracy('polarity'),
    'target, accuracy': accuracy('target'),
  }
  const known: Figures = {}
  for (const name of MEASURES) if (figures[name] !== undefined) known[name] = figures[name]
  return known
}

/** Texts without a risk for each with one. */
function oddsOfNone(texts: readonly LabelledText[]): number {
  const none = texts.filter(({ labels }) => labels.length === 0).length
  return none / (texts.length - none)
}

/** Mean ± standard deviation over folds. */
function spread(values: readonly number[], inPercent: boolean): string {
  if (values.length === 0) return '–'
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = values.length > 1 ? Math.sqrt(square / (values.length - 1)) : 0
  return inPercent
    ? `${(100 * mean).toFixed(2)} ± ${(100 * deviation).toFixed(2)} %`
    : `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`
}

const row = (name: string, cells: readonly string[]) =>
  console.log(`  ${name.padEnd(26)}${cells.map((cell) => cell.padStart(19)).join('')}`)

export function measureQuality(catalogue: Catalogue, folder: string) {
  const { weights: _shipped, ...untrained } = catalogue
  const rules = createAnalyser(untrained)
  const readers = {
    'rules alone': (text: string): Answer => rules.analyse({ text }),
    'keyword list': keywordList(catalogue),
    'segmenter+dict': segmenterWithDictionary(catalogue),
  }
  const [own, given, others] = [ownLabels(folder), givenLabels(folder), background(folder)]
  const learnable = [...given, ...own, ...others.filter((_, at) => at % 3 === 0)]
  const examples = new Map<LabelledText, Example>()
  for (const [at, example] of examplesOf(rules, catalogue, learnable).entries()) {
    const text = learnable[at]
    if (text) examples.set(text, example)
  }
  const proven = provenExamples(rules, catalogue)
  const plan = planFor(catalogue.risks.map(({ code }) => code)).filter(({ goesBy }) => goesBy === undefined)

  const allFolds = Array.from({ length: FOLDS }, (_, fold) => fold)
  const sets = [
    {
      name: `the ${given.length} given labels (the rules' authors have read them)`,
      texts: given,
      folds: allFolds,
    },
    {
      name: "our own labels, read by the rules' authors",
      texts: own,
      folds: allFolds.filter((fold) => fold < READ_FOLDS),
    },
    {
      name: "our own labels, never read by the rules' authors: the honest figure",
      texts: own,
      folds: allFolds.filter((fold) => fold >= READ_FOLDS),
    },
    {
      name: 'the same, texts without risk counted for as many as among the given labels',
      texts: own,
      folds: allFolds.filter((fold) => fold >= READ_FOLDS),
      noneWeight: oddsOfNone(given) / oddsOfNone(own.filter(({ fold }) => fold >= READ_FOLDS)),
    },
  ]
  const tables = sets.map(() => READERS.map((): Figures[] => []))
  const held: { text: LabelledText; analysis: Analysis }[] = []
  const from = performance.now()
  for (let fold = 0; fold < FOLDS; fold++) {
    const isTested = (text: LabelledText) => text.fold === fold
    const tested = new Set([...own, ...given].filter(isTested).map(({ text }) => estateOf(text)))
    const rows = learnable.filter(
      (text) => !isTested(text) && (text.kind === 'background' || !tested.has(estateOf(text.text))),
    )
    const model = trainModel([...rows.flatMap((text) => examples.get(text) ?? []), ...proven], plan)
    const engine = createAnalyser({ ...untrained, weights: model })
    const analysed = new Map<LabelledText, Analysis>()
    const answer = (reader: Reader, text: LabelledText): Answer => {
      if (reader !== 'rules + model') return readers[reader](text.text)
      const known = analysed.get(text) ?? engine.analyse({ text: text.text })
      analysed.set(text, known)
      return known
    }
    for (const [at, reader] of READERS.entries()) {
      const readAll = (texts: readonly LabelledText[]) =>
        texts.filter(isTested).map((text): Read => ({ text, answer: answer(reader, text) }))
      const noise = readAll(others)
      for (const [set, { texts, folds, noneWeight }] of sets.entries()) {
        if (folds.includes(fold)) tables[set]?.[at]?.push(figuresOf(readAll(texts), noise, noneWeight ?? 1))
      }
    }
    for (const text of own.filter(isTested)) {
      const analysis = analysed.get(text)
      if (analysis) held.push({ text, analysis })
    }
  }
  console.log(
    `right and wrong, mean ± spread over folds that the model has not learnt from (${((performance.now() - from) / 1000).toFixed(0)} s of training and reading):`,
  )
  for (const [set, { name, folds }] of sets.entries()) {
    console.log(`\n  ${name}; ${folds.length} folds`)
    row('', READERS)
    for (const measure of MEASURES) {
      const cells = READERS.map((_, at) =>
        spread(
          (tables[set]?.[at] ?? []).flatMap((figures) => figures[measure] ?? []),
          measure === 'background with a risk',
        ),
      )
      row(measure, cells)
    }
  }
  printErrors(catalogue, held)
}

/**
 * Sentiment on texts of one fold that was not learnt from: reviews and posts, of which each set counts the same, and texts of
 * our trade that are labelled good or bad.
 */
export function measureSentiment(catalogue: Catalogue, folder: string) {
  const { weights: _shipped, ...untrained } = catalogue
  const rules = createAnalyser(untrained)
  const rows = reviews(folder)
  const tested = rows.filter(({ fold }) => fold === 0)
  const plan = planFor([]).filter(({ name }) => /^(polarity|kind|sentiment)/.test(name))
  const ofTrade = [...givenLabels(folder), ...ownLabels(folder)]
  const labelled = [...ofTrade, ...background(folder).filter((_, at) => at % 3 === 0)].filter(
    ({ fold }) => fold !== 0,
  )
  const model = trainModel(
    [
      ...examplesOf(rules, catalogue, labelled),
      ...reviewExamples(
        rules,
        rows.filter(({ fold }) => fold !== 0),
      ),
    ],
    plan,
  )
  const engine = createAnalyser({ ...untrained, weights: model })
  const dictionary = segmenterWithDictionary(catalogue)
  const readers: Record<Reader, (text: string) => number | undefined> = {
    'rules + model': (text) => engine.analyse({ text }).sentiment,
    'rules alone': (text) => rules.analyse({ text }).sentiment,
    'keyword list': () => undefined,
    'segmenter+dict': (text) => dictionary(text).sentiment,
  }
  const names = [...new Set(tested.map(({ set }) => set))].sort()
  const accuracies = READERS.map((reader) =>
    names.flatMap((set) => {
      const answers = tested
        .filter((review) => review.set === set)
        .flatMap(({ text, isGood }) => {
          const sentiment = readers[reader](text)
          return sentiment === undefined ? [] : [sentiment >= 0.5 === isGood]
        })
      return share(answers.filter((isRight) => isRight).length, answers.length) ?? []
    }),
  )
  console.log(
    `\n  sentiment, accuracy on ${tested.length} rows held out; ± is over the four sets, not over folds`,
  )
  row('', READERS)
  row(
    'four sets equally',
    accuracies.map((values) => spread(values, false)),
  )
  for (const [at, name] of names.entries()) {
    row(
      `  ${name}`,
      accuracies.map((values) => values[at]?.toFixed(3) ?? '–'),
    )
  }
  const toneOf = (polarity: Polarity) =>
    READERS.map((reader) =>
      ofTrade
        .filter((text) => text.fold === 0 && text.polarity === polarity)
        .flatMap(({ text }) => readers[reader](text) ?? []),
    )
  const [good, bad] = [toneOf('positive'), toneOf('negative')]
  const cells = (of: (good: readonly number[], bad: readonly number[]) => number | undefined) =>
    READERS.map((_, at) => of(good[at] ?? [], bad[at] ?? [])?.toFixed(3) ?? '–')
  console.log(
    `\n  sentiment of ${good[0]?.length} good and ${bad[0]?.length} bad texts of our trade, the same fold`,
  )
  row('', READERS)
  row('good above bad (AUC)', cells(areaUnderCurve))
  row(
    'good at 0.5 or more',
    cells((good) => share(good.filter((value) => value >= 0.5).length, good.length)),
  )
  row(
    'bad under 0.5',
    cells((_, bad) => share(bad.filter((value) => value < 0.5).length, bad.length)),
  )
}

/** How often a good text stands above a bad one; equal ones count half. */
function areaUnderCurve(good: readonly number[], bad: readonly number[]): number | undefined {
  const above = (value: number) => bad.reduce((sum, other) => sum + (Math.sign(value - other) + 1) / 2, 0)
  return share(
    good.reduce((sum, value) => sum + above(value), 0),
    good.length * bad.length,
  )
}

/** A letter whose words for a risk all stand behind this many characters, and none in its title, mentions it in passing. */
const PASSING = 120

/** Where the engine errs on our own labels, by code: what an author of rules can act on without reading the texts. */
function printErrors(
  { risks, groups }: Catalogue,
  held: readonly { text: LabelledText; analysis: Analysis }[],
) {
  const noise = groups.noise ?? []
  const kinds = [
    'labelled',
    'missed',
    'in letters',
    'hinted',
    'rule fired',
    'silent',
    'extra',
    'in letters',
    'by model',
    'near noise',
    'in passing',
    'beside right',
  ]
  console.log(
    "\n  errors of rules + model on our own labels, all folds held out. Missed: hinted = a score under the label's; rule fired = of those, a rule matched;\n  silent = nothing at all. Extra: by model = no rule matched; near noise = a noise word in the text; in passing = a letter that names it late;\n  beside right = the text has another label that was found.",
  )
  console.log(`  ${'code'.padEnd(6)}${kinds.map((kind) => kind.padStart(13)).join('')}`)
  const total = kinds.map(() => 0)
  const confused = new Map<string, number>()
  for (const { code } of risks) {
    const missed = held.filter(
      ({ text, analysis }) => text.labels.includes(code) && !analysis.labels.includes(code),
    )
    const extra = held.filter(
      ({ text, analysis }) => !text.labels.includes(code) && analysis.labels.includes(code),
    )
    const signalOf = ({ analysis }: { analysis: Analysis }) =>
      analysis.signals.find(({ risk }) => risk === code)
    const hinted = missed.filter((one) => signalOf(one))
    const counts = [
      held.filter(({ text }) => text.labels.includes(code)).length,
      missed.length,
      missed.filter(({ text }) => text.kind === 'letter').length,
      hinted.length,
      hinted.filter((one) => signalOf(one)?.rule !== 'model').length,
      missed.length - hinted.length,
      extra.length,
      extra.filter(({ text }) => text.kind === 'letter').length,
      extra.filter((one) => signalOf(one)?.rule === 'model').length,
      extra.filter(({ text }) => noise.some((word) => text.text.includes(word))).length,
      extra.filter(
        (one) => one.text.kind === 'letter' && signalOf(one)?.terms.every(({ start }) => start >= PASSING),
      ).length,
      extra.filter(({ text, analysis }) => text.labels.some((label) => analysis.labels.includes(label)))
        .length,
    ]
    console.log(`  ${code.padEnd(6)}${counts.map((count) => String(count).padStart(13)).join('')}`)
    for (const [at, count] of counts.entries()) total[at] = (total[at] ?? 0) + count
    for (const { text, analysis } of missed) {
      const instead = analysis.labels.filter((label) => !text.labels.includes(label))
      for (const other of instead.length > 0 ? instead : analysis.labels.length > 0 ? [] : ['NONE']) {
        const pair = `${code} read as ${other}`
        confused.set(pair, (confused.get(pair) ?? 0) + 1)
      }
    }
    for (const { text } of extra) {
      if (text.labels.length > 0) continue
      confused.set(`NONE read as ${code}`, (confused.get(`NONE read as ${code}`) ?? 0) + 1)
    }
  }
  console.log(`  ${'all'.padEnd(6)}${total.map((count) => String(count).padStart(13)).join('')}`)
  const most = [...confused].sort((a, b) => b[1] - a[1]).slice(0, 16)
  console.log(`  most confused: ${most.map(([pair, count]) => `${pair} ${count}`).join('; ')}`)
}
