/**
 * Badges. Only `LevelBadge` has colour.
 *   <LevelBadge level="II" />            shape + numeral + 橙
 *   <LevelBadge level="II" short />      shape + numeral, for tables and cells (the words stay for ears)
 *   <LevelShape level="II" />            the shape alone, beside a numeral that is already there
 *   <GradeBadge grade={1} />             投诉一级 · 危机: neutral, the graver the darker
 *   <StateBadge word={stateWord[state]} tone="open" />   neutral; tone: open | busy | done
 *   <Chip>资金</Chip>                     a plain tag
 */
import type { ComponentChildren } from 'preact'
import { common, type Grade, gradeWord, type Level, levelHue, levelWord } from '../labels.ts'

/** A shape of its own per level, so that print and colour-blind eyes read it: octagon, diamond, square, circle. */
const shapes: Record<Level, string> = {
  I: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z',
  II: 'M8 .5 15.5 8 8 15.5.5 8z',
  III: 'M2 2h12v12H2z',
  IV: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z',
}

/** What the shape carries inside: the graver, the more. */
const marks: Record<Level, string> = {
  I: 'M8 4v5M8 11.5v.2',
  II: 'M8 5v3.5M8 11v.2',
  III: 'M5 8h6',
  IV: '',
}

export function LevelShape({ level, size = 14 }: { level: Level; size?: number }) {
  return (
    <svg
      class={`shape shape-${level}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      <path class="shape-body" d={shapes[level]} />
      {marks[level] !== '' && <path class="shape-mark" d={marks[level]} />}
    </svg>
  )
}

export function LevelBadge({ level, short = false }: { level: Level; short?: boolean }) {
  const title = `${common.level} ${level} · ${levelHue[level]} · ${levelWord[level]}`
  return (
    <span class={`badge badge-level badge-${level}`} title={title}>
      <LevelShape level={level} size={12} />
      <b>{level}</b>
      {short ? <span class="for-ears">{levelHue[level]}</span> : <span>{levelHue[level]}</span>}
    </span>
  )
}

export function GradeBadge({ grade }: { grade: Grade }) {
  return (
    <span class={`badge badge-grade badge-grade-${grade}`} title={`${common.grade}: ${gradeWord[grade]}`}>
      {gradeWord[grade]}
      {grade === 1 && <span> · {common.crisisGrade}</span>}
    </span>
  )
}

export type StateTone = 'open' | 'busy' | 'done'

export function StateBadge({ word, tone = 'open' }: { word: string; tone?: StateTone }) {
  return (
    <span class={`badge badge-state badge-${tone}`}>
      <svg width={10} height={10} viewBox="0 0 10 10" aria-hidden="true" focusable="false">
        <circle cx="5" cy="5" r="3.75" fill="none" stroke="currentColor" stroke-width="1.5" />
        {tone === 'busy' && <path d="M5 1.25a3.75 3.75 0 0 1 0 7.5z" fill="currentColor" />}
        {tone === 'done' && <circle cx="5" cy="5" r="3.75" fill="currentColor" />}
      </svg>
      {word}
    </span>
  )
}

export function Chip({ children, title }: { children: ComponentChildren; title?: string }) {
  return (
    <span class="badge badge-chip" title={title}>
      {children}
    </span>
  )
}
