import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDate } from '../../collectors/dates.ts'

const now = new Date('2026-03-05T06:30:00Z')

test.each([
  ['Thu, 05 Mar 2026 14:05:00 +0800', '2026-03-05T06:05:00.000Z'],
  ['5 Mar 26 06:05 GMT', '2026-03-05T06:05:00.000Z'],
  ['Thu Mar 05 14:05:00 CST 2026', '2026-03-05T06:05:00.000Z'],
  ['Thu, 05 Mar 2026 01:05:00 EST', '2026-03-05T06:05:00.000Z'],
  ['Mar 5, 2026 2:05 PM', '2026-03-05T06:05:00.000Z'],
  ['March 5, 2026', '2026-03-04T16:00:00.000Z'],
  ['Thursday, March 5, 2026', '2026-03-04T16:00:00.000Z'],
  ['2026-03-05T06:05:00Z', '2026-03-05T06:05:00.000Z'],
  ['2026-03-05T14:05:00.123+08:00', '2026-03-05T06:05:00.000Z'],
  ['2026-03-05 14:05', '2026-03-05T06:05:00.000Z'],
  ['2026/3/5 14:05:09', '2026-03-05T06:05:09.000Z'],
  ['20260305140509', '2026-03-05T06:05:09.000Z'],
  ['2026.03.05', '2026-03-04T16:00:00.000Z'],
  ['2026年3月5日 14:05', '2026-03-05T06:05:00.000Z'],
  ['２０２６年３月５日　１４：０５', '2026-03-05T06:05:00.000Z'],
  ['2026年3月5日（星期四）下午2时05分', '2026-03-05T06:05:00.000Z'],
  ['二〇二六年三月五日', '2026-03-04T16:00:00.000Z'],
  ['二零二六年十二月三十一日', '2026-12-30T16:00:00.000Z'],
  ['星期四, 05 三月 2026 14:05:00 +0800', '2026-03-05T06:05:00.000Z'],
  ['昨天 14:05', '2026-03-04T06:05:00.000Z'],
  ['前天', '2026-03-02T16:00:00.000Z'],
  ['今天08:00', '2026-03-05T00:00:00.000Z'],
  ['2小时前', '2026-03-05T04:30:00.000Z'],
  ['3 分钟前', '2026-03-05T06:27:00.000Z'],
  ['刚刚', '2026-03-05T06:30:00.000Z'],
  ['12月30日 09:00', '2025-12-30T01:00:00.000Z'],
  ['1772690700', '2026-03-05T06:05:00.000Z'],
  ['2026-064', '2026-03-04T16:00:00.000Z'],
  ['2026064', '2026-03-04T16:00:00.000Z'],
  ['26-03-05', '2026-03-04T16:00:00.000Z'],
  ['260305', '2026-03-04T16:00:00.000Z'],
  ['-2603', '2026-02-28T16:00:00.000Z'],
  ['2026-003-05T14:05:00+08:00', '2026-03-05T06:05:00.000Z'],
  ['2026년 03월 05일 15:05:00', '2026-03-05T06:05:00.000Z'],
  ['2026-03-05 오후 3:05:00', '2026-03-05T06:05:00.000Z'],
  ['Πέμ, 05 Μάρ 2026 01:05:00 EST', '2026-03-05T06:05:00.000Z'],
  ['2026-március-5T1:05-05:00', '2026-03-05T06:05:00.000Z'],
  ['Thu, 05 Mar 2026 06:05:00 Etc/GMT', '2026-03-05T06:05:00.000Z'],
  ['Thu, 05 Mar 2026 14:05:00 +08', '2026-03-05T06:05:00.000Z'],
])('%s', (written, instant) => {
  expect(parseDate(written, { now })).toBe(instant)
})

test.each([
  '',
  '昨天的新闻',
  '2026-02-30',
  '2026年13月5日',
  '2026-03-05T25:00:00Z',
  'Thu, 99 Jun 2026',
  '12345',
  '2026-03-05T11:30:00-06:00x',
  // A spreadsheet's day number, a month, a day that the year has not.
  '46086',
  '202603',
  '2026-366',
  'Thu, 31 Jun 2026 06:05:00 GMT',
  '2026-03-05T06:60:00Z',
])('«%s» is no date', (written) => expect(parseDate(written, { now })).toBeUndefined())

test('words that need today say nothing without it', () => {
  expect(parseDate('昨天 14:05')).toBeUndefined()
  expect(parseDate('3月5日')).toBeUndefined()
})

test('where CST is not China it is Chicago', () => {
  expect(parseDate('Thu, 05 Mar 2026 14:05:00 CST', { zoneMinutes: 0 })).toBe('2026-03-05T20:05:00.000Z')
})

test('whatever is written, the answer is an instant or nothing', () => {
  fc.assert(
    fc.property(fc.string(), (written) => {
      const instant = parseDate(written, { now })
      expect(instant === undefined || new Date(instant).toISOString() === instant).toBe(true)
    }),
  )
})

test('every instant comes back from its own ISO form', () => {
  const after1970 = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  fc.assert(
    fc.property(after1970, (date) => {
      expect(parseDate(date.toISOString())).toBe(`${date.toISOString().slice(0, 19)}.000Z`)
    }),
  )
})
