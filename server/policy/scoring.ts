import { z } from 'zod'

/** Every number of the scoring rules. Weights of one side add up to 1, so that likelihood and impact stay within 0–1. */

const share = z.number().min(0).max(1)
const positive = z.number().positive()
const count = z.int().min(0)
const clause = z.string().regex(/^(S\d-|X\d)/)
const levels = z.enum(['I', 'II', 'III', 'IV'])
const band = z
  .tuple([share, share, share, share])
  .refine((cuts) => cuts.every((cut, at) => at === 0 || cut > (cuts[at - 1] ?? 0)), {
    message: 'the four limits between the five bands must rise',
  })
const row = z.tuple([
  levels.nullable(),
  levels.nullable(),
  levels.nullable(),
  levels.nullable(),
  levels.nullable(),
])
const tiers = z.strictObject({
  central: share,
  provincial: share,
  portal: share,
  local: share,
  official: share,
  'self-media': share,
  forum: share,
  unknown: share,
})

const bySeverity = z.strictObject({
  unknown: levels.nullable(),
  minor: levels.nullable(),
  moderate: levels.nullable(),
  severe: levels.nullable(),
  extreme: levels.nullable(),
})

const addsUpToOne = (weights: Readonly<Record<string, number>>) =>
  Math.abs(Object.values(weights).reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9
const oneInAll = { message: 'the weights must add up to 1' }

export const ScoringPolicy = z.strictObject({
  evidence: z.strictObject({
    clause,
    /** Older evidence counts nothing, unless it is a complaint that is still open. */
    windowDays: z.int().min(1).max(366),
    halfLifeDays: z.strictObject({
      mention: positive,
      openComplaint: positive,
      closedComplaint: positive,
      /** Of readings; what is in force or due does not fade, it ends. */
      other: positive,
    }),
    /** A rejected link always counts 0, whatever stands here. */
    stateWeight: z.strictObject({ confirmed: share, proposed: share }),
    /** How much of a text's strength counts by its tone: a neutral «何时交房?» is a risk, praise is not. */
    polarityWeight: z.strictObject({ negative: share, neutral: share, positive: share }),
    /** Below this sum of weighted strengths a cell has no level: noise raises nothing. */
    floor: positive,
  }),
  heat: z.strictObject({
    clause,
    tierWeight: tiers,
    weights: z
      .strictObject({ breadth: share, momentum: share, persistence: share })
      .refine(addsUpToOne, oneInAll),
    /** So many tier-weighted families fill the breadth. */
    familiesForFull: positive,
    momentumWindowHours: positive,
    /** Fewer texts than this in the window are silence, however few came before. */
    momentumFloor: count,
    /** Seen in so many different hours of the last 24 fills the persistence. */
    hoursForFull: positive,
  }),
  likelihood: z.strictObject({
    clause,
    weights: z
      .strictObject({
        strength: share,
        negativeShare: share,
        heat: share,
        complainants: share,
        corroboration: share,
        growth: share,
        milestone: share,
      })
      .refine(addsUpToOne, oneInAll),
    /** Sum of weighted strengths at which the strength stands at 63 %. */
    strengthScale: positive,
    /** Texts of no colour added to the share, so that one negative text is not 100 %. */
    shareFloor: positive,
    complainantsForFull: positive,
    familiesToCorroborate: positive,
    complainantsToCorroborate: positive,
    growthWindowDays: positive,
    growthFloor: count,
    /** Days before and after a milestone within which it counts. */
    milestoneBeforeDays: positive,
    milestoneAfterDays: positive,
    /** Which milestone brings which risks near. */
    milestoneRisks: z.record(z.string(), z.array(z.string())),
    bands: band,
  }),
  impact: z.strictObject({
    clause,
    weights: z
      .strictObject({
        severity: share,
        media: share,
        households: share,
        projectSize: share,
        openComplaints: share,
        repeats: share,
        claim: share,
        litigation: share,
      })
      .refine(addsUpToOne, oneInAll),
    tierWeight: tiers,
    householdsForFull: positive,
    projectHouseholdsForFull: positive,
    openComplaintsForFull: positive,
    repeatsForFull: positive,
    claimFromYuan: positive,
    claimForFullYuan: positive,
    litigation: z.strictObject({ threatened: share, group: share }),
    bands: band,
  }),
  matrix: z.strictObject({
    clause,
    /** Rows: likelihood 1–5; columns: impact 1–5. */
    levels: z.tuple([row, row, row, row, row]),
  }),
  confidence: z.strictObject({
    clause,
    weights: z.strictObject({ amount: share, voices: share, certainty: share }).refine(addsUpToOne, oneInAll),
    amountScale: positive,
    voicesForFull: positive,
    /** Fewer items, or fewer independent voices (families and complainants), are «insufficient data». */
    sufficientItems: positive,
    sufficientVoices: count,
    /** Insufficient data is never shown above this level; hard rules still are. */
    highestWhenInsufficient: levels,
  }),
  hardRules: z.strictObject({
    gradeOne: z.strictObject({ clause, atLeast: levels }),
    tierOne: z.strictObject({
      clause,
      atLeast: levels,
      tiers: z.array(z.string()).min(1),
      withinDays: positive,
    }),
    groupAction: z.strictObject({ clause, atLeast: levels, households: z.int().min(2) }),
    /** One text of a red-line rule is enough to warn; confirmed by a person or by a second voice it is graver. */
    redLine: z.strictObject({ clause, alone: levels, corroborated: levels, withinDays: positive }),
    /** A warning of the weather authority in force over the site: by itself (at one site of each city), over open leaks, over many of them. */
    weather: z.strictObject({
      clause,
      manyLeaks: z.int().min(2),
      alone: bySeverity,
      overLeaks: bySeverity,
      overManyLeaks: bySeverity,
    }),
    /** Readings beyond their limit, and far beyond it. */
    reading: z.strictObject({ clause, beyond: levels, farBeyond: levels }),
    /** Something falls due by itself, although nobody has spoken of it yet. */
    due: z.strictObject({ clause, atLeast: levels }),
  }),
  /** An opinion on severity, proposed by the language model and accepted by a person: one step, for so long. */
  opinion: z.strictObject({ clause, validDays: z.int().min(1).max(90) }),
  hold: z.strictObject({
    clause,
    /** A level is raised at once and lowered only after so many hours of calm. */
    hoursBeforeLowering: z.strictObject({ I: count, II: count, III: count, IV: count }),
    /** A move of likelihood or impact this large is a new assessment even within its band. */
    recordMoveOf: positive,
  }),
})
export type ScoringPolicy = z.output<typeof ScoringPolicy>

const media = {
  central: 1,
  provincial: 0.85,
  portal: 0.7,
  local: 0.6,
  official: 0.6,
  'self-media': 0.35,
  forum: 0.3,
  unknown: 0.25,
}

export const defaultScoring: ScoringPolicy = {
  evidence: {
    clause: 'S2-2.3.2',
    windowDays: 90,
    halfLifeDays: { mention: 7, openComplaint: 30, closedComplaint: 7, other: 30 },
    stateWeight: { confirmed: 1, proposed: 0.7 },
    polarityWeight: { negative: 1, neutral: 0.6, positive: 0.1 },
    floor: 0.25,
  },
  heat: {
    clause: 'S2-2.3.3',
    tierWeight: media,
    weights: { breadth: 0.5, momentum: 0.3, persistence: 0.2 },
    familiesForFull: 8,
    momentumWindowHours: 72,
    momentumFloor: 3,
    hoursForFull: 8,
  },
  likelihood: {
    clause: 'S2-3.2.1',
    weights: {
      strength: 0.28,
      negativeShare: 0.08,
      heat: 0.2,
      complainants: 0.16,
      corroboration: 0.14,
      growth: 0.08,
      milestone: 0.06,
    },
    strengthScale: 4,
    shareFloor: 3,
    complainantsForFull: 10,
    familiesToCorroborate: 3,
    complainantsToCorroborate: 4,
    growthWindowDays: 14,
    growthFloor: 3,
    milestoneBeforeDays: 60,
    milestoneAfterDays: 30,
    milestoneRisks: {
      launch: ['PS1', 'PS2', 'PS3', 'PS4', 'LA1', 'LA2', 'LA3'],
      delivery: ['DE1', 'DE2', 'DE3', 'DE4', 'DE5', 'DE6', 'DE7', 'DE8', 'DE9'],
      'school-opening': ['PO3'],
      'completion-filing': ['DE9'],
      'title-certificate': ['EX2'],
    },
    bands: [0.14, 0.28, 0.42, 0.58],
  },
  impact: {
    clause: 'S2-3.2.2',
    weights: {
      severity: 0.3,
      media: 0.16,
      households: 0.14,
      projectSize: 0.05,
      openComplaints: 0.11,
      repeats: 0.06,
      claim: 0.08,
      litigation: 0.1,
    },
    tierWeight: media,
    householdsForFull: 50,
    projectHouseholdsForFull: 3000,
    openComplaintsForFull: 12,
    repeatsForFull: 6,
    claimFromYuan: 10_000,
    claimForFullYuan: 10_000_000,
    litigation: { threatened: 0.6, group: 1 },
    bands: [0.15, 0.28, 0.42, 0.58],
  },
  matrix: {
    clause: 'S2-3.2.3',
    levels: [
      [null, null, 'IV', 'IV', 'IV'],
      [null, 'IV', 'IV', 'III', 'III'],
      ['IV', 'IV', 'III', 'III', 'II'],
      ['IV', 'III', 'II', 'II', 'I'],
      ['III', 'III', 'II', 'I', 'I'],
    ],
  },
  confidence: {
    clause: 'S2-2.3.2',
    weights: { amount: 0.4, voices: 0.35, certainty: 0.25 },
    amountScale: 4,
    voicesForFull: 6,
    sufficientItems: 1.2,
    sufficientVoices: 2,
    highestWhenInsufficient: 'IV',
  },
  hardRules: {
    gradeOne: { clause: 'S0-3.1a', atLeast: 'II' },
    tierOne: { clause: 'S2-2.3.3', atLeast: 'II', tiers: ['central'], withinDays: 30 },
    groupAction: { clause: 'S0-3.1b', atLeast: 'I', households: 10 },
    redLine: { clause: 'S2-2.3.3', alone: 'II', corroborated: 'I', withinDays: 30 },
    weather: {
      clause: 'S0-14.5b',
      manyLeaks: 3,
      alone: { unknown: null, minor: null, moderate: null, severe: null, extreme: 'IV' },
      overLeaks: { unknown: null, minor: null, moderate: 'IV', severe: 'III', extreme: 'III' },
      overManyLeaks: { unknown: 'IV', minor: 'IV', moderate: 'IV', severe: 'III', extreme: 'II' },
    },
    reading: { clause: 'S2-3.1.2', beyond: 'IV', farBeyond: 'III' },
    due: { clause: 'S0-14.0', atLeast: 'IV' },
  },
  opinion: { clause: 'S2-2.3.2', validDays: 14 },
  hold: { clause: 'S2-3.2.3', hoursBeforeLowering: { I: 72, II: 48, III: 24, IV: 24 }, recordMoveOf: 0.03 },
}
