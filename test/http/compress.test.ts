import { gunzipSync } from 'node:zlib'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { expect, test } from 'vitest'
import { compressJson } from '../../server/http/compress.ts'

const rows = Array.from({ length: 200 }, (_, at) => ({ at, title: '外墙渗水' }))
const app = new Hono()
  .use(compress(), compressJson())
  .get('/long', (c) => c.json({ rows }, 201, { 'x-kept': 'yes' }))
  .get('/short', (c) => c.json({ ok: true }))
  .get('/table', (c) => c.body('编号,标题\r\n'.repeat(200), 200, { 'content-type': 'text/csv' }))
const get = (path: string, accepted: string) =>
  app.request(path, { headers: { 'accept-encoding': accepted } })

test('a long JSON answer is compressed once, with its length, status and headers', async () => {
  const answer = await get('/long', 'deflate, gzip;q=0.8')
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect(JSON.parse(gunzipSync(bytes).toString())).toEqual({ rows })
  expect(answer.status).toBe(201)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-encoding': 'gzip',
    'content-length': String(bytes.length),
    'x-kept': 'yes',
    vary: 'accept-encoding',
  })
})

test('a short answer, and one to a reader who refuses gzip, is sent as it is', async () => {
  for (const [path, accepted, expected] of [
    ['/short', 'gzip', { ok: true }],
    ['/long', 'gzip;q=0', { rows }],
    ['/long', 'identity', { rows }],
  ] as const) {
    const answer = await get(path, accepted)
    expect(answer.headers.get('content-encoding')).toBeNull()
    expect(await answer.json()).toEqual(expected)
  }
})

test('an answer that is not JSON is left to the streaming compression', async () => {
  const answer = await get('/table', 'gzip')
  expect(answer.headers.get('content-encoding')).toBe('gzip')
  expect(gunzipSync(Buffer.from(await answer.arrayBuffer())).toString()).toContain('编号')
})
