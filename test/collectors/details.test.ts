import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { refusedAddress } from '../../collectors/address.ts'
import { type DetailCode, said, told } from '../../collectors/details.ts'
import { openOutside } from '../../collectors/outside.ts'
import { parseFeed } from '../../collectors/rss/parse.ts'

const one = (detail: string) => told(detail)[0] ?? []

describe('a stored detail', () => {
  test.each<[string, DetailCode, object]>([
    [
      'HTTP 403 from https://news.example/feed?…',
      'http-status',
      { status: '403', address: 'https://news.example/feed?…' },
    ],
    ['https://news.example/a took too long', 'too-long', { address: 'https://news.example/a' }],
    ['robots.txt forbids https://news.example/a', 'robots-forbid', { address: 'https://news.example/a' }],
    ['no such host: news.example', 'no-such-host', { host: 'news.example' }],
    [
      'the certificate of news.example is not trusted (CERT_HAS_EXPIRED); a private authority is named in NODE_EXTRA_CA_CERTS',
      'certificate-untrusted',
      { host: 'news.example', code: 'CERT_HAS_EXPIRED' },
    ],
    ['more than 8388608 bytes', 'over-bytes', { bytes: '8388608' }],
    ['this is not a feed', 'no-feed', { due: 'feed' }],
    [
      'https://news.example/: ECONNREFUSED',
      'connection-code',
      { address: 'https://news.example/', code: 'ECONNREFUSED' },
    ],
  ])('%s', (detail, code, params) => {
    expect(told(detail)).toEqual([[{ code, params }]])
  })

  test('a reason inside another sentence is told too', () => {
    const detail = said('leaves-alone', {
      reason: said('http-status', { status: 429, address: 'https://news.example/a' }),
      span: '15 min',
    })
    expect(detail).toBe('HTTP 429 from https://news.example/a; the host is left alone for 15 min')
    expect(told(detail)).toEqual([
      [
        { code: 'leaves-alone', params: { span: '15 min' } },
        { code: 'http-status', params: { status: '429', address: 'https://news.example/a' } },
      ],
    ])
    expect(one('inbox/a.csv: the file has 99 bytes').map(({ code }) => code)).toEqual([
      'of-file',
      'file-bytes',
    ])
  })

  test('several remarks are told one by one, and what has no sentence stays as it was written', () => {
    const certificate = said('certificate-untrusted', { host: 'a.example', code: 'CERT_HAS_EXPIRED' })
    expect(told(`one drill left out; strange; ${certificate}; the answer is empty`)).toMatchObject([
      [{ code: 'other', params: { text: 'one drill left out; strange' } }],
      [{ code: 'certificate-untrusted' }],
      [{ code: 'empty-answer' }],
    ])
    expect(told('one drill left out; mail.example did not answer in time')).toMatchObject([
      [{ code: 'other' }],
      [{ code: 'no-answer', params: { place: 'mail.example' } }],
    ])
    expect(told('the query cannot be run: column "x" does not exist')).toEqual([
      [{ code: 'other', params: { text: 'the query cannot be run: column "x" does not exist' } }],
    ])
  })

  test('long and hostile ones are read at once', () => {
    const started = performance.now()
    for (const detail of [': '.repeat(1_000), '; '.repeat(1_000), ' refuses the user '.repeat(110)])
      told(detail)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

test('what collectors throw is found by its code', () => {
  const messageOf = (run: () => unknown) => {
    try {
      run()
    } catch (error) {
      return error instanceof Error ? error.message : ''
    }
    return ''
  }
  const page = new TextEncoder().encode('<!doctype html><html><body>请先登录</body></html>')
  expect(one(messageOf(() => parseFeed(page)))).toEqual([{ code: 'page-for-feed', params: { due: 'feed' } }])
  expect(one(refusedAddress('10.0.0.1').message)[0]?.code).toBe('private-address')
})

test('what the polite fetch says is found by its code', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/robots.txt') response.end('User-agent: *\nDisallow: /private')
    else response.writeHead(404).end()
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { fetcher } = openOutside({ version: 'test', allow: ['127.0.0.1'], folders: [] })
  const codeOf = async (address: string) =>
    one(await fetcher.fetch(address).then(String, (error: Error) => error.message))[0]?.code
  expect(await codeOf(`${origin}/private/a`)).toBe('robots-forbid')
  expect(await codeOf(`${origin}/gone`)).toBe('http-status')
  expect(await codeOf('http://10.0.0.1/')).toBe('private-address')
  expect(await codeOf('ftp://news.example/')).toBe('no-web-address')
  await fetcher.close()
  server.close()
})
