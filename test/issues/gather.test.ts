import { expect, test } from 'vitest'
import { type CasePiece, gatherIssues, type StoryPiece, sameAsBefore } from '../../server/issues/gather.ts'

const now = new Date('2026-05-20T04:00:00Z')
const day = (ago: number) => new Date(now.getTime() - ago * 86_400_000)
let next = 0
const leak = (ago: number, households = 1): CasePiece => ({
  id: ++next,
  title: `${next}栋外墙渗水`,
  body: '外墙渗水，卧室墙面发霉，多次报修无人处理。',
  households,
  riskCodes: ['DE5'],
  at: day(ago),
})
const noise = (ago: number): CasePiece => ({
  id: ++next,
  title: '物业费上涨未公示',
  body: '物业费每平方米上涨五角，没有公示也没有表决。',
  households: 1,
  riskCodes: ['EX1'],
  at: day(ago),
})
const told = (title: string, ago: number, families: readonly string[]): StoryPiece => {
  const ids = families.map(() => ++next)
  return {
    mentionIds: ids,
    title,
    body: '业主反映外墙渗水，卧室墙面发霉，多次报修无人处理。',
    families,
    riskCodes: ['DE5'],
    times: ids.map(() => day(ago)),
    reactions: 0,
  }
}

test('texts outside and cases about one matter are one issue, another matter is another', () => {
  const issues = gatherIssues(
    {
      name: '云境花园',
      aliases: ['云境'],
      stories: [told('云境花园外墙渗水业主投诉', 2, ['f1', 'f2'])],
      cases: [leak(10), leak(6, 30), noise(4), noise(3), noise(1)],
    },
    now,
  )
  expect(issues).toHaveLength(2)
  const issue = issues.find(({ riskCodes }) => riskCodes.includes('DE5'))
  expect(issue).toMatchObject({
    title: '云境花园外墙渗水业主投诉',
    place: '云境花园',
    what: ['房屋质量'],
    firstAt: day(10),
    lastAt: day(2),
    familyCount: 2,
    householdCount: 31,
  })
  expect(issue?.mentionIds).toHaveLength(2)
  expect(issue?.complaintIds).toHaveLength(2)
  expect(issue?.trend.reduce((sum, n) => sum + n, 0)).toBe(4)
  expect(issue?.trend.at(-3)).toBe(2)
})

test('an issue of the ledger alone is titled by place and matter, never by the words of a case', () => {
  const [issue] = gatherIssues(
    { name: '云境花园', aliases: ['云境'], stories: [], cases: [leak(3), leak(2)] },
    now,
  )
  expect(issue?.title).toBe('云境花园：房屋质量')
})

test('a place whose cases are all about one matter has that issue', () => {
  const cases = Array.from({ length: 40 }, (_, at) => leak(at))
  const [issue, ...others] = gatherIssues({ name: '云境花园', aliases: [], stories: [], cases }, now)
  expect(issue?.complaintIds).toHaveLength(40)
  expect(others).toEqual([])
})

test('one voice is a message, not an issue; reposts of one family are one voice', () => {
  expect(gatherIssues({ name: '云境花园', aliases: ['云境'], stories: [], cases: [leak(1)] }, now)).toEqual(
    [],
  )
  const repeated = told('云境花园外墙渗水', 1, ['f1'])
  const copies = { ...repeated, mentionIds: [901, 902, 903], times: [day(1), day(1), day(1)] }
  expect(gatherIssues({ name: '云境花园', aliases: ['云境'], stories: [copies], cases: [] }, now)).toEqual([])
})

test('reactions heat an issue, and one text that many react to is one', () => {
  const place = (reactions: number) => ({
    name: '云境花园',
    aliases: ['云境'],
    stories: [{ ...told('云境花园外墙渗水', 1, ['f1']), reactions }],
    cases: [],
  })
  expect(gatherIssues(place(99), now)).toEqual([])
  const [few] = gatherIssues(place(100), now)
  const [many] = gatherIssues(place(1700), now)
  expect(few).toMatchObject({ familyCount: 1, reactionCount: 100 })
  expect(many?.heat).toBeGreaterThan(few?.heat ?? 1)
})

test('an issue cools by half in a month without anything new', () => {
  const of = (ago: number) =>
    gatherIssues({ name: '云境花园', aliases: ['云境'], stories: [], cases: [leak(ago), leak(ago)] }, now)[0]
      ?.heat ?? 0
  expect(of(30) / of(0)).toBeCloseTo(0.5, 2)
})

test('an issue stays itself while most of its members stay; a split leaves the id with the hotter part', () => {
  const of = (...complaintIds: number[]) => ({
    ...(gatherIssues({ name: '云境花园', aliases: [], stories: [], cases: [leak(1), leak(1)] }, now)[0] ??
      never()),
    mentionIds: [],
    complaintIds,
  })
  const earlier = [
    { id: 7, members: ['c1', 'c2', 'c3', 'c4'] },
    { id: 9, members: ['c5'] },
  ]
  expect(sameAsBefore([of(1, 2, 3, 8)], earlier)).toEqual([7])
  expect(sameAsBefore([of(1, 2), of(3, 4), of(6)], earlier)).toEqual([7, undefined, undefined])
  expect(sameAsBefore([of(1, 10, 11, 12, 13)], earlier)).toEqual([undefined])
})

function never(): never {
  throw new Error('no issue was found')
}
