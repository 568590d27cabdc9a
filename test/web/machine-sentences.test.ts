import { afterEach, beforeEach, expect, test } from 'vitest'
import { phenomena } from '../../collectors/collector.ts'
import { milestoneKinds } from '../../server/projects/words.ts'
import type { HardRule } from '../../server/scoring/factor.ts'
import { machineReason, summaryOf } from '../../server/warnings/wording.ts'
import { language } from '../../web/labels.ts'
import { machineSentence } from '../../web/pages/warnings/machine-sentences.ts'

beforeEach(() => {
  language.value = 'en'
})
afterEach(() => {
  language.value = 'zh-CN'
})

const none = {
  hardRules: [],
  mentionCount: 0,
  negativeCount: 0,
  familyCount: 0,
  complaintCount: 0,
  openComplaintCount: 0,
  householdCount: 0,
}
const rule = (kind: HardRule['rule'], because: HardRule['because']): HardRule => ({
  rule: kind,
  clause: 'S2-3.1.2',
  level: 'III',
  because,
  signalIds: [],
})

test('a summary is said in English with the same numbers', () => {
  const counts = {
    ...none,
    hardRules: [
      rule('weather', {
        phenomenon: 'rainstorm',
        severity: 'severe',
        issuer: 'Observatory',
        leaks: 4,
        sites: 2,
      }),
      rule('reading', { on: '2026-03-01' }),
      rule('due', { kind: 'delivery', dueOn: '2026-04-06' }),
    ],
    mentionCount: 71,
    negativeCount: 70,
    familyCount: 11,
    complaintCount: 1,
    openComplaintCount: 0,
    householdCount: 1,
  }
  expect(machineSentence(summaryOf(counts))).toBe(
    'Rainstorm warning, orange (Observatory, 4 leak complaints open, 2 sites here); reading beyond its limit (2026-03-01); ' +
      'delivery due 2026-04-06; 71 texts of 11 media families (70 negative); 1 complaint (0 open, 1 household).',
  )
  expect(machineSentence(summaryOf(none))).toBe('No texts; no complaints.')
})

test('every word and every reason of the machine has its English', () => {
  const hardRules = [
    ...milestoneKinds.map(({ value }) => rule('due', { kind: value, dueOn: '2026-04-06' })),
    ...phenomena.flatMap((phenomenon) =>
      ['minor', 'moderate', 'severe', 'extreme', 'unknown'].map((severity) =>
        rule('weather', { phenomenon, severity, issuer: 'Observatory', leaks: 0, sites: 1 }),
      ),
    ),
  ]
  const reasons = Object.values(machineReason).map((reason) =>
    typeof reason === 'string' ? reason : (reason as (...of: unknown[]) => string)('II', 'I'),
  )
  const facts = machineReason.facts(3, 1)
  for (const sentence of [
    summaryOf({ ...none, hardRules }),
    facts,
    ...reasons.filter((said) => !said.includes('NaN')),
  ])
    expect(machineSentence(sentence), sentence).not.toMatch(/\p{Script=Han}/u)
  expect(machineSentence(facts)).toBe('3 media families and 1 complaint more')
})

test('words of people, and Chinese for a Chinese reader, stay as they are', () => {
  expect(machineSentence('已电话核实，情况属实。')).toBe('已电话核实，情况属实。')
  language.value = 'zh-CN'
  expect(machineSentence('暂无舆情；暂无投诉。')).toBe('暂无舆情；暂无投诉。')
})
