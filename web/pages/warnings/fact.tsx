/** Evidence that is no text, as one sentence and what stands beside it: «暴雨红色预警 · 气象台 · 4 个渗漏投诉未结». */
import type { Fact } from '../../../server/indicators/because.ts'
import { formatDateTime, formatNumber, formatPercent, shanghaiDay } from '../../format.ts'
import { language } from '../../labels.ts'
import { factWord, phenomenonWord, reachWord, severityWord, unitWord } from './fact-words.ts'
import { milestoneWord } from './words.ts'

type Words = Readonly<Record<string, string>>

/** The word for a value from the data; one that nobody knows stands for itself. */
const wordOf = (words: Words, value: string) => words[value] ?? value
const number = (value: number) => formatNumber(Math.round(value * 100) / 100, language.value)
const unit = (value: string) => wordOf(unitWord, value)

export const alertName = (phenomenon: string, severity: string) =>
  factWord.alert(wordOf(phenomenonWord, phenomenon), wordOf(severityWord, severity))

/** «暴雨红色预警 · 嘉州市气象台 · 4 个渗漏投诉未结» */
export function alertSentence(alert: {
  phenomenon: string
  severity: string
  issuer: string
  openLeaks: number
  sites?: number | undefined
}): string {
  const parts = [alertName(alert.phenomenon, alert.severity), alert.issuer]
  if (alert.openLeaks > 0) parts.push(factWord.openLeaks(number(alert.openLeaks)))
  if (alert.sites !== undefined && alert.sites > 1) parts.push(factWord.sites(number(alert.sites)))
  return parts.filter(Boolean).join(' · ')
}

export interface ReadingNumbers {
  finding: string
  unit: string
  value: number
  reference: number
  change: number
}

export function readingSentence({
  finding,
  unit: written,
  value,
  reference,
  change,
}: ReadingNumbers): string {
  const share = formatPercent(change, language.value)
  switch (finding) {
    case 'price-fall':
      return factWord['price-fall'](number(value), unit(written), number(reference), share)
    case 'sales-behind':
      return factWord['sales-behind'](number(value), unit(written), number(reference), share)
    case 'progress-behind':
      return factWord['progress-behind'](number(value), number(reference), number(change))
    case 'progress-stalled':
      return factWord['progress-stalled'](number(value), number(change))
    default:
      return factWord['quality-low'](number(value), number(reference), number(change))
  }
}

/** Whole days from today in Shanghai; negative: passed. */
export const daysTo = (day: string, now: number) =>
  Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${shanghaiDay(now)}T00:00:00Z`)) / 86_400_000)

export function dueSentence(what: string, days: number): string {
  const word = wordOf(milestoneWord, what)
  // It opens a line here; inside a sentence of the reasons it stays small.
  const name = word.charAt(0).toUpperCase() + word.slice(1)
  if (days === 0) return factWord.dueToday(name)
  return days > 0 ? factWord.dueIn(name, number(days)) : factWord.overdue(name, number(-days))
}

export function factSentence(fact: Fact, now: number): string {
  switch (fact.kind) {
    case 'alert':
      return alertSentence(fact)
    case 'reading':
      return readingSentence(fact)
    case 'due':
      return dueSentence(fact.milestone ?? fact.title, daysTo(fact.dueOn, now))
  }
}

function besides(fact: Fact): readonly string[] {
  switch (fact.kind) {
    case 'alert':
      return [wordOf(reachWord, fact.reach), factWord.until(formatDateTime(fact.endsAt)), fact.headline]
    case 'reading':
      return [fact.on]
    case 'due':
      return [fact.dueOn, fact.isDirect ? factWord.silent : factWord.joint]
  }
}

/** The lines of one piece of evidence. */
export function FactLines({ facts, endedAt }: { facts: readonly Fact[]; endedAt: string | null }) {
  const now = Date.now()
  return (
    <>
      {facts.map((fact) => (
        <div key={fact.kind === 'reading' ? fact.finding : fact.kind}>
          <p class="evidence-title">{factSentence(fact, now)}</p>
          <p class="evidence-facts small quiet">
            {besides(fact).map((part) => (
              <span key={part}>{part}</span>
            ))}
            {endedAt !== null && <span>{factWord.ended}</span>}
          </p>
        </div>
      ))}
    </>
  )
}
