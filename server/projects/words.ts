// The closed words of master data, with the words a spreadsheet may use for them. Other features import the lists.

interface Word<Value extends string> {
  value: Value
  zh: string
  en: string
  /** Other ways people write it. */
  also?: readonly string[]
}

export const stages = [
  { value: 'PS', zh: '销售前', en: 'pre-sale', also: ['拿地', '报建', '未开盘', '售前'] },
  { value: 'LA', zh: '开盘', en: 'launch', also: ['首开', '开盘期'] },
  { value: 'SA', zh: '销售过程', en: 'sales', also: ['在售', '销售中', '持销'] },
  { value: 'DE', zh: '交付前', en: 'pre-delivery', also: ['在建', '待交付', '施工中'] },
  { value: 'PO', zh: '交付后', en: 'post-delivery', also: ['已交付', '入住'] },
] as const satisfies readonly Word<string>[]
export type StageWord = (typeof stages)[number]['value']

export const milestoneKinds = [
  { value: 'presale-permit', zh: '取得预售证', en: 'pre-sale permit', also: ['预售证', '预售许可'] },
  { value: 'launch', zh: '首次开盘', en: 'launch', also: ['开盘'] },
  { value: 'topping-out', zh: '主体封顶', en: 'topping out', also: ['封顶'] },
  { value: 'completion-filing', zh: '竣工备案', en: 'completion filing', also: ['竣工', '竣备'] },
  { value: 'delivery', zh: '合同交付', en: 'delivery', also: ['交付', '交房', '交楼'] },
  {
    value: 'title-certificate',
    zh: '办理产权证',
    en: 'title certificate',
    also: ['产权证', '大产证', '办证'],
  },
  { value: 'school-opening', zh: '学校开学', en: 'school opening', also: ['开学', '幼儿园开园', '学校开办'] },
] as const satisfies readonly Word<string>[]

/** The departments of the risk catalogue, so that a risk finds its people. */
export const departmentKinds = [
  { value: 'design', zh: '设计', en: 'design', also: ['设计部', '设计类'] },
  { value: 'engineering', zh: '工程', en: 'engineering', also: ['工程部', '工程管理'] },
  { value: 'sales', zh: '营销', en: 'sales', also: ['销售', '销售部', '营销部'] },
  { value: 'customer-service', zh: '客服', en: 'customer service', also: ['客户服务', '客户关系'] },
  { value: 'property-management', zh: '物业', en: 'property management', also: ['物业服务', '物业公司'] },
  { value: 'legal', zh: '法务', en: 'legal', also: ['法律'] },
  { value: 'public-relations', zh: '公关', en: 'public relations', also: ['品牌', '品牌公关'] },
  { value: 'other', zh: '其他', en: 'other', also: ['其它'] },
] as const satisfies readonly Word<string>[]

export const tiers = [
  { value: 'central', zh: '中央媒体', en: 'central', also: ['央媒', '中央'] },
  { value: 'provincial', zh: '省级媒体', en: 'provincial', also: ['省媒', '省级'] },
  { value: 'portal', zh: '门户网站', en: 'portal', also: ['门户', '商业媒体'] },
  { value: 'local', zh: '地方媒体', en: 'local', also: ['地方', '市级媒体'] },
  { value: 'self-media', zh: '自媒体', en: 'self-media', also: ['公众号'] },
  { value: 'forum', zh: '论坛社区', en: 'forum', also: ['论坛', '社区'] },
  { value: 'official', zh: '政务发布', en: 'official', also: ['政务', '官方', '政府'] },
] as const satisfies readonly Word<string>[]
export type Tier = (typeof tiers)[number]['value']

/** The word meant by a cell, or undefined. */
export function wordFor<Value extends string>(list: readonly Word<Value>[], text: string): Value | undefined {
  const wanted = plain(text)
  return list.find((word) =>
    [word.value, word.zh, word.en, ...(word.also ?? [])].some((way) => plain(way) === wanted),
  )?.value
}

const plain = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim()
