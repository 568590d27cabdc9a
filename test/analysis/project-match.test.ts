import { expect, test } from 'vitest'
import { createAnalyser } from '../../server/analysis/analyser.ts'
import { ACCEPT_PROJECT } from '../../server/analysis/project-match.ts'
import { smallCatalogue } from './small-catalogue.ts'

const { analyse } = createAnalyser({
  ...smallCatalogue,
  companies: ['未雨集团'],
  projects: [
    {
      id: 1,
      names: ['云境花园', '云境'],
      city: '嘉州市',
      district: '滨水区',
      address: '滨水区槐荫路18号',
      phases: ['一期', '二期'],
      companies: ['嘉州未雨置业'],
    },
    { id: 2, names: ['阳光花园', '滨水'], city: '嘉州市', companies: ['嘉州未雨置业'] },
    { id: 3, names: ['澜湖府'], city: '嘉州市', phases: ['一期'], companies: [] },
    { id: 4, names: ['澜湖府'], city: '嘉州市', district: '北城区', phases: ['三期'], companies: [] },
    { id: 5, names: ['恒大名都'], city: '嘉州市', companies: [] },
  ],
})
const all = (text: string, publisher?: string) => analyse({ text, publisher }).projects
const confidence = (text: string, id = 1, publisher?: string) =>
  all(text, publisher).find(({ projectId }) => projectId === id)?.confidence ?? 0
const kinds = (text: string, id = 1) =>
  all(text)
    .find(({ projectId }) => projectId === id)
    ?.factors.map(({ kind }) => kind)
const isAccepted = (text: string, id = 1) => confidence(text, id) >= ACCEPT_PROJECT

test('every step of the confidence is kept with the word that spoke', () => {
  expect(all('嘉州未雨置业的云境花园二期3号楼渗水')[0]).toMatchObject({
    projectId: 1,
    confidence: 0.99,
    phases: ['二期'],
    buildings: ['3栋'],
    factors: [
      { kind: 'distinct-name', word: '云境花园', confidence: 0.9 },
      { kind: 'city', word: '嘉州', confidence: 0.98 },
      { kind: 'company', word: '嘉州未雨置业', confidence: 0.99 },
      { kind: 'phase', word: '二期', confidence: 0.99 },
    ],
  })
})

test('phase and building stand behind the name in its sentence, at any of its places', () => {
  const [match] = all('云境花园漏水。我住云境花园 2#、3# 楼，隔壁阳光城5栋没事！6栋呢')
  expect(match?.buildings).toEqual(['2栋', '3栋', '5栋'])
  expect(all('云境花园漏水。二期3号楼')[0]).toMatchObject({ phases: [], buildings: [] })
})

test('a longer unknown name around ours is another estate', () => {
  for (const text of ['云境花园东苑漏水', '新云境花园漏水', '云境天城二期漏水'])
    expect(isAccepted(text)).toBe(false)
  expect(kinds('云境花园东苑漏水')).toContain('longer-name')
  expect(isAccepted('最新云境花园消息')).toBe(true)
  expect(isAccepted('云境花园东区漏水')).toBe(true)
  expect(isAccepted('云境花园小区漏水')).toBe(true)
  expect(isAccepted('云境花园幼儿园未开学')).toBe(true)
  expect(isAccepted('新云境花园与云境花园都漏水')).toBe(true)
})

test('another developer before the name is another estate', () => {
  expect(kinds('万科云境花园漏水')).toEqual(['distinct-name', 'other-developer'])
  expect(isAccepted('万科云境花园漏水')).toBe(false)
})

test('a name that every town has needs its city, its company or a local medium', () => {
  expect(kinds('阳光花园漏水', 2)).toEqual(['common-name'])
  expect(isAccepted('阳光花园漏水', 2)).toBe(false)
  expect(isAccepted('嘉州阳光花园漏水', 2)).toBe(true)
  expect(confidence('阳光花园漏水', 2, '嘉州晚报')).toBe(0.7)
  expect(confidence('恒大名都漏水', 5)).toBe(0.5)
})

test('a short name, and one that is a place as well, needs an estate’s word beside it or a company', () => {
  expect(confidence('嘉州今天云境如画')).toBe(0.55)
  expect(isAccepted('嘉州云境业主反映渗水')).toBe(true)
  expect(isAccepted('嘉州“云境”渗水')).toBe(true)
  expect(confidence('滨水区漏水', 2)).toBeLessThan(ACCEPT_PROJECT)
})

test('a city outside the group’s counts against it, a road or an estate called like a city does not', () => {
  expect(kinds('合肥云境花园漏水')).toEqual(['distinct-name', 'other-city'])
  expect(isAccepted('合肥云境花园漏水')).toBe(false)
  expect(isAccepted('上海路的云境花园漏水')).toBe(true)
  expect(isAccepted('云境花园漏水。记者曾在合肥见过。')).toBe(true)
  expect(isAccepted('嘉州云境花园漏水，合肥也有')).toBe(true)
})

test('namesakes of one city are told apart by phase or district, else both wait', () => {
  expect(kinds('嘉州澜湖府漏水', 3)).toEqual(['shared-name', 'city', 'undecided'])
  expect([isAccepted('嘉州澜湖府漏水', 3), isAccepted('嘉州澜湖府漏水', 4)]).toEqual([false, false])
  expect([isAccepted('嘉州澜湖府三期漏水', 3), isAccepted('嘉州澜湖府三期漏水', 4)]).toEqual([false, true])
  expect([isAccepted('嘉州北城区澜湖府漏水', 3), isAccepted('嘉州北城区澜湖府漏水', 4)]).toEqual([
    false,
    true,
  ])
  expect(kinds('嘉州澜湖府三期漏水', 3)).toContain('other-phase')
})

test('a street of the address speaks for the project', () => {
  expect(kinds('槐荫路的云境花园漏水')).toEqual(['distinct-name', 'street'])
})

test('estates that belong to nobody are named, ours are not', () => {
  const { estates } = analyse({ text: '投诉栖霞家苑漏水，云境花园不漏水。投诉云境花园东苑业主' })
  expect(estates).toEqual(['栖霞家苑', '云境花园东苑'])
})
