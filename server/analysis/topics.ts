/**
 * Hot issues in a mass of messages. The structure of a message is its place (administrative names are vetoes) and its rare
 * three-character grams, which in Chinese are the names of estates, roads, schools and firms and the words of the matter;
 * common phrases weigh nothing.
 *
 *   weight of a gram  = (title 3, body 1) × ln(N / messages that hold it), only grams of 2 … RARE·N messages, never of more than half
 *   similarity        = cosine of the weights; 0 when both name administrative places and none in common
 *   clusters          = average linkage above JOIN, pairs more than WINDOW apart excluded
 *   heat              = 0.6·breadth + 0.3·reactions + 0.1·density, each 0–1: ln of messages against 50, ln of likes
 *                       against 2,000, share of its messages in its densest thirty days × breadth
 */
import {
  BREAK,
  CLAUSE,
  createScratch,
  ENUMERATION,
  type Normalised,
  normalise,
  normalised,
} from './normalise.ts'

export interface Message {
  id: string | number
  title: string
  body: string
  /** Milliseconds; null when unknown. */
  at: number | null
  likes: number
}

export interface Topic {
  messages: readonly Message[]
  title: string
  heat: number
  place: string | null
  first: number | null
  last: number | null
}

const TITLE_WEIGHT = 3
const BODY_UNITS = 400
const RARE = 0.02
const LEAST_RARE = 12
const JOIN = 0.12
const WINDOW_MS = 240 * 86_400_000
const DENSE_MS = 30 * 86_400_000
const FULL_BREADTH = 50
const FULL_LIKES = 2000

interface Vector {
  grams: Int32Array
  weights: Float64Array
}

export function findTopics(messages: readonly Message[]): Topic[] {
  const vectors = vectorise(messages)
  const places = messages.map((message) => placesOf(`${message.title}\n${message.body}`))
  const links = similarPairs(vectors, (a, b) => {
    const [one, other] = [messages[a], messages[b]]
    const [placesA, placesB] = [places[a], places[b]]
    if (!one || !other || !placesA || !placesB) return false
    const apart = one.at !== null && other.at !== null && Math.abs(one.at - other.at) > WINDOW_MS
    return !apart && !isElsewhere(placesA, placesB)
  })
  return cluster(messages.length, links)
    .map((members) => describe(members.flatMap((index) => messages[index] ?? [])))
    .sort(
      (a, b) =>
        b.heat - a.heat ||
        (b.last ?? 0) - (a.last ?? 0) ||
        (String(a.messages[0]?.id) < String(b.messages[0]?.id) ? -1 : 1),
    )
}

const isMark = (unit: number) => unit === BREAK || unit === CLAUSE || unit === ENUMERATION

function vectorise(messages: readonly Message[]): Vector[] {
  const scratch = createScratch()
  const ids = new Map<number, number>()
  const holders: number[] = []
  const raw = messages.map(({ title, body }) => {
    const counts = new Map<number, number>()
    const add = ({ units, length }: Normalised, weight: number) => {
      for (let i = 0; i + 2 < Math.min(length, BODY_UNITS); i++) {
        const [a, b, c] = [units[i] ?? 0, units[i + 1] ?? 0, units[i + 2] ?? 0]
        if (isMark(a) || isMark(b) || isMark(c)) continue
        const key = (a * 65_536 + b) * 65_536 + c
        let id = ids.get(key)
        if (id === undefined) {
          id = ids.size
          ids.set(key, id)
          holders.push(0)
        }
        const before = counts.get(id)
        if (before === undefined) holders[id] = (holders[id] ?? 0) + 1
        counts.set(id, Math.max(before ?? 0, weight))
      }
    }
    add(normalise(title, scratch), TITLE_WEIGHT)
    add(normalise(body, scratch), 1)
    return counts
  })
  const most = Math.min(Math.max(LEAST_RARE, RARE * messages.length), messages.length / 2)
  return raw.map((counts) => {
    const kept = [...counts].filter(([id]) => (holders[id] ?? 0) >= 2 && (holders[id] ?? 0) <= most)
    const weights = Float64Array.from(
      kept,
      ([id, weight]) => weight * Math.log(messages.length / (holders[id] ?? 1)),
    )
    let norm = 0
    for (const weight of weights) norm += weight * weight
    const length = Math.sqrt(norm) || 1
    return { grams: Int32Array.from(kept, ([id]) => id), weights: weights.map((weight) => weight / length) }
  })
}

interface Link {
  a: number
  b: number
  similarity: number
}

/** Every pair above half of JOIN that may be one issue, by an inverted index of the rare grams. */
function similarPairs(vectors: readonly Vector[], mayBeOne: (a: number, b: number) => boolean): Link[] {
  const postings = new Map<number, { message: number; weight: number }[]>()
  const links: Link[] = []
  const sums = new Float64Array(vectors.length)
  for (const [message, { grams, weights }] of vectors.entries()) {
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
      const similarity = sums[other] ?? 0
      sums[other] = 0
      if (similarity >= JOIN / 2 && mayBeOne(other, message)) links.push({ a: other, b: message, similarity })
    }
  }
  return links
}

/** Average linkage: two clusters join when the mean similarity over all their pairs reaches JOIN, strongest first. */
function cluster(count: number, links: readonly Link[]): number[][] {
  const near: Map<number, number>[] = Array.from({ length: count }, () => new Map())
  for (const { a, b, similarity } of links) {
    near[a]?.set(b, similarity)
    near[b]?.set(a, similarity)
  }
  const members: (number[] | undefined)[] = Array.from({ length: count }, (_, i) => [i])
  const mean = (a: number, b: number) =>
    (near[a]?.get(b) ?? 0) / ((members[a]?.length ?? 1) * (members[b]?.length ?? 1))
  const queue = createQueue()
  for (const { a, b, similarity } of links) if (similarity >= JOIN) queue.push({ a, b, similarity })
  for (let top = queue.pop(); top; top = queue.pop()) {
    const { a, b, similarity } = top
    const [ours, theirs] = [members[a], members[b]]
    // An entry is stale when one side was joined since; the fresh mean was queued then.
    if (!ours || !theirs || mean(a, b) !== similarity) continue
    for (const index of theirs) ours.push(index)
    members[b] = undefined
    const [of, from] = [near[a], near[b]]
    if (!of || !from) continue
    of.delete(b)
    from.delete(a)
    for (const [other, sum] of from) {
      of.set(other, (of.get(other) ?? 0) + sum)
      near[other]?.delete(b)
    }
    from.clear()
    for (const [other, sum] of of) {
      near[other]?.set(a, sum)
      const joined = mean(a, other)
      if (joined >= JOIN) queue.push({ a, b: other, similarity: joined })
    }
  }
  return members.flatMap((list) => (list ? [list.sort((x, y) => x - y)] : []))
}

/** The strongest pair first; equal ones in the order of their messages, so that the answer does not depend on chance. */
function createQueue() {
  const heap: Link[] = []
  const isBefore = (x: Link | undefined, y: Link | undefined) =>
    x !== undefined &&
    y !== undefined &&
    (x.similarity > y.similarity ||
      (x.similarity === y.similarity && (x.a < y.a || (x.a === y.a && x.b < y.b))))
  const swap = (i: number, j: number) => {
    const [x, y] = [heap[i], heap[j]]
    if (x && y) {
      heap[i] = y
      heap[j] = x
    }
  }
  return {
    push(link: Link) {
      let at = heap.push(link) - 1
      while (at > 0) {
        const above = (at - 1) >> 1
        if (!isBefore(heap[at], heap[above])) break
        swap(at, above)
        at = above
      }
    },
    pop(): Link | undefined {
      const top = heap[0]
      const last = heap.pop()
      if (last && heap.length > 0) {
        heap[0] = last
        for (let at = 0; ; ) {
          const left = 2 * at + 1
          const best = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
          if (!isBefore(heap[best], heap[at])) break
          swap(at, best)
          at = best
        }
      }
      return top
    },
  }
}

/** City and district as written; boards often hide names behind letters (A市, A7县). */
const ADMINISTRATIVE =
  /[a-z]\d{0,2}[市县区]|[\u4e00-\u9fff]{2,3}(?:[市县]|(?<![小社园校片街库厂])区)(?!场|域|别|间|内|民)/g

interface Places {
  cities: ReadonlySet<string>
  districts: ReadonlySet<string>
}

function placesOf(text: string): Places {
  const found = normalised(text.slice(0, 300)).match(ADMINISTRATIVE) ?? []
  const known = found.filter((name) => /^[a-z]/.test(name))
  return {
    cities: new Set(known.filter((name) => name.endsWith('市'))),
    districts: new Set(known.filter((name) => !name.endsWith('市'))),
  }
}

/** Both name a city or a district, and none in common. */
function isElsewhere(a: Places, b: Places): boolean {
  const disjoint = (x: ReadonlySet<string>, y: ReadonlySet<string>) =>
    x.size > 0 && y.size > 0 && ![...x].some((name) => y.has(name))
  return (
    disjoint(a.districts, b.districts) ||
    (disjoint(a.cities, b.cities) && a.districts.size + b.districts.size === 0)
  )
}

function describe(messages: readonly Message[]): Topic {
  const times = messages.flatMap((message) => message.at ?? []).sort((a, b) => a - b)
  const likes = messages.reduce((sum, message) => sum + message.likes, 0)
  const breadth = Math.min(1, Math.log(messages.length) / Math.log(FULL_BREADTH))
  const reactions = Math.min(1, Math.log1p(likes) / Math.log1p(FULL_LIKES))
  const density = breadth * (messages.length > 0 ? densest(times) / messages.length : 0)
  return {
    messages,
    title: centre(messages),
    heat: Math.round((0.6 * breadth + 0.3 * reactions + 0.1 * density) * 10_000) / 10_000,
    place: placeOf(messages),
    first: times[0] ?? null,
    last: times.at(-1) ?? null,
  }
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
function centre(messages: readonly Message[]): string {
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

const NAMED =
  /[\u4e00-\u9fffa-z\d]{2,8}?(?:小区|花园|家园|公寓|广场|新城|社区|学校|小学|中学|幼儿园|大道|街道|路|街|苑|园|府|村|镇|站|城|湾|郡|里|庄)/g
const OPENING = /关于|反映|投诉|咨询|请求|恳请|希望|建议|要求|举报|反对|位于|附近/g

/** The named place that half of the titles share, with its district. */
function placeOf(messages: readonly Message[]): string | null {
  const shared = (namesIn: (title: string) => readonly string[] | null) => {
    const counts = new Map<string, number>()
    for (const { title } of messages) {
      for (const name of new Set(namesIn(normalised(title)))) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    const most = [...counts].sort((a, b) => b[1] - a[1] || b[0].length - a[0].length)[0]
    return most && most[1] * 2 >= messages.length ? most[0] : undefined
  }
  const district = shared((title) => title.match(ADMINISTRATIVE))
  const named = shared((title) => title.replace(ADMINISTRATIVE, '\n').replace(OPENING, '\n').match(NAMED))
  const place = `${district ?? ''}${named ?? ''}`
  return place === '' ? null : place.toUpperCase()
}
