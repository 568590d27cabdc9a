// The hostile web on loopback: plain net, tls and http servers that break every rule. Asked for each: the right outcome,
// in bounded memory, and no harm to anybody else.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { CollectError } from '../../collectors/collector.ts'
import { createFetcher, type FetcherOptions } from '../../collectors/fetch.ts'
import { HostBusy } from '../../collectors/turns.ts'
import { certificate, key } from '../support/self-signed.ts'

vi.setConfig({ testTimeout: 60_000 })

const opened: Server[] = []
const sockets = new Set<Socket>()
const unhandled: unknown[] = []
const note = (error: unknown) => void unhandled.push(error)
let memory = 0
let peak = 0
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss)
}, 20)
beforeAll(() => {
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  memory = process.memoryUsage().rss
})
afterEach(() => expect(unhandled).toEqual([]))
afterAll(() => {
  clearInterval(watch)
  process.off('unhandledRejection', note)
  process.off('uncaughtException', note)
  hangUp()
  // All bombs and floods of this file together; each alone holds gigabytes.
  expect(peak - memory).toBeLessThan(500 * 1024 * 1024)
})

function hangUp(): void {
  for (const server of opened) server.close()
  for (const socket of sockets) socket.destroy()
}

async function listening(server: Server, address = '127.0.0.2'): Promise<number> {
  opened.push(server)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((done) => void server.listen(0, address, done))
  return (server.address() as AddressInfo).port
}

/** A server that speaks whatever it likes; robots.txt is answered properly, so that the page is what is tested. */
async function raw(speak: (socket: Socket, asked: string) => void): Promise<string> {
  const port = await listening(
    createTcpServer((socket) => {
      socket.on('data', (bytes) => {
        const asked = String(bytes)
        if (asked.startsWith('GET /robots.txt'))
          socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
        else speak(socket, asked)
      })
    }),
  )
  return `http://127.0.0.2:${port}/`
}

async function web(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const port = await listening(
    createServer((request, response) => {
      if (request.url === '/robots.txt') response.writeHead(404).end()
      else answer(request, response)
    }),
  )
  return `http://127.0.0.2:${port}/`
}

/** For those who must run out of time; all others get more than a slow machine needs. */
const hurried = { idleMs: 300, totalMs: 900 }
const fetchers: { close(): Promise<void> }[] = []
afterAll(() => Promise.all(fetchers.map((fetcher) => fetcher.close())))
function reader(options: Partial<FetcherOptions> = {}) {
  const fetcher = createFetcher({
    userAgent: 'weiyu-test',
    allow: ['127.0.0.2'],
    sleep: async () => {},
    ...options,
    limits: { idleMs: 10_000, totalMs: 20_000, maxBytes: 2_000_000, retries: 0, ...options.limits },
  })
  fetchers.push(fetcher)
  return fetcher
}

async function failure(work: Promise<unknown>): Promise<CollectError> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof CollectError)) throw error
  return error
}
const outcome = async (work: Promise<unknown>) => (await failure(work)).outcome

// --- addresses

const hidden = [
  'http://127.0.0.1:PORT/',
  'http://127.1:PORT/',
  'http://0x7f.1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://0/',
  'http://[::1]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[64:ff9b::127.0.0.1]:PORT/',
  'http://[64:ff9b:1::127.0.0.1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:1::1]/',
  'http://[fec0::1]/',
  'http://[fd00:ec2::254]/',
  'http://[4000::1]/',
  'http://[ff02::1]/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://100.100.100.200/',
  'http://169.254.169.254/latest/meta-data/',
  'http://168.63.129.16/machine',
  'http://192.0.0.192/',
  'http://198.18.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://localhost:PORT/',
]

test('a redirect to a hidden address is refused at that hop, however it is written', async () => {
  const reached: string[] = []
  const port = await listening(
    createServer((request, response) => {
      reached.push(request.url ?? '')
      response.end('secret')
    }),
    '127.0.0.1',
  )
  let location = ''
  const origin = await web((_, response) => void response.writeHead(302, { location }).end())
  const fetcher = reader()
  for (const address of hidden) {
    location = address.replace('PORT', String(port))
    expect([location, await outcome(fetcher.fetch(origin))]).toEqual([location, 'refused'])
    expect([location, await outcome(fetcher.fetch(location))]).toEqual([location, 'refused'])
  }
  expect(reached).toEqual([])
})

test('a name that changes its answer between two questions reaches nothing', async () => {
  let asked = 0
  const origin = await web((_, response) => void response.end('inside'))
  const { port } = new URL(origin)
  const rebinding = (first: string, then: string) =>
    reader({
      allow: [],
      resolve: async () => [{ address: asked++ === 0 ? first : then, family: 4 }],
    })
  // Checked as it is connected, not as it was looked up before.
  expect(await outcome(rebinding('127.0.0.2', '8.8.8.8').fetch(`http://evil.example:${port}/`))).toBe(
    'refused',
  )
  asked = 0
  const fetcher = rebinding('127.0.0.2', '127.0.0.2')
  expect(await outcome(fetcher.fetch(`http://evil.example:${port}/`))).toBe('refused')
  expect(await outcome(fetcher.addressOf('evil.example'))).toBe('refused')
})

test('of many answers of a name only those that may be reached are tried', async () => {
  const origin = await web((_, response) => void response.end('ours'))
  const fetcher = reader({
    resolve: async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
      { address: '127.0.0.2', family: 4 },
    ],
  })
  const answer = await fetcher.fetch(`http://mixed.example:${new URL(origin).port}/`)
  expect(new TextDecoder().decode(answer.bytes)).toBe('ours')
  expect(await fetcher.addressOf('mixed.example')).toBe('127.0.0.2')
})

test('a translator that was opened does not open what lies behind it', async () => {
  const fetcher = reader({ allow: ['64:ff9b::/96'] })
  expect(await fetcher.addressOf('64:ff9b::8.8.8.8')).toBe('64:ff9b::808:808')
  expect(await outcome(fetcher.addressOf('64:ff9b::127.0.0.1'))).toBe('refused')
})

test('a host becomes a literal that may be reached, or the reason why not', async () => {
  const fetcher = reader({
    limits: hurried,
    resolve: async (host) => {
      if (host === 'mail.example') return [{ address: '192.0.32.7', family: 4 }]
      if (host === 'slow.example') return new Promise(() => {})
      throw Object.assign(new Error('no'), { code: 'ENOTFOUND' })
    },
  })
  expect(await fetcher.addressOf('mail.example')).toBe('192.0.32.7')
  expect(await fetcher.addressOf('127.0.0.2')).toBe('127.0.0.2')
  expect(await fetcher.addressOf('[2400:3200::1]')).toBe('2400:3200::1')
  expect(await outcome(fetcher.addressOf('2130706433'))).toBe('refused')
  expect(await outcome(fetcher.addressOf('[::1]'))).toBe('refused')
  expect(await outcome(fetcher.addressOf('user@mail.example'))).toBe('refused')
  expect(await outcome(fetcher.addressOf(''))).toBe('refused')
  expect(await outcome(fetcher.addressOf('none.example'))).toBe('unreachable')
  expect(await outcome(fetcher.addressOf('slow.example'))).toBe('timeout')
})

// --- bodies

test('bombs of every encoding, and bombs in bombs, are stopped by size or ratio', async () => {
  const zeros = Buffer.alloc(48 * 1024 * 1024)
  const gzip = gzipSync(zeros)
  const bombs: [string, Buffer][] = [
    ['gzip', gzip],
    ['br', brotliCompressSync(zeros, { params: { 1: 1 } })],
    ['deflate', deflateSync(zeros)],
    ['gzip, gzip', gzipSync(gzip)],
    // Little comes out in the end, but much in between.
    ['gzip, gzip', gzipSync(Buffer.concat(new Array<Buffer>(300_000).fill(gzipSync(''))))],
  ]
  for (const [encoding, bytes] of bombs) {
    const origin = await web(
      (_, response) => void response.writeHead(200, { 'content-encoding': encoding }).end(bytes),
    )
    const fetcher = reader({ limits: { totalMs: 20_000, idleMs: 10_000, maxBytes: 4_000_000 } })
    expect([encoding, await outcome(fetcher.fetch(origin))]).toEqual([encoding, 'too-large'])
  }
})

test('encodings that nobody knows, or too many, are refused', async () => {
  let encoding = 'zz'
  const origin = await web(
    (_, response) => void response.writeHead(200, { 'content-encoding': encoding }).end('x'),
  )
  const fetcher = reader()
  expect(await outcome(fetcher.fetch(origin))).toBe('refused')
  encoding = 'gzip, gzip, gzip'
  expect(await outcome(fetcher.fetch(origin))).toBe('refused')
})

test('a body of endless bytes, in chunks or to the end of the connection, is cut off', async () => {
  const flood = (head: string, part: string) =>
    raw((socket) => {
      socket.write(head)
      const more = () => {
        while (!socket.destroyed && socket.write(part));
        socket.once('drain', more)
      }
      more()
    })
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
  const chunked = await flood('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', chunk)
  const toTheEnd = await flood('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(65_536))
  const refusal = await flood('HTTP/1.1 500 No\r\n\r\n', 'x'.repeat(65_536))
  const fetcher = reader({ limits: { totalMs: 10_000, idleMs: 5_000 } })
  expect(await outcome(fetcher.fetch(chunked))).toBe('too-large')
  expect(await outcome(fetcher.fetch(toTheEnd))).toBe('too-large')
  // Nobody reads what a refusal says.
  expect((await failure(fetcher.fetch(refusal))).message).toContain('HTTP 500')
})

test('a wrong Content-Length: too little is a broken answer, too much is cut where it was declared', async () => {
  const long = await raw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort'))
  const short = await raw((socket) =>
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nlonger than five'),
  )
  const fetcher = reader()
  expect(await outcome(fetcher.fetch(long))).toBe('unreachable')
  expect(new TextDecoder().decode((await fetcher.fetch(short)).bytes)).toBe('longe')
  // What was left over is no answer to the next question.
  expect(new TextDecoder().decode((await fetcher.fetch(`${short}?2`)).bytes)).toBe('longe')
})

test('a 304 that nobody asked for is no quiet day', async () => {
  const origin = await web((_, response) => void response.writeHead(304).end())
  expect((await failure(reader().fetch(origin))).message).toContain('304')
  const validators = { read: () => ({ etag: '"1"' }), write: () => {} }
  expect((await reader().fetch(origin, { validators })).notModified).toBe(true)
})

// --- time and heads

test('slow-loris: heads and bodies that trickle run out of time', async () => {
  const trickle = (head: string) =>
    raw((socket) => {
      socket.write(head)
      const timer = setInterval(() => socket.write('x'), 50)
      socket.on('close', () => clearInterval(timer))
    })
  const fetcher = reader({ limits: hurried })
  expect(await outcome(fetcher.fetch(await trickle('HTTP/1.1 200 OK\r\nx-slow: ')))).toBe('timeout')
  expect(await outcome(fetcher.fetch(await trickle('HTTP/1.1 200 OK\r\n\r\n')))).toBe('timeout')
  const informed = await raw((socket) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 50)
    socket.on('close', () => clearInterval(timer))
  })
  expect(await outcome(fetcher.fetch(informed))).toBe('timeout')
})

test('a flood of headers is too large, garbage in place of HTTP is no answer', async () => {
  const many = await raw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    for (let at = 0; at < 3_000; at++) socket.write(`x-header-${at}: ${'y'.repeat(60)}\r\n`)
  })
  const garbage = await raw((socket) => socket.end('<html>HTTP/0.9 says hello</html>'))
  const nothing = await raw((socket) => socket.end())
  const fetcher = reader()
  expect(await outcome(fetcher.fetch(many))).toBe('too-large')
  expect(await failure(fetcher.fetch(garbage))).toMatchObject({
    outcome: 'unreachable',
    message: expect.stringContaining('HTTP'),
  })
  expect(await outcome(fetcher.fetch(nothing))).toBe('unreachable')
})

test('TLS that breaks off, is no TLS, or is signed by itself', async () => {
  const cut = await listening(
    createTcpServer((socket) => socket.once('data', () => socket.end('\x16\x03\x03'))),
  )
  const plain = await listening(
    createTcpServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 No\r\n\r\n'))),
  )
  const selfSigned = await listening(
    createTlsServer({ key, cert: certificate }, (socket) => socket.end('secret')),
  )
  const fetcher = reader()
  for (const port of [cut, plain])
    expect(await outcome(fetcher.fetch(`https://127.0.0.2:${port}/`))).toBe('unreachable')
  expect(await failure(fetcher.fetch(`https://127.0.0.2:${selfSigned}/`))).toMatchObject({
    outcome: 'unreachable',
    message: expect.stringContaining('certificate'),
  })
})

test('a kept connection that was closed meanwhile is made anew, once', async () => {
  let connections = 0
  const port = await listening(
    createTcpServer((socket) => {
      connections++
      let answered = 0
      socket.on('data', () => {
        // The second request on a connection finds it closed.
        if (answered++ > 0) return socket.destroy()
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      })
    }),
  )
  const fetcher = reader()
  for (let at = 0; at < 4; at++)
    expect((await fetcher.fetch(`http://127.0.0.2:${port}/${at}`)).status).toBe(200)
  expect(connections).toBeGreaterThan(3)
})

test('a POST whose connection broke is not sent again; one that was never sent is', async () => {
  let got = 0
  const origin = await raw((socket, asked) => {
    got++
    expect(asked.startsWith('POST')).toBe(true)
    socket.destroy()
  })
  const fetcher = reader({ limits: { retries: 2 } })
  expect(await outcome(fetcher.fetch(origin, { method: 'POST', body: '{}' }))).toBe('unreachable')
  expect(got).toBe(1)
  let looked = 0
  const unsent = reader({
    limits: { retries: 2 },
    resolve: async () => {
      looked++
      return [{ address: '127.0.0.2', family: 4 }]
    },
  })
  const gone = createServer((_, response) => void response.writeHead(200, { connection: 'close' }).end())
  const address = `http://gone.example:${await listening(gone)}/`
  await unsent.fetch(address)
  await new Promise((done) => gone.close(done))
  looked = 0
  expect(await outcome(unsent.fetch(address, { method: 'POST', body: '{}' }))).toBe('unreachable')
  // Nobody listens any more: three tries, none of which was sent.
  expect(looked).toBe(3)
})

// --- secrets

test('headers with secrets go to the first origin only, never back, and into no message', async () => {
  const seen: [string, string | undefined, string | undefined][] = []
  const record = (request: IncomingMessage) =>
    seen.push([
      request.url ?? '',
      request.headers['x-api-key'] as string | undefined,
      request.headers.authorization,
    ])
  let away = ''
  const home = await web((request, response) => {
    record(request)
    if (request.url === '/start?token=hush') response.writeHead(302, { location: '/same' }).end()
    else if (request.url === '/same') response.writeHead(302, { location: away }).end()
    else response.writeHead(401).end()
  })
  away = await web((request, response) => {
    record(request)
    response.writeHead(307, { location: `${home}back` }).end()
  })
  const address = `${home.replace('//', '//ana:pass@')}start?token=hush`
  const error = await failure(
    reader().fetch(address, { headers: { 'X-Api-Key': 'k-123', Cookie: 'session=9' } }),
  )
  const basic = `Basic ${Buffer.from('ana:pass').toString('base64')}`
  expect(seen).toEqual([
    ['/start?token=hush', 'k-123', basic],
    ['/same', 'k-123', basic],
    ['/', undefined, undefined],
    ['/back', undefined, undefined],
  ])
  expect(error.outcome).toBe('blocked')
  expect(JSON.stringify([error.message, error.stack, Object.entries(error)])).not.toMatch(
    /ana|pass|hush|k-123|session/,
  )
})

test('a POST goes on to its own origin with its body, elsewhere without or not at all', async () => {
  const bodies: string[] = []
  let location = ''
  let status = 307
  const origin = await web((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      bodies.push(`${request.method} ${request.url} ${body}`)
      if (request.url === '/') response.writeHead(status, { location }).end()
      else response.end('ok')
    })
  })
  const post = () =>
    reader().fetch(origin, { method: 'POST', body: 'q=1', headers: { 'content-type': 'text/plain' } })
  location = '/next'
  await post()
  status = 303
  await post()
  status = 308
  location = 'http://127.0.0.2:1/'
  expect(await outcome(post())).toBe('refused')
  expect(bodies).toEqual(['POST / q=1', 'POST /next q=1', 'POST / q=1', 'GET /next ', 'POST / q=1'])
})

test('a header that would break the request, or take over the connection, is refused without its value', async () => {
  for (const [name, value] of [
    ['x-key', 'hush\r\nhost: evil'],
    ['x key', 'hush'],
    ['Host', 'hush'],
    ['Transfer-Encoding', 'hush'],
    ['Proxy-Authorization', 'hush'],
    ['x-key', 'hush令'],
  ] as const) {
    const error = await failure(reader().fetch('http://127.0.0.2:1/', { headers: { [name]: value } }))
    expect(error.outcome).toBe('refused')
    expect(error.message).not.toContain('hush')
  }
})

// --- storms

test.each([
  ['7', 7_000],
  [new Date(1_000_000 + 90_000).toUTCString(), 90_000],
  ['-5', undefined],
  ['soon', undefined],
  ['Fri, 01 Jan 2099 00:00:00 GMT', 86_400_000],
  ['99999999999999999999', 86_400_000],
  ['0', 0],
])('Retry-After: %s holds the host back', async (retryAfter, expected) => {
  let asked = 0
  const origin = await web((_, response) => {
    asked++
    response.writeHead(429, { 'retry-after': retryAfter }).end()
  })
  const waits: number[] = []
  let clock = 1_000_000
  const fetcher = reader({
    now: () => clock,
    sleep: async (ms) => {
      waits.push(ms)
      clock += ms
    },
  })
  const error = await failure(fetcher.fetch(origin))
  expect(error.outcome).toBe('blocked')
  // A date has whole seconds.
  if (expected === undefined) expect(error.retryAfterMs).toBeUndefined()
  else expect(Math.abs((error.retryAfterMs ?? -1) - expected)).toBeLessThan(1_000)
  if (expected && expected > 5_000) {
    expect(await failure(fetcher.fetch(origin))).toMatchObject({ outcome: 'blocked', message: /left alone/ })
    expect(asked).toBe(1)
  }
})

test('a storm of 503 opens the circuit: the host is asked no more, then by one probe, then by all', async () => {
  let asked = 0
  let status = 503
  const origin = await web((_, response) => {
    asked++
    response.writeHead(status).end('x')
  })
  let clock = 1_000_000
  const fetcher = reader({
    now: () => clock,
    sleep: async (ms) => {
      clock += ms
    },
    random: () => 1,
    limits: { retries: 2 },
  })
  expect((await failure(fetcher.fetch(origin))).message).toContain('HTTP 503')
  expect(asked).toBe(3)
  for (let at = 0; at < 20; at++) {
    const error = await failure(fetcher.fetch(`${origin}${at}`))
    expect(error.outcome).toBe('unreachable')
    expect(error.message).toMatch(/is left alone until .* after 3 failures in a row: HTTP 503/)
  }
  expect(asked).toBe(3)
  // A person may ask all the same.
  await failure(fetcher.fetch(origin, { insists: true }))
  expect(asked).toBe(4)
  clock += 20 * 60_000
  // Half open: of many only one asks, and while it fails all others stay away.
  await Promise.all(Array.from({ length: 5 }, () => failure(fetcher.fetch(origin))))
  expect(asked).toBe(5)
  clock += 20 * 60_000
  status = 200
  expect((await fetcher.fetch(origin)).status).toBe(200)
  await Promise.all(Array.from({ length: 5 }, () => fetcher.fetch(origin)))
  expect(asked).toBe(11)
})

test('of a hundred sources five are dead or slow: the others are done while those are still open', async () => {
  const good = await web((_, response) => void response.end('ok'))
  const slow = await Promise.all(Array.from({ length: 5 }, () => raw(() => {})))
  const fetcher = reader({ limits: { idleMs: 60_000, totalMs: 60_000, perHost: 8 } })
  const sources = Array.from({ length: 100 }, (_, at) => (at % 20 === 0 ? slow[at / 20] : `${good}${at}`))
  let open = 0
  let done = 0
  const queue = [...sources]
  // Eight workers, as in the product; five of them meet a host that never answers.
  const workers = Array.from({ length: 8 }, async () => {
    for (let address = queue.shift(); address !== undefined; address = queue.shift()) {
      const isSlow = slow.includes(address)
      if (isSlow) open++
      await fetcher.fetch(address).catch(() => {})
      if (isSlow) open--
      else done++
    }
  })
  while (done < 95) await new Promise((later) => setTimeout(later, 5))
  expect([open, done]).toEqual([5, 95])
  hangUp()
  await Promise.all(workers)
})

test('many sources of one slow host do not sit on the workers: who can come back later is sent away', async () => {
  const slow = await raw(() => {})
  const fetcher = reader({ limits: { idleMs: 60_000, totalMs: 60_000, perHost: 2 } })
  const reading = Array.from({ length: 2 }, (_, at) => fetcher.fetch(`${slow}${at}`).catch(() => {}))
  const turnedAway = Array.from({ length: 6 }, (_, at) =>
    failure(fetcher.fetch(`${slow}later${at}`, { patienceMs: 50 })),
  )
  for (const error of await Promise.all(turnedAway)) {
    expect(error).toBeInstanceOf(HostBusy)
    expect(error.retryAfterMs).toBeGreaterThan(0)
  }
  hangUp()
  await Promise.all(reading)
})

// --- robots.txt

test('robots.txt as a page of HTML, a redirect loop, a bomb or half a megabyte', async () => {
  let answer: (response: ServerResponse) => void = () => {}
  const port = await listening(
    createServer((request, response) => {
      if (request.url?.startsWith('/robots')) answer(response)
      else response.end('page')
    }),
  )
  const origin = `http://127.0.0.2:${port}`
  const read = (path = '/page') => reader().fetch(origin + path)
  answer = (response) => void response.end('<!doctype html><pre>\nUser-agent: *\nDisallow: /\n</pre>')
  expect((await read()).status).toBe(200)
  answer = (response) => void response.writeHead(302, { location: '/robots.txt' }).end()
  expect((await read()).status).toBe(200)
  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024))
  answer = (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
  expect((await read()).status).toBe(200)
  answer = (response) =>
    void response.end(`User-agent: *\nDisallow: /early\n#${'x'.repeat(700_000)}\nDisallow: /late`)
  expect(await outcome(read('/early'))).toBe('refused')
  expect((await read('/late')).status).toBe(200)
})

test('rules of yesterday hold while a host cannot give new ones', async () => {
  let status = 200
  const port = await listening(
    createServer((request, response) => {
      if (request.url === '/robots.txt') response.writeHead(status).end('User-agent: *\nDisallow: /private')
      else response.end('page')
    }),
  )
  let clock = 1_000_000
  const fetcher = reader({ now: () => clock })
  const origin = `http://127.0.0.2:${port}`
  expect((await fetcher.fetch(`${origin}/open`)).status).toBe(200)
  status = 500
  clock += 2 * 3_600_000
  expect((await fetcher.fetch(`${origin}/open`)).status).toBe(200)
  expect(await outcome(fetcher.fetch(`${origin}/private`))).toBe('refused')
  clock += 25 * 3_600_000
  expect(await outcome(fetcher.fetch(`${origin}/open`))).toBe('unreachable')
})
