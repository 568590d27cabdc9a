// Dates as people and machines write them → ISO 8601 UTC, or nothing: a wrong date is worse than none, because undated
// items are kept apart while a wrong one passes the age gate.

export interface DateContext {
  /** Needed by «昨天 14:05», «3月5日», «2小时前»; without it they give nothing. */
  now?: Date
  /** Minutes east of Greenwich for a date without zone; Asia/Shanghai unless told otherwise. */
  zoneMinutes?: number
}

const shanghai = 480
const seoul = 540
const day = 86_400_000
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
// «CST» is China's time unless the source says it lives elsewhere: see `zoneOf`.
const zones: Readonly<Record<string, number>> = {
  z: 0,
  ut: 0,
  a: -60,
  m: -720,
  n: 60,
  y: 720,
  utc: 0,
  gmt: 0,
  wet: 0,
  bst: 60,
  cet: 60,
  cest: 120,
  eet: 120,
  met: 60,
  mest: 120,
  eest: 180,
  msk: 180,
  ist: 330,
  hkt: 480,
  sgt: 480,
  awst: 480,
  jst: 540,
  kst: 540,
  aest: 600,
  aedt: 660,
  nzst: 720,
  nzdt: 780,
  ast: -240,
  at: -240,
  adt: -180,
  est: -300,
  et: -300,
  edt: -240,
  ct: -360,
  cdt: -300,
  mst: -420,
  mt: -420,
  mdt: -360,
  pst: -480,
  pt: -480,
  pdt: -420,
  akst: -540,
  hst: -600,
}

export function parseDate(written: string | undefined, context: DateContext = {}): string | undefined {
  if (!written || written.length > 100) return undefined
  const quick = usualDate(written)
  if (quick !== undefined) return Number.isNaN(quick) ? undefined : isoOf(quick)
  const text = plain(written)
  if (/[\uac00-\ud7a3]/.test(written)) context = { ...context, zoneMinutes: seoul }
  const at =
    isoDate(text, context) ??
    mailDate(text, context) ??
    chineseDate(text, context) ??
    ago(text, context) ??
    epoch(text)
  return at === undefined || Number.isNaN(at) ? undefined : isoOf(at)
}

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
// The items of one feed are of few days: the last one's name is kept.
let lastDay = 0
let lastDayName = '1970-01-01T'

/** As `toISOString`, which costs as much as reading the date. */
function isoOf(at: number): string {
  const days = Math.floor(at / day)
  if (days !== lastDay) {
    lastDayName = new Date(days * day).toISOString().slice(0, 11)
    lastDay = days
  }
  const rest = at - days * day
  const [hour, minute, second] = [
    Math.floor(rest / 3_600_000),
    Math.floor(rest / 60_000) % 60,
    Math.floor(rest / 1_000) % 60,
  ]
  return `${lastDayName}${twoDigits[hour]}:${twoDigits[minute]}:${twoDigits[second]}.${String(rest % 1_000).padStart(3, '0')}Z`
}

const usualMail =
  /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|([+-]\d\d)(\d\d))$/
const usualIso = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|([+-]\d\d):(\d\d))$/

/** The two forms that nine of ten feeds write, by the short way; NaN for a day or hour that is none. */
function usualDate(written: string): number | undefined {
  const mail = usualMail.exec(written)
  const found = mail ?? usualIso.exec(written)
  if (!found) return undefined
  const [, first, second, third, hour, minute, seconds, zoneHours, zoneMinutes] = found
  const month = mail ? months.indexOf((second ?? '').toLowerCase()) + 1 : Number(second)
  const [year, date] = mail ? [third, first] : [first, third]
  const offset = zoneHours === undefined ? 0 : zoneOf(`${zoneHours}${zoneMinutes}`, {})
  if (offset === undefined) return Number.NaN
  return instant(numbers({ year, month, date, hour, minute, second: seconds }), offset) ?? Number.NaN
}

const chineseDigits = '〇一二三四五六七八九'

/** Full-width forms, odd spaces and Chinese numerals away; months and half days of other tongues as English or Chinese ones. */
function plain(written: string): string {
  const text = foreign(
    written
      .normalize('NFKC')
      .replace(/[\s\u200b\ufeff]+/g, ' ')
      .trim(),
  )
  if (!/[〇零一二三四五六七八九十月]/.test(text)) return text
  return (
    text
      .replace(/^(?:星期|周)[一二三四五六日天],? */, '')
      .replace(/零/g, '〇')
      .replace(
        /([一二三四五六七八九])?十([一二三四五六七八九])?/g,
        (_, tens = '一', ones = '〇') => `${tens}${ones}`,
      )
      .replace(/[〇一二三四五六七八九]/g, (digit) => String(chineseDigits.indexOf(digit)))
      // «06 五月 2024», a mail date translated word by word.
      .replace(/^(\d{1,2}) (\d{1,2})月 (?=\d{4} )/, (as, date, month) => {
        const name = months[Number(month) - 1]
        return name ? `${date} ${name} ` : as
      })
  )
}

const korean: Readonly<Record<string, string>> = { 년: '年', 월: '月', 일: '日', 오전: '上午', 오후: '下午' }
// By the first letters without accents, so that inflected and short forms are one.
const foreignMonths: readonly (readonly [RegExp, string])[] = [
  [/^(?:ιαν|januar)/, 'jan'],
  [/^(?:φεβ|februar)/, 'feb'],
  [/^(?:μαρ|μαω|marcius)/, 'mar'],
  [/^(?:απρ|aprilis)/, 'apr'],
  [/^(?:μαι|majus|maujus)/, 'may'],
  [/^(?:ιουν|ιον|junius)/, 'jun'],
  [/^(?:ιουλ|ιολ|julius)/, 'jul'],
  [/^(?:αυγ|augusztus)/, 'aug'],
  [/^(?:σεπ|szeptember)/, 'sep'],
  [/^(?:οκτ|oktober)/, 'oct'],
  [/^νοε/, 'nov'],
  [/^δεκ/, 'dec'],
]

function foreign(text: string): string {
  if (/[\uac00-\ud7a3]/.test(text)) return text.replace(/년|월|일|오전|오후/g, (word) => korean[word] ?? word)
  if (!/[\u00c0-\u017f\u0370-\u03ff]|augusztus|szeptember/i.test(text)) return text
  const bare = text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
  return bare
    .replace(/^[α-ω]+\.?,? /, '')
    .replace(/[a-zα-ω]{3,}/g, (word) => foreignMonths.find(([form]) => form.test(word))?.[1] ?? word)
    .replace(/^(\d{4})-([a-z]{3})-(\d{1,2})(?=t)/, (as, year, month, date) => {
      const at = months.indexOf(month) + 1
      return at === 0 ? as : `${year}-${at}-${date}`
    })
}

interface Parts {
  year: number
  month: number
  day: number
  hour?: number
  minute?: number
  second?: number
}

/** Milliseconds, or nothing when the calendar has no such day; 24:00:00 and leap second 60 roll over. */
function instant(parts: Parts, zoneMinutes: number): number | undefined {
  const { year, month, day: date, hour = 0, minute = 0, second = 0 } = parts
  if (year < 1970 || year > 9999 || month < 1 || month > 12 || date < 1) return undefined
  if (date > 28 && date > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined
  if (minute > 59 || second > 60 || hour > 24 || (hour === 24 && (minute > 0 || second > 0))) return undefined
  return Date.UTC(year, month - 1, date, hour, minute, second) - zoneMinutes * 60_000
}

/** Minutes of a written zone; `undefined` when it is nonsense, the context's own when nothing is written. */
function zoneOf(written: string | undefined, context: DateContext): number | undefined {
  const usual = context.zoneMinutes ?? shanghai
  const zone =
    written
      ?.trim()
      .toLowerCase()
      .replace(/^etc\//, '') ?? ''
  if (zone === '' || zone === '北京时间') return usual
  if (zone === 'cst') return usual === shanghai ? shanghai : -360
  const offset = /^(?:gmt|utc)?([+-])(\d{1,2}):?(\d{2})?$/.exec(zone)
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0)
    if (minutes > 15 * 60 || Number(offset[3] ?? 0) > 59) return undefined
    return offset[1] === '-' ? -minutes : minutes
  }
  return zones[zone]
}

const clock = String.raw`(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]\d+)?)?`
const zone = String.raw`\s*(z|[+-]\d{1,2}:?\d{2}|[+-]\d{2}|(?:gmt|utc)(?:[+-]\d{1,2}:?(?:\d{2})?)?|[a-z]{1,5}|北京时间)?`
const isoLike = new RegExp(
  String.raw`^(?:[a-z]{3,9},? )?(\d{4})([-/.])(?:0(?=\d\d\2))?(\d{1,2})(?:\2(\d{1,2})(?:(?:t|\s+|\s*t\s*)${clock}${zone}|z)?)?$`,
  'i',
)
const compact = /^(\d{4})(\d{2})(\d{2})(?:[t ]?(\d{2}):?(\d{2}):?(\d{2})?(z|[+-]\d{2}:?\d{2})?)?$/i

function isoDate(text: string, context: DateContext): number | undefined {
  const long = isoLike.exec(text)
  if (long) {
    const [, year, , month, date = 1, hour, minute, second, written] = long
    const offset = zoneOf(written, context)
    if (offset === undefined) return undefined
    return instant(numbers({ year, month, date, hour, minute, second }), offset)
  }
  const short = compact.exec(text)
  if (short) {
    const [, year, month, date, hour, minute, second, written] = short
    const offset = zoneOf(written, context)
    return offset === undefined
      ? undefined
      : instant(numbers({ year, month, date, hour, minute, second }), offset)
  }
  const brief = briefDate(text)
  if (brief) return instant(brief, zoneOf('', context) ?? 0)
  if (/^(19|20)\d\d$/.test(text))
    return instant({ year: Number(text), month: 1, day: 1 }, zoneOf('', context) ?? 0)
  return undefined
}

/**
 * The rarer forms of ISO 8601: day of the year, and centuries left out where nothing else can be meant. Five digits that
 * begin otherwise than with 0 may be a spreadsheet's day number, six that begin with 19 or 20 a month.
 */
function briefDate(text: string): Parts | undefined {
  const ordinal = /^(?:(\d{4})-?|(\d{2})-|(0\d))(\d{3})$/.exec(text)
  if (ordinal) {
    const [, year, short, bare, days] = ordinal
    return ofYear(Number(year ?? `20${short ?? bare}`), Number(days))
  }
  const short = /^(?:(\d\d)-(\d\d)-(\d\d)|(?!19|20)(\d\d)(\d\d)(\d\d)|-(\d\d)-?(\d\d))$/.exec(text)
  if (!short) return undefined
  const [, year, month, date, year2, month2, date2, year3, month3] = short
  return {
    year: 2000 + Number(year ?? year2 ?? year3),
    month: Number(month ?? month2 ?? month3),
    day: Number(date ?? date2 ?? 1),
  }
}

function ofYear(year: number, days: number): Parts | undefined {
  const at = new Date(Date.UTC(year, 0, days))
  if (days < 1 || at.getUTCFullYear() !== year) return undefined
  return { year, month: at.getUTCMonth() + 1, day: at.getUTCDate() }
}

function numbers(
  parts: Record<'year' | 'month' | 'date' | 'hour' | 'minute' | 'second', string | number | undefined>,
): Parts {
  return {
    year: Number(parts.year),
    month: Number(parts.month),
    day: Number(parts.date),
    hour: Number(parts.hour ?? 0),
    minute: Number(parts.minute ?? 0),
    second: Number(parts.second ?? 0),
  }
}

// RFC 822 and its relatives: weekday and seconds optional, day and month in either order, year before or after the time.
const weekday = String.raw`^(?:[a-z]{2,9}(?:\.?,\s*|\.?\s+|(?=\d)))?`
const mailForms = [
  new RegExp(
    String.raw`${weekday}(?<date>\d{1,2})[ -](?<month>[a-z]{3,9})\.?,?[ -](?<year>\d{4}|\d{2})(?:[ ,]+${named()}${zoneNamed()})?$`,
    'i',
  ),
  new RegExp(
    String.raw`${weekday}(?<month>[a-z]{3,9})\.? (?<date>\d{1,2}),? (?<year>\d{4})(?:[ ,]+(?:at )?${named()}${zoneNamed()})?$`,
    'i',
  ),
  new RegExp(
    String.raw`${weekday}(?<month>[a-z]{3,9}) (?<date>\d{1,2}) ${named()}${zoneNamed()}\s+(?<year>\d{4})$`,
    'i',
  ),
]

function named(): string {
  return String.raw`(?<hour>\d{1,2}):(?<minute>\d{1,2})(?::(?<second>\d{1,2})(?:\.\d+)?)?`
}
function zoneNamed(): string {
  return String.raw`\s*(?<half>[ap]\.?m\.?)?\s*(?<zone>(?:gmt|utc)?[+-]\d{1,2}(?::?\d{2})?|(?:etc/)?[a-z]{1,5})?(?:\s*\([^)]*\))?`
}

function mailDate(text: string, context: DateContext): number | undefined {
  for (const form of mailForms) {
    const found = form.exec(text)?.groups
    if (!found) continue
    const month = months.indexOf((found.month ?? '').slice(0, 3).toLowerCase()) + 1
    const offset = zoneOf(found.zone, context)
    if (month === 0 || offset === undefined) return undefined
    const short = Number(found.year)
    const year = found.year?.length === 2 ? short + (short < 70 ? 2000 : 1900) : short
    const hour = found.half
      ? (Number(found.hour) % 12) + (/^p/i.test(found.half) ? 12 : 0)
      : Number(found.hour ?? 0)
    return instant(numbers({ ...pick(found), year, month, hour }), offset)
  }
  return undefined
}

const pick = (found: Record<string, string | undefined>) => ({
  date: found.date,
  minute: found.minute,
  second: found.second,
})

const chineseClock = String.raw`(?:(?<half>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜里|夜间)?\s*(?<hour>\d{1,2})(?:[:时点]\s*(?<minute>\d{1,2})?分?(?:[:]?\s*(?<second>\d{1,2})秒?)?))`
const chineseForm = new RegExp(
  String.raw`^(?:(?:(?<year>\d{4}|\d{2})年|(?<slashed>\d{4})[-/.])?\s*(?<month>\d{1,2})(?:月|[-/.])\s*(?<date>\d{1,2})(?:[日号]|(?=[^\d])|$)|(?<word>今天|今日|昨天|昨日|前天|前日))?\s*(?:[(]?(?:星期|周|礼拜)[\d日天][)]?)?\s*${chineseClock}?\s*(?<zone>北京时间|[(]北京时间[)])?$`,
)
const wordDays: Readonly<Record<string, number>> = { 今天: 0, 今日: 0, 昨天: 1, 昨日: 1, 前天: 2, 前日: 2 }

function chineseDate(text: string, context: DateContext): number | undefined {
  const found = chineseForm.exec(text)?.groups
  if (!found || (!found.month && !found.word)) return undefined
  const offset = context.zoneMinutes ?? shanghai
  const hour = found.hour === undefined ? 0 : hourOf(Number(found.hour), found.half)
  const time = { hour, minute: Number(found.minute ?? 0), second: Number(found.second ?? 0) }
  const today = context.now && new Date(context.now.getTime() + offset * 60_000)
  if (found.word) {
    if (!today) return undefined
    const on = new Date(today.getTime() - (wordDays[found.word] ?? 0) * day)
    return instant(
      { year: on.getUTCFullYear(), month: on.getUTCMonth() + 1, day: on.getUTCDate(), ...time },
      offset,
    )
  }
  const monthDay = { month: Number(found.month), day: Number(found.date) }
  const written = found.year ?? found.slashed
  if (written) {
    const year = written.length === 2 ? 2000 + Number(written) : Number(written)
    return instant({ year, ...monthDay, ...time }, offset)
  }
  if (!today || !context.now) return undefined
  // Without a year the latest such day that is not in the future; a day of grace for clocks that run ahead.
  const year = today.getUTCFullYear()
  const at = instant({ year, ...monthDay, ...time }, offset)
  if (at !== undefined && at <= context.now.getTime() + day) return at
  return instant({ year: year - 1, ...monthDay, ...time }, offset)
}

function hourOf(hour: number, half: string | undefined): number {
  if (!half || hour > 12) return hour
  if (/下午|傍晚|晚/.test(half)) return hour === 12 ? (half === '下午' ? 12 : 24) : hour + 12
  if (half === '中午') return hour < 11 ? hour + 12 : hour
  return hour === 12 ? 0 : hour
}

const units: Readonly<Record<string, number>> = {
  秒: 1_000,
  秒钟: 1_000,
  分: 60_000,
  分钟: 60_000,
  小时: 3_600_000,
  个小时: 3_600_000,
  天: day,
  日: day,
  周: 7 * day,
  星期: 7 * day,
  个月: 30 * day,
  月: 30 * day,
  年: 365 * day,
}

function ago(text: string, { now }: DateContext): number | undefined {
  if (!now) return undefined
  if (/^(刚刚|刚才|just now)$/i.test(text)) return now.getTime()
  if (text === '半小时前') return now.getTime() - 1_800_000
  const found = /^(\d{1,4})\s*(秒钟?|分钟?|个?小时|天|日|周|星期|个?月|年)[之以]?前$/.exec(text)
  const unit = units[found?.[2] ?? '']
  return unit === undefined ? undefined : now.getTime() - Number(found?.[1]) * unit
}

/** Seconds or milliseconds since 1970, as feeds made by scripts have them. */
function epoch(text: string): number | undefined {
  if (/^1\d{9}$/.test(text)) return Number(text) * 1_000
  return /^1\d{12}$/.test(text) ? Number(text) : undefined
}
