/**
 * Lines over days, with the days of warnings marked upon the first line.
 *   trendOption({ days, lines: [{ id, name, values, area? }], marks: [{ day, level, title }], language, now }, palette)
 * A `null` value is a day without data: the line breaks, it does not fall to zero.
 */
import type { EChartsCoreOption } from 'echarts/core'
import { formatClauses } from '../format.ts'
import { type Language, type Level, levels } from '../labels.ts'
import { countAxis, dayAxis, dayLabel, escapeHtml, legendLook, tooltipLook, tooltipTable } from './common.ts'
import type { Palette } from './palette.ts'

export interface TrendLine {
  id: string
  name: string
  values: readonly (number | null)[]
  area?: boolean
}

export interface TrendMark {
  day: string
  level: Level
  title: string
}

export interface Trend {
  days: readonly string[]
  lines: readonly TrendLine[]
  marks?: readonly TrendMark[]
  language: Language
  now: number
}

const dashes = ['solid', [6, 4], [2, 3], 'solid'] as const
/** The shapes of `LevelShape`, so that a mark reads without its colour. */
const symbols: Record<Level, string> = {
  I: 'path://M5 1h6l4 4v6l-4 4H5l-4-4V5z',
  II: 'diamond',
  III: 'rect',
  IV: 'circle',
}

/** One mark per day and level, the gravest on top: a burst of warnings must not hide the line. */
export function marksByDay(marks: readonly TrendMark[]): { day: string; level: Level; titles: string[] }[] {
  const found = new Map<string, { day: string; level: Level; titles: string[] }>()
  for (const mark of marks) {
    const key = `${mark.day} ${mark.level}`
    const group = found.get(key) ?? { day: mark.day, level: mark.level, titles: [] }
    group.titles.push(mark.title)
    found.set(key, group)
  }
  return [...found.values()].sort((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level))
}

export function trendOption(trend: Trend, palette: Palette): EChartsCoreOption {
  const { days, lines, language, now } = trend
  const first = lines[0]
  const groups = marksByDay(trend.marks ?? []).filter((group) => days.includes(group.day))
  const titlesOn = (day: string) =>
    groups
      .filter((group) => group.day === day)
      .reverse()
      .map(
        (group) =>
          `<div><b style="color:${palette.levelInk[group.level]}">${group.level}</b> ${escapeHtml(formatClauses(group.titles.slice(0, 3), language))}${
            group.titles.length > 3 ? ` +${group.titles.length - 3}` : ''
          }</div>`,
      )
      .join('')
  return {
    // Half of a label may stand beside the last day.
    grid: { left: 4, right: 22, top: 36, bottom: 4, containLabel: true },
    legend: { ...legendLook(palette), data: lines.map((line) => line.name) },
    xAxis: dayAxis(days, palette, language, now),
    yAxis: countAxis(palette, language),
    tooltip: {
      ...tooltipLook(palette),
      formatter: (
        points: { seriesName: string; value: number | null; dataIndex: number; marker: string }[],
      ) => {
        const day = days[points[0]?.dataIndex ?? -1]
        if (day === undefined) return ''
        const rows = points.map((point) => ({
          name: point.seriesName,
          value: point.value,
          mark: point.marker,
        }))
        return tooltipTable(dayLabel(day, language, now), rows, language) + titlesOn(day)
      },
    },
    series: lines.map((line, at) => {
      const color = palette.series[Math.min(at, palette.series.length - 1)] ?? palette.ink
      return {
        id: line.id,
        name: line.name,
        type: 'line',
        data: [...line.values],
        showSymbol: false,
        symbolSize: 6,
        connectNulls: false,
        lineStyle: { color, width: at === 0 ? 2 : 1.5, type: dashes[at % dashes.length] },
        itemStyle: { color },
        ...(line.area ? { areaStyle: { color, opacity: 0.08 } } : {}),
        ...(line === first && groups.length > 0
          ? {
              markPoint: {
                label: { show: false },
                data: groups.map((group) => ({
                  name: formatClauses(group.titles, language),
                  coord: [group.day, line.values[days.indexOf(group.day)] ?? 0],
                  symbol: symbols[group.level],
                  symbolSize: group.level === 'I' ? 13 : 11,
                  itemStyle: {
                    color: palette.level[group.level],
                    borderColor: palette.levelEdge[group.level],
                    borderWidth: 1,
                  },
                })),
              },
            }
          : {}),
      }
    }),
  }
}
