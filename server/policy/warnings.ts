import { z } from 'zod'

const hours = z.number().min(0)
const clause = z.string().regex(/^S\d-/)

/** When an exposure becomes a warning, and when a running warning speaks again. */
export const WarningsPolicy = z.strictObject({
  clause,
  /** Exposures below this level raise nothing. */
  raiseFrom: z.enum(['I', 'II', 'III', 'IV']),
  /** After a person closed a warning, the same cell stays quiet this long unless its level rises above the closed one. */
  coolDownHours: hours,
  /** A running warning speaks again when so many more families write about it … */
  newFamilies: z.int().min(1),
  /** … or so many more complaints came in … */
  newComplaints: z.int().min(1),
  /** … but not more often than this, unless its level rises. */
  factEveryHours: hours,
  /** An anomaly is growth on at least this many families or complainants. */
  anomaly: z.strictObject({ families: z.int().min(1), complainants: z.int().min(1) }),
  /** The machine may lift these levels itself when their exposure has calmed; the others are lifted by people. */
  liftedByMachine: z.array(z.enum(['III', 'IV'])),
})
export type WarningsPolicy = z.output<typeof WarningsPolicy>

export const defaultWarnings: WarningsPolicy = {
  clause: 'S2-2.3.3',
  raiseFrom: 'IV',
  coolDownHours: 72,
  newFamilies: 2,
  newComplaints: 3,
  factEveryHours: 6,
  anomaly: { families: 2, complainants: 3 },
  liftedByMachine: ['III', 'IV'],
}
