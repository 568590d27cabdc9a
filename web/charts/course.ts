/**
 * The course of one number with its plan beside it, as a dashed line.
 *   courseOption({ name, plannedName, unit, points: [{ on, value, planned }], language, now }, palette)
 * The axis does not begin at zero: what matters is the move.
 */
import type { EChartsCoreOption } from 'echarts/core'
import { formatCompact } from '../format.ts'
import type { Language } from '../labels.ts'
import { dayAxis, dayLabel, tooltipLook, tooltipTable } from './common.ts'
import type { Palette } from './palette.ts'

export interface Course {
  name: string
  plannedName: string
  points: readonly { on: string; value: number; planned: number | null }[]
  language: Language
  now: number
}

export function courseOption(
  { name, plannedName, points, language, now }: Course,
  palette: Palette,
): EChartsCoreOption {
  const days = points.map((point) => point.on)
  const hasPlan = points.some((point) => point.planned !== null)
  const line = (id: string, title: string, values: readonly (number | null)[], isPlan: boolean) => ({
    id,
    name: title,
    type: 'line',
    data: [...values],
    showSymbol: points.length < 8,
    symbolSize: 5,
    connectNulls: true,
    lineStyle: {
      color: isPlan ? palette.ink3 : palette.series[0],
      width: isPlan ? 1.5 : 2,
      type: isPlan ? [6, 4] : 'solid',
    },
    itemStyle: { color: isPlan ? palette.ink3 : palette.series[0] },
  })
  return {
    grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
    xAxis: dayAxis(days, palette, language, now),
    yAxis: {
      type: 'value',
      scale: true,
      splitNumber: 3,
      splitLine: { lineStyle: { color: palette.line } },
      axisLabel: { color: palette.ink3, fontSize: 12, formatter: (n: number) => formatCompact(n, language) },
    },
    tooltip: {
      ...tooltipLook(palette),
      formatter: (at: { seriesName: string; value: number | null; dataIndex: number; marker: string }[]) => {
        const day = days[at[0]?.dataIndex ?? -1]
        if (day === undefined) return ''
        const rows = at.map((point) => ({ name: point.seriesName, value: point.value, mark: point.marker }))
        return tooltipTable(dayLabel(day, language, now), rows, language)
      },
    },
    series: [
      line(
        'value',
        name,
        points.map((point) => point.value),
        false,
      ),
      ...(hasPlan
        ? [
            line(
              'planned',
              plannedName,
              points.map((point) => point.planned),
              true,
            ),
          ]
        : []),
    ],
  }
}
