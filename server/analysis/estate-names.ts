/**
 * Names of estates in a text, known or not: a suffix (花园, 小区, 府 …) and what stands before it. Chinese puts no space before
 * a name, so its beginning is where a word ends that cannot belong to it: a verb of reports (反映, 投诉), a place (市, 区, 路),
 * a function word (的, 在), a city. «业主反映云境花园漏水» gives 云境花园.
 *
 * A strong suffix (花园) names an estate by itself; a weak one (府, 城) only when an estate's word follows (业主, 二期, 3栋).
 * Where no such word is found within six characters the beginning is a guess: such a span is not sure. A text is one
 * witness: what is proposed to people is decided over many (`foldNames`).
 */
import { BREAK, CLAUSE, ENUMERATION } from './normalise.ts'
import type { createVocabulary, Reading, SetId } from './reading.ts'

const words = (list: string) => list.trim().split(/\s+/)

const strong =
  words(`花园 家园 小区 新村 公馆 公寓 名邸 华府 华庭 雅苑 名苑 嘉园 佳园 豪庭 庄园 山庄 御府 名都 城邦 豪园 名城
  嘉苑 佳苑 雅园 家苑 雅居 名居 府邸 国际城 华城 豪苑 新苑 御园 御苑 学府 首府 尚城 悦城 天城 水岸 名园 云邸 别墅 华苑 景园 景苑 嘉府
  御景 帝景 豪城 世界城 未来城 大厦 花苑 美墅 逸墅 廷苑 佳境 澜庭`)
const weak = words(
  '苑 府 城 园 轩 阁 庭 邸 郡 湾 墅 国际 广场 中心 壹号 半岛 星城 龙城 绿城 康城 新城 东方城 生态城 健康城 温泉城',
)
/** Everyday words too: before them only what is anchored (a place, a verb) is a name. */
const everyday = new Set(words('小区 公寓 别墅 广场 大厦 新村 中心 国际 新城 半岛 花园 家园'))
/** Of those, what stands at the edge of a clause with two characters before it is a name all the same (云境花园). */
const homely = new Set(['花园', '家园'])
/** With these, words of every town (城市, 滨江) name no one estate: 滨江府 does, 滨江花园 and 滨江城 do not. */
const common = new Set([...everyday, ...'城园湾'])
/** Right behind a name these make another one, even where nothing else says estate: 云境花园东苑. */
const makesAnother = new Set([...'苑府轩阁庭邸郡墅'])

/** Nothing of an estate before these: the suffix is part of another word (学府, 公园, 县城, 时间里). */
const notBefore = new Set([
  ...'公校田家庭幼儿学乐果菜茶陵动植物政官省县乡全进京古都长围心手眼夜这那哪邻起同隐移民安定法开天医检书寺间堆月头子身家屋',
])
const notBeforeEveryday = new Set([...'一某该本此各多处些数千万户个型式老旧豪等类内全同整及和与变期栋楼住'])
/** A road, a stop or a school that is named after an estate. */
const notAfter =
  /^(?:[东西南北中一二三四]{0,2}[路街巷]|大道|大街|[站镇村乡桥县市州舞]|街道|社区|(?:地铁|公交)站|中学|小学|学校|大学|学院|派出所|酒店|宾馆|医院|银行|公司|集团|置业|地产|房产)/
const afterWeak =
  /^(?:小区|楼盘|项目|业主|开发商|物业|售楼|住户|居民|购房|交房|收房|延期|逾期|停工|烂尾|电梯|车位|车库|房屋|商品房|房产证|不动产|营销|第?[一二三四五六七八九十\dⅰ-ⅻ]{1,3}(?:期|栋|幢|座|号楼|区|标段|单元)|[a-z\d]\d{0,2}(?:栋|幢|座|号楼|区)|[东西南北]区)/

/** A name begins after these, and does not end in them: «影响小区» names nothing. */
const breaksBefore =
  words(`反映 投诉 关于 举报 咨询 请求 要求 希望 呼吁 曝光 质疑 求助 建议 询问 请问 对于 有关 针对 位于 坐落 购买 买了 购入 购得
  入住 居住 住在 家住 我住 认购 开发的 建设的 名下 旗下 打造 开发 承建 建设 代建 推出 开盘 在售 拿下 竞得 业主 房东 住户 居民 村民 市民 网友 群众 学生
  领导 书记 市长 县长 区长 先生 女士 您好 你好 尊敬 物业 公司 集团 有限 置业 地产 房产 房地产 开发商 建筑 项目 楼盘 房源 商品房 期房 新房 二手房 住宅
  街道 社区 大道 片区 新区 开发区 高新区 经开区 园区 地块 路口 路段 附近 旁边 对面 隔壁 周边 周围 四周 门口 后面 前面 里面 沿线 交汇 交界 交叉口 以北 以南 以东 以西
  严重 长期 多年 多次 一直 经常 再次 仍然 依然 目前 现在 现有 如今 今年 去年 今天 昨日 近日 最近 日前 今日 至今 据悉 获悉 记者 消息 视频 热点 实拍 本来 原本 期间
  包括 例如 比如 以及 还有 其中 之一 等等 部分 全体 广大 所有 很多 许多 多个 几个 两个 三个 一个 这个 那个 每个 某个 整个 各个 另外 其他 其它 别的 特别是 尤其是
  什么 怎么 为何 为什么 如何 何时 是否 能否 可否 因为 由于 导致 造成 影响 破坏 占用 侵占 损害 进入 进出 出入 来到 前往 通往 到达 经过 穿过 靠近 临近 毗邻 紧邻 邻近 离开 走进
  解决 处理 办理 督促 查处 整治 治理 改造 拆除 加装 安装 维修 更换 取消 增加 减少 设立 设置 开设 开办 规划 核实 调查 检查 管理 服务 收取 缴纳 交纳 出售 销售 签订 签约 办证
  维权 上访 抗议 停工 复工 烂尾 烂尾楼 延期 逾期 违规 违法 违建 私自 擅自 强制 强行 恶意 涉嫌 虚假 欺骗 坑害 问题 情况 事宜 事件 一事 通知 公告 公示 回应 通报 看待
  老旧 高档 安置 拆迁 回迁 棚改 保障 廉租 公租 公租房 经适 经济适用房 商业 临街 封闭 半封闭 封闭式 大型 中型 新建 在建 已建 待建 自建 我们 你们 他们 咱们 自己 本人 我家 我的
  恳请 麻烦 敬请 还我 还给 感谢 谢谢 支持 反对 拒绝 抵制 声讨 揭露 揭发 控诉 状告 起诉 诉讼 帮助 救救 关注 重视 落实 推进 加快 尽快 早日 立即 维护 改善 美化 保护 提升
  使得 作为 代表 听闻 听说 未经 占据 密集 生活 环境 封控 管控 隔离 全市 全国 国内 女子 男子 老人 孩子 幼童 火灾 爆炸 起火 中风险 高风险 低风险 多地 豪宅 文明 智慧 示范 人才
  将对 排入 用于 安排 未与 单身 酒店 酒店式 商务 独栋 联排 双拼 叠拼 高层 多层 小高层 洋房 电梯 无物业 三无 单位 集资 移民 扶贫 新型 农民 农村 学校 医院 政府 部门 开展 宣传 必须 保证 实现 评价 当年 怒斥 砍掉 公园 驾考 线上 女童 万人 变成 改成 改为 城镇 城东 城西 城南 城北 城中`)

/** The same for single characters, where at least two follow before the suffix. */
const placeEnds = new Set([...'市区县镇乡村路街道巷号省'])
const functionWords =
  '的在是我你他她它了对把被给向从到由等为这那该本某各每让请叫因就将于往没不很都也吗呢吧啊怎谁问'
const breaksAfterCharacter = new Set([
  ...placeEnds,
  ...functionWords,
  ...'和与及其住买期幢座楼盘户至去来个位处片边旁侧内外名家条第栋',
])
/** A name that holds one of these was cut in the wrong place, or is none. */
const neverInside = new RegExp(`[${functionWords}\n,、]|什么|有限|业主|居民|小区|物业|反映|投诉`)
/** What stands before the suffix of words that name no one estate. */
const generic = new Set(
  words(`居民 城市 美好 生态 美丽 绿色 和谐 平安 幸福 青年 教师 职工 家属 员工 普通 品质 优质 精品 标杆 网红 江景 海景 湖景 花园 别墅 低密 现代 未来 时尚 购物
    商贸 市民 人民 文化 体育 中心 中央 休闲 城中 县城 老城 新城 古城 主城 全城 国际 大学 科技 产业 工业 物流 商品 活动 智能 数据 养老 医疗 康养 旅游
    成熟 相邻 所在 出租 长租 共有 商住 综合 开放 街心 口袋 滨江 滨河 滨水 滨海 儿童 主题 高楼 空中 屋顶 后花 御花 私家 都市 梦幻 大家 全家 办公 写字 联合
    双子 政务 行政 审批 体验 营销 售楼 展示 接待 会议 会展 交易 培训 指挥 指导 房管 客服 不动产 老家 老年 少年 中国 某些 众多 同类 同一 各大 爱情 蛋壳 自如
    一级 二级 三级 金融 创业 创新 总部 企业 交通 客运 物资 服装 建材 家居 汽车 电子 科学 中医 妇幼 疾控 社会 公共 公益 大众 群众 百姓 英雄 烈士 胜利 解放`),
)

const ordinary = new Set([...breaksBefore, ...generic, ...everyday, ...weak, '业主们', '本小区', '我们小区'])

/** Too plain to name one estate: taught as an alias it would link every text. */
export const isOrdinaryWord = (name: string): boolean => ordinary.has(name) || neverInside.test(name)

const STEM_LEAST = 2
const STEM_MOST = 6
const MOST_SPANS = 40

export interface EstateSets {
  suffixes: SetId
  strong: SetId
  breaks: SetId
  places: SetId
}

/** `places` are the cities and districts that the matcher knows: a name begins after them. */
export function compileEstates(
  vocabulary: ReturnType<typeof createVocabulary>,
  places: readonly string[],
): EstateSets {
  return {
    suffixes: vocabulary.set([...strong, ...weak]),
    strong: vocabulary.set(strong),
    breaks: vocabulary.set(breaksBefore),
    places: vocabulary.set(places),
  }
}

/** Units [start, end) of the normalised text that read like the name of an estate. */
export interface EstateSpan {
  start: number
  end: number
  /** Where the name proper ends: 观澜里小区 is the estate 观澜里. */
  core: number
  /** Both ends are certain; others only make a known name inside them doubtful. */
  isSure: boolean
}

const slice = (units: Uint16Array, from: number, to: number) =>
  String.fromCharCode(...units.subarray(from, to))
const isMark = (unit: number) => unit === BREAK || unit === CLAUSE || unit === ENUMERATION

export function readEstates(sets: EstateSets, reading: Reading): EstateSpan[] {
  const suffixes = reading.hitsOf(sets.suffixes)
  if (suffixes.length === 0) return []
  const { start, end } = reading
  const { units, length } = reading.text
  const ends = endsOf(sets.breaks, reading)
  const placeEndings = endsOf(sets.places, reading)
  const isStrong = new Set(reading.hitsOf(sets.strong))
  const spans: EstateSpan[] = []
  // In text order, of those that begin together the longest first.
  const order = suffixes.toSorted(
    (a, b) => (start[a] ?? 0) - (start[b] ?? 0) || (end[b] ?? 0) - (end[a] ?? 0),
  )
  const begins = new Set(order.map((hit) => start[hit] ?? 0))
  let done = 0
  for (const hit of order) {
    const [from, to] = [start[hit] ?? 0, end[hit] ?? 0]
    // «家园小区» is the name 家园.
    if (to <= done || (from <= done && done > 0)) continue
    const suffix = slice(units, from, to)
    const ahead = slice(units, to, Math.min(to + 6, length))
    // «名城花园» ends after 花园.
    if (begins.has(to) && !/^(?:小区|[里居都院])/.test(ahead)) continue
    if (notAfter.test(ahead)) continue
    const before = String.fromCharCode(units[from - 1] ?? 0)
    const isEveryday = everyday.has(suffix)
    const isCertain = isStrong.has(hit) || afterWeak.test(ahead)
    if (!isCertain && !makesAnother.has(suffix)) continue
    if (isStrong.has(hit) ? isEveryday && notBeforeEveryday.has(before) : notBefore.has(before)) continue
    // The word before is an ordinary one: 影响小区.
    if (ends.has(from)) continue
    const begin = beginning(from, isEveryday && !homely.has(suffix), suffix.length)
    if (begin === undefined) continue
    const stem = slice(units, begin.at, from)
    if (
      (generic.has(stem) && common.has(suffix)) ||
      neverInside.test(stem) ||
      /^[\p{N}一二三四五六七八九十几两多]+$/u.test(stem)
    )
      continue
    if (isEveryday && placeEndings.has(from) && (suffix === '小区' || suffix === '公寓' || suffix === '别墅'))
      continue
    done = to
    spans.push({
      start: begin.at,
      end: to,
      core: suffix === '小区' ? from : to,
      isSure: begin.isSure && isCertain,
    })
    if (spans.length === MOST_SPANS) break
  }
  return spans

  /** Where the name begins: behind the nearest word that ends at least two characters before the suffix. */
  function beginning(suffix: number, isEveryday: boolean, length: number) {
    for (let at = suffix - 1; at >= 0 && at >= suffix - STEM_MOST; at--) {
      if (isMark(units[at] ?? 0)) return undefined
      const before = String.fromCharCode(units[at - 1] ?? 0)
      const isEdge = at === 0 || isMark(units[at - 1] ?? 0)
      const isPlace = placeEnds.has(before) || placeEndings.has(at)
      if (suffix - at < STEM_LEAST) {
        // «A市伊景园»: a single character may be a name where the suffix is no everyday word.
        if ((isEdge || /[市县]/.test(before)) && !isEveryday && length > 1) return { at, isSure: isPlace }
        if (isEdge) return undefined
        continue
      }
      if (isPlace || ends.has(at)) return { at, isSure: true }
      if (isEdge || breaksAfterCharacter.has(before))
        return { at, isSure: !isEveryday || suffix - at > STEM_LEAST }
    }
    return suffix >= STEM_LEAST ? { at: Math.max(0, suffix - 4), isSure: false } : undefined
  }
}

const endsOf = (set: SetId, reading: Reading) =>
  new Set(reading.hitsOf(set).map((hit) => reading.end[hit] ?? 0))

export interface NameCount {
  name: string
  texts: number
}

/**
 * Folds cuts at the wrong place into the name they hold: of «吐槽云境花园» (1) and «云境花园» (9) the shorter stands, because it
 * was seen alone at least twice and at least half as often. Gives, for every name, the one it counts for.
 */
export function foldNames(counts: readonly NameCount[]): Map<string, string> {
  const seen = new Map(counts.map(({ name, texts }) => [name, texts]))
  const standsFor = new Map<string, string>()
  for (const { name, texts } of counts) {
    let best = name
    for (let at = 1; at <= name.length - 3; at++) {
      const shorter = name.slice(at)
      const alone = seen.get(shorter) ?? 0
      if (alone >= 2 && alone * 2 >= texts) best = shorter
    }
    standsFor.set(name, best)
  }
  return standsFor
}
