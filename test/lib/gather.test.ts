import { expect, test } from 'vitest'
import { gather } from '../../server/lib/gather.ts'

/** A call that ends when told to, and remembers what it was asked. */
function slowCall() {
  const calls: { questions: readonly number[]; end: () => void }[] = []
  const work = (questions: readonly number[]) =>
    new Promise<readonly number[]>((done) => {
      calls.push({ questions, end: () => done(questions.map((question) => question * 10)) })
    })
  return { calls, work }
}
const settled = () => new Promise((done) => setImmediate(done))

test('a lone question goes at once; those that come meanwhile go together', async () => {
  const { calls, work } = slowCall()
  const ask = gather(work)
  const answers = [1, 2, 3].map((question) => ask(question))
  expect(calls.map((call) => call.questions)).toEqual([[1]])
  calls[0]?.end()
  expect(await answers[0]).toBe(10)
  await settled()
  expect(calls.map((call) => call.questions)).toEqual([[1], [2, 3]])
  calls[1]?.end()
  expect(await Promise.all(answers)).toEqual([10, 20, 30])
  await settled()
  void ask(4)
  expect(calls.at(-1)?.questions).toEqual([4])
})

test('a call is full by weight, but what weighs more than a call goes all the same', async () => {
  const seen: (readonly number[])[] = []
  const ask = gather(
    async (weights: readonly number[]) => {
      seen.push(weights)
      await settled()
      return weights
    },
    { most: 10, weigh: (weight) => weight },
  )
  await Promise.all([1, 6, 4, 1, 50, 2].map(ask))
  expect(seen).toEqual([[1], [6, 4], [1], [50], [2]])
})

test('a call holds each key once, and those behind it are not held up', async () => {
  const seen: (readonly string[])[] = []
  const ask = gather(
    async (words: readonly string[]) => {
      seen.push(words)
      await settled()
      return words
    },
    { key: (word) => word[0] },
  )
  expect(await Promise.all(['a1', 'b1', 'b2', 'c1', 'b3'].map(ask))).toEqual(['a1', 'b1', 'b2', 'c1', 'b3'])
  expect(seen).toEqual([['a1'], ['b1', 'c1'], ['b2'], ['b3']])
})

test('two calls are under way where two may be', async () => {
  const { calls, work } = slowCall()
  const ask = gather(work, { atOnce: 2 })
  const answers = [1, 2, 3, 4].map((question) => ask(question))
  expect(calls.map((call) => call.questions)).toEqual([[1], [2]])
  calls[1]?.end()
  await settled()
  expect(calls.map((call) => call.questions)).toEqual([[1], [2], [3, 4]])
  calls[0]?.end()
  calls[2]?.end()
  expect(await Promise.all(answers)).toEqual([10, 20, 30, 40])
})

test('a question that makes its call fail meets that alone', async () => {
  const ask = gather(async (questions: readonly number[]) => {
    await settled()
    if (questions.includes(3)) throw new Error('three')
    return questions
  })
  const results = await Promise.allSettled([1, 2, 3, 4].map(ask))
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
})

test('answers that are missing are an error, not silence', async () => {
  const ask = gather(async () => [])
  await expect(ask(1)).rejects.toThrow('1 questions got 0 answers')
})
