import type { Level } from '../scoring/level.ts'

/** The Chinese sentences a warning is stored with: what it was about when it was raised. Pages draw everything else from numbers. */

export function titleOf({ project, risk }: { project: string; risk: string }): string {
  return `${project}：${risk}`
}

export function summaryOf(counts: {
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
  return `${media}；${ledger}。`
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
