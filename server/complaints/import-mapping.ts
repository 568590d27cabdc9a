/** The fields of a complaint that a file may fill; every one is optional, title or content must be there. */
export const importFields = [
  'externalId',
  'kind',
  'title',
  'content',
  'demand',
  'firstAnswer',
  'receivedAt',
  'occurredOn',
  'channel',
  'class',
  'category',
  'cityCompany',
  'city',
  'project',
  'phaseName',
  'building',
  'unit',
  'name',
  'phone',
  'address',
  'idNumber',
  'customerKind',
  'households',
  'persons',
  'mayLitigate',
  'mayReachMedia',
  'isGroupLitigation',
  'needsOtherDepartments',
  'isOurFault',
  'repeatsAfterHandling',
  'claimAmount',
  'closedAt',
] as const
export type ImportField = (typeof importFields)[number]
export type Mapping = Partial<Record<ImportField, string>>

/** Headers as ledgers, hotlines and exports write them; compared without spaces, brackets, case and units. */
const headers: Readonly<Record<ImportField, readonly string[]>> = {
  externalId: [
    'id',
    '编号',
    '投诉编号',
    '工单号',
    '工单编号',
    '案件编号',
    '受理编号',
    '流水号',
    '单号',
    '留言编号',
    'caseno',
    'caseid',
    'number',
    'ticket',
    'ticketid',
  ],
  kind: ['性质', '受理类型', '来电性质', '诉求类型', 'kind'],
  title: [
    '标题',
    '主题',
    '投诉标题',
    '投诉主题',
    '留言主题',
    '事项',
    '投诉事项',
    '摘要',
    'title',
    'subject',
    'summary',
  ],
  content: [
    '内容',
    '投诉内容',
    '详情',
    '留言详情',
    '问题描述',
    '投诉详情',
    '诉求内容',
    '描述',
    '具体内容',
    '正文',
    'content',
    'body',
    'description',
    'text',
    'detail',
    'details',
  ],
  demand: ['诉求', '客户诉求', '要求', '投诉要求', '期望', 'demand', 'request'],
  firstAnswer: ['初次答复', '首次答复', '现场答复', '答复', 'firstanswer', 'answer'],
  receivedAt: [
    '受理时间',
    '投诉时间',
    '接收时间',
    '来电时间',
    '登记时间',
    '留言时间',
    '受理日期',
    '投诉日期',
    '登记日期',
    '时间',
    '日期',
    'receivedat',
    'received',
    'time',
    'date',
    'createdat',
    'created',
  ],
  occurredOn: ['发生日期', '发生时间', '事发日期', 'occurredon', 'occurred'],
  channel: [
    '渠道',
    '来源',
    '投诉渠道',
    '投诉来源',
    '受理渠道',
    '受理方式',
    '投诉方式',
    'channel',
    'source',
    'via',
  ],
  class: [
    '类别',
    '投诉类别',
    '投诉分类',
    '分类',
    '一级分类',
    '投诉类型',
    '类型',
    'class',
    'category1',
    'type',
  ],
  category: ['子类', '二级分类', '细类', '投诉子类', 'category', 'subcategory', 'category2'],
  cityCompany: ['城市公司', '所属公司', '公司', '区域公司', '分公司', 'citycompany', 'company'],
  city: ['城市', '所在城市', 'city'],
  project: ['项目', '项目名称', '楼盘', '楼盘名称', '小区', '小区名称', '所属项目', 'project', 'estate'],
  phaseName: ['分期', '期数', '期', 'phase'],
  building: ['楼栋', '楼号', '栋号', '幢号', '楼幢', 'building'],
  unit: ['房号', '房间号', '单元', '室号', '房屋', '单元房号', 'unit', 'room'],
  name: [
    '姓名',
    '投诉人',
    '客户姓名',
    '业主姓名',
    '投诉人姓名',
    '客户',
    '业主',
    '联系人',
    'name',
    'complainant',
    'customer',
    'owner',
  ],
  phone: [
    '电话',
    '手机',
    '联系电话',
    '手机号',
    '手机号码',
    '投诉人电话',
    '联系方式',
    '电话号码',
    'phone',
    'mobile',
    'tel',
    'telephone',
  ],
  address: ['地址', '联系地址', '住址', '通讯地址', 'address'],
  idNumber: ['身份证', '身份证号', '身份证号码', '证件号', '证件号码', 'idnumber', 'idcard'],
  customerKind: ['客户类型', '客户分类', '客户类别', '身份', 'customerkind', 'customertype'],
  households: ['户数', '涉及户数', '投诉户数', 'households'],
  persons: ['人数', '涉及人数', '投诉人数', 'persons', 'people'],
  mayLitigate: ['可能诉讼', '诉讼风险', '涉诉', 'maylitigate'],
  mayReachMedia: ['可能曝光', '媒体风险', '曝光风险', 'mayreachmedia'],
  isGroupLitigation: ['群体诉讼', '集体诉讼', 'isgrouplitigation'],
  needsOtherDepartments: ['需其他部门协助', '跨部门', '协办', 'needsotherdepartments'],
  isOurFault: ['我方责任', '我方原因', '是否我方原因', 'isourfault'],
  repeatsAfterHandling: ['处理后重复次数', '重复投诉次数', '重复次数', 'repeatsafterhandling'],
  claimAmount: ['索赔金额', '金额', '索赔', 'claimamount', 'claim'],
  closedAt: ['关闭时间', '办结时间', '结案时间', '关闭日期', '办结日期', 'closedat', 'closed'],
}

const plain = (header: string) =>
  header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[((].*?[))]/g, '')
    .replace(/[\s_\-*::/]/g, '')

const fieldOfHeader = new Map<string, ImportField>(
  importFields.flatMap((field) =>
    [plain(field), ...headers[field].map(plain)].map((name) => [name, field] as const),
  ),
)

/** Which column fills which field. A field named by the user wins; of two fitting columns the first listed word does. */
export function mapColumns(columns: readonly string[], chosen: Mapping = {}): Mapping {
  const mapping: Mapping = {}
  for (const field of importFields) {
    const known = [plain(field), ...headers[field].map(plain)]
    const taken = new Set(Object.values(chosen))
    const best = columns
      .filter((column) => fieldOfHeader.get(plain(column)) === field && !taken.has(column))
      .sort((one, other) => known.indexOf(plain(one)) - known.indexOf(plain(other)))[0]
    const column = chosen[field] ?? best
    if (column !== undefined) mapping[field] = column
  }
  return mapping
}

/** `title=主题,content=详情` → the mapping, or the part that cannot be read. */
export function parseMapping(text: string): { ok: true; mapping: Mapping } | { ok: false; part: string } {
  const mapping: Mapping = {}
  for (const part of text.split(',').filter((one) => one.trim())) {
    const [name = '', ...column] = part.split('=')
    const field = importFields.find((one) => one === name.trim())
    if (!field || column.length === 0) return { ok: false, part: part.trim() }
    mapping[field] = column.join('=').trim()
  }
  return { ok: true, mapping }
}
