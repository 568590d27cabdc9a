// The text engine on real texts beside the project: megabytes and texts per second, how they fall as catalogue and projects
// grow, how right it is beside simpler readers (five models are trained: some minutes), then the public scorers' figures.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { loadCatalogue } from '../../risk-catalog/load.ts'
import { createAnalyser } from '../../server/analysis/analyser.ts'
import { buildAutomaton, createHits, findWords } from '../../server/analysis/automaton.ts'
import { createBurstDetector } from '../../server/analysis/burst.ts'
import { simhash } from '../../server/analysis/fingerprint.ts'
import { createScratch, normalise, normalised } from '../../server/analysis/normalise.ts'
import { findTopics } from '../../server/analysis/topics.ts'
import { measureGrowth } from './support-growth.ts'
import { measureQuality, measureSentiment } from './support-quality.ts'

const beside = resolve('../shared/data')
if (!existsSync(beside)) {
  console.log(`no texts to measure on: ${beside} is not there`)
  process.exit(0)
}
// The scorers run only under their real path.
const data = realpathSync(beside)

const lines = (file: string) => readFileSync(join(data, file), 'utf8').trim().split('\n')
const Letter = z.object({
  id: z.string(),
  title: z.string(),
  body: z.string(),
  time: z.string(),
  likes: z.number(),
})
const letters = lines('civic-hot.jsonl').map((line) => Letter.parse(JSON.parse(line)))
const texts = letters.map(({ title, body }) => `${title}\n${body}`)
const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6
const characters = texts.reduce((sum, text) => sum + text.length, 0)

/** Seconds of the best of five rounds. */
function best(work: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const from = performance.now()
    work()
    least = Math.min(least, performance.now() - from)
  }
  return least / 1000
}
const speed = (what: string, seconds: number) =>
  console.log(`${what.padEnd(46)} ${(megabytes / seconds).toFixed(0).padStart(6)} MB/s`)

/** Words of two to six units cut from the texts themselves: more hits than a dictionary gives. */
function wordsOf(count: number): string[] {
  const all = normalised(texts.slice(0, 2000).join('\n')).replaceAll(/[\n,、]/g, '')
  const words = new Set<string>()
  for (let at = 0, step = 1; words.size < count; at = (at + 7919 * step++) % (all.length - 6)) {
    words.add(all.slice(at, at + 2 + (step % 5)))
  }
  return [...words]
}

const read = texts.map((text) => normalise(text))
const plain = texts.map((text) => normalised(text))
const hits = createHits()
for (const count of [100, 1000, 10_000]) {
  const words = wordsOf(count)
  const automaton = buildAutomaton(words)
  let found = 0
  const ours = best(() => {
    found = 0
    for (const { units, length } of read) found += findWords(automaton, units, length, hits).count
  })
  speed(`automaton, ${count} words, ${found} hits with places`, ours)
  if (count > 1000) continue
  const pattern = new RegExp(words.sort((a, b) => b.length - a.length).join('|'), 'g')
  const peer = best(() => {
    for (const text of plain) for (const match of text.matchAll(pattern)) found += match.index > 0 ? 0 : 1
  })
  speed(`  one RegExp alternation (misses overlaps)`, peer)
}
const scratch = createScratch()
speed(
  'normalise',
  best(() => {
    for (const text of texts) normalise(text, scratch)
  }),
)
speed(
  'simhash',
  best(() => {
    for (const one of read) simhash(one)
  }),
)

const catalogue = loadCatalogue(resolve('risk-catalog'))
const started = performance.now()
const { analyse } = createAnalyser(catalogue)
console.log(`analyser ready in ${(performance.now() - started).toFixed(0)} ms`)
const whole = best(() => {
  for (const { title, body } of letters) analyse({ title, text: body })
})
speed('whole analysis of a letter', whole)
console.log(
  `  ${(letters.length / whole).toFixed(0)} letters/s of ${(characters / letters.length).toFixed(0)} characters = ${(characters / 300 / whole).toFixed(0)} texts/s of 300`,
)
const Headline = z.object({ title: z.string() })
const headlines = lines('housing-headlines.jsonl').map((line) => Headline.parse(JSON.parse(line)))
const short = best(() => {
  for (const { title } of headlines) analyse({ title, text: '' })
})
console.log(`  ${(headlines.length / short).toFixed(0)} headlines/s`)

const topicsFrom = performance.now()
const topics = findTopics(
  letters.map(({ likes, ...letter }) => ({
    ...letter,
    reactions: likes,
    at: Date.parse(`${letter.time.replace(' ', 'T')}Z`),
  })),
)
console.log(
  `topics: ${letters.length} letters in ${((performance.now() - topicsFrom) / 1000).toFixed(1)} s, ${topics.filter((topic) => topic.messages.length > 1).length} issues of two or more; the hottest: ${topics[0]?.messages.length} letters`,
)

measureGrowth(catalogue, letters)
measureQuality(catalogue, data)
measureSentiment(catalogue, data)

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const scored = (args: readonly string[], keep: RegExp) => {
  const run = spawnSync(process.execPath, [...args], { encoding: 'utf8' })
  for (const line of run.stdout.split('\n')) if (keep.test(line)) console.log(`  ${line}`)
  if (run.status !== 0) console.log(run.stderr)
}
try {
  for (const corpus of ['realTweets', 'realKnownCause']) {
    mkdirSync(join(folder, 'nab', corpus), { recursive: true })
    for (const name of readdirSync(join(data, 'nab', 'data', corpus))) {
      const score = createBurstDetector()
      const [, ...rows] = lines(join('nab', 'data', corpus, name))
      const answers = rows.map((row) => `${row},${score(Number(row.split(',')[1]))}`)
      writeFileSync(
        join(folder, 'nab', corpus, name),
        ['timestamp,value,anomaly_score', ...answers].join('\n'),
      )
    }
    console.log(`bursts, NAB ${corpus}:`)
    scored([join(data, 'nab', 'score.mjs'), join(folder, 'nab'), '--only', corpus], /windows/)
  }
} finally {
  rmSync(folder, { recursive: true })
}
