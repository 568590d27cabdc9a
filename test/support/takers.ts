import type { Takers } from '../../server/ingest/job.ts'

const takesNothing = async () => ({ rows: 0, added: 0, refused: 0 })

/** Doors for tests of sources that bring texts alone. */
export const noTakers: Takers = {
  complaints: takesNothing,
  readings: takesNothing,
  alerts: takesNothing,
  dueDates: takesNothing,
}
