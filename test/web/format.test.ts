import { describe, expect, test } from 'vitest'
import {
  formatClauses,
  formatCompact,
  formatDateTime,
  formatDay,
  formatDuration,
  formatExact,
  formatList,
  formatNumber,
  formatPercent,
  formatRelative,
  formatSchedule,
  shanghaiDay,
} from '../../web/format.ts'

// Thursday 2026-03-05 14:07:09 in Shanghai.
const now = Date.parse('2026-03-05T06:07:09Z')
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

test('instants are shown in Shanghai, whatever the zone of the reader', () => {
  expect(formatExact('2026-03-04T16:00:00Z')).toBe('2026-03-05 00:00:00')
  expect(formatExact('2026-03-05T15:59:59Z')).toBe('2026-03-05 23:59:59')
  expect(formatDateTime(now)).toBe('2026-03-05 14:07')
  expect(shanghaiDay('2025-12-31T16:30:00Z')).toBe('2026-01-01')
})

describe('relative times', () => {
  const cases: [number, string, string][] = [
    [-20_000, '刚刚', 'just now'],
    [-5 * minute, '5 分钟前', '5 min ago'],
    [-3 * hour, '3 小时前', '3 h ago'],
    [2 * hour, '2 小时后', 'in 2 h'],
    [-13 * hour, '今天 01:07', 'today 01:07'],
    [-20 * hour, '昨天 18:07', 'yesterday 18:07'],
    [20 * hour, '明天 10:07', 'tomorrow 10:07'],
    [-10 * day, '2月23日 14:07', '23 Feb 14:07'],
    [-100 * day, '2025年11月25日', '25 Nov 2025'],
  ]
  test.each(cases)('%i ms from now', (distance, zh, en) => {
    expect(formatRelative(now + distance, now, 'zh-CN')).toBe(zh)
    expect(formatRelative(now + distance, now, 'en')).toBe(en)
  })
})

test('durations keep two units at most', () => {
  expect(formatDuration(20_000, 'zh-CN')).toBe('不到 1 分钟')
  expect(formatDuration(42 * minute, 'zh-CN')).toBe('42 分钟')
  expect(formatDuration(-125 * minute, 'zh-CN')).toBe('2 小时 5 分')
  expect(formatDuration(2 * day + 4 * hour + 30 * minute, 'en')).toBe('2 d 4 h')
  expect(formatDuration(9 * day + 4 * hour, 'en')).toBe('9 d')
})

test('numbers', () => {
  expect(formatNumber(1_234_567, 'zh-CN')).toBe('1,234,567')
  expect(formatCompact(123_456, 'zh-CN')).toBe('12.3万')
  expect(formatPercent(0.234, 'zh-CN')).toBe('23%')
  expect(formatPercent(0.024, 'en')).toBe('2.4%')
})

test('a day carries its year only when it is not this one', () => {
  expect(formatDay(now, 'zh-CN', now)).toBe('3月5日')
  expect(formatDay('2024-03-05T00:00:00+08:00', 'en', now)).toBe('5 Mar 2024')
})

test('a schedule is said in words where a few words say it', () => {
  const said = (cron: string) => [formatSchedule(cron, 'zh-CN'), formatSchedule(cron, 'en')]
  expect(said('* * * * *')).toEqual(['每分钟', 'every minute'])
  expect(said('*/10 * * * *')).toEqual(['每 10 分钟', 'every 10 min'])
  expect(said('17 * * * *')).toEqual(['每小时第 17 分', 'hourly at minute 17'])
  expect(said('5 9 * * *')).toEqual(['每天 09:05', 'daily at 09:05'])
  // Seven does not divide the hour: the gaps differ, and «every 7 minutes» would be false.
  for (const cron of [
    '*/7 * * * *',
    '0 0 1 1 *',
    '*/5 8-18 * * *',
    '0 9 * * 1',
    '60 * * * *',
    '0 24 * * *',
    '* * *',
    '',
  ])
    expect([cron, ...said(cron)]).toEqual([cron, undefined, undefined])
})

test('names and sentences in a row stand apart as the language does it', () => {
  expect(formatList(['云湖湾', '观澜府'], 'zh-CN')).toBe('云湖湾、观澜府')
  expect(formatList(['Design', 'Sales'], 'en')).toBe('Design, Sales')
  expect(formatClauses(['暴雨红色预警', '停工'], 'zh-CN')).toBe('暴雨红色预警；停工')
  expect(formatClauses(['Rainstorm warning, red', 'works stand still'], 'en')).toBe(
    'Rainstorm warning, red; works stand still',
  )
})
