import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { createAnalyser } from '../../server/analysis/analyser.ts'
import { createExplainer, createRuleReader } from '../../server/analysis/explain.ts'
import { smallCatalogue } from './small-catalogue.ts'

const explain = createExplainer(smallCatalogue)
const nearOf = (risk: string, rule: string, document: { title?: string; text: string }) =>
  explain(document).near.find((miss) => miss.risk === risk && miss.rule === rule)
const reasonsOf = (risk: string, rule: string, document: { title?: string; text: string }) =>
  nearOf(risk, rule, document)?.reasons

test('every rule that matched is told with its words, the strongest first', () => {
  const { risks } = explain({ text: '房屋渗漏，墙面空鼓。' })
  expect(risks).toMatchObject([{ risk: 'DE5', score: 0.88, isLabel: true }])
  expect(risks[0]?.rules.map(({ rule, terms }) => [rule, terms.map((term) => term.text)])).toEqual([
    ['leak', ['房屋', '渗漏', '墙']],
    ['hollow', ['空鼓']],
  ])
})

test('a find below the line is a hint, not a label', () => {
  expect(explain({ text: '墙角空鼓' }).risks).toMatchObject([{ risk: 'DE5', score: 0.4, isLabel: false }])
})

test('a list without a word is named with some of its words', () => {
  expect(nearOf('DE3', 'stopped', { text: '昨日停工' })).toMatchObject({
    found: [{ text: '停工', start: 2, end: 4, field: 'text' }],
    reasons: [{ kind: 'missing', words: ['工地', '项目'], count: 2 }],
  })
})

test('words too far apart are told with the distance and what is allowed', () => {
  const text = `房屋${'好'.repeat(50)}渗漏`
  expect(reasonsOf('DE5', 'leak', { text })).toEqual([{ kind: 'too-far', distance: 50, within: 30 }])
})

test('words in two sentences', () => {
  expect(reasonsOf('DE5', 'leak', { text: '我买了房屋。渗漏。' })).toEqual([{ kind: 'other-sentence' }])
})

test('a negated word is told with what negates it, through fillers too', () => {
  expect(reasonsOf('DE5', 'leak', { text: '房屋没有任何渗漏' })).toMatchObject([
    { kind: 'negated', by: { text: '没有', start: 2, end: 4 } },
  ])
})

test('the word that silences a find is named with its list', () => {
  expect(reasonsOf('LA1', 'no-permit', { text: '未取得预售证，后已补办' })).toMatchObject([
    { kind: 'silenced', list: 'not', by: { text: '已补办' } },
  ])
  expect(reasonsOf('DE5', 'leak', { text: '房屋渗漏攻略' })).toMatchObject([
    { kind: 'silenced', list: 'noise', by: { text: '攻略' } },
  ])
  expect(reasonsOf('DE5', 'leak', { text: '房屋渗漏系谣言' })).toMatchObject([
    { kind: 'silenced', list: 'denial', by: { text: '系谣言' } },
  ])
})

test('a title of another kind silences the whole text', () => {
  expect(reasonsOf('DE5', 'leak', { title: '收房攻略', text: '房屋渗漏' })).toMatchObject([
    { kind: 'noise-title', by: { text: '攻略', field: 'title' } },
  ])
})

test('a rule for titles finds its words in the text only', () => {
  expect(reasonsOf('SA2', 'cut', { title: '新盘', text: '昨天降价' })).toEqual([{ kind: 'outside-title' }])
})

test('a text without one word of the rules has neither hits nor near misses', () => {
  expect(explain({ text: '今天天气很好' })).toEqual({ risks: [], near: [] })
  expect(explain({ text: '' })).toEqual({ risks: [], near: [] })
})

test('what is nearer comes first: one silencing word before a list that has none', () => {
  const { near } = explain({ text: '房屋没有渗漏，项目还在' })
  expect(near.map((miss) => miss.rule)).toEqual(['leak', 'stopped'])
})

test('a text that repeats one word is answered at once', () => {
  const before = performance.now()
  explain({ text: '房屋。渗漏。'.repeat(20_000) })
  expect(performance.now() - before).toBeLessThan(5_000)
})

const catalogue = loadCatalogue(fileURLToPath(new URL('../../risk-catalog', import.meta.url)))
const examples = catalogue.risks.flatMap((risk) => [...risk.examples.hits, ...risk.examples.misses])

test('on every example of the catalogue it says what the rules say', () => {
  const { weights: _model, ...rulesAlone } = catalogue
  const { analyse } = createAnalyser(rulesAlone)
  const real = createExplainer(catalogue)
  for (const text of examples) {
    const { risks } = real({ text })
    const byRules = analyse({ text }).signals
    expect(
      risks.map(({ risk, rules }) => [risk, rules.some(({ rule }) => byRules.some((s) => s.rule === rule))]),
    ).toEqual(byRules.map(({ risk }) => [risk, true]))
  }
}, 60_000)

test('the nearest rule of a risk’s own counter-examples is told with a reason', () => {
  const real = createExplainer(catalogue)
  const { near } = real({ text: '枫桥府验收合格，经检测没有渗漏' })
  expect(near.some(({ risk, reasons }) => risk === 'DE5' && reasons.length > 0)).toBe(true)
})

test('two catalogues read a text in one pass, each by its own words', () => {
  const narrower = {
    ...smallCatalogue,
    risks: smallCatalogue.risks.map((risk) => ({
      ...risk,
      rules: risk.rules.map((rule) => (rule.id === 'leak' ? { ...rule, not: ['浴室'] } : rule)),
    })),
  }
  const read = createRuleReader([smallCatalogue, narrower])
  const codes = (text: string) => read({ text }).map((hits) => hits.map((hit) => hit.risk))
  expect(codes('浴室墙面渗漏')).toEqual([['DE5'], []])
  expect(codes('房屋渗漏')).toEqual([['DE5'], ['DE5']])
  expect(codes('好天气')).toEqual([[], []])
})
