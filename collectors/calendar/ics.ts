// RFC 5545 calendars → the days on which events fall, in Asia/Shanghai. Read are all-day and timed events, repetition by
// year, month, week and day with its usual parts, exceptions (EXDATE), moved and cancelled single instances (RECURRENCE-ID).
// A repetition that says more than this reader knows is told, and its first day alone is taken: a guessed day is worse.
import { CollectError } from '../collector.ts'

export interface CalendarDay {
  /** Of the event and the day, stable from run to run. */
  id: string
  /** Calendar day, Asia/Shanghai. */
  on: string
  title: string
  description: string
  categories: readonly string[]
  location: string
}

export interface Window {
  /** First and last calendar day wanted. */
  from: string
  to: string
}

interface Property {
  name: string
  parameters: ReadonlyMap<string, string>
  value: string
}
type Event = readonly Property[]

const maxEvents = 10_000
/** Days of one repetition that are looked at: forty years of days. */
const maxSteps = 15_000
const maxDays = 400

/**
 * The days of all events within the window, by date.
 * @throws CollectError `blocked` for a page, `parse-error` for what is no calendar
 */
export function readCalendar(text: string, window: Window): { days: CalendarDay[]; unread: string[] } {
  const lines = unfold(text)
  if (!lines.some((line) => /^BEGIN:VCALENDAR\s*$/i.test(line))) {
    if (/<html[\s>]|<!doctype html/i.test(text.slice(0, 20_000))) {
      throw new CollectError('blocked', 'a page instead of a calendar')
    }
    throw new CollectError('parse-error', 'no VCALENDAR in the file')
  }
  const events = eventsIn(lines)
  const moved = new Map<string, Set<string>>()
  for (const event of events) {
    const instead = propertyOf(event, 'RECURRENCE-ID')
    const on = instead && dayOf(instead)
    if (on) moved.set(uidOf(event), (moved.get(uidOf(event)) ?? new Set()).add(on))
  }
  const unread: string[] = []
  const days = events.flatMap((event): CalendarDay[] => {
    const start = propertyOf(event, 'DTSTART')
    const title = textOf(event, 'SUMMARY').slice(0, 200)
    const first = start && dayOf(start)
    if (!first || title === '') {
      unread.push(`«${title || uidOf(event)}» has no ${first ? 'title' : 'day'}`)
      return []
    }
    if (textOf(event, 'STATUS').toUpperCase() === 'CANCELLED') return []
    const isSingle = propertyOf(event, 'RECURRENCE-ID') !== undefined
    const left = new Set([...excluded(event), ...(isSingle ? [] : (moved.get(uidOf(event)) ?? []))])
    const rule = isSingle ? '' : textOf(event, 'RRULE')
    const found = rule === '' ? [first] : repeated(first, rule, window)
    if (found === undefined)
      unread.push(`«${title}» repeats in a way that is not read: ${rule.slice(0, 100)}`)
    const common = {
      title,
      description: textOf(event, 'DESCRIPTION').slice(0, 1_000),
      location: textOf(event, 'LOCATION').slice(0, 100),
      categories: textOf(event, 'CATEGORIES')
        .split(',')
        .map((word) => word.trim())
        .filter(Boolean),
    }
    return (found ?? [first])
      .filter((on) => on >= window.from && on <= window.to && !left.has(on))
      .map((on) => ({ id: `${uidOf(event) || title} ${isSingle ? `moved ${on}` : on}`, on, ...common }))
  })
  return { days: days.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0)), unread }
}

/** Long lines go on in the next one behind a space. */
function unfold(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n|\r/)
}

function eventsIn(lines: readonly string[]): Event[] {
  const events: Event[] = []
  let event: Property[] | undefined
  // Alarms stand inside events and have properties of the same names.
  let inside = 0
  for (const line of lines) {
    if (/^BEGIN:VEVENT\s*$/i.test(line)) [event, inside] = [[], 0]
    else if (/^END:VEVENT\s*$/i.test(line)) {
      if (event && events.length < maxEvents) events.push(event)
      event = undefined
    } else if (event && /^BEGIN:/i.test(line)) inside += 1
    else if (event && /^END:/i.test(line)) inside -= 1
    else if (event && inside === 0 && event.length < 500) {
      const property = propertyIn(line)
      if (property) event.push(property)
    }
  }
  return events
}

/** `DTSTART;TZID="Asia/Shanghai":20260901T080000` */
function propertyIn(line: string): Property | undefined {
  const found = /^([A-Za-z-]+)((?:;[A-Za-z-]+=(?:"[^"]*"|[^";:]*)(?:,(?:"[^"]*"|[^";:]*))*)*):(.*)$/s.exec(
    line,
  )
  if (!found) return undefined
  const [, name = '', written = '', value = ''] = found
  const parameters = [...written.matchAll(/;([A-Za-z-]+)=("[^"]*"|[^;]*)/g)].map(
    ([, key = '', inner = '']) => [key.toUpperCase(), inner.replace(/^"|"$/g, '')] as const,
  )
  return { name: name.toUpperCase(), parameters: new Map(parameters), value: value.trim() }
}

const propertyOf = (event: Event, name: string) => event.find((property) => property.name === name)
const uidOf = (event: Event) => (propertyOf(event, 'UID')?.value ?? '').slice(0, 200)

/** The text of all properties of a name, with its escapes read. */
function textOf(event: Event, name: string): string {
  return event
    .filter((property) => property.name === name)
    .map(({ value }) => value.replace(/\\([\\;,nN])/g, (_, sign: string) => (/n/i.test(sign) ? '\n' : sign)))
    .join(',')
    .trim()
}

const excluded = (event: Event) =>
  event
    .filter((property) => property.name === 'EXDATE')
    .flatMap((property) => property.value.split(',').map((value) => dayOf({ ...property, value })))
    .filter((day) => day !== undefined)

const written = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z)?)?$/

/** The calendar day in Shanghai; a time without zone is meant there. */
function dayOf({ value, parameters }: Property): string | undefined {
  const found = written.exec(value)
  if (!found) return undefined
  const [, year, month, date, hour, minute, , utc] = found
  const day = `${year}-${month}-${date}`
  if (!isDay(day)) return undefined
  if (hour === undefined) return day
  const zone = parameters.get('TZID')
  const local = Date.parse(`${day}T${hour}:${minute}:00Z`)
  if (Number.isNaN(local)) return undefined
  if (utc) return shanghaiDay(local)
  const offset = zone === undefined ? shanghaiMs : offsetOf(zone, local)
  return offset === undefined ? day : shanghaiDay(local - offset)
}

const shanghaiMs = 8 * 3_600_000
const shanghaiDay = (at: number) => new Date(at + shanghaiMs).toISOString().slice(0, 10)

/** Milliseconds east of Greenwich; `undefined` for a zone nobody knows, whose day is then taken as written. */
function offsetOf(zone: string, local: number): number | undefined {
  if (/china|shanghai|chongqing|beijing|北京|中国/i.test(zone)) return shanghaiMs
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    const name = format.formatToParts(local).find((part) => part.type === 'timeZoneName')?.value ?? ''
    const found = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name)
    if (!found) return undefined
    const ms = (Number(found[2] ?? 0) * 60 + Number(found[3] ?? 0)) * 60_000
    return found[1] === '-' ? -ms : ms
  } catch {
    return undefined
  }
}

export function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}

const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']
const knownParts = new Set(['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYMONTH', 'BYMONTHDAY', 'BYDAY', 'WKST'])

/** The days of a repetition up to the end of the window; `undefined` when its rule says more than is known here. */
function repeated(first: string, rule: string, window: Window): string[] | undefined {
  const parts = new Map(
    rule
      .toUpperCase()
      .split(';')
      .filter(Boolean)
      .map((part) => {
        const [key = '', value = ''] = part.split('=')
        return [key.trim(), value.trim()] as const
      }),
  )
  if ([...parts.keys()].some((key) => !knownParts.has(key))) return undefined
  const frequency = parts.get('FREQ') ?? ''
  const interval = Number(parts.get('INTERVAL') ?? 1)
  const count = parts.has('COUNT') ? Number(parts.get('COUNT')) : Number.POSITIVE_INFINITY
  const until = untilOf(parts.get('UNTIL'))
  if (!['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY'].includes(frequency)) return undefined
  if (!Number.isInteger(interval) || interval < 1 || !(count >= 1) || until === undefined) return undefined
  const numbers = (key: string) => parts.get(key)?.split(',').map(Number)
  const months = numbers('BYMONTH')
  const monthDays = numbers('BYMONTHDAY')
  const days = parts.get('BYDAY')?.split(',').map(weekdayOf)
  if ([...(months ?? []), ...(monthDays ?? [])].some((n) => !Number.isInteger(n))) return undefined
  if (days?.some((day) => day === undefined)) return undefined

  // Every day from the first on is asked whether the rule means it: slower than to compute it, and free of its pitfalls.
  const start = new Date(`${first}T00:00:00Z`)
  const found: string[] = []
  let counted = 0
  for (let step = 0; step < maxSteps && found.length < maxDays; step++) {
    const day = new Date(start.getTime() + step * 86_400_000)
    const on = day.toISOString().slice(0, 10)
    if (on > window.to || on > until || counted >= count) break
    if (!isMeant(day)) continue
    counted += 1
    if (on >= window.from) found.push(on)
  }
  return found

  function isMeant(day: Date): boolean {
    const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()]
    const monthsOn = (year - start.getUTCFullYear()) * 12 + month - start.getUTCMonth() - 1
    const daysOn = Math.round((day.getTime() - start.getTime()) / 86_400_000)
    // Weeks begin on Monday.
    const weeksOn = Math.floor((daysOn + ((start.getUTCDay() + 6) % 7)) / 7)
    const passed = {
      YEARLY: year - start.getUTCFullYear(),
      MONTHLY: monthsOn,
      WEEKLY: weeksOn,
      DAILY: daysOn,
    }
    const on = Object.entries(passed).find(([name]) => name === frequency)?.[1] ?? 0
    if (on % interval !== 0) return false
    if (
      months ? !months.includes(month) : frequency === 'YEARLY' && !days && month !== start.getUTCMonth() + 1
    )
      return false
    const length = new Date(Date.UTC(year, month, 0)).getUTCDate()
    if (monthDays) {
      if (!monthDays.some((n) => (n > 0 ? n === date : length + n + 1 === date))) return false
    } else if (!days && (frequency === 'YEARLY' || frequency === 'MONTHLY') && date !== start.getUTCDate())
      return false
    if (days) return days.some((wanted) => wanted !== undefined && isWeekday(wanted, day, date, length))
    return frequency !== 'WEEKLY' || day.getUTCDay() === start.getUTCDay()
  }
  function isWeekday(
    wanted: { nth: number; weekday: number },
    day: Date,
    date: number,
    length: number,
  ): boolean {
    if (day.getUTCDay() !== wanted.weekday) return false
    // «1MO» of a year without a month counts over the year, which nobody writes; it is taken by the month.
    if (wanted.nth === 0) return true
    return wanted.nth > 0
      ? Math.ceil(date / 7) === wanted.nth
      : Math.ceil((length - date + 1) / 7) === -wanted.nth
  }
}

function weekdayOf(text: string): { nth: number; weekday: number } | undefined {
  const found = /^([+-]?\d)?(SU|MO|TU|WE|TH|FR|SA)$/.exec(text)
  return found ? { nth: Number(found[1] ?? 0), weekday: weekdays.indexOf(found[2] ?? '') } : undefined
}

function untilOf(text: string | undefined): string | undefined {
  if (text === undefined) return '9999-12-31'
  return dayOf({ name: 'UNTIL', parameters: new Map(), value: text })
}
