import './complaints.css'
import type { Because } from '../../../server/complaints/grading.ts'
import type { Guard } from '../../../server/complaints/transitions.ts'
import { type Grade, gradeWord } from '../../labels.ts'
import { StateBadge, type StateTone } from '../../parts/badges.tsx'
import { closeWord, guardWord, inWords, stateWord, t } from './words.ts'

/** A code of the server as words; one of a newer server stays as it is. */
export const wordOf = (words: Readonly<Record<string, unknown>>, code: string): string => {
  const word = words[code]
  return typeof word === 'string' ? word : code
}
export const stateName = (state: string) => wordOf(stateWord, state)
export const closeName = (reason: string) => wordOf(closeWord, reason)
export const guardName = (guard: Guard) => guardWord[guard]

export const asGrade = (grade: number): Grade => (grade === 1 || grade === 2 || grade === 3 ? grade : 4)

export function CaseState({ state, isClosed }: { state: string; isClosed: boolean }) {
  const tone: StateTone = isClosed ? 'done' : state === 'registered' || state === 'triage' ? 'open' : 'busy'
  return <StateBadge word={stateName(state)} tone={tone} />
}

interface Proof {
  grade: number
  clause: string
  because: Because
}

/** Why a grade, and what else holds: each with its clause. */
export function GradeProof({ graded }: { graded: Proof & { also: readonly Proof[] } }) {
  return (
    <div class="stack-tight">
      <p>
        {inWords(graded.because)} <span class="quiet small">{graded.clause}</span>
      </p>
      {graded.also.length > 0 && (
        <div>
          <p class="quiet small">{t.also}</p>
          <ul class="case-also small">
            {graded.also.map((one) => (
              <li key={`${one.clause} ${one.because.rule}`}>
                {gradeWord[asGrade(one.grade)]} · {inWords(one.because)}{' '}
                <span class="quiet">{one.clause}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

/** Each matched word once; a title repeats what the text says. */
export const wordsIn = (terms: readonly { text: string }[]) => [...new Set(terms.map(({ text }) => text))]
