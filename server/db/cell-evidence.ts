import { sql } from 'kysely'
import { z } from 'zod'
import { type Fact, factsOf } from '../indicators/because.ts'
import type { Db } from './connect.ts'

/** The evidence of one cell (project × risk) as people read it: texts and cases on one time axis, with the words that matched. */
export interface EvidenceItem {
  signalId: number
  kind: 'mention' | 'complaint' | 'reading' | 'alert' | 'milestone'
  at: Date
  strength: number
  isRedLine: boolean
  link: 'proposed' | 'confirmed'
  /** As they stand in the title or the text. */
  words: readonly string[]
  title: string | null
  /** Of what is no text: the numbers and names behind it. */
  facts: readonly Fact[]
  /** Since when it counts no more: the alert expired, the milestone was reached. */
  endedAt: Date | null
  mention: {
    id: number
    excerpt: string
    polarity: 'negative' | 'neutral' | 'positive'
    tier: string | null
    publisher: string | null
    url: string | null
    storyId: number | null
  } | null
  complaint: {
    id: number
    number: string
    grade: number
    state: string
    isOpen: boolean
    households: number
    channel: string
  } | null
}

const Because = z.array(z.object({ terms: z.array(z.object({ text: z.string() })) }))

/** Newest first, or the weightiest first; what counts nothing (rejected, learning) is left out. */
export async function evidenceOfCell(
  db: Db,
  cell: { projectId: number; riskCode: string },
  wanted: { by: 'time' | 'weight'; limit: number; now: Date },
): Promise<readonly EvidenceItem[]> {
  const order =
    wanted.by === 'time'
      ? sql`s.occurred_at desc, s.id desc`
      : sql`s.ended_at is not null, s.is_red_line desc, s.strength * 0.5 ^ (extract(epoch from ${wanted.now}::timestamptz - s.occurred_at)::float8 / 604800) desc, s.id desc`
  const found = await sql<Row>`
    select s.id as signal_id, s.kind, s.occurred_at as at, s.strength, s.is_red_line, s.state as link, s.because, s.ended_at,
      coalesce(m.title, c.title) as title,
      m.id as mention_id, m.excerpt, m.polarity, m.tier, coalesce(p.name, d.publisher_name) as publisher, d.url, m.story_id,
      c.id as complaint_id, c.number, c.grade, c.state, c.closed_at is null as is_open, c.household_count, c.channel
    from (
      select * from signal s
      where s.project_id = ${cell.projectId} and s.risk_code = ${cell.riskCode} and s.state <> 'rejected' and not s.is_learning
      order by ${order} limit ${wanted.limit}
    ) s
    left join mention m on m.id = s.mention_id
    left join document d on d.id = m.id
    left join publisher p on p.id = m.publisher_id
    left join complaint c on c.id = s.complaint_id
    order by ${order}
  `.execute(db)
  return found.rows.map((row) => ({
    signalId: row.signalId,
    kind: row.kind,
    at: row.at,
    strength: row.strength,
    isRedLine: row.isRedLine,
    link: row.link,
    words: wordsOf(row.because),
    title: row.title,
    facts: row.kind === 'mention' || row.kind === 'complaint' ? [] : factsOf(row.because),
    endedAt: row.endedAt,
    mention:
      row.mentionId === null
        ? null
        : {
            id: row.mentionId,
            excerpt: row.excerpt,
            polarity: row.polarity,
            tier: row.tier,
            publisher: row.publisher,
            url: row.url,
            storyId: row.storyId,
          },
    complaint:
      row.complaintId === null
        ? null
        : {
            id: row.complaintId,
            number: row.number,
            grade: row.grade,
            state: row.state,
            isOpen: row.isOpen,
            households: row.householdCount,
            channel: row.channel,
          },
  }))
}

function wordsOf(because: unknown): readonly string[] {
  const read = Because.safeParse(because)
  return [...new Set(read.data?.flatMap((rule) => rule.terms.map((term) => term.text)) ?? [])]
}

interface Row {
  signalId: number
  kind: EvidenceItem['kind']
  at: Date
  strength: number
  isRedLine: boolean
  link: 'proposed' | 'confirmed'
  because: unknown
  endedAt: Date | null
  title: string | null
  mentionId: number | null
  excerpt: string
  polarity: 'negative' | 'neutral' | 'positive'
  tier: string | null
  publisher: string | null
  url: string | null
  storyId: number | null
  complaintId: number | null
  number: string
  grade: number
  state: string
  isOpen: boolean
  householdCount: number
  channel: string
}
