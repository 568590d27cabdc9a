import { expect, test } from 'vitest'
import { groupWaiting, type WaitingText } from '../../server/mentions/inbox/group.ts'

let count = 0
const waiting = (more: Partial<WaitingText>): WaitingText => ({
  id: ++count,
  occurredAt: new Date(Date.UTC(2026, 4, 20, 0, 0, -count)),
  title: '外墙渗水',
  excerpt: '',
  polarity: 'negative',
  publisher: '晚报',
  family: 'f1',
  riskCodes: ['DE5'],
  namesUs: false,
  storyId: null,
  candidates: [],
  phases: [],
  buildings: [],
  estates: [],
  ...more,
})
const shapes = (texts: readonly WaitingText[]) =>
  groupWaiting(texts).map(({ kind, name, texts: own }) => [kind, name, own.length])

test('texts of one unknown estate are one group, also where its developer stands before the name', () => {
  const named = (name: string) => waiting({ estates: [name] })
  expect(shapes(['澄岸听荷雅苑', '听荷雅苑', '澄岸听荷雅苑', '听荷雅苑', '松下别院'].map(named))).toEqual([
    ['estate', '听荷雅苑', 4],
    ['estate', '松下别院', 1],
  ])
})

test('a longer name that is said far more often than the piece of it stays a name of its own', () => {
  const named = (name: string) => waiting({ estates: [name] })
  const often = Array.from({ length: 6 }, () => named('阳光东方花园'))
  expect(shapes([...often, named('东方花园'), named('东方花园')])).toEqual([
    ['estate', '阳光东方花园', 6],
    ['estate', '东方花园', 2],
  ])
})

test('what has a candidate comes first, then what names us; a story of one stands alone', () => {
  const candidate = {
    projectId: 7,
    name: '云境花园',
    city: '嘉州市',
    confidence: 0.45,
    written: '云境',
    factors: [],
  }
  const groups = groupWaiting([
    waiting({ storyId: 4 }),
    waiting({ namesUs: true, storyId: 5 }),
    waiting({ namesUs: true, storyId: 5 }),
    waiting({ candidates: [candidate] }),
  ])
  expect(groups.map(({ kind, name }) => [kind, name])).toEqual([
    ['candidate', '云境'],
    ['story', ''],
    ['single', ''],
  ])
})
