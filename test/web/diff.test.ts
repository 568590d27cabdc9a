import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changesBetween, shortened } from '../../web/pages/mentions/diff.ts'

const told = (before: string, after: string) =>
  changesBetween(before, after)
    .map(({ kind, text }) => (kind === 'same' ? text : kind === 'removed' ? `[-${text}]` : `[+${text}]`))
    .join('')

test('a changed word is marked inside its sentence, a new sentence as a whole', () => {
  expect(told('已停工三天。', '已停工五天。')).toBe('已停工[-三][+五]天。')
  expect(told('项目停工。业主维权。', '项目停工。住建局回应。业主维权。')).toBe(
    '项目停工。[+住建局回应。]业主维权。',
  )
  expect(told('2025年交付', '2026年交付')).toBe('[-2025][+2026]年交付')
  expect(told('外墙渗水无人处理', '开发商：已安排维修')).toBe('[-外墙渗水无人处理][+开发商：已安排维修]')
  expect(told('停工', '停工')).toBe('停工')
  expect(told('', '停工')).toBe('[+停工]')
})

test('both texts can be read out of the changes again, whatever they are', () => {
  const text = fc.string({ unit: fc.constantFrom('停', '工', '。', 'a', '1', '\n', '😀'), maxLength: 80 })
  fc.assert(
    fc.property(text, text, (before, after) => {
      const changes = changesBetween(before, after)
      const of = (not: string) =>
        changes
          .filter(({ kind }) => kind !== not)
          .map((change) => change.text)
          .join('')
      expect([of('added'), of('removed')]).toEqual([before, after])
    }),
  )
})

test('two long texts without a common word are told apart in bounded time', () => {
  const long = (word: string) => Array.from({ length: 20_000 }, (_, at) => `${word}${at}。`).join('')
  const started = performance.now()
  expect(changesBetween(long('甲'), long('乙')).length).toBe(2)
  expect(performance.now() - started).toBeLessThan(3_000)
})

test('what stayed is cut to what stands beside a change', () => {
  const same = '同'.repeat(500)
  const cut = shortened(changesBetween(`${same}。停工。${same}`, `${same}。复工。${same}`), 10)
  expect(cut.map(({ text }) => text.length)).toEqual([13, 1, 1, 13])
  expect(shortened([{ kind: 'same', text: same }])).toEqual([{ kind: 'same', text: same }])
})
