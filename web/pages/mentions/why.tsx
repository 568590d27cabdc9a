/** Why a text is thought to be a project's: each step with the word that spoke and the confidence after it. */
import type { FactorKind } from '../../../server/analysis/project-match.ts'
import { formatList, formatScore } from '../../format.ts'
import { language } from '../../labels.ts'
import { factorWord, t } from './words.ts'

export interface ShownFactor {
  kind: FactorKind
  word: string
  confidence: number
}

const signOf = (change: number) => (change < 0 ? '−' : '+')

export function Why({ factors }: { factors: readonly ShownFactor[] }) {
  if (factors.length === 0) return null
  return (
    <ol class="why-steps small quiet" aria-label={t.why}>
      {factors.map(({ kind, word, confidence }, at) => {
        const before = factors[at - 1]?.confidence
        const change = before === undefined ? undefined : confidence - before
        return (
          <li key={`${kind} ${word}`}>
            {factorWord[kind]}
            {word !== '' && t.quoted(word)}{' '}
            <span class="why-change">
              {change === undefined
                ? formatScore(confidence)
                : `${signOf(change)}${formatScore(Math.abs(change))}`}
            </span>
          </li>
        )
      })}
    </ol>
  )
}

/** Phases and buildings that the text names: «二期 · 3栋、5栋». */
export function Units({ phases, buildings }: { phases: readonly string[]; buildings: readonly string[] }) {
  if (phases.length === 0 && buildings.length === 0) return null
  return (
    <span>
      {[formatList(phases, language.value), formatList(buildings, language.value)]
        .filter(Boolean)
        .join(' · ')}
    </span>
  )
}
