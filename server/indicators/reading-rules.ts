/**
 * What the course of a number says (S2-3.1.2: sales data, progress, quality). A finding has a size; its strength rises from
 * `weak` at `from` to `strong` at `full`, and it is grave from `grave` on.
 *
 *   price-fall        1 − last ÷ highest of the window before, slips of the pen left out
 *   sales-behind      1 − Σ sold ÷ Σ planned of the window
 *   progress-behind   planned − done, in points of per cent
 *   progress-stalled  days since it last moved, on unfinished works
 *   quality-low       required − pass rate, in points of per cent
 *
 * Example: prices 20,000 · 20,200 · 18,200: 1 − 18,200 ÷ 20,200 = 9.9 %; strength 0.45 + 0.45 × (0.099 − 0.05) ÷ 0.2 = 0.56.
 */
import type { IndicatorsPolicy } from '../policy/indicators.ts'
import type { ReadingFact } from './because.ts'

export interface Reading {
  at: Date
  value: number
  planned: number | null
}

export interface Course {
  metric: string
  unit: string
  /** Oldest first. */
  readings: readonly Reading[]
  /** Days to the nearest open handover, if there is one. */
  deliveryInDays: number | undefined
}

export interface ReadingFinding {
  riskCode: string
  strength: number
  occurredAt: Date
  fact: ReadingFact
}

const DAY_MS = 86_400_000

export function findingsOf(
  course: Course,
  policy: IndicatorsPolicy['readings'],
  now: Date,
): readonly ReadingFinding[] {
  const last = course.readings.at(-1)
  if (!last || now.getTime() - last.at.getTime() > policy.staleDays * DAY_MS) return []
  switch (course.metric) {
    case 'price':
      return priceFall(course, last, policy.priceFall)
    case 'sales':
      return salesBehind(course, last, policy.salesBehind)
    case 'progress':
      return [
        ...progressBehind(course, last, policy.progressBehind),
        ...progressStalled(course, last, policy.progressStalled),
      ]
    case 'quality':
      return qualityLow(course, last, policy.qualityLow)
    default:
      return []
  }
}

interface Ramp {
  from: number
  grave: number
  full: number
  weak: number
  strong: number
}

/** Strength of a size, or nothing below the limit. */
function strengthOf(size: number, { from, full, weak, strong }: Ramp): number | undefined {
  if (size < from) return undefined
  const share = Math.min(1, (size - from) / (full - from))
  return Math.round((weak + (strong - weak) * share) * 10_000) / 10_000
}

function found(
  course: Course,
  last: Reading,
  rule: Ramp & { risk: string },
  finding: ReadingFact['finding'],
  measured: { size: number; value: number; reference: number },
): ReadingFinding[] {
  const strength = strengthOf(measured.size, rule)
  if (strength === undefined) return []
  return [
    {
      riskCode: rule.risk,
      strength,
      occurredAt: last.at,
      fact: {
        kind: 'reading',
        finding,
        metric: course.metric,
        unit: course.unit,
        value: rounded(measured.value),
        reference: rounded(measured.reference),
        change: rounded(measured.size),
        on: shanghaiDay(last.at),
        isGrave: measured.size >= rule.grave,
      },
    },
  ]
}

function priceFall(
  course: Course,
  last: Reading,
  rule: IndicatorsPolicy['readings']['priceFall'],
): ReadingFinding[] {
  const window = since(course.readings, last, rule.windowDays)
  if (window.length < rule.minReadings) return []
  const middle = median(window.map((reading) => reading.value))
  const past = window
    .slice(0, -1)
    .map((reading) => reading.value)
    .filter((value) => value <= middle * rule.outlierFactor)
  const highest = Math.max(...past)
  if (past.length === 0 || highest <= 0) return []
  // The last one may be the slip itself: a tenth of the price is a missing digit, not a sale.
  if (last.value * rule.outlierFactor * 2 < middle) return []
  return found(course, last, rule, 'price-fall', {
    size: 1 - last.value / highest,
    value: last.value,
    reference: highest,
  })
}

function salesBehind(
  course: Course,
  last: Reading,
  rule: IndicatorsPolicy['readings']['salesBehind'],
): ReadingFinding[] {
  const planned = since(course.readings, last, rule.windowDays).filter(
    (reading) => reading.planned !== null && reading.planned > 0,
  )
  if (planned.length < rule.minReadings) return []
  const sold = sum(planned.map((reading) => reading.value))
  const plan = sum(planned.map((reading) => reading.planned ?? 0))
  return found(course, last, rule, 'sales-behind', { size: 1 - sold / plan, value: sold, reference: plan })
}

function progressBehind(
  course: Course,
  last: Reading,
  rule: IndicatorsPolicy['readings']['progressBehind'],
): ReadingFinding[] {
  if (last.planned === null) return []
  const measured = { size: last.planned - last.value, value: last.value, reference: last.planned }
  const isNear = course.deliveryInDays !== undefined && course.deliveryInDays <= rule.nearDeliveryDays
  return [rule.risk, ...(isNear ? [rule.nearDelivery] : [])].flatMap((risk) =>
    found(course, last, { ...rule, risk }, 'progress-behind', measured),
  )
}

function progressStalled(
  course: Course,
  last: Reading,
  rule: IndicatorsPolicy['readings']['progressStalled'],
): ReadingFinding[] {
  if (last.value >= 100) return []
  const same: Reading[] = []
  for (const reading of course.readings.toReversed()) {
    if (reading.value < last.value) break
    same.push(reading)
  }
  const first = same.at(-1)
  if (!first || same.length < rule.minReadings) return []
  const days = Math.round((last.at.getTime() - first.at.getTime()) / DAY_MS)
  return found(course, last, rule, 'progress-stalled', { size: days, value: last.value, reference: days })
}

function qualityLow(
  course: Course,
  last: Reading,
  rule: IndicatorsPolicy['readings']['qualityLow'],
): ReadingFinding[] {
  return found(course, last, rule, 'quality-low', {
    size: rule.required - last.value,
    value: last.value,
    reference: rule.required,
  })
}

const since = (readings: readonly Reading[], last: Reading, days: number) =>
  readings.filter((reading) => last.at.getTime() - reading.at.getTime() <= days * DAY_MS)

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const rounded = (value: number) => Math.round(value * 10_000) / 10_000
const shanghaiDay = (at: Date) => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10)

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
