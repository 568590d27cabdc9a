/**
 * Gathers the hot issues of places whose texts or cases changed. A place is read and compared outside a transaction, and
 * written in a short one that takes its mark: marked again meanwhile, it stays due and what was read is dropped. So a run
 * that is killed leaves the mark, two runs at once write a place once, and nobody waits for the comparing.
 */
import type { Db } from '../db/connect.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { gatherIssues, sameAsBefore, WINDOW_DAYS } from './gather.ts'
import { casesOf, duePlaces, storiesOf, takePlace, writeIssues } from './store.ts'

/** Places of one look at the marks. */
const BATCH = 50

export interface Gathered {
  places: number
  issues: number
}

export async function runIssues(db: Db, jobs: Pick<Jobs, 'announce'>, now: Date): Promise<Gathered> {
  const from = new Date(now.getTime() - WINDOW_DAYS * 86_400_000)
  const sum = { places: 0, issues: 0 }
  for (;;) {
    const due = await duePlaces(db, BATCH)
    let written = 0
    const projectIds: number[] = []
    for (const place of due) {
      const stories = place.projectId === null ? [] : await storiesOf(db, place.projectId, from)
      const issues = gatherIssues(
        { name: place.name, aliases: place.aliases, stories, cases: await casesOf(db, place, from) },
        now,
      )
      const isWritten = await db.transaction().execute(async (tx) => {
        const earlier = await takePlace(tx, place)
        if (!earlier) return false
        const ids = sameAsBefore(issues, earlier)
        await writeIssues(
          tx,
          place,
          issues.map((issue, at) => ({ ...issue, id: ids[at] })),
          now,
        )
        return true
      })
      if (!isWritten) continue
      written += 1
      sum.issues += issues.length
      if (place.projectId !== null) projectIds.push(place.projectId)
    }
    sum.places += written
    if (written > 0) await jobs.announce({ topic: 'mention', projectIds })
    // All marked again while they were read: the next run has them.
    if (due.length < BATCH || written === 0) return sum
  }
}
