// What on a page is not its article, by name and by look; and what counts as running text.
import { isLinked, type Line, type Part, type Reading, sums, within } from './lines.ts'

// Names of parts, as words between hyphens, underscores and spaces, or with capitals.
export const word = (words: string) => `(?:^|[-_\\s])(?:${words})(?:$|[-_\\s\\d])`
const otherParts = new RegExp(
  word(
    'comments?|commentlist|pinglun|disqus|related?|relevant|xgxw|xgyd|xgwz|recommend(?:ed|ation)?s?|tuijian|rec|' +
      'sidebar|aside|footer|nav(?:bar|igation)?|bread(?:crumbs?)?|crumbs?|share|sharing|social|copyright|ads?|' +
      'advert(?:isement)?|banner|sponsor(?:ed)?|promo(?:tion)?|hot|rank(?:ing)?|pager|pagination|login|signup|popup|modal|' +
      'dialog|toast|cookies?|subscribe|newsletter|qrcode|ewm|erweima|jubao|teaser|infobox|navbox|mbox|ambox|catlinks|' +
      'reflist|references|reference-list|lemma-reference|editsection|noprint',
  ),
  'i',
)
/** Names that publishing systems give to the text itself. */
export const articleBodies = new RegExp(
  `${word(
    '(?:art(?:icle|ical)?|news|post|entry|story|detail|main|pages?|text)[-_]*(?:body|contents?|text|con|txt|detail|nr|inner|zw)|' +
      '(?:content|con|body)[-_]*(?:body|detail|article|text|txt|area|main)',
  )}|TRS_(?:UE)?DITOR|js_content|artibody|endText|rm_txt_con|articleBody|articleContent|detailContent|mainText|` +
    'UCAP-CONTENT|(?:^|\\s)zoom(?:$|\\s)',
  'i',
)
const otherCapitals =
  /(?:[cC]omment(?:s|List|Box|Area)?|[rR]elated|[rR]ecommend(?:ed|ation)?s?|[sS]ide[bB]ar|[bB]readcrumbs?|[sS]hare|[hH]ot(?:News|Article|List|Rank)|[tT]uijian|[qQ][rR]?[cC]ode|[aA]dvert|[pP]agination|[nN]avbar|[fF]ooter)(?:$|[A-Z\d\s_-])|[cC]omment(?:s|list|box|area)|recommend|advert|tuijian/
/** Believed only of parts with less than 40 % of the prose. */
const doubtfulParts = new RegExp(
  `${word(
    'side|menu|tags?|keywords|register|toolbar|tools?|feedback|report|disclaimer|declare|shengming|statement|' +
      'prev(?:ious)?|next|more|latest|widget|skip|print|header|meta|author|byline|profile',
  )}|(?:^|\\s)(?:top|bottom|head|foot)(?:$|[-_\\s\\d])`,
  'i',
)
/** Whose text is like an article's, so that the name decides. */
const firmParts = /comment|pinglun|relate|recommend|sidebar|footer|teaser/i
const replyParts = /comment|pinglun/i
const beside = /recommend|related?|sidebar|hot/i
/** What stands round the words of a post; a part with one of `postBodies` inside is the post itself. */
const postFrames = new RegExp(
  `${word(
    'user|user-?info|username|author|avatar|name|nick(?:name)?|time|date|timestamp|timegap|meta|actions?|opts?|floor|' +
      'badge|level|location|count(?:s|er)?|num(?:ber)?|stat(?:s|us)?|like[sd]?|vote|reward|signature|sign|empty|placeholder',
  )}|[uU]ser(?:Info|Name|Link)|[aA]uthor(?:Info|Name)|NumberBoard|EventPost|[tT]ime(?:Gap)?(?:$|\\s)`,
)
const postBodies = new RegExp(
  `${word('body|content|detail|message|text|markdown|description')}|postmessage`,
  'i',
)

const sentence = /[，。！？；…]|[,;:] |[.!?]["'”’)]*(?:\s|$)/
const shortSentence = /\p{Script=Han}{4}[，。！？；]$/u
export const boilerplate =
  /版权所有|ICP备|ICP证|许可证|备案号|举报(?:电话|邮箱|热线)|未经(?:书面)?(?:授权|许可)|公网安备|客服(?:电话|热线)|信息存储(?:空间)?服务|转载请注明|请勿转载|浏览器|copyright|all rights reserved|registered trademark|your browser|javascript|cookie|©/i

/** Characters of running text in a line: menus, headlines and bylines have no sentence mark. */
export function proseOf(line: Line): number {
  if (line.linked >= line.chars * 0.4 || !sentence.test(line.text)) return 0
  if (line.chars < 10 && !shortSentence.test(line.text)) return 0
  if (line.chars < 200 && boilerplate.test(line.text)) return 0
  return line.chars - line.linked
}

/** Marks the lines of parts that are not the article (or post), by what they are called and how they look. */
export function deadLines(
  { lines, parts }: Reading,
  { title, isThread }: { title: string; isThread: boolean },
) {
  const dead = new Uint8Array(lines.length)
  const prose = sums(lines, proseOf)
  const page = prose.at(-1) ?? 0
  const titleAt = lines.findIndex((line) => line.text === title)
  const verdicts = new Map<string, Verdict>()
  const doubtful: Part[] = []
  const holders = isThread ? postHolders(parts) : new Set<Part>()
  const others = isThread ? new Set<Part>() : listed(parts, lines)
  for (const part of parts) {
    let verdict = others.has(part) ? 'other' : verdictOn(part, verdicts)
    if (isThread && verdict === 'other' && replyParts.test(part.names) && !beside.test(part.names))
      verdict = 'own'
    if (isThread && verdict === 'own' && postFrames.test(part.names) && !holders.has(part))
      verdict = 'doubtful'
    if (verdict === 'doubtful') doubtful.push(part)
    if (verdict !== 'other') continue
    // A name lies about most of the page: of threads always, of articles when the title is inside, or the part is shown late.
    const share = within(prose, part) / Math.max(1, page)
    const holdsTitle = titleAt >= part.from && titleAt < part.to
    if (
      isThread ? share > 0.4 : (holdsTitle && share > 0.5) || (share > 0.7 && isHidden(part.element.written))
    )
      continue
    dead.fill(1, part.from, part.to)
  }
  const live = sums(lines, (line, at) => (dead[at] ? 0 : proseOf(line)))
  const left = live.at(-1) ?? 0
  // And about a page where nothing else is left.
  if (left < 20) dead.fill(0)
  for (const part of doubtful) if (within(live, part) <= left * 0.4) dead.fill(1, part.from, part.to)
  return dead
}

/** Parts with the words of a post somewhere inside. */
function postHolders(parts: readonly Part[]): Set<Part> {
  const holders = new Set<Part>()
  for (const part of parts) {
    if (!postBodies.test(part.names)) continue
    for (let at = part.parent; at && !holders.has(at); at = at.parent) holders.add(at)
  }
  return holders
}

type Verdict = 'own' | 'doubtful' | 'other'

function verdictOn({ element, names }: Part, known: Map<string, Verdict>): Verdict {
  if (/^(?:nav|footer|aside|menu)$/.test(element.tag) || isHidden(element.written)) return 'other'
  if (element.tag === 'header') return 'doubtful'
  if (names === '') return 'own'
  const before = known.get(names)
  if (before) return before
  // «has-sidebar» is the page that has one.
  const own = names.replace(/(?:^|\s)(?:has|with|without|no|is|show|enable)[-_]\S+/gi, ' ')
  // «article-body ad-slot» is a body with room for advertisements.
  const isBody = own.split(/\s+/).some((name) => articleBodies.test(name) && !otherParts.test(name))
  const isOther = (otherParts.test(own) || otherCapitals.test(own)) && (!isBody || firmParts.test(own))
  const verdict = isOther ? 'other' : doubtfulParts.test(own) && !isBody ? 'doubtful' : 'own'
  known.set(names, verdict)
  return verdict
}

const isHidden = (written: string) =>
  written.includes('isplay') ? /display\s*:\s*none/i.test(written) : /\shidden(?=[\s=]|$)/i.test(written)

/** The items of lists of other articles, summaries and all: at least three neighbours alike that begin with a link. */
function listed(parts: readonly Part[], lines: readonly Line[]): Set<Part> {
  const found = new Set<Part>()
  for (const { children } of parts) {
    if (children.length < 3) continue
    const families = new Map<string, Part[]>()
    for (const part of children) {
      if (part.to <= part.from || !/^(?:div|li|article|section|dl|a|tr|dd)$/.test(part.element.tag)) continue
      const kind = `${part.element.tag} ${part.names.replace(/\d+/g, '')}`
      const family = families.get(kind)
      if (family) family.push(part)
      else families.set(kind, [part])
    }
    for (const family of families.values()) {
      if (family.length < 3) continue
      const teasers = family.filter((part) => isTeaser(part, lines)).length
      if (teasers >= family.length * 0.7) for (const part of family) found.add(part)
    }
  }
  return found
}

function isTeaser({ from, to }: Part, lines: readonly Line[]): boolean {
  let chars = 0
  for (let at = from; at < to; at++) {
    chars += lines[at]?.chars ?? 0
    if (chars >= 500) return false
  }
  return lines.slice(from, Math.min(to, from + 3)).some((line) => line.chars >= 6 && isLinked(line))
}
