import { answerAsks } from '../../server/lib/thread.ts'

/** Doubles numbers, throws on words, and ends on nothing. */
answerAsks((ask: number | string | null) => {
  if (ask === null) process.exit(3)
  if (typeof ask === 'string') throw new RangeError(`«${ask}» is no number`)
  return ask * 2
})
