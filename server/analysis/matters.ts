/**
 * What a message is about: the matters people bring to a developer, a property manager or a city hall, each with the words
 * that tell it. One estate has many matters and one matter many estates; issues are told apart by both (topics.ts).
 *
 * The words say a matter, never a mood: 投诉, 不合理, 欺诈 stand in every second message and would join what has nothing in
 * common. Where a word lies inside another (停车 in 停车场), both may count; a matter counts once a field.
 */
import { buildAutomaton, createHits, findWords } from './automaton.ts'
import { BREAK, CLAUSE, type Normalised, normalisedWord } from './normalise.ts'

/** Name of the matter as a reader sees it, then its words. */
const MATTERS: readonly (readonly [name: string, words: string])[] = [
  [
    '噪音扰民',
    '噪音 噪声 扰民 太吵 很吵 吵死 好吵 天天吵 噪杂 轰鸣 睡不着 无法入睡 喧哗 音乐声 高音喇叭 吵闹',
  ],
  [
    '夜间施工',
    '夜间施工 半夜施工 通宵施工 凌晨施工 深夜施工 彻夜施工 夜间作业 通宵作业 晚上施工 施工扰民 施工噪 工地',
  ],
  ['搅拌站与工厂', '搅拌站 搅拌厂 水泥厂 混凝土站 沥青厂 砖厂 石料厂 洗砂场'],
  ['扬尘', '粉尘 扬尘 灰尘 渣土 尘土'],
  ['餐饮油烟', '油烟 烟道 排烟 夜宵 宵夜 烧烤 餐饮 餐馆 餐厅 饭店 开饭馆 小吃店'],
  ['住改商', '住改商 住宅改商 民改商 居民楼开店'],
  ['垃圾与异味', '垃圾 恶臭 臭味 臭气 异味 粪便 粪池 化粪池'],
  ['供水', '停水 断水 自来水 水压 水质 供水 水管 二次供水 没水'],
  ['供电', '停电 断电 电费 用电 供电 电表 电压'],
  ['燃气供暖', '燃气 天然气 煤气 暖气 供暖 供热 采暖'],
  ['电梯', '电梯'],
  ['消防', '消防 灭火 火灾'],
  ['房屋质量', '质量 开裂 裂缝 裂纹 漏水 渗水 渗漏 漏雨 空鼓 豆腐渣 脱落 沉降 墙面 楼板 外墙'],
  ['安全隐患', '安全隐患 高空抛物 坠落 井盖 坍塌'],
  ['精装修', '精装 全装修 装修标准 装修质量 毛坯 价质不符 质价不符 货不对板 装修价'],
  ['房价与核价', '涨价 降价 房价 核价 暴利 价格虚高 限价 捂盘'],
  ['虚假宣传', '虚假宣传 虚假广告 虚假招商 夸大宣传 沙盘 误导消费'],
  ['捆绑销售', '捆绑 绑定车位 绑定销售 必须购买 同时购买 强制购买 强买强卖 霸王条款'],
  ['车位停车', '车位 停车 车库 乱停 违停 地下室'],
  ['退款退费', '退款 退房 退还 退费 退钱 退定金 定金 诚意金 认筹 押金 拒不退'],
  ['预售与合同', '预售证 预售许可 网签 购房合同 签合同 认购 一房二卖 一房多卖'],
  ['延期与烂尾', '延期交房 逾期 烂尾 停工 复工 迟迟不交房 未交房 何时交房 按期交房 交付时间'],
  ['产权证', '房产证 不动产证 不动产权 产权证 两证 办证 土地证 国土证'],
  ['公积金与贷款', '公积金 商转公 房贷 按揭 组合贷 月供 首付'],
  ['购房补贴', '购房补贴 租房补贴 住房补贴 购房补助 人才补贴 人才新政 生活补贴'],
  ['购房资格与摇号', '购房资格 摇号 限购 选房 内定房源 购房证明'],
  ['落户', '落户 户口 户籍 居住证'],
  ['物业服务', '物业费 物业公司 物业管理 物业服务 物业不作为 物业收费 物业乱收'],
  ['业委会与维修基金', '业委会 业主委员会 业主大会 维修基金 维修资金 公共收益'],
  ['入学与学区', '入学 学位 学区 派位 划片 就读 配套学校 配套入学 上学难 公办学校 招生'],
  ['幼儿园', '幼儿园 幼儿 普惠性'],
  ['学校管理', '补课 班费 教师 老师 体罚 分班 课后 校服 食堂 宿舍 学费 军训'],
  ['培训机构', '培训机构 培训学校 培训班 早教 驾校'],
  ['社保养老', '社保 养老金 退休 医保 低保 五险'],
  ['欠薪与劳动', '工资 欠薪 农民工 加班 拖欠工 薪酬 同工不同酬 编制'],
  ['网贷与集资', '非法集资 集资诈骗 网贷 p2p 车贷 理财 出借人 庞氏 不兑付 提现 投资有限公司 立案'],
  ['传销与赌博', '传销 赌博 麻将 老虎机 赌博机 地下赌场'],
  ['拆迁征收', '拆迁 征收 征地 强拆 拆除 补偿款 补偿费 安置房 安置小区'],
  ['旧改', '旧城改造 棚改 棚户区 提质改造 老旧小区 旧改 危房'],
  ['道路建设', '修路 道路 路面 坑洼 拉通 通车 快速化 扩建 水泥路 断头路 硬化 围挡'],
  ['路灯照明', '路灯 照明 高杆灯 亮化'],
  ['路口与过街', '红绿灯 斑马线 天桥 地下通道 人行道 过马路 左转 路口 出入口'],
  ['公交', '公交 班车 发车 站台 线路'],
  ['地铁', '地铁 轨道交通 号线'],
  ['铁路', '高铁 铁路 城铁 火车 动车'],
  ['出租与网约车', '出租车 的士 网约车 共享单车 摩的'],
  ['交通违法', '飙车 闯红灯 超载 堵车 拥堵 货车'],
  ['高压线与变电站', '高压线 高压电 变电站 变电所 110kv 220kv 万伏 基站 电磁辐射'],
  ['医疗', '医院 看病 就医 医生 卫生院 诊所 卫生服务中心'],
  ['公园绿化', '公园 绿化 绿地 广场舞 树木 湿地'],
  ['违法建设', '违建 违章建筑 违法建筑 违规建 私搭乱建 违章搭建 乱搭乱建 私自加 改建 竣工验收'],
  ['占道摊贩', '占道 摊贩 摆摊 地摊 马路市场 流动摊'],
  ['市场与商业', '农贸市场 菜市场 商业广场 招商 商铺 门面'],
  ['污水与河道', '污水 排污 河道 黑臭 下水道 积水 内涝 排水'],
  ['大气污染', '雾霾 大气污染 废气 甲醛 化工厂 蓝天'],
  ['养犬', '野狗 养狗 遛狗 犬只 流浪狗'],
  ['殡葬', '殡仪 墓地 灵堂 丧事 办丧'],
  ['充电设施', '充电桩 充电 电动车'],
  ['规划用地', '规划 用地 空地 地块 容积率 调规'],
  ['政务办事', '窗口 办事 电话打不通 社保卡 一卡通 身份证'],
  ['娱乐场所', 'ktv 酒吧 网吧 歌厅'],
  ['执法与案件', '派出所 报案 判决 法院 执行难 警察'],
]

/**
 * Names for readers, where that of the matter would be wrong. A matter gathers words that go together, and its name says the
 * usual one of them: formaldehyde indoors is no 大气污染, an acceptance of a building no 违法建设. Some words have a name and
 * no matter; a phrase that is listed here hides the words inside it.
 */
const NAMES: readonly (readonly [name: string, words: string])[] = [
  ['室内空气', '甲醛 室内空气 甲醛超标'],
  ['竣工验收', '竣工验收 竣工备案 验收备案 收房通知 强制交房 强制收房 未验先交'],
  ['垃圾站', '垃圾站 垃圾中转站 垃圾分拣'],
  ['停车收费', '停车费 停车收费 停车费涨价 车位涨价 车位租金'],
  ['人车分流', '人车分流 人车不分流 人车混行'],
  ['面积误差', '面积缩水 面积误差 面积差 实测面积 公摊'],
  ['与合同不符', '与合同不符 合同约定不符 与合同约定 合同约定不一致 合同材料不一致 与约定不符'],
  ['配套承诺', '会所 泳池 销售承诺 承诺不兑现 承诺落空 承诺成空 承诺的 配套未兑现'],
  ['虚假宣传', '宣传与实际 宣传不符 与宣传不同 与宣传不符 宣传不实 被误导 隐瞒'],
  ['退款退费', '认筹金 认筹款 不退 拒退 不予退'],
  ['物业服务', '报修 物业不管 预收物业费 强制预收'],
  ['便民设施', '快递柜 晾衣架'],
  ['客服应答', '客服电话 客服热线'],
  ['看房咨询', '看房'],
  // Of many things, so they name none: 绿地 is a developer too, 工地 any site, 质量 that of the air or a lesson.
  [
    '',
    '绿地 扩建 工地 改建 围挡 窗口 编制 地下室 提现 线路 空气质量 水质量 教学质量 教育质量 服务质量 质量监督',
  ],
  ['公园绿化', '公共绿地 小区绿地 绿地面积 绿地率 占用绿地 毁绿'],
]
/** What people demand at the end of every complaint; it is the matter only where it is not demanded. */
const DEMANDED = '退款退费'

const words = MATTERS.flatMap(([, list], matter) =>
  list.split(' ').map((word) => ({ word: normalisedWord(word), matter })),
)
const matterOf = words.map(({ matter }) => matter)
const automaton = buildAutomaton(words.map(({ word }) => word))

/** Words of the matters and of the names; the later one of equal words gives its name. */
const named = new Map(
  [...MATTERS, ...NAMES].flatMap(([name, list]) =>
    list.split(' ').map((word) => [normalisedWord(word), name]),
  ),
)
const namedWords = [...named].map(([word, name]) => ({ name, length: word.length }))
const namesAutomaton = buildAutomaton([...named.keys()])
const hits = createHits()

/** Every name a reader may see; the pages have the English of each. */
export const SUBJECT_NAMES: readonly string[] = [...new Set(named.values())].filter((name) => name !== '')

/** Number of matters; they are 0 … MATTER_COUNT-1. */
export const MATTER_COUNT = MATTERS.length

/** Matters that the text names, each once, in the order of the list. */
export function mattersIn({ units, length }: Normalised): number[] {
  const found = new Set<number>()
  findWords(automaton, units, length, hits)
  for (let i = 0; i < hits.count; i++) found.add(matterOf[hits.word[i] ?? 0] ?? 0)
  return [...found].sort((a, b) => a - b)
}

/** What the text is about, in words for readers. */
export function subjectsIn({ units, length }: Normalised): Set<string> {
  findWords(namesAutomaton, units, length, hits)
  const found = Array.from({ length: hits.count }, (_, i) => {
    const { name, length: wide } = namedWords[hits.word[i] ?? 0] ?? { name: '', length: 0 }
    const end = hits.end[i] ?? 0
    return { name, start: end - wide, end }
  })
  const isInside = (one: { start: number; end: number }) =>
    found.some(({ start, end }) => start <= one.start && end >= one.end && end - start > one.end - one.start)
  const subjects = found.filter(
    (one) => !isInside(one) && !(one.name === DEMANDED && isDemanded(units, one.start)),
  )
  return new Set(subjects.map(({ name }) => name).filter((name) => name !== ''))
}

const DEMAND = [...'要求'].map((sign) => sign.charCodeAt(0))
const DEMAND_REACH = 6

/** «要求» stands shortly before, in the same clause. */
function isDemanded(units: Uint16Array, start: number): boolean {
  for (let at = start - 2; at >= Math.max(0, start - DEMAND_REACH); at--) {
    if (units[at] === DEMAND[0] && units[at + 1] === DEMAND[1]) return true
    if (units[at + 1] === BREAK || units[at + 1] === CLAUSE) return false
  }
  return false
}
