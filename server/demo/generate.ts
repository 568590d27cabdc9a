// Ninety days of media and complaints of the invented group, from templates and a seed. Plain: the same seed and end give
// the same texts and times, so a demo can be repeated and tested.
import { type DemoProject, type DemoPublisher, demoProjects, demoPublishers } from './group.ts'
import { type Kit, kits } from './kits.ts'
import { foreignNoise, noiseSlots, ownNoise } from './noise.ts'
import { fill, type Random, seeded } from './random.ts'
import { quietProjects, type Story, stories, strangers } from './stories.ts'

export interface DemoItem {
  publisher: string
  url: string
  title: string
  body: string
  author: string
  publishedAt: Date
  /** Comments that it gathers in the end; undefined where nobody can comment. */
  comments: number | undefined
}

export interface DemoComplaint {
  externalId: string
  kind: '投诉' | '咨询'
  title: string
  content: string
  demand: string
  receivedAt: Date
  closedAt: Date | null
  channel: string
  class: string
  company: string
  project: string
  building: string
  unit: string
  name: string
  phone: string
  households: number
  isGroupLitigation: boolean
}

export interface DemoHistory {
  items: readonly DemoItem[]
  complaints: readonly DemoComplaint[]
}

export const demoDays = 90
const NOISE_PER_DAY = 24
const OWN_NOISE_PER_DAY = 7
const ENQUIRIES_PER_DAY = 5
const SMALL_CASES_PER_DAY = 1.3
const HOUR = 3_600_000
const DAY = 24 * HOUR

export function generateHistory(seed: string, end: Date): DemoHistory {
  const random = seeded(seed)
  const desk: Desk = { random, end, titles: new Set(), count: { items: 0 } }
  // A line of its own for every story: changing one leaves the others as they were.
  const ownDesk = ({ project, risk }: Story): Desk => ({
    ...desk,
    random: seeded(`${seed} ${project} ${risk}`),
  })
  const strangeDesk = { ...desk, random: seeded(`${seed} strangers`) }
  const items = [
    ...stories.flatMap((story) => storyItems(ownDesk(story), projectOf(story.project), story)),
    ...strangers.flatMap(({ estate, ...story }) => storyItems(strangeDesk, estate, story)),
    ...noiseItems(desk, 'foreign', NOISE_PER_DAY),
    ...noiseItems(desk, 'own', OWN_NOISE_PER_DAY),
  ]
  const complaints = [
    ...stories.flatMap((story) => storyComplaints(ownDesk(story), story)),
    ...smallCases(desk),
    ...enquiries(desk),
  ]
  return {
    items: items
      .map(({ isOfStory, ...item }) => ({
        ...item,
        comments: commentsOf(seeded(`${seed} ${item.url}`), item.publisher, isOfStory),
      }))
      .sort((a, b) => a.publishedAt.getTime() - b.publishedAt.getTime()),
    complaints: complaints
      .sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime())
      .map((complaint, at) => ({ ...complaint, externalId: `CA-${String(at + 1).padStart(5, '0')}` })),
  }
}

/** An item before anybody has commented on it. */
type Draught = Omit<DemoItem, 'comments'> & { isOfStory: boolean }

interface Desk {
  random: Random
  end: Date
  /** A headline is written once; only a repost repeats it. */
  titles: Set<string>
  count: { items: number }
}

// ── slots ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const numerals = ['二', '三', '四', '五', '六', '七', '八', '九']
const days = ['周一', '周二', '周三', '周四', '周五', '周六', '周日', '昨天', '前天', '上周末']

type Estate = Pick<DemoProject, 'name' | 'alias' | 'city' | 'district' | 'phases'>

/** The same building, months and days through one text. */
function slotsFor(random: Random, project: Estate): Record<string, () => string> {
  const once = (value: string) => () => value
  const building = `${random.int(1, project.phases * 8)}栋`
  const { city, alias } = project
  const name = random.pick([
    project.name,
    project.name,
    alias,
    alias.startsWith(city) ? alias : `${city}${alias}`,
  ])
  return {
    p: once(name),
    c: once(city),
    d: once(project.district),
    b: once(building),
    u: once(`${building}${random.int(1, 3)}单元${random.int(2, 28)}0${random.int(1, 4)}`),
    m: once(random.pick([...numerals, '十'])),
    t: once(random.pick(numerals)),
    w: once(random.pick(days)),
    n: once(String(random.int(3, 29))),
    street: once(random.pick(noiseSlots.street ?? [])),
  }
}

function noiseSlotsFor(random: Random, project: DemoProject): Record<string, () => string> {
  const slots: Record<string, () => string> = { ...slotsFor(random, project) }
  for (const [name, list] of Object.entries(noiseSlots)) {
    const value = random.pick(list)
    slots[name] = () => value
  }
  slots.team2 = () => random.pick(noiseSlots.team ?? [])
  slots.num = () => String(random.int(2, 19))
  slots.num2 = () => String(random.int(0, 3))
  slots.big = () => String(random.int(21, 480))
  slots.pct = () => `${random.int(1, 18)}.${random.int(0, 9)}`
  return slots
}

/** Tries again rather than write a headline twice. */
function freshTitle(desk: Desk, make: () => string): string {
  for (let attempt = 0; ; attempt++) {
    const title = make()
    if (!desk.titles.has(title) || attempt > 12) {
      desk.titles.add(title)
      return title
    }
  }
}

// ── comments ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** By voice, the most that a text of a story gathers; one of everyday life gathers a twelfth. */
const mostComments: Partial<Record<DemoPublisher['voice'], number>> = { forum: 260, post: 640 }
const EVERYDAY = 12

/** Most texts gather a handful, a few gather hundreds. */
function commentsOf(random: Random, publisher: string, isOfStory: boolean): number | undefined {
  const voice = demoPublishers.find(({ name }) => name === publisher)?.voice
  const most = voice && mostComments[voice]
  if (most === undefined) return undefined
  return Math.round((most / (isOfStory ? 1 : EVERYDAY)) * random.next() ** 3)
}

/** Hours in which two thirds of the comments come. */
const COMMENT_HOURS = 20

/** Comments of an item as a reader counts them at this time. */
export function commentsAt({ comments, publishedAt }: DemoItem, at: Date): number | undefined {
  if (comments === undefined) return undefined
  const hours = Math.max(0, at.getTime() - publishedAt.getTime()) / HOUR
  return Math.floor(comments * (1 - Math.exp(-hours / COMMENT_HOURS)))
}

// ── media ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function storyItems(
  desk: Desk,
  estate: Estate,
  story: Pick<Story, 'risk' | 'media' | 'isRising'>,
): Draught[] {
  const { media } = story
  if (!media) return []
  const { random } = desk
  const kit = kitOf(story.risk)
  const publishers = demoPublishers.filter((publisher) => media.by.includes(publisher.name))
  // The gravest medium comes last, when the others have made the news.
  const gravest = publishers.filter(({ tier }) => tier === 'central')
  const usual = publishers.filter(({ tier }) => tier !== 'central')
  const written: Draught[] = []
  for (let n = 0; n < media.items; n++) {
    const isLast = n === media.items - 1
    const daysAgo = isLast ? media.to : spread(random, media.from, media.to, story.isRising ?? false)
    const publisher = random.pick(isLast && gravest.length > 0 ? gravest : usual)
    const model = written.length > 3 && random.chance(0.22) ? random.pick(written) : undefined
    written.push(
      model && model.publisher !== publisher.name
        ? repost(desk, model, publisher)
        : {
            ...newItem(desk, publisher, atHour(desk, daysAgo)),
            ...storyText(desk, kit, estate, publisher),
            isOfStory: true,
          },
    )
  }
  return written
}

function storyText(desk: Desk, kit: Kit, estate: Estate, publisher: DemoPublisher) {
  const { random } = desk
  let slots = slotsFor(random, estate)
  const title = freshTitle(desk, () => {
    slots = slotsFor(random, estate)
    return fill(random.pick(kit.heads), slots)
  })
  const [fact, second] = two(random, kit.facts)
  const want = random.pick(kit.wants)
  const write = (template: string) => fill(template, slots)
  const bodies: Readonly<Record<DemoPublisher['voice'], readonly string[]>> = {
    news: [
      `本报讯 {c}{d}的{p}业主近日向记者反映：${fact}。${second}。业主提出，${want}。对此，项目客服表示已经登记，会尽快回复。`,
      `{w}，记者来到{d}{street}附近的{p}。${fact}。一位业主告诉记者，${second}。${want}，是不少业主的诉求。`,
      `近日，{c}{p}引发关注。据业主介绍，${fact}。截至发稿，开发商没有给出明确答复。业主说：${want}。`,
    ],
    forum: [
      `我是{p}{b}的业主，把情况说一下：${fact}，${second}。${want}，同样情况的邻居在下面说一声。`,
      `{c}的朋友进来看看。{p}这边，${fact}。打了{t}次客服电话都是登记。${want}。`,
      `更新进展：${second}。楼里邻居都在问，${fact}。${want}！`,
    ],
    post: [
      `{c}{p}，${fact}。评论区很多业主，${second}。`,
      `有粉友留言说{p}：${fact}。老实讲，${want}，这要求不过分。`,
    ],
    official: [
      `来信摘要：{p}业主反映，${fact}。答复：来信收悉，已将“${want}”转开发企业办理，并责令其与业主沟通。`,
      `关于{p}有关情况的回复：经核实，业主反映${fact}的情况属实，已约谈开发企业，${want}一事将继续督办。`,
    ],
  }
  return { title, body: write(random.pick(bodies[publisher.voice])) }
}

/** Word for word in another medium, hours later. */
function repost(desk: Desk, model: Draught, publisher: DemoPublisher): Draught {
  const later = model.publishedAt.getTime() + desk.random.int(1, 20) * HOUR
  const at = new Date(Math.min(later, desk.end.getTime() - 10 * 60_000))
  return {
    ...newItem(desk, publisher, at),
    title: model.title,
    body: `${model.body}\n（来源：${model.publisher}）`,
    isOfStory: true,
  }
}

function noiseItems(desk: Desk, kind: 'foreign' | 'own', perDay: number): Draught[] {
  const { random } = desk
  const list = kind === 'foreign' ? foreignNoise : ownNoise
  const total = Math.round(demoDays * perDay)
  return Array.from({ length: total }, () => {
    const daysAgo = random.next() * demoDays
    const kit = weighted(random, list)
    const project = random.pick(demoProjects)
    const publisher = random.pick(demoPublishers.filter(({ voice }) => kit.voices.includes(voice)))
    let slots = noiseSlotsFor(random, project)
    const title = freshTitle(desk, () => {
      slots = noiseSlotsFor(random, project)
      return fill(random.pick(kit.title), slots)
    })
    const [first, second] = two(random, kit.body)
    return {
      ...newItem(desk, publisher, atHour(desk, daysAgo)),
      title,
      body: fill(kit.body.length > 1 && random.chance(0.6) ? `${first}${second}` : first, slots),
      isOfStory: false,
    }
  })
}

function newItem(
  desk: Desk,
  publisher: DemoPublisher,
  publishedAt: Date,
): Omit<Draught, 'title' | 'body' | 'isOfStory'> {
  desk.count.items += 1
  const day = publishedAt.toISOString().slice(0, 10).replaceAll('-', '/')
  return {
    publisher: publisher.name,
    url: `https://${publisher.host}/${day}/${10_000 + desk.count.items}.html`,
    author: publisher.voice === 'news' ? `记者 ${personName(desk.random)}` : nickname(desk.random),
    publishedAt,
  }
}

// ── complaints ────────────────────────────────────────────────────────────────────────────────────────────────────

type Draft = Omit<DemoComplaint, 'externalId'> & { externalId: string }

function storyComplaints(desk: Desk, story: Story): Draft[] {
  const { ledger, group } = story
  if (!ledger) return []
  const { random, end } = desk
  const project = projectOf(story.project)
  const kit = kitOf(story.risk)
  const times = Array.from({ length: ledger.cases }, (_, at) =>
    // The first case opens the line on its first day.
    at === 0 ? ledger.from : spread(random, ledger.from, ledger.to, story.isRising ?? false),
  ).sort((a, b) => b - a)
  const cases = times.map((daysAgo, at) => {
    const receivedAt = atHour(desk, daysAgo)
    const isOpen = at >= ledger.cases - ledger.open
    return draft(desk, project, kit, receivedAt, isOpen ? null : closing(random, receivedAt, end, 2, 9))
  })
  if (!group) return cases
  const receivedAt = atHour(desk, group.daysAgo)
  const slots = slotsFor(random, project)
  return [
    ...cases,
    {
      ...draft(desk, project, kit, receivedAt, null),
      title: fill(`{p}${group.households}户业主联名要求复工交房`, slots),
      content: fill(
        `我们${group.households}户业主已经联名，将集体起诉。${random.pick(kit.facts)}。业主代表要求与集团面谈。`,
        slots,
      ),
      households: group.households,
      isGroupLitigation: true,
      channel: '来访',
    },
  ]
}

/** Single matters of everyday, done within days. */
function smallCases(desk: Desk): Draft[] {
  const { random, end } = desk
  const noisy = demoProjects.filter(({ code, stage }) => !quietProjects.includes(code) && stage !== 'PS')
  const byStage: Readonly<Record<DemoProject['stage'], readonly string[]>> = {
    PS: [],
    LA: ['LA1', 'PS4'],
    SA: ['SA1', 'PS4', 'DE8'],
    DE: ['DE2', 'DE7', 'DE8', 'DE6'],
    PO: ['EX1', 'EX2', 'DE5', 'PO1', 'PO6'],
  }
  return Array.from({ length: Math.round(demoDays * SMALL_CASES_PER_DAY) }, () => {
    const project = random.pick(noisy)
    const receivedAt = atHour(desk, 12 + random.next() * (demoDays - 12))
    const closedAt = closing(random, receivedAt, end, 1, 6)
    return draft(desk, project, kitOf(random.pick(byStage[project.stage])), receivedAt, closedAt)
  })
}

const questions = [
  ['咨询{p}看房预约时间', '想周末去{p}示范区看看，请问{w}几点开放，需要预约吗？'],
  ['咨询购房发票怎么开', '购房款已付，请问{p}的发票在哪里领，要带什么？'],
  ['咨询会员积分', '业主卡的积分在小程序里看不到，麻烦查一下{u}。'],
  ['咨询{p}户型图', '请把{p}{n}0平左右的户型图发我一份。'],
  ['建议增设快递柜', '{p}{b}附近没有快递柜，建议加一组。'],
  ['建议延长健身房开放时间', '{p}健身房{n}点就关门，建议周末延长。'],
  ['表扬{p}管家', '{b}的管家帮忙找回了孩子的书包，特来表扬。'],
  ['询问装修申请怎么提交', '{u}准备装修，请问申请表在哪里领？'],
  ['客服电话等待时间长', '{w}打客服电话等了{n}分钟才接通，希望改进。'],
  ['咨询公积金贷款进度', '{u}的公积金贷款提交{t}周了，请问到哪一步？'],
  ['询问{p}充电桩申请', '车位在{b}地下，请问充电桩怎么申请？'],
  ['{p}活动报名', '想报名{w}的邻里活动，家里{t}口人。'],
] as const

function enquiries(desk: Desk): Draft[] {
  const { random, end } = desk
  return Array.from({ length: Math.round(demoDays * ENQUIRIES_PER_DAY) }, () => {
    const project = random.pick(demoProjects)
    const slots = slotsFor(random, project)
    const [title, content] = random.pick(questions)
    const receivedAt = atHour(desk, random.next() * demoDays)
    return {
      ...draftOf(desk, project, receivedAt, closing(random, receivedAt, end, 0, 3)),
      kind: '咨询' as const,
      class: '客户服务类',
      title: fill(title, slots),
      content: fill(content, slots),
      demand: '',
    }
  })
}

function draft(desk: Desk, project: DemoProject, kit: Kit, receivedAt: Date, closedAt: Date | null): Draft {
  const { random } = desk
  const slots = slotsFor(random, project)
  const [fact, second] = two(random, kit.facts)
  const want = random.pick(kit.wants)
  return {
    ...draftOf(desk, project, receivedAt, closedAt),
    kind: '投诉',
    class: kit.class,
    title: fill(random.pick(kit.cases), slots),
    content: fill(
      random.pick([
        `我是{p}{b}的业主。${fact}。${want}。`,
        `客户来电反映：${fact}，${second}。${want}。`,
        `${fact}。之前已经反映过，没有结果。${want}。`,
      ]),
      slots,
    ),
    demand: fill(want, slots),
    building: slots.b?.() ?? '',
  }
}

const channels = ['来电', '来电', '来电', '微信', '微信', '来访', '网络', '物业服务中心', '12345热线', '信函']

function draftOf(desk: Desk, project: DemoProject, receivedAt: Date, closedAt: Date | null) {
  const { random } = desk
  return {
    externalId: '',
    receivedAt,
    closedAt,
    channel: random.pick(channels),
    company: project.company,
    project: project.name,
    building: '',
    unit: `${random.int(1, 3)}单元${random.int(2, 28)}0${random.int(1, 4)}`,
    name: personName(random),
    phone: fictionalPhone(random),
    households: 1,
    isGroupLitigation: false,
  }
}

const surnames = [
  '林',
  '周',
  '何',
  '沈',
  '许',
  '邱',
  '陆',
  '方',
  '谢',
  '唐',
  '钱',
  '韩',
  '杜',
  '江',
  '范',
  '苏',
  '卢',
  '潘',
  '戴',
  '夏',
]
const given = [
  '知远',
  '若溪',
  '明川',
  '雨桐',
  '子岸',
  '思齐',
  '青禾',
  '一舟',
  '晓岚',
  '景行',
  '安然',
  '牧之',
  '云舒',
  '望秋',
  '书瑶',
  '其琛',
  '念慈',
  '立冬',
  '小满',
  '长风',
]
const nicknames = [
  '等风来',
  '晚饭后散步',
  '半亩田',
  '不吃香菜',
  '老街的猫',
  '骑车看海',
  '今天下雨吗',
  '二楼的灯',
  '慢半拍',
  '种花的人',
]

const personName = (random: Random) => `${random.pick(surnames)}${random.pick(given)}`
const nickname = (random: Random) => `${random.pick(nicknames)}${random.int(1, 99)}`

/** Never a person's: four zeros in the middle, where no operator has given out numbers. */
const fictionalPhone = (random: Random) =>
  `1${random.pick(['3', '5', '7', '8', '9'])}${random.int(0, 9)}0000${String(random.int(0, 9_999)).padStart(4, '0')}`

// ── time and choice ───────────────────────────────────────────────────────────────────────────────────────────────

/** A moment that day, mostly between 7 and 23 o'clock in Shanghai; never after the end. */
function atHour(desk: Desk, daysAgo: number): Date {
  const { random, end } = desk
  const day = Math.floor((end.getTime() - daysAgo * DAY + 8 * HOUR) / DAY) * DAY - 8 * HOUR
  const hour = random.chance(0.93) ? random.int(7, 22) : random.int(0, 23)
  const at = day + hour * HOUR + random.int(0, 59) * 60_000 + random.int(0, 59) * 1_000
  const latest = end.getTime() - 30 * 60_000
  return new Date(at <= latest ? at : latest - random.int(0, 5 * 60) * 60_000)
}

/** Days ago between `from` and `to`; rising: most of them near `to`. */
function spread(random: Random, from: number, to: number, isRising: boolean): number {
  const x = random.next()
  return to + (from - to) * (isRising ? x * x : x)
}

function closing(random: Random, receivedAt: Date, end: Date, min: number, max: number): Date {
  const at = receivedAt.getTime() + (min + random.next() * (max - min)) * DAY + HOUR
  return new Date(Math.min(at, end.getTime() - 20 * 60_000))
}

function two(random: Random, list: readonly string[]): [string, string] {
  const first = random.int(0, list.length - 1)
  const second = (first + random.int(1, Math.max(1, list.length - 1))) % list.length
  return [list[first] ?? '', list[second] ?? '']
}

function weighted<Item extends { weight: number }>(random: Random, list: readonly Item[]): Item {
  let at = random.next() * list.reduce((sum, { weight }) => sum + weight, 0)
  for (const item of list) {
    at -= item.weight
    if (at < 0) return item
  }
  return random.pick(list)
}

function kitOf(risk: string): Kit {
  const kit = kits[risk]
  if (!kit) throw new Error(`no texts for ${risk}`)
  return kit
}

function projectOf(code: string): DemoProject {
  const project = demoProjects.find((each) => each.code === code)
  if (!project) throw new Error(`no project ${code}`)
  return project
}
