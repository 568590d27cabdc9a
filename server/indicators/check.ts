/** A reading as another system wrote it → the number as it is stored, in one unit per metric, or what is wrong with it. */
import type { Metric, ReadingCapture } from '../../collectors/collector.ts'

export interface CheckedReading {
  metric: Metric
  unit: string
  at: Date
  value: number
  planned: number | null
}

export type Checked = { ok: true; reading: CheckedReading } | { ok: false; because: string }

/** Units as people write them → ours, and by how much a number grows on the way. The first of a metric is its usual one. */
const units: Readonly<
  Record<Metric, readonly (readonly [unit: string, ways: readonly string[], times: number])[]>
> = {
  sales: [
    ['套', ['', '套', '户', '间', 'units', 'unit', 'sets', 'homes'], 1],
    ['万元', ['万元', '万', 'wan'], 1],
    ['万元', ['亿元', '亿'], 10_000],
    ['万元', ['元', 'yuan', 'rmb', 'cny'], 0.0001],
    ['㎡', ['㎡', 'm2', 'm²', '平方米', '平米', '平方', 'sqm'], 1],
  ],
  progress: [
    ['%', ['', '%', '％', '百分比', 'percent', 'pct'], 1],
    ['%', ['比例', '小数', 'ratio', 'share'], 100],
  ],
  quality: [
    ['%', ['', '%', '％', '百分比', 'percent', 'pct', '合格率'], 1],
    ['%', ['比例', '小数', 'ratio', 'share'], 100],
  ],
  price: [
    [
      '元/㎡',
      ['', '元/㎡', '元/m2', '元/m²', '元/平方米', '元/平米', '元/平', 'yuan/m2', 'yuan/sqm', '元'],
      1,
    ],
    ['元/㎡', ['万元/㎡', '万元/m2', '万元/平方米', '万元/平米', '万元/平', '万元'], 10_000],
  ],
  visits: [['组', ['', '组', '批', '人', '人次', 'groups', 'visits'], 1]],
  complaints: [['件', ['', '件', '宗', '单', '起', 'cases'], 1]],
}

/** Inclusive bounds in our unit; a price of 80 is one in thousands, and 800,000 a whole home. */
const bounds: Readonly<Record<Metric, readonly [number, number]>> = {
  sales: [-1_000_000, 100_000_000],
  progress: [0, 100],
  quality: [0, 100],
  price: [500, 500_000],
  visits: [0, 1_000_000],
  complaints: [0, 1_000_000],
}

export function checkReading(capture: ReadingCapture, now: Date, aheadDays: number): Checked {
  const wrong = (because: string): Checked => ({ ok: false, because: `${capture.place}: ${because}` })
  const at = new Date(capture.at)
  if (Number.isNaN(at.getTime())) return wrong(`«${capture.at.slice(0, 40)}» is no day`)
  if (at.getTime() > now.getTime() + aheadDays * 86_400_000) return wrong(`${shanghaiDay(at)} lies ahead`)
  if (at.getTime() < Date.UTC(2000, 0, 1)) return wrong(`${shanghaiDay(at)} lies too far back`)
  const written = plain(capture.unit ?? '')
  const unit = units[capture.metric].find(([, ways]) => ways.some((way) => plain(way) === written))
  if (!unit) return wrong(`«${capture.unit?.slice(0, 20)}» is no unit of ${capture.metric}`)
  const [name, , times] = unit
  if (!Number.isFinite(capture.value)) return wrong('the value is no number')
  const value = capture.value * times
  const planned = capture.planned === undefined ? null : capture.planned * times
  const [lowest, highest] = bounds[capture.metric]
  for (const number of [value, ...(planned === null ? [] : [planned])]) {
    if (!(number >= lowest && number <= highest)) {
      return wrong(`${number} ${name} cannot be: ${capture.metric} lies between ${lowest} and ${highest}`)
    }
  }
  // A number stands for its day: the same day told again with another hour is the same reading.
  const day = new Date(Date.parse(`${shanghaiDay(at)}T00:00:00+08:00`))
  return { ok: true, reading: { metric: capture.metric, unit: name, at: day, value, planned } }
}

const plain = (unit: string) => unit.normalize('NFKC').toLowerCase().replace(/\s+/g, '').replace('／', '/')
const shanghaiDay = (at: Date) => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10)

/** Projects by every name they go by; a name of two projects tells neither. */
export function createProjectFinder(
  names: readonly { projectId: number; name: string }[],
): (name: string) => number | 'unknown' | 'ambiguous' {
  const byName = new Map<string, Set<number>>()
  for (const { projectId, name } of names) {
    const key = nameKey(name)
    byName.set(key, (byName.get(key) ?? new Set()).add(projectId))
  }
  return (name) => {
    const [first, ...others] = byName.get(nameKey(name)) ?? []
    if (first === undefined) return 'unknown'
    return others.length > 0 ? 'ambiguous' : first
  }
}

const nameKey = (name: string) =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s·•・\-_]+/g, '')
