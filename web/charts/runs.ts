/**
 * What a source brought and how long its runs took.
 *   itemsOption({ at: ['03-05', …], parts: [{ id, name, values }], language }, palette)   stacked bars, the darkest at the foot
 *   durationOption({ at, seconds, name, language }, palette)                              one point a run; null: a run that failed
 */
import type { EChartsCoreOption } from 'echarts/core'
import { formatNumber } from '../format.ts'
import type { Language } from '../labels.ts'
import { countAxis, legendLook, tooltipLook, tooltipTable } from './common.ts'
import type { Palette } from './palette.ts'

export interface ItemBars {
  at: readonly string[]
  parts: readonly { id: string; name: string; values: readonly number[] }[]
  language: Language
}

interface Point {
  seriesName: string
  value: number | null
  dataIndex: number
  marker: string
}

const timeAxis = (at: readonly string[], palette: Palette) => ({
  type: 'category',
  data: [...at],
  axisLine: { lineStyle: { color: palette.line } },
  axisTick: { show: false },
  axisLabel: { color: palette.ink3, fontSize: 12, hideOverlap: true },
})

/** Told apart by darkness and by an outline, as colour is kept for levels. */
export function itemsOption({ at, parts, language }: ItemBars, palette: Palette): EChartsCoreOption {
  const looks = [
    { color: palette.ink },
    { color: palette.ink3 },
    { color: palette.line, borderColor: palette.ink3, borderWidth: 0.5 },
    { color: palette.surface, borderColor: palette.ink3, borderWidth: 1 },
  ]
  return {
    grid: { left: 4, right: 8, top: 32, bottom: 4, containLabel: true },
    legend: { ...legendLook(palette), itemWidth: 10, itemHeight: 10, data: parts.map((part) => part.name) },
    tooltip: {
      ...tooltipLook(palette),
      formatter: (points: readonly Point[]) =>
        tooltipTable(
          at[points[0]?.dataIndex ?? 0] ?? '',
          points.map(({ seriesName, value, marker }) => ({ name: seriesName, value, mark: marker })),
          language,
        ),
    },
    xAxis: timeAxis(at, palette),
    yAxis: countAxis(palette, language),
    series: parts.map((part, index) => ({
      id: part.id,
      name: part.name,
      type: 'bar',
      stack: 'items',
      barMaxWidth: 12,
      data: [...part.values],
      itemStyle: looks[index % looks.length],
    })),
  }
}

export interface Durations {
  at: readonly string[]
  seconds: readonly (number | null)[]
  name: string
  language: Language
}

export function durationOption(
  { at, seconds, name, language }: Durations,
  palette: Palette,
): EChartsCoreOption {
  return {
    grid: { left: 4, right: 8, top: 12, bottom: 4, containLabel: true },
    tooltip: {
      ...tooltipLook(palette),
      formatter: (points: readonly Point[]) =>
        tooltipTable(
          at[points[0]?.dataIndex ?? 0] ?? '',
          points.map(({ value, marker }) => ({ name, value, mark: marker })),
          language,
        ),
    },
    xAxis: timeAxis(at, palette),
    yAxis: {
      ...countAxis(palette, language),
      minInterval: 0,
      axisLabel: { color: palette.ink3, fontSize: 12, formatter: (n: number) => formatNumber(n, language) },
    },
    series: [
      {
        id: 'seconds',
        name,
        type: 'line',
        data: [...seconds],
        // A run between two failures has no line: its point is all there is of it.
        symbol: 'circle',
        symbolSize: 4,
        connectNulls: false,
        lineStyle: { color: palette.ink2, width: 1.5 },
        itemStyle: { color: palette.ink2 },
      },
    ],
  }
}
