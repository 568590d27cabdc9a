import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runFeed } from '../../server/cli/feed.ts'
import { runPage } from '../../server/cli/page.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weiyu-cli-'))
  await writeFile(
    join(folder, 'a.xml'),
    '<rss><channel><title>甲</title><item><title>停工</title></item></channel></rss>',
  )
  await writeFile(
    join(folder, 'p.html'),
    '<html><head><title>渗水</title></head><body><p>墙面渗水。</p></body></html>',
  )
})
afterAll(() => rm(folder, { recursive: true }))

async function run(command: typeof runFeed, args: string[], stdin = '') {
  const io = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
  }
  const status = await command(args, io)
  io.stdout.end()
  io.stderr.end()
  const lines = (await text(io.stdout)).split('\n').filter(Boolean)
  return {
    status,
    rows: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    errors: await text(io.stderr),
  }
}

test('feed gives every field of the feed and its entries, from a file and from standard input', async () => {
  const wanted = {
    encoding: 'utf-8',
    feed: {
      title: '甲',
      link: null,
      description: null,
      id: null,
      author: null,
      published: null,
      updated: null,
    },
    entries: [
      {
        id: null,
        title: '停工',
        link: null,
        summary: null,
        content: null,
        author: null,
        published: null,
        updated: null,
      },
    ],
  }
  expect(await run(runFeed, [join(folder, 'a.xml')])).toEqual({ status: 0, rows: [wanted], errors: '' })
  const piped = await run(
    runFeed,
    ['-'],
    '<rss><channel><title>甲</title><item><title>停工</title></item></channel></rss>',
  )
  expect(piped.rows).toEqual([wanted])
})

test('a batch gives one line per row in order; a bad row is an error line and the rest goes on', async () => {
  const rows = [
    { id: 1, file: 'a.xml', headers: { 'Content-Type': 'text/xml; charset=utf-8' } },
    { id: 2, file: 'missing.xml' },
    { id: 3, file: 'p.html' },
    { id: 'x' },
    { id: 5, file: join(folder, 'a.xml') },
  ].map((row) => JSON.stringify(row))
  await writeFile(join(folder, 'rows.jsonl'), [...rows, 'no json'].join('\n'))
  const { status, rows: out } = await run(runFeed, ['--batch', join(folder, 'rows.jsonl')])
  expect(status).toBe(0)
  expect(out.map((row) => row.id)).toEqual([1, 2, 3, 'x', 5, null])
  expect(out.map((row) => 'error' in row)).toEqual([false, true, true, true, false, true])
})

test('page gives its eight fields', async () => {
  const { rows } = await run(runPage, [join(folder, 'p.html'), '--url', 'https://news.example/1'])
  expect(rows).toEqual([
    {
      title: '渗水',
      author: null,
      publishedAt: null,
      text: '墙面渗水。',
      siteName: null,
      source: null,
      keywords: [],
      nextPage: null,
    },
  ])
})

test('a wrong call names the usage, a missing file is one line and status 1', async () => {
  expect(await run(runFeed, [])).toMatchObject({ status: 2, errors: expect.stringContaining('usage') })
  expect(await run(runFeed, ['a', '--nonsense'])).toMatchObject({ status: 2 })
  expect(await run(runFeed, [join(folder, 'none.xml')])).toMatchObject({
    status: 1,
    rows: [],
    errors: expect.stringContaining('none.xml: '),
  })
  expect(await run(runFeed, ['-'], 'no feed')).toMatchObject({
    status: 1,
    errors: expect.stringMatching(/^standard input: /),
  })
  const page = await run(runPage, [join(folder, 'p.html'), '--url', 'news'])
  expect(page).toMatchObject({
    status: 2,
    rows: [],
    errors: expect.stringContaining('--url «news» is no address'),
  })
})
