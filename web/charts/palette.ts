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
  /** Ground and outline of a level's mark, and its colour for text. */
  level: Readonly<Record<Level, string>>
  levelEdge: Readonly<Record<Level, string>>
  levelInk: Readonly<Record<Level, string>>
  font: string
}

export function readPalette(element: HTMLElement): Palette {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(name).trim()
  const levelColours = (part: string): Record<Level, string> => ({
    I: of(`--level-I-${part}`),
    II: of(`--level-II-${part}`),
    III: of(`--level-III-${part}`),
    IV: of(`--level-IV-${part}`),
  })
  return {
    ink: of('--ink'),
    ink2: of('--ink-2'),
    ink3: of('--ink-3'),
    line: of('--line'),
    surface: of('--surface'),
    raised: of('--raised'),
    series: [of('--series-1'), of('--series-2'), of('--series-3'), of('--series-4')],
    level: levelColours('fill'),
    levelEdge: levelColours('edge'),
    levelInk: levelColours('ink'),
    font: of('--font'),
  }
}
