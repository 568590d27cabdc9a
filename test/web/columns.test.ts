import { expect, test } from 'vitest'
import { type ColumnRoom, columnsThatFit } from '../../web/parts/columns.ts'

const columns: (ColumnRoom & { id: string })[] = [
  { id: 'level', width: '5rem' },
  { id: 'title', main: true },
  { id: 'place', width: '10rem', from: 'l' },
  { id: 'size', width: '12rem' },
  { id: 'course', width: '6rem', from: 'm' },
  { id: 'since', width: { zh: '6rem', en: '9rem' }, from: 'l' },
]
const shown = (room: number) => columnsThatFit(columns, room).map(({ id }) => id)

test('columns that must be shown are, however little room there is', () => {
  expect(shown(0)).toEqual(['level', 'title', 'size'])
})

test('others come in when they leave a title its room, the less important ones last, and stay in their order', () => {
  expect(shown(38)).toEqual(['level', 'title', 'size'])
  expect(shown(39)).toEqual(['level', 'title', 'size', 'course'])
  expect(shown(49)).toEqual(['level', 'title', 'place', 'size', 'course'])
  expect(shown(55)).toEqual(['level', 'title', 'place', 'size', 'course', 'since'])
})

test('one that does not fit lets a narrower one in', () => {
  expect(shown(45)).toEqual(['level', 'title', 'size', 'course', 'since'])
})
