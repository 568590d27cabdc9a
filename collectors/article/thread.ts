// Threads: forums, questions with answers, posts with replies. What people wrote is the text, without what stands round it.

import type { Body } from './body.ts'
import type { Said } from './head.ts'
import { isLinked, type Line, type Part, type Reading, sums, within } from './lines.ts'
import { boilerplate, deadLines, proseOf } from './noise.ts'

/**
 * All posts of a thread: prose, and what stands in a place of the same kind as prose elsewhere on the page. Names, floors and
 * counters stand in places of their own; a reply of two words stands where the long ones do.
 */
export function threadOf(reading: Reading): Body {
  const { lines, parts } = reading
  const dead = deadLines(reading, { title: '', isThread: true })
  const isPost = (line: Line, at: number) => !dead[at] && !postMeta.test(line.text) && !isLinked(line)
  const places = new Set<string>()
  for (const [at, line] of lines.entries()) {
    if (!isPost(line, at)) continue
    if (proseOf(line) > 0 || (line.chars >= 16 && !boilerplate.test(line.text)))
      places.add(placeOf(line.owner))
  }
  const isKept = lines.map((line, at) => isPost(line, at) && places.has(placeOf(line.owner)))
  const weight = sums(lines, (line, at) => (isKept[at] ? line.chars : 0))
  // The smallest element with nearly all of them: what stands outside is the site's.
  let thread = parts[0]
  for (let next = thread; next && within(weight, next) > 0; ) {
    thread = next
    const most = within(weight, next) * 0.92
    next = next.children.find((child) => within(weight, child) >= most)
  }
  const { from = 0, to = 0 } = thread ?? {}
  const text = lines.slice(from, to).filter((_, at) => isKept[from + at])
  return { text: text.map((line) => line.text).join('\n'), from, to }
}

/** By the nearest name: paragraphs, headings and lists in one post are one place. Numbers in names tell posts apart. */
function placeOf(part: Part): string {
  let at: Part | undefined = part
  for (let up = 0; up < 4 && at; up++) {
    const names = at.names
      .split(' ')
      .filter((name) => !/\d/.test(name))
      .join(' ')
    if (names) return `${at.element.tag}.${names}`
    at = at.parent
  }
  return `${part.element.tag} ${part.parent?.element.tag ?? ''}`
}

const postMeta =
  /^(?:(?:发布|发表|编辑|更新|回复|来自|最后)(?:于|时间)?[ :：#]?.{0,20}\d.{0,40}|IP ?属地.{0,40}|.{0,20}\d{4}-\d\d?-\d\d?.{0,20}|.{0,8}(?:查看|浏览|采纳数|获赞数|阅读|积分|等级)[ :：]*\d.{0,20}|\d+ ?(?:楼|#|分钟前|小时前|天前|周前|个?月前|年前)|.{1,16} \| .{0,30}|(?:回复|点赞|举报|收藏|分享|评论|赞|楼主|只看楼主|沙发|板凳|引用|编辑|已编辑|作者|收起|展开|查看更多|加载中.*|正在加载.*)(?: ?[(（]?\d*[)）]?)?|.{1,12} 回复了此帖|[\d\s:年月日/.|,-]+)$/

const threadHosts =
  /^https?:\/\/(?:[\w-]+\.)?(?:bbs|forums?|tieba|i?ask|wenda|wen|zhidao|discuss|community|club|answers|weibo)\./i
const threadPaths =
  /\/(?:thread|viewthread|topics?|questions?|faq|ask|forum|discussions?|wenda)(?:[-/.?]|$)|[?&](?:mod=viewthread|tid=\d)|\/[tqd]\/\d|\/group\/topic\//i
const threadMakers = /discuz|phpwind|phpbb|vbulletin|flarum|discourse|nodebb|xenforo|mybb|smf|startbbs/i
const threadParts =
  /(?:^|[-_\s])(?:postlist|l_post|plhin|viewthread|topic-?repl(?:y|ies)|answer-?(?:item|list))(?:$|[-_\s\d])|AnswerItem|PostStream|CommentPost/

const replyItems =
  /(?:^|[-_\s])(?:comment|reply|floor|pinglun)(?:-?(?:item|list|content|detail|info|wrap))?(?:$|[-_\s\d])/i

/** A thread of several people: its replies are its text. An article with comments is none. */
export function isThread(reading: Reading, { metas, linked }: Said, url: string): boolean {
  if (/DiscussionForumPosting|QAPage|Question/.test(linked.type) || threadHosts.test(url)) return true
  if (/Article|Report/.test(linked.type) || metas.has('article:published_time')) return false
  if (threadPaths.test(url)) return true
  if (threadMakers.test(metas.get('generator') ?? '')) return true
  if (reading.parts.filter((part) => threadParts.test(part.names)).length >= 2) return true
  return isMostlyReplies(reading)
}

/** A post of a few words with replies that say more. */
function isMostlyReplies({ lines, parts }: Reading): boolean {
  const isReply = new Uint8Array(lines.length)
  let items = 0
  for (const part of parts) {
    if (!replyItems.test(part.names) || part.to <= part.from) continue
    items++
    isReply.fill(1, part.from, part.to)
  }
  if (items < 3) return false
  const replies = sums(lines, (line, at) => (isReply[at] ? proseOf(line) : 0)).at(-1) ?? 0
  const others = sums(lines, (line, at) => (isReply[at] ? 0 : proseOf(line))).at(-1) ?? 0
  return others < 150 && replies > others * 3
}
