/** Why a cell has its level: the hard rules that fired, and the contribution of every factor drawn as a bar. */
import type { Factor, HardRule } from '../../../server/scoring/factor.ts'
import type { AppliedOpinion } from '../../../server/scoring/opinion.ts'
import { formatDateTime, formatList, formatNumber, formatPercent, formatScore } from '../../format.ts'
import { language } from '../../labels.ts'
import { Chip, LevelBadge } from '../../parts/badges.tsx'
import { alertSentence, daysTo, dueSentence, readingSentence } from './fact.tsx'
import { because, factorWord, hardRuleWord, milestoneWord, t, tierWord } from './words.ts'
import './warnings.css'

interface Computed {
  likelihood: number
  impact: number
  likelihoodBand: number
  impactBand: number
  confidence: number
  dataState: string
  factors: readonly Factor[]
  hardRules: readonly HardRule[]
  opinion: AppliedOpinion | null
}

type Because = Factor['because']

const numberIn = (from: Because, name: string) => {
  const value = from[name]
  return typeof value === 'number' ? value : 0
}
const shown = (from: Because, name: string) => formatNumber(numberIn(from, name), language.value)
const score = (from: Because, name: string) => formatScore(numberIn(from, name))

function wordIn<Word extends string>(words: Readonly<Record<Word, string>>, value: unknown): string {
  const known = (Object.keys(words) as Word[]).find((word) => word === value)
  return known === undefined ? String(value ?? '') : words[known]
}

function sentenceOf({ factor, because: from }: Factor): string {
  switch (factor) {
    case 'strength':
      return because.strength(shown(from, 'items'), shown(from, 'confirmed'))
    case 'negativeShare':
      return because.negativeShare(shown(from, 'negative'), shown(from, 'mentions'))
    case 'heat':
      return because.heat(
        shown(from, 'families'),
        score(from, 'breadth'),
        score(from, 'momentum'),
        score(from, 'persistence'),
      )
    case 'complainants':
      return because.complainants(shown(from, 'complainants'))
    case 'corroboration':
      return because.corroboration(shown(from, 'families'), shown(from, 'complainants'))
    case 'growth':
      return because.growth(shown(from, 'recent'), shown(from, 'before'), shown(from, 'days'))
    case 'milestone': {
      const days = numberIn(from, 'days')
      const kind = wordIn(milestoneWord, from.kind)
      const text = formatNumber(Math.abs(days), language.value)
      return days >= 0 ? because.milestoneAhead(kind, text) : because.milestoneLate(kind, text)
    }
    case 'severity':
      return because.severity(shown(from, 'severity'))
    case 'media':
      return because.media(wordIn(tierWord, from.tier))
    case 'households':
      return because.households(shown(from, 'households'))
    case 'projectSize':
      return because.projectSize(shown(from, 'households'))
    case 'openComplaints':
      return because.openComplaints(shown(from, 'complaints'))
    case 'repeats':
      return because.repeats(shown(from, 'repeats'))
    case 'claim':
      return because.claim(shown(from, 'yuan'))
    case 'litigation':
      return because.litigation(shown(from, 'group'), shown(from, 'threatened'))
  }
}

function ruleSentence({ rule, because: from }: HardRule): string {
  switch (rule) {
    case 'grade-one':
      return because.gradeOne(shown(from, 'complaints'))
    case 'tier-one':
      return because.tierOne(shown(from, 'mentions'), shown(from, 'complaints'))
    case 'group-action':
      return because.groupAction(shown(from, 'households'), shown(from, 'complaints'))
    case 'red-line':
      return because.redLine(shown(from, 'items'), shown(from, 'voices'), shown(from, 'confirmed'))
    case 'weather':
      return alertSentence({
        phenomenon: String(from.phenomenon ?? ''),
        severity: String(from.severity ?? ''),
        issuer: String(from.issuer ?? ''),
        openLeaks: numberIn(from, 'leaks'),
        sites: numberIn(from, 'sites'),
      })
    case 'reading':
      return readingSentence({
        finding: String(from.finding ?? ''),
        unit: String(from.unit ?? ''),
        value: numberIn(from, 'value'),
        reference: numberIn(from, 'reference'),
        change: numberIn(from, 'change'),
      })
    case 'due':
      return dueSentence(String(from.kind ?? ''), daysTo(String(from.dueOn ?? ''), Date.now()))
  }
}

function HardRuleList({ rules }: { rules: readonly HardRule[] }) {
  if (rules.length === 0) return null
  return (
    <ul class="hard-rules">
      {rules.map((rule) => (
        <li key={rule.rule}>
          <LevelBadge level={rule.level} short />
          <span>
            <strong>{hardRuleWord[rule.rule]}</strong>
            <span class="quiet"> · {ruleSentence(rule)}</span>
          </span>
          <Chip title={t.clause}>{rule.clause}</Chip>
        </li>
      ))}
    </ul>
  )
}

/** An accepted opinion of the language model: who took it over, and the one step it moved the matrix. */
function OpinionLine({ opinion }: { opinion: AppliedOpinion }) {
  return (
    <ul class="hard-rules">
      <li>
        <LevelBadge level={opinion.to} short />
        <span>
          <strong>{t.opinion}</strong>
          <span class="quiet">
            {' '}
            · {t.opinionMoved(opinion.from, opinion.to)} ·{' '}
            {t.opinionBy(opinion.acceptedBy, formatDateTime(opinion.acceptedAt))}
          </span>
        </span>
        <Chip title={t.clause}>{opinion.clause}</Chip>
      </li>
    </ul>
  )
}

/** One side: the bar of a factor is its contribution, the pale rail behind it the most it could give. */
function Side({ side, computed }: { side: Factor['side']; computed: Computed }) {
  const factors = computed.factors.filter((factor) => factor.side === side)
  const heaviest = Math.max(...factors.map((factor) => factor.weight))
  const given = factors
    .filter((factor) => factor.contribution >= 0.001)
    .toSorted((a, b) => b.contribution - a.contribution)
  const silent = factors.filter((factor) => factor.contribution < 0.001)
  const value = side === 'likelihood' ? computed.likelihood : computed.impact
  const band = side === 'likelihood' ? computed.likelihoodBand : computed.impactBand
  return (
    <div class="why-side">
      <h3>
        {side === 'likelihood' ? t.likelihood : t.impact} <b class="number">{formatScore(value)}</b>{' '}
        <span class="quiet small">{t.band(String(band))}</span>
      </h3>
      <ul class="contributions">
        {given.map((factor) => (
          <li key={factor.factor}>
            <span class="contribution-name">{factorWord[factor.factor]}</span>
            <span
              class="contribution-rail"
              style={{ width: `${(factor.weight / heaviest) * 100}%` }}
              aria-hidden="true"
            >
              <span style={{ width: `${factor.value * 100}%` }} />
            </span>
            <span class="contribution-value number" title={t.contribution}>
              +{formatScore(factor.contribution)}
            </span>
            <span class="contribution-why quiet small">{sentenceOf(factor)}</span>
          </li>
        ))}
      </ul>
      {silent.length > 0 && (
        <p class="quiet small">
          {t.noContribution(
            formatList(
              silent.map((factor) => factorWord[factor.factor]),
              language.value,
            ),
          )}
        </p>
      )}
    </div>
  )
}

export function Why({ computed }: { computed: Computed }) {
  return (
    <div class="why">
      <HardRuleList rules={computed.hardRules} />
      {computed.opinion && <OpinionLine opinion={computed.opinion} />}
      <div class="why-sides">
        <Side side="likelihood" computed={computed} />
        <Side side="impact" computed={computed} />
      </div>
      <p class="quiet small">
        {t.fromMatrix(String(computed.likelihoodBand), String(computed.impactBand))} · {t.confidence}{' '}
        {formatPercent(computed.confidence, language.value)}
      </p>
    </div>
  )
}
