// What sources bring beside texts and complaints → rows → signals. Three doors for the runs of sources, and a task of the clock:
// warnings expire, days come near and readings grow stale without anybody writing a row.
import { z } from 'zod'
import type { AlertCapture, DueDateCapture, Items, ReadingCapture } from '../../collectors/collector.ts'
import type { Db, Tx } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Policy } from '../policy/policy.ts'
import { currentPolicy } from '../policy/store.ts'
import { createAreaMatcher } from './areas.ts'
import type { DueFact } from './because.ts'
import { checkReading, createProjectFinder } from './check.ts'
import { dueFinding, risksOfMilestone } from './due-rules.ts'
import { findingsOf } from './reading-rules.ts'
import * as store from './store.ts'
import { risksOfAlert, withSpeakers } from './weather-rules.ts'

export interface Indicators {
  db: Db
  jobs: Pick<Jobs, 'wake' | 'announce'>
  now: () => Date
}

/** What a door gives back to the run of the source. */
interface Taken {
  rows: number
  added: number
  refused: number
  because: readonly string[]
}

const BATCH = 1_000
const COURSES_AT_ONCE = 200
const MESSAGES_AT_ONCE = 200
/** Of one run: more is no feed of warnings and no calendar. */
const MOST_ALERTS = 20_000
const MOST_DUE_DATES = 50_000
const TOLD = 5
const DAY_MS = 86_400_000

// ── readings ──

/** Stores readings; unknown projects, wrong units and wrong values are refused and named, the others stored. */
export async function takeReadings(
  { db, jobs, now }: Indicators,
  items: Items<ReadingCapture>,
  sourceId: number,
): Promise<Taken> {
  const at = now()
  const { policy } = await currentPolicy(db, at)
  const find = createProjectFinder(await store.projectNames(db))
  const taken = report()
  let batch: store.StoredReading[] = []
  const put = async () => {
    const rows = batch
    batch = []
    if (rows.length > 0) {
      taken.added += await inTransaction(db, (tx) => store.storeReadings(tx, rows, sourceId, at))
    }
  }
  try {
    for await (const capture of items) {
      taken.rows += 1
      const projectId = find(capture.project)
      const checked = checkReading(capture, at, policy.indicators.readings.aheadDays)
      if (typeof projectId !== 'number')
        taken.refuse(`${capture.place}: ${notFound(projectId, capture.project)}`)
      else if (!checked.ok) taken.refuse(checked.because)
      else batch.push({ ...checked.reading, projectId })
      if (batch.length >= BATCH) await put()
    }
  } finally {
    // Also when the stream broke: what was read is kept.
    await put()
    await reviewReadings({ db, jobs, now })
  }
  return taken
}

/** Asks the rules about every course that waits. Killed half-way, its courses wait again. */
async function reviewReadings({ db, jobs, now }: Indicators): Promise<{ changed: number }> {
  const at = now()
  let changed = 0
  for (;;) {
    const batch = await inTransaction(db, (tx) => reviewBatch(tx, at))
    if (batch === undefined) break
    changed += batch
  }
  if (changed > 0) await jobs.wake('scoring')
  return { changed }
}

async function reviewBatch(tx: Tx, now: Date): Promise<number | undefined> {
  // The lock before the marks: who waits for it must not hold what its holder needs.
  await store.lockKind(tx, 'reading')
  const due = await store.takeDueCourses(tx, COURSES_AT_ONCE)
  if (due.length === 0) return undefined
  const { policy } = await currentPolicy(tx, now)
  const rules = policy.indicators.readings
  const projectIds = [...new Set(due.map((course) => course.projectId))]
  // The windows of the rules reach back from the last reading, which may be as old as `staleDays`.
  const since = (windowDays: number) => new Date(now.getTime() - (rules.staleDays + windowDays) * DAY_MS)
  const { courses, deliveryOf } = await store.coursesOf(tx, projectIds, [
    { metric: 'price', since: since(rules.priceFall.windowDays) },
    { metric: 'sales', since: since(rules.salesBehind.windowDays) },
    { metric: 'progress', since: since(rules.progressStalled.full * 2) },
    { metric: 'quality', since: since(0) },
  ])
  const bySubject = new Map<string, store.WantedSignal>()
  for (const course of courses) {
    const delivery = deliveryOf.get(course.projectId)
    const found = findingsOf(
      { ...course, deliveryInDays: delivery === undefined ? undefined : daysUntil(delivery, now) },
      rules,
      now,
    )
    for (const { riskCode, strength, occurredAt, fact } of found) {
      const { projectId, metric } = course
      const key = `${projectId} ${metric} ${riskCode}`
      const known = bySubject.get(key)
      bySubject.set(key, {
        projectId,
        riskCode,
        metric,
        strength: Math.max(strength, known?.strength ?? 0),
        occurredAt: known && known.occurredAt > occurredAt ? known.occurredAt : occurredAt,
        facts: [...(known?.facts ?? []), fact],
      })
    }
  }
  return store.reconcileSignals(tx, 'reading', [...bySubject.values()], now, projectIds)
}

// ── alerts ──

/** Stores warnings of the weather authority, an update being no new one; drills were left out before. */
export async function takeAlerts(
  { db, jobs, now }: Indicators,
  items: Items<AlertCapture>,
  sourceId: number,
): Promise<Taken> {
  const at = now()
  const { policy } = await currentPolicy(db, at)
  const taken = report()
  const messages = new Map<string, store.Message>()
  try {
    for await (const capture of items) {
      taken.rows += 1
      const message = messageOf(capture, policy.indicators.weather.openEndedHours)
      if (message === undefined) taken.refuse(`«${capture.headline.slice(0, 40)}»: no time`)
      else if (messages.size < MOST_ALERTS) messages.set(message.externalId, message)
      else taken.refuse(`more than ${MOST_ALERTS} alerts in one answer`)
    }
  } finally {
    const known = await store.knownMessages(db, [...messages.keys()])
    // In the order they were sent, for feeds begin with the newest.
    const fresh = [...messages.values()]
      .filter(({ externalId }) => !known.has(externalId))
      .sort((a, b) => a.sent.getTime() - b.sent.getTime() || (a.externalId < b.externalId ? -1 : 1))
    for (let from = 0; from < fresh.length; from += MESSAGES_AT_ONCE) {
      const part = fresh.slice(from, from + MESSAGES_AT_ONCE)
      await inTransaction(db, async (tx) => {
        await store.lockKind(tx, 'alert')
        // Another process may have stored some while this one waited for the lock.
        const stored = await store.knownMessages(
          tx,
          part.map(({ externalId }) => externalId),
        )
        for (const message of part) {
          if (stored.has(message.externalId)) continue
          await store.storeMessage(tx, message, sourceId, at)
          taken.added += 1
        }
      })
    }
    if (taken.added > 0 && (await inTransaction(db, (tx) => refreshAlerts(tx, policy, at))) > 0)
      await jobs.wake('scoring')
  }
  return taken
}

function messageOf(capture: AlertCapture, openEndedHours: number): store.Message | undefined {
  const starts = new Date(capture.startsAt)
  const sent = new Date(capture.sentAt ?? capture.startsAt)
  if (Number.isNaN(starts.getTime()) || Number.isNaN(sent.getTime())) return undefined
  const ends = capture.endsAt === undefined ? undefined : new Date(capture.endsAt)
  const openEnd = new Date(Math.max(starts.getTime(), sent.getTime()) + openEndedHours * 3_600_000)
  const names = capture.areas.map(({ name, code }) => `${name}${code ?? ''}`)
  return {
    ...capture,
    sent,
    ends: ends && !Number.isNaN(ends.getTime()) ? ends : openEnd,
    areaKey: [...new Set(names)].sort().join(' ').slice(0, 1_000),
  }
}

const Areas = z.array(z.object({ name: z.string(), code: z.string().optional() }))
const point = z.tuple([z.number(), z.number()])
const Shapes = z.array(
  z.union([z.object({ points: z.array(point) }), z.object({ centre: point, radiusKm: z.number() })]),
)
const readers = { areas: (json: unknown) => Areas.parse(json), shapes: (json: unknown) => Shapes.parse(json) }

/** Joins the alerts in force to projects by area and makes their signals what they should be now. */
async function refreshAlerts(tx: Tx, policy: Policy, now: Date): Promise<number> {
  await store.lockKind(tx, 'alert')
  const alerts = await store.alertsInForce(tx, now, readers)
  const sites = await store.allSites(tx)
  const siteOf = new Map(sites.map((site) => [site.id, site]))
  const match = createAreaMatcher(sites)
  const reached = alerts.flatMap((alert) =>
    match(alert).map((found) => ({ alert, alertId: alert.id, ...found })),
  )
  await store.storeReach(
    tx,
    alerts.map(({ id }) => id),
    reached.map(({ alertId, projectId, reach }) => ({ alertId, projectId, reach })),
  )
  const rules = policy.indicators.weather
  const leaksOf = await store.openLeaks(tx, [...new Set(reached.map(({ projectId }) => projectId))], rules)
  const found = reached.flatMap(({ alert, projectId, reach }) => {
    const site = siteOf.get(projectId)
    if (!site) return []
    const { phenomenon, severity, issuer, headline, startsAt, endsAt } = alert
    const told = {
      phenomenon,
      severity,
      issuer,
      headline,
      reach,
      startsAt: startsAt.toISOString(),
      endsAt: endsAt.toISOString(),
    }
    const { stage, cityCompanyId } = site
    const under = { stage, openLeaks: leaksOf.get(projectId) ?? 0 }
    return risksOfAlert(told, under, rules).map((risk) => ({
      ...risk,
      projectId,
      cityCompanyId,
      households: site.households ?? 0,
      alertId: alert.id,
      occurredAt: startsAt,
    }))
  })
  const wanted = withSpeakers(found).map(
    ({ projectId, riskCode, alertId, strength, occurredAt, fact }): store.WantedSignal => ({
      projectId,
      riskCode,
      alertId,
      strength,
      occurredAt,
      facts: [fact],
    }),
  )
  return store.reconcileSignals(tx, 'alert', wanted, now)
}

// ── due days ──

/** Stores the days of a calendar; those it no longer has are withdrawn, unless it broke half-way. */
export async function takeDueDates(
  { db, jobs, now }: Indicators,
  items: Items<DueDateCapture>,
  sourceId: number,
): Promise<Taken> {
  const at = now()
  const { policy } = await currentPolicy(db, at)
  const find = createProjectFinder(await store.projectNames(db))
  const taken = report()
  const rows: (Omit<DueDateCapture, 'project'> & { projectId: number | null })[] = []
  let isWhole = false
  try {
    for await (const { project, ...day } of items) {
      taken.rows += 1
      const projectId = project === undefined ? null : find(project)
      if (typeof projectId === 'string')
        taken.refuse(`«${day.title.slice(0, 40)}» ${day.on}: ${notFound(projectId, project ?? '')}`)
      else if (Number.isNaN(Date.parse(day.on)))
        taken.refuse(`«${day.title.slice(0, 40)}»: «${day.on}» is no day`)
      else if (rows.length < MOST_DUE_DATES) rows.push({ ...day, projectId })
      else taken.refuse(`more than ${MOST_DUE_DATES} days in one calendar`)
    }
    isWhole = true
  } finally {
    const changed = await inTransaction(db, async (tx) => {
      await store.lockKind(tx, 'milestone')
      taken.added += await store.storeDueDates(tx, sourceId, rows, isWhole)
      return refreshDue(tx, policy, at)
    })
    if (changed > 0) await jobs.wake('scoring')
  }
  return taken
}

/** Signals of milestones and days of calendars that are in reach now. */
async function refreshDue(tx: Tx, policy: Policy, now: Date): Promise<number> {
  await store.lockKind(tx, 'milestone')
  const { milestoneRisks, milestoneBeforeDays, milestoneAfterDays } = policy.scoring.likelihood
  const rules = policy.indicators.due
  const milestones = await store.openMilestones(
    tx,
    dayFrom(now, -milestoneAfterDays),
    dayFrom(now, milestoneBeforeDays),
  )
  const ofMilestones = milestones.flatMap(({ id, projectId, kind, plannedOn }) => {
    const reach = { beforeDays: milestoneBeforeDays, afterDays: milestoneAfterDays }
    const finding = dueFinding({ dueOn: plannedOn, days: daysUntil(plannedOn, now), ...reach }, rules)
    if (!finding) return []
    return risksOfMilestone({ kind, dueOn: plannedOn }, milestoneRisks, rules.direct).map(
      ({ riskCode, fact }) =>
        // Far off, the day shows itself only in the number of the milestone, not in a level of its own.
        signalOf({ projectId, riskCode, milestoneId: id }, finding, {
          ...fact,
          isDirect: fact.isDirect && isNear(plannedOn),
        }),
    )
  })
  const since = new Date(now.getTime() - policy.scoring.evidence.windowDays * DAY_MS)
  const days = await store.dueDays(tx, dayFrom(now, -rules.afterDays), dayFrom(now, rules.beforeDays), since)
  const ofCalendars = days.flatMap(({ id, projectId, riskCode, title, dueOn, isDirect }) => {
    const reach = { beforeDays: rules.beforeDays, afterDays: rules.afterDays }
    const finding = dueFinding({ dueOn, days: daysUntil(dueOn, now), ...reach }, rules)
    const fact: DueFact = { kind: 'due', milestone: null, title, dueOn, isDirect: isDirect && isNear(dueOn) }
    return finding ? [signalOf({ projectId, riskCode, dueDateId: id }, finding, fact)] : []
  })
  return store.reconcileSignals(tx, 'milestone', [...ofMilestones, ...ofCalendars], now)

  function isNear(day: string): boolean {
    return daysUntil(day, now) <= rules.nearDays
  }
}

const signalOf = (
  subject: Pick<store.WantedSignal, 'projectId' | 'riskCode' | 'milestoneId' | 'dueDateId'>,
  { strength, occurredAt }: { strength: number; occurredAt: Date },
  fact: DueFact,
): store.WantedSignal => ({ ...subject, strength, occurredAt, facts: [fact] })

// ── the clock ──

/** Every few minutes: what expired ends, what came near begins, leak complaints that were closed weigh no more. */
export async function refreshIndicators({
  db,
  jobs,
  now,
}: Indicators): Promise<{ alerts: number; due: number }> {
  const at = now()
  const { policy } = await currentPolicy(db, at)
  const alerts = await inTransaction(db, (tx) => refreshAlerts(tx, policy, at))
  const due = await inTransaction(db, (tx) => refreshDue(tx, policy, at))
  if (alerts + due > 0) await jobs.wake('scoring')
  return { alerts, due }
}

/** Daily: courses that say something now are asked again, for without a new reading they fall silent. */
export async function reviewSpeaking(indicators: Indicators): Promise<{ changed: number }> {
  await store.markSpeakingCourses(indicators.db)
  return reviewReadings(indicators)
}

function report() {
  const because: string[] = []
  return {
    rows: 0,
    added: 0,
    refused: 0,
    because,
    refuse(what: string) {
      this.refused += 1
      if (because.length < TOLD) because.push(what)
    },
  }
}

const notFound = (why: 'unknown' | 'ambiguous', name: string) =>
  why === 'unknown'
    ? `no project is called «${name.slice(0, 40)}»`
    : `several projects are called «${name.slice(0, 40)}»`

/** Calendar day in Shanghai so many days from now. */
const dayFrom = (now: Date, days: number) =>
  new Date(now.getTime() + 8 * 3_600_000 + days * DAY_MS).toISOString().slice(0, 10)

const daysUntil = (day: string, now: Date) =>
  Math.ceil((Date.parse(`${day}T00:00:00+08:00`) - now.getTime()) / DAY_MS)
