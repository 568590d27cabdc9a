/** What all charts share: quiet axes, a tooltip in the page's own look, a legend that is also a key to the dashes. */
import { formatCompact, formatDay, formatNumber } from '../format.ts'
import type { Language } from '../labels.ts'
import type { Palette } from './palette.ts'

/** Text from the data, inside the little HTML that a tooltip is. */
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** A calendar day of the server (2026-03-05) as a short date. */
export const dayLabel = (day: string, language: Language, now: number) =>
  formatDay(`${day}T12:00:00+08:00`, language, now)

export function tooltipLook(palette: Palette) {
  return {
    trigger: 'axis',
    confine: true,
    backgroundColor: palette.raised,
    borderColor: palette.line,
    borderWidth: 1,
    padding: [6, 10],
    textStyle: { color: palette.ink, fontSize: 12, fontFamily: palette.font },
    axisPointer: { type: 'line', lineStyle: { color: palette.ink3, type: 'dashed' } },
    extraCssText: 'box-shadow: none; border-radius: 6px',
  } as const
}

export function legendLook(palette: Palette) {
  return {
    top: 0,
    left: 0,
    itemWidth: 20,
    itemHeight: 8,
    itemGap: 16,
    icon: undefined,
    textStyle: { color: palette.ink2, fontSize: 12, fontFamily: palette.font },
    inactiveColor: palette.line,
  }
}

export function dayAxis(days: readonly string[], palette: Palette, language: Language, now: number) {
  return {
    type: 'category',
    data: [...days],
    boundaryGap: false,
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: {
      color: palette.ink3,
      fontSize: 12,
      hideOverlap: true,
      // The first and the last stay inside the panel on a phone.
      alignMinLabel: 'left',
      alignMaxLabel: 'right',
      formatter: (day: string) => dayLabel(day, language, now),
    },
  } as const
}

export function countAxis(palette: Palette, language: Language) {
  return {
    type: 'value',
    minInterval: 1,
    splitNumber: 3,
    splitLine: { lineStyle: { color: palette.line } },
    axisLabel: { color: palette.ink3, fontSize: 12, formatter: (n: number) => formatCompact(n, language) },
  } as const
}

export interface TooltipRow {
  name: string
  value: number | null
  mark: string
}

export function tooltipTable(title: string, rows: readonly TooltipRow[], language: Language): string {
  const lines = rows.map(
    ({ name, value, mark }) =>
      `<tr><td style="padding-right:12px">${mark} ${escapeHtml(name)}</td><td style="text-align:right"><b>${
        value === null ? '–' : formatNumber(value, language)
      }</b></td></tr>`,
  )
  return `${escapeHtml(title)}<table>${lines.join('')}</table>`
}
