// Pages of texts behind a red line or a warning of level I or II, fetched before their authors delete them; and pages that
// the policy lets go. The work lies in `snapshot_due`: a run that is killed leaves its page to the next after two minutes.
import type { Fetcher } from '../../../collectors/fetch.ts'
import { recordAudit } from '../../audit/store.ts'
import type { Db } from '../../db/connect.ts'
import { inTransaction } from '../../db/in-transaction.ts'
import type { Jobs } from '../../jobs/jobs.ts'
import { currentPolicy } from '../../policy/store.ts'
import * as snapshots from '../snapshot-store.ts'
import { fetchPage } from './fetch-page.ts'

export interface KeepingPages {
  db: Db
  jobs: Pick<Jobs, 'announce'>
  fetcher: Pick<Fetcher, 'fetch'>
  now: () => Date
}

/** Pages of one run, side by side: other hosts do not wait for a slow one, and the fetch keeps the pace of each. */
const PER_RUN = 60
const AT_ONCE = 4
/** The next run begins anew; it must not find this one still at work. */
const LONGEST_RUN_MS = 4 * 60_000
/** Tries, and what lies between them: 15 minutes, an hour, four hours. */
const MOST_TRIES = 4
const FIRST_PAUSE_MS = 15 * 60_000
const DAY_MS = 86_400_000

/** Queues what is due and fetches it. Gives what came of it. */
export async function keepWarnedPages({ db, jobs, fetcher, now }: KeepingPages) {
  const counts = { queued: 0, kept: 0, failed: 0 }
  const { policy } = await currentPolicy(db, now())
  const rules = policy.collecting.snapshots
  if (!rules.keepsWarned) return counts
  counts.queued = await inTransaction(db, (tx) => snapshots.queueWarned(tx, now()))
  let left = Math.min(
    PER_RUN,
    rules.warnedPerDay - (await snapshots.warnedSince(db, new Date(now().getTime() - DAY_MS))),
  )
  const endAt = now().getTime() + LONGEST_RUN_MS
  const worker = async () => {
    while (left > 0 && now().getTime() < endAt) {
      left--
      const due = await snapshots.takeDue(db, now())
      if (!due) return
      if (await keepOne({ db, jobs, fetcher, now }, due)) counts.kept++
      else counts.failed++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return counts
}

async function keepOne({ db, jobs, fetcher, now }: KeepingPages, due: snapshots.DuePage): Promise<boolean> {
  const found = await fetchPage(fetcher, due, now)
  const at = now()
  const { documentId } = due
  if (found.outcome === 'ok') {
    const page = await snapshots.packPage(found.page)
    await inTransaction(db, async (tx) => {
      await snapshots.keepPage(tx, {
        documentId,
        page,
        reason: 'warned',
        askedBy: null,
        showsTitle: found.showsTitle,
      })
      await snapshots.settleDue(tx, due)
    })
    await jobs.announce({ topic: 'mention', projectIds: [] })
    return true
  }
  const { outcome, detail } = found
  // What refuses us today refuses us tomorrow; what was not reached may come back.
  const isFinal = outcome === 'refused' || outcome === 'too-large' || due.attempts >= MOST_TRIES
  await inTransaction(db, async (tx) => {
    await snapshots.noteAttempt(tx, { documentId, at, reason: 'warned', askedBy: null, outcome, detail })
    await snapshots.putOff(
      tx,
      due,
      isFinal
        ? { gaveUpAt: at }
        : { nextAt: new Date(at.getTime() + FIRST_PAUSE_MS * 4 ** (due.attempts - 1)) },
    )
  })
  return false
}

/** Lets pages go by the policy; each run that took some leaves an audit entry. */
export async function expirePages(db: Db, now: Date) {
  const { policy } = await currentPolicy(db, now)
  const rules = policy.collecting.snapshots
  return inTransaction(db, async (tx) => {
    const gone = await snapshots.expireSnapshots(tx, rules, now)
    if (gone.snapshots > 0)
      await recordAudit(tx, {
        action: 'evidence.expire',
        subject: { kind: 'snapshot' },
        clause: rules.clause,
        detail: { ...gone, collectedDays: rules.collectedDays, evidenceDays: rules.evidenceDays },
      })
    return gone
  })
}
