import { expect, test } from 'vitest'
import { decode } from '../../collectors/decode.ts'

const bytes = (hex: string) => Buffer.from(hex.replace(/\s/g, ''), 'hex')
// «业主投诉楼盘延期交付，物业收费不合理» and «業主投訴樓盤延期交付» in the encodings people really send.
const simplified = '业主投诉楼盘延期交付，物业收费不合理'
const gbk = bytes('d2b5 d6f7 cdb6 cbdf c2a5 c5cc d1d3 c6da bdbb b8b6 a3ac ceef d2b5 cad5 b7d1 b2bb bacf c0ed')
const traditional = '業主投訴樓盤延期交付'
const big5 = bytes('b77e a544 a7eb b644 bcd3 bd4c a9b5 b4c1 a5e6 a549')
const join = (...parts: (string | Uint8Array)[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)))
const utf16 = (text: string, big: boolean) => {
  const little = Buffer.from(text, 'utf16le')
  return big ? little.swap16() : little
}

test.each([
  [
    'a byte-order mark beats every claim',
    join('\ufeff', simplified),
    'text/html; charset=gbk',
    simplified,
    'utf-8',
  ],
  [
    'UTF-16 without mark is seen by its zero bytes',
    utf16(`<t>${simplified}</t>`, true),
    '',
    `<t>${simplified}</t>`,
    'utf-16be',
  ],
  ['UTF-16 with mark', utf16(`\ufeff${simplified}`, false), '', simplified, 'utf-16le'],
  ['HTTP says GBK', gbk, 'text/html; charset=GBK', simplified, 'gb18030'],
  ['HTTP says Big5', big5, 'text/html; charset="big5"', traditional, 'big5'],
  ['nobody says anything: GBK', gbk, '', simplified, 'gb18030'],
  ['nobody says anything: Big5', big5, '', traditional, 'big5'],
  ['nobody says anything: UTF-8', join(simplified), '', simplified, 'utf-8'],
  ['declared UTF-8, sent GBK', gbk, 'application/xml; charset=utf-8', simplified, 'gb18030'],
  ['declared GBK, sent UTF-8', join(simplified), 'text/html; charset=gbk', simplified, 'utf-8'],
  ['declared GBK, sent Big5', big5, 'text/html; charset=gb2312', traditional, 'big5'],
  [
    'HTTP default Latin 1, the page knows better',
    join('<meta charset="gb2312">', gbk),
    'text/html; charset=iso-8859-1',
    `<meta charset="gb2312">${simplified}`,
    'gb18030',
  ],
  [
    'a four-byte GB18030 character',
    bytes('8139ee39 95328236'),
    'text/plain; charset=gb18030',
    '㐀𠀀',
    'gb18030',
  ],
  [
    'UTF-8 cut in the middle of a character',
    join(simplified).subarray(0, -1),
    '',
    `${simplified.slice(0, -1)}\ufffd`,
    'utf-8',
  ],
  ['ASCII under an unknown name', join('plain'), 'text/plain; charset=x-nothing', 'plain', 'utf-8'],
  ['UTF-32', bytes('fffe0000 1a4e0000 3b4e0000'), '', '业主', 'utf-32le'],
])('%s', (_, sent, contentType, text, encoding) => {
  expect(decode(sent, contentType)).toEqual({ text, encoding })
})

test('an XML declaration is read', () => {
  const head = '<?xml version="1.0" encoding="GB2312"?><t>'
  expect(decode(join(head, gbk)).text).toBe(head + simplified)
})
