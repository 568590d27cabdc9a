import { expect, test } from 'vitest'
import { simhash, simhashDistance, textHash } from '../../server/analysis/fingerprint.ts'
import { normalise } from '../../server/analysis/normalise.ts'

const long =
  '业主反映某小区二期地下车库多处渗漏，雨后积水没过脚踝，多次向物业和开发商报修均未得到解决，希望有关部门督促尽快维修并给出书面答复。'
const hash = (text: string) => textHash(normalise(text))
const sim = (text: string) => simhash(normalise(text))

test('the hash ignores writing and punctuation, and nothing else', () => {
  expect(hash('爛尾樓，停工了！')).toBe(hash('烂尾楼 停工了'))
  expect(hash('停工')).not.toBe(hash('工停'))
  expect(hash('二期停工')).not.toBe(hash('三期停工'))
  expect(hash('')).toMatch(/^[0-9a-f]{32}$/)
})

test('a changed word moves a few bits, another text about half of them', () => {
  const near = simhashDistance(sim(long), sim(long.replace('多次', '反复')))
  const far = simhashDistance(
    sim(long),
    sim('今日土拍市场延续平稳走势，三宗宅地以底价成交，总金额约十二亿元，业内预计下半年供应节奏将放缓。'),
  )
  expect(near).toBeLessThan(10)
  expect(far).toBeGreaterThan(20)
})

test('a text of under three characters has no simhash and is near to nothing', () => {
  expect(sim('停工')).toBe('')
  expect(simhashDistance('', '')).toBe(64)
})

test('a text long enough to overflow any byte counter keeps its simhash when doubled', () => {
  expect(simhashDistance(sim(long.repeat(50)), sim(long.repeat(100)))).toBeLessThan(3)
})

test('every bit is that of more than half of the grams, counted one by one', () => {
  const mixed = (value: number) => {
    let h = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
    return h ^ (h >>> 16)
  }
  const counted = (text: string) => {
    const units = [...text].map((letter) => letter.charCodeAt(0))
    const low = units
      .slice(2)
      .map((third, at) =>
        mixed(
          Math.imul(units[at]!, 0x9e37_79b1) ^
            Math.imul(units[at + 1]!, 0x27d4_eb2f) ^
            Math.imul(third, 0x1656_67b1),
        ),
      )
    const high = low.map((hash) => mixed(hash + 0x7f4a_7c15))
    const half = (hashes: readonly number[]) =>
      Array.from({ length: 32 }, (_, bit) => 31 - bit)
        .map((bit) => (hashes.filter((hash) => (hash >>> bit) & 1).length * 2 > hashes.length ? '1' : '0'))
        .join('')
    return BigInt(`0b${half(high)}${half(low)}`)
      .toString(16)
      .padStart(16, '0')
  }
  const letters = long.replaceAll(/[，。]/g, '')
  // Around every multiple of eight grams, and with carries through many digits.
  for (let length = 3; length <= letters.length; length++)
    expect(sim(letters.slice(0, length))).toBe(counted(letters.slice(0, length)))
  for (const times of [9, 70]) expect(sim(letters.repeat(times))).toBe(counted(letters.repeat(times)))
})
