import { expect, test } from 'vitest'
import { findTopics, type Message } from '../../server/analysis/topics.ts'

const day = 86_400_000
let next = 0
const message = (title: string, body: string, at: number | null = 0, reactions = 0): Message => ({
  id: ++next,
  title,
  body,
  at: at === null ? null : at * day,
  reactions,
})

const noise = [
  '建议增开夜间公交线路方便加班职工回家',
  '咨询新生儿落户需要携带哪些证件',
  '公园健身器材生锈存在夹手隐患',
  '早市占道经营导致老人出行困难',
  '图书馆周末闭馆时间过早希望延长',
  '路灯连续三晚不亮夜间行走害怕',
  '河道漂浮垃圾无人打捞气味难闻',
  '共享单车堆满盲道影响盲人通行',
].map((title) => message(title, `${title}，请有关部门核实处理。`, 3))

const plant = (n: number, at: number, reactions = 0) =>
  message(
    `青禾雅筑小区旁搅拌站第${n}次夜间扰民`,
    `青禾雅筑旁的搅拌站半夜生产，粉尘落满阳台，孩子咳嗽不止，第${n}次反映。`,
    at,
    reactions,
  )
const heating = (n: number) =>
  message(`翠屏名邸暖气不热第${n}户`, `翠屏名邸三期暖气片冰凉，室温只有十二度，第${n}户。`, 5)

test('messages about one thing come together, and the hottest issue comes first', () => {
  const topics = findTopics([
    ...noise,
    heating(1),
    plant(1, 0),
    plant(2, 4),
    heating(2),
    plant(3, 9, 40),
    plant(4, 12),
  ])
  expect(topics[0]).toMatchObject({ place: '青禾雅筑小区', first: 0, last: 12 * day })
  expect(topics[0]?.messages).toHaveLength(4)
  expect(topics[0]?.title).toContain('青禾雅筑')
  expect(topics[1]?.messages).toHaveLength(2)
  expect(topics.flatMap((topic) => topic.messages)).toHaveLength(14)
})

test('the same words about another district are another issue', () => {
  const of = (district: string) =>
    message(`${district}青禾雅筑旁搅拌站扰民`, `${district}青禾雅筑旁的搅拌站半夜生产，粉尘落满阳台。`)
  const topics = findTopics([...noise, of('A3区'), of('A3区'), of('A7县')])
  expect(topics[0]?.messages).toHaveLength(2)
})

test('the same words a year later are another issue', () => {
  const topics = findTopics([...noise, plant(1, 0), plant(2, 3), plant(3, 400)])
  expect(topics[0]?.messages).toHaveLength(2)
})

test('reactions make an issue hotter than as many messages without', () => {
  const topics = findTopics([
    ...noise,
    plant(1, 0),
    plant(2, 1),
    { ...heating(1), reactions: 900 },
    heating(2),
  ])
  expect(topics[0]?.title).toContain('翠屏名邸')
})

test('two matters of one estate are two issues, and each says what it is about', () => {
  const leak = (n: number) =>
    message(`青禾雅筑地下车库漏水第${n}次反映`, `青禾雅筑一下雨车库顶板就漏水，积水淹到踏板，第${n}次。`, n)
  const topics = findTopics([...noise, plant(1, 0), leak(1), plant(2, 1), leak(2), plant(3, 2), leak(3)])
  const [first, second] = topics.filter((topic) => topic.messages.length > 1)
  expect([first?.messages.length, second?.messages.length]).toEqual([3, 3])
  expect([first?.what, second?.what].map((what) => what?.includes('搅拌站与工厂'))).toContain(true)
  expect([first?.what, second?.what].map((what) => what?.includes('房屋质量'))).toContain(true)
})

test('the same matter of another estate is another issue, and a turned name is the same estate', () => {
  const smoke = (estate: string, n: number) =>
    message(`${estate}小区底层餐馆油烟直排扰民`, `${estate}小区楼下餐馆没有烟道，油烟直排，第${n}户反映。`, n)
  const topics = findTopics([
    ...noise,
    smoke('云栖首府', 1),
    smoke('栖云首府', 2),
    smoke('云栖首府', 3),
    smoke('江畔花语', 1),
    smoke('江畔花语', 2),
  ])
  expect(topics.slice(0, 2).map((topic) => topic.messages.length)).toEqual([3, 2])
})

test('a message that names the estate only in its body belongs to the issue of the others', () => {
  const quiet = message('天天被吵得睡不着', '青禾雅筑小区旁的搅拌站半夜生产，粉尘落满阳台，孩子咳嗽不止。', 6)
  const topics = findTopics([...noise, plant(1, 0), plant(2, 4), plant(3, 9), quiet])
  expect(topics[0]?.messages).toContain(quiet)
})

test('who is complained of is named when half of the messages name it', () => {
  const unpaid = (n: number) =>
    message(`青禾置业公司拖欠工资第${n}人`, `青禾置业公司拖欠木工班组工资半年，第${n}人。`, n)
  expect(findTopics([...noise, unpaid(1), unpaid(2), unpaid(3)])[0]).toMatchObject({
    who: '青禾置业公司',
    what: ['欠薪与劳动'],
  })
})

test('a small mass that is one issue in half of its messages still shows it', () => {
  const topics = findTopics([...noise, ...Array.from({ length: 30 }, (_, n) => plant(n, n))])
  expect(topics[0]?.messages).toHaveLength(30)
})

test('one text that very many people liked stands above a few quiet ones', () => {
  const loud = message('恳请公开锦华里三期配套学校的建设时间', '锦华里三期业主盼学校已三年。', 2, 1700)
  expect(findTopics([...noise, plant(1, 0), plant(2, 4), loud])[0]?.messages).toEqual([loud])
})

test('the order of the input changes nothing but ties', () => {
  const all = [...noise, heating(1), plant(1, 0), plant(2, 4), heating(2), plant(3, 9)]
  const ids = (messages: readonly Message[]) =>
    findTopics(messages).map((topic) => topic.messages.map((one) => Number(one.id)).sort((a, b) => a - b))
  expect(ids([...all].reverse()).slice(0, 2)).toEqual(ids(all).slice(0, 2))
})

test('no messages, empty texts and unknown times are no failure', () => {
  expect(findTopics([])).toEqual([])
  expect(findTopics([message('', '', null)])).toMatchObject([
    { heat: 0, place: null, first: null, last: null },
  ])
})

test('what only the bodies name beside a title does not say what an issue is about', () => {
  const messages = [1, 2, 3, 4].map((n) =>
    message(`停车费涨价没有公示${n}`, `物业强制预收一年物业费，${n}号楼下垃圾堆积，要求退还。`),
  )
  expect(findTopics(messages, ['云境花园'])[0]?.what).toEqual(['停车收费'])
})

test('a part of a sentence is nobody, a name at its end is somebody', () => {
  const whoOf = (text: string) =>
    findTopics(
      [1, 2].map((n) => message(`认筹金不退${n}`, text)),
      ['云境花园'],
    ).map(({ who }) => who)[0] ?? null
  expect(whoOf('交了认筹金，不想买后开发商拖了五个月。')).toBeNull()
  expect(whoOf('物业强制预收一年物业费。')).toBeNull()
  expect(whoOf('我们要求青禾置业公司退还认筹金。')).toBe('青禾置业公司')
})
