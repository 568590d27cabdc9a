import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAnalyser, termOf } from '../../server/analysis/analyser.ts'
import { writeModel } from '../../server/analysis/model.ts'
import { createScratch, normalise, normalised } from '../../server/analysis/normalise.ts'
import { runThrough } from '../../server/analysis/train.ts'
import { smallCatalogue } from './small-catalogue.ts'

const projects = [
  { id: 1, names: ['云境花园', '云境'], city: '嘉州市', companies: ['嘉州未雨置业'] },
  { id: 2, names: ['云境花园二期'], city: '临江市', companies: ['临江未雨置业'] },
  { id: 3, names: ['壹号院', 'K2'], city: '临江市', companies: [] },
  { id: 4, names: ['壹号院'], city: '嘉州市', companies: [] },
]
const { analyse } = createAnalyser({
  ...smallCatalogue,
  projects,
  companies: ['未雨集团'],
})
const labels = (text: string, title?: string) => analyse({ title, text }).labels

test('subject and event within the distance and the sentence give the label, one alone does not', () => {
  expect(labels('房屋多处渗漏')).toEqual(['DE5'])
  expect(labels('渗漏')).toEqual([])
  expect(labels('房屋很好。渗漏的是水管')).toEqual([])
  expect(labels(`房屋${'啊'.repeat(31)}渗漏`)).toEqual([])
})

test('words are found however they are written', () => {
  for (const text of ['房屋滲漏', '房 屋 渗 漏', '房\u200b屋渗*漏']) expect(labels(text)).toEqual(['DE5'])
})

test('a negated event is none, in lists and behind fillers too', () => {
  expect(labels('房屋没有渗漏')).toEqual([])
  expect(labels('房屋未发现任何渗漏、开裂和空鼓')).toEqual([])
  expect(labels('房屋没有人管渗漏')).toEqual(['DE5'])
  expect(labels('房屋没有阳台，渗漏')).toEqual(['DE5'])
})

test('a negated mention does not hide an earlier one in the same sentence', () => {
  expect(labels('房屋渗漏，物业说没有渗漏')).toEqual(['DE5'])
})

test('a rule about an absence is not negated by its own words, and its `not` words silence it', () => {
  expect(labels('该盘未取得预售证')).toEqual(['LA1'])
  expect(labels('该盘未取得预售证，现已补办')).toEqual([])
})

test('denial and noise silence their sentence, a noise title the whole text', () => {
  expect(labels('房屋渗漏系谣言')).toEqual([])
  expect(labels('验房攻略：房屋渗漏怎么看。')).toEqual([])
  expect(labels('我买股票。房屋渗漏')).toEqual(['DE5'])
  expect(labels('房屋渗漏', '验房攻略')).toEqual([])
})

test('a text rule reaches over sentences, a title rule looks at the title alone', () => {
  expect(labels('我去了工地。全部停工')).toEqual(['DE3'])
  expect(labels('降价')).toEqual([])
  expect(labels('无', '开发商降价')).toEqual(['SA2'])
})

test('rules of one risk combine by noisy-or, and a signal under the label score stays a hint', () => {
  const both = analyse({ text: '房屋渗漏，墙面空鼓' }).signals[0]
  expect(both).toMatchObject({ risk: 'DE5', score: 0.88, rule: 'leak', redLine: false })
  const hint = analyse({ text: '空鼓' })
  expect(hint.labels).toEqual([])
  expect(hint.signals).toMatchObject([{ risk: 'DE5', score: 0.4 }])
})

test('a red-line rule marks its signal', () => {
  expect(analyse({ text: '项目停工' }).signals).toMatchObject([{ risk: 'DE3', redLine: true }])
})

test('terms name the field, the longest word and its place in the original', () => {
  const { signals } = analyse({ title: '房屋问题', text: '我家 墙 面渗 漏水！' })
  expect(signals[0]?.terms).toEqual([
    { text: '墙', start: 3, end: 4, field: 'text' },
    { text: '渗 漏水', start: 6, end: 10, field: 'text' },
  ])
})

test('a plain question is neutral, a complaint negative, thanks positive', () => {
  expect(analyse({ text: '请问项目何时交房？' }).polarity).toBe('neutral')
  expect(analyse({ text: '投诉：房屋渗漏，业主很愤怒' }).polarity).toBe('negative')
  expect(analyse({ text: '感谢物业，为他们点赞' })).toMatchObject({ polarity: 'positive' })
})

test('the target is the party that is named, else the one whose risk it is', () => {
  expect(analyse({ text: '物业不作为，物业收费高' }).target).toBe('property-management')
  expect(analyse({ text: '房屋渗漏' }).target).toBe('developer')
  expect(analyse({ text: '今天天气好' }).target).toBe('other')
})

test('the longest project name counts, and another city speaks against it', () => {
  expect(analyse({ text: '云境花园二期停工' }).projects).toMatchObject([{ projectId: 2, confidence: 0.9 }])
  expect(analyse({ text: '嘉州云境花园停工' }).projects).toMatchObject([{ projectId: 1, confidence: 0.98 }])
  expect(analyse({ text: '临江的云境花园停工' }).projects).toMatchObject([{ projectId: 1, confidence: 0.45 }])
})

test('a short or shared name needs its city or its company', () => {
  expect(analyse({ text: '云境停工了' }).projects).toMatchObject([{ projectId: 1, confidence: 0.35 }])
  expect(analyse({ text: '嘉州未雨置业的云境停工了' }).projects[0]?.confidence).toBeGreaterThan(0.9)
  const [best, other] = analyse({ text: '嘉州壹号院停工' }).projects
  expect(best).toMatchObject({ projectId: 4, confidence: 0.75 })
  expect(other?.confidence).toBeLessThan(0.3)
})

test('a Latin name is not found inside a longer one', () => {
  expect(analyse({ text: '临江K25地块' }).projects).toEqual([])
  expect(analyse({ text: '临江K2 5号楼' }).projects).toMatchObject([{ projectId: 3 }])
})

test('the company of the group and the trade are recognised', () => {
  expect(analyse({ text: '未雨集团发布公告' }).namesUs).toBe(true)
  expect(analyse({ text: '小区业主开会' }).isTrade).toBe(true)
  expect(analyse({ title: '小区', text: '' }).isTrade).toBe(true)
  expect(analyse({ text: '球队夺冠' })).toMatchObject({ isTrade: false, namesUs: false })
})

/** Writes catalogue words into any text, with the tricks of people who do not want to be found. */
const disguised = fc
  .tuple(
    fc.constantFrom('房屋渗漏', '墙面开裂', '云境花园二期', '工地停工', '没有渗漏', '降价', '投诉'),
    fc.constantFrom('', ' ', '\u200b', '*', '·', '\u3000'),
  )
  .map(([word, between]) => [...word].join(between))
const anyText = fc.array(fc.oneof(disguised, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 12 })

test('every term is the slice of the original that its offsets name, and is the word in its written form', () => {
  const known = new Set([
    '墙',
    '房屋',
    '渗漏',
    '开裂',
    '渗漏水',
    '空鼓',
    '工地',
    '项目',
    '停工',
    '降价',
    '维权',
    '未取得预售证',
  ])
  fc.assert(
    fc.property(anyText, fc.option(anyText, { nil: undefined }), (body, head) => {
      const text = body.join('')
      const title = head?.join('')
      for (const { terms } of analyse({ title, text }).signals) {
        for (const term of terms) {
          const field = term.field === 'title' ? (title ?? '') : text
          expect(field.slice(term.start, term.end)).toBe(term.text)
          expect(known).toContain(normalised(term.text))
        }
      }
    }),
    { numRuns: 400 },
  )
})

test('no string makes it fail or answer outside its bounds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const analysis = analyse({ title: text.slice(0, 20), text })
      expect(analysis.sentiment).toBeGreaterThanOrEqual(0)
      expect(analysis.sentiment).toBeLessThanOrEqual(1)
      for (const signal of analysis.signals) expect(signal.score).toBeLessThanOrEqual(1)
    }),
    { numRuns: 2000 },
  )
})

test('the same text gives the same answer whatever was read before it', () => {
  const document = { title: '投诉', text: '云境花园二期房屋渗漏，物业不管' }
  const first = analyse(document)
  analyse({ text: '渗漏'.repeat(5000) })
  expect(analyse(document)).toEqual(first)
})

test('a text that repeats one rule a hundred thousand times stays linear and shows a few places', () => {
  const text = '房屋渗漏没有渗漏。'.repeat(100_000)
  const started = performance.now()
  expect(analyse({ text }).signals[0]?.terms.length).toBeLessThanOrEqual(24)
  expect(performance.now() - started).toBeLessThan(3000)
})

describe('sentiment by the model', () => {
  const names = [
    'kind:trade',
    'kind:review',
    'kind:post',
    'polarity:negative',
    'polarity:positive',
    'sentiment',
    'sentiment:post',
  ]
  /** Sentiment of a text by a model of single units: each word of `says` names an output, with − for a weight against it. */
  const sentimentBy = (says: Readonly<Record<string, readonly string[]>>, outputs = names) => {
    const weights = new Map(
      Object.entries(says).map(([unit, of]) => [
        unit.charCodeAt(0),
        of.map((name) => ({
          output: outputs.indexOf(name.replace('−', '')),
          weight: name.startsWith('−') ? -8 : 8,
        })),
      ]),
    )
    const model = {
      outputs: outputs.map((name) => ({ name, bias: 0, scale: 8, slope: -1, offset: 0 })),
      weights,
    }
    const { analyse } = createAnalyser({ ...smallCatalogue, weights: runThrough(writeModel(model)) })
    return (text: string) => analyse({ text }).sentiment
  }
  const kinds = { 户: ['kind:trade'], 店: ['kind:review'], 博: ['kind:post'] }

  test('is that of the likeliest kind of text, in the trade by its polarities', () => {
    const sentiment = sentimentBy({
      ...kinds,
      甲: ['polarity:positive', '−polarity:negative', '−sentiment', '−sentiment:post'],
      乙: ['sentiment', '−sentiment:post', '−polarity:positive', 'polarity:negative'],
      丙: ['sentiment:post', '−sentiment'],
    })
    expect(['户甲', '店甲', '博甲'].map((text) => sentiment(text) > 0.5)).toEqual([true, false, false])
    expect(['户乙', '店乙', '博乙'].map((text) => sentiment(text) > 0.5)).toEqual([false, true, false])
    expect(['店丙', '博丙'].map((text) => sentiment(text) > 0.5)).toEqual([false, true])
    expect(sentiment('户丙')).toBe(0.5)
  })

  test('counts a unit once, however often it stands there', () => {
    const sentiment = sentimentBy({ ...kinds, 乙: ['sentiment'], 丁: ['−sentiment'] })
    expect(sentiment('店乙乙乙丁')).toBe(0.5)
  })

  test('of a model without kinds is its one output, as it was before there were kinds', () => {
    const sentiment = sentimentBy({ 乙: ['sentiment', 'polarity:negative'] }, [
      'polarity:negative',
      'sentiment',
    ])
    expect(sentiment('户乙')).toBeGreaterThan(0.5)
    expect(sentiment('户')).toBe(0.5)
  })
})

test('a part that runs from the title into the text is shown where more of it stands', () => {
  const original = '渗漏\n开发商'
  const text = createScratch()
  normalise(original, text)
  const of = (first: number, last: number) => termOf(first, last, { text }, original, 3)
  expect(of(0, 2)).toEqual({ text: '渗漏', start: 0, end: 2, field: 'title' })
  expect(of(1, 5)).toEqual({ text: '开发', start: 0, end: 2, field: 'text' })
  expect(of(0, 4)).toEqual({ text: '渗漏', start: 0, end: 2, field: 'title' })
  expect(of(3, 6)).toEqual({ text: '开发商', start: 0, end: 3, field: 'text' })
})
