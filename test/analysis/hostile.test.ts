import { resolve } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { type Analysis, createAnalyser } from '../../server/analysis/analyser.ts'
import { normalised, normalisedWord } from '../../server/analysis/normalise.ts'

const catalogue = loadCatalogue(resolve('risk-catalog'))
const projects = [{ id: 1, names: ['云境花园', '云境'], city: '嘉州市', companies: ['嘉州未雨置业'] }]
const { analyse } = createAnalyser({ ...catalogue, projects })
const words = catalogue.risks.flatMap(({ rules }) => rules.flatMap(({ all }) => all.flat()))
const known = new Set(words.map(normalisedWord))
const sentences = catalogue.risks.flatMap(({ examples }) => [...examples.hits, ...examples.misses])

/** Catalogue words and sentences, disguised, among everything a page may hold. */
const piece = fc.oneof(
  fc
    .tuple(fc.constantFrom(...words, ...sentences), fc.constantFrom('', ' ', '\u200b', '*', '\u3000'))
    .map(([word, between]) => [...word].join(between)),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom(
    '\ud83d',
    '\udc00',
    '😭🏚️',
    '\u202eمرحبا',
    '\u200d\u200b\ufeff',
    'e\u0301\u0301\u0301',
    '漏漏漏漏漏漏',
    '。！\n',
  ),
)
const anyText = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))

function checkTerms(analysis: Analysis, title: string | undefined, text: string) {
  const fields = { title: title ?? '', text }
  for (const { rule, terms } of analysis.signals) {
    for (const { field, start, end, text: written } of terms) {
      expect(fields[field].slice(start, end)).toBe(written)
      if (rule !== 'model') expect(known).toContain(normalised(written))
      else expect(normalised(fields[field])).toContain(normalisedWord(written).slice(0, 1))
    }
  }
  for (const { terms } of analysis.projects) {
    for (const { field, start, end } of terms) {
      expect(['云境花园', '云境']).toContain(normalised(fields[field].slice(start, end)))
    }
  }
}

test('every hit of rules, model and projects is the slice of the original that its offsets name', () => {
  fc.assert(
    fc.property(anyText, fc.option(anyText, { nil: undefined }), (text, title) => {
      checkTerms(analyse({ title, text }), title, text)
    }),
    { numRuns: 1500 },
  )
})

test('a hundred thousand hostile strings are all answered within bounds', () => {
  const parts = [
    '\ud83d',
    '\udc00',
    '😭',
    '\u202e',
    'مرحبا',
    '\u200b',
    '\u0301',
    '漏',
    '房屋渗漏',
    '停工',
    '。',
    '\n',
    '\0',
    'K2',
    '　',
    '9',
    '没有',
    '云境花园',
  ]
  let state = 1
  const dice = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
  let labelled = 0
  for (let i = 0; i < 100_000; i++) {
    let text = ''
    for (let left = dice(10); left >= 0; left--) {
      text += dice(3) === 0 ? String.fromCharCode(dice(65_536)) : (parts[dice(parts.length)] ?? '')
    }
    const { sentiment, signals, labels } = analyse({ text })
    if (!(sentiment >= 0 && sentiment <= 1) || signals.some(({ score }) => !(score >= 0 && score <= 1)))
      expect.fail(`out of bounds for ${JSON.stringify(text)}`)
    if (labels.length > 0) labelled++
  }
  expect(labelled).toBeGreaterThan(0)
}, 60_000)

test('a line ten times as long takes no more than about ten times the work', () => {
  const cost = (text: string) => {
    const from = process.cpuUsage()
    analyse({ text })
    return process.cpuUsage(from).user
  }
  const lines = [
    ['\ud83d', 1_000_000],
    ['\u200b', 1_000_000],
    ['甲乙丙，', 250_000],
    // Every word a hit, so a tenth of the length.
    ['房屋渗漏没人管，', 6000],
    ['云境花园', 12_000],
  ] as const
  for (const [unit, times] of lines) {
    cost(unit.repeat(times / 10))
    const short = Math.max(cost(unit.repeat(times)), 20_000)
    // Quadratic work would be a hundredfold.
    expect(cost(unit.repeat(times * 10)) / short, JSON.stringify(unit)).toBeLessThan(40)
  }
}, 60_000)
