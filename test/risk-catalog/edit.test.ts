import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupsIn, rulesIn, type WrittenRule, withRules, withWords } from '../../risk-catalog/edit.ts'
import { readCatalogue, readCatalogueFiles } from '../../risk-catalog/load.ts'

const files = readCatalogueFiles(fileURLToPath(new URL('../../risk-catalog', import.meta.url)))
const riskFiles = files.filter((file) => !file.path.startsWith('lexicon/'))
const lexicon = files.filter((file) => file.path.startsWith('lexicon/'))
const de5 = riskFiles.find((file) => file.path === 'DE/DE5.yaml')?.text ?? ''

const rulesOf = (text: string) => {
  const rules = rulesIn(text)
  if (!rules) throw new Error('no rules')
  return rules
}

test.each(riskFiles)('saving $path without a change leaves every character of it', ({ text }) => {
  expect(withRules(text, rulesOf(text))).toBe(text)
})

test.each(lexicon)('saving the words of $path reads back as the same groups', ({ text }) => {
  const groups = groupsIn(text) ?? []
  expect(groups.length).toBeGreaterThan(0)
  for (const { name, words } of groups) expect(groupsIn(withWords(text, name, words))).toEqual(groups)
})

test('a changed rule is written anew, all other lines stay', () => {
  const rules = rulesOf(de5).map((rule) => (rule.id === 'hollow' ? { ...rule, within: 45 } : rule))
  const changed = withRules(de5, rules)
  expect(rulesOf(changed)).toEqual(rules)
  const lines = new Set(de5.split('\n'))
  expect(changed.split('\n').filter((line) => !lines.has(line))).toEqual(['    within: 45'])
})

test('rules can be added, removed and put in another order', () => {
  const [first, second, ...rest] = rulesOf(de5)
  if (!first || !second) throw new Error('DE5 has rules')
  const added: WrittenRule = { ...first, id: 'new-one', not: ['广告: 勿扰', '110', '#1', 'true'] }
  const rules = [second, ...rest.slice(1), added]
  expect(rulesOf(withRules(de5, rules))).toEqual(rules)
  expect(withRules(de5, rules)).toContain(de5.slice(de5.indexOf('measures:')))
})

test('a file that writes its rules in one line, or words one a line, can be edited too', () => {
  const flow = de5.replace(
    /rules:\n[\s\S]*?\nmeasures:/,
    'rules: [{ id: a, all: [[漏]], weight: 0.5 }]\nmeasures:',
  )
  const [rule] = rulesOf(flow)
  if (!rule) throw new Error('one rule')
  expect(rulesOf(withRules(flow, [rule, { ...rule, id: 'b' }])).map(({ id }) => id)).toEqual(['a', 'b'])
  const lines = '- name: home # 家\n  words:\n    - 房子\n    - 房屋\n- name: other\n  words: [一]\n'
  expect(withWords(lines, 'home', ['新房'])).toBe(
    '- name: home # 家\n  words:\n    - 新房\n- name: other\n  words: [一]\n',
  )
})

test('whatever words a form sends come back as they were', () => {
  const small = withRules(de5, rulesOf(de5).slice(0, 2))
  const word = fc.string({ minLength: 1, maxLength: 12, unit: 'binary' })
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 4 }),
      fc.array(word, { maxLength: 3 }),
      (all, not) => {
        const [first, ...rest] = rulesOf(small)
        if (!first) throw new Error('DE5 has rules')
        const { not: _, ...bare } = first
        const edited = [{ ...bare, all: [all], ...(not.length > 0 && { not }) }, ...rest]
        expect(rulesOf(withRules(small, edited))).toEqual(edited)
      },
    ),
    { numRuns: 20 },
  )
}, 60_000)

test('a text made to exhaust the parser is a problem with its place, not a crash', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
    .split('')
    .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(',')}]`)
    .join('\n')}`
  for (const text of [bomb, '['.repeat(50_000)]) {
    expect(() => readCatalogue([{ path: 'DE/DE5.yaml', text }])).toThrow(/^DE\/DE5\.yaml:1:/)
    expect(rulesIn(text)).toBeUndefined()
  }
})
