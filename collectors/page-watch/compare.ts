// What changed on a page, for people. Lines are compared without what moves by itself: today's date, clock times, «3 minutes
// ago», counters of readers. A line that only moved to another place is no change.
//
// Worked example: «交付日期：2026年6月30日 | 浏览 123» → «交付日期：2026年9月30日 | 浏览 130» differs by the delivery date
// alone; «浏览 123» → «浏览 130» does not differ.

export interface Change {
  added: readonly string[]
  removed: readonly string[]
}

const maxLines = 3_000
const maxLine = 1_000
/** Fewer characters added and removed are a typo or a mark. */
const fewestCharacters = 2

/** Lines worth comparing; `ignore` drops those that hold one of the patterns (`*` stands for anything). */
export function linesToWatch(text: string, ignore: readonly string[]): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim().slice(0, maxLine))
    .filter((line) => line !== '' && !ignore.some((pattern) => matches(line, pattern)))
    .slice(0, maxLines)
}

/** In one pass whatever the pattern is: each piece is looked for behind the one before. */
function matches(line: string, pattern: string): boolean {
  let at = 0
  for (const piece of pattern.split('*')) {
    const found = line.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return true
}

const counters =
  /(?:浏览|阅读|访问|点击|人气|查看|播放|评论|点赞|收藏|转发|分享|回复|关注|在线|访客|热度|views?|reads?|hits|visits|comments?|likes?|online)(?:次数|人数|量|数)?\s*[:：]?\s*\(?\d[\d,.]*\s*[万亿kKwW]?\+?\)?\s*(?:次|人|条|个)?/giu
const countersAfter =
  /\d[\d,.]*\s*[万亿kKwW]?\+?\s*(?:次(?:浏览|阅读|点击|访问)|人(?:阅读|浏览|访问|在线|气)|views?|reads?|comments?|likes?)/giu
const ago =
  /(?:\d+|半)\s*(?:秒|分钟|个?小时|天|个?月)(?:钟)?(?:之|以)?前|刚刚|(?:今天|昨天|前天)(?:\s*\d{1,2}:\d{2})?|just now|\d+\s*(?:seconds?|minutes?|hours?|days?)\s+ago/giu
const clock = /\b\d{1,2}:\d{2}(?::\d{2})?\b/g
const weekday = /(?:星期|周|礼拜)[一二三四五六日天]/g
const date = /((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?/g

/** The line without what moves by itself. `today`: calendar day in Shanghai, 2026-03-05. */
export function keyOf(line: string, today: string): string {
  return line
    .normalize('NFKC')
    .replace(counters, '')
    .replace(countersAfter, '')
    .replace(ago, '')
    .replace(clock, '')
    .replace(weekday, '')
    .replace(date, (whole, year: string, month: string, day: string) =>
      `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` === today ? '' : whole,
    )
    .replace(/[^\p{L}\p{N}]/gu, '')
}

interface Look {
  lines: readonly string[]
  /** The day of the look, so that «today» of then is not compared with the date it was. */
  today: string
}

/** `undefined` when nothing that matters changed. */
export function changeBetween(before: Look, after: Look): Change | undefined {
  const added = without(after, countsOf(before))
  const removed = without(before, countsOf(after))
  const size = [...added, ...removed].reduce((sum, { key }) => sum + key.length, 0)
  if (size < fewestCharacters) return undefined
  return { added: added.map(({ line }) => line), removed: removed.map(({ line }) => line) }
}

function countsOf({ lines, today }: Look): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of lines) {
    const key = keyOf(line, today)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

/** Lines beyond those that the other look has; each of them takes one away. */
function without({ lines, today }: Look, others: Map<string, number>): { line: string; key: string }[] {
  return lines.flatMap((line) => {
    const key = keyOf(line, today)
    const left = others.get(key) ?? 0
    if (key === '') return []
    if (left > 0) {
      others.set(key, left - 1)
      return []
    }
    return [{ line, key }]
  })
}

/** The change as a text that reads in both languages; what was taken away may be the news. */
export const textOf = ({ added, removed }: Change): string =>
  [
    ...(added.length > 0 ? ['新增 Added：', ...added] : []),
    ...(removed.length > 0 ? ['删去 Removed：', ...removed] : []),
  ].join('\n')
