import { expect, test } from 'vitest'
import { weighed } from '../../server/risks/precision.ts'

test('a rule is told how often it is right once five of its finds are judged', () => {
  expect(weighed({ proposed: 9, confirmed: 2, rejected: 2 })).toMatchObject({
    precision: null,
    isMostlyRejected: false,
  })
  expect(weighed({ proposed: 0, confirmed: 3, rejected: 2 })).toMatchObject({
    precision: 0.6,
    isMostlyRejected: false,
  })
  expect(weighed({ proposed: 0, confirmed: 1, rejected: 4 })).toMatchObject({
    precision: 0.2,
    isMostlyRejected: true,
  })
})
