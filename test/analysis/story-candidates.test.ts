import { describe, expect, test } from 'vitest'
import { likeliestStories, pasted } from '../../server/analysis/story-candidates.ts'

const at = (day: number) => new Date(Date.UTC(2026, 9, day))
const story = {
  id: 1,
  title: '金色家园三期外墙渗水业主聚集讨说法',
  firstAt: at(1),
  lastAt: at(3),
  projectIds: [7],
  riskCodes: ['DE5'],
}
const text = (storyId: number, given: Partial<Parameters<typeof likeliestStories>[1][number]> = {}) => ({
  storyId,
  title: '本市多处道路封闭施工请绕行',
  occurredAt: at(2),
  projectIds: [],
  riskCodes: [],
  ...given,
})
const offered = (texts: Parameters<typeof likeliestStories>[1], isAsked = false, most = 10) =>
  likeliestStories(story, texts, { most, isAsked })

describe('likeliest stories', () => {
  test('an alike title on the same project comes first, then the project alone, then the risk', () => {
    expect(
      offered([
        text(2, { riskCodes: ['DE5'] }),
        text(3, { projectIds: [7] }),
        text(4, { projectIds: [7], title: '三期外墙渗水 业主聚集售楼处' }),
        text(5),
      ]),
    ).toEqual([4, 3, 2])
  })
  test('of two equals the one nearer in time comes first, and a story stands where its likeliest text does', () => {
    expect(
      offered([
        text(2, { projectIds: [7], occurredAt: at(20) }),
        text(3, { projectIds: [7], occurredAt: at(5) }),
        text(2),
        text(4, { projectIds: [7], occurredAt: at(2) }),
      ]),
    ).toEqual([4, 3, 2])
  })
  test('what was searched for needs nothing in common; never more than asked for', () => {
    expect(offered([text(5), text(6, { projectIds: [7] })], true)).toEqual([6, 5])
    expect(offered([text(5), text(6), text(7)], true, 2)).toHaveLength(2)
  })
})

test.each([
  ['128', { kind: 'story', id: 128, isLink: false }],
  ['#128', { kind: 'story', id: 128, isLink: false }],
  ['/stories/128', { kind: 'story', id: 128, isLink: true }],
  ['https://weiyu.example.com/stories/128?x=1#top', { kind: 'story', id: 128, isLink: true }],
  ['stories/128', { kind: 'story', id: 128, isLink: true }],
  ['https://weiyu.example.com/mentions/9', { kind: 'mention', id: 9, isLink: true }],
  ['https://weiyu.example.com/mentions?polarity=negative&story=5', { kind: 'story', id: 5, isLink: true }],
  ['3号楼', undefined],
  ['/stories/12a', undefined],
  ['渗水 128', undefined],
  ['', undefined],
])('pasted %s', (given, named) => {
  expect(pasted(given)).toEqual(named)
})
