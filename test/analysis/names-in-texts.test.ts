import { expect, test } from 'vitest'
import { createNameFinder, hanOf } from '../../server/analysis/names-in-texts.ts'

test('a name is found in any width and case, whole, wherever it stands', () => {
  const bears = createNameFinder(['云上Ting', '栖霞雅苑', '栖霞', 'K2', '𠮷园'])
  for (const text of ['听说云上ＴＩＮＧ又停工了', '栖霞雅苑', '在栖霞', 'k2期', 'Ｋ２', '去𠮷园看房', '栖霞'])
    expect([text, bears(text)]).toEqual([text, true])
  for (const text of ['', '云', '上tin 云上t ing', '栖 霞', 'k', '𠮷', '园'])
    expect([text, bears(text)]).toEqual([text, false])
})

test('no name, or one of a single letter, is in no text', () => {
  for (const names of [[], ['', ' 湾 ', 'x']]) expect(createNameFinder(names)('湾x')).toBe(false)
})

test('thousands of names cost no more than one', () => {
  const names = Array.from({ length: 5_000 }, (_, n) => `第${n}号花园`)
  const bears = createNameFinder(names)
  expect(bears(`${'业主说'.repeat(20_000)}第4999号花园`)).toBe(true)
  expect(bears('业主说'.repeat(20_000))).toBe(false)
})

test('the longest Chinese run of a name narrows the search; a name without one does not', () => {
  expect(hanOf('澄岸·云汀府')).toBe('云汀府')
  expect(hanOf('云上Ting')).toBe('云上')
  expect(hanOf('𠮷野家K2')).toBe('𠮷野家')
  expect(hanOf('SKP')).toBeUndefined()
})
