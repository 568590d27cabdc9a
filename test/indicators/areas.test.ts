import { describe, expect, test } from 'vitest'
import { type AlertArea, createAreaMatcher, type Site } from '../../server/indicators/areas.ts'

const site = (
  id: number,
  city: string,
  district: string | null = null,
  at: [number, number] | null = null,
): Site => ({
  id,
  city,
  district,
  longitude: at?.[0] ?? null,
  latitude: at?.[1] ?? null,
})
const sites = [
  site(1, '南京', '江宁区', [118.84, 31.95]),
  site(2, '南京市', '鼓楼区'),
  site(3, '徐州', '鼓楼区'),
  site(4, '广州', '天河'),
  site(5, '苏州', null),
]
const match = createAreaMatcher(sites)
const reached = (values: Partial<AlertArea>) =>
  match({ issuer: '', headline: '', areas: [], shapes: [], ...values }).map(
    ({ projectId, reach }) => `${projectId} ${reach}`,
  )
const named = (...names: string[]) => reached({ areas: names.map((name) => ({ name })) })

describe('by name', () => {
  test.each([
    ['a city, with or without 市', ['南京市'], ['1 city', '2 city']],
    ['a city as such', ['南京'], ['1 city', '2 city']],
    ['most of a city', ['南京大部'], ['1 city', '2 city']],
    ['a district behind its city', ['南京市江宁区'], ['1 district']],
    ['a district that one city of ours has alone', ['江宁区'], ['1 district']],
    ['a district without its last character', ['天河区'], ['4 district']],
    ['districts after the first name their city through it', ['徐州市云龙区', '鼓楼区'], ['3 district']],
    ['a district of two cities, and nobody says which', ['鼓楼区'], []],
    ['a district of a city that is none of ours', ['福州市鼓楼区'], []],
    ['a whole province', ['江苏省'], ['1 province', '2 province', '3 province', '5 province']],
    ['most of a province', ['江苏大部'], ['1 province', '2 province', '3 province', '5 province']],
    ['a province before a city is no whole province', ['江苏省南京市'], ['1 city', '2 city']],
    ['the country', ['全国'], ['1 country', '2 country', '3 country', '4 country', '5 country']],
    ['a sea', ['东海南部海域'], []],
    ['nothing', [], []],
  ])('%s', (_, names, expected) => {
    expect(named(...names)).toEqual(expected)
  })

  test('the nearest of several reaches is told', () => {
    expect(named('江苏省', '南京市', '南京市江宁区')).toEqual([
      '1 district',
      '2 city',
      '3 province',
      '5 province',
    ])
  })

  test('the issuer, or the headline, tells the city of a district', () => {
    expect(reached({ issuer: '徐州市气象台', areas: [{ name: '鼓楼区' }] })).toEqual(['3 district'])
    expect(reached({ headline: '江苏省南京市气象台发布暴雨红色预警', areas: [{ name: '鼓楼区' }] })).toEqual([
      '2 district',
    ])
  })

  test('a code of another province forbids a district of that name', () => {
    expect(reached({ areas: [{ name: '江宁区', code: '440106' }] })).toEqual([])
    expect(reached({ areas: [{ name: '江宁区', code: '320115' }] })).toEqual(['1 district'])
  })

  test('a project without district hears of its city, not of single districts', () => {
    expect(named('苏州市')).toEqual(['5 city'])
    expect(named('苏州市吴江区')).toEqual([])
  })
})

describe('by shape', () => {
  const around = {
    points: [
      [118, 31],
      [119, 31],
      [119, 32],
      [118, 32],
    ] as [number, number][],
  }
  test('a site within a polygon or a circle, and one outside', () => {
    expect(reached({ shapes: [around] })).toEqual(['1 shape'])
    expect(reached({ shapes: [{ centre: [118.8, 31.9], radiusKm: 10 }] })).toEqual(['1 shape'])
    expect(reached({ shapes: [{ centre: [118.8, 31.9], radiusKm: 1 }] })).toEqual([])
    expect(reached({ shapes: [{ points: around.points.map(([x, y]) => [x + 5, y]) }] })).toEqual([])
  })
})

test('five hundred warnings over five hundred sites are joined within a second', () => {
  const many = createAreaMatcher(
    Array.from({ length: 500 }, (_, at) => site(at, `城市${at % 60}`, `区${at}区`)),
  )
  const started = performance.now()
  for (let at = 0; at < 500; at++)
    many({
      issuer: `城市${at % 60}市气象台`,
      headline: '暴雨',
      areas: [{ name: `城市${at % 60}市区${at}区` }, { name: '全市' }],
      shapes: [],
    })
  expect(performance.now() - started).toBeLessThan(1_000)
})
