import { expect, test } from 'vitest'
import { compileEstates, foldNames, readEstates } from '../../server/analysis/estate-names.ts'
import { cityNames } from '../../server/analysis/places.ts'
import { createReader, createVocabulary } from '../../server/analysis/reading.ts'

const vocabulary = createVocabulary()
const sets = compileEstates(vocabulary, [...cityNames, '嘉州', '嘉州市', '滨水区'])
const read = createReader(vocabulary.build())
function spans(text: string) {
  const reading = read(text, 0)
  return readEstates(sets, reading).map(({ start, end, isSure }) => ({
    name: String.fromCharCode(...reading.text.units.subarray(start, end)),
    isSure,
  }))
}
const names = (text: string) => spans(text).flatMap(({ name, isSure }) => (isSure ? [name] : []))

test('a name begins where a word ends that cannot belong to it', () => {
  expect(names('反映云境花园漏水')).toEqual(['云境花园'])
  expect(names('业主投诉云境花园漏水')).toEqual(['云境花园'])
  expect(names('关于嘉州市滨水区云境雅苑停工的问题')).toEqual(['云境雅苑'])
  expect(names('我是槐荫路云境华府的业主')).toEqual(['云境华府'])
  expect(names('云境花园、栖霞家园漏水')).toEqual(['云境花园', '栖霞家园'])
})

test('a name is whole: what follows the first suffix may still belong to it, 小区 does not', () => {
  expect(names('投诉云境名城花园漏水')).toEqual(['云境名城花园'])
  expect(names('投诉云境家园小区漏水')).toEqual(['云境家园'])
  expect(names('投诉路劲花园、和谐家苑')).toEqual(['路劲花园', '和谐家苑'])
})

test('a weak suffix names an estate only with an estate’s word behind it', () => {
  expect(names('投诉澜湖府业主维权')).toEqual(['澜湖府'])
  expect(names('投诉澜湖府3栋漏水')).toEqual(['澜湖府'])
  expect(names('投诉澜湖府的菜很难吃')).toEqual([])
})

test('ordinary words, roads, stops, schools and parks are no estates', () => {
  for (const text of [
    '安置小区改造',
    '我们小区停电',
    '影响小区居民',
    '老旧小区加装电梯',
    '嘉州一小区起火',
    '城市花园里的花',
    '云境花园路堵车',
    '云境花园小学开学',
    '去公园散步',
    '县城业主',
    '政府业主接待日',
    '人才公寓申请',
    '独栋别墅',
  ])
    expect(names(text)).toEqual([])
})

test('a beginning that no word marks is a guess', () => {
  expect(spans('一二三四五六七八云境雅苑')).toEqual([
    { name: expect.stringMatching(/云境雅苑$/), isSure: false },
  ])
})

test('a hostile text gives a bounded number of names in linear time', () => {
  const from = performance.now()
  expect(spans('投诉云境花园'.repeat(20_000)).length).toBeLessThanOrEqual(40)
  expect(spans('花园'.repeat(50_000)).length).toBeLessThanOrEqual(40)
  expect(performance.now() - from).toBeLessThan(2_000)
})

test('a name cut too early counts for the shorter one that was seen alone', () => {
  const folded = foldNames([
    { name: '云境花园', texts: 9 },
    { name: '吐槽云境花园', texts: 1 },
    { name: '新云境花园', texts: 30 },
    { name: '境花园', texts: 1 },
  ])
  expect(Object.fromEntries(folded)).toEqual({
    云境花园: '云境花园',
    吐槽云境花园: '云境花园',
    新云境花园: '新云境花园',
    境花园: '境花园',
  })
})
