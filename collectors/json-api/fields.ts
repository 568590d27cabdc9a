import type { Field } from '../fields.ts'

export const fields: readonly Field[] = [
  {
    name: 'url',
    label: { zh: '接口地址', en: 'Address' },
    kind: 'url',
    required: true,
    hint: {
      zh: '可用 {page} {offset} {cursor} {since} {secret}；{secret} 只能放在 ? 之后',
      en: 'May hold {page} {offset} {cursor} {since} {secret}; {secret} after the ? only',
    },
    placeholder: 'https://example.com/api/list?page={page}',
  },
  {
    name: 'method',
    label: { zh: '请求方式', en: 'Method' },
    kind: 'select',
    choices: [
      { value: 'GET', label: { zh: 'GET', en: 'GET' } },
      { value: 'POST', label: { zh: 'POST', en: 'POST' } },
    ],
  },
  {
    name: 'body',
    label: { zh: '请求内容', en: 'Body' },
    kind: 'lines',
    when: { field: 'method', is: ['POST'] },
    hint: { zh: 'JSON 或表单，可用同样的占位', en: 'JSON or a form, with the same places' },
    placeholder: '{"page": {page}, "keyword": "云湖湾"}',
  },
  {
    name: 'secret',
    label: { zh: '密钥', en: 'Secret' },
    kind: 'secret',
    hint: {
      zh: '加密保存，只发给接口所在主机；不写 {secret} 时作为 Authorization: Bearer 发送',
      en: 'Kept encrypted, sent to the host of the address only; as Authorization: Bearer unless {secret} is written',
    },
  },
  {
    name: 'items',
    label: { zh: '列表路径', en: 'Path of the list' },
    kind: 'json-path',
    hint: {
      zh: '列表在返回内容中的位置；不填表示整个返回就是列表',
      en: 'Where the answer holds the list; empty: it is the list',
    },
    placeholder: 'data.list',
  },
  {
    name: 'content',
    label: { zh: '内容', en: 'Content' },
    kind: 'select',
    choices: [
      { value: 'documents', label: { zh: '舆情原文', en: 'Documents' } },
      { value: 'complaints', label: { zh: '投诉', en: 'Complaints' } },
      { value: 'readings', label: { zh: '经营指标', en: 'Readings' } },
    ],
  },
  {
    name: 'mapping',
    label: { zh: '字段对应', en: 'Mapping' },
    kind: 'mapping',
    hint: {
      zh: '不填则按名称自动识别；例：title=subject,body=detail.text,url="https://bbs.example/t/{id}"。指标须写 project、metric、value、at，固定值加引号：metric="sales"',
      en: 'Guessed by name when empty; e.g. title=subject,body=detail.text,url="https://bbs.example/t/{id}". Readings need project, metric, value, at; fixed words in quotes: metric="sales"',
    },
  },
  {
    name: 'paging',
    label: { zh: '分页', en: 'Pages' },
    kind: 'select',
    isAdvanced: true,
    choices: [
      { value: 'none', label: { zh: '不分页', en: 'One page' } },
      { value: 'page', label: { zh: '页码 {page}', en: 'Page number {page}' } },
      { value: 'offset', label: { zh: '偏移 {offset}', en: 'Offset {offset}' } },
      { value: 'cursor', label: { zh: '游标 {cursor}', en: 'Cursor {cursor}' } },
      { value: 'link', label: { zh: '下一页地址', en: 'Address of the next page' } },
    ],
  },
  {
    name: 'firstPage',
    label: { zh: '第一页页码', en: 'First page' },
    kind: 'number',
    isAdvanced: true,
    when: { field: 'paging', is: ['page'] },
    placeholder: '1',
  },
  {
    name: 'pageSize',
    label: { zh: '每页条数', en: 'Items per page' },
    kind: 'number',
    isAdvanced: true,
    when: { field: 'paging', is: ['page', 'offset'] },
    hint: { zh: '不足一页即为最后一页', en: 'A page with fewer is the last' },
  },
  {
    name: 'cursorPath',
    label: { zh: '下一页所在路径', en: 'Path of the next place' },
    kind: 'json-path',
    isAdvanced: true,
    when: { field: 'paging', is: ['cursor', 'link'] },
    placeholder: 'data.next',
  },
  {
    name: 'maxPages',
    label: { zh: '每次最多页数', en: 'Most pages per run' },
    kind: 'number',
    isAdvanced: true,
    when: { field: 'paging', is: ['page', 'offset', 'cursor', 'link'] },
    placeholder: '5',
  },
  {
    name: 'sincePath',
    label: { zh: '{since} 取自', en: '{since} comes from' },
    kind: 'json-path',
    isAdvanced: true,
    hint: {
      zh: '条目中时间或编号的路径；地址或请求内容中写 {since} 时只取新增',
      en: 'Path of the time or number of an item; with {since} in the request only what is new is read',
    },
    placeholder: 'createdAt',
  },
  {
    name: 'sinceFormat',
    label: { zh: '{since} 格式', en: 'Form of {since}' },
    kind: 'select',
    isAdvanced: true,
    choices: [
      { value: 'iso', label: { zh: '2026-03-05T06:30:00Z', en: '2026-03-05T06:30:00Z' } },
      {
        value: 'datetime',
        label: { zh: '2026-03-05 14:30:00（北京时间）', en: '2026-03-05 14:30:00 (Beijing)' },
      },
      { value: 'date', label: { zh: '2026-03-05', en: '2026-03-05' } },
      { value: 'seconds', label: { zh: '秒（1970 年起）', en: 'Seconds since 1970' } },
      { value: 'milliseconds', label: { zh: '毫秒（1970 年起）', en: 'Milliseconds since 1970' } },
      { value: 'number', label: { zh: '编号', en: 'Number' } },
    ],
  },
  {
    name: 'headers',
    label: { zh: '请求头', en: 'Headers' },
    kind: 'lines',
    isAdvanced: true,
    hint: {
      zh: '每行一个「名称: 值」，密钥写 {secret}',
      en: 'One «Name: value» a line; {secret} for the secret',
    },
    placeholder: 'X-App-Key: {secret}',
  },
]
