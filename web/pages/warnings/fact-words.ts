/** Words for evidence that is no text: weather, readings, due days. */
import { counted, words } from '../../labels.ts'

export const phenomenonWord = words(
  {
    rainstorm: '暴雨',
    typhoon: '台风',
    wind: '大风',
    thunderstorm: '雷电',
    hail: '冰雹',
    snow: '暴雪',
    cold: '寒潮冰冻',
    heat: '高温',
    fog: '雾霾',
    geological: '地质灾害',
    other: '气象',
  },
  {
    rainstorm: 'Rainstorm',
    typhoon: 'Typhoon',
    wind: 'Gale',
    thunderstorm: 'Thunderstorm',
    hail: 'Hail',
    snow: 'Snowstorm',
    cold: 'Cold and ice',
    heat: 'Heat',
    fog: 'Fog',
    geological: 'Landslide',
    other: 'Weather',
  },
)

/** The weather authority's own colours, as words: colour itself is kept for our levels. */
export const severityWord = words(
  { extreme: '红色', severe: '橙色', moderate: '黄色', minor: '蓝色', unknown: '' },
  { extreme: 'red', severe: 'orange', moderate: 'yellow', minor: 'blue', unknown: '' },
)

export const metricWord = words(
  {
    sales: '销售',
    progress: '工程进度',
    quality: '质量合格率',
    price: '成交价格',
    visits: '来访',
    complaints: '投诉量',
  },
  {
    sales: 'Sales',
    progress: 'Progress',
    quality: 'Pass rate',
    price: 'Price',
    visits: 'Visits',
    complaints: 'Complaints',
  },
)

export const unitWord = words(
  { 套: '套', 万元: '万元', '㎡': '㎡', '%': '%', '元/㎡': '元/㎡', 组: '组', 件: '件' },
  { 套: 'homes', 万元: '10k yuan', '㎡': 'm²', '%': '%', '元/㎡': 'yuan/m²', 组: 'groups', 件: 'cases' },
)

export const reachWord = words(
  { shape: '落在预警范围内', district: '所在区县', city: '所在城市', province: '所在省份', country: '全国' },
  {
    shape: 'inside its outline',
    district: 'its district',
    city: 'its city',
    province: 'its province',
    country: 'the country',
  },
)

export const factWord = words(
  {
    alert: (what: string, colour: string) => `${what}${colour}预警`,
    openLeaks: (n: string) => `${n} 个渗漏投诉未结`,
    sites: (n: string) => `代表本市受影响的 ${n} 个项目`,
    until: (at: string) => `至 ${at}`,
    ended: '已结束，不再计入',
    inForce: '生效中',
    'price-fall': (value: string, unit: string, reference: string, change: string) =>
      `成交价格 ${value} ${unit}，较此前最高 ${reference} ${unit} 下跌 ${change}`,
    'sales-behind': (value: string, unit: string, reference: string, change: string) =>
      `销售 ${value} ${unit}，计划 ${reference} ${unit}，落后 ${change}`,
    'progress-behind': (value: string, reference: string, change: string) =>
      `工程进度 ${value}%，计划 ${reference}%，落后 ${change} 个百分点`,
    'progress-stalled': (value: string, days: string) => `工程进度停在 ${value}%，已 ${days} 天没有变化`,
    'quality-low': (value: string, reference: string, change: string) =>
      `质量合格率 ${value}%，要求 ${reference}%，低 ${change} 个百分点`,
    dueIn: (what: string, days: string) => `${what} · ${days} 天后到期`,
    dueToday: (what: string) => `${what} · 今天到期`,
    overdue: (what: string, days: string) => `${what} · 已逾期 ${days} 天`,
    silent: '尚无舆情与投诉，到期本身即为提示',
    joint: '与已有的舆情或投诉一并计入',
  },
  {
    alert: (what, colour) => `${what} warning${colour && `, ${colour}`}`,
    openLeaks: (n) => `${counted(n, 'leak complaint')} open`,
    sites: (n) => `for the ${counted(n, 'site')} of its city under it`,
    until: (at) => `until ${at}`,
    ended: 'Ended, counts no more',
    inForce: 'In force',
    'price-fall': (value, unit, reference, change) =>
      `Price ${value} ${unit}, ${change} below the highest before, ${reference} ${unit}`,
    'sales-behind': (value, unit, reference, change) =>
      `Sales ${value} ${unit} of ${reference} ${unit} planned, ${change} behind`,
    'progress-behind': (value, reference, change) =>
      `Works at ${value}%, plan ${reference}%, ${counted(change, 'point')} behind`,
    'progress-stalled': (value, days) => `Works stand at ${value}%, unchanged for ${counted(days, 'day')}`,
    'quality-low': (value, reference, change) =>
      `Pass rate ${value}%, required ${reference}%, ${counted(change, 'point')} below`,
    dueIn: (what, days) => `${what} · due in ${counted(days, 'day')}`,
    dueToday: (what) => `${what} · due today`,
    overdue: (what, days) => `${what} · ${counted(days, 'day')} overdue`,
    silent: 'Nobody has spoken of it yet; the day itself is the reason',
    joint: 'Counted with the texts and complaints there are',
  },
)
