import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { afterAll, expect, test } from 'vitest'
import { runAnalyse } from '../../server/cli/analyse.ts'
import { runDetect } from '../../server/cli/detect.ts'
import type { Io } from '../../server/cli/io.ts'
import { runTopics } from '../../server/cli/topics.ts'

const folder = mkdtempSync(join(tmpdir(), 'rows-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function call(
  run: (args: readonly string[], io: Io) => Promise<number>,
  input: string | null,
  args = ['-'],
) {
  let out = ''
  let err = ''
  const into = (add: (text: string) => void) =>
    new Writable({
      write(chunk, _encoding, done) {
        add(String(chunk))
        done()
      },
    })
  const status = await run(args, {
    stdin: Readable.from(input === null ? [] : [Buffer.from(input)]),
    stdout: into((text) => {
      out += text
    }),
    stderr: into((text) => {
      err += text
    }),
  })
  return { status, err, out, rows: out.split('\n').filter(Boolean) }
}

test('analyse: the offsets of a term count in title, newline, text', async () => {
  const row = { id: 'a', title: '楼盘投诉', text: '我家 房屋 渗 漏，开发商\u2028不管' }
  const { status, rows, err } = await call(runAnalyse, `${JSON.stringify(row)}\n`)
  expect({ status, err }).toEqual({ status: 0, err: '' })
  const answer = JSON.parse(rows[0]!)
  expect(answer).toMatchObject({ id: 'a', labels: ['DE5'], polarity: 'negative', target: 'developer' })
  const whole = `${row.title}\n${row.text}`
  for (const signal of answer.signals) {
    for (const { text, start, end } of signal.terms) expect(whole.slice(start, end)).toBe(text)
  }
})

test('analyse: a bad row is named with its line and cure, the rest goes on, the status is 1', async () => {
  const { status, rows, err } = await call(
    runAnalyse,
    '{"id":1,"text":"晴天"}\n\n{"id":2}\nnot json\n{"id":3,"text":""}',
  )
  expect(rows.map((row) => JSON.parse(row).id)).toEqual([1, 3])
  expect(err.split('\n').slice(0, 2)).toEqual([
    expect.stringMatching(/^standard input:3: text: .*: correct the row$/),
    'standard input:4: is not JSON: write one JSON object on each line',
  ])
  expect(status).toBe(1)
})

test('analyse: a byte order mark, Windows line ends and characters cut between chunks are read', async () => {
  const bytes = Buffer.from('\ufeff{"id":1,"text":"工地停工"}\r\n{"id":2,"text":"晴"}\r\n')
  let out = ''
  const status = await runAnalyse(['-'], {
    stdin: Readable.from([...bytes].map((byte) => Buffer.from([byte]))),
    stdout: new Writable({
      write(chunk, _encoding, done) {
        out += String(chunk)
        done()
      },
    }),
    stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
  })
  expect(status).toBe(0)
  expect(out.trim().split('\n')).toHaveLength(2)
})

test('a file that is not there and a wrong call are one line each and status 2', async () => {
  for (const run of [runAnalyse, runTopics, runDetect]) {
    const missing = await call(run, null, [join(folder, 'missing')])
    expect(missing.status).toBe(2)
    expect(missing.err).toMatch(/missing cannot be read .*give a file, or - for standard input\n$/)
    const wrong = await call(run, null, ['--nonsense'])
    expect(wrong).toMatchObject({ status: 2, err: expect.stringMatching(/^usage: weiyu /) })
  }
})

test('topics: every message is in one cluster, times come back as they were written', async () => {
  const path = join(folder, 'messages.jsonl')
  const rows = ['2019-07-01 08:00:00', '2019-07-03 09:30:00'].map((time, id) => ({
    id,
    title: '青禾雅筑搅拌站夜间扰民',
    body: '青禾雅筑旁的搅拌站半夜生产',
    time,
    likes: 2,
  }))
  const others = ['公交太少', '路灯不亮', '证件咨询', '公园维护'].map((title, n) => ({
    id: n + 5,
    title,
    body: title,
  }))
  writeFileSync(path, [...rows, ...others].map((row) => JSON.stringify(row)).join('\n'))
  const { status, rows: clusters } = await call(runTopics, null, [path])
  expect(status).toBe(0)
  expect(JSON.parse(clusters[0]!)).toMatchObject({
    cluster_id: 't1',
    message_ids: [0, 1],
    first: '2019-07-01 08:00:00',
    last: '2019-07-03 09:30:00',
  })
  expect(clusters).toHaveLength(5)
})

test('detect: one scored row per row, a bad row named and left out', async () => {
  const { status, rows, err } = await call(
    runDetect,
    'timestamp,value\n2015-01-01 00:00:00,5\nx,\n2015-01-01 00:05:00,6\n',
  )
  expect(rows).toEqual([
    'timestamp,value,anomaly_score',
    '2015-01-01 00:00:00,5,0',
    '2015-01-01 00:05:00,6,0',
  ])
  expect(err).toBe('standard input:3: needs a timestamp and a number, not «x,»: correct or remove the row\n')
  expect(status).toBe(1)
})

test('detect: a file without the header is refused', async () => {
  const { status, err } = await call(runDetect, '1,2\n3,4\n')
  expect({ status, err }).toEqual({
    status: 2,
    err: 'standard input:1: has no header timestamp,value: write it as the first line\n',
  })
})

test('analyse: an error in the catalogue is a sentence that names its place, not a fault of the program', async () => {
  const broken = join(folder, 'catalogue')
  const analyse = call((args, io) => runAnalyse(args, io, broken), '')
  await expect(analyse).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringContaining(`${join(broken, 'PS')}:1:1`),
  })
})
