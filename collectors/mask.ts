// Personal numbers inside free text, hidden character for character: positions of other words stay true. Service lines
// (400…, 12345) stay: they are nobody's.

const d = '[\\d０-９]'
const digit = /[\d０-９xXＸ]/g
const alone = (body: string) => new RegExp(`(?<!${d})${body}(?!${d})`, 'g')
/** Longest first: an ID number holds what looks like a telephone. Numbers: leading and trailing digits that stay. */
const numbers: readonly (readonly [RegExp, number, number])[] = [
  [alone(`[1-9１-９]${d}{16}[\\d０-９xXＸ]`), 3, 4],
  [alone(`[1-9１-９]${d}{15,18}`), 4, 4],
  [alone(`(?<!\\*)[1-9１-９]${d}{3}(?:[ -]${d}{4}){3}(?:[ -]${d}{1,3})?`), 4, 4],
  [alone(`[1-9１-９]${d}{14}`), 3, 4],
  [alone(`(?:(?:\\+|00)?86[- ]?)?[1１][3-9３-９]${d}[- ]?${d}{4}[- ]?${d}{4}`), 3, 4],
  [alone(`[0０](?:[1１][0０]|[2２]${d}|[3-9３-９]${d}{2})[-— ]?${d}{7,8}`), 4, 4],
]
/** Bounded, so that no text costs more than its length. */
const mailbox = /(?<![\w.+-])([\w.+-]{1,64})@([\w-]{1,63}(?:\.[\w-]{1,63}){1,4})/g

/** Telephones, ID and card numbers: 138****5678. */
export function maskNumbers(text: string): string {
  let masked = text
  for (const [pattern, head, tail] of numbers)
    masked = masked.replace(pattern, (found: string) => starsInside(found, head, tail))
  return masked
}

/** zhang.wei@example.com → z********@example.com: the house stays, because it tells a paper from a neighbour. */
export const maskMailboxes = (text: string) =>
  text.replace(mailbox, (_, name: string, host: string) => `${name[0]}${'*'.repeat(name.length - 1)}@${host}`)

/** Stars for the digits of a found number but its first `head` and last `tail`; separators stay. */
function starsInside(found: string, head: number, tail: number): string {
  const total = found.match(digit)?.length ?? 0
  let seen = 0
  return found.replace(digit, (one) => {
    seen += 1
    return seen <= head || seen > total - tail ? one : '*'
  })
}
