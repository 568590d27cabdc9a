// What is no text in the demo: weather over its cities, numbers of the trade, days that fall due. Invented like the rest,
// and since the cities are real, issuers and headlines say so. Plain: the same seed and end give the same.
import { type DemoProject, demoProjects } from './group.ts'
import { seeded } from './random.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

// ── weather ──

interface DemoAlert {
  id: string
  replaces?: string
  city: string
  district?: string
  weather: string
  colour: '蓝' | '黄' | '橙' | '红'
  text: string
  /** Hours before the end at which it was sent, and for how long it holds. */
  sentAgo: number
  holds: number
}

/** The night of the flooded garage, and what hangs over the group at the end: over leaks, and over nothing that leaks. */
const alerts: readonly DemoAlert[] = [
  {
    id: 'CD-1',
    city: '成都',
    district: '温江区',
    weather: '暴雨',
    colour: '黄',
    text: '预计未来6小时温江区降雨量将达50毫米以上，请注意防范。',
    sentAgo: 6 * 24 + 9,
    holds: 6,
  },
  {
    id: 'CD-2',
    replaces: 'CD-1',
    city: '成都',
    district: '温江区',
    weather: '暴雨',
    colour: '橙',
    text: '过去3小时温江区降雨量已达50毫米以上，且降雨可能持续，低洼地带与地下车库注意积水。',
    sentAgo: 6 * 24 + 6,
    holds: 12,
  },
  {
    id: 'SZ-1',
    city: '苏州',
    district: '吴江区',
    weather: '暴雨',
    colour: '橙',
    text: '预计未来吴江区仍有强降水，累计雨量可达100毫米，请检查外窗、屋面与地下室排水。',
    sentAgo: 7,
    holds: 79,
  },
  {
    id: 'ZZ-1',
    city: '郑州',
    weather: '大风',
    colour: '蓝',
    text: '预计未来两天郑州市平均风力5至6级，阵风7级，请加固塔吊与外架。',
    sentAgo: 12,
    holds: 84,
  },
]

const severityOf = { 蓝: 'Minor', 黄: 'Moderate', 橙: 'Severe', 红: 'Extreme' } as const

/** The warnings that were sent by then, as an interface of the weather authority lists them (CAP 1.2). */
export function alertsXml(end: Date, at: Date): string {
  const sent = alerts.filter(({ sentAgo }) => end.getTime() - sentAgo * HOUR <= at.getTime())
  return `<?xml version="1.0" encoding="UTF-8"?><alerts>${sent.map((alert) => cap(alert, end)).join('')}</alerts>`
}

const sender = 'demo@weather.example'

function cap(alert: DemoAlert, end: Date): string {
  const { id, replaces, city, district = '', weather, colour, text, sentAgo, holds } = alert
  const instant = (ago: number) => new Date(end.getTime() - ago * HOUR).toISOString()
  const replaced = alerts.find((one) => one.id === replaces)
  const issuer = `${city}市${district}气象台（演示）`
  return `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>demo-${id}</identifier><sender>${sender}</sender>
    <sent>${instant(sentAgo)}</sent><status>Actual</status><msgType>${replaced ? 'Update' : 'Alert'}</msgType><scope>Public</scope>
    ${replaced ? `<references>${sender},demo-${replaced.id},${instant(replaced.sentAgo)}</references>` : ''}
    <info><language>zh-CN</language><category>Met</category><event>${weather}</event><urgency>Expected</urgency>
    <severity>${severityOf[colour]}</severity><certainty>Likely</certainty><effective>${instant(sentAgo)}</effective>
    <expires>${instant(sentAgo - holds)}</expires><senderName>${issuer}</senderName>
    <headline>${issuer}发布${weather}${colour}色预警信号</headline><description>${text}</description>
    <area><areaDesc>${city}市${district}</areaDesc></area></info></alert>`
}

// ── readings ──

export interface DemoReading {
  project: string
  on: Date
  metric: '销售' | '成交均价' | '工程进度' | '质量合格率'
  unit: string
  value: number
  planned?: number
}

const monthsBack = 6
const fortnightsBack = 9

/** Estates whose numbers go wrong, each as its story would have it; the others keep to their plan. */
const slump = { project: 'CD-03', share: 0.42, months: 3 }
const priceFalls: Readonly<Record<string, number>> = { 'HZ-02': 0.065, 'WH-02': 0.11 }
const stalled = { project: 'WH-01', at: 78, daysAgo: 50 }
const behind = { project: 'CS-02', points: 12 }
const poorQuality = { project: 'HZ-01', rate: 87.5 }

/** Every number that was known by then: sales and prices by month, progress by fortnight, quality by month. */
export function demoReadings(seed: string, end: Date, at: Date = end): readonly DemoReading[] {
  return demoProjects
    .flatMap((project) => readingsOf(project, seed, end))
    .filter(({ on }) => on.getTime() <= at.getTime())
}

function readingsOf(project: DemoProject, seed: string, end: Date): DemoReading[] {
  const random = seeded(`${seed} readings ${project.code}`)
  const wobble = (share: number) => 1 + share * (2 * random.next() - 1)
  const daysAgo = (days: number) => new Date(end.getTime() - days * DAY)
  const months = Array.from({ length: monthsBack }, (_, n) => (monthsBack - n) * 30 - 28)
  const fortnights = Array.from({ length: fortnightsBack }, (_, n) => (fortnightsBack - n) * 14 - 12)
  const isOnSale = project.stage === 'SA' || project.code === slump.project
  const isBuilt = project.stage === 'SA' || project.stage === 'DE'
  const price = 13_000 + 400 * random.int(0, 30)
  const planned = Math.max(6, Math.round(project.households / 36))
  const one = (
    metric: DemoReading['metric'],
    unit: string,
    days: number,
    value: number,
    plan?: number,
  ): DemoReading => ({
    project: project.name,
    on: daysAgo(days),
    metric,
    unit,
    value,
    ...(plan === undefined ? {} : { planned: plan }),
  })
  const sales = months.map((days) => {
    const isSlump = project.code === slump.project && days < slump.months * 30
    return one('销售', '套', days, Math.round(planned * wobble(0.12) * (isSlump ? slump.share : 1)), planned)
  })
  const prices = months.map((days, n) => {
    const fallen = (priceFalls[project.code] ?? 0) * (n / (monthsBack - 1))
    return one('成交均价', '元/㎡', days, Math.round((price * wobble(0.006) * (1 - fallen)) / 10) * 10)
  })
  const progress = fortnights.map((days) => {
    const plan = planOf(project, days)
    return one('工程进度', '%', days, builtOf(project, plan, days, wobble(0.01)), plan)
  })
  const quality = months.map((days) => {
    const usual = Math.min(99, 95 * wobble(0.03))
    const rate = project.code === poorQuality.project && days < 40 ? poorQuality.rate : usual
    return one('质量合格率', '%', days, tenths(rate))
  })
  return [...(isOnSale ? [...sales, ...prices] : []), ...(isBuilt ? [...progress, ...quality] : [])]
}

/** Three years from the first day of work to the delivery. */
const planOf = (project: DemoProject, daysAgo: number) =>
  tenths(Math.min(100, Math.max(2, 100 - ((project.deliveryIn + daysAgo) / 1_000) * 100)))

function builtOf(project: DemoProject, plan: number, daysAgo: number, wobble: number): number {
  if (project.code === stalled.project)
    return stalled.at - Math.max(0, tenths((daysAgo - stalled.daysAgo) / 10))
  const short = project.code === behind.project ? behind.points : 0
  return tenths(Math.min(100, Math.max(0, plan * wobble - short)))
}

const tenths = (value: number) => Math.round(value * 10) / 10

/** As the house's own system would export them. */
export function readingsCsv(readings: readonly DemoReading[]): string {
  const lines = readings.map(({ project, on, metric, unit, value, planned }) =>
    [project, on.toISOString().slice(0, 10), metric, value, planned ?? '', unit].join(','),
  )
  return ['项目,日期,指标,数值,计划,单位', ...lines].join('\n')
}

// ── days ──

/** As a person writes them into a source of the kind calendar. */
export function calendarDays(end: Date): string {
  const day = (ahead: number) => new Date(end.getTime() + ahead * DAY).toISOString().slice(0, 10)
  return [
    '09-01 秋季开学 PO3',
    '06-15 汛期开始 PO2 DE5',
    '01-15 春节前工程款结算 DE3',
    `${day(24)} 工地开放日 DE5 @澄岸·云汀府`,
  ].join('\n')
}
