/**
 * Instants.
 *   <RelativeTime at={row.raisedAt} />     «5 分钟前»; the exact Beijing time on hover; follows the clock by itself
 *   <ExactTime at={…} />                   2026-03-05 14:07
 *   <Countdown to={row.dueAt} />           «还剩 2 小时 5 分» / «超时 40 分钟»: late ones are bold, not coloured
 *   <Timeline items={[{ id, at, title, by, note, mark }]} />   what happened, newest first
 */
import type { ComponentChildren } from 'preact'
import { now } from '../clock.ts'
import { formatDateTime, formatDuration, formatExact, formatRelative, type Instant } from '../format.ts'
import { common, language, words } from '../labels.ts'

const t = words(
  { left: (span: string) => `还剩 ${span}`, late: (span: string) => `超时 ${span}` },
  { left: (span) => `${span} left`, late: (span) => `${span} late` },
)

const iso = (at: Instant) => new Date(at).toISOString()
const exactly = (at: Instant) => `${formatExact(at)} ${common.shanghaiTime}`

export function RelativeTime({ at }: { at: Instant | null | undefined }) {
  if (at === null || at === undefined) return <span class="quiet">{common.undated}</span>
  return (
    <time dateTime={iso(at)} title={exactly(at)}>
      {formatRelative(at, now.value, language.value)}
    </time>
  )
}

export function ExactTime({ at }: { at: Instant | null | undefined }) {
  if (at === null || at === undefined) return <span class="quiet">{common.undated}</span>
  return (
    <time dateTime={iso(at)} title={exactly(at)}>
      {formatDateTime(at)}
    </time>
  )
}

export function Countdown({ to }: { to: Instant }) {
  const ms = new Date(to).getTime() - now.value
  const span = formatDuration(ms, language.value)
  return (
    <time dateTime={iso(to)} title={exactly(to)} class={ms < 0 ? 'late' : undefined}>
      {ms < 0 ? t.late(span) : t.left(span)}
    </time>
  )
}

export interface TimelineItem {
  id: string | number
  at: Instant
  title: ComponentChildren
  by?: string | undefined
  note?: ComponentChildren
  /** In the place of the dot: a level shape, an icon. */
  mark?: ComponentChildren
}

export function Timeline({ items }: { items: readonly TimelineItem[] }) {
  return (
    <ol class="timeline">
      {items.map((item) => (
        <li key={item.id}>
          <span class="timeline-mark">{item.mark ?? <span class="timeline-dot" />}</span>
          <div>
            <p class="timeline-title">{item.title}</p>
            <p class="quiet small">
              {item.by && <span>{item.by} · </span>}
              <RelativeTime at={item.at} />
            </p>
            {item.note && <div class="timeline-note">{item.note}</div>}
          </div>
        </li>
      ))}
    </ol>
  )
}
