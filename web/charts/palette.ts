/** The colours a chart may use, read from the tokens of the theme in force. Lines are told apart by darkness and dash. */
import type { Level } from '../labels.ts'

export interface Palette {
  ink: string
  ink2: string
  ink3: string
  line: string
  surface: string
  raised: string
  series: readonly [string, string, string, string]
  level: Readonly<Record<Level, string>>
  levelInk: Readonly<Record<Level, string>>
  font: string
}

export function readPalette(element: HTMLElement): Palette {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    ink: of('--ink'),
    ink2: of('--ink-2'),
    ink3: of('--ink-3'),
    line: of('--line'),
    surface: of('--surface'),
    raised: of('--raised'),
    series: [of('--series-1'), of('--series-2'), of('--series-3'), of('--series-4')],
    level: {
      I: of('--level-I-edge'),
      II: of('--level-II-edge'),
      III: of('--level-III-edge'),
      IV: of('--level-IV-edge'),
    },
    levelInk: {
      I: of('--level-I-ink'),
      II: of('--level-II-ink'),
      III: of('--level-III-ink'),
      IV: of('--level-IV-ink'),
    },
    font: of('--font'),
  }
}
