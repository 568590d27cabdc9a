// The invented group 澄岸集团. Cities are real for the map's sake; companies, estates, media and people are made up, and
// hosts end in .example, which nobody can own (RFC 2606).
import type { SheetTable } from '../projects/check.ts'
import type { StageWord, Tier } from '../projects/words.ts'
import { stories } from './stories.ts'

export interface DemoProject {
  code: string
  name: string
  alias: string
  promotionName: string
  company: string
  city: string
  district: string
  stage: StageWord
  households: number
  longitude: number
  latitude: number
  /** Days from the end of the demo to the contract's delivery day; negative: past. */
  deliveryIn: number
  phases: 1 | 2
  hasSchool: boolean
}

interface DemoCity {
  code: string
  company: string
  city: string
  longitude: number
  latitude: number
  districts: readonly string[]
}

export const demoGroupName = '澄岸集团'

const cities: readonly DemoCity[] = [
  {
    code: 'HZ',
    company: '澄岸集团杭州公司',
    city: '杭州',
    longitude: 120.15,
    latitude: 30.27,
    districts: ['余杭区', '临平区', '萧山区', '钱塘区'],
  },
  {
    code: 'SZ',
    company: '澄岸集团苏州公司',
    city: '苏州',
    longitude: 120.6,
    latitude: 31.3,
    districts: ['吴江区', '相城区', '吴中区', '虎丘区'],
  },
  {
    code: 'CD',
    company: '澄岸集团成都公司',
    city: '成都',
    longitude: 104.07,
    latitude: 30.66,
    districts: ['温江区', '双流区', '新都区', '郫都区'],
  },
  {
    code: 'WH',
    company: '澄岸集团武汉公司',
    city: '武汉',
    longitude: 114.3,
    latitude: 30.59,
    districts: ['江夏区', '黄陂区', '蔡甸区', '东西湖区'],
  },
  {
    code: 'CS',
    company: '澄岸集团长沙公司',
    city: '长沙',
    longitude: 112.94,
    latitude: 28.23,
    districts: ['岳麓区', '望城区', '雨花区', '开福区'],
  },
  {
    code: 'ZZ',
    company: '澄岸集团郑州公司',
    city: '郑州',
    longitude: 113.63,
    latitude: 34.75,
    districts: ['中牟县', '荥阳市', '惠济区', '管城区'],
  },
]

type Estate = readonly [
  name: string,
  promotion: string,
  stage: StageWord,
  households: number,
  deliveryIn: number,
]

/** Four estates a city, in the order of `cities`. */
const estates: readonly (readonly Estate[])[] = [
  [
    ['云汀府', '汀上云集', 'DE', 1280, 38],
    ['霁川台', '霁川天序', 'SA', 860, 410],
    ['澹月湾', '月澹风来', 'PO', 1640, -520],
    ['梧雨轩', '梧桐听雨集', 'LA', 540, 690],
  ],
  [
    ['砚溪台', '砚溪墨境', 'PO', 1120, -64],
    ['汐照里', '汐照天光', 'SA', 720, 300],
    ['拾翠坞', '拾翠山语', 'PS', 430, 820],
    ['漱石庭', '漱石清境', 'PO', 980, -910],
  ],
  [
    ['栖澜里', '栖澜映象', 'PO', 2050, -330],
    ['蕖香府', '蕖香水岸集', 'DE', 1330, 96],
    ['晚渡里', '晚渡风荷集', 'SA', 610, 360],
    ['疏影庭', '疏影横斜集', 'LA', 480, 640],
  ],
  [
    ['鹤渚园', '鹤渚云湖', 'DE', 1860, -47],
    ['望舒屿', '望舒湖境', 'SA', 1240, 270],
    ['青穗园', '青穗田园集', 'PO', 1510, -1200],
    ['涵虚台', '涵虚湖序', 'PS', 520, 900],
  ],
  [
    ['萤窗里', '萤窗书香集', 'PO', 1740, -150],
    ['雁洄里', '雁洄江岸集', 'DE', 890, 52],
    ['知晴湾', '知晴未来集', 'SA', 1080, 330],
    ['听禾苑', '听禾雅集', 'LA', 460, 700],
  ],
  [
    ['松塘序', '松塘雅序集', 'DE', 1420, 9],
    ['岫青苑', '岫青山居集', 'PO', 1350, -700],
    ['眠鸥湾', '眠鸥澄湖', 'SA', 930, 380],
    ['澄波序', '澄波水镜', 'PS', 400, 950],
  ],
]

export const demoProjects: readonly DemoProject[] = cities.flatMap((city, at) =>
  (estates[at] ?? []).map(([alias, promotionName, stage, households, deliveryIn], n) => ({
    code: `${city.code}-${String(n + 1).padStart(2, '0')}`,
    name: `澄岸·${alias}`,
    alias,
    promotionName,
    company: city.company,
    city: city.city,
    district: city.districts[n] ?? '',
    stage,
    households,
    longitude: degrees(city.longitude + (n % 2 === 0 ? 0.09 : -0.12) * (1 + (at + n) / 10)),
    latitude: degrees(city.latitude + (n < 2 ? -0.07 : 0.1) * (1 + (at + n) / 10)),
    deliveryIn,
    phases: households > 1000 ? 2 : 1,
    hasSchool: households > 1300,
  })),
)

function degrees(value: number): number {
  return Math.round(value * 1e4) / 1e4
}

export interface DemoPublisher {
  name: string
  family: string
  tier: Tier
  host: string
  voice: 'news' | 'forum' | 'post' | 'official'
  format: 'rss' | 'atom' | 'json'
}

export const demoPublishers: readonly DemoPublisher[] = [
  {
    name: '国闻纵览网',
    family: '国闻通讯社',
    tier: 'central',
    host: 'www.guowenzonglan.example',
    voice: 'news',
    format: 'rss',
  },
  {
    name: '国闻日报客户端',
    family: '国闻通讯社',
    tier: 'central',
    host: 'app.guowenribao.example',
    voice: 'news',
    format: 'json',
  },
  {
    name: '江澜日报',
    family: '江澜报业',
    tier: 'provincial',
    host: 'paper.jianglan.example',
    voice: 'news',
    format: 'rss',
  },
  {
    name: '江澜新闻网',
    family: '江澜报业',
    tier: 'provincial',
    host: 'news.jianglan.example',
    voice: 'news',
    format: 'atom',
  },
  {
    name: '岚川广电',
    family: '岚川广电',
    tier: 'provincial',
    host: 'tv.lanchuan.example',
    voice: 'news',
    format: 'rss',
  },
  {
    name: '舟讯网',
    family: '舟讯网',
    tier: 'portal',
    host: 'house.zhouxun.example',
    voice: 'news',
    format: 'rss',
  },
  {
    name: '百汀门户',
    family: '百汀门户',
    tier: 'portal',
    host: 'news.baiting.example',
    voice: 'news',
    format: 'json',
  },
  {
    name: '晨渡都市报',
    family: '晨渡都市报',
    tier: 'local',
    host: 'www.chendu-daily.example',
    voice: 'news',
    format: 'rss',
  },
  {
    name: '暮桥生活报',
    family: '暮桥生活报',
    tier: 'local',
    host: 'www.muqiao.example',
    voice: 'news',
    format: 'atom',
  },
  {
    name: '楼市小灯泡',
    family: '楼市小灯泡',
    tier: 'self-media',
    host: 'bulb.media.example',
    voice: 'post',
    format: 'json',
  },
  {
    name: '老禾看房',
    family: '老禾看房',
    tier: 'self-media',
    host: 'laohe.media.example',
    voice: 'post',
    format: 'rss',
  },
  {
    name: '邻里圈论坛',
    family: '邻里圈论坛',
    tier: 'forum',
    host: 'bbs.linliquan.example',
    voice: 'forum',
    format: 'rss',
  },
  {
    name: '业主夜话社区',
    family: '业主夜话社区',
    tier: 'forum',
    host: 'www.yezhuyehua.example',
    voice: 'forum',
    format: 'atom',
  },
  {
    name: '城建事务公开',
    family: '城建事务公开',
    tier: 'official',
    host: 'open.chengjian.example',
    voice: 'official',
    format: 'rss',
  },
]

const departments: readonly (readonly [name: string, kind: string])[] = [
  ['设计管理部', 'design'],
  ['工程管理部', 'engineering'],
  ['营销部', 'sales'],
  ['客户关系部', 'customer-service'],
  ['物业服务中心', 'property-management'],
  ['法务部', 'legal'],
  ['品牌公关部', 'public-relations'],
]

const DAY = 86_400_000

/** The group as a workbook: it goes through the same import as anybody's. */
export function groupTables(end: Date): SheetTable[] {
  const day = (fromEnd: number) => new Date(end.getTime() + fromEnd * DAY).toISOString().slice(0, 10)
  const done = (fromEnd: number) => (fromEnd < 0 ? day(fromEnd) : '')
  const phaseNames = (project: DemoProject) => (project.phases === 2 ? ['一期', '二期'] : ['一期'])
  return [
    sheet(
      '城市公司',
      ['公司编码', '公司名称', '城市'],
      cities.map((city) => [city.code, city.company, city.city]),
    ),
    sheet(
      '部门',
      ['城市公司', '部门名称', '部门类别'],
      [
        ...departments.map(([name, kind]) => ['', `集团${name}`, kind]),
        ...cities.flatMap((city) =>
          departments.slice(0, 5).map(([name, kind]) => [city.company, name, kind]),
        ),
      ],
    ),
    sheet(
      '项目',
      [
        '项目编码',
        '项目名称',
        '城市公司',
        '城市',
        '区县',
        '经度',
        '纬度',
        '阶段',
        '户数',
        '别名',
        '曾用推广名',
      ],
      demoProjects.map((project) => [
        project.code,
        project.name,
        project.company,
        project.city,
        project.district,
        String(project.longitude),
        String(project.latitude),
        project.stage,
        String(project.households),
        `${project.alias}、澄岸${project.alias}`,
        project.promotionName,
      ]),
    ),
    sheet(
      '分期',
      ['项目编码', '分期', '楼栋', '户数', '合同交付日'],
      demoProjects.flatMap((project) =>
        phaseNames(project).map((name, at) => [
          project.code,
          name,
          at === 0 ? '1-8栋' : '9-16栋',
          String(Math.floor(project.households / project.phases)),
          day(project.deliveryIn + at * 365),
        ]),
      ),
    ),
    sheet(
      '节点',
      ['项目编码', '分期', '节点', '计划日期', '实际日期', '备注'],
      demoProjects.flatMap((project) => milestonesOf(project, day, done, end)),
    ),
    sheet(
      '发布者',
      ['媒体名称', '媒体家族', '媒体级别', '域名'],
      demoPublishers.map(({ name, family, tier, host }) => [name, family, tier, host]),
    ),
  ]
}

function milestonesOf(
  project: DemoProject,
  day: (fromEnd: number) => string,
  done: (fromEnd: number) => string,
  end: Date,
): string[][] {
  const { deliveryIn } = project
  const row = (kind: string, fromEnd: number, slips = 0) => [
    project.code,
    '一期',
    kind,
    day(fromEnd),
    done(fromEnd + slips),
    '',
  ]
  // The stalled site misses its day: planned in the past, no actual day.
  const isStalled = project.stage === 'DE' && deliveryIn < 0
  return [
    row('presale-permit', deliveryIn - 760),
    row('launch', deliveryIn - 730),
    row('topping-out', deliveryIn - 240),
    isStalled
      ? [project.code, '一期', 'completion-filing', day(deliveryIn - 30), '', '停工，未报备']
      : row('completion-filing', deliveryIn - 30, 5),
    isStalled ? [project.code, '一期', 'delivery', day(deliveryIn), '', '逾期'] : row('delivery', deliveryIn),
    ...(project.stage === 'PO' ? [row('title-certificate', deliveryIn + 400)] : []),
    ...(project.hasSchool ? [schoolOpening(project, end)] : []),
  ]
}

/** The school opens on a 1 September: the last one for estates that are lived in, the first after delivery for others. */
function schoolOpening(project: DemoProject, end: Date): string[] {
  const lastYear = end.getUTCFullYear() - (end.getUTCMonth() < 8 ? 1 : 0)
  const isLivedIn = project.stage === 'PO'
  const delivered = new Date(end.getTime() + Math.max(0, project.deliveryIn) * DAY)
  const year = isLivedIn ? lastYear : delivered.getUTCFullYear() + (delivered.getUTCMonth() < 8 ? 0 : 1)
  const day = `${year}-09-01`
  const isLate = stories.some(({ project: code, risk }) => code === project.code && risk === 'PO3')
  return [project.code, '', 'school-opening', day, isLivedIn && !isLate ? day : '', '配套学校']
}

const sheet = (
  name: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): SheetTable => ({
  name,
  header,
  rows: rows.map((cells, at) => ({ number: at + 2, cells })),
})
