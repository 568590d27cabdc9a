/**
 * Hot issues in a mass of messages: who, where, what, since when, and how hot.
 *
 *   weight of a gram  = (title 3, body 1 + 2·share of its holders that have it in the title) × ln(N ÷ holders); grams of
 *                       three characters held by 2 … RARE·N messages; frames (请加快…力度) and administrative names are cut
 *                       out first. In Chinese such grams are the names of estates, roads, schools and firms and the words
 *                       of the matter; what stands in titles elsewhere says the topic, so it counts more in a body too
 *   likeness          = cosine of the weights × matter × place × time
 *     matter          : 0.5 … 1.6 by the shared part of what the titles complain about; one estate has many matters, and
 *                       they are many issues. At most 1.2 where the titles do not name one estate, road or firm
 *     place           : 0 when both name districts (or cities) and none in common, or the same words name another estate or
 *                       firm; 0.3 when the titles name estates or firms and none is a spelling of the other's, 0.6 for
 *                       roads and villages, 0.2 for numbered lines and routes
 *     time            : 1 up to 120 days apart, falling to 0 at a year
 *   issues            = average linkage above JOIN, then of centres above JOIN_AGAIN (linkage.ts)
 *   attention         = 1 − (1 − 0.75·breadth)·(1 − 0.5·echo)·(1 − 0.1·density), each 0–1: ln of voices against 50, ln
 *                       of reactions against 2,000, share of its messages in its densest thirty days × breadth. One message
 *                       that 1,700 people react to is an issue, so reactions do not hang on breadth
 *   heat              = attention × (0.5 + 0.5·focus), focus 0–1: has it a name or word of its own, or only a common matter?
 *
 * Source: tuned on one half of 66 issues marked by reading in messages to a city hall, reported on the other half (`npm run
 * bench -- stories`). Example: 12 voices, 1,595 reactions, 8 of 12 messages within 30 days: breadth 0.635, echo 0.970,
 * density 0.423, attention 1 − 0.524·0.515·0.958 = 0.742; with focus 0.9 heat 0.705.
 */
import { averageLinkage, type Link } from './linkage.ts'
import { MATTER_COUNT, mattersIn, subjectsIn } from './matters.ts'
import { BREAK, CLAUSE, createScratch, ENUMERATION, normalise, normalised } from './normalise.ts'
import {
  administrativeIn,
  differingKind,
  isElsewhere,
  namesAgree,
  namesIn,
  numbersDiffer,
  type Places,
  placesOf,
  withoutFrame,
} from './topic-places.ts'

export interface Message {
  id: string | number
  title: string
  body: string
  /** Milliseconds; null when unknown. */
  at: number | null
  /** How often people reacted to it: likes, comments and shares. */
  reactions: number
  /** How many speak through it: families of a story, households of a case. 1 unless given. */
  voices?: number
  /** Codes of the risks it shows, which tell the matter better than its words. */
  risks?: readonly string[]
}

export interface Topic {
  messages: readonly Message[]
  title: string
  heat: number
  /** Firm or body that half of the messages name. */
  who: string | null
  place: string | null
  /** What it is about in words for readers, most named first. */
  what: readonly string[]
  first: number | null
  last: number | null
}

const TITLE_WEIGHT = 3
const SHARE_WEIGHT = 2
const BODY_UNITS = 400
const RARE = 0.02
/** A hundred messages may be one issue however few there are in all. */
const LEAST_RARE = 100
/** Pairs below it count as unlike: they only cost room. */
const FLOOR = 0.03
const JOIN = 0.12
const JOIN_AGAIN = 0.17
const LEAST_MATTER = 0.5
/** Where one side names its matter in the body alone. */
const LEAST_UNSURE = 0.75
/** Where the titles name one estate, road or firm. */
const MOST_MATTER = 1.6
const MOST_ANYWHERE = 1.2
/** Messages about everything else that a place is compared against. */
const BACKGROUND = 100
/** Cosine from which two messages are the same text with something exchanged. */
const COPY = 0.45
const OTHER_ESTATE = 0.3
const OTHER_ROAD = 0.6
const OTHER_NUMBER = 0.2
const DAY_MS = 86_400_000
const NEAR_MS = 120 * DAY_MS
const FAR_MS = 365 * DAY_MS
const DENSE_MS = 30 * DAY_MS
const FULL_BREADTH = 50
const FULL_REACTIONS = 2000
/** Of the heat, the part that hangs on the issue being about one thing. */
const FOCUS_WEIGHT = 0.5

interface Reading {
  /** Ascending numbers of its rare grams. */
  grams: Int32Array
  weights: Float64Array
  places: Places
  matters: readonly number[]
  risks: readonly string[]
  /** Named by the title, not only somewhere in the body. */
  isSure: boolean
  at: number | null
  /** Equal for equal texts. */
  text: string
}

/**
 * The issues in these messages, hottest first; every message is in exactly one.
 * @param within names of the one place that all messages are about. They are cut out, since they tell nothing apart, and
 * the messages count as if BACKGROUND others stood around them: else what all of them say would weigh nothing
 */
export function findTopics(messages: readonly Message[], within: readonly string[] = []): Topic[] {
  const readings = read(messages, within)
  const rarity = rarityOf(readings)
  const isOnePlace = within.length > 0
  const links = similarPairs(readings, (a, b, cosine) => likenessFactor(a, b, { cosine, rarity, isOnePlace }))
  const holders = new Map<number, number>()
  for (const { grams } of readings) for (const gram of grams) holders.set(gram, (holders.get(gram) ?? 0) + 1)
  return averageLinkage(messages.length, links, { join: JOIN, again: JOIN_AGAIN })
    .map((members) =>
      describe(
        members.flatMap((index) => messages[index] ?? []),
        members.flatMap((index) => readings[index] ?? []),
        holders,
      ),
    )
    .sort(
      (a, b) =>
        b.heat - a.heat ||
        (b.last ?? 0) - (a.last ?? 0) ||
        (String(a.messages[0]?.id) < String(b.messages[0]?.id) ? -1 : 1),
    )
}

const isMark = (unit: number) => unit === BREAK || unit === CLAUSE || unit === ENUMERATION

function read(messages: readonly Message[], within: readonly string[]): Reading[] {
  const names = within.map((name) => normalised(name)).filter((name) => name.length > 1)
  const all = messages.length + (names.length > 0 ? BACKGROUND : 0)
  const bare = (text: string) => withoutFrame(names.reduce((rest, name) => rest.replaceAll(name, '\n'), text))
  const scratch = createScratch()
  const ids = new Map<number, number>()
  const holders: number[] = []
  const inTitles: number[] = []
  const raw = messages.map(({ title, body, risks = [] }) => {
    const plainTitle = normalised(title)
    const ofTitle = new Set<number>()
    const grams = new Set<number>()
    const add = (text: string, into: Set<number>) => {
      const { units, length } = normalise(bare(text), scratch)
      for (let i = 0; i + 2 < Math.min(length, BODY_UNITS); i++) {
        const [a, b, c] = [units[i] ?? 0, units[i + 1] ?? 0, units[i + 2] ?? 0]
        if (isMark(a) || isMark(b) || isMark(c)) continue
        const key = (a * 65_536 + b) * 65_536 + c
        let id = ids.get(key)
        if (id === undefined) {
          id = ids.size
          ids.set(key, id)
          holders.push(0)
          inTitles.push(0)
        }
        into.add(id)
      }
    }
    const plainBody = normalised(body.slice(0, BODY_UNITS))
    add(plainTitle, ofTitle)
    add(plainBody, grams)
    for (const id of ofTitle) {
      grams.add(id)
      inTitles[id] = (inTitles[id] ?? 0) + 1
    }
    for (const id of grams) holders[id] = (holders[id] ?? 0) + 1
    const named = mattersIn(normalise(title, scratch))
    return {
      grams,
      ofTitle,
      places: placesOf(plainTitle, body),
      risks,
      isSure: named.length > 0,
      matters: named.length > 0 ? named : mattersIn(normalise(body.slice(0, BODY_UNITS), scratch)),
      text: `${plainTitle}\n${plainBody}`,
    }
  })
  const most = Math.max(LEAST_RARE, RARE * messages.length)
  /** What half of all messages hold is a phrase of the board, unless their titles say it too. */
  const tells = (id: number) => {
    const held = holders[id] ?? 0
    return held >= 2 && held <= most && (held * 2 <= all || (inTitles[id] ?? 0) * 2 >= held)
  }
  return raw.map(({ grams, ofTitle, text, ...rest }, index) => {
    const kept = [...grams].filter(tells)
    const weights = Float64Array.from(kept, (id) => {
      const held = holders[id] ?? 1
      const weight = ofTitle.has(id) ? TITLE_WEIGHT : 1 + (SHARE_WEIGHT * (inTitles[id] ?? 0)) / held
      return weight * Math.log(all / held)
    })
    let norm = 0
    for (const weight of weights) norm += weight * weight
    const length = Math.sqrt(norm) || 1
    return {
      grams: Int32Array.from(kept),
      weights: weights.map((weight) => weight / length),
      ...rest,
      at: messages[index]?.at ?? null,
      text,
    }
  })
}

/** How much a matter tells: ln(N ÷ messages that name it). */
function rarityOf(readings: readonly Reading[]): Float64Array {
  const counts = new Float64Array(MATTER_COUNT)
  for (const { matters } of readings) for (const matter of matters) counts[matter] = (counts[matter] ?? 0) + 1
  return counts.map((count) => Math.log((readings.length + 1) / (count + 1)) + 0.1)
}

function likenessFactor(
  a: Reading,
  b: Reading,
  { cosine, rarity, isOnePlace }: { cosine: number; rarity: Float64Array; isOnePlace: boolean },
): number {
  if (isElsewhere(a.places, b.places)) return 0
  let factor = 1
  if (a.at !== null && b.at !== null) {
    const apart = Math.abs(a.at - b.at)
    if (apart >= FAR_MS) return 0
    if (apart > NEAR_MS) factor *= (FAR_MS - apart) / (FAR_MS - NEAR_MS)
  }
  const kind = differingKind(a.places, b.places)
  if (kind === 'estate' || kind === 'institution') {
    // The same words with another name are another event; different words may be of neighbours about one thing.
    if (cosine >= COPY) return 0
    factor *= OTHER_ESTATE
  } else if (kind !== undefined) factor *= OTHER_ROAD
  if (numbersDiffer(a.places, b.places)) factor *= OTHER_NUMBER
  const most = isOnePlace || namesAgree(a.places, b.places) ? MOST_MATTER : MOST_ANYWHERE
  if (a.risks.length > 0 && b.risks.length > 0) {
    factor *= a.risks.some((code) => b.risks.includes(code)) ? most : LEAST_MATTER
  } else if (a.matters.length > 0 && b.matters.length > 0) {
    const of = (matters: readonly number[]) => matters.reduce((sum, matter) => sum + (rarity[matter] ?? 0), 0)
    const shared = of(a.matters.filter((matter) => b.matters.includes(matter)))
    const least = a.isSure && b.isSure ? LEAST_MATTER : LEAST_UNSURE
    factor *= least + ((most - least) * shared) / Math.min(of(a.matters), of(b.matters))
  }
  return factor
}

/** Every pair above half of JOIN that may be one issue, by an inverted index of the rare grams. */
function similarPairs(
  readings: readonly Reading[],
  factorOf: (a: Reading, b: Reading, cosine: number) => number,
): Link[] {
  const postings = new Map<number, { message: number; weight: number }[]>()
  const links: Link[] = []
  const sums = new Float64Array(readings.length)
  for (const [message, reading] of readings.entries()) {
    const { grams, weights } = reading
    const touched: number[] = []
    for (const [place, gram] of grams.entries()) {
      const weight = weights[place] ?? 0
      const list = postings.get(gram)
      if (!list) {
        postings.set(gram, [{ message, weight }])
        continue
      }
      for (const other of list) {
        if (sums[other.message] === 0) touched.push(other.message)
        sums[other.message] = (sums[other.message] ?? 0) + weight * other.weight
      }
      list.push({ message, weight })
    }
    for (const other of touched) {
      const cosine = sums[other] ?? 0
      sums[other] = 0
      const before = readings[other]
      if (!before || cosine * MOST_MATTER < FLOOR) continue
      const similarity = cosine * factorOf(before, reading, cosine)
      if (similarity >= FLOOR) links.push({ a: other, b: message, similarity: Math.min(1, similarity) })
    }
  }
  return links
}

/**
 * 0–1: how far these messages have something of their own, a name or a word: the best F1 of a gram between «held by its
 * members» and «held by nobody else». Wages owed by ten firms share 拖欠工资 with everybody; one estate has its name.
 */
function focusOf(readings: readonly Reading[], holders: ReadonlyMap<number, number>): number {
  if (readings.length < 2) return 1
  const inside = new Map<number, number>()
  for (const { grams } of readings) for (const gram of grams) inside.set(gram, (inside.get(gram) ?? 0) + 1)
  let best = 0
  for (const [gram, count] of inside) {
    best = Math.max(best, (2 * count) / (readings.length + (holders.get(gram) ?? count)))
  }
  return best
}

function describe(
  messages: readonly Message[],
  readings: readonly Reading[],
  holders: ReadonlyMap<number, number>,
): Topic {
  const times = messages.flatMap((message) => message.at ?? []).sort((a, b) => a - b)
  const reactions = messages.reduce((sum, message) => sum + message.reactions, 0)
  return {
    messages,
    title: centralTitle(messages),
    heat: heatOf({
      voices: voicesOf(messages, readings),
      reactions,
      times,
      focus: focusOf(readings, holders),
    }),
    who: whoOf(messages),
    place: placeOf(messages),
    what: whatOf(messages),
    first: times[0] ?? null,
    last: times.at(-1) ?? null,
  }
}

/** Different texts count 1; a copy of one is signed by somebody too, but costs less to send: a half. */
function voicesOf(messages: readonly Message[], readings: readonly Reading[]): number {
  const texts = new Set<string>()
  let sum = 0
  for (const [index, { text }] of readings.entries()) {
    const voices = messages[index]?.voices ?? 1
    sum += texts.has(text) ? voices / 2 : voices
    texts.add(text)
  }
  return sum
}

export interface Attention {
  voices: number
  reactions: number
  /** Ascending, in milliseconds. */
  times: readonly number[]
  /** 0–1 */
  focus: number
}

/** 0–1 with four digits; the formula stands at the head of this file. */
function heatOf({ voices, reactions, times, focus }: Attention): number {
  const breadth = Math.min(1, Math.log(Math.max(1, voices)) / Math.log(FULL_BREADTH))
  const echo = Math.min(1, Math.log1p(reactions) / Math.log1p(FULL_REACTIONS))
  const density = times.length > 0 ? (breadth * densest(times)) / times.length : 0
  const attention = 1 - (1 - 0.75 * breadth) * (1 - 0.5 * echo) * (1 - 0.1 * density)
  return Math.round(attention * (1 - FOCUS_WEIGHT + FOCUS_WEIGHT * focus) * 10_000) / 10_000
}

/** Most messages within any thirty days. */
function densest(times: readonly number[]): number {
  let most = 0
  let from = 0
  for (const [to, time] of times.entries()) {
    while (time - (times[from] ?? time) > DENSE_MS) from++
    most = Math.max(most, to - from + 1)
  }
  return most
}

function pairsOf(text: string): Set<string> {
  const plain = normalised(text)
  return new Set(Array.from({ length: Math.max(0, plain.length - 1) }, (_, i) => plain.slice(i, i + 2)))
}

/** The title that says most of what the others say: the sum of its letter pairs' counts, per root of its length. */
export function centralTitle(messages: readonly { title: string }[]): string {
  const counts = new Map<string, number>()
  const pairs = messages.map((message) => pairsOf(message.title))
  for (const set of pairs) for (const pair of set) counts.set(pair, (counts.get(pair) ?? 0) + 1)
  let best = ''
  let most = -1
  for (const [index, set] of pairs.entries()) {
    let sum = 0
    for (const pair of set) sum += counts.get(pair) ?? 0
    const score = sum / Math.sqrt(set.size + 1)
    if (score > most) {
      most = score
      best = messages[index]?.title ?? ''
    }
  }
  return best
}

/** What most of these name, when at least half of them do; the longer one of equals. */
function mostNamed(lists: readonly (readonly string[])[]): string | undefined {
  const counts = new Map<string, number>()
  for (const names of lists) for (const name of new Set(names)) counts.set(name, (counts.get(name) ?? 0) + 1)
  const most = [...counts].sort(
    (a, b) => b[1] - a[1] || b[0].length - a[0].length || (a[0] < b[0] ? -1 : 1),
  )[0]
  return most && most[1] * 2 >= lists.length ? most[0] : undefined
}

const BODIES =
  /[\u4e00-\u9fffa-z\d]{2,14}?(?:有限公司|集团|公司|物业|开发商|教育局|公安局|分局|派出所|街道办|村委会|居委会|业委会|管理局|平台|培训学校|培训机构)/g
const SUBJECT_UNITS = 200

/** Words of a sentence that ran up to the ending: what stands before them is no part of the name. */
const BEFORE_NAME =
  /^.*(?:目前|购买时|的时候|和|与|由|被|把|让|向|找|对|是|在|后|请|称|要求|要|强制|投诉|举报|咨询|反映|希望|建议|督促)/
/** Nobody is named: an ending alone, or one that a part of a sentence stands before. */
const NOBODY = /[不没的了过]|未(?!来)|一年|物业.*物业|^(?:小区|本小区|我们|你们|该|此|当地|城市建设)/
const LEAST_NAME = 4

/** The name of the firm or office in what ends like one; undefined: only the ending. */
function nameIn(found: string): string | undefined {
  const name = found.replace(BEFORE_NAME, '')
  const isBare = /^(?:有限公司|集团|公司|物业|开发商|教育局|公安局|分局|平台|培训机构|培训学校)$/.test(name)
  return isBare || name.length < LEAST_NAME || NOBODY.test(name) ? undefined : name
}

/** Whom half of the messages are about: a firm, an office. */
function whoOf(messages: readonly Message[]): string | null {
  const lists = messages.map(({ title, body }) => {
    const text = withoutFrame(`${normalised(title)}\n${normalised(body.slice(0, SUBJECT_UNITS))}`)
    return (text.match(BODIES) ?? []).flatMap((found) => nameIn(found) ?? [])
  })
  return mostNamed(lists)?.toUpperCase() ?? null
}

/** The named place that half of the titles share, with its district. */
function placeOf(messages: readonly Message[]): string | null {
  const titles = messages.map(({ title }) => normalised(title))
  const place = `${mostNamed(titles.map(administrativeIn)) ?? ''}${mostNamed(titles.map((title) => namesIn(title).map(({ name }) => name))) ?? ''}`
  return place === '' ? null : place.toUpperCase()
}

const SUBJECTS_SHOWN = 3
/** A subject is shown when it weighs this share of the messages, and half as much as the weightiest. */
const SUBJECT_SHARE = 0.4
/** The weightiest alone, when none reaches that. */
const LEAST_SUBJECT_SHARE = 0.3
/** Of a subject that only the body names: bodies tell also what else is wrong, most of all where the title names one. */
const BODY_SUBJECT = 0.5
const BODY_BESIDE_TITLE = 0.25

/** What readers are told that it is about. It groups nothing: that is done by the matters. */
function whatOf(messages: readonly Message[]): string[] {
  const scratch = createScratch()
  const weights = new Map<string, number>()
  const inTitles = new Set<string>()
  for (const { title, body } of messages) {
    const ofTitle = subjectsIn(normalise(title, scratch))
    const ofBody = subjectsIn(normalise(body.slice(0, BODY_UNITS), scratch))
    for (const name of ofTitle) {
      inTitles.add(name)
      weights.set(name, (weights.get(name) ?? 0) + 1)
    }
    const weight = ofTitle.size > 0 ? BODY_BESIDE_TITLE : BODY_SUBJECT
    for (const name of ofBody) if (!ofTitle.has(name)) weights.set(name, (weights.get(name) ?? 0) + weight)
  }
  const sorted = [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const weightiest = sorted[0]?.[1] ?? 0
  const least = Math.max(SUBJECT_SHARE * messages.length, weightiest / 2)
  // What no title says is told alone at most.
  const shown = sorted.filter(([name, weight], at) => weight >= least && (at === 0 || inTitles.has(name)))
  const [first] = sorted.filter(
    ([name, weight]) => inTitles.has(name) && weight >= LEAST_SUBJECT_SHARE * messages.length,
  )
  return (shown.length === 0 && first ? [first] : shown.slice(0, SUBJECTS_SHOWN)).map(([name]) => name)
}
