import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildAutomaton, createHits, findWords } from '../../server/analysis/automaton.ts'

function found(words: readonly string[], text: string) {
  const units = Uint16Array.from(text, (c) => c.charCodeAt(0))
  const hits = findWords(buildAutomaton(words), units, units.length, createHits())
  return Array.from({ length: hits.count }, (_, i) => `${words[hits.word[i]!]}@${hits.end[i]}`).sort()
}

/** The definition: look for every word at every place. */
function slowly(words: readonly string[], text: string) {
  const all: string[] = []
  for (const word of words) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
      all.push(`${word}@${at + word.length}`)
  }
  return all.sort()
}

test('words inside and across one another are all found', () => {
  expect(found(['渗漏', '漏水', '渗漏水', '水'], '墙面渗漏水')).toEqual(
    ['渗漏@4', '漏水@5', '渗漏水@5', '水@5'].sort(),
  )
})

test('an empty or a repeated word is refused', () => {
  expect(() => buildAutomaton([''])).toThrow('empty')
  expect(() => buildAutomaton(['漏', '漏'])).toThrow('twice')
})

test('it finds exactly what looking for each word at each place finds', () => {
  const letters = fc.constantFrom('a', 'b', '漏', '水', '\uffff', '\ud800')
  const word = fc.string({ unit: letters, minLength: 1, maxLength: 5 })
  const text = fc.string({ unit: letters, maxLength: 60 })
  fc.assert(
    fc.property(fc.uniqueArray(word, { maxLength: 12 }), text, (words, haystack) => {
      expect(found(words, haystack)).toEqual(slowly(words, haystack))
    }),
    { numRuns: 500 },
  )
})

test('more hits than there was room for are all kept', () => {
  expect(found(['a', 'aa', 'aaa'], 'a'.repeat(1000))).toHaveLength(1000 + 999 + 998)
})
