import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeWords, messageIds, readAddress, readHead } from '../../../collectors/mailbox/headers.ts'
import { type Mail, partsOf, readMail, type Structure, textOf } from '../../../collectors/mailbox/message.ts'
import { withoutQuotedHtml, withoutQuotes } from '../../../collectors/mailbox/quotes.ts'
import { maskMailboxes, maskNumbers } from '../../../collectors/mask.ts'

/** «云湖湾业主反映地下车库积水问题» and its bytes elsewhere. */
const words = '云湖湾业主反映地下车库积水问题'
const bytesOf = {
  gb2312: Buffer.from(
    'd4c6bafecde5d2b5d6f7b7b4d3b3b5d8cfc2b3b5bfe2bbfdcbaececae2'.replace('cecae2', 'cecacce2'),
    'hex',
  ),
  big5: Buffer.from('b6b3b4f2c657b77ea544a4cfac4da661a455a8aeae77bf6ea4f4b0ddc344', 'hex'),
}

test('subjects are read in the charset they are written in, and in the one they claim wrongly', () => {
  const b = (charset: string, bytes: Buffer) => `=?${charset}?B?${bytes.toString('base64')}?=`
  expect(decodeWords(b('gb2312', bytesOf.gb2312))).toBe(words)
  expect(decodeWords(b('GB18030', bytesOf.gb2312))).toBe(words)
  expect(decodeWords(b('utf-8', bytesOf.gb2312))).toBe(words)
  expect(decodeWords(b('big5', bytesOf.big5))).toBe('雲湖灣業主反映地下車庫積水問題')
  expect(decodeWords(b('gb2312', Buffer.from(words)))).toBe(words)
  expect(decodeWords(bytesOf.gb2312.toString('latin1'))).toBe(words)
})

test('a subject and a text in HZ, as old gateways send them, are read', () => {
  const hz = '~{5XOB35?b;}K.~}'
  expect(decodeWords(`Re: =?hz-gb-2312?Q?${hz.replaceAll('?', '=3F')}?=`)).toBe('Re: 地下车库积水')
  expect(decodeWords(`=?HZ-GB-2312?B?${Buffer.from(hz).toString('base64')}?=`)).toBe('地下车库积水')
  const plain: Structure = { type: 'text/plain', parameters: { charset: 'hz-gb-2312' }, encoding: '7bit' }
  expect(textOf(plain, Buffer.from(`B2 ${hz}, 5 cm\r\n~{M#9$~}`))).toBe('B2 地下车库积水, 5 cm\n停工')
})

test('a character that was cut over two encoded words is one character', () => {
  const half = bytesOf.gb2312
  const word = (bytes: Buffer) => `=?gbk?B?${bytes.toString('base64')}?=`
  expect(decodeWords(`${word(half.subarray(0, 5))}  ${word(half.subarray(5))}`)).toBe(words)
  expect(decodeWords('=?utf-8?Q?caf=C3=A9_au?= lait')).toBe('café au lait')
  expect(decodeWords('Re: =?utf-8?B?5YGc5bel?=')).toBe('Re: 停工')
})

test('a head is unfolded, its first line of a name counts, and what is no header is left out', () => {
  const head = readHead(
    Buffer.from('Subject: a\r\n b\r\nSUBJECT: second\r\n more\r\nnonsense\r\n\r\nFrom: body'),
  )
  expect([...head]).toEqual([['subject', 'a b']])
})

test.each([
  ['"Wang, Li" <Wang@Paper.Example>', { name: 'Wang, Li', address: 'wang@paper.example' }],
  ['wang@paper.example', { name: '', address: 'wang@paper.example' }],
  ['=?utf-8?B?546L6K6w6ICF?= <w@p.example>, other@x.example', { name: '王记者', address: 'w@p.example' }],
  ['undisclosed-recipients:;', { name: 'undisclosed-recipients:;', address: '' }],
  [undefined, { name: '', address: '' }],
])('the sender %s is read', (written, sender) => {
  expect(readAddress(written)).toEqual(sender)
})

test('ids keep their order', () => {
  expect(messageIds('<a@x> junk <b@y>\t<c@z>')).toEqual(['a@x', 'b@y', 'c@z'])
  expect(messageIds(undefined)).toEqual([])
})

test.each([
  ['Outlook', '新的话。\n\n-----原始邮件-----\n发件人: 王\n旧的话'],
  ['Outlook without a line', '新的话。\n\n发件人: 王 <w@x.example>\n发送时间: 2026年3月5日 9:30\n旧的话'],
  ['QQ', '新的话。\n\n------------------ 原始邮件 ------------------\n发件人: "王"\n旧的话'],
  ['Gmail', '新的话。\n\n王 <w@x.example> 于2026年3月5日周四 09:30写道：\n> 旧的话'],
  ['Apple', '新的话。\n\n> 在 2026年3月5日，上午9:30，王 <w@x.example> 写道：\n> \n> 旧的话'],
  ['Thunderbird', '新的话。\n\nOn 05/03/2026 09:30, Wang wrote:\n> old 旧的话'],
  [
    'English Outlook',
    '新的话。\n\nFrom: Wang <w@x.example>\nSent: Thursday, March 5, 2026\nTo: House\n旧的话',
  ],
  ['answers between the lines', '> 旧的话\n新的话。\n> 旧的话'],
])('what %s quotes is cut, what is new stays', (_program, text) => {
  expect(withoutQuotes(text)).toBe('新的话。')
})

test('a line that only looks like a head stays', () => {
  expect(withoutQuotes('发件人: 请写明姓名\n谢谢。')).toBe('发件人: 请写明姓名\n谢谢。')
})

test('quotes of HTML go with everything inside, however deep', () => {
  expect(withoutQuotedHtml('a<blockquote>b<blockquote>c</blockquote>d</blockquote>e')).toBe('ae')
  expect(withoutQuotedHtml('a<div class="gmail_quote">b')).toBe('a')
  expect(withoutQuotedHtml('a</blockquote>b<blockquote>c')).toBe('ab')
})

const mailOf = (head: string, texts: Mail['texts']): Mail => ({
  uid: 1,
  head: readHead(Buffer.from(head)),
  arrivedAt: new Date('2026-03-05T02:00:00Z'),
  texts,
  attachments: [],
  isUnreadable: false,
})

test('a reply belongs to the first mail of its thread and holds only what is new', () => {
  const read = readMail(
    mailOf('Subject: Re: x\nMessage-ID: <b@x>\nReferences: <root@x> <a@x>\nIn-Reply-To: <a@x>', [
      { plain: '新的话。\n> 旧的话' },
    ]),
  )
  expect(read).toMatchObject({ id: 'b@x', thread: 'root@x', text: '新的话。' })
})

test('a forwarded mail keeps what it forwards, and a reply of nothing but quotes keeps them too', () => {
  const forwarded = '请看。\n-----原始邮件-----\n发件人: 记者\n旧的话'
  expect(readMail(mailOf('Subject: Fwd: x\nReferences: <a@x>', [{ plain: forwarded }])).text).toBe(forwarded)
  expect(readMail(mailOf('Subject: Re: x\nReferences: <a@x>', [{ plain: '> 旧的话' }])).text).toBe('> 旧的话')
})

test('a mail without an id has the same one in every folder', () => {
  const head = 'From: a@x.example\nDate: Thu, 5 Mar 2026 09:30:00 +0800\nSubject: x'
  const id = readMail(mailOf(head, [])).id
  expect(id).toMatch(/^[0-9a-f]{40}$/)
  expect(readMail({ ...mailOf(head, []), uid: 99 }).id).toBe(id)
})

test('mails whose heads a server gives empty are told apart by what they say', () => {
  const id = (plain: string) => readMail(mailOf('', [{ plain }])).id
  expect(id('地下车库积水')).toBe(id('地下车库积水'))
  expect(id('电梯停运')).not.toBe(id('地下车库积水'))
})

test.each([
  ['Date: Thu, 5 Mar 2026 09:30:00 +0800', '2026-03-05T01:30:00.000Z'],
  ['Date: Thu, 5 Mar 2099 09:30:00 +0800', '2026-03-05T02:00:00.000Z'],
  ['Date: 1 Jan 1970 00:00:00 +0000', '2026-03-05T02:00:00.000Z'],
  ['Date: soon', '2026-03-05T02:00:00.000Z'],
])('«%s» is sent at %s', (head, at) => {
  expect(readMail(mailOf(head, [])).sentAt).toBe(at)
})

test('HTML is read where the plain text is missing or a stub', () => {
  const html = '<div>业主反映地下车库积水，物业至今没有处理。</div>'
  expect(readMail(mailOf('', [{ plain: 'see html', html }])).text).toBe(
    '业主反映地下车库积水，物业至今没有处理。',
  )
  expect(readMail(mailOf('', [{ plain: '业主反映地下车库积水。', html }])).text).toBe(
    '业主反映地下车库积水。',
  )
})

test('parts that are texts are read, all others named, and a bomb of parts is bounded', () => {
  const leaf = (type: string, given: Partial<Structure> = {}): Structure => ({
    type,
    part: '1',
    size: 98,
    ...given,
  })
  const { texts, attachments } = partsOf({
    type: 'multipart/mixed',
    childNodes: [
      leaf('text/plain'),
      leaf('text/plain', {
        disposition: 'attachment',
        dispositionParameters: { filename: '说明 13812345678.txt' },
      }),
      leaf('message/rfc822', { childNodes: [leaf('text/plain')] }),
      leaf('image/png', { encoding: 'base64', parameters: { name: bytesOf.gb2312.toString('latin1') } }),
    ],
  })
  expect(texts).toHaveLength(1)
  expect(attachments).toEqual([
    { name: '说明 138****5678.txt', contentType: 'text/plain', bytes: 98 },
    { name: 'message/rfc822', contentType: 'message/rfc822', bytes: 98 },
    { name: words, contentType: 'image/png', bytes: 72 },
  ])
  const bomb = partsOf({
    type: 'multipart/mixed',
    childNodes: Array.from({ length: 5_000 }, () => leaf('text/plain')),
  })
  expect(bomb.texts).toHaveLength(10)
})

test('bodies are decoded by transfer encoding, charset and flow', () => {
  const part = (given: Partial<Structure>): Structure => ({ type: 'text/plain', ...given })
  expect(textOf(part({ parameters: { charset: 'gb2312' } }), bytesOf.gb2312)).toBe(words)
  expect(textOf(part({ parameters: { charset: 'utf-8' } }), bytesOf.gb2312)).toBe(words)
  expect(
    textOf(
      part({ encoding: 'quoted-printable', parameters: { charset: 'utf-8' } }),
      Buffer.from('=E5=81=9C=\r\n=E5=B7=A5'),
    ),
  ).toBe('停工')
  expect(textOf(part({ parameters: { format: 'flowed' } }), Buffer.from('one \r\ntwo\r\nthree'))).toBe(
    'one two\nthree',
  )
})

test('personal numbers are hidden, service lines stay', () => {
  expect(
    maskNumbers('13812345678 330106199001011234 6222 0212 3456 7890 123 0571-88123456 12345 4008001234'),
  ).toBe('138****5678 330***********1234 6222 **** **** ***0 123 0571-****3456 12345 4008001234')
  expect(maskMailboxes('写信到 zhang.wei@example.com。')).toBe('写信到 z********@example.com。')
})

test('no mail breaks the reader', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.string({ maxLength: 2_000 }), (bytes, text) => {
      const head = readHead(bytes)
      readMail({ ...mailOf('', [{ plain: text, html: text }]), head })
      decodeWords(text)
      withoutQuotes(text)
    }),
  )
})

test('long hostile texts cost no more than their length', () => {
  const started = performance.now()
  for (const text of [
    'On '.repeat(100_000),
    '<'.repeat(300_000),
    '>'.repeat(300_000),
    '=?gbk?B?'.repeat(40_000),
    'a@'.repeat(100_000),
    '=\n'.repeat(100_000),
    ' '.repeat(300_000),
  ]) {
    withoutQuotes(text)
    withoutQuotedHtml(text)
    decodeWords(text)
    maskMailboxes(text)
    textOf({ type: 'text/plain', encoding: 'quoted-printable' }, Buffer.from(text))
    readAddress(text)
  }
  expect(performance.now() - started).toBeLessThan(5_000)
})
