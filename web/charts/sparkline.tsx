/**
 * A small line in a row of text, drawn here without ECharts: `<Sparkline values={week} label={t.lastWeek} />`.
 * A `null` breaks the line; the last value has a dot.
 */
import { sparklinePaths } from './sparkline-path.ts'

export function Sparkline({
  values,
  label,
  width = 72,
  height = 20,
}: {
  values: readonly (number | null)[]
  label: string
  width?: number
  height?: number
}) {
  const { line, end } = sparklinePaths(values, width, height)
  return (
    <svg
      class="sparkline"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <path
        d={line}
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linejoin="round"
        stroke-linecap="round"
      />
      {end && <circle cx={end.x} cy={end.y} r="2" fill="currentColor" />}
    </svg>
  )
}
