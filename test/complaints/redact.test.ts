import { expect, test } from 'vitest'
import { redactText } from '../../server/complaints/masking.ts'

test.each([
  ['请致电13812345678处理', '请致电〔电话〕处理'],
  ['138 1234 5678、138-1234-5678、138.1234.5678', '〔电话〕、〔电话〕、〔电话〕'],
  ['+86 13812345678', '〔电话〕'],
  ['１３８１２３４５６７８', '〔电话〕'],
  ['座机0571-88123456或(010)8812 3456', '座机〔电话〕或(〔电话〕'],
  ['身份证330106199001011234，33010619900101123X', '身份证〔证件号〕，〔证件号〕'],
  ['卡号6222 0212 3456 7890 123', '卡号〔卡号〕'],
  ['邮箱wang.jianguo@mail.example', '邮箱〔邮箱〕'],
  ['微信号：wx_jianguo88', '微信号：〔账号〕'],
  ['联系人：王建国，业主', '联系人：〔姓名〕，业主'],
  ['王建国先生与欧阳明女士', '王某先生与欧阳某女士'],
  ['3幢2单元1201室漏水', '3幢〔房号〕漏水'],
  ['3-2-1201 的业主', '〔房号〕 的业主'],
])('%s goes out as %s', (text, out) => {
  expect(redactText(text)).toBe(out)
})

test.each([
  '拨打12345或400-800-1234',
  '2026年3月10日交付，12户受影响，赔偿12000元',
  '3幢外墙渗水，2号楼停工',
  '全体业主要求维修；外墙渗水两年，仍无人处理！',
  '编号20260310，面积89.5平方米',
])('%s stays as it is', (text) => {
  expect(redactText(text)).toBe(text)
})

test('what is known of the complainants goes wherever it stands, longest first', () => {
  const people = [
    {
      name: '林小满',
      phone: '057188001122',
      address: '滨江区江南大道 9 号 3 幢',
      unit: '云栖阁 B',
      idNumber: 'H01234567',
    },
    { name: '李', phone: undefined },
  ]
  expect(redactText('林小满住滨江区江南大道 9 号 3 幢云栖阁 B，证件H01234567，李家', people)).toBe(
    '〔姓名〕住〔地址〕〔房号〕，证件〔证件号〕，李家',
  )
})

test('a text made to be slow costs no more than its length', () => {
  const started = performance.now()
  for (const unit of ['1', '1-', 'a', 'a.', '王', '3幢1', '一', '微信', '0571-'])
    redactText(unit.repeat(100_000 / unit.length))
  expect(performance.now() - started).toBeLessThan(4_000)
})
