/**
 * The course of a count in the height of a line of text: `<Sparkline values={row.trend} summary={t.trend(…)} />`. Weeks
 * instead of days, so that ninety values are thirteen bars that can be seen; `step={1}` for a bar a value. `summary` is read
 * instead of the picture.
 */
const HEIGHT = 18
const BAR = 5
const GAP = 1
const WEEK = 7

export function Sparkline({
  values,
  summary,
  step = WEEK,
}: {
  values: readonly number[]
  summary: string
  step?: number
}) {
  const sums: number[] = []
  for (let to = values.length; to > 0; to -= step)
    sums.unshift(values.slice(Math.max(0, to - step), to).reduce((sum, value) => sum + value, 0))
  const most = Math.max(1, ...sums)
  const width = sums.length * (BAR + GAP)
  return (
    <svg
      class="sparkline"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={summary}
    >
      <title>{summary}</title>
      {sums.map((sum, at) => {
        // A week with anything is never invisible; one without is a thin line.
        const height = sum === 0 ? 1 : Math.max(3, (sum / most) * HEIGHT)
        return (
          <rect
            key={at}
            x={at * (BAR + GAP)}
            y={HEIGHT - height}
            width={BAR}
            height={height}
            fill="currentColor"
            opacity={sum === 0 ? 0.35 : 1}
          />
        )
      })}
    </svg>
  )
}
