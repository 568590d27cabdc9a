// The article's own text on a page: which lines, out of all.
//
// A line with a sentence mark and few linked characters is prose. Parts that their class or id calls comments, menus, lists of
// related articles … are ballast whatever they say, and so are three neighbours alike that each begin with a link. Every
// other element is worth its prose less 0.6 of its linked and 0.4 of its other ballast, and up to a third more by a name that
// publishing systems give to articles; the most valuable one is the article. Example: a column of 900 characters of prose with
// a heading of 60 is worth 876, the body inside it 900; with a list of 400 linked characters the column is down to 636.
// The weights are no fine tuning: linked 0.6 to 1 and others 0.3 to 1 choose the same elements on the pages measured.
// After text density (Sun et al. 2011; GNE) and Readability's scores of paragraphs, on running sums, so a page costs its length.
// Threads are read otherwise: see `thread.ts`.
import { isLinked, type Line, type Part, type Reading, sums, within } from './lines.ts'
import { articleBodies, deadLines, proseOf, word } from './noise.ts'
import { attribute } from './tree.ts'

export interface Body {
  text: string
  /** The lines between which it stands. */
  from: number
  to: number
}

/** `title` is left out where it stands above the text. */
export function bodyOf(reading: Reading, title: string): Body {
  const { lines } = reading
  const dead = deadLines(reading, { title, isThread: false })
  const { from, to } = article(reading, dead)
  const kept: Line[] = []
  for (let at = from; at < to; at++) {
    const line = lines[at]
    if (line && !dead[at]) kept.push(line)
  }
  return { text: trimmed(kept, title), from, to }
}

const perhapsBodies = new RegExp(
  `${word('art(?:icle|ical)?|news|post|entry|story|detail|content|con|text|txt|body|main|zw|zwnr|editor|nr')}|content|article`,
  'i',
)
const containers = new Set(
  'html div section article main td center span font form dd blockquote cc'.split(' '),
)
const isContainer = (tag: string) => containers.has(tag) || tag.includes('-')

/** What a line costs an element: figures in tables little, they belong to reports. */
function ballastOf(line: Line, prose: number): number {
  const others = prose > 0 ? 0 : line.chars - line.linked
  const isFigure =
    /^t[dh]$/.test(line.owner.element.tag) || /^t[dh]$/.test(line.owner.parent?.element.tag ?? '')
  return line.linked * 0.6 + others * (isFigure ? 0.05 : 0.4)
}

/** The most valuable element; where there is hardly a sentence its name is the better witness. */
function article({ lines, parts }: Reading, dead: Uint8Array): { from: number; to: number } {
  const prose = sums(lines, (line, at) => (dead[at] ? 0 : proseOf(line)))
  const plain = sums(lines, (line, at) => (dead[at] ? 0 : line.chars - line.linked))
  const ballast = sums(lines, (line, at) => ballastOf(line, dead[at] ? 0 : proseOf(line)))
  let best: Part | undefined
  let bestWorth = 0
  let named: Part | undefined
  for (const part of parts) {
    if (part.to <= part.from || !isContainer(part.element.tag)) continue
    const isBody =
      articleBodies.test(part.names) || attribute(part.element, 'itemprop')?.toLowerCase() === 'articlebody'
    if (isBody && (!named || within(plain, part) > within(plain, named))) named = part
    const own = within(prose, part)
    if (own === 0) continue
    const perhaps = part.element.tag === 'article' || perhapsBodies.test(part.names)
    const worth = own * (isBody ? 1.3 : perhaps ? 1.1 : 1) - within(ballast, part)
    // Of equals the inner one.
    if (best && worth < bestWorth) continue
    best = part
    bestWorth = worth
  }
  if (named && within(plain, named) >= 4 && (!best || within(prose, best) < 100)) return named
  if (!best) return { from: 0, to: lines.length }
  // A text that advertisements cut in pieces stands in neighbours of one name.
  const { element, names, parent } = best
  const pieces = (parent?.children ?? []).filter(
    (part) =>
      part.element.tag === element.tag && names !== '' && part.names === names && within(prose, part) > 0,
  )
  return { from: pieces[0]?.from ?? best.from, to: pieces.at(-1)?.to ?? best.to }
}

// Lines that begin what follows an article. The first are believed whatever they go on to say, …
const tail =
  /^[（(【[]?(?:责任编辑|责编|编辑[:：]|校对[:：]|审核[:：]|值班编辑|相关(?:阅读|新闻|链接|推荐|文章|报道)|推荐阅读|延伸阅读|更多(?:精彩|新闻|阅读)|返回搜狐|上一篇|下一篇|打印本页|关闭窗口|扫一扫|微信扫|版权声明|免责声明|特别声明|声明[:：]|本文来源|原标题[:：]|网友评论|猜你喜欢|热门(?:推荐|评论)|阅读原文|about the author)/i
// … these only as short lines, because running text begins like that too («举报人表示，…», «Subscribers were told …»). They stand
// between paragraphs as well, where they are left out alone.
const insertion =
  /^(?:分享|举报|收藏|点赞|评论|赞赏)\S{0,12}$|^(?:advertisement|comments?|share(?: this.*)?|recommended(?: for you)?|sign up(?: here| now| for .*)?|subscribe(?: now| to .*)?|follow us(?: on .*)?|(?:read|see) (?:more|also|next)\b.*|related(?: (?:articles|stories|topics|content|posts|news))?|more (?:from|on|stories)\b.*|leave a (?:reply|comment)|tags?:.*|filed under.*|topics:.*|most (?:read|popular)|you (?:may|might) also.*|(?:story|article) continues below.*|continue reading.*|©.*)[.:]?$/i
const isInsertion = (line: Line) => line.chars <= 80 && insertion.test(line.text)
/** Sections that encyclopaedias end with. */
const appendix =
  /^(?:参考(?:资料|文献|来源)|參考(?:資料|文獻|來源)|外部(?:链接|連結)|参见|參見|注释|註釋|see also|references|external links|notes|further reading)(?:\s*\[.{1,6}\])?$/i
const attachment = /^附件|\.(?:docx?|xlsx?|pdf|zip|rar|wps|ofd)$/i

const turning =
  /^(?=.*(?:页|余下全文|next|previous))(?:首页|尾页|末页|[上下]一?页|余下全文|共 ?\d+ ?页|next(?: page)?|previous(?: page)?|[\s\d.…<>«»|[\]])+$/i
const head =
  /^[（([【]?(?:来源|作者|时间|日期|发布(?:时间|日期)|发稿时间|浏览(?:次数|量)?|阅读(?:数|量)?|访问量|点击(?:数|量)?)\s*[:：|丨\d][^，。]{0,60}$|^字[号体].{0,20}$|^[\d\s:：年月日/.-]+$|^(?:[a-z]+,? )?(?:\d{1,2} [a-z]{3,9}|[a-z]{3,9} \d{1,2}),? \d{4}\b.{0,20}$/i

const dated =
  /\b(?:hours?|minutes?|days?) ago\b|\bmin(?:ute)? read|(?:19|20)\d\d[-/.年]\d|,? (?:19|20)\d\d\b/i
const isHead = (line: Line) =>
  head.test(line.text) || (line.chars <= 60 && dated.test(line.text) && !/[.!?。！？”"]$/.test(line.text))

/** Cuts title and byline above the text, the site's own lines below it, and page numbers. */
function trimmed(lines: readonly Line[], title: string): string {
  let start = 0
  while (start < Math.min(lines.length, 6)) {
    const line = lines[start]
    if (!line || (line.text !== title && !isHead(line))) break
    start++
  }
  // A note of two lines may well repeat its title.
  if (lines.slice(start).reduce((sum, line) => sum + line.chars, 0) < 40) start = 0
  const lastProse = lines.findLastIndex((line) => proseOf(line) > 0 && !isInsertion(line))
  let end = lines.length
  for (let at = Math.max(start, Math.floor(lines.length / 2)); at < lines.length; at++) {
    const line = lines[at]
    if (!line) break
    const isAppendix = line.isHeading && appendix.test(line.text)
    // In the middle of a long text they are text.
    const isTail = tail.test(line.text) && (at > lastProse || lines.length - at < 25)
    if (isAppendix || isTail || (at > lastProse && isInsertion(line))) {
      end = at
      break
    }
  }
  const kept = lines.slice(start, end)
  while (kept.length - 1 > lastProse - start) {
    const line = kept.at(-1)
    if (!line || !isLinked(line) || attachment.test(line.text)) break
    kept.pop()
  }
  return kept
    .filter((line) => /[\p{L}\p{N}]/u.test(line.text) && !turning.test(line.text) && !isInsertion(line))
    .map((line) => line.text)
    .join('\n')
}
