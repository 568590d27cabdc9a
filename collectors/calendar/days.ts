// Days that come back every year, as a person declares them, a line each:
//   09-01 开学 PO3                     every year, for every project it may concern
//   2026-10-31 二期交付 DE3 DE9 @云境花园   once, for one project
import { isDay, type Window } from './ics.ts'

export interface DeclaredDay {
  /** `09-01` of every year, or one day. */
  on: string
  title: string
  risks: readonly string[]
  project?: string
}

const riskCode = /\b(?:PS|LA|SA|DE|PO|EX)[1-9]\b/g

export const riskCodesIn = (text: string): string[] => [...new Set(text.toUpperCase().match(riskCode) ?? [])]

/** The declared days, and what is wrong with which line. */
export function readDays(text: string): { days: DeclaredDay[]; wrong: string[] } {
  const days: DeclaredDay[] = []
  const wrong: string[] = []
  for (const [at, line] of text.normalize('NFKC').split(/\n|;/).entries()) {
    if (line.trim() === '') continue
    const found = /^\s*(?:(\d{4})-)?(\d{1,2})-(\d{1,2})\s+(.+?)\s*$/.exec(line)
    const [, year, month = '', date = '', rest = ''] = found ?? []
    const yearly = `${month.padStart(2, '0')}-${date.padStart(2, '0')}`
    const project = /@\s*(\S+)\s*$/.exec(rest)?.[1]
    const words = rest.replace(/@\s*\S+\s*$/, '')
    const risks = riskCodesIn(words)
    const title = words
      .replace(/\b(?:PS|LA|SA|DE|PO|EX)[1-9]\b/gi, ' ')
      .replace(/[\s,，、]+/g, ' ')
      .trim()
    // 2024 has a 29 February.
    if (!found || !isDay(`${year ?? '2024'}-${yearly}`))
      wrong.push(`line ${at + 1}: no such day; write 09-01 or 2026-09-01 first`)
    else if (title === '') wrong.push(`line ${at + 1}: say what falls due on ${yearly}`)
    else if (risks.length === 0) wrong.push(`line ${at + 1}: name the risks that fall due, for example PO3`)
    else
      days.push({
        on: year === undefined ? yearly : `${year}-${yearly}`,
        title,
        risks,
        ...(project !== undefined && { project }),
      })
  }
  return { days, wrong }
}

/** The days of a declaration within the window; 29 February is left out in years without it. */
export function daysWithin({ on }: DeclaredDay, window: Window): string[] {
  if (on.length === 10) return on >= window.from && on <= window.to ? [on] : []
  const years: string[] = []
  for (let year = Number(window.from.slice(0, 4)); year <= Number(window.to.slice(0, 4)); year++) {
    const day = `${year}-${on}`
    if (isDay(day) && day >= window.from && day <= window.to) years.push(day)
  }
  return years
}
