// The lines of events in the demo: which estate, which risk, when, how loud. Days count back from the end.

export interface Story {
  project: string
  risk: string
  /** First and last day with media, and who writes. */
  media?: { from: number; to: number; items: number; by: readonly string[] }
  /** First and last day with complaints in the ledger. */
  ledger?: { from: number; to: number; cases: number; open: number }
  /** One case of a group: so many households go to court together. */
  group?: { daysAgo: number; households: number }
  /** Fast growth towards the end instead of an even spread. */
  isRising?: boolean
}

const national = ['国闻纵览网', '国闻日报客户端']
const provincial = ['江澜日报', '江澜新闻网', '岚川广电']
const portals = ['舟讯网', '百汀门户']
const papers = ['晨渡都市报', '暮桥生活报']
const bloggers = ['楼市小灯泡', '老禾看房']
const forums = ['邻里圈论坛', '业主夜话社区']
const everybody = [...national, ...provincial, ...portals, ...papers, ...bloggers, ...forums, '城建事务公开']

export const stories: readonly Story[] = [
  // The stalled site: the ledger knew eight days before the first text; then the press, then a court case of 36 households.
  {
    project: 'WH-01',
    risk: 'DE3',
    media: { from: 33, to: 0, items: 96, by: everybody },
    ledger: { from: 41, to: 1, cases: 34, open: 27 },
    group: { daysAgo: 5, households: 36 },
    isRising: true,
  },
  // Delivery without papers, taken up by a central medium.
  {
    project: 'ZZ-01',
    risk: 'DE9',
    media: { from: 9, to: 0, items: 5, by: ['国闻纵览网', '邻里圈论坛'] },
    ledger: { from: 11, to: 1, cases: 3, open: 2 },
  },
  // Leaks after delivery, in the press and on the forums.
  {
    project: 'SZ-01',
    risk: 'DE5',
    media: { from: 21, to: 1, items: 10, by: ['舟讯网', '晨渡都市报', ...forums] },
    ledger: { from: 30, to: 1, cases: 9, open: 5 },
  },
  // The school that did not open on 1 September.
  {
    project: 'CS-01',
    risk: 'PO3',
    media: { from: 60, to: 2, items: 18, by: ['江澜日报', '江澜新闻网', '晨渡都市报', '业主夜话社区'] },
    ledger: { from: 66, to: 3, cases: 9, open: 5 },
  },
  // One rainstorm: complaints of one night, then the texts.
  {
    project: 'CD-01',
    risk: 'PO2',
    media: { from: 6, to: 2, items: 4, by: ['暮桥生活报', '邻里圈论坛'] },
    ledger: { from: 6, to: 5, cases: 4, open: 3 },
  },
  { project: 'CD-01', risk: 'DE5', ledger: { from: 6, to: 3, cases: 4, open: 4 } },
  // Talked about by a few: levels III and IV.
  {
    project: 'HZ-02',
    risk: 'SA2',
    media: { from: 14, to: 2, items: 4, by: ['暮桥生活报', '老禾看房'] },
    ledger: { from: 12, to: 2, cases: 3, open: 2 },
  },
  {
    project: 'HZ-01',
    risk: 'DE8',
    media: { from: 20, to: 2, items: 4, by: ['楼市小灯泡', '邻里圈论坛'] },
    ledger: { from: 24, to: 3, cases: 3, open: 2 },
  },
  {
    project: 'HZ-03',
    risk: 'EX1',
    media: { from: 40, to: 1, items: 4, by: forums },
    ledger: { from: 50, to: 1, cases: 8, open: 3 },
  },
  {
    project: 'SZ-04',
    risk: 'PO1',
    media: { from: 8, to: 1, items: 3, by: ['邻里圈论坛'] },
    ledger: { from: 15, to: 2, cases: 3, open: 2 },
  },
  {
    project: 'SZ-02',
    risk: 'SA1',
    media: { from: 12, to: 2, items: 5, by: ['老禾看房', '业主夜话社区'] },
    ledger: { from: 14, to: 4, cases: 3, open: 2 },
  },
  {
    project: 'CD-02',
    risk: 'DE6',
    media: { from: 9, to: 2, items: 3, by: ['楼市小灯泡', '业主夜话社区'] },
    ledger: { from: 10, to: 2, cases: 3, open: 2 },
  },
  {
    project: 'CD-02',
    risk: 'DE2',
    media: { from: 18, to: 3, items: 4, by: forums },
    ledger: { from: 20, to: 6, cases: 3, open: 2 },
  },
  {
    project: 'CD-04',
    risk: 'LA1',
    media: { from: 11, to: 2, items: 4, by: ['老禾看房', '邻里圈论坛'] },
    ledger: { from: 9, to: 3, cases: 2, open: 2 },
  },
  {
    project: 'WH-03',
    risk: 'PO6',
    media: { from: 30, to: 2, items: 6, by: forums },
    ledger: { from: 28, to: 4, cases: 4, open: 2 },
  },
  {
    project: 'CS-02',
    risk: 'DE5',
    media: { from: 13, to: 3, items: 3, by: ['业主夜话社区', '暮桥生活报'] },
    ledger: { from: 12, to: 3, cases: 3, open: 2 },
  },
  {
    project: 'ZZ-02',
    risk: 'EX2',
    media: { from: 35, to: 3, items: 6, by: ['邻里圈论坛', '老禾看房'] },
    ledger: { from: 40, to: 4, cases: 5, open: 3 },
  },
  {
    project: 'ZZ-03',
    risk: 'LA3',
    media: { from: 17, to: 2, items: 3, by: ['业主夜话社区', '楼市小灯泡'] },
    ledger: { from: 15, to: 4, cases: 3, open: 2 },
  },
  {
    project: 'CS-03',
    risk: 'PS4',
    media: { from: 15, to: 3, items: 4, by: ['楼市小灯泡', '邻里圈论坛'] },
    ledger: { from: 12, to: 5, cases: 2, open: 2 },
  },
  { project: 'CS-02', risk: 'DE3', media: { from: 5, to: 1, items: 2, by: ['业主夜话社区'] } },
  { project: 'HZ-04', risk: 'PS4', media: { from: 7, to: 2, items: 3, by: bloggers } },
  { project: 'WH-02', risk: 'SA2', media: { from: 18, to: 6, items: 4, by: ['老禾看房', '邻里圈论坛'] } },
  { project: 'WH-01', risk: 'DE5', media: { from: 14, to: 6, items: 3, by: ['邻里圈论坛'] } },
  {
    project: 'HZ-03',
    risk: 'EX2',
    media: { from: 10, to: 3, items: 2, by: ['业主夜话社区'] },
    ledger: { from: 30, to: 4, cases: 4, open: 2 },
  },
  { project: 'HZ-01', risk: 'DE7', ledger: { from: 18, to: 5, cases: 3, open: 2 } },
  { project: 'SZ-04', risk: 'EX1', ledger: { from: 45, to: 3, cases: 6, open: 3 } },
  { project: 'WH-03', risk: 'PO1', ledger: { from: 16, to: 2, cases: 3, open: 3 } },
  { project: 'ZZ-02', risk: 'PO2', ledger: { from: 25, to: 22, cases: 3, open: 1 } },
  { project: 'ZZ-01', risk: 'DE7', ledger: { from: 9, to: 2, cases: 3, open: 3 } },
  { project: 'SZ-01', risk: 'EX2', ledger: { from: 20, to: 5, cases: 3, open: 2 } },
  { project: 'CS-01', risk: 'EX1', ledger: { from: 33, to: 4, cases: 4, open: 2 } },
  // Over before the end: these cells must have calmed down.
  {
    project: 'HZ-03',
    risk: 'PO2',
    media: { from: 75, to: 70, items: 14, by: [...papers, ...forums, '岚川广电'] },
    ledger: { from: 75, to: 72, cases: 7, open: 0 },
  },
  {
    project: 'CD-03',
    risk: 'PS4',
    media: { from: 80, to: 72, items: 8, by: [...portals, ...bloggers] },
    ledger: { from: 78, to: 74, cases: 3, open: 0 },
  },
  { project: 'WH-02', risk: 'LA1', media: { from: 84, to: 77, items: 7, by: forums } },
]

/**
 * Written about, and in nobody's master data under that name: what people have to place. An estate that was bought a month
 * ago, the namesake of one of ours in another town, what residents call one of ours, and the group's name alone.
 */
export const strangers: readonly (Pick<Story, 'risk' | 'media'> & {
  estate: { name: string; alias: string; city: string; district: string; phases: 1 | 2 }
})[] = [
  {
    estate: { name: '澄岸·听荷雅苑', alias: '听荷雅苑', city: '苏州', district: '吴中区', phases: 1 },
    risk: 'EX1',
    media: { from: 24, to: 1, items: 9, by: ['晨渡都市报', '舟讯网', '老禾看房', ...forums] },
  },
  {
    estate: { name: '厦门云汀府', alias: '厦门的云汀府', city: '厦门', district: '集美区', phases: 1 },
    risk: 'DE5',
    media: { from: 18, to: 3, items: 4, by: ['百汀门户', '邻里圈论坛'] },
  },
  {
    estate: { name: '鹤渚', alias: '鹤渚', city: '武汉', district: '江夏区', phases: 1 },
    risk: 'DE7',
    media: { from: 12, to: 1, items: 4, by: forums },
  },
  {
    estate: {
      name: '澄岸集团一处在售小区',
      alias: '澄岸集团的小区',
      city: '郑州',
      district: '惠济区',
      phases: 1,
    },
    risk: 'LA1',
    media: { from: 15, to: 2, items: 3, by: ['暮桥生活报', '楼市小灯泡'] },
  },
]

/** Estates that only make noise: no warning may stand for them. */
export const quietProjects: readonly string[] = ['SZ-03', 'WH-04', 'ZZ-04', 'CS-04']
