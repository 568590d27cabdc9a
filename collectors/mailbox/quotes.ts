// What a reply repeats: the old text was read when it came and must not match again. A word too many kept costs a second
// hit on an old text; a word too many cut loses what somebody wrote, so only what programs mark as quoted goes.

/** Lines after which everything is the old mail. */
const separators: readonly RegExp[] = [
  /^\s*[-_—]{2,}\s*(?:原始邮件|原邮件|回复的?原?邮件|Original Message|Reply message)\s*[-_—]{0,20}/i,
  /^\s*(?:On|Le|Am)\s.{5,200}(?:wrote|écrit|schrieb)\s*[:：]\s*$/i,
  /^\s*(?:在|于|於).{5,200}(?:写道|寫道|写到|来信)\s*[:：]?\s*$/,
  /^.{0,100}<[^<>\s]{1,100}@[^<>\s]{3,100}>.{0,60}(?:写道|寫道|wrote)\s*[:：]?\s*$/i,
]
/** Outlook and QQ write the head of the old mail above it: two such lines together. */
const headLine =
  /^\s*[>*]*\s*(?:发件人|寄件者|收件人|发送时间|发送日期|日期|抄送|主题|From|Sent|Date|To|Cc|Subject)\s*\*?[:：]/i
const quoted = /^\s{0,3}>/

export function withoutQuotes(text: string): string {
  const lines = text.split('\n')
  const end = lines.findIndex(
    (line, at) =>
      separators.some((separator) => separator.test(line.slice(0, 400))) ||
      (/^\s*\*?(?:发件人|寄件者|From)\s*\*?[:：]/i.test(line) && headLine.test(nextFilled(lines, at))),
  )
  return lines
    .slice(0, end < 0 ? undefined : end)
    .filter((line) => !quoted.test(line))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

const nextFilled = (lines: readonly string[], at: number) =>
  lines.slice(at + 1, at + 4).find((line) => line.trim() !== '') ?? ''

const mark =
  /<(\/?)blockquote\b[^>]{0,2000}>|<(?:div|span)\b[^>]{0,500}(?:gmail_quote|divRplyFwdMsg|isForwardContent|includetail)[^>]{0,500}>/gi

/** Without what stands in block quotes, and without everything behind the mark of a program for the old mail. */
export function withoutQuotedHtml(html: string): string {
  const kept: string[] = []
  let depth = 0
  let from = 0
  for (const found of html.matchAll(mark)) {
    if (depth === 0) kept.push(html.slice(from, found.index))
    if (!/^<\/?blockquote/i.test(found[0])) return kept.join('')
    depth = Math.max(0, depth + (found[1] ? -1 : 1))
    from = found.index + found[0].length
  }
  if (depth === 0) kept.push(html.slice(from))
  return kept.join('')
}
