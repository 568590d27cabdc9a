import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { CollectError } from '../../collectors/collector.ts'
import { createFetcher, type Fetcher, type FetcherOptions } from '../../collectors/fetch.ts'
import { certificate, key } from '../support/self-signed.ts'

vi.setConfig({ testTimeout: 60_000 })

/** What the proxy was asked: method, what for, and with which credentials. */
const asked: string[] = []
let answer: (request: IncomingMessage, response: ServerResponse) => void
const told: string[] = []
const proxy = createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`)
  if (request.url?.endsWith('/robots.txt')) return void response.writeHead(404).end()
  told.push(String(request.headers['x-api-key']))
  answer(request, response)
})
let tunnel = 200
let tlsPort = 0
proxy.on('connect', (request, socket) => {
  asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`)
  if (tunnel !== 200) return void socket.end(`HTTP/1.1 ${tunnel} No\r\n\r\n`)
  socket.write('HTTP/1.1 200 OK\r\n\r\n')
  const inner = connect(tlsPort, '127.0.0.1')
  inner.on('error', () => socket.destroy())
  socket.on('error', () => inner.destroy())
  inner.pipe(socket).pipe(inner)
})
const tls = createTlsServer({ key, cert: certificate }, (socket) => socket.end())
tls.on('tlsClientError', () => {})
const inside = createServer((_, response) => void response.end('inside'))

let url = ''
let insideOrigin = ''
const portOf = async (server: Server, host: string) => {
  await new Promise<void>((done) => void server.listen(0, host, done))
  return (server.address() as AddressInfo).port
}
beforeAll(async () => {
  url = `http://ana:p%40ss@127.0.0.1:${await portOf(proxy, '127.0.0.1')}`
  tlsPort = await portOf(tls, '127.0.0.1')
  insideOrigin = `http://127.0.0.2:${await portOf(inside, '127.0.0.2')}`
})
const fetchers: Fetcher[] = []
afterAll(async () => {
  for (const fetcher of fetchers) await fetcher.close()
  for (const server of [proxy, tls, inside]) server.close()
  proxy.closeAllConnections()
})
beforeEach(() => {
  asked.length = 0
  told.length = 0
  tunnel = 200
  answer = (_, response) => void response.end('through the proxy')
})

const names: Readonly<Record<string, string>> = {
  'news.example': '192.0.32.7',
  'evil.example': '10.0.0.9',
  'house.corp.example': '127.0.0.2',
}
function reader(options: Partial<FetcherOptions> & { except?: string[] } = {}) {
  const fetcher = createFetcher({
    userAgent: 'weiyu-test',
    allow: ['127.0.0.2'],
    sleep: async () => {},
    proxy: { url, except: options.except ?? [] },
    resolve: async (host) => {
      const address = names[host]
      if (address === undefined) throw Object.assign(new Error('no'), { code: 'ENOTFOUND' })
      return [{ address, family: 4 }]
    },
    ...options,
    limits: { retries: 0, paceMs: 0, idleMs: 10_000, totalMs: 20_000 },
  })
  fetchers.push(fetcher)
  return fetcher
}
const text = async (work: ReturnType<Fetcher['fetch']>) => new TextDecoder().decode((await work).bytes)
async function failure(work: Promise<unknown>): Promise<CollectError> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof CollectError)) throw error
  expect(`${error.message} ${error.stack}`).not.toMatch(/ana|p@ss|p%40ss/)
  return error
}
const basic = `Basic ${Buffer.from('ana:p@ss').toString('base64')}`

test('plain http is handed over as a whole address, with the credentials of the proxy', async () => {
  expect(await text(reader().fetch('http://news.example/feed?x=1'))).toBe('through the proxy')
  expect(asked).toEqual([
    `GET http://news.example/robots.txt ${basic}`,
    `GET http://news.example/feed?x=1 ${basic}`,
  ])
})

test('https goes through a tunnel, and its certificate is checked at our end', async () => {
  const error = await failure(reader().fetch('https://news.example/'))
  expect([error.outcome, error.message]).toEqual(['unreachable', expect.stringContaining('certificate')])
  expect(asked).toEqual([`CONNECT news.example:443 ${basic}`])
})

test('a proxy that refuses is named as what refused', async () => {
  tunnel = 407
  const error = await failure(reader().fetch('https://news.example/'))
  expect([error.outcome, error.message]).toEqual([
    'unreachable',
    expect.stringMatching(/proxy refused .*407/),
  ])
})

test('a proxy that is not there is a failure without its password', async () => {
  const error = await failure(
    reader({ proxy: { url: 'http://ana:p%40ss@127.0.0.1:9', except: [] } }).fetch('http://news.example/'),
  )
  expect(error.outcome).toBe('unreachable')
})

test('private literals and names that mean private addresses are refused before the proxy hears of them', async () => {
  const fetcher = reader()
  for (const address of ['http://10.0.0.1/', 'http://[::1]/', 'http://2130706433/', 'http://evil.example/'])
    expect([address, (await failure(fetcher.fetch(address))).outcome]).toEqual([address, 'refused'])
  expect(asked).toEqual([])
})

test('a name that only the proxy can resolve is handed over', async () => {
  expect(await text(reader().fetch('http://unknown.example/'))).toBe('through the proxy')
})

test('addresses of the house, names that mean them, and the exceptions are read directly', async () => {
  const { port } = new URL(insideOrigin)
  const fetcher = reader({ except: ['.corp.example'] })
  expect(await text(fetcher.fetch(`${insideOrigin}/`))).toBe('inside')
  expect(await text(fetcher.fetch(`http://house.corp.example:${port}/`))).toBe('inside')
  expect(await text(reader().fetch(`http://house.corp.example:${port}/`))).toBe('inside')
  expect(asked).toEqual([])
})

test('what was led here from outside reaches no address of the house, opened or not', async () => {
  answer = (_, response) => void response.writeHead(302, { location: `${insideOrigin}/admin` }).end()
  expect((await failure(reader().fetch('http://news.example/'))).outcome).toBe('refused')
})

test('secret headers reach their origin through the proxy and end at the next', async () => {
  answer = (request, response) =>
    request.url === 'http://news.example/'
      ? void response.writeHead(302, { location: 'http://other.example/' }).end()
      : void response.end('ok')
  await reader().fetch('http://news.example/', { headers: { 'x-api-key': 'hush' } })
  expect(told).toEqual(['hush', 'undefined'])
})
