import { describe, expect, test } from 'vitest'
import {
  channelNamed,
  classify,
  classNamed,
  gradeCues,
  householdsNamed,
} from '../../server/complaints/classify.ts'
import { csvCell } from '../../server/complaints/export.ts'
import { mapColumns, parseMapping } from '../../server/complaints/import-mapping.ts'
import {
  maskAddress,
  maskIdNumber,
  maskName,
  maskPhone,
  maskText,
  maskUnit,
} from '../../server/complaints/masking.ts'
import { complaintNumber, serialMonth } from '../../server/complaints/numbering.ts'
import { normalPhone, personIdentity } from '../../server/complaints/person-key.ts'

describe('S3-P10.19.2: masks', () => {
  test.each([
    [maskName, '王小明', '王**'],
    [maskName, '李四', '李**'],
    [maskName, '欧阳小明', '欧阳**'],
    [maskName, 'Anna Smith', 'A***'],
    [maskName, ' ', ''],
    [maskPhone, '13812345678', '138****5678'],
    [maskPhone, '+86 138-1234-5678', '138****5678'],
    [maskPhone, '0571-88123456', '0571-****3456'],
    [maskPhone, '010 8812 3456', '010-****3456'],
    [maskPhone, '8812345', '****2345'],
    [maskPhone, '123', '****'],
    [maskIdNumber, '33010619900101123X', '330***********123X'],
    [maskIdNumber, '12345', '*****'],
    [maskUnit, '3幢2单元1201室', '3幢*单元****室'],
    [maskUnit, '12号楼301', '12号楼***'],
    [maskUnit, '3-2-1201', '3-*-****'],
    [maskUnit, '1201', '****'],
    [maskAddress, '云湖市望山区文教路90号2幢301', '云湖市望山区文教路**号*幢***'],
  ] as const)('%o(%s) is %s', (mask, plain, masked) => {
    expect(mask(plain)).toBe(masked)
  })

  test.each([
    ['电话13812345678,谢谢', '电话138****5678,谢谢'],
    ['138 1234 5678', '138 **** 5678'],
    ['138', '138'],
    ['座机0571-88123456', '座机0571-****3456'],
    ['身份证33010619900101123X', '身份证330***********123X'],
    ['卡号6222021234567890123', '卡号6222***********0123'],
    ['我家3幢2单元1201室漏水', '我家3幢*单元****室漏水'],
    ['12栋1201漏水', '12栋****漏水'],
    ['3号楼2026年交房', '3号楼2026年交房'],
    ['拨打12345和400-800-1234', '拨打12345和400-800-1234'],
    ['工单20261122000123号', '工单20261122000123号'],
    ['13812345678', '138****5678'],
  ])('in free text: %s', (plain, masked) => {
    expect(maskText(plain)).toBe(masked)
    expect(maskText(plain)).toHaveLength(plain.length)
  })

  test('a known name is hidden wherever it stands, and the length stays', () => {
    expect(maskText('我是王小明,王小明反映漏水', ['王小明'])).toBe('我是王**,王**反映漏水')
  })
})

describe('who complains', () => {
  test('a phone is the same however it is written', () => {
    for (const phone of ['13812345678', '138 1234 5678', '+86-138-1234-5678', '8613812345678', '13812345678'])
      expect(normalPhone(phone)).toBe('13812345678')
    expect(normalPhone('0571-88123456 转 802')).toBe('057188123456')
    expect(normalPhone('无')).toBeUndefined()
  })
  test('phone before ID number before name and unit; a name alone is nobody', () => {
    expect(personIdentity({ name: '王小明', phone: '13812345678', unit: '3-2-1201' })).toBe(
      'phone 13812345678',
    )
    expect(personIdentity({ name: '王小明', idNumber: '33010619900101123x' })).toBe('id 33010619900101123X')
    expect(personIdentity({ name: '王 小明', unit: '3-2-1201' })).toBe('name 王小明 3-2-1201')
    expect(personIdentity({ name: '王小明' })).toBeUndefined()
  })
})

describe('S3-P6.1.3: numbers', () => {
  test('city, month and a serial of at least four digits', () => {
    expect(complaintNumber('HZ', '202611', 7)).toBe('HZ-202611-0007')
    expect(complaintNumber('HZ', '202611', 12345)).toBe('HZ-202611-12345')
  })
  test('the month is that of Shanghai', () => {
    expect(serialMonth(new Date('2026-10-31T15:59:59Z'))).toBe('202610')
    expect(serialMonth(new Date('2026-10-31T16:00:00Z'))).toBe('202611')
  })
})

describe('S0-7: class and channel from words', () => {
  test.each([
    ['外墙渗水多次维修无果', '', 'engineering'],
    ['物业乱收费', '停车费涨价,保安态度差', 'property-service'],
    ['户型与图纸不符', '采光很差', 'design'],
    ['要求退定金', '置业顾问承诺可退', 'sales'],
    ['房产证迟迟不办', '多次联系客服没有答复', 'customer-service'],
    ['你好', '想问一下', 'other'],
  ] as const)('%s is %s%s', (title, content, expected) => {
    expect(classify(title, content)).toBe(expected)
  })
  test('named in a file', () => {
    expect(classNamed('工程类')).toBe('engineering')
    expect(classNamed('物业服务')).toBe('property-service')
    expect(classNamed('sales')).toBe('sales')
    expect(classNamed('甲')).toBeUndefined()
    expect(channelNamed('12345热线')).toBe('government-hotline')
    expect(channelNamed('来电')).toBe('phone')
    expect(channelNamed('微信公众号')).toBe('wechat')
    expect(channelNamed('消费者协会')).toBe('association')
    expect(channelNamed('?')).toBeUndefined()
  })
  test('S0-3: what the words say about court, media and households', () => {
    expect(gradeCues('再不处理我将向法院起诉,并联系媒体曝光')).toMatchObject({
      mayLitigate: true,
      mayReachMedia: true,
    })
    expect(gradeCues('再不处理就要找记者')).toMatchObject({ mayLitigate: false, mayReachMedia: true })
    expect(gradeCues('我们准备集体诉讼')).toMatchObject({ isGroupLitigation: true, mayLitigate: true })
    expect(gradeCues('墙面开裂,请尽快维修')).toEqual({
      mayLitigate: false,
      mayReachMedia: false,
      isGroupLitigation: false,
    })
    expect(householdsNamed('我们32户业主联名')).toBe(32)
    expect(householdsNamed('我们共15户要求退房')).toBe(15)
    expect(householdsNamed('80余户集体维权')).toBe(80)
    expect(householdsNamed('小区1800户业主只有一个出口')).toBe(1)
    expect(householdsNamed('2026年的房子')).toBe(1)
  })
})

describe('columns of a file', () => {
  test('Chinese and English headers are known', () => {
    expect(mapColumns(['工单编号', '投诉标题', '投诉内容', '受理时间', '联系电话(手机)', '备注'])).toEqual({
      externalId: '工单编号',
      title: '投诉标题',
      content: '投诉内容',
      receivedAt: '受理时间',
      phone: '联系电话(手机)',
    })
    expect(mapColumns(['id', 'title', 'body', 'time', 'likes'])).toEqual({
      externalId: 'id',
      title: 'title',
      content: 'body',
      receivedAt: 'time',
    })
  })
  test('what the user says wins, and a column serves one field', () => {
    expect(mapColumns(['标题', '主题', '内容'], { title: '主题' })).toMatchObject({
      title: '主题',
      content: '内容',
    })
    expect(mapColumns(['内容', '标题'], { title: '内容' })).toEqual({ title: '内容' })
  })
  test('the mapping of the command line', () => {
    expect(parseMapping('title=主题, content=详情')).toEqual({
      ok: true,
      mapping: { title: '主题', content: '详情' },
    })
    expect(parseMapping('colour=红')).toEqual({ ok: false, part: 'colour=红' })
  })
})

test('a cell of the export is neither a formula nor a second cell', () => {
  expect(csvCell('=HYPERLINK("x")')).toBe(`"'=HYPERLINK(""x"")"`)
  expect(csvCell('+86')).toBe("'+86")
  expect(csvCell('渗水,漏水\n两处')).toBe('"渗水,漏水\n两处"')
  expect(csvCell(null)).toBe('')
  expect(csvCell(-3)).toBe('-3')
})
