import { expect, test } from 'vitest'
import { escapeHtml } from '../../web/charts/common.ts'
import { marksByDay, trendOption } from '../../web/charts/trend.ts'
import { strengthOf } from '../../web/pages/first-run/strength.ts'
import { cutText } from '../../web/parts/ranges.ts'
import { orderedBy } from '../../web/parts/sort.ts'

const marked = (text: string, ranges: { start: number; end: number }[], around?: number) =>
  cutText(text, ranges, around)
    .map((piece) => (piece.marked ? `[${piece.text}]` : piece.text))
    .join('')

test('matched words are marked where they stand, overlaps as one', () => {
  expect(marked('地下室漏水没人管', [{ start: 3, end: 5 }])).toBe('地下室[漏水]没人管')
  expect(
    marked('地下室漏水没人管', [
      { start: 5, end: 8 },
      { start: 3, end: 6 },
    ]),
  ).toBe('地下室[漏水没人管]')
  expect(marked('漏水', [])).toBe('漏水')
  expect(
    marked('漏水', [
      { start: -3, end: 1 },
      { start: 1, end: 99 },
      { start: 50, end: 60 },
    ]),
  ).toBe('[漏水]')
})

test('a cut text keeps its first match in sight', () => {
  const text = `${'前'.repeat(50)}停工${'后'.repeat(50)}`
  expect(marked(text, [{ start: 50, end: 52 }], 3)).toBe('…前前前[停工]后后后…')
  expect(marked('短文', [], 10)).toBe('短文')
})

test('marked text never loses or invents a character', () => {
  const text = '业主反映A座3层渗水，物业拖延'
  for (let start = -2; start < text.length + 2; start += 1) {
    const pieces = cutText(text, [
      { start, end: start + 4 },
      { start: start + 2, end: start + 3 },
    ])
    expect(pieces.map((piece) => piece.text).join('')).toBe(text)
  }
})

test('unknown values sort last in both directions', () => {
  const rows = [{ n: 2 }, { n: null }, { n: 1 }]
  expect(orderedBy(rows, (row) => row.n, false).map((row) => row.n)).toEqual([1, 2, null])
  expect(orderedBy(rows, (row) => row.n, true).map((row) => row.n)).toEqual([2, 1, null])
})

test('several warnings of a day and level share one mark, the gravest drawn last', () => {
  const marks = [
    { day: '2026-03-05', level: 'I', title: 'a' },
    { day: '2026-03-05', level: 'III', title: 'b' },
    { day: '2026-03-05', level: 'III', title: 'c' },
  ] as const
  expect(marksByDay(marks).map((mark) => [mark.level, mark.titles.length])).toEqual([
    ['III', 2],
    ['I', 1],
  ])
})

const palette = {
  ink: '#000',
  ink2: '#222',
  ink3: '#444',
  line: '#ddd',
  surface: '#fff',
  raised: '#fff',
  series: ['#111', '#555', '#999', '#ccc'],
  level: { I: 'r', II: 'o', III: 'y', IV: 'b' },
  levelEdge: { I: 'r', II: 'o', III: 'y', IV: 'b' },
  levelInk: { I: 'r', II: 'o', III: 'y', IV: 'b' },
  font: 'x',
} as const

test('a day without data breaks the line; a warning outside the days is left out', () => {
  const option = trendOption(
    {
      days: ['2026-03-04', '2026-03-05'],
      lines: [{ id: 'mentions', name: '舆情', values: [null, 4] }],
      marks: [
        { day: '2026-03-05', level: 'II', title: 'x' },
        { day: '2025-01-01', level: 'I', title: 'y' },
      ],
      language: 'zh-CN',
      now: Date.parse('2026-03-05T12:00:00+08:00'),
    },
    palette,
  )
  const series = option.series as {
    data: unknown[]
    connectNulls: boolean
    markPoint: { data: { coord: unknown[] }[] }
  }[]
  expect(series[0]?.data).toEqual([null, 4])
  expect(series[0]?.connectNulls).toBe(false)
  expect(series[0]?.markPoint.data.map((mark) => mark.coord)).toEqual([['2026-03-05', 4]])
})

test('text from the data cannot become markup in a tooltip', () => {
  expect(escapeHtml('<img src=x onerror="1">&')).toBe('&#60;img src=x onerror=&#34;1&#34;&#62;&#38;')
})

test('passwords: length counts, runs and the login do not', () => {
  expect(strengthOf('', 'admin')).toBe(0)
  expect(strengthOf('short', 'admin')).toBe(1)
  expect(strengthOf('1234567890123', 'admin')).toBe(1)
  expect(strengthOf('Adminadmin-2026', 'admin')).toBe(1)
  expect(strengthOf('aaaaaaaaaaaaaaaa', 'admin')).toBe(1)
  expect(strengthOf('lantern-coffee-harbour', 'admin')).toBe(3)
  expect(strengthOf('Lantern-coffee-harbour-9', 'admin')).toBe(4)
  expect(strengthOf('灯笼咖啡海港木星', 'admin')).toBe(2)
})
