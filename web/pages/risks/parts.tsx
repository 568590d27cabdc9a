import { formatNumber } from '../../format.ts'
import { type Level, language, levels } from '../../labels.ts'
import { LevelBadge } from '../../parts/badges.tsx'
import { t } from './words.ts'

/** How many projects stand at each level: ◆ I ×2. */
export function LevelCounts({ counts }: { counts: Readonly<Record<Level, number>> }) {
  const burning = levels.filter((level) => counts[level] > 0)
  if (burning.length === 0) return <span class="quiet">{t.quiet}</span>
  return (
    <span class="line line-tight">
      {burning.map((level) => (
        <span key={level} class="line line-tight">
          <LevelBadge level={level} short />
          <span>×{formatNumber(counts[level], language.value)}</span>
        </span>
      ))}
    </span>
  )
}

interface Verdicts {
  proposed: number
  confirmed: number
  rejected: number
}

export function VerdictCounts({ verdicts }: { verdicts: Verdicts }) {
  const { proposed, confirmed, rejected } = verdicts
  if (proposed + confirmed + rejected === 0) return <span class="quiet">{t.unfound}</span>
  const show = (n: number) => formatNumber(n, language.value)
  const said = [
    confirmed > 0 && t.confirmed(show(confirmed)),
    rejected > 0 && t.rejected(show(rejected)),
    proposed > 0 && t.proposed(show(proposed)),
  ].filter(Boolean)
  return <span title={t.verdictsHint}>{said.join(' · ')}</span>
}
