import { expect, test } from 'vitest'
import { dated, isLearningRun, type Preparation, prepare } from '../../server/ingest/document.ts'
import { defaultCollecting as policy } from '../../server/policy/collecting.ts'

const now = new Date('2026-03-05T06:30:00Z')
const hour = 3_600_000

test('a date is news only when it is plausible, and the clock is never put in its place', () => {
  expect(dated({}, now, policy)).toEqual({ publishedAt: null, dating: 'undated' })
  expect(dated({ publishedAt: 'nonsense' }, now, policy)).toEqual({ publishedAt: null, dating: 'undated' })
  expect(dated({ publishedAt: '2026-03-05T06:00:00Z' }, now, policy).dating).toBe('dated')
  expect(dated({ publishedAt: '2026-01-01T00:00:00Z' }, now, policy).dating).toBe('old')
  expect(dated({ publishedAt: '2026-03-05T06:45:00Z' }, now, policy)).toEqual({
    publishedAt: now.toISOString(),
    dating: 'dated',
  })
  expect(dated({ publishedAt: '2027-01-01T00:00:00Z' }, now, policy).dating).toBe('future')
})

test('what was not there at the look before is news without a time of publication; a date of its own comes first', () => {
  const absentAt = '2026-03-05T06:20:00Z'
  expect(dated({ absentAt }, now, policy)).toEqual({ publishedAt: null, dating: 'dated' })
  expect(dated({ absentAt: now.toISOString() }, now, policy).dating).toBe('undated')
  expect(dated({ absentAt: 'nonsense' }, now, policy).dating).toBe('undated')
  expect(dated({ absentAt, publishedAt: '2026-01-01T00:00:00Z' }, now, policy).dating).toBe('old')
})

const preparation: Preparation = {
  source: { id: 7, publisherId: 1, isAggregator: false },
  publishers: { byName: new Map([['云湖晚报', 2]]), byHost: new Map([['paper.example', 3]]) },
  policy,
  now,
  hash: (text) => `h(${text})`,
}

test('identity is the page, else the source and its own id, else the source and the text', () => {
  const base = { title: '停工', body: '正文' }
  expect(prepare({ ...base, url: 'http://a.example/1?spm=1', externalId: 'x' }, preparation).identity).toBe(
    'https://a.example/1',
  )
  expect(prepare({ ...base, externalId: 'x' }, preparation).identity).toBe('source:7:x')
  expect(prepare(base, preparation).identity).toBe('source:7:h(停工\n正文)')
})

test('the publisher is the named one, else the owner of the host, else that of the source', () => {
  const of = (capture: object, source = {}) =>
    prepare(
      { title: 't', body: '', ...capture },
      { ...preparation, source: { ...preparation.source, ...source } },
    ).publisherId
  expect(of({ publisherName: '云湖晚报', url: 'https://x.paper.example/' })).toBe(2)
  expect(of({ url: 'https://m.paper.example/1' })).toBe(3)
  expect(of({})).toBe(1)
  expect(of({ publisherName: '不知名' })).toBeNull()
  expect(of({}, { isAggregator: true })).toBeNull()
})

test('what the database cannot hold is left out', () => {
  const prepared = prepare(
    { title: '停\u0000工\ud800', body: 'a'.repeat(300_000), raw: { t: 'x\u0000', 'n\u0000': ['\udc00😀'] } },
    preparation,
  )
  expect([prepared.title, prepared.body.length, prepared.raw]).toEqual([
    '停工',
    200_000,
    '{"t":"x","n":["😀"]}',
  ])
})

test('text that only speaks of such characters stays as it is', () => {
  const raw = { t: 'C:\\u0000 \\ud83d' }
  expect(prepare({ title: '停工', body: '', raw }, preparation).raw).toBe(JSON.stringify(raw))
})

test('first run and the end of a long outage are learning; a source that has learnt is not', () => {
  const run = (learningUntil: Date | null, lastSuccessAt: Date | null) =>
    isLearningRun({ learningUntil, lastSuccessAt }, now, policy)
  const before = (hours: number) => new Date(now.getTime() - hours * hour)
  expect(run(null, null)).toBe(true)
  expect(run(before(1), null)).toBe(false)
  expect(run(before(-1), before(1))).toBe(true)
  expect(run(before(500), before(1))).toBe(false)
  expect(run(before(500), before(policy.learnAfterOutageHours + 1))).toBe(true)
})
