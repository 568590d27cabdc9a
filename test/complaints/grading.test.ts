import { describe, expect, test } from 'vitest'
import { type GradeFacts, gradeComplaint } from '../../server/complaints/grading.ts'
import { defaultGrading, type GradePolicy } from '../../server/policy/grading.ts'

const day = (n: number) => new Date(Date.UTC(2026, 2, n, 4))
const facts = (given: Partial<GradeFacts> = {}): GradeFacts => ({
  now: day(2),
  receivedAt: day(1),
  isOpen: true,
  households: 1,
  persons: 1,
  mayLitigate: false,
  isGroupLitigation: false,
  mayReachMedia: false,
  isReputationAtStake: false,
  coverage: [],
  sameCases: [],
  validity: null,
  isOurFault: null,
  repeatsAfterHandling: 0,
  needsOtherDepartments: false,
  ...given,
})
const covered = (tiers: string[], families = tiers.length) => [
  { riskCode: 'DE3', mentions: families, families, tiers },
]
const cases = (...days: (readonly [number, string | null])[]) =>
  days.map(([n, person]) => ({ riskCode: 'DE5', at: day(n), person }))
const same = (change: Partial<GradePolicy['sameComplaint']>): GradePolicy => ({
  ...defaultGrading,
  sameComplaint: { ...defaultGrading.sameComplaint, ...change },
})

const table: readonly [string, Partial<GradeFacts>, 1 | 2 | 3 | 4, string, GradePolicy?][] = [
  ['S0-3.1a: coverage by a provincial paper', { coverage: covered(['provincial']) }, 1, 'S0-3.1a'],
  ['S0-3.1a: coverage by three families of forums', { coverage: covered(['forum'], 3) }, 1, 'S0-3.1a'],
  [
    'S0-3.1a: may reach the media with integrity at stake',
    { mayReachMedia: true, isReputationAtStake: true },
    1,
    'S0-3.1a',
  ],
  ['S0-3.1a needs exposure, not the stake alone', { isReputationAtStake: true }, 4, 'S0-3.4'],
  ['S0-3.1b: ten households, ten included', { households: 10 }, 1, 'S0-3.1b'],
  ['S0-3.2c below ten households, even in court', { households: 9, isGroupLitigation: true }, 2, 'S0-3.2a'],
  ['S0-3.2a: may lead to a lawsuit', { mayLitigate: true }, 2, 'S0-3.2a'],
  ['S0-3.2a: may reach the media', { mayReachMedia: true }, 2, 'S0-3.2a'],
  ['S0-3.2a: one forum already writes about it', { coverage: covered(['forum']) }, 2, 'S0-3.2a'],
  [
    'S0-3.2b: the third complainant within a month',
    { sameCases: cases([1, 'a'], [5, 'b'], [20, 'c']) },
    2,
    'S0-3.2b',
  ],
  ['S0-3.2b: two complainants are not three', { sameCases: cases([1, 'a'], [5, 'b']) }, 4, 'S0-3.4'],
  [
    'S0-3.2b: the same person three times is one complainant',
    { sameCases: cases([1, 'a'], [5, 'a'], [9, 'a']) },
    4,
    'S0-3.4',
  ],
  ['S0-3.2b: unnamed callers count', { sameCases: cases([1, null], [5, null], [9, 'a']) }, 2, 'S0-3.2b'],
  [
    'S0-3.2b: … unless the policy says no',
    { sameCases: cases([1, null], [5, null], [9, 'a']) },
    4,
    'S0-3.4',
    same({ countsUnnamed: false }),
  ],
  [
    'S0-3.2b: the 31st day is still within, the next is not',
    { sameCases: cases([1, 'a'], [2, 'b'], [31, 'c']) },
    2,
    'S0-3.2b',
  ],
  [
    'S0-3.2b: three spread over more than a month',
    { sameCases: cases([1, 'a'], [2, 'b'], [32, 'c']) },
    4,
    'S0-3.4',
  ],
  [
    'S0-3.2b: a month that lies around the case counts as well',
    { receivedAt: day(20), now: day(40), sameCases: cases([6, 'a'], [20, 'b'], [34, 'c']) },
    2,
    'S0-3.2b',
  ],
  [
    'X6: not inclusive asks for a fourth',
    { sameCases: cases([1, 'a'], [5, 'b'], [9, 'c']) },
    4,
    'S0-3.4',
    same({ inclusive: false }),
  ],
  [
    'X6: a calendar month ends with the month',
    { receivedAt: day(28), sameCases: cases([28, 'a'], [30, 'b'], [33, 'c']) },
    4,
    'S0-3.4',
    same({ window: 'calendar-month' }),
  ],
  [
    'X6: a calendar month is that of Shanghai',
    {
      receivedAt: day(28),
      sameCases: [
        ...cases([2, 'a'], [28, 'b']),
        { riskCode: 'DE5', at: new Date('2026-02-28T16:00:00Z'), person: 'c' },
      ],
    },
    2,
    'S0-3.2b',
    same({ window: 'calendar-month' }),
  ],
  [
    'S0-3.2b: different risks do not add up',
    { sameCases: [...cases([1, 'a'], [2, 'b']), { riskCode: 'DE3', at: day(3), person: 'c' }] },
    4,
    'S0-3.4',
  ],
  ['S0-3.2c: three persons', { persons: 3 }, 2, 'S0-3.2c'],
  ['X7: three households are three persons at least', { households: 3 }, 2, 'S0-3.2c'],
  ['S0-3.2c: two persons are not collective', { persons: 2 }, 4, 'S0-3.4'],
  ['S0-3.2d: over a month, our fault', { now: day(32), isOurFault: true }, 2, 'S0-3.2d'],
  ['S0-3.2d: a month to the day is not over', { now: day(31), isOurFault: true }, 4, 'S0-3.4'],
  ['S0-3.2d: found valid is our fault (S4-22)', { now: day(32), validity: 'valid' }, 2, 'S0-3.2d'],
  ['S0-3.2d: the fault of others', { now: day(32), validity: 'valid', isOurFault: false }, 4, 'S0-3.4'],
  ['S0-3.2d: coordination is not our fault', { now: day(32), validity: 'coordination' }, 4, 'S0-3.4'],
  ['S0-3.2d: a closed case does not age', { now: day(60), isOurFault: true, isOpen: false }, 4, 'S0-3.4'],
  ['S0-3.2d: nobody judged it', { now: day(60) }, 4, 'S0-3.4'],
  [
    'S0-3.2d: nobody judged it, and the policy counts that',
    { now: day(60) },
    2,
    'S0-3.2d',
    { ...defaultGrading, undecidedIsOurs: true },
  ],
  ['S0-3.3a: three times after handling', { repeatsAfterHandling: 3 }, 3, 'S0-3.3a'],
  ['S0-3.3a: twice is not three times', { repeatsAfterHandling: 2 }, 4, 'S0-3.4'],
  ['S0-3.3b: other departments must help', { needsOtherDepartments: true }, 3, 'S0-3.3b'],
  ['S0-3.4: everything else', {}, 4, 'S0-3.4'],
]

describe('the grade of a complaint', () => {
  test.each(table)('%s', (_name, given, grade, clause, policy = defaultGrading) => {
    expect(gradeComplaint(facts(given), policy)).toMatchObject({ grade, clause })
  })

  test('S0-3.0: the highest grade wins and the other conditions stay visible', () => {
    const graded = gradeComplaint(
      facts({ households: 12, mayReachMedia: true, needsOtherDepartments: true }),
      defaultGrading,
    )
    expect(graded).toEqual({
      grade: 1,
      clause: 'S0-3.1b',
      because: { rule: 'group', households: 12, threshold: 10, litigation: false },
      also: [
        { grade: 2, clause: 'S0-3.2a', because: { rule: 'may-reach-media' } },
        { grade: 3, clause: 'S0-3.3b', because: { rule: 'needs-other-departments' } },
      ],
    })
  })

  test('S0-3.2b: the reason names the month with the most complainants', () => {
    const { because } = gradeComplaint(
      facts({
        receivedAt: day(20),
        now: day(21),
        sameCases: cases([1, 'a'], [19, 'b'], [20, 'c'], [21, 'd'], [45, 'e'], [46, null]),
      }),
      defaultGrading,
    )
    expect(because).toEqual({
      rule: 'same-complaint',
      riskCode: 'DE5',
      threshold: 3,
      complainants: 5,
      unnamed: 1,
      from: day(19).toISOString(),
      to: day(46).toISOString(),
    })
  })
})
