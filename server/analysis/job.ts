/**
 * The analysis step: document → mention, signals, story; complaint → signals. Each batch is one transaction that ends with
 * the mark «read by this version», so a process killed at any point leaves either the whole batch or nothing, and reading
 * a text again gives the same rows.
 */
import type { ControlledTransaction } from 'kysely'
import type { Catalogue } from '../../risk-catalog/load.ts'
import { groupOf } from '../access/store.ts'
import type { Db, Tx } from '../db/connect.ts'
import type { Schema } from '../db/schema.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { namesOfOurs } from '../projects/names-store.ts'
import type { Analysis } from './analyser.ts'
import type { Engine, Engines } from './engine.ts'
import { acceptedProjects, evidenceOf, excerptOf } from './evidence.ts'
import { nearKeys } from './fingerprint.ts'
import { createNameFinder, hanOf } from './names-in-texts.ts'
import {
  catalogueOf,
  createStories,
  decidedStories,
  dueNames,
  type EstateSighting,
  engineInForce,
  forgetEstates,
  forgetNames,
  forgetOtherVersions,
  holdEngine,
  joinStory,
  knownStories,
  lockStories,
  type MentionRow,
  markAnalysed,
  markIssuesDue,
  moveTexts,
  newStoryIds,
  projectVerdicts,
  recountStories,
  removeMentions,
  requeue,
  type StoryCandidate,
  sortInWords,
  storyCandidates,
  stretchBelow,
  takeComplaints,
  takeDocuments,
  textsBetween,
  weightsOf,
  whatWaits,
  writeEstates,
  writeMentionProjects,
  writeMentions,
  writeSignals,
} from './store.ts'
import {
  type ReadMember,
  readMember,
  STRANGE_BITS,
  storyLikeness,
  TITLE_LETTERS,
  WINDOW_MS,
} from './story.ts'

const BATCH = 500
/** Candidates per project: a storm of reposts joins its story through any of them. */
const STORY_CANDIDATES = 200
/** Candidates per text among near-equal ones and among equal titles. */
const NEAR_CANDIDATES = 5

export interface AnalysisTools {
  db: Db
  /** As shipped with its weights: read with it until the database names another in force. */
  catalogue: Catalogue
  engines: Pick<Engines, 'open'>
  jobs: Pick<Jobs, 'announce'>
  now: () => Date
}

/** Gives the step: it runs until nothing waits and tells whether it did anything. */
export function createAnalysisStep({
  db,
  catalogue: shipped,
  engines,
  jobs,
  now,
}: AnalysisTools): () => Promise<boolean> {
  let opened: (Omit<Step, 'now'> & { key: string }) | undefined
  let forgottenFor: string | undefined
  const nothingSwitched = { catalogVersion: shipped.version, modelVersion: null }

  /** The engine in force now, opened anew when it or a name changed. */
  async function prepare(): Promise<Step> {
    const inForce = (await engineInForce(db)) ?? nothingSwitched
    const { cityCompanyOf, ...master } = await namesOfOurs(db, await groupOf(db))
    const key = JSON.stringify([inForce, master])
    if (opened?.key !== key) {
      const { catalogVersion, modelVersion } = inForce
      const catalogue = catalogVersion === shipped.version ? shipped : await catalogueOf(db, catalogVersion)
      const weights = modelVersion === null ? shipped.weights : await weightsOf(db, modelVersion)
      const { risks, groups, version } = catalogue
      const engine = await engines.open({ risks, groups, version, ...master, ...(weights && { weights }) })
      opened = { key, inForce, engine, cityCompanyOf, version: `${engine.version}/${catalogVersion}` }
    }
    if (forgottenFor !== opened.version) {
      await forgetOtherVersions(db, opened.version)
      forgottenFor = opened.version
    }
    return { ...opened, now: now() }
  }

  /** Takes and reads the next batch of a transaction that is still to write it; undefined: another engine is in force by now. */
  async function begin(readBatch: typeof readDocuments, step: Step): Promise<Begun | undefined> {
    const tx = await db.startTransaction().execute()
    try {
      const held = (await holdEngine(tx)) ?? nothingSwitched
      const isSame =
        held.catalogVersion === step.inForce.catalogVersion && held.modelVersion === step.inForce.modelVersion
      if (isSame) return { tx, ...(await readBatch(tx, step)) }
    } catch (error) {
      await giveUp(tx)
      throw error
    }
    await giveUp(tx)
    return undefined
  }

  return async () => {
    // Before the names are read: what waits for a name must not be read without it.
    await requeueNamed(db)
    let step = await prepare()
    let didAnything = false
    for (const [topic, readBatch] of [
      ['mention', readDocuments],
      ['complaint', readComplaints],
    ] as const) {
      let next: Promise<Begun | undefined> | undefined
      try {
        for (;;) {
          const batch = await (next ?? begin(readBatch, step))
          next = undefined
          if (!batch) {
            step = await prepare()
            continue
          }
          if (batch.count === BATCH) {
            // The engine reads on while the database takes what it has read. Written in the order of the ids all the same.
            next = begin(readBatch, step)
            // Its failure is told when it is waited for, which comes after this batch is written.
            next.catch(() => {})
          }
          const projectIds = await finish(batch)
          if (batch.count > 0) {
            didAnything = true
            await jobs.announce({ topic, ...(topic === 'complaint' && { projectIds }) })
          }
          if (!next) break
        }
      } finally {
        const begun = await next?.catch(() => undefined)
        if (begun) await giveUp(begun.tx)
      }
    }
    return didAnything
  }
}

async function finish({ tx, count, write }: Begun): Promise<number[]> {
  try {
    const projectIds = count === 0 ? [] : await write()
    await tx.commit().execute()
    return projectIds
  } catch (error) {
    await giveUp(tx)
    throw error
  }
}

/** The connection goes back to the others also where it broke; the error that led here is the one to be told. */
async function giveUp(tx: Begun['tx']): Promise<void> {
  await tx
    .rollback()
    .execute()
    .catch(() => {})
}

/** Texts that one change of names sends back: the newest of them. */
const MOST_REREAD = 5_000
/** Documents looked through in one go. */
const STRETCH = 4_000
/** With more names than this the database is asked for every text: trying them one by one costs more than reading it here. */
const FEW_NAMES = 12

/**
 * Sends the recent texts that bear a changed name back to the analysis: one walk for all names from the newest document
 * to the oldest date asked for. Killed half-way it begins again, and a text sent back twice is read once.
 */
export async function requeueNamed(db: Db): Promise<void> {
  const due = await dueNames(db)
  if (due.length === 0) return
  const since = new Date(Math.min(...due.map((one) => one.since.getTime())))
  const bearsOne = createNameFinder(due.map(({ name }) => name))
  const runs = [...new Set(due.map(({ name }) => hanOf(name)))]
  const few = runs.length <= FEW_NAMES ? runs.filter((run) => run !== undefined) : []
  const holding = few.length === runs.length ? few : undefined
  let before = Number.MAX_SAFE_INTEGER
  let left = MOST_REREAD
  while (left > 0) {
    const stretch = await stretchBelow(db, before, STRETCH)
    // Ids follow the time of collecting but for minutes, and nothing is dated long after it was collected.
    if (!stretch || stretch.newestCollectedAt < since) break
    const texts = await textsBetween(db, { first: stretch.first, before, since }, holding)
    const named = texts.filter(({ title, body }) => bearsOne(`${title}\n${body}`)).slice(0, left)
    await requeue(
      db,
      named.map(({ id }) => id),
    )
    left -= named.length
    before = stretch.first
  }
  await forgetNames(db, due)
}

/** Texts of mentions that are put into the index of words together. */
const WORDS_AT_ONCE = 2_000
/** While texts still come in they have the machine; with so many waiting a search takes a twentieth of a second longer. */
const MOST_WAITING = 20_000

/**
 * Puts texts of new and changed mentions into the index of words, once the analysis has caught up or many wait: the pairs
 * of a text cost as much as reading it, and nothing but the speed of a search needs them. Gives how many.
 */
export async function settleWords(db: Db): Promise<{ indexed: number }> {
  const { isReading, texts } = await whatWaits(db, MOST_WAITING)
  if (isReading && texts < MOST_WAITING) return { indexed: 0 }
  let indexed = 0
  for (;;) {
    const moved = texts === 0 ? 0 : await moveTexts(db, WORDS_AT_ONCE)
    await sortInWords(db)
    indexed += moved
    if (moved < WORDS_AT_ONCE) return { indexed }
  }
}

interface Step {
  inForce: { catalogVersion: string; modelVersion: string | null }
  engine: Engine
  cityCompanyOf: ReadonlyMap<number, number>
  version: string
  now: Date
}

/** Texts that are taken and read. */
interface Batch {
  count: number
  /** Writes what was read and marks the texts; gives the projects that they touch. */
  write(): Promise<number[]>
}

type Begun = Batch & { tx: ControlledTransaction<Schema> }

async function readDocuments(tx: Tx, step: Step): Promise<Batch> {
  const documents = await takeDocuments(tx, BATCH)
  const before = documents.flatMap(({ id, isMention }) => (isMention ? [id] : []))
  const verdicts = await projectVerdicts(tx, before)
  const analyses = await step.engine.read(
    documents.map(({ id, title, body, publisher }) => ({
      title,
      text: body,
      publisher,
      isWanted: verdicts.has(id),
    })),
  )
  const mentions = documents.flatMap((document, at): Found[] => {
    const analysis = analyses[at]
    if (!analysis) return []
    const projectIds = acceptedProjects(analysis, verdicts.get(document.id) ?? new Map())
    return [
      { analysis, row: mentionOf(document, analysis, { projectIds, cityCompanyOf: step.cityCompanyOf }) },
    ]
  })
  const ids = documents.map(({ id }) => id)
  return { count: documents.length, write: () => writeDocuments(tx, { ids, before, mentions }, step) }
}

type TakenDocument = Awaited<ReturnType<typeof takeDocuments>>[number]

function mentionOf(
  document: TakenDocument,
  analysis: Analysis,
  { projectIds, cityCompanyOf }: { projectIds: number[] } & Pick<Step, 'cityCompanyOf'>,
): MentionRow {
  return {
    id: document.id,
    occurredAt:
      document.dating === 'undated' || document.dating === 'future'
        ? document.collectedAt
        : (document.publishedAt ?? document.collectedAt),
    publishedAt: document.publishedAt,
    sourceId: document.sourceId,
    publisherId: document.publisherId,
    familyId: document.familyId,
    tier: document.tier,
    title: document.title,
    excerpt: excerptOf(document.body, analysis),
    polarity: analysis.polarity,
    sentiment: analysis.sentiment,
    target: analysis.target,
    riskCodes: analysis.labels,
    projectIds,
    cityCompanyIds: [...new Set(projectIds.flatMap((id) => cityCompanyOf.get(id) ?? []))],
    storyId: null,
    simhash: analysis.simhash,
    hash: analysis.hash,
    // What has no date, a date ahead of us or behind the age gate is kept but raises nothing.
    isLearning: document.isLearning || document.dating !== 'dated',
    namesUs: analysis.namesUs,
  }
}

async function writeDocuments(
  tx: Tx,
  /** `before`: those that were mentions when they were taken. */
  {
    ids,
    before,
    mentions,
  }: { ids: readonly number[]; before: readonly number[]; mentions: readonly Found[] },
  { engine, cityCompanyOf, version, now }: Step,
): Promise<number[]> {
  const rows = mentions.map(({ row }) => row)
  const mentionIds = rows.map((row) => row.id)
  const kept = new Set(mentionIds)
  // Before the first change of a row that another batch may wait for.
  await lockStories(tx)
  const estates = mentions.flatMap(estatesOf)
  const lostNames = await forgetEstates(tx, before, estates)
  await removeMentions(
    tx,
    before.filter((id) => !kept.has(id)),
  )
  const touched = await assignStories(tx, rows, before)
  const versions = { analysisVersion: engine.version, catalogVersion: engine.catalogVersion }
  await writeMentions(tx, rows, versions)
  await recountStories(tx, touched)
  await writeEstates(tx, estates, lostNames)
  await writeMentionProjects(
    tx,
    mentionIds,
    mentions.flatMap(({ row, analysis }) =>
      analysis.projects.map((project) => ({ mentionId: row.id, occurredAt: row.occurredAt, ...project })),
    ),
  )
  await writeSignals(
    tx,
    'mention',
    mentionIds,
    mentions.flatMap(({ row, analysis }) =>
      evidenceOf(analysis, row.projectIds).map((evidence) => ({
        ...evidence,
        mentionId: row.id,
        complaintId: null,
        occurredAt: row.occurredAt,
        isLearning: row.isLearning,
      })),
    ),
    versions,
  )
  await markIssuesDue(
    tx,
    rows.flatMap((row) =>
      row.projectIds.flatMap((projectId) => {
        const cityCompanyId = cityCompanyOf.get(projectId)
        return cityCompanyId === undefined ? [] : [{ cityCompanyId, projectId }]
      }),
    ),
  )
  await markAnalysed(tx, 'document', ids, version, now)
  return rows.flatMap((row) => row.projectIds)
}

interface Found {
  row: MentionRow
  analysis: Analysis
}

/** Names of one text that are counted; a list of all estates of a town says nothing about one of them. */
const MOST_ESTATES = 5

function estatesOf({ row, analysis }: Found): EstateSighting[] {
  if (analysis.estates.length > MOST_ESTATES) return []
  return analysis.estates.map((name) => ({
    name,
    mentionId: row.id,
    family: row.familyId === null ? `s${row.sourceId}` : `f${row.familyId}`,
    isNear: analysis.namesUs || analysis.namesOurCity,
    occurredAt: row.occurredAt,
  }))
}

/**
 * Sets `storyId` of the rows, in the order of their ids, and gives the stories whose counts changed. What a person decided
 * stands; a text read before keeps its story while its words are the same; any other joins the most alike earlier text.
 * The caller holds the lock of the stories, so two workers never open two stories of one.
 */
async function assignStories(tx: Tx, rows: MentionRow[], before: readonly number[]): Promise<number[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.id)
  const [known, decided] = [await knownStories(tx, before), await decidedStories(tx, before)]
  const candidates: StoryCandidate[] = await storyCandidates(tx, rows, {
    windowMs: WINDOW_MS,
    nearBits: STRANGE_BITS,
    titleLetters: TITLE_LETTERS,
    perText: NEAR_CANDIDATES,
    perProject: STORY_CANDIDATES,
  })
  const own = new Set(ids)
  const pool = createPool()
  for (const candidate of candidates) {
    if (!own.has(candidate.id))
      pool.add({ member: readMember(candidate), earlier: candidate, storyId: candidate.storyId })
  }
  const touched = new Set<number>()
  const joins: { entry: PoolEntry; row: MentionRow }[] = []
  for (const row of rows) {
    const member = readMember(row)
    const last = known.get(row.id)
    if (last?.storyId) touched.add(last.storyId)
    const kept = decided.get(row.id) ?? (last?.hash === row.hash ? last.storyId : null)
    if (kept !== null) {
      row.storyId = kept
      touched.add(kept)
      pool.add({ member, row, storyId: kept })
      continue
    }
    const match = pool.find(member)
    if (match) joins.push({ entry: match, row })
    pool.add({ member, row, storyId: null, ...(match && { with: rootOf(match) }) })
  }

  const founders = [...new Set(joins.map(({ entry }) => rootOf(entry)))].filter(
    (root) => root.storyId === null,
  )
  const fresh = await newStoryIds(tx, founders.length)
  for (const [at, founder] of founders.entries()) founder.storyId = fresh[at] ?? null
  await createStories(
    tx,
    founders.flatMap(({ storyId, member }) =>
      storyId === null ? [] : [{ id: storyId, title: member.title, firstAt: member.occurredAt }],
    ),
  )
  await joinStory(
    tx,
    founders.flatMap(({ earlier, storyId }) =>
      earlier && storyId !== null ? [{ mentionId: earlier.id, storyId }] : [],
    ),
  )
  for (const founder of founders) if (founder.row) founder.row.storyId = founder.storyId
  for (const { entry, row } of joins) {
    row.storyId = rootOf(entry).storyId
    if (row.storyId !== null) touched.add(row.storyId)
  }
  return [...touched]
}

interface PoolEntry {
  member: ReadMember
  /** Stored by an earlier batch. */
  earlier?: StoryCandidate
  /** Of this batch. */
  row?: MentionRow
  storyId: number | null
  /** The entry whose story it joins. */
  with?: PoolEntry
}

const rootOf = (entry: PoolEntry): PoolEntry => (entry.with ? rootOf(entry.with) : entry)

/** Mentions that later ones may join, found by equal text, project, near-equal text or title. */
function createPool() {
  const byKey = new Map<string | number, PoolEntry[]>()
  const keysOf = ({ hash, projectIds, simhash, letters }: ReadMember) => [
    hash,
    ...projectIds.map((id) => `project ${id}`),
    ...nearKeys(simhash),
    ...(letters.length >= TITLE_LETTERS ? [letters] : []),
  ]
  return {
    add(entry: PoolEntry) {
      for (const key of keysOf(entry.member)) {
        const list = byKey.get(key)
        if (list) list.push(entry)
        else byKey.set(key, [entry])
      }
    },
    /** The most alike; of equals the first that came, so that the answer does not depend on chance. */
    find(member: ReadMember): PoolEntry | undefined {
      const seen = new Set<PoolEntry>()
      let best: PoolEntry | undefined
      let most = 0
      for (const key of keysOf(member)) {
        for (const entry of byKey.get(key) ?? []) {
          if (seen.has(entry)) continue
          seen.add(entry)
          const likeness = storyLikeness(entry.member, member)
          if (likeness > most) {
            most = likeness
            best = entry
          }
        }
        // The same text: nothing can be more alike.
        if (most === 3) break
      }
      return best
    },
  }
}

async function readComplaints(tx: Tx, step: Step): Promise<Batch> {
  const { engine, cityCompanyOf, version, now } = step
  const complaints = await takeComplaints(tx, BATCH)
  const analyses = await engine.read(
    complaints.map(({ title, content }) => ({ title, text: content, isWanted: true })),
  )
  const signals = complaints.flatMap((complaint, at) => {
    const analysis = analyses[at]
    if (!analysis) return []
    // The ledger knows its project; where it does not, only a project of the same city company may be meant.
    const meant = acceptedProjects(analysis, new Map()).filter(
      (id) => cityCompanyOf.get(id) === complaint.cityCompanyId,
    )
    const projectIds = complaint.projectId !== null ? [complaint.projectId] : meant.slice(0, 1)
    return evidenceOf(analysis, projectIds).map((evidence) => ({
      ...evidence,
      mentionId: null,
      complaintId: complaint.id,
      occurredAt: complaint.receivedAt,
      isLearning: false,
    }))
  })
  const ids = complaints.map(({ id }) => id)
  return {
    count: ids.length,
    async write() {
      const versions = { analysisVersion: engine.version, catalogVersion: engine.catalogVersion }
      await writeSignals(tx, 'complaint', ids, signals, versions)
      await markIssuesDue(
        tx,
        complaints.map(({ cityCompanyId, projectId }) => ({ cityCompanyId, projectId: projectId ?? 0 })),
      )
      await markAnalysed(tx, 'complaint', ids, version, now)
      return [...new Set(signals.flatMap(({ projectId }) => (projectId === null ? [] : [projectId])))]
    },
  }
}
