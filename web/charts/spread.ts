/**
 * How a story spread: texts per step as bars, and how many tell it by then as a line that only rises.
 *   spreadOption({ steps: [{ at, mentions, families }], names: { mentions, families }, language, now }, palette)
 */
import type { EChartsCoreOption } from 'echarts/core'
import { formatDateTime } from '../format.ts'
import type { Language } from '../labels.ts'
import { countAxis, escapeHtml, legendLook, tooltipLook } from './common.ts'
import type { Palette } from './palette.ts'

export interface Spread {
  steps: readonly { at: string; mentions: number; families: number }[]
  names: { mentions: string; families: string }
  language: Language
}

export function spreadOption({ steps, names, language }: Spread, palette: Palette): EChartsCoreOption {
  return {
    animation: false,
    grid: { left: 0, right: 8, top: 32, bottom: 0, containLabel: true },
    legend: { ...legendLook(palette), data: [names.mentions, names.families] },
    tooltip: {
      ...tooltipLook(palette),
      formatter: (points: readonly { dataIndex: number }[]) => {
        const step = steps[points[0]?.dataIndex ?? 0]
        if (!step) return ''
        return `${escapeHtml(formatDateTime(step.at))}<br>${escapeHtml(names.mentions)} ${step.mentions} · ${escapeHtml(names.families)} ${step.families}`
      },
    },
    xAxis: {
      type: 'category',
      data: steps.map(({ at }) => formatDateTime(at)),
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: {
        color: palette.ink3,
        fontSize: 12,
        hideOverlap: true,
        formatter: (at: string) => at.slice(5),
      },
    },
    yAxis: countAxis(palette, language),
    series: [
      {
        id: 'mentions',
        name: names.mentions,
        type: 'bar',
        data: steps.map(({ mentions }) => mentions),
        itemStyle: { color: palette.ink3 },
        barMaxWidth: 14,
      },
      {
        id: 'families',
        name: names.families,
        type: 'line',
        step: 'end',
        symbol: 'none',
        data: steps.map(({ families }) => families),
        lineStyle: { color: palette.ink, width: 1.5 },
        itemStyle: { color: palette.ink },
      },
    ],
  }
}
