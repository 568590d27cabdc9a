import { describe, expect, test } from 'vitest'
import { readDays } from '../../../collectors/calendar/days.ts'
import { readCalendar } from '../../../collectors/calendar/ics.ts'
import type { CollectResult, DueDateCapture } from '../../../collectors/collector.ts'
import { collectorOf } from '../../../collectors/index.ts'
import { collectTools } from '../../support/collect-tools.ts'

const window = { from: '2026-01-01', to: '2027-12-31' }
const ics = (...events: string[]) =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${events.map((event) => `BEGIN:VEVENT\r\n${event}\r\nEND:VEVENT`).join('\r\n')}\r\nEND:VCALENDAR\r\n`
const daysOf = (...events: string[]) =>
  readCalendar(ics(...events), window).days.map((day) => `${day.on} ${day.title}`)

describe('RFC 5545', () => {
  test('all-day events, folded lines, escapes, and alarms that have a summary of their own', () => {
    const event =
      'UID:1\r\nDTSTART;VALUE=DATE:20260901\r\nSUMMARY:开学\\, 新校\r\n 区\r\nBEGIN:VALARM\r\nSUMMARY:提醒\r\nEND:VALARM'
    expect(daysOf(event)).toEqual(['2026-09-01 开学, 新校区'])
  })

  test.each([
    ['DTSTART:20260831T163000Z', '2026-09-01'],
    ['DTSTART;TZID=Asia/Shanghai:20260901T003000', '2026-09-01'],
    ['DTSTART;TZID="China Standard Time":20260901T003000', '2026-09-01'],
    ['DTSTART;TZID=America/New_York:20260831T140000', '2026-09-01'],
    ['DTSTART:20260901T235900', '2026-09-01'],
  ])('%s is %s in Shanghai', (start, on) => {
    expect(daysOf(`UID:1\r\n${start}\r\nSUMMARY:x`)).toEqual([`${on} x`])
  })

  test.each([
    ['FREQ=YEARLY', '20200901', ['2026-09-01', '2027-09-01']],
    ['FREQ=YEARLY;UNTIL=20261231', '20200901', ['2026-09-01']],
    ['FREQ=YEARLY;COUNT=7', '20200901', ['2026-09-01']],
    ['FREQ=YEARLY;INTERVAL=2', '20200901', ['2026-09-01']],
    ['FREQ=YEARLY;BYMONTH=9;BYDAY=1MO', '20250901', ['2026-09-07', '2027-09-06']],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1', '20200229', ['2026-02-28', '2027-02-28']],
    ['FREQ=MONTHLY;BYMONTHDAY=15;UNTIL=20260320', '20260115', ['2026-01-15', '2026-02-15', '2026-03-15']],
    ['FREQ=MONTHLY;BYDAY=-1FR;COUNT=2', '20260130', ['2026-01-30', '2026-02-27']],
    ['FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3', '20260105', ['2026-01-05', '2026-01-07', '2026-01-12']],
    ['FREQ=DAILY;INTERVAL=10;COUNT=3', '20260101', ['2026-01-01', '2026-01-11', '2026-01-21']],
  ])('RRULE:%s', (rule, start, expected) => {
    expect(
      readCalendar(
        ics(`UID:1\r\nDTSTART;VALUE=DATE:${start}\r\nRRULE:${rule}\r\nSUMMARY:x`),
        window,
      ).days.map(({ on }) => on),
    ).toEqual(expected)
  })

  test('exceptions, moved and cancelled instances', () => {
    const yearly = 'UID:1\r\nDTSTART;VALUE=DATE:20250601\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:汛期'
    expect(daysOf(`${yearly}\r\nEXDATE;VALUE=DATE:20260601`)).toEqual(['2027-06-01 汛期'])
    expect(
      daysOf(
        yearly,
        'UID:1\r\nRECURRENCE-ID;VALUE=DATE:20260601\r\nDTSTART;VALUE=DATE:20260610\r\nSUMMARY:汛期推迟',
      ),
    ).toEqual(['2026-06-10 汛期推迟', '2027-06-01 汛期'])
    expect(
      daysOf(
        yearly,
        'UID:1\r\nRECURRENCE-ID;VALUE=DATE:20260601\r\nDTSTART;VALUE=DATE:20260601\r\nSTATUS:CANCELLED\r\nSUMMARY:汛期',
      ),
    ).toEqual(['2027-06-01 汛期'])
  })

  test('a rule that says more than is known gives its first day and is told', () => {
    const { days, unread } = readCalendar(
      ics('UID:1\r\nDTSTART;VALUE=DATE:20260601\r\nRRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2\r\nSUMMARY:会'),
      window,
    )
    expect(days.map(({ on }) => on)).toEqual(['2026-06-01'])
    expect(unread[0]).toContain('repeats in a way that is not read')
  })

  test('a rule for ever, or from the year 1, ends', () => {
    const started = performance.now()
    expect(daysOf('UID:1\r\nDTSTART;VALUE=DATE:00010101\r\nRRULE:FREQ=DAILY\r\nSUMMARY:x')).toEqual([])
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('a page is blocked, other text is no calendar', () => {
    expect(() => readCalendar('<html></html>', window)).toThrow('a page')
    expect(() => readCalendar('hello', window)).toThrow('no VCALENDAR')
  })
})

describe('declared days', () => {
  test('come back every year, or once for one project', () => {
    expect(readDays('09-01 开学 PO3\n2026-10-31 二期交付 DE3 DE9 @云境花园')).toEqual({
      days: [
        { on: '09-01', title: '开学', risks: ['PO3'] },
        { on: '2026-10-31', title: '二期交付', risks: ['DE3', 'DE9'], project: '云境花园' },
      ],
      wrong: [],
    })
  })

  test.each([
    ['九月一日 开学 PO3', 'no such day'],
    ['13-01 开学 PO3', 'no such day'],
    ['2026-02-30 x PO3', 'no such day'],
    ['09-01 PO3', 'say what falls due'],
    ['09-01 开学', 'name the risks'],
  ])('«%s» is refused beside its field', (days, message) => {
    const checked = collectorOf('calendar')!.options.safeParse({ days })
    expect(checked.error?.issues[0]).toMatchObject({
      path: ['days'],
      message: expect.stringContaining(message),
    })
  })
})

describe('the source', () => {
  const calendar = collectorOf('calendar')!
  const due = async (run: CollectResult) => {
    if (run.outcome !== 'ok') throw new Error('detail' in run ? run.detail : run.outcome)
    const found: DueDateCapture[] = []
    for await (const one of run.dueDates ?? []) found.push(one)
    return found
  }
  const files = (text: string) => ({ list: async () => [], read: async () => new TextEncoder().encode(text) })

  test('gives the days of this year and the next, stable from run to run', async () => {
    const run = await calendar.collect(
      { days: '09-01 开学 PO3' },
      collectTools({ now: new Date('2026-08-20T00:00:00Z') }),
    )
    expect(await due(run)).toEqual([
      { externalId: '09-01 开学 2026', on: '2026-09-01', title: '开学', risks: ['PO3'] },
      { externalId: '09-01 开学 2027', on: '2027-09-01', title: '开学', risks: ['PO3'] },
    ])
  })

  test('finds the risks in the event, in the words of its title, or takes those for all others', async () => {
    const text = ics(
      'UID:1\r\nDTSTART;VALUE=DATE:20260401\r\nSUMMARY:入汛\r\nCATEGORIES:PO2',
      'UID:2\r\nDTSTART;VALUE=DATE:20260501\r\nSUMMARY:云境花园交付\r\nLOCATION:云境花园',
      'UID:3\r\nDTSTART;VALUE=DATE:20260601\r\nSUMMARY:团建',
    )
    const run = await calendar.collect(
      { path: 'a.ics', risks: '交付=DE3 DE9' },
      collectTools({ files: files(text) }),
    )
    expect(await due(run)).toMatchObject([
      { on: '2026-04-01', risks: ['PO2'] },
      { on: '2026-05-01', risks: ['DE3', 'DE9'], project: '云境花园' },
    ])
    expect(run.outcome === 'ok' && run.detail).toBe('1 events name no risk: «团建»')
    expect(
      await due(
        await calendar.collect(
          { path: 'a.ics', risks: '交付=DE3, EX1' },
          collectTools({ files: files(text) }),
        ),
      ),
    ).toHaveLength(3)
  })
})
