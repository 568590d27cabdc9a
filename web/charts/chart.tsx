/**
 * The only place that draws with ECharts, which is fetched when a chart first comes into sight.
 *   <Chart option={(palette) => trendOption(rows, palette, language.value)} summary={t.summary(…)} height={240} onPick={…} />
 * `option` is a plain function in web/charts/; it runs again when the theme changes. `summary` says in one sentence what the
 * picture shows: it is read instead of the picture, and stands in its place while that loads.
 */
import type { EChartsCoreOption, EChartsType } from 'echarts/core'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ErrorState } from '../parts/states.tsx'
import { theme } from '../theme.ts'
import { type Palette, readPalette } from './palette.ts'

export interface ChartPick {
  seriesId: string | undefined
  dataIndex: number
  data: unknown
}

export function Chart({
  option,
  summary,
  height = 240,
  onPick,
}: {
  option: (palette: Palette) => EChartsCoreOption
  summary: string
  height?: number
  /** A click on a point, a bar or a mark. */
  onPick?: (pick: ChartPick) => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const picked = useRef(onPick)
  picked.current = onPick
  const [chart, setChart] = useState<EChartsType>()
  const [failure, setFailure] = useState<unknown>()
  const [attempt, setAttempt] = useState(0)

  // `attempt` starts the fetch again after a failure.
  useEffect(() => {
    const element = box.current
    if (element === null) return
    let made: EChartsType | undefined
    let gone = false
    const start = async () => {
      try {
        const { draw } = await import('./engine.ts')
        if (gone) return
        made = draw(element)
        made.on('click', (event) =>
          picked.current?.({ seriesId: event.seriesId, dataIndex: event.dataIndex, data: event.data }),
        )
        setChart(made)
      } catch (thrown) {
        if (!gone) setFailure(thrown)
      }
    }
    const sight = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return
        sight.disconnect()
        void start()
      },
      { rootMargin: '200px' },
    )
    sight.observe(element)
    const size = new ResizeObserver(() => made?.resize())
    size.observe(element)
    return () => {
      gone = true
      sight.disconnect()
      size.disconnect()
      made?.dispose()
    }
  }, [attempt])

  const themeNow = theme.value
  // The palette is read from the page, which follows the theme.
  useEffect(() => {
    const element = box.current
    if (chart === undefined || element === null || chart.isDisposed()) return
    const palette = readPalette(element)
    chart.setOption(
      {
        animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
        animationDuration: 200,
        textStyle: { fontFamily: palette.font, color: palette.ink2 },
        ...option(palette),
      },
      { notMerge: true },
    )
  }, [chart, themeNow, option])

  if (failure !== undefined) {
    return (
      <ErrorState
        failure={failure}
        onRetry={() => {
          setFailure(undefined)
          setAttempt(attempt + 1)
        }}
      />
    )
  }
  return (
    <figure class="chart" aria-label={summary} role="img">
      <div ref={box} style={{ height: `${height}px` }} aria-hidden="true" />
      {chart === undefined && <figcaption class="chart-waiting quiet small">{summary}</figcaption>}
    </figure>
  )
}
