import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode } from '../../collectors/decode.ts'
import { encode } from '../support/encode.ts'

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

// What feeds of the trade say, in either script.
const sentences = {
  gb18030:
    '业主反映小区地下车库积水，墙面渗水，开发商回应称将于本月维修。延期交付的楼盘再次停工，物业收费引发不满。',
  big5: '業主反映社區地下車庫積水，牆面滲水，開發商回應稱將於本月維修。延期交付的樓盤再次停工，物業收費引發不滿。',
} as const
/** A piece of twenty characters or more, from any place on. */
const some = (text: string) =>
  fc
    .record({ from: fc.nat(text.length - 1), length: fc.integer({ min: 20, max: text.length }) })
    .map(({ from, length }) => (text + text).slice(from, from + length))
const framed = (declared: string | undefined, text: string) =>
  `<?xml version="1.0"${declared === undefined ? '' : ` encoding="${declared}"`}?><rss><title>${text}</title></rss>`
const claims = [
  undefined,
  'utf-8',
  'gb2312',
  'GBK',
  'gb18030',
  'big5',
  'utf-16',
  'iso-8859-1',
  'windows-1252',
  'us-ascii',
  'x-nothing',
]
const claim = fc.constantFrom(...claims)

test('Chinese comes out right in every encoding it is sent in, whatever header and declaration claim', () => {
  const written = fc.constantFrom('gb18030', 'big5', 'utf-8', 'utf-16le', 'utf-16be', 'utf-8 marked')
  fc.assert(
    fc.property(
      written,
      claim,
      claim,
      some(sentences.gb18030),
      some(sentences.big5),
      (sent, http, inside, simple, full) => {
        const text = framed(inside, sent === 'big5' ? full : simple)
        const bytes =
          sent === 'utf-8' || sent === 'utf-8 marked'
            ? Buffer.from(sent === 'utf-8' ? text : `\ufeff${text}`)
            : sent === 'utf-16le' || sent === 'utf-16be'
              ? utf16(text, sent === 'utf-16be')
              : encode(text, sent)
        fc.pre(bytes !== undefined)
        expect(
          decode(bytes ?? new Uint8Array(), http === undefined ? 'text/xml' : `text/xml; charset=${http}`)
            .text,
        ).toBe(text)
      },
    ),
    {
      numRuns: 400,
      // Few of its characters are simplified ones, and Western is what the server says.
      examples: [
        ['big5', 'iso-8859-1', undefined, sentences.gb18030, '車庫積水，牆面滲水，開發商回應稱將於本月維修'],
      ],
    },
  )
}, 30_000)

test.each([
  ['windows-1252', 'Größe naïve café', 'windows-1252'],
  ['iso-8859-1', 'Größe café', 'iso-8859-1'],
  ['Shift_JIS', '新築マンションの引き渡しが遅れている', 'shift_jis'],
  ['EUC-JP', '新築マンションの引き渡しが遅れている', 'euc-jp'],
  ['EUC-KR', '아파트 입주가 늦어지고 있다', 'euc-kr'],
  ['koi8-r', 'Сдача жилого комплекса откладывается', 'koi8-r'],
  ['windows-1251', 'Сдача жилого комплекса откладывается', 'windows-1251'],
  ['windows-874', 'โครงการล่าช้ากว่ากำหนด', 'windows-874'],
])('%s, declared', (charset, text, encoding) => {
  const bytes = encode(text, charset)
  expect(decode(bytes ?? new Uint8Array(), `text/html; charset=${charset}`)).toEqual({ text, encoding })
})

test.each([
  ['shift_jis', '新築マンションの引き渡しが遅れている。住民は説明を求めている。'],
  ['euc-jp', '新築マンションの引き渡しが遅れている。住民は説明を求めている。'],
  ['euc-kr', '아파트 입주가 늦어지고 있다. 주민들은 설명을 요구하고 있다.'],
  ['koi8-r', 'Сдача жилого комплекса откладывается, жильцы требуют объяснений'],
  ['windows-1251', 'Сдача жилого комплекса откладывается, жильцы требуют объяснений'],
  ['windows-1255', 'מסירת הדירות נדחתה והדיירים דורשים הסברים מהקבלן'],
  ['windows-874', 'โครงการล่าช้ากว่ากำหนดและลูกบ้านต้องการคำอธิบาย'],
  [
    'windows-1252',
    'Die Übergabe der Wohnungen verzögert sich, die Käufer fordern Aufklärung über die Gründe',
  ],
])('%s, undeclared', (encoding, text) => {
  expect(decode(encode(text, encoding) ?? new Uint8Array())).toEqual({ text, encoding })
})

test('quotes and dashes of Windows are no control characters, under its name or under Latin 1', () => {
  for (const charset of ['windows-1252', 'iso-8859-1'])
    expect(decode(bytes('93 47 72 f6 df 65 94 20 97 20 80'), `text/html; charset=${charset}`).text).toBe(
      '“Größe” — €',
    )
})

test('names and rare characters in a declared encoding are believed', () => {
  const text = '瞿璟铄、昝燚、郗昉'
  const bytes = encode(text, 'gb18030') ?? new Uint8Array()
  expect(decode(bytes, 'text/xml; charset=gbk')).toEqual({ text, encoding: 'gb18030' })
})

test('any bytes under any claim give a text, in time', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), claim, (sent, http) => {
      expect(typeof decode(sent, `text/xml; charset=${http}`).text).toBe('string')
    }),
  )
  const before = process.cpuUsage()
  // Eight megabytes that are almost nothing: a guess looks at a part.
  decode(new Uint8Array(8_000_000).fill(0xb2), 'text/xml; charset=big5')
  decode(new Uint8Array(8_000_000).fill(0xe4), 'text/xml')
  decode(Buffer.from('字'.repeat(2_600_000)).subarray(1), 'text/xml')
  expect(process.cpuUsage(before).user / 1_000_000).toBeLessThan(6)
}, 30_000)

/** RFC 1843 and 1922, from the bytes of GB2312. */
const seven = (text: string) => (encode(text, 'gb18030') ?? new Uint8Array()).map((byte) => byte & 0x7f)
const hz = (text: string) => join('~{', seven(text), '~}')
const iso = (text: string) => join('\x1b$)A\x0e', seven(text), '\x0f')

test('HZ is read where it is declared: marks, tildes, joined lines', () => {
  const said = (sent: Uint8Array) => decode(sent, 'text/plain; charset=HZ-GB-2312')
  expect(said(join('A: ', hz(simplified), ' ~~ 5 ~', '\n', '0 ~', '\r\n', hz('渗水'), '.'))).toEqual({
    text: `A: ${simplified} ~ 5 0 渗水.`,
    encoding: 'hz-gb-2312',
  })
  // The example of the RFC.
  expect(
    said(join('This sentence is in ASCII.\nThe next sentence is in GB.~{<:Ky2;S{#,NpJ)l6HK!#~}Bye.')).text,
  ).toBe('This sentence is in ASCII.\nThe next sentence is in GB.己所不欲，勿施於人。Bye.')
  // A line ends the Chinese of who forgot to; half a character and a stray mark are no more than that.
  expect(said(join('~{', seven('渗水'), '\nplain ~x')).text).toBe('渗水\nplain ~x')
  expect(said(join('~{', seven('渗水').subarray(0, 3))).text).toBe('渗\ufffd')
  // Only a claim: with eighth bits it is GB, and without one it is no HZ.
  expect(decode(gbk, 'text/html; charset=hz-gb-2312')).toEqual({ text: simplified, encoding: 'gb18030' })
  expect(decode(join('~{a~}'), 'text/plain; charset=utf-8').text).toBe('~{a~}')
  const page = join('<meta charset="hz-gb-2312"><p>', hz('停工'), '</p>')
  expect(decode(page).text).toBe('<meta charset="hz-gb-2312"><p>停工</p>')
})

test('ISO-2022-CN is read as far as it is GB2312; characters of CNS are marked as lost, one by one', () => {
  const said = (sent: Uint8Array | string) => decode(join(sent), 'text/plain; charset=ISO-2022-CN')
  expect(said(join('A ', iso(simplified), ' B\n', iso('渗水')))).toEqual({
    text: `A ${simplified} B\n渗水`,
    encoding: 'iso-2022-cn',
  })
  expect(said('\x1b$)G\x0eD!D"\x0f ok\n\x1b$*H\x1bN!! ok').text).toBe('\ufffd\ufffd ok\n\ufffd ok')
})

test('whatever seven bits hold, a text comes out that is no longer and holds no byte twice, in time', () => {
  const sign = fc.constantFrom(...'~{}\n\r\x1b$)AGN\x0e\x0f 5XOB<>')
  fc.assert(
    fc.property(
      fc.array(sign, { maxLength: 60 }),
      fc.constantFrom('hz-gb-2312', 'iso-2022-cn'),
      (signs, charset) => {
        const { text } = decode(join(signs.join('')), `text/plain; charset=${charset}`)
        expect(text.length).toBeLessThanOrEqual(signs.length)
      },
    ),
  )
  const before = process.cpuUsage()
  decode(new Uint8Array(8_000_000).fill(0x7e), 'text/plain; charset=hz-gb-2312')
  decode(join('~{'.repeat(4_000_000)), 'text/plain; charset=hz-gb-2312')
  decode(join('\x1b$'.repeat(4_000_000)), 'text/plain; charset=iso-2022-cn')
  expect(process.cpuUsage(before).user / 1_000_000).toBeLessThan(6)
})
