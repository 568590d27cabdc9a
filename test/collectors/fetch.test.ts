import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressGate, withoutSecrets } from '../../collectors/address.ts'
import { CollectError } from '../../collectors/collector.ts'
import { createFetcher, type FetcherOptions, retryAfterMs, type Validators } from '../../collectors/fetch.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void
const answers = new Map<string, Answer>()
const seen: string[] = []
const server = createServer((request, response) => {
  seen.push(request.url ?? '')
  const answer = answers.get(request.url ?? '')
  if (answer) answer(request, response)
  else response.writeHead(404).end()
})
let origin = ''
beforeAll(async () => {
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const text =
  (body: string, headers: Record<string, string> = {}, status = 200): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end(body)

/** A fetcher whose waits are noted instead of waited for. */
function patient(options: Partial<FetcherOptions> = {}) {
  const waits: number[] = []
  let clock = 1_000_000
  const fetcher = createFetcher({
    userAgent: 'weiyu-test',
    allow: ['127.0.0.0/8'],
    now: () => clock,
    sleep: async (ms) => {
      waits.push(ms)
      clock += ms
    },
    random: () => 0.5,
    ...options,
    limits: { totalMs: 3_000, idleMs: 1_000, ...options.limits },
  })
  return { fetcher, waits }
}

async function outcomeOf(work: Promise<unknown>): Promise<[string, string]> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof CollectError)) throw new Error(`no CollectError but ${String(error)}`)
  return [error.outcome, error.message]
}

test('an ordinary answer comes back with its bytes, headers and final address', async () => {
  answers.set('/plain', text('你好', { 'Content-Type': 'text/plain; charset=utf-8' }))
  answers.set('/moved', (_, response) => void response.writeHead(302, { location: '/plain' }).end())
  const answer = await patient().fetcher.fetch(`${origin}/moved`)
  expect(new TextDecoder().decode(answer.bytes)).toBe('你好')
  expect(answer).toMatchObject({ status: 200, url: `${origin}/plain`, notModified: false })
  expect(answer.headers['content-type']).toContain('utf-8')
})

test.each([
  'http://127.0.0.1:PORT/plain',
  'http://2130706433:PORT/plain',
  'http://0x7f.1:PORT/plain',
  'http://[::ffff:127.0.0.1]:PORT/plain',
  'http://localhost:PORT/plain',
  'http://10.1.2.3/',
  'http://169.254.169.254/latest/meta-data',
  'http://[::1]:PORT/plain',
  'http://[fe80::1]/',
  'http://0.0.0.0:PORT/plain',
  'http://[64:ff9b::7f00:1]/',
])('%s is refused without a word sent', async (address) => {
  seen.length = 0
  const url = address.replace('PORT', new URL(origin).port)
  expect((await outcomeOf(patient({ allow: [] }).fetcher.fetch(url)))[0]).toBe('refused')
  expect(seen).toEqual([])
})

test('a redirect to a private address is refused at that hop', async () => {
  answers.set(
    '/to-private',
    (_, response) => void response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
  )
  answers.set(
    '/to-file',
    (_, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  )
  expect((await outcomeOf(patient().fetcher.fetch(`${origin}/to-private`)))[0]).toBe('refused')
  expect((await outcomeOf(patient().fetcher.fetch(`${origin}/to-file`)))[0]).toBe('refused')
})

test('only what was opened is reached: one address does not open its neighbours', () => {
  const gate = addressGate(['127.0.0.1', '192.168.7.0/24'])
  expect(['127.0.0.1', '192.168.7.9', '8.8.8.8', '2001:4860:4860::8888'].every(gate)).toBe(true)
  expect(['127.0.0.2', '192.168.8.1', '::1', '100.64.0.1', 'fc00::1', 'name.example'].some(gate)).toBe(false)
  expect(() => addressGate(['nonsense'])).toThrow('nonsense')
})

test('a redirect loop and a long chain end', async () => {
  answers.set('/a', (_, response) => void response.writeHead(302, { location: '/b' }).end())
  answers.set('/b', (_, response) => void response.writeHead(302, { location: '/a' }).end())
  for (let at = 0; at < 9; at++) {
    answers.set(
      `/hop${at}`,
      (_, response) => void response.writeHead(301, { location: `/hop${at + 1}` }).end(),
    )
  }
  expect(await outcomeOf(patient().fetcher.fetch(`${origin}/a`))).toEqual([
    'unreachable',
    expect.stringContaining('loop'),
  ])
  expect(await outcomeOf(patient().fetcher.fetch(`${origin}/hop0`))).toEqual([
    'unreachable',
    expect.stringContaining('redirects'),
  ])
})

test('an endless body stops at the byte limit, a declared one before it is read', async () => {
  answers.set('/endless', (_, response) => {
    const part = Buffer.alloc(64 * 1024, 'x')
    const more = () => {
      while (response.write(part));
      response.once('drain', more)
    }
    more()
  })
  answers.set('/declared', (_, response) => {
    response.writeHead(200, { 'content-length': '99999999' })
    response.write('x')
  })
  const { fetcher } = patient({ limits: { maxBytes: 1_000_000 } })
  expect((await outcomeOf(fetcher.fetch(`${origin}/endless`)))[0]).toBe('too-large')
  expect((await outcomeOf(fetcher.fetch(`${origin}/declared`)))[0]).toBe('too-large')
})

test('a silent server and a trickling one both run out of time', async () => {
  answers.set('/silent', () => {})
  answers.set('/trickle', (_, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write('x'), 20)
    response.on('close', () => clearInterval(timer))
  })
  const { fetcher } = patient({ limits: { idleMs: 150, totalMs: 300 } })
  expect((await outcomeOf(fetcher.fetch(`${origin}/silent`)))[0]).toBe('timeout')
  expect((await outcomeOf(fetcher.fetch(`${origin}/trickle`)))[0]).toBe('timeout')
})

test('compressed bodies are read, also raw deflate, two layers and a body cut short', async () => {
  const body = '延期交付'.repeat(200)
  const whole = gzipSync(body)
  const send =
    (bytes: Buffer, encoding: string): Answer =>
    (_, response) =>
      void response.writeHead(200, { 'content-encoding': encoding }).end(bytes)
  answers.set('/gzip', send(whole, 'gzip'))
  answers.set('/br', send(brotliCompressSync(body), 'br'))
  answers.set('/raw', send(deflateRawSync(body), 'deflate'))
  answers.set('/twice', send(gzipSync(whole), 'gzip, gzip'))
  const { fetcher } = patient()
  for (const path of ['/gzip', '/br', '/raw', '/twice']) {
    expect(new TextDecoder().decode((await fetcher.fetch(origin + path)).bytes)).toBe(body)
  }
  const long = Buffer.from(Array.from({ length: 50_000 }, (_, at) => `${(at * 7919) % 99991} `).join(''))
  answers.set('/cut', send(gzipSync(long).subarray(0, 20_000), 'gzip'))
  expect((await fetcher.fetch(`${origin}/cut`)).bytes.length).toBeGreaterThan(10_000)
  answers.set('/lie', send(Buffer.from('not gzip at all'), 'gzip'))
  expect((await outcomeOf(fetcher.fetch(`${origin}/lie`)))[0]).toBe('parse-error')
})

test('a decompression bomb is stopped by its ratio before its size', async () => {
  const bomb = gzipSync(Buffer.alloc(60 * 1024 * 1024))
  answers.set(
    '/bomb',
    (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  )
  const { fetcher } = patient({ limits: { maxBytes: 100 * 1024 * 1024 } })
  expect(await outcomeOf(fetcher.fetch(`${origin}/bomb`))).toEqual([
    'too-large',
    expect.stringContaining('times'),
  ])
})

test('a second visit sends what the first one was told and understands 304', async () => {
  answers.set('/feed', (request, response) => {
    if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end()
    else
      response.writeHead(200, { etag: '"v1"', 'last-modified': 'Thu, 05 Mar 2026 06:05:00 GMT' }).end('items')
  })
  const kept = new Map<string, { etag?: string; lastModified?: string }>()
  const validators: Validators = {
    read: (url) => kept.get(url),
    write: (url, value) => void kept.set(url, value),
  }
  const { fetcher } = patient()
  expect((await fetcher.fetch(`${origin}/feed`, { validators })).notModified).toBe(false)
  expect(kept.get(`${origin}/feed`)).toEqual({ etag: '"v1"', lastModified: 'Thu, 05 Mar 2026 06:05:00 GMT' })
  const second = await fetcher.fetch(`${origin}/feed`, { validators })
  expect([second.notModified, second.bytes.length]).toEqual([true, 0])
})

test('robots.txt is obeyed, asked once, and its delay is kept', async () => {
  answers.set('/robots.txt', text('User-agent: *\nDisallow: /private\nCrawl-delay: 7\n'))
  answers.set('/private/x', text('secret'))
  answers.set('/plain', text('open'))
  seen.length = 0
  const { fetcher } = patient()
  expect((await outcomeOf(fetcher.fetch(`${origin}/private/x`)))[0]).toBe('refused')
  await fetcher.fetch(`${origin}/plain`)
  expect(seen).toEqual(['/robots.txt', '/plain'])
  answers.set('/robots.txt', text('', {}, 503))
  const failing = patient()
  expect(await outcomeOf(failing.fetcher.fetch(`${origin}/plain`))).toEqual([
    'unreachable',
    expect.stringContaining('robots.txt'),
  ])
  answers.delete('/robots.txt')
})

test('one host is read at its pace, the queue keeps its order', async () => {
  answers.set('/plain', text('x'))
  const named = `http://localhost:${new URL(origin).port}/plain`
  const { fetcher, waits } = patient({ allow: ['127.0.0.1', '::1'], limits: { paceMs: 400, perHost: 1 } })
  for (let at = 0; at < 3; at++) await fetcher.fetch(named)
  // robots.txt, then three pages: three gaps.
  expect(waits).toEqual([400, 400, 400])
})

test('429 waits as long as it was told; a long wait is left to the schedule', async () => {
  let asked = 0
  answers.set('/busy', (_, response) => {
    asked++
    if (asked === 1) response.writeHead(429, { 'retry-after': '3' }).end()
    else response.writeHead(200).end('now')
  })
  answers.set('/closed', text('', { 'retry-after': '3600' }, 429))
  const { fetcher, waits } = patient()
  expect((await fetcher.fetch(`${origin}/busy`)).status).toBe(200)
  expect(waits).toEqual([3000])
  const error = await fetcher.fetch(`${origin}/closed`).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ outcome: 'blocked', retryAfterMs: 3_600_000 })
})

test('a broken connection and 503 are tried again with a growing, jittered wait, then given up', async () => {
  answers.set('/broken', (request) => void request.socket.destroy())
  answers.set('/down', text('', {}, 503))
  for (const path of ['/broken', '/down']) {
    const { fetcher, waits } = patient()
    expect((await outcomeOf(fetcher.fetch(origin + path)))[0]).toBe('unreachable')
    expect(waits).toEqual([750, 1250])
  }
})

test('refusals by status are told apart', async () => {
  answers.set('/403', text('', {}, 403))
  const { fetcher } = patient()
  expect((await outcomeOf(fetcher.fetch(`${origin}/403`)))[0]).toBe('blocked')
  expect((await outcomeOf(fetcher.fetch(`${origin}/404`)))[0]).toBe('unreachable')
  expect((await outcomeOf(fetcher.fetch('http://no-such-host.invalid/')))[0]).toBe('unreachable')
  expect((await outcomeOf(fetcher.fetch('ftp://example.com/')))[0]).toBe('refused')
})

test('user and password go out as a header and never into a message or to another host', async () => {
  const given: (string | undefined)[] = []
  answers.set('/secret?key=abc', (request, response) => {
    given.push(request.headers.authorization)
    response.writeHead(302, { location: `http://localhost:${new URL(origin).port}/other` }).end()
  })
  answers.set('/other', (request, response) => {
    given.push(request.headers.authorization)
    response.writeHead(403).end()
  })
  const { fetcher } = patient({ allow: ['127.0.0.1', '::1'] })
  const address = `${origin.replace('//', '//ana:pass%40word@')}/secret?key=abc`
  const [, message] = await outcomeOf(fetcher.fetch(address))
  expect(given).toEqual([`Basic ${Buffer.from('ana:pass@word').toString('base64')}`, undefined])
  expect(message).not.toMatch(/ana|pass|abc/)
  expect(withoutSecrets(address)).toBe(`${origin}/secret?…`)
})

test('Retry-After is seconds or a date', () => {
  expect(retryAfterMs('120', 0)).toBe(120_000)
  expect(retryAfterMs('Thu, 01 Jan 1970 00:01:00 GMT', 0)).toBe(60_000)
  expect(retryAfterMs('soon', 0)).toBeUndefined()
})
