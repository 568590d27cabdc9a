/**
 * Every word the interface shows, in Chinese and English. A missing or superfluous string does not compile.
 *
 * A page keeps its own section beside itself, so that pages never meet in one file:
 *
 *   // web/pages/warnings/words.ts
 *   export const t = words(
 *     { title: '预警', found: (n: number) => `共 ${n} 条` },
 *     { title: 'Warnings', found: (n) => `${n} in all` },
 *   )
 *   // in the page: t.title, t.found(12)
 *
 * Reading `t.title` while drawing follows the language switch by itself. Read it there, not in a constant of the module.
 */
import { computed, effect, signal } from '@preact/signals'
import { keep, kept } from './keep.ts'

export type Language = 'zh-CN' | 'en'

export const language = signal<Language>(kept('language', ['zh-CN', 'en']) ?? 'zh-CN')

effect(() => {
  keep('language', language.value)
  if (typeof document !== 'undefined') document.documentElement.lang = language.value
})

const isChinese = computed(() => language.value === 'zh-CN')

// biome-ignore lint/suspicious/noExplicitAny: a phrase may take any arguments; `Same` keeps both languages to the same ones.
type Phrase = string | ((...args: any[]) => string)
type Section = { readonly [key: string]: Phrase | Section }
type Same<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...args: infer A) => string
      ? (...args: A) => string
      : Same<T[K]>
}

/** Both languages of every section, for the tests. */
export const sections: { zh: Section; en: Section }[] = []

function bilingual(zh: Section, en: Section): Section {
  const section = {}
  for (const [key, phrase] of Object.entries(zh)) {
    const other = en[key]
    if (other === undefined) throw new Error(`no English for «${key}»`)
    if (typeof phrase === 'object' && typeof other === 'object') {
      Object.defineProperty(section, key, { enumerable: true, value: bilingual(phrase, other) })
    } else {
      Object.defineProperty(section, key, {
        enumerable: true,
        get: () => (isChinese.value ? phrase : other),
      })
    }
  }
  return section
}

/** 1 text, 2 texts: the English of a formatted number and its noun; a plural of its own kind is given. */
export const counted = (n: string | number, one: string, many = `${one}s`) =>
  `${n} ${String(n) === '1' ? one : many}`

export function words<Z extends Section>(zh: Z, en: Same<NoInfer<Z>>): Same<Z> {
  sections.push({ zh, en })
  return bilingual(zh, en) as Same<Z>
}

/** A pair that lives outside a section: the title of a page, the name of a risk from the catalogue. */
export interface Bilingual {
  readonly zh: string
  readonly en: string
}

export const say = (pair: Bilingual) => (isChinese.value ? pair.zh : pair.en)

// ── the closed words of the domain ────────────────────────────────────────────────────────────────────────────────
export const levels = ['I', 'II', 'III', 'IV'] as const
export type Level = (typeof levels)[number]
export const grades = [1, 2, 3, 4] as const
export type Grade = (typeof grades)[number]

/** The hue of a level, always shown beside its numeral and shape. */
export const levelHue = words(
  { I: '红', II: '橙', III: '黄', IV: '蓝' },
  { I: 'Red', II: 'Orange', III: 'Yellow', IV: 'Blue' },
)
export const levelWord = words(
  { I: '重大', II: '较大', III: '一般', IV: '轻微' },
  { I: 'Grave', II: 'Serious', III: 'Moderate', IV: 'Slight' },
)
export const gradeWord = words(
  { 1: '一级', 2: '二级', 3: '三级', 4: '四级' },
  { 1: 'Grade 1', 2: 'Grade 2', 3: 'Grade 3', 4: 'Grade 4' },
)

export const phaseWord = words(
  { PS: '销售前', LA: '开盘', SA: '销售过程', DE: '交付前', PO: '交付后', EX: '扩展' },
  {
    PS: 'Pre-sale',
    LA: 'Launch',
    SA: 'Sales',
    DE: 'Pre-delivery',
    PO: 'Post-delivery',
    EX: 'Extension',
  },
)

export const polarityWord = words(
  { negative: '负面', neutral: '中性', positive: '正面' },
  { negative: 'Negative', neutral: 'Neutral', positive: 'Positive' },
)

export const roleWord = words(
  {
    administrator: '管理员',
    'crisis-leader': '危机预防小组组长',
    'crisis-member': '危机预防小组成员',
    'public-relations': '公关',
    executive: '高管',
    'desk-agent': '客服专员',
    'desk-supervisor': '客服主管',
    'desk-director': '客服总监',
    'general-manager': '城市公司总经理',
    'hq-marketing': '总部营销管理部',
    department: '责任部门',
    auditor: '审计',
  },
  {
    administrator: 'Administrator',
    'crisis-leader': 'Crisis group leader',
    'crisis-member': 'Crisis group member',
    'public-relations': 'Public relations',
    executive: 'Executive',
    'desk-agent': 'Complaint desk agent',
    'desk-supervisor': 'Complaint desk supervisor',
    'desk-director': 'Complaint desk director',
    'general-manager': 'City general manager',
    'hq-marketing': 'HQ marketing',
    department: 'Responsible department',
    auditor: 'Auditor',
  },
)

/** Standing of a link that the machine proposed: signal to risk, mention to project. */
export const verdictWord = words(
  { proposed: '待确认', confirmed: '已确认', rejected: '已否定' },
  { proposed: 'Proposed', confirmed: 'Confirmed', rejected: 'Rejected' },
)

export const tierWord = words(
  {
    central: '中央媒体',
    provincial: '省级媒体',
    portal: '门户网站',
    local: '地方媒体',
    'self-media': '自媒体',
    forum: '论坛社区',
    official: '政务平台',
  },
  {
    central: 'Central media',
    provincial: 'Provincial media',
    portal: 'Portal',
    local: 'Local media',
    'self-media': 'Self-media',
    forum: 'Forum',
    official: 'Official platform',
  },
)

/** How one run of a collector ended. */
export const outcomeWord = words(
  {
    ok: '正常',
    'not-modified': '无更新',
    empty: '无内容',
    blocked: '被拦截',
    timeout: '超时',
    'parse-error': '无法解析',
    'too-large': '内容过大',
    refused: '已拒绝',
    unreachable: '无法访问',
    interrupted: '中断',
  },
  {
    ok: 'OK',
    'not-modified': 'Not modified',
    empty: 'Empty',
    blocked: 'Blocked',
    timeout: 'Timed out',
    'parse-error': 'Unreadable',
    'too-large': 'Too large',
    refused: 'Refused',
    unreachable: 'Unreachable',
    interrupted: 'Interrupted',
  },
)

export const complaintChannelWord = words(
  {
    phone: '电话',
    visit: '来访',
    letter: '来信',
    email: '邮件',
    online: '线上平台',
    wechat: '微信',
    'suggestion-box': '意见箱',
    'government-hotline': '政务热线',
    authority: '机关转办',
    association: '协会转办',
    media: '媒体',
    'property-office': '物业服务中心',
    other: '其他',
  },
  {
    phone: 'Phone',
    visit: 'Visit',
    letter: 'Letter',
    email: 'E-mail',
    online: 'Online',
    wechat: 'WeChat',
    'suggestion-box': 'Suggestion box',
    'government-hotline': 'Government hotline',
    authority: 'Authority',
    association: 'Association',
    media: 'Media',
    'property-office': 'Property office',
    other: 'Other',
  },
)

export const complaintClassWord = words(
  {
    design: '设计类',
    engineering: '工程类',
    sales: '销售类',
    'customer-service': '客户服务类',
    'property-service': '物业服务类',
    other: '其他类',
  },
  {
    design: 'Design',
    engineering: 'Engineering',
    sales: 'Sales',
    'customer-service': 'Customer service',
    'property-service': 'Property service',
    other: 'Other',
  },
)

export const validityWord = words(
  { valid: '有效', coordination: '协调', invalid: '无效' },
  { valid: 'Valid', coordination: 'Coordination', invalid: 'Invalid' },
)

/** The words every page needs. */
export const common = words(
  {
    product: '未雨',
    tagline: '舆情危机预警与投诉台账',
    save: '保存',
    cancel: '取消',
    close: '关闭',
    confirm: '确认',
    retry: '重试',
    reload: '重新载入页面',
    back: '返回',
    more: '更多',
    loadMore: '载入更多',
    all: '全部',
    none: '无',
    yes: '是',
    no: '否',
    search: '搜索',
    filter: '筛选',
    clearFilters: '清除筛选',
    reason: '理由',
    reasonNeeded: '请写明理由',
    required: '必填',
    optional: '选填',
    loading: '正在载入…',
    refreshing: '正在更新…',
    copied: '已复制',
    copy: '复制',
    copyFailed: '复制失败，请手动选取',
    show: '显示',
    hide: '隐藏',
    undated: '未注明时间',
    shanghaiTime: '北京时间',
    rows: (n: string) => `${n} 行`,
    sortBy: (column: string) => `按「${column}」排序`,
    ascending: '升序',
    descending: '降序',
    previousPage: '上一页',
    nextPage: '下一页',
    range: (from: string, to: string, total: string) => `第 ${from}–${to} 条，共 ${total} 条`,
    level: '预警级别',
    grade: '投诉级别',
    crisisGrade: '危机',
    nothingHere: '这里还没有内容',
    nothingMatches: '没有符合条件的结果',
    nothingMatchesHint: '放宽时间范围，或去掉一个筛选条件。',
    insufficient: '数据不足',
    insufficientHint: '证据太少，暂不作判断。没有预警不等于没有风险。',
    staleData: '显示的是之前的数据',
    failedWhat: (what: string) => `${what}未能载入`,
    cure: '怎么办',
    progressOf: (done: string, total: string) => `${done} / ${total}`,
  },
  {
    product: 'Weiyu',
    tagline: 'Crisis early warning and complaint ledger',
    save: 'Save',
    cancel: 'Cancel',
    close: 'Close',
    confirm: 'Confirm',
    retry: 'Try again',
    reload: 'Reload the page',
    back: 'Back',
    more: 'More',
    loadMore: 'Load more',
    all: 'All',
    none: 'None',
    yes: 'Yes',
    no: 'No',
    search: 'Search',
    filter: 'Filter',
    clearFilters: 'Clear filters',
    reason: 'Reason',
    reasonNeeded: 'Give a reason',
    required: 'required',
    optional: 'optional',
    loading: 'Loading…',
    refreshing: 'Updating…',
    copied: 'Copied',
    copy: 'Copy',
    copyFailed: 'Copying failed; select the text by hand',
    show: 'Show',
    hide: 'Hide',
    undated: 'Undated',
    shanghaiTime: 'Beijing time',
    rows: (n) => counted(n, 'row'),
    sortBy: (column) => `Sort by ${column}`,
    ascending: 'ascending',
    descending: 'descending',
    previousPage: 'Previous page',
    nextPage: 'Next page',
    range: (from, to, total) => `${from}–${to} of ${total}`,
    level: 'Warning level',
    grade: 'Complaint grade',
    crisisGrade: 'crisis',
    nothingHere: 'Nothing here yet',
    nothingMatches: 'No results for these conditions',
    nothingMatchesHint: 'Widen the time range, or drop a condition.',
    insufficient: 'Insufficient data',
    insufficientHint: 'Too little evidence to judge. No warning does not mean no risk.',
    staleData: 'Showing earlier data',
    failedWhat: (what) => `${what} could not be loaded`,
    cure: 'What to do',
    progressOf: (done, total) => `${done} / ${total}`,
  },
)
