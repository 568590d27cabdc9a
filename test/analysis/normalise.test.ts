import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalise, normalised, normalisedWord } from '../../server/analysis/normalise.ts'

test('traditional, full-width, upper-case and spaced writing come to one form', () => {
  for (const written of [
    '烂尾楼',
    '爛尾樓',
    '烂 尾 楼',
    '烂\u200b尾\u200d楼',
    '烂*尾-楼',
    '烂·尾🏚️楼',
    '〖烂尾〗楼',
  ]) {
    expect(normalised(written)).toBe('烂尾楼')
  }
  expect(normalised('ＡＢＣ１２３')).toBe('abc123')
  expect(normalised('⼯地')).toBe('工地')
})

test('sentence ends and pauses stay, so that no word reaches over one', () => {
  expect(normalised('漏。水')).toBe('漏\n水')
  expect(normalised('渗漏，水电不通')).toBe('渗漏,水电不通')
  expect(normalised('渗漏、开裂')).toBe('渗漏、开裂')
  expect(normalised('停工！？！\n\n复工')).toBe('停工\n复工')
  expect(normalised('。。开头')).toBe('开头')
})

test('the point of a number stays, other points go', () => {
  expect(normalised('层高2.5米，漏.水.')).toBe('层高2.5米,漏水')
})

test('rare characters of names stay whole, lone surrogates go', () => {
  expect(normalised('𠮷屋')).toBe('𠮷屋')
  expect(normalised('a\ud840b\udc00c\ud83d')).toBe('abc')
})

test('a word of symbols alone is empty', () => {
  expect(normalisedWord('——、，')).toBe('')
})

test('every kept unit knows its own place in the original, in order', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const { units, at, length } = normalise(text)
      for (let i = 0; i < length; i++) {
        const place = at[i]!
        if (i > 0) expect(place).toBeGreaterThan(at[i - 1]!)
        const isHalf = units[i]! >= 0xd800 && units[i]! < 0xe000
        if (!isHalf) expect(normalised(`x${text[place]}x`)).toContain(String.fromCharCode(units[i]!).trim())
      }
    }),
  )
})

test('what is normalised once stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (text) => {
      const once = normalised(text)
      expect(normalised(once)).toBe(once)
    }),
  )
})

test('a line of ten million characters takes linear time', () => {
  const line = '房屋渗漏 没人管，'.repeat(1_100_000)
  const started = performance.now()
  expect(normalise(line).length).toBeGreaterThan(8_000_000)
  expect(performance.now() - started).toBeLessThan(3000)
})
