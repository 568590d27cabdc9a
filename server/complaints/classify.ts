/*
 * Class (S0-7) and channel from words. The class with the most words wins, longer words count more; a title counts twice.
 * It is a proposal: the desk corrects it with one choice.
 */
export const classes = [
  'design',
  'engineering',
  'sales',
  'customer-service',
  'property-service',
  'other',
] as const
export type Class = (typeof classes)[number]

export const channels = [
  'phone',
  'visit',
  'letter',
  'email',
  'online',
  'wechat',
  'suggestion-box',
  'government-hotline',
  'authority',
  'association',
  'media',
  'property-office',
  'other',
] as const
export type Channel = (typeof channels)[number]

const classWords: Readonly<Record<Exclude<Class, 'other'>, readonly string[]>> = {
  design: [
    '设计',
    '户型',
    '规划',
    '采光',
    '日照',
    '楼间距',
    '层高',
    '图纸',
    '沙盘',
    '模型',
    '容积率',
    '绿化率',
    '变更',
    '布局',
    '通风',
    '车位尺寸',
    '红线',
    '人车分流',
  ],
  engineering: [
    '质量',
    '漏水',
    '渗水',
    '渗漏',
    '裂缝',
    '开裂',
    '空鼓',
    '墙皮',
    '脱落',
    '门窗',
    '地暖',
    '管道',
    '下水',
    '堵塞',
    '返潮',
    '发霉',
    '隔音',
    '外墙',
    '防水',
    '钢筋',
    '混凝土',
    '停工',
    '烂尾',
    '施工',
    '工期',
    '延期交房',
    '逾期交房',
    '延迟交房',
    '交房',
    '材料',
    '材质',
    '偷工减料',
    '消防',
    '栏杆',
    '电梯故障',
    '维修',
    '整改',
  ],
  sales: [
    '销售',
    '售楼',
    '置业顾问',
    '合同',
    '定金',
    '订金',
    '首付',
    '退房',
    '退款',
    '价格',
    '降价',
    '虚假宣传',
    '宣传',
    '承诺',
    '预售',
    '网签',
    '认筹',
    '开盘',
    '茶水费',
    '捆绑',
    '贷款',
    '按揭',
    '违约金',
    '学区',
    '购房',
  ],
  'customer-service': [
    '客服',
    '回复',
    '答复',
    '态度',
    '推诿',
    '产权证',
    '房产证',
    '不动产证',
    '办证',
    '备案',
    '通知书',
    '收房',
    '交付通知',
    '报修',
    '无人处理',
    '没人管',
  ],
  'property-service': [
    '物业',
    '物业费',
    '保安',
    '保洁',
    '停车',
    '停车费',
    '车位',
    '电梯',
    '绿化',
    '垃圾',
    '噪音',
    '门禁',
    '监控',
    '公共收益',
    '维修基金',
    '业委会',
    '水电费',
    '乱收费',
    '小区卫生',
    '充电桩',
  ],
}

export function classify(title: string, content: string): Class {
  let best: Class = 'other'
  let most = 0
  for (const one of classes) {
    if (one === 'other') continue
    let score = 0
    for (const word of classWords[one]) {
      if (title.includes(word)) score += 2 * word.length
      if (content.includes(word)) score += word.length
    }
    if (score > most) {
      best = one
      most = score
    }
  }
  return best
}

/** A class as a file names it; undefined when the words say nothing. */
export function classNamed(text: string): Class | undefined {
  return named(text, classes, [
    ['property-service', /物业|property/i],
    ['customer-service', /客服|客户服务|^服务|customer|service/i],
    ['engineering', /工程|施工|质量|维修|engineer|construct|quality/i],
    ['design', /设计|规划|design|planning/i],
    ['sales', /销售|营销|合同|sale|marketing/i],
    ['other', /其他|其它|other/i],
  ])
}

/** A channel as a file names it; undefined when the words say nothing. */
export function channelNamed(text: string): Channel | undefined {
  return named(text, channels, [
    ['government-hotline', /12345|市长热线|政务热线|政府热线|市民热线|government[- ]?hotline/i],
    ['association', /协会|消协|消费者|消委|12315|association/i],
    ['media', /媒体|记者|报社|电视台|media|press/i],
    ['authority', /住建|房管|政府|信访|主管部门|监管|街道|authority|留言板/i],
    ['suggestion-box', /意见箱|意见簿|建议箱|suggestion/i],
    ['property-office', /物业|服务中心|property/i],
    ['wechat', /微信|公众号|小程序|企微|wechat|weixin/i],
    ['email', /邮件|邮箱|e-?mail/i],
    ['letter', /来信|信函|信件|书信|letter/i],
    ['visit', /来访|上门|现场|到访|上访|面谈|visit/i],
    ['phone', /电话|来电|热线|400|phone|call|hotline/i],
    ['online', /网络|网上|网站|在线|线上|平台|论坛|app|online|web/i],
    ['other', /其他|其它|other/i],
  ])
}

function named<Word extends string>(
  text: string,
  words: readonly Word[],
  patterns: readonly (readonly [Word, RegExp])[],
): Word | undefined {
  const plain = text.trim().toLowerCase()
  return (
    words.find((word) => word === plain) ?? patterns.find(([, pattern]) => pattern.test(text.trim()))?.[0]
  )
}

/** Spoken at a desk or on a telephone, or put down in writing (S0-2a). */
export function formOf(channel: Channel): 'oral' | 'written' {
  return channel === 'phone' || channel === 'visit' || channel === 'property-office' ? 'oral' : 'written'
}

/** What the words say about the grade; the desk confirms. Cues are of the complainant's own intent, not of others' cases. */
export function gradeCues(text: string): {
  mayLitigate: boolean
  mayReachMedia: boolean
  isGroupLitigation: boolean
} {
  const isGroupLitigation = /(集体|联合|群体|共同)(起诉|诉讼|上诉|提起诉讼)/.test(text)
  return {
    isGroupLitigation,
    mayLitigate:
      isGroupLitigation ||
      /((将|要|会|准备|打算|决定|只能|不得不|保留).{0,8}(起诉|诉讼|打官司|法律途径|走法律|法院))|律师函|(诉诸|寻求).{0,2}法律/.test(
        text,
      ),
    mayReachMedia:
      /((将|要|会|准备|打算|决定|只能|不得不|已经|已).{0,10}(曝光|找媒体|找记者|联系媒体|联系记者|发抖音|发微博|上新闻|上电视))|媒体(介入|曝光)|电视台曝光/.test(
        text,
      ),
  }
}

/**
 * How many households complain together: «32户业主联名», «我们共15户要求退房»; 1 when the words name none. The size of an
 * estate («小区1800户») is no group: taken for one it would make a false grade 1.
 */
export function householdsNamed(text: string): number {
  let most = 1
  for (const pattern of [jointBefore, jointAfter])
    for (const [, count = ''] of text.matchAll(pattern)) most = Math.max(most, Number(count))
  return most
}
const group = '(\\d{1,4})\\s*(?:多|余)?户(?:业主|住户|居民|家庭|人家)?'
const jointBefore = new RegExp(`(?:联名|联合|集体|代表|签名|我们共?|本人及)[^,。;,;\\d]{0,6}${group}`, 'g')
const jointAfter = new RegExp(
  `${group}[^,。;,;\\d]{0,4}(?:联名|联合|集体|共同|一致|一起|维权|签名|起诉|上访|投诉)`,
  'g',
)
