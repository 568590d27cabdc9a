import { expect, test } from 'vitest'
import { createApp } from '../../server/http/app.ts'
import { testDatabase } from '../support/database.ts'
import { testServices } from '../support/services.ts'

const app = createApp(testServices(await testDatabase()))
const post = async (headers: Record<string, string>) =>
  (
    await app.request('http://weiyu.example/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ login: 'someone', password: 'whatever it is' }),
    })
  ).status

test.each([
  ['another site in an old browser', { origin: 'https://evil.example' }],
  ['a page without origin', { origin: 'null' }],
  ['another site', { 'sec-fetch-site': 'cross-site', 'x-weiyu': '1' }],
  ['a sister site', { 'sec-fetch-site': 'same-site' }],
  ['a client that says nothing', {}],
])('a request from %s is refused', async (_who, headers) => {
  expect(await post(headers)).toBe(403)
})

test.each([
  ['the page itself', { 'sec-fetch-site': 'same-origin' }],
  ['the page in an old browser', { origin: 'http://weiyu.example' }],
  ['a program that names itself', { 'x-weiyu': '1' }],
])('a request from %s passes', async (_who, headers) => {
  expect(await post(headers)).toBe(401)
})

test('reading needs no proof, and an unknown address is JSON', async () => {
  const answer = await app.request('/api/no/such/thing')
  expect([answer.status, await answer.json()]).toEqual([404, { error: 'not-found' }])
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
})

test('a body that is no JSON, one that is too large, and a wrong field each get their own answer', async () => {
  const send = (body: string) =>
    app.request('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(body.length), 'x-weiyu': '1' },
      body,
    })
  expect((await send('{"login":')).status).toBe(400)
  const large = await send(JSON.stringify({ login: 'x', password: 'x'.repeat(2_000_000) }))
  expect([large.status, await large.json()]).toEqual([413, { error: 'too-large', maxBytes: 1_048_576 }])
  const wrong = await send('{"login":"x"}')
  expect([wrong.status, await wrong.json()]).toMatchObject([422, { error: 'invalid', field: 'password' }])
})
