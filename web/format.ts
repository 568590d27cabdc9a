/**
 * Numbers and instants as people read them. Every instant is shown in Asia/Shanghai, whatever the clock of the reader's
 * computer says: +08:00 without summer time since 1991. Plain functions; `language` is an argument.
 */
import type { Language } from './labels.ts'

const zone = 'Asia/Shanghai'

const made = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>()

function dates(language: Language, key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = `d ${language} ${key}`
  const found = made.get(id)
  if (found instanceof Intl.DateTimeFormat) return found
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    timeZone: zone,
    ...options,
  })
  made.set(id, format)
  return format
}

function numbers(language: Language, key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const id = `n ${language} ${key}`
  const found = made.get(id)
  if (found instanceof Intl.NumberFormat) return found
  const format = new Intl.NumberFormat(language, options)
  made.set(id, format)
  return format
}

/** 12345 → 12,345. */
export const formatNumber = (n: number, language: Language) => numbers(language, 'plain', {}).format(n)

/** 123456 → 12.3万 / 123K, for narrow places. */
export const formatCompact = (n: number, language: Language) =>
  numbers(language, 'compact', { notation: 'compact', maximumFractionDigits: 1 }).format(n)

/** 0.234 → 23%; one digit after the point below 10 %, where it makes a difference. */
export const formatPercent = (share: number, language: Language) =>
  numbers(language, Math.abs(share) < 0.1 ? 'p1' : 'p0', {
    style: 'percent',
    maximumFractionDigits: Math.abs(share) < 0.1 ? 1 : 0,
  }).format(share)

/** A score between 0 and 1 → 0.62. */
export const formatScore = (score: number) => score.toFixed(2)

/** 设计、工程 / Design, Engineering. */
export const formatList = (items: readonly string[], language: Language) =>
  items.join(language === 'zh-CN' ? '、' : ', ')

/** Whole sentences in a row: 暴雨红色预警；停工 / Rainstorm warning, red; works stand still. */
export const formatClauses = (items: readonly string[], language: Language) =>
  items.join(language === 'zh-CN' ? '；' : '; ')

export type Instant = string | number | Date

const dateOf = (at: Instant) => (at instanceof Date ? at : new Date(at))

/** 2026-03-05 14:07:09, the exact instant. */
export function formatExact(at: Instant): string {
  const parts = new Map(
    dates('zh-CN', 'exact', {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
      .formatToParts(dateOf(at))
      .map((part) => [part.type, part.value]),
  )
  const of = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? ''
  return `${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')}:${of('second')}`
}

/** The calendar day in Shanghai: 2026-03-05. */
export const shanghaiDay = (at: Instant) => formatExact(at).slice(0, 10)

/** 2026-03-05 14:07. */
export const formatDateTime = (at: Instant) => formatExact(at).slice(0, 16)

/** A calendar day or an instant → 3月5日 / 5 Mar; with the year when it is not this one. */
export function formatDay(at: Instant, language: Language, now: Instant): string {
  const sameYear = shanghaiDay(at).slice(0, 4) === shanghaiDay(now).slice(0, 4)
  return dates(language, sameYear ? 'day' : 'day-year', {
    month: 'short',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(dateOf(at))
}

/** 14:07 in Shanghai. */
const formatClock = (at: Instant) => formatExact(at).slice(11, 16)

/** How long: 42 分钟, 3 小时 5 分, 2 天 4 小时. Negative lengths are shown as positive: the words around say «late» or «left». */
export function formatDuration(ms: number, language: Language): string {
  const minutes = Math.round(Math.abs(ms) / 60_000)
  const zh = language === 'zh-CN'
  const unit = (n: number, han: string, latin: string) => (zh ? `${n} ${han}` : `${n} ${latin}`)
  if (minutes < 1) return zh ? '不到 1 分钟' : 'under 1 min'
  if (minutes < 60) return unit(minutes, '分钟', 'min')
  const hours = Math.floor(minutes / 60)
  if (hours < 24) {
    const rest = minutes % 60
    return rest === 0 ? unit(hours, '小时', 'h') : `${unit(hours, '小时', 'h')} ${unit(rest, '分', 'min')}`
  }
  const days = Math.floor(hours / 24)
  const rest = hours % 24
  return rest === 0 || days >= 7
    ? unit(days, '天', 'd')
    : `${unit(days, '天', 'd')} ${unit(rest, '小时', 'h')}`
}

/**
 * A schedule of cron as people say it: every ten minutes 每 10 分钟, «17 * * * *» 每小时第 17 分, «43 5 * * *» 每天 05:43. What takes
 * more words than that stays undefined, and the five fields are shown as they are.
 */
export function formatSchedule(cron: string, language: Language): string | undefined {
  const zh = language === 'zh-CN'
  const [minute = '', hour = '', ...days] = cron.trim().split(/\s+/)
  if (days.length !== 3 || days.some((field) => field !== '*')) return undefined
  const step = minute === '*' ? 1 : Number(/^\*\/(\d+)$/.exec(minute)?.[1])
  if (step > 0 && 60 % step === 0 && hour === '*') {
    if (step === 1) return zh ? '每分钟' : 'every minute'
    return zh ? `每 ${step} 分钟` : `every ${step} min`
  }
  if (!/^[0-5]?\d$/.test(minute)) return undefined
  if (hour === '*') return zh ? `每小时第 ${Number(minute)} 分` : `hourly at minute ${Number(minute)}`
  if (!/^(1?\d|2[0-3])$/.test(hour)) return undefined
  const clock = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  return zh ? `每天 ${clock}` : `daily at ${clock}`
}

/** 刚刚 · 5 分钟前 · 3 小时前 · 昨天 14:07 · 3月5日 14:07 · 2025年3月5日; the future likewise (2 小时后 · 明天 09:00). */
export function formatRelative(at: Instant, now: Instant, language: Language): string {
  const then = dateOf(at)
  const ms = then.getTime() - dateOf(now).getTime()
  const minutes = Math.round(Math.abs(ms) / 60_000)
  const zh = language === 'zh-CN'
  if (minutes < 1) return zh ? '刚刚' : 'just now'
  const side = (text: string) =>
    zh ? `${text}${ms < 0 ? '前' : '后'}` : ms < 0 ? `${text} ago` : `in ${text}`
  if (minutes < 60) return side(zh ? `${minutes} 分钟` : `${minutes} min`)
  const hours = Math.round(minutes / 60)
  if (hours < 12) return side(zh ? `${hours} 小时` : `${hours} h`)
  const dayGap = Math.round((Date.parse(shanghaiDay(then)) - Date.parse(shanghaiDay(now))) / 86_400_000)
  const clock = formatClock(then)
  if (dayGap === 0) return zh ? `今天 ${clock}` : `today ${clock}`
  if (dayGap === -1) return zh ? `昨天 ${clock}` : `yesterday ${clock}`
  if (dayGap === 1) return zh ? `明天 ${clock}` : `tomorrow ${clock}`
  const sameYear = shanghaiDay(then).slice(0, 4) === shanghaiDay(now).slice(0, 4)
  return sameYear ? `${formatDay(then, language, now)} ${clock}` : formatDay(then, language, now)
}
