import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { listen } from '../../server/http/listen.ts'
import { pages } from '../../server/http/pages.ts'

const folder = mkdtempSync(join(tmpdir(), 'weiyu-pages-'))
const web = join(folder, 'web')
mkdirSync(join(web, 'assets'), { recursive: true })
writeFileSync(join(folder, 'secret.key'), 'secret')
writeFileSync(join(web, 'index.html'), '<title>未雨</title>')
writeFileSync(join(web, 'assets', 'main-1a2b.js'), 'plain()')
writeFileSync(join(web, 'assets', 'main-1a2b.js.br'), 'squeezed')
afterAll(() => rmSync(folder, { recursive: true }))
const app = pages(web)

test('an address of the app gets the page, asked for again each time', async () => {
  for (const path of ['/', '/warnings/12', '/complaints?grade=1']) {
    const answer = await app.request(path)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('未雨')
    expect(answer.headers.get('cache-control')).toBe('no-cache')
  }
})

test('a hashed file is kept for ever and sent compressed to those who can read it', async () => {
  const plain = await app.request('/assets/main-1a2b.js')
  expect([await plain.text(), plain.headers.get('cache-control')]).toEqual([
    'plain()',
    'public, max-age=31536000, immutable',
  ])
  const small = await app.request('/assets/main-1a2b.js', { headers: { 'accept-encoding': 'gzip, br' } })
  expect([await small.text(), small.headers.get('content-encoding')]).toEqual(['squeezed', 'br'])
  expect(small.headers.get('content-type')).toContain('javascript')
  expect(small.headers.get('cache-control')).toContain('immutable')
})

test('a missing file is missing, not a page', async () => {
  for (const path of ['/assets/gone-3c4d.js', '/assets/gone', '/favicon.ico']) {
    expect((await app.request(path)).status).toBe(404)
  }
})

test('no address leads out of the folder', async () => {
  // A raw client: fetch would tidy the path before sending it.
  const server = await listen(app, { host: '127.0.0.1', port: 0 })
  const { port } = server
  const ask = (path: string) =>
    new Promise<string>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path }, (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString()
        })
        response.on('end', () => resolve(body))
      }).on('error', reject)
    })
  for (const path of [
    '/../secret.key',
    '/assets/../../secret.key',
    '/%2e%2e/secret.key',
    '/..%2fsecret.key',
    '/assets/..%5c..%5csecret.key',
    '//secret.key',
  ]) {
    expect(await ask(path)).not.toContain('secret')
  }
  await server.close()
})
