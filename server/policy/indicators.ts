import { z } from 'zod'
import { phenomena } from '../../collectors/collector.ts'

/** Every number of the rules that read what is no text: weather, readings, days on which something falls due. */

const share = z.number().min(0).max(1)
const positive = z.number().positive()
const count = z.int().min(0)
const clause = z.string().regex(/^(S\d-|X\d)/)
const risk = z.string().regex(/^(PS|LA|SA|DE|PO|EX)[1-9]$/)
const stage = z.enum(['PS', 'LA', 'SA', 'DE', 'PO'])
const phenomenon = z.enum(phenomena)
const perSeverity = z.strictObject({
  unknown: share,
  minor: share,
  moderate: share,
  severe: share,
  extreme: share,
})
/** A finding starts at `from` with strength `weak`, stands at `strong` from `full` on, and is grave from `grave` on. */
const ramp = { from: positive, grave: positive, full: positive, weak: share, strong: share }
const rises = (rule: { from: number; full: number }) => rule.full > rule.from
const mustRise = { message: 'full must be above from' }

export const IndicatorsPolicy = z.strictObject({
  weather: z.strictObject({
    clause,
    /** How strongly a warning of this severity shows its risk. */
    strength: perSeverity,
    /** Added for each open leak complaint of the site, up to a highest sum. */
    perOpenLeak: share,
    mostForLeaks: share,
    /** What counts as a leak complaint: it shows one of these risks, and one of these words stands in it. */
    leakRisks: z.array(risk).min(1),
    leakWords: z.array(z.string().min(1)).min(1),
    /** A warning without an end of its own is believed for so long. */
    openEndedHours: positive,
    /** Which weather brings which risk to projects of which stage; with open leaks also to the others where so marked. */
    rules: z.array(
      z.strictObject({
        risk,
        phenomena: z.array(phenomenon).min(1),
        stages: z.array(stage),
        orOpenLeaks: z.boolean(),
      }),
    ),
    /** So many warnings of each city stand in a list before any city shows more. */
    floorPerCity: z.int().min(1),
  }),
  readings: z.strictObject({
    clause,
    /** A last reading older than this says nothing of today. */
    staleDays: positive,
    /** A reading dated further ahead than this is wrong. */
    aheadDays: count,
    /** Share by which the price lies below the highest of its own past. */
    priceFall: z
      .strictObject({
        clause,
        risk,
        windowDays: positive,
        minReadings: z.int().min(2),
        /** A reading above so many medians of its window is a slip of the pen, and no past to fall from. */
        outlierFactor: z.number().min(1.1),
        ...ramp,
      })
      .refine(rises, mustRise),
    /** Share by which the sales of a window lie below their plan. */
    salesBehind: z
      .strictObject({ clause, risk, windowDays: positive, minReadings: z.int().min(1), ...ramp })
      .refine(rises, mustRise),
    /** Points of per cent by which the works lie behind their plan; with the handover near, a second risk. */
    progressBehind: z
      .strictObject({ clause, risk, nearDelivery: risk, nearDeliveryDays: positive, ...ramp })
      .refine(rises, mustRise),
    /** Days without progress on unfinished works. */
    progressStalled: z
      .strictObject({ clause, risk, minReadings: z.int().min(2), ...ramp })
      .refine(rises, mustRise),
    /** Points of per cent that the pass rate lacks to what is required. */
    qualityLow: z.strictObject({ clause, risk, required: positive, ...ramp }).refine(rises, mustRise),
  }),
  due: z.strictObject({
    clause,
    /** Strength on the first day of the reach, on the day itself, and of what is overdue. */
    strength: z.strictObject({ far: share, near: share, late: share }),
    /** Within so many days it is near. */
    nearDays: positive,
    /** Reach of days from a calendar; milestones take theirs from the likelihood. */
    beforeDays: positive,
    afterDays: positive,
    /** Risks that a milestone brings by its own day; the others of `milestoneRisks` only when something else speaks of them. */
    direct: z.record(z.string(), z.array(risk)),
  }),
})
export type IndicatorsPolicy = z.output<typeof IndicatorsPolicy>

export const defaultIndicators: IndicatorsPolicy = {
  weather: {
    clause: 'S0-14.5b',
    strength: { unknown: 0.3, minor: 0.3, moderate: 0.45, severe: 0.65, extreme: 0.85 },
    perOpenLeak: 0.05,
    mostForLeaks: 0.15,
    leakRisks: ['DE2', 'DE5', 'PO2'],
    leakWords: '渗 漏水 漏雨 滴水 积水 进水 倒灌 返水 淹 潮湿 发霉 返潮'.split(' '),
    openEndedHours: 24,
    rules: [
      { risk: 'PO2', phenomena: ['rainstorm', 'typhoon', 'thunderstorm'], stages: ['PO'], orOpenLeaks: true },
      {
        risk: 'DE5',
        phenomena: ['rainstorm', 'typhoon', 'thunderstorm', 'snow'],
        stages: [],
        orOpenLeaks: true,
      },
      {
        risk: 'DE4',
        phenomena: ['wind', 'typhoon', 'rainstorm', 'snow', 'cold', 'hail', 'geological'],
        stages: ['LA', 'SA', 'DE'],
        orOpenLeaks: false,
      },
      {
        risk: 'PO1',
        phenomena: ['wind', 'typhoon', 'cold', 'hail', 'geological'],
        stages: ['PO'],
        orOpenLeaks: false,
      },
    ],
    floorPerCity: 2,
  },
  readings: {
    clause: 'S2-3.1.2',
    staleDays: 45,
    aheadDays: 1,
    priceFall: {
      clause: 'S0-14.3b',
      risk: 'SA2',
      windowDays: 180,
      minReadings: 3,
      outlierFactor: 1.5,
      from: 0.05,
      grave: 0.15,
      full: 0.25,
      weak: 0.45,
      strong: 0.9,
    },
    salesBehind: {
      clause: 'S0-14.3c',
      risk: 'SA3',
      windowDays: 90,
      minReadings: 3,
      from: 0.4,
      grave: 0.65,
      full: 0.8,
      weak: 0.45,
      strong: 0.85,
    },
    progressBehind: {
      clause: 'S0-14.4c',
      risk: 'DE3',
      nearDelivery: 'DE9',
      nearDeliveryDays: 90,
      from: 8,
      grave: 20,
      full: 30,
      weak: 0.45,
      strong: 0.9,
    },
    progressStalled: {
      clause: 'S0-14.4c',
      risk: 'DE3',
      minReadings: 3,
      from: 14,
      grave: 45,
      full: 60,
      weak: 0.45,
      strong: 0.9,
    },
    qualityLow: {
      clause: 'S0-14.4e',
      risk: 'DE5',
      required: 90,
      from: 0.01,
      grave: 10,
      full: 20,
      weak: 0.45,
      strong: 0.85,
    },
  },
  due: {
    clause: 'S0-14.0',
    strength: { far: 0.3, near: 0.6, late: 0.7 },
    nearDays: 30,
    beforeDays: 60,
    afterDays: 14,
    direct: {
      launch: ['LA1'],
      delivery: ['DE3', 'DE9'],
      'completion-filing': ['DE9'],
      'school-opening': ['PO3'],
      'title-certificate': ['EX2'],
    },
  },
}
