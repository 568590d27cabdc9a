/** Texts, complaints, weather, readings and due days of one cell on one time axis, newest first, with the words that matched. */
import { useState } from 'preact/hooks'
import type { Fact } from '../../../server/indicators/because.ts'
import { formatNumber, shanghaiDay } from '../../format.ts'
import { gradeWord, language, polarityWord } from '../../labels.ts'
import { Chip } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { Highlight } from '../../parts/highlight.tsx'
import { Icon } from '../../parts/icon.tsx'
import { EmptyState } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { can } from '../../session.ts'
import { FactLines } from './fact.tsx'
import { t, tierWord } from './words.ts'
import './warnings.css'

interface Item {
  signalId: number
  kind: 'mention' | 'complaint' | 'reading' | 'alert' | 'milestone'
  at: string
  strength: number
  isRedLine: boolean
  link: 'proposed' | 'confirmed'
  words: readonly string[]
  title: string | null
  facts: readonly Fact[]
  endedAt: string | null
  mention: {
    id: number
    excerpt: string
    polarity: 'negative' | 'neutral' | 'positive'
    tier: string | null
    publisher: string | null
    url: string | null
  } | null
  complaint: {
    id: number
    number: string
    grade: number
    isOpen: boolean
    households: number
  } | null
}

/** Where the words stand in this text. */
function rangesOf(text: string, words: readonly string[]) {
  return words.flatMap((word) => {
    const found = []
    for (let at = text.indexOf(word); word !== '' && at >= 0; at = text.indexOf(word, at + word.length)) {
      found.push({ start: at, end: at + word.length })
    }
    return found
  })
}

function MentionLine({ item, mention }: { item: Item; mention: NonNullable<Item['mention']> }) {
  const title = item.title ?? ''
  const tier =
    mention.tier === null ? undefined : Object.entries(tierWord).find(([name]) => name === mention.tier)?.[1]
  return (
    <>
      <p class="evidence-title">
        {can('mention.read') ? (
          <a href={`/mentions/${mention.id}`}>
            <Highlight text={title} ranges={rangesOf(title, item.words)} />
          </a>
        ) : (
          <Highlight text={title} ranges={rangesOf(title, item.words)} />
        )}
      </p>
      {mention.excerpt !== '' && mention.excerpt !== title && (
        <p class="quiet small clamp-2">
          <Highlight text={mention.excerpt} ranges={rangesOf(mention.excerpt, item.words)} around={60} />
        </p>
      )}
      <p class="evidence-facts small quiet">
        <span>{mention.publisher ?? tierWord.unknown}</span>
        {tier && <span>{tier}</span>}
        <span>{polarityWord[mention.polarity]}</span>
        {mention.url && (
          <a href={mention.url} target="_blank" rel="noreferrer">
            {t.source} <Icon name="outside" size={12} />
          </a>
        )}
      </p>
    </>
  )
}

function ComplaintLine({ item, complaint }: { item: Item; complaint: NonNullable<Item['complaint']> }) {
  const title = item.title ?? ''
  const grade = ([1, 2, 3, 4] as const).find((known) => known === complaint.grade)
  return (
    <>
      <p class="evidence-title">
        {can('complaint.read') ? (
          <a href={`/complaints/${complaint.id}`}>
            <Highlight text={title} ranges={rangesOf(title, item.words)} />
          </a>
        ) : (
          <Highlight text={title} ranges={rangesOf(title, item.words)} />
        )}
      </p>
      <p class="evidence-facts small quiet">
        <span class="number">{complaint.number}</span>
        {grade && <span>{gradeWord[grade]}</span>}
        <span>{t.households(formatNumber(complaint.households, language.value))}</span>
        <span>{complaint.isOpen ? t.isOpen : t.isClosed}</span>
      </p>
    </>
  )
}

const iconOf = {
  mention: 'chat',
  complaint: 'ledger',
  alert: 'alert',
  reading: 'report',
  milestone: 'calendar',
} as const

/** As much as one looks through; the rest on demand. */
const shownFirst = 20

export function EvidenceAxis({ items, byDay = true }: { items: readonly Item[]; byDay?: boolean }) {
  const [isWhole, setIsWhole] = useState(false)
  if (items.length === 0) return <EmptyState icon="inbox" title={t.noEvidence} hint={t.noEvidenceHint} />
  const shown = isWhole ? items : items.slice(0, shownFirst)
  return (
    <>
      <ol class="evidence">
        {shown.map((item, at) => {
          const day = shanghaiDay(item.at)
          const before = items[at - 1]
          const isNewDay = byDay && (before === undefined || shanghaiDay(before.at) !== day)
          return (
            <li
              key={item.signalId}
              class={`evidence-item evidence-${item.kind}${isNewDay ? ' evidence-new-day' : ''}`}
            >
              <span class="evidence-mark" aria-hidden="true">
                <Icon name={iconOf[item.kind]} size={14} />
              </span>
              <div class="evidence-text">
                {item.mention && <MentionLine item={item} mention={item.mention} />}
                {item.complaint && <ComplaintLine item={item} complaint={item.complaint} />}
                <FactLines facts={item.facts} endedAt={item.endedAt} />
              </div>
              <div class="evidence-side small quiet">
                <RelativeTime at={item.at} />
                <span>
                  {item.isRedLine && <Chip>{t.redLine}</Chip>}{' '}
                  {item.facts.length === 0 && (item.link === 'confirmed' ? t.confirmed : t.proposed)}
                </span>
              </div>
            </li>
          )
        })}
      </ol>
      {shown.length < items.length && (
        <Button onClick={() => setIsWhole(true)}>
          {t.showRest(formatNumber(items.length - shown.length, language.value))}
        </Button>
      )}
    </>
  )
}
