import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { openEndpoint, type Question } from '../../server/assistant/endpoint.ts'
import { answersRaw, hangs, loopbackModel, says } from '../support/loopback-model.ts'

const model = await loopbackModel()
const pauses: number[] = []
const endpoint = openEndpoint({
  version: 'test',
  allow: ['127.0.0.1'],
  sleep: async (ms) => void pauses.push(ms),
  random: () => 0.5,
})
afterAll(async () => {
  await endpoint.close()
  await model.close()
})
beforeEach(() => {
  model.received.length = 0
  pauses.length = 0
})

const KEY = 'sk-very-secret-0123456789'
const question = (values: Partial<Question> = {}): Question => ({
  baseUrl: model.baseUrl,
  model: 'house-model',
  key: KEY,
  system: 'rules',
  user: 'texts',
  answerTokens: 50,
  timeLimitMs: 10_000,
  ...values,
})

test('a right answer comes back with what it cost, asked once, with key, model and JSON mode', async () => {
  model.behave(says({ ok: true }))
  expect(await endpoint.ask(question())).toEqual({
    outcome: 'ok',
    content: '{"ok":true}',
    tokensIn: 100,
    tokensOut: 20,
    attempts: 1,
  })
  expect(model.received).toMatchObject([
    {
      url: '/v1/chat/completions',
      authorization: `Bearer ${KEY}`,
      model: 'house-model',
      system: 'rules',
      user: 'texts',
      hasJsonMode: true,
    },
  ])
})

test('without a key no header is sent, and nonsense about the cost is no cost', async () => {
  model.behave(says('x', { prompt_tokens: -5, completion_tokens: 'many' }))
  expect(await endpoint.ask(question({ key: undefined }))).toMatchObject({ tokensIn: null, tokensOut: null })
  expect(model.received[0]?.authorization).toBeUndefined()
})

test('a server that knows no JSON mode is asked once more without it', async () => {
  model.behave((received, response, request) =>
    received.hasJsonMode
      ? answersRaw(400, '{"error":{"message":"response_format is not supported"}}')(
          received,
          response,
          request,
        )
      : says({ ok: true })(received, response, request),
  )
  expect(await endpoint.ask(question())).toMatchObject({ outcome: 'ok', attempts: 2 })
})

describe('what goes wrong has a name', () => {
  test.each([
    ['too-busy', 429, '{"error":{"message":"slow down"}}', 3],
    ['server-error', 500, 'oops', 3],
    ['server-error', 503, '', 3],
    ['unauthorised', 401, '{"error":"bad key"}', 1],
    ['not-found', 404, '{"error":{"message":"no model house-model"}}', 1],
    ['rejected', 422, '{"error":{"message":"too long"}}', 2],
    ['not-json', 200, '<!doctype html><title>Sign in</title>', 1],
    ['not-json', 200, '{"choices": [', 1],
    ['wrong-shape', 200, '{"hello":"world"}', 1],
    ['wrong-shape', 200, '{"choices":[]}', 1],
    ['wrong-shape', 200, '{"choices":[{"message":{"content":null,"tool_calls":[{}]}}]}', 1],
    ['wrong-shape', 200, 'null', 1],
  ])('%s for HTTP %i «%s», after %i tries', async (outcome, status, body, attempts) => {
    model.behave(answersRaw(status, body))
    expect(await endpoint.ask(question())).toMatchObject({ outcome, attempts })
    expect(model.received).toHaveLength(attempts)
  })

  test('too-large, without reading it to the end', async () => {
    let isOpen = true
    model.behave((_received, response) => {
      response.on('close', () => {
        isOpen = false
      })
      const send = () => {
        if (isOpen) response.write('x'.repeat(64 * 1024), () => setImmediate(send))
      }
      send()
    })
    expect(await endpoint.ask(question())).toMatchObject({ outcome: 'too-large', attempts: 1 })
    await expect.poll(() => isOpen).toBe(false)
  })

  test('too-large for a bomb that only decompresses to much', async () => {
    const { gzipSync } = await import('node:zlib')
    model.behave((_received, response) => {
      response.setHeader('content-encoding', 'gzip')
      response.end(gzipSync(Buffer.alloc(50_000_000)))
    })
    expect(await endpoint.ask(question())).toMatchObject({ outcome: 'too-large' })
  })

  test('unreachable where nobody listens', async () => {
    const closed = createServer()
    await new Promise<void>((done) => void closed.listen(0, '127.0.0.1', done))
    const { port } = closed.address() as AddressInfo
    await new Promise((done) => closed.close(done))
    const answer = await endpoint.ask(question({ baseUrl: `http://127.0.0.1:${port}` }))
    expect(answer).toMatchObject({ outcome: 'unreachable', attempts: 3 })
  })

  test('timeout when it never answers, and when it never ends', async () => {
    model.behave(hangs)
    const started = performance.now()
    expect(await endpoint.ask(question({ timeLimitMs: 300 }))).toMatchObject({
      outcome: 'timeout',
      attempts: 1,
    })
    model.behave((_received, response) => {
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    })
    expect(await endpoint.ask(question({ timeLimitMs: 300 }))).toMatchObject({ outcome: 'timeout' })
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  test('timeout for an answer that comes late, whose words are lost', async () => {
    model.behave(
      (received, response, request) => void setTimeout(() => says('late')(received, response, request), 600),
    )
    expect(await endpoint.ask(question({ timeLimitMs: 200 }))).toMatchObject({ outcome: 'timeout' })
  })

  test('cancelled as soon as the caller says so', async () => {
    model.behave(hangs)
    const cancel = new AbortController()
    const asked = endpoint.ask(question({ timeLimitMs: 60_000 }), cancel.signal)
    setTimeout(() => cancel.abort(), 50)
    expect(await asked).toMatchObject({ outcome: 'cancelled' })
  })
})

test('after 429 it waits as long as the server says, then takes the good answer', async () => {
  let calls = 0
  model.behave((received, response, request) => {
    calls += 1
    return calls === 1
      ? answersRaw(429, '', { 'retry-after': '1' })(received, response, request)
      : says({ ok: true })(received, response, request)
  })
  expect(await endpoint.ask(question())).toMatchObject({ outcome: 'ok', attempts: 2 })
  expect(pauses).toEqual([1_000])
})

test('pauses grow, and a pause that would outlast the limit is not begun', async () => {
  model.behave(answersRaw(500, ''))
  await endpoint.ask(question({ timeLimitMs: 60_000 }))
  expect(pauses).toEqual([1_000, 2_000])
  model.behave(answersRaw(429, '', { 'retry-after': '3600' }))
  expect(await endpoint.ask(question())).toMatchObject({ outcome: 'too-busy', attempts: 1 })
})

test('a redirect is refused, so that the key reaches no other host', async () => {
  const other = await loopbackModel()
  other.behave(says({ ok: true }))
  for (const status of [301, 302, 307, 308]) {
    model.behave(answersRaw(status, '', { location: `${other.baseUrl}/chat/completions` }))
    expect(await endpoint.ask(question())).toMatchObject({ outcome: 'redirected', attempts: 1 })
  }
  expect(other.received).toEqual([])
  await other.close()
})

test('private and special addresses are refused unless they were opened, literal or by name', async () => {
  const closed = openEndpoint({ version: 'test', allow: [] })
  model.behave(says({ ok: true }))
  const { port } = new URL(model.baseUrl)
  for (const host of [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '10.0.0.1',
    '169.254.169.254',
    '2130706433',
    '0x7f.1',
  ]) {
    for (const scheme of ['http', 'https']) {
      const answer = await closed.ask(question({ baseUrl: `${scheme}://${host}:${port}/v1` }))
      expect([host, scheme, answer.outcome]).toEqual([host, scheme, 'refused-address'])
    }
  }
  expect(model.received).toEqual([])
  await closed.close()
})

test('plain http is refused for a public address, so that no key crosses the internet in the clear', async () => {
  expect(await endpoint.ask(question({ baseUrl: 'http://93.184.215.14/v1' }))).toMatchObject({
    outcome: 'refused-address',
    attempts: 1,
  })
})

test('no detail holds the key, however often the server repeats it', async () => {
  for (const body of [
    `{"error":{"message":"Incorrect API key provided: ${KEY}"}}`,
    '{"error":{"message":"Incorrect API key provided: sk-ve***************6789"}}',
  ]) {
    model.behave(answersRaw(401, body))
    const answer = await endpoint.ask(question())
    expect(answer).toMatchObject({
      outcome: 'unauthorised',
      detail: 'HTTP 401: Incorrect API key provided: …',
    })
    expect(JSON.stringify(answer)).not.toContain('6789')
  }
})
