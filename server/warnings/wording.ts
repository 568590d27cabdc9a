import { milestoneKinds } from '../projects/words.ts'
import type { HardRule } from '../scoring/factor.ts'
import type { Level } from '../scoring/level.ts'

/** The Chinese sentences a warning is stored with: what it was about when it was raised. Pages draw everything else from numbers. */

export function titleOf({ project, risk }: { project: string; risk: string }): string {
  return `${project}：${risk}`
}

/** Rules of evidence without a text: the day or number itself speaks, no red line was crossed. */
export const isIndicator = ({ rule }: HardRule): boolean =>
  rule === 'weather' || rule === 'reading' || rule === 'due'

const phenomenonWords: Readonly<Record<string, string>> = {
  rainstorm: '暴雨',
  typhoon: '台风',
  wind: '大风',
  thunderstorm: '雷电',
  hail: '冰雹',
  snow: '暴雪',
  cold: '寒潮冰冻',
  heat: '高温',
  fog: '雾霾',
  geological: '地质灾害',
}
const colourWords: Readonly<Record<string, string>> = {
  minor: '蓝色',
  moderate: '黄色',
  severe: '橙色',
  extreme: '红色',
}

function indicatorWords({ rule, because }: HardRule): string | undefined {
  switch (rule) {
    case 'weather': {
      const leaks = Number(because.leaks) > 0 ? `，渗漏投诉未结 ${because.leaks} 件` : ''
      const sites = Number(because.sites) > 1 ? `，本市 ${because.sites} 个项目` : ''
      const what = `${phenomenonWords[because.phenomenon ?? ''] ?? '气象'}${colourWords[because.severity ?? ''] ?? ''}预警`
      return `${what}（${because.issuer}${leaks}${sites}）`
    }
    case 'reading':
      return `经营读数超过界限（${because.on}）`
    case 'due':
      return `${milestoneKinds.find(({ value }) => value === because.kind)?.zh ?? because.kind}：${because.dueOn} 到期`
    default:
      return undefined
  }
}

export function summaryOf(counts: {
  hardRules: readonly HardRule[]

  mentionCount: number
  negativeCount: number
  familyCount: number
  complaintCount: number
  openComplaintCount: number
  householdCount: number
}): string {
  const media =
    counts.mentionCount > 0
      ? `${counts.familyCount} 家媒体 ${counts.mentionCount} 条舆情（负面 ${counts.negativeCount} 条）`
      : '暂无舆情'
  const ledger =
    counts.complaintCount > 0
      ? `投诉 ${counts.complaintCount} 件（未结 ${counts.openComplaintCount} 件，涉及 ${counts.householdCount} 户）`
      : '暂无投诉'
  const indicators = counts.hardRules.flatMap((rule) => indicatorWords(rule) ?? [])
  return `${[...indicators, media, ledger].join('；')}。`
}

/** Number of a warning: YJ, year and month in Shanghai, serial of the month. A number is never used twice. */
export function numberOf(month: string, serial: number): string {
  return `YJ${month}-${String(serial).padStart(4, '0')}`
}

/** What the record says when the machine acts; people give their own reason. */
export const machineReason = {
  'red-line': '触及红线规则',
  anomaly: '数量异常上升',
  level: '达到预警级别',
  raised: (from: Level, to: Level) => `风险上升：${from} 级 → ${to} 级`,
  lowered: (from: Level, to: Level) => `已平稳超过保持时间：${from} 级 → ${to} 级`,
  facts: (families: number, complaints: number) =>
    `新增 ${Math.max(0, families)} 家媒体、${Math.max(0, complaints)} 件投诉`,
  proposeLifting: '已无达到预警级别的证据，建议解除',
  lift: '已无达到预警级别的证据，自动解除',
} as const
