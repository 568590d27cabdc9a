import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openOutside } from '../../collectors/outside.ts'
import { createApp } from '../../server/http/app.ts'
import { twoCities } from '../support/build.ts'
import { emptyTables, testDatabase } from '../support/database.ts'
import { testServices } from '../support/services.ts'
import { signedInAs } from '../support/signed-in.ts'

const database = await testDatabase()
const { db } = database
let now = new Date('2026-03-05T06:30:00Z')
const outside = openOutside({ version: 'test', allow: ['127.0.0.1'], folders: [] })
const app = createApp(testServices(database, { now: () => now, outside }))

let answer = { status: 200, type: 'text/html; charset=utf-8', body: '' }
const site = createServer((request, response) => {
  if (request.url === '/robots.txt') response.writeHead(404).end()
  else
    response.writeHead(answer.status, { 'content-type': answer.type, 'set-cookie': 'sid=1' }).end(answer.body)
})
let origin = ''
beforeAll(async () => {
  await new Promise<void>((done) => void site.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
})
afterAll(async () => {
  await outside.fetcher.close()
  site.close()
})

let world: Awaited<ReturnType<typeof twoCities>>
let id = 0
beforeEach(async () => {
  now = new Date('2026-03-05T06:30:00Z')
  await emptyTables(db)
  world = await twoCities(db, now)
  id = world.own.mentionId
  await db
    .updateTable('document')
    .set({ url: `${origin}/1` })
    .where('id', '=', id)
    .execute()
  answer = {
    status: 200,
    type: 'text/html; charset=utf-8',
    body: '<h1>甲城之物外墙渗水</h1><script>x</script>',
  }
})
const as = (role: Parameters<typeof signedInAs>[2], cityCompanyId?: number) =>
  signedInAs(app, db, role, { now, ...(cityCompanyId === undefined ? {} : { cityCompanyId }) })
const entries = async (action: string) =>
  (
    await db
      .selectFrom('auditEntry')
      .select(['detail', 'subjectKind', 'subjectId'])
      .where('action', '=', action)
      .orderBy('id')
      .execute()
  ).slice(-1)

test('a person keeps the page as it is now; it is listed, shown without scripts and handed out as it came', async () => {
  const member = await as('crisis-member', world.own.cityCompanyId)
  const kept = await member.post(`/api/mentions/${id}/snapshots`)
  expect(kept.status).toBe(201)
  const said = (await kept.json()) as { id: number }
  expect(said).toMatchObject({ outcome: 'ok', isNew: true, showsTitle: true })
  expect(await entries('evidence.keep')).toMatchObject([
    { subjectId: String(id), detail: { outcome: 'ok', snapshotId: said.id } },
  ])
  const list = (await (await member.get(`/api/mentions/${id}/snapshots`)).json()) as {
    snapshots: Record<string, unknown>[]
  }
  expect(list.snapshots[0]).toMatchObject({
    id: said.id,
    reason: 'asked',
    askedBy: 'crisis-member',
    sha256: createHash('sha256').update(answer.body).digest('hex'),
    size: Buffer.byteLength(answer.body),
  })
  const page = await member.get(`/api/mentions/${id}/snapshots/${said.id}/page`)
  expect(await page.text()).toContain('<body><h1>甲城之物外墙渗水</h1></body>')
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).toMatch(/^sandbox; default-src 'none';/)
  expect(policy).not.toContain('allow-')
  expect(page.headers.get('x-frame-options')).toBe('SAMEORIGIN')
  const text = await member.get(`/api/mentions/${id}/snapshots/${said.id}/text`)
  expect(await text.json()).toEqual({ text: '甲城之物外墙渗水', isCut: false })
  const raw = await member.get(`/api/mentions/${id}/snapshots/${said.id}/raw`)
  expect(await raw.text()).toBe(answer.body)
  expect([
    raw.headers.get('content-type'),
    raw.headers.get('content-disposition'),
    raw.headers.get('x-content-type-options'),
    raw.headers.get('content-security-policy'),
  ]).toEqual([
    'application/octet-stream',
    `attachment; filename="page-${said.id}-2026-03-05.bin"`,
    'nosniff',
    "sandbox; default-src 'none'",
  ])
  const stored = await db
    .selectFrom('snapshot')
    .select('headers')
    .where('id', '=', said.id)
    .executeTakeFirst()
  expect(JSON.stringify(stored?.headers)).not.toContain('cookie')
  const ordinary = await member.get(`/api/mentions/${id}`)
  expect([ordinary.headers.get('x-frame-options'), ordinary.headers.get('content-security-policy')]).toEqual([
    'DENY',
    expect.stringContaining("default-src 'self'"),
  ])
})

test('a page that is gone, a captcha and a text without a page are told as such, and the try is evidence', async () => {
  const member = await as('crisis-member')
  answer.status = 404
  const gone = await member.post(`/api/mentions/${id}/snapshots`)
  expect([gone.status, await gone.json()]).toMatchObject([
    200,
    { outcome: 'unreachable', told: [[{ code: 'http-status', params: { status: '404' } }]] },
  ])
  expect(await entries('evidence.keep')).toMatchObject([{ detail: { outcome: 'unreachable' } }])
  answer = { status: 200, type: 'text/html', body: '<title>安全验证</title>' }
  expect(await (await member.post(`/api/mentions/${id}/snapshots`)).json()).toMatchObject({
    outcome: 'blocked',
  })
  const list = (await (await member.get(`/api/mentions/${id}/snapshots`)).json()) as { attempts: object[] }
  expect(list.attempts).toMatchObject([
    { outcome: 'blocked', reason: 'asked', askedBy: 'crisis-member' },
    { outcome: 'unreachable' },
  ])
  await db.updateTable('document').set({ url: null }).where('id', '=', id).execute()
  const refused = await member.post(`/api/mentions/${id}/snapshots`)
  expect([refused.status, await refused.json()]).toEqual([422, { error: 'no-page' }])
})

test('an address inside of the house is not fetched for anybody', async () => {
  await db
    .updateTable('document')
    .set({ url: 'http://169.254.169.254/latest' })
    .where('id', '=', id)
    .execute()
  const member = await as('crisis-member')
  expect(await (await member.post(`/api/mentions/${id}/snapshots`)).json()).toMatchObject({
    outcome: 'refused',
  })
})

test('what is neither page nor text is not shown, only handed out', async () => {
  const member = await as('crisis-member')
  answer = { status: 200, type: 'image/png', body: 'png' }
  const { id: snapshotId } = (await (await member.post(`/api/mentions/${id}/snapshots`)).json()) as {
    id: number
  }
  for (const view of ['page', 'text'])
    expect((await member.get(`/api/mentions/${id}/snapshots/${snapshotId}/${view}`)).status).toBe(422)
  expect((await member.get(`/api/mentions/${id}/snapshots/${snapshotId}/raw`)).status).toBe(200)
})

test('a snapshot is found under its own mention only, and its years of asking are bounded', async () => {
  const member = await as('crisis-member')
  const other = world.other
  expect((await member.get(`/api/mentions/${id}/snapshots/${other.snapshotId}/raw`)).status).toBe(404)
  const reader = await as('executive')
  expect((await reader.post(`/api/mentions/${id}/snapshots`)).status).toBe(403)
  expect((await reader.get(`/api/mentions/${id}/evidence.zip`)).status).toBe(403)
  expect((await reader.get(`/api/mentions/${id}/snapshots`)).status).toBe(200)
  const { sha256 } = await db.selectFrom('snapshotBody').select('sha256').executeTakeFirstOrThrow()
  await db
    .insertInto('snapshot')
    .values(
      Array.from({ length: 100 }, (_, at) => ({
        documentId: id,
        documentVersion: 1,
        url: origin,
        status: 200,
        headers: '{}',
        fetchedAt: new Date(at),
        sha256,
        reason: 'asked' as const,
        askedBy: null,
        showsTitle: null,
      })),
    )
    .execute()
  const refused = await member.post(`/api/mentions/${id}/snapshots`)
  expect([refused.status, await refused.json()]).toEqual([409, { error: 'enough-snapshots', most: 100 }])
})

/** Unpacked by a reader that is not ours, checked by a tool that is not ours. */
function verified(zip: Uint8Array): { folder: string; said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'weiyu-evidence-'))
  writeFileSync(join(folder, 'package.zip'), zip)
  execFileSync('python3', ['-m', 'zipfile', '-e', 'package.zip', '.'], { cwd: folder })
  return { folder, said: execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' }) }
}
const hasTools = (() => {
  try {
    execFileSync('sha256sum', ['--version'], { stdio: 'ignore' })
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

async function changeText() {
  await db
    .insertInto('documentVersion')
    .values([
      {
        documentId: id,
        version: 1,
        title: '旧标题',
        body: '旧正文',
        contentHash: Buffer.from('1'),
        seenAt: now,
      },
      {
        documentId: id,
        version: 2,
        title: '新标题',
        body: '新正文',
        contentHash: Buffer.from('2'),
        seenAt: now,
      },
    ])
    .execute()
  await db
    .updateTable('document')
    .set({ version: 2, title: '新标题', body: '新正文' })
    .where('id', '=', id)
    .execute()
  await db
    .insertInto('documentObservation')
    .values({ documentId: id, seenAt: now, counters: JSON.stringify({ comments: 3, '=1+1': 2 }) })
    .execute()
}

test.skipIf(!hasTools)(
  'a package holds everything and is verified by sha256sum; one altered byte is found',
  async () => {
    const member = await as('crisis-member')
    await member.post(`/api/mentions/${id}/snapshots`)
    answer.status = 404
    await member.post(`/api/mentions/${id}/snapshots`)
    await changeText()
    const taken = await member.get(`/api/mentions/${id}/evidence.zip`)
    expect(taken.headers.get('content-disposition')).toBe(
      `attachment; filename="evidence-mention-${id}-2026-03-05.zip"`,
    )
    const zip = new Uint8Array(await taken.arrayBuffer())
    const { folder, said } = verified(zip)
    try {
      const read = (path: string) => readFileSync(join(folder, path), 'utf8')
      expect(said).not.toContain('FAILED')
      expect(read('取证说明.txt')).toMatch(/sha256sum -c SHA256SUMS[\s\S]*About this package/)
      expect(said).toContain('manifest.json: OK')
      const manifest = JSON.parse(read('manifest.json'))
      expect(manifest).toMatchObject({
        format: 'weiyu-evidence-1',
        product: { version: 'test' },
        subject: { kind: 'mention', id },
        exportedAt: '2026-03-05T06:30:00.000Z',
        exportedBy: { id: member.userId, name: 'crisis-member' },
        pagesLeftOut: 0,
      })
      const [document] = manifest.documents
      expect(document).toMatchObject({ id, url: `${origin}/1`, version: 2, source: '测试信源' })
      expect(document.versions).toMatchObject([{ title: '旧标题' }, { title: '新标题' }])
      expect(document.attempts).toMatchObject([{ outcome: 'unreachable', askedBy: 'crisis-member' }])
      expect(document.pages.map((page: { reason: string }) => page.reason)).toEqual(['collected', 'asked'])
      for (const page of document.pages) {
        const bytes = readFileSync(join(folder, page.folder, 'original.bin'))
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(page.sha256)
        expect(read(`${page.folder}/view.html`)).not.toContain('<script')
        expect(read(`${page.folder}/text.txt`)).toBe('甲城之物外墙渗水\n')
      }
      expect(JSON.parse(read(`${document.pages[1].folder}/headers.json`))).toMatchObject({
        status: 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
      })
      expect(read(`document-${id}/text/version-1.txt`)).toBe('旧标题\n\n旧正文\n')
      expect(read(`document-${id}/counters.csv`)).toContain(`"'=1+1"`)
      expect(manifest.files).toHaveLength(said.trim().split('\n').length - 1)
      const sums = readFileSync(join(folder, 'SHA256SUMS'))
      expect(await entries('evidence.exported')).toMatchObject([
        { subjectId: String(id), detail: { sumsSha256: createHash('sha256').update(sums).digest('hex') } },
      ])
      writeFileSync(join(folder, document.pages[0].folder, 'original.bin'), 'altered')
      expect(() =>
        execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder, stdio: 'ignore' }),
      ).toThrow()
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

test('a whole warning goes into one package: its texts, the numbers of its cases, nothing about persons', async () => {
  const member = await as('crisis-member', world.own.cityCompanyId)
  const taken = await member.get(`/api/warnings/${world.own.warningId}/evidence.zip`)
  const files = unzipSync(new Uint8Array(await taken.arrayBuffer()))
  const read = (path: string) => new TextDecoder().decode(files[path])
  expect(JSON.parse(read('manifest.json'))).toMatchObject({
    subject: { kind: 'warning', number: '甲城之物-1', level: 'II' },
    documents: [{ id }],
  })
  const cases = JSON.parse(read('complaints.json')) as object[]
  expect(cases).toHaveLength(1)
  expect(Object.keys(cases[0]!).sort()).toEqual(
    ['channel', 'grade', 'households', 'isOpen', 'number', 'receivedAt', 'state'].sort(),
  )
  expect(Object.values(files).some((bytes) => new TextDecoder().decode(bytes).includes('先生'))).toBe(false)
  expect((await member.get(`/api/warnings/${world.other.warningId}/evidence.zip`)).status).toBe(404)
})

test('a download that breaks off is told as begun, not as taken', async () => {
  const member = await as('crisis-member')
  const taken = () =>
    db.selectFrom('auditEntry').select('id').where('action', '=', 'evidence.exported').execute()
  const before = await taken()
  const begun = await member.get(`/api/mentions/${id}/evidence.zip`)
  await begun.body?.cancel()
  expect(await entries('evidence.export')).toMatchObject([{ subjectKind: 'mention', subjectId: String(id) }])
  expect(await taken()).toEqual(before)
})
