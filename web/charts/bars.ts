/**
 * Stacked bars over days or names.
 *   barsOption({ names, stacks: [{ id, name, values, level? }], language, label? }, palette)
 * A stack with a `level` has that level's colour, the others shades of grey. `across` lays the bars on their side.
 */
import type { EChartsCoreOption } from 'echarts/core'
import type { Language, Level } from '../labels.ts'
import { countAxis, legendLook, tooltipLook, tooltipTable } from './common.ts'
import type { Palette } from './palette.ts'

export interface BarStack {
  id: string
  name: string
  values: readonly number[]
  level?: Level
}

export interface Bars {
  names: readonly string[]
  stacks: readonly BarStack[]
  language: Language
  /** How a name is written at the axis; days: `(day) => dayLabel(day, language, now)`. */
  label?: (name: string) => string
  across?: boolean
}

export function barsOption(bars: Bars, palette: Palette): EChartsCoreOption {
  const { names, stacks, language, across = false } = bars
  const label = bars.label ?? ((name: string) => name)
  const nameAxis = {
    type: 'category',
    data: [...names],
    inverse: across,
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: { color: palette.ink3, fontSize: 12, hideOverlap: true, formatter: label },
  } as const
  const counts = countAxis(palette, language)
  return {
    grid: { left: 4, right: 12, top: stacks.length > 1 ? 36 : 8, bottom: 4, containLabel: true },
    legend: { ...legendLook(palette), show: stacks.length > 1, itemWidth: 10, itemHeight: 10 },
    xAxis: across ? counts : nameAxis,
    yAxis: across ? nameAxis : counts,
    tooltip: {
      ...tooltipLook(palette),
      axisPointer: { type: 'shadow' },
      formatter: (points: { seriesName: string; value: number; dataIndex: number; marker: string }[]) => {
        const name = names[points[0]?.dataIndex ?? -1]
        if (name === undefined) return ''
        const rows = points.map((point) => ({
          name: point.seriesName,
          value: point.value,
          mark: point.marker,
        }))
        return tooltipTable(label(name), rows, language)
      },
    },
    series: stacks.map((stack, at) => ({
      id: stack.id,
      name: stack.name,
      type: 'bar',
      stack: 'all',
      data: [...stack.values],
      barMaxWidth: 22,
      itemStyle: {
        color: stack.level
          ? palette.level[stack.level]
          : (palette.series[Math.min(at, palette.series.length - 1)] ?? palette.ink),
        borderColor: palette.surface,
        borderWidth: 0.5,
      },
    })),
  }
}
