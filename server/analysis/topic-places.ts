/**
 * Where a message is about: administrative names, which tell two events apart for certain, and the names of estates,
 * roads, schools and firms, which people write in many ways (绿地 / 地绿, 中茂城 / 中贸城, with or without 小区).
 */
import { normalised } from './normalise.ts'

/** City and district as written; boards often hide names behind letters (A市, A7县). */
const LETTERS = '[a-z]\\d{0,2}[市县区]'
const WRITTEN = '[\\u4e00-\\u9fff]{2,3}(?:[市县]|(?<![小社园校片街库厂])区)(?!场|域|别|间|内|民)'
const ADMINISTRATIVE = new RegExp(`${LETTERS}|${WRITTEN}`, 'g')

/** Letters behind another character may be part of a name (万境K9县) and stay in the text. */
const CUT = new RegExp(`(?<![\\u4e00-\\u9fff](?<![在于位到从省市县区街镇]))${LETTERS}|${WRITTEN}`, 'g')

/** Words of asking and complaining: they stand in titles of every matter and say nothing about this one. */
const FRAME =
  /请问|请求|恳请|恳求|希望|建议|强烈|要求|坚决|反对|关于|反映|反应|投诉|咨询|举报|再次|问题|情况|位于|附近|旁边|有何具体行动|刻不容缓|全覆盖|进一步|尽快|加快|加大|加强|提升|推进|力度|步伐|什么时候|何时|是否|合理吗|合法吗|怎么办|为什么|为何|如何|能否|有关部门|相关部门|相关|核实|予以处理/g

/** The text as it is compared: frames and administrative names become breaks, so that no gram reaches over them. */
export const withoutFrame = (text: string): string => text.replace(FRAME, '\n').replace(CUT, '\n')

/** Kinds of named places. Only names of one kind tell two events apart: a road and an estate on it are one place. */
const SUFFIXES = {
  estate: '小区|花园|家园|公寓|新城|新村|国际|城|湾|郡|苑|园|府|里|庄|庭|居|轩|墅|洲|大厦|广场',
  institution: '学校|小学|中学|大学|学院|幼儿园|医院|集团|公司',
  road: '大道|路|街',
  area: '街道|社区|村|镇|站|公园|湖',
} as const
type Kind = keyof typeof SUFFIXES
const KINDS: readonly Kind[] = ['area', 'institution', 'road', 'estate']

export interface Places {
  cities: ReadonlySet<string>
  districts: ReadonlySet<string>
  /** Named places of the title. */
  names: readonly { kind: Kind; name: string }[]
  /** Numbered lines, roads and routes of the title: 3号线, 205路, 107国道. */
  numbered: readonly string[]
}

const HEAD_UNITS = 300
const NAMED = new RegExp(
  `[\\u4e00-\\u9fffa-z\\d]{2,8}?(?:${KINDS.map((kind) => `(?<${kind}>${SUFFIXES[kind]})`).join('|')})`,
  'g',
)
/** Kinds of places, not places. */
const GENERIC =
  /^(?:的|地铁)?(?:小区|居民|业主|我们|本|该|某|一个|多个|周边|门口|新建|配套|公办|公立|民办|私立|安置|普惠性?|老旧|住宅|商业|城市|公交|人行|物业|开发)+(?:小区|配套|公办|普惠性?)*.{0,2}$/
const NUMBERED = /\d+(?:号线|路(?!口)|国道|省道)|[一二三四五六七八九十]+号线/g

/** @param title normalised */
export function placesOf(title: string, body: string): Places {
  const head = `${title}\n${normalised(body.slice(0, HEAD_UNITS))}`
  const found = (head.match(ADMINISTRATIVE) ?? []).filter((name) => /^[a-z]/.test(name))
  return {
    cities: new Set(found.filter((name) => name.endsWith('市'))),
    districts: new Set(found.filter((name) => !name.endsWith('市'))),
    names: namesIn(title),
    numbered: title.match(NUMBERED) ?? [],
  }
}

/** Estates, roads, schools and the like, as they stand in a normalised title. */
export function namesIn(title: string): { kind: Kind; name: string }[] {
  const text = withoutFrame(title).replace(NUMBERED, '\n')
  return [...text.matchAll(NAMED)].flatMap(({ 0: name, groups }) => {
    const kind = KINDS.find((one) => groups?.[one] !== undefined)
    return kind === undefined || GENERIC.test(name) ? [] : [{ kind, name }]
  })
}

/** Both name a city or a district, and none in common. */
export function isElsewhere(a: Places, b: Places): boolean {
  return (
    isDisjoint(a.districts, b.districts) ||
    (isDisjoint(a.cities, b.cities) && a.districts.size + b.districts.size === 0)
  )
}

function isDisjoint(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size > 0 && b.size > 0 && ![...a].some((name) => b.has(name))
}

/** The kind in which both titles name something and none of one is any of the other in another spelling. */
export function differingKind(a: Places, b: Places): Kind | undefined {
  if (namesAgree(a, b)) return undefined
  return KINDS.findLast(
    (kind) => a.names.some((x) => x.kind === kind) && b.names.some((y) => y.kind === kind),
  )
}

/** Both titles name one estate, road or firm, in whatever spelling. */
export function namesAgree(a: Places, b: Places): boolean {
  return a.names.some((x) => b.names.some((y) => areSpellings(x.name, y.name)))
}

export function numbersDiffer(a: Places, b: Places): boolean {
  return a.numbered.length > 0 && b.numbered.length > 0 && !a.numbered.some((x) => b.numbered.includes(x))
}

const SPELLING = 0.6

/** One inside the other, or most characters in common in whatever order: 地绿海外滩 and 绿地海外滩二期. */
function areSpellings(a: string, b: string): boolean {
  if (a.includes(b) || b.includes(a)) return true
  const rest = [...b]
  let shared = 0
  for (const character of a) {
    const at = rest.indexOf(character)
    if (at >= 0) {
      shared++
      rest.splice(at, 1)
    }
  }
  return shared / Math.min(a.length, b.length) >= SPELLING
}

/** Administrative names as they stand in a normalised text. */
export const administrativeIn = (text: string): string[] => text.match(ADMINISTRATIVE) ?? []
