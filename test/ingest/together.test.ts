import { expect, test } from 'vitest'
import { type Action, type OneOfMany, together } from '../../server/ingest/together.ts'

const source = (id: number, given: Partial<OneOfMany> = {}): OneOfMany => ({
  id,
  state: 'active',
  keptPaused: null,
  entry: 'read',
  ...given,
})
const many = [
  source(1),
  source(2, { state: 'paused' }),
  source(3, { state: 'paused', keptPaused: 'person' }),
  source(4, { state: 'paused', keptPaused: 'product' }),
  source(5, { entry: 'pushed' }),
  source(6, { entry: 'pushed', state: 'paused' }),
  source(7, { entry: 'by-hand', state: 'paused', keptPaused: 'product' }),
]

test.each<[Action, number[], object]>([
  ['resume', [2, 6], { already: 2, 'paused-alone': 1, 'read-once': 1, 'by-hand': 1 }],
  ['pause', [1, 5], { already: 4, 'by-hand': 1 }],
  ['run', [1, 2, 3, 4], { pushed: 2, 'by-hand': 1 }],
])('%s: who it is done to, and how many are left for which reason', (action, chosen, left) => {
  expect(together(action, many)).toEqual({ chosen, left })
})
