import { expect, test } from 'vitest'
import { mattersIn, subjectsIn } from '../../server/analysis/matters.ts'
import { normalise } from '../../server/analysis/normalise.ts'

const subjects = (text: string) => [...subjectsIn(normalise(text))].sort()

test.each([
  ['精装房甲醛超标，要求治理', ['室内空气', '精装修']],
  ['拿不出竣工验收备案表，交房现场僵持', ['竣工验收']],
  ['停车费涨价没有公示', ['停车收费']],
  ['楼下要建垃圾站', ['垃圾站']],
  ['人车不分流，孩子差点被撞', ['人车分流']],
  // A demand is no matter, the same word is one where nobody demands it.
  ['虚假宣传，要求退房退款', ['虚假宣传']],
  ['认筹金十个月不退，购房者要求退款', ['退款退费']],
  ['要求公示收费，退款迟迟未到', ['退款退费']],
  // Of many things, or the name of a developer.
  ['绿地海外滩距高铁太近', ['铁路']],
  ['工地只剩29名工人', []],
  ['小学何时扩建', []],
  ['空气质量很差', []],
  ['业主大会没有召开', ['业委会与维修基金']],
])('%s is told as %j', (text, told) => {
  expect(subjects(text)).toEqual([...told].sort())
})

test('what groups messages stays as it is, whatever it is called', () => {
  expect(mattersIn(normalise('精装房甲醛超标'))).toHaveLength(2)
  expect(mattersIn(normalise('绿地小区工地'))).toHaveLength(2)
})
