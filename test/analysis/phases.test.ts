import fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberOf, readUnits } from '../../server/analysis/phases.ts'

const phases = (text: string) => readUnits(text).phases
const buildings = (text: string) => readUnits(text).buildings

test('a phase has one form however it is written', () => {
  for (const text of ['二期', '2期', 'Ⅱ期', '第二期', 'II期', '２ 期']) expect(phases(text)).toEqual(['二期'])
  expect(phases('十二期')).toEqual(['十二期'])
})

test('zones are read right behind the name or its phase, letters anywhere', () => {
  expect(phases('东区漏水')).toEqual(['东区'])
  expect(phases('二期西区')).toEqual(['二期', '西区'])
  expect(phases('的A区和B组团')).toEqual(['A区', 'B组团'])
  expect(phases('小区与社区')).toEqual([])
  expect(phases('旁的城东区政府')).toEqual([])
})

test('a building has one form: 号楼, 栋, 幢, 座, 3#, full width and in a list', () => {
  for (const text of ['3号楼', '3栋', '3幢', '3#', '３＃楼', '第三栋', '三号楼', '3座'])
    expect(buildings(text)).toEqual(['3栋'])
  expect(buildings('3、5号楼')).toEqual(['3栋', '5栋'])
  expect(buildings('2#、3#楼')).toEqual(['2栋', '3栋'])
  expect(buildings('1-4号楼')).toEqual(['1栋', '2栋', '3栋', '4栋'])
  expect(buildings('A座')).toEqual(['A栋'])
  expect(buildings('B3栋')).toEqual(['B3栋'])
})

test('a unit stays with its building', () => {
  expect(buildings('3栋2单元')).toEqual(['3栋2单元'])
  expect(buildings('3、5号楼二单元')).toEqual(['3栋', '5栋2单元'])
  expect(buildings('2单元')).toEqual(['2单元'])
})

test('counts, instalments and things are no labels', () => {
  for (const text of ['共18栋', '三栋楼', '18栋楼房', '5座电梯', '一座桥', '3.5栋'])
    expect(buildings(text)).toEqual([])
  for (const text of ['分12期付款', '30期', '5期货', '一期间']) expect(phases(text)).toEqual([])
})

test('numbers are read up to 99, other words are none', () => {
  expect(['7', '十', '十二', '二十', '二十三', 'IX', '零', '', '二三'].map(numberOf)).toEqual([
    7,
    10,
    12,
    20,
    23,
    9,
    undefined,
    undefined,
    undefined,
  ])
})

test('any text is read in bounded time and gives short labels', () => {
  const piece = fc.string({
    unit: fc.constantFrom('1', '一', '十', '#', '、', '-', '期', '栋', '号楼', '单元', 'A', 'I', ' '),
    maxLength: 60,
  })
  fc.assert(
    fc.property(piece, (text) => {
      const { phases, buildings } = readUnits(text)
      for (const label of [...phases, ...buildings]) expect(label.length).toBeLessThan(12)
    }),
    { numRuns: 2_000 },
  )
})
