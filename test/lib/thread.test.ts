import { expect, onTestFinished, test } from 'vitest'
import { openThread } from '../../server/lib/thread.ts'
import { builtThread } from '../support/built-thread.ts'

async function doubling() {
  const thread = openThread<number | string | null, number>(await builtThread('test/lib/thread-inside.ts'))
  onTestFinished(() => thread.end())
  return thread
}

test('answers come to those who asked, however many ask at once', async () => {
  const thread = await doubling()
  expect(await Promise.all([1, 2, 3].map((n) => thread.ask(n)))).toEqual([2, 4, 6])
})

test('what the thread throws is thrown to its asker alone', async () => {
  const thread = await doubling()
  const answers = await Promise.allSettled([thread.ask(1), thread.ask('two'), thread.ask(3)])
  expect(answers).toMatchObject([
    { value: 2 },
    { reason: { name: 'RangeError', message: '«two» is no number' } },
    { value: 6 },
  ])
})

test('a thread that ends fails what it was asked, and the next question starts another', async () => {
  const thread = await doubling()
  const answers = await Promise.allSettled([thread.ask(null), thread.ask(3)])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await thread.ask(4)).toBe(8)
})

test('an ended thread answers nothing any more', async () => {
  const thread = await doubling()
  expect(await thread.ask(1)).toBe(2)
  const waiting = thread.ask('never answered')
  await Promise.all([expect(waiting).rejects.toThrow(), thread.end()])
  await expect(thread.ask(1)).rejects.toThrow('was ended')
})
