import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { z } from 'zod'
import { groupsIn, rulesIn } from '../../risk-catalog/edit.ts'
import type { SourceFile } from '../../risk-catalog/load.ts'
import { Rule } from '../../risk-catalog/risk.ts'
import { permit } from '../access/guard.ts'
import type { Scope } from '../access/scope.ts'
import { groupOf } from '../access/store.ts'
import { ACCEPT_PROJECT } from '../analysis/project-match.ts'
import { recordAudit } from '../audit/store.ts'
import { maskText } from '../complaints/masking.ts'
import type { Db, Tx } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import type { Ctx, Env } from '../http/context.ts'
import { IdParam, refuseInvalid } from '../http/validate.ts'
import { Refusal } from '../lib/refusal.ts'
import { namesOfOurs, type OurNames } from '../projects/names-store.ts'
import * as versions from './catalog-store.ts'
import { type Checked, changedText, checkDraft, differing, overlaid, readDraft } from './draft.ts'
import * as drafts from './draft-store.ts'
import { keptEngines } from './engines.ts'
import { retrain } from './job.ts'
import type { Replayed } from './replay.ts'
import * as store from './store.ts'
import * as trials from './trial-store.ts'
import type { Verdicts } from './verdicts.ts'

/** A pasted article; longer ones are no texts that a person tries. */
const MAX_TEXT = 20_000
/** The largest shipped file has a fifth of it. */
const MAX_FILE = 100_000
/** Waiting and running comparisons of one person. */
const OPEN_TRIALS = 3
const SUBJECT = 'catalogue'

const Try = z.object({
  title: z.string().trim().max(500).optional(),
  text: z.string(),
  against: z.enum(['in-force', 'draft']).default('in-force'),
})
/** As many as a source that is tried shows. */
const MAX_TEXTS = 20
const TryAll = z.object({
  texts: z.array(z.object({ title: z.string().max(1_000), text: z.string().max(MAX_TEXT) })).max(MAX_TEXTS),
})
const Path = z.string().regex(/^(PS|LA|SA|DE|PO|EX|lexicon)\/[A-Za-z0-9-]+\.ya?ml$/)
const PathQuery = z.object({ path: Path })
const Revision = z.int().min(0)
const Word = z.string().min(1).max(100)
const Save = z.object({
  /** The version in force that the writer saw: upon it a first change begins the draft. */
  base: z.string(),
  files: z
    .array(
      z.object({
        path: Path,
        /** Of the file in the draft; 0 when the draft does not change it yet. */
        revision: Revision,
        change: z.union([
          z.strictObject({ text: z.string().max(MAX_FILE) }),
          z.strictObject({ rules: z.array(Rule).min(1).max(60) }),
          z.strictObject({ group: z.string(), words: z.array(Word).min(1).max(2_000) }),
        ]),
      }),
    )
    .min(1)
    .max(8),
})
const Reason = z.string().trim().min(1).max(500)
const SwitchOn = z.object({ version: z.string(), reason: Reason })
const RollBack = z.object({ switchId: z.int().positive(), reason: Reason })
const Rebase = z.object({ onto: z.enum(['in-force', 'release']) })
const Compare = z.object({ days: z.int().min(1).max(366).default(30) })
/** Written by our own job. */
const Result = z.custom<Replayed & { verdicts: Verdicts }>(
  (value) => typeof value === 'object' && value !== null,
)

const engineFor = keptEngines()

const isInReach = (scope: Scope, projectId: number) => scope.all || scope.projectIds.includes(projectId)

function nameIn({ projects }: OurNames): (projectId: number) => string {
  const names = new Map(projects.map(({ id, names: [name = ''] }) => [id, name]))
  return (projectId) => names.get(projectId) ?? ''
}

/** Training takes the processor for seconds: one at a time in a process. */
let isTraining = false

/** The catalogue is the whole group's: who leads one city does not change what all are warned of. */
function forHeadquarters(c: Ctx): void {
  if (!c.get('user').scope.all) throw new Refusal(403, 'headquarters-only')
}

async function mustBeInForce(db: Db) {
  const running = await versions.engineInForce(db)
  if (!running) throw new Error('no catalogue is in force: installCatalogue runs at start')
  return running
}

/** The draft with the files it stands on. */
async function openDraft(db: Db) {
  const draft = await drafts.readDraftRow(db)
  if (!draft) return undefined
  const base = await store.filesOfKept(db, draft.baseVersion)
  return { ...draft, base, all: overlaid(base, draft.files) }
}

const stateOf = (checked: Checked) =>
  'problems' in checked
    ? { catalogue: undefined, failing: [], problems: checked.problems }
    : { catalogue: checked.catalogue, failing: checked.failing, problems: [] }

/** What a save answers: the catalogue itself is large and known to nobody's form. */
const toldOf = ({ catalogue, failing, problems }: ReturnType<typeof stateOf>) => ({
  version: catalogue?.version ?? null,
  failing,
  problems,
})

/** The draft's two versions as a candidate, or why it is none. */
async function candidateOf(db: Db) {
  const draft = await openDraft(db)
  if (!draft) throw new Refusal(404, 'no-draft')
  if (draft.version === null) throw new Refusal(422, 'catalogue-invalid', { problems: draft.problems })
  const running = await mustBeInForce(db)
  return {
    draft,
    running: { version: running.catalogVersion, model: running.modelVersion },
    candidate: { version: draft.version, model: draft.modelVersion ?? running.modelVersion },
  }
}

/** Trying, drafting, comparing and switching on of catalogues. */
export const catalogueRoutes = new Hono<Env>()
  .get('/', permit('catalogue.try'), async (c) => {
    const { db } = c.get('services')
    const { scope, permissions } = c.get('user')
    const [running, history, news, waiting, draft] = await Promise.all([
      mustBeInForce(db),
      versions.switches(db),
      store.newsOfRelease(db),
      versions.waitingTexts(db),
      openDraft(db),
    ])
    const changed = new Set(draft && differing(draft.all, draft.base).map((file) => file.path))
    return c.json({
      running,
      history,
      news,
      waiting,
      draft: draft
        ? {
            baseVersion: draft.baseVersion,
            version: draft.version,
            failing: draft.failing,
            problems: draft.problems,
            modelVersion: draft.modelVersion,
            changedBy: draft.changedBy,
            changedAt: draft.changedAt,
            files: draft.files.filter(({ path }) => changed.has(path)).map(({ text: _, ...file }) => file),
            isOutdated: draft.baseVersion !== running.catalogVersion && draft.baseVersion !== news?.version,
          }
        : null,
      mayEdit: scope.all && permissions.includes('catalogue.edit'),
      maySwitch: scope.all && permissions.includes('catalogue.switch'),
    })
  })

  .post('/try', permit('catalogue.try'), zValidator('json', Try, refuseInvalid), async (c) => {
    const { db, shippedWeights } = c.get('services')
    const { title, text, against } = c.req.valid('json')
    if (text.length > MAX_TEXT) throw new Refusal(413, 'text-too-long', { field: 'text', most: MAX_TEXT })
    if (text.trim() === '' && !title) throw new Refusal(422, 'no-text', { field: 'text' })
    const names = await namesOfOurs(db, await groupOf(db))
    const input = await tryInput(db, against, shippedWeights)
    const { analyser, explain } = await engineFor({ ...input, ...names })
    const nameOf = nameIn(names)
    const document = { title: title || undefined, text }
    const { labels, signals, polarity, sentiment, target, projects, isTrade } = analyser.analyse(document)
    const { risks, near } = explain(document)
    const { scope } = c.get('user')
    return c.json({
      version: input.version,
      labels,
      polarity,
      sentiment,
      target,
      isTrade,
      signals,
      risks,
      near,
      // Names of projects are master data, yet another city's need not be told here.
      projects: projects
        .filter(({ projectId }) => isInReach(scope, projectId))
        .map((project) => ({ ...project, name: nameOf(project.projectId) })),
    })
  })

  // What texts that nobody has stored would be to us: of a source that is tried before it is added.
  .post('/try-all', permit('catalogue.try'), zValidator('json', TryAll, refuseInvalid), async (c) => {
    const { db, shippedWeights } = c.get('services')
    const names = await namesOfOurs(db, await groupOf(db))
    const { analyser } = await engineFor({ ...(await tryInput(db, 'in-force', shippedWeights)), ...names })
    const nameOf = nameIn(names)
    const { scope } = c.get('user')
    return c.json({
      texts: c.req.valid('json').texts.map((document) => {
        const found = analyser.analyseMention(document)
        return {
          isMention: found !== undefined,
          labels: found?.labels ?? [],
          projects: (found?.projects ?? [])
            .filter((project) => project.confidence >= ACCEPT_PROJECT && isInReach(scope, project.projectId))
            .map(({ projectId }) => nameOf(projectId)),
        }
      }),
    })
  })

  .get('/files', permit('catalogue.try'), async (c) => {
    const { db } = c.get('services')
    const draft = await openDraft(db)
    const running = await mustBeInForce(db)
    const files = draft?.all ?? (await store.filesOfKept(db, running.catalogVersion))
    const changed = new Set(draft?.files.map((file) => file.path))
    return c.json({
      files: files.map(({ path, text }) => ({
        path,
        isChanged: changed.has(path),
        groups: path.startsWith('lexicon/')
          ? (groupsIn(text) ?? []).map(({ name, note, words }) => ({
              name,
              note: note ?? null,
              words: words.length,
            }))
          : [],
      })),
    })
  })

  .get('/file', permit('catalogue.try'), zValidator('query', PathQuery, refuseInvalid), async (c) => {
    const { db } = c.get('services')
    const { path } = c.req.valid('query')
    const [draft, running] = await Promise.all([openDraft(db), mustBeInForce(db)])
    const inForce = await store.filesOfKept(db, running.catalogVersion)
    const files = draft?.all ?? inForce
    const text = textOf(files, path)
    const before = inForce.find((file) => file.path === path)?.text ?? null
    const entry = draft?.files.find((file) => file.path === path)
    return c.json({
      path,
      text,
      base: draft?.baseVersion ?? running.catalogVersion,
      revision: entry?.revision ?? 0,
      changedBy: entry?.changedBy ?? null,
      changedAt: entry?.changedAt ?? null,
      isChanged: before !== text,
      textInForce: before,
      rules: rulesIn(text) ?? null,
      groups: path.startsWith('lexicon/') ? (groupsIn(text) ?? null) : null,
      rulesInForce: before === null ? null : (rulesIn(before) ?? null),
      /** What `$…` may name, with how many words each has in all. */
      groupNames: files
        .filter((file) => file.path.startsWith('lexicon/'))
        .flatMap((file) => groupsIn(file.text) ?? [])
        .map(({ name, words }) => ({ name, words: words.slice(0, 5) })),
    })
  })

  .put('/draft', permit('catalogue.edit'), zValidator('json', Save, refuseInvalid), async (c) => {
    forHeadquarters(c)
    const { db, now, shippedWeights } = c.get('services')
    const user = c.get('user')
    const { base: seen, files } = c.req.valid('json')
    const saved = await inTransaction(db, async (tx) => {
      await drafts.lockDraft(tx)
      const running = await mustBeInForce(tx)
      const draft = await openDraft(tx)
      const baseVersion = draft?.baseVersion ?? running.catalogVersion
      if (seen !== baseVersion) throw new Refusal(409, 'base-changed')
      const base = draft?.base ?? (await store.filesOfKept(tx, baseVersion))
      const all = draft?.all ?? base
      const changed = files.map(({ path, revision, change }) => {
        const entry = draft?.files.find((file) => file.path === path)
        if ((entry?.revision ?? 0) !== revision) {
          throw new Refusal(409, 'draft-changed', { path, by: entry?.changedBy, at: entry?.changedAt })
        }
        return { path, text: applied(textOf(all, path), change), revision: revision + 1, isNew: true }
      })
      const next = overlaid(all, changed)
      const state = stateOf(
        checkDraft(next, await weightsOf(tx, draft?.modelVersion ?? running.modelVersion, shippedWeights)),
      )
      const own = new Set(changed.map((file) => file.path))
      // A draft that did not fit before may be mended file by file; one that fitted is never broken.
      const problems =
        draft && draft.version === null ? state.problems.filter((p) => own.has(p.file)) : state.problems
      if (problems.length > 0)
        throw new Refusal(422, 'catalogue-invalid', { problems: problems.slice(0, 50) })
      const untouched = (draft?.files ?? [])
        .filter((file) => !own.has(file.path))
        .map((file) => ({ ...file, isNew: false }))
      // A file that is again as its base has it keeps its row, so that its revision never starts anew under an open form.
      await drafts.writeDraft(
        tx,
        { ...state, baseVersion, modelVersion: draft?.modelVersion ?? null },
        [...untouched, ...changed],
        { id: user.id, now: now() },
      )
      await recordAudit(tx, {
        actor: user,
        action: 'catalogue.edit',
        subject: { kind: SUBJECT, id: baseVersion },
        detail: { paths: [...own], version: state.catalogue?.version ?? null },
      })
      return state
    })
    return c.json(toldOf(saved))
  })

  .delete('/draft', permit('catalogue.edit'), async (c) => {
    forHeadquarters(c)
    const { db } = c.get('services')
    const user = c.get('user')
    await inTransaction(db, async (tx) => {
      await drafts.lockDraft(tx)
      const draft = await drafts.readDraftRow(tx)
      if (!draft) throw new Refusal(404, 'no-draft')
      await drafts.dropDraft(tx)
      await recordAudit(tx, {
        actor: user,
        action: 'catalogue.discard',
        subject: { kind: SUBJECT, id: draft.baseVersion },
        detail: { version: draft.version, paths: draft.files.map((file) => file.path) },
      })
    })
    return c.json({ isGone: true })
  })

  .post('/draft/rebase', permit('catalogue.edit'), zValidator('json', Rebase, refuseInvalid), async (c) => {
    forHeadquarters(c)
    const { db, now, shippedWeights } = c.get('services')
    const user = c.get('user')
    const { onto } = c.req.valid('json')
    const done = await inTransaction(db, async (tx) => {
      await drafts.lockDraft(tx)
      const running = await mustBeInForce(tx)
      const draft = await openDraft(tx)
      const inForce = await store.filesOfKept(tx, running.catalogVersion)
      const { version, base, kept } = await rebased(tx, onto, running, inForce)
      // What the draft changed upon its old base stands above what is kept.
      const own = draft ? differing(draft.all, draft.base) : []
      const all = overlaid(overlaid(base, kept), own)
      const files = differing(all, base).map((file) => ({
        ...file,
        revision: (draft?.files.find((entry) => entry.path === file.path)?.revision ?? 0) + 1,
        isNew: true,
      }))
      const state = stateOf(
        checkDraft(all, await weightsOf(tx, draft?.modelVersion ?? running.modelVersion, shippedWeights)),
      )
      await drafts.writeDraft(
        tx,
        { ...state, baseVersion: version, modelVersion: draft?.modelVersion ?? null },
        files,
        { id: user.id, now: now() },
      )
      await recordAudit(tx, {
        actor: user,
        action: 'catalogue.rebase',
        subject: { kind: SUBJECT, id: version },
        detail: {
          onto,
          from: draft?.baseVersion ?? running.catalogVersion,
          paths: files.map((file) => file.path),
        },
      })
      return state
    })
    return c.json(toldOf(done))
  })

  .post('/retrain', permit('catalogue.edit'), async (c) => {
    forHeadquarters(c)
    const { db, now, shippedWeights } = c.get('services')
    const { id, name } = c.get('user')
    if (isTraining) throw new Refusal(409, 'training-runs')
    isTraining = true
    try {
      return c.json(await retrain({ db, shippedWeights }, { id, name, now: now() }))
    } finally {
      isTraining = false
    }
  })

  .post('/trials', permit('catalogue.try'), zValidator('json', Compare, refuseInvalid), async (c) => {
    const { db, jobs, now } = c.get('services')
    const user = c.get('user')
    const { days } = c.req.valid('json')
    const id = await inTransaction(db, async (tx) => {
      const { running, candidate } = await candidateOf(tx)
      const catalogue = await drafts.draftCatalogue(tx)
      if (!catalogue) throw new Refusal(404, 'no-draft')
      if ((await trials.openTrialsOf(tx, user.id)) >= OPEN_TRIALS) throw new Refusal(429, 'too-many-trials')
      const asked = await trials.askTrial(tx, {
        askedBy: user.id,
        askedAt: now(),
        running,
        candidate: { catalogue, model: candidate.model },
        days,
        scope: user.scope,
      })
      await recordAudit(tx, {
        actor: user,
        action: 'catalogue.compare',
        subject: { kind: SUBJECT, id: candidate.version },
        detail: { days, running: running.version },
      })
      return asked
    })
    await jobs.wake('trials')
    return c.json({ id }, 201)
  })

  .get('/trials/last', permit('catalogue.try'), async (c) => {
    const { db } = c.get('services')
    const draft = await drafts.readDraftRow(db)
    if (!draft || draft.version === null) return c.json({ trial: null })
    const running = await mustBeInForce(db)
    const candidate = { version: draft.version, model: draft.modelVersion ?? running.modelVersion }
    const trial = await trials.lastTrial(db, c.get('user').id, candidate)
    return c.json({
      trial: trial ?? null,
      /** Compared for the whole group, so that it may be switched on. */
      isCompared: await trials.isCompared(
        db,
        { version: running.catalogVersion, model: running.modelVersion },
        candidate,
      ),
    })
  })

  .get('/trials/:id', permit('catalogue.try'), zValidator('param', IdParam, refuseInvalid), async (c) => {
    const { db, vault } = c.get('services')
    const { id: userId, scope } = c.get('user')
    const found = await trials.trialById(db, c.req.valid('param').id)
    // Counts were made with the asker's rights: nobody else reads them but who reads everything.
    if (!found || (found.askedBy !== userId && !scope.all)) throw new Refusal(404, 'not-found')
    const { result, scope: _, ...trial } = found
    if (result === null) return c.json({ trial, result: null })
    const { examples, cells, verdicts, ...counts } = Result.parse(result)
    const named = [...examples, ...verdicts.changes]
    const idsOf = (kind: string) => [
      ...new Set(named.filter((one) => one.kind === kind).map((one) => one.id)),
    ]
    const [mentions, complaints, now] = await Promise.all([
      trials.shownMentions(db, scope, idsOf('mention')),
      trials.shownComplaints(db, scope, idsOf('complaint')),
      trials.cellsNow(db, scope, cells),
    ])
    const textOfMention = new Map(mentions.map((row) => [row.id, { ...row, number: null }]))
    const textOfComplaint = new Map(
      complaints.map(({ names, ...row }) => {
        const plain = names.map((name) => vault.decrypt(name))
        const shown = { title: maskText(row.title, plain), text: maskText(row.text, plain), isMention: true }
        return [row.id, { ...row, ...shown }]
      }),
    )
    const shownOf = (one: { kind: string; id: number }) =>
      (one.kind === 'mention' ? textOfMention : textOfComplaint).get(one.id)
    return c.json({
      trial,
      result: {
        ...counts,
        examples: examples.flatMap((one) => {
          const shown = shownOf(one)
          return shown ? [{ ...one, shown }] : []
        }),
        cells: cells.flatMap((cell) => {
          const at = now.get(`${cell.projectId} ${cell.risk}`)
          return at ? [{ ...cell, ...at }] : []
        }),
        verdicts: {
          ...verdicts,
          changes: verdicts.changes.flatMap((one) => {
            const shown = shownOf(one)
            return shown ? [{ ...one, title: shown.title, number: shown.number }] : []
          }),
        },
      },
    })
  })

  .post(
    '/trials/:id/cancel',
    permit('catalogue.try'),
    zValidator('param', IdParam, refuseInvalid),
    async (c) => {
      const { db, now } = c.get('services')
      const { id } = c.req.valid('param')
      const { id: userId, scope } = c.get('user')
      const found = await trials.trialById(db, id)
      if (!found || (found.askedBy !== userId && !scope.all)) throw new Refusal(404, 'not-found')
      return c.json({ isCancelled: await trials.cancelTrial(db, id, now()) })
    },
  )

  .post('/switch', permit('catalogue.switch'), zValidator('json', SwitchOn, refuseInvalid), async (c) => {
    forHeadquarters(c)
    const { db, jobs } = c.get('services')
    const user = c.get('user')
    const { version, reason } = c.req.valid('json')
    await inTransaction(db, async (tx) => {
      await drafts.lockDraft(tx)
      const { draft, running, candidate } = await candidateOf(tx)
      if (candidate.version !== version) throw new Refusal(409, 'draft-changed')
      const news = await store.newsOfRelease(tx)
      if (draft.baseVersion !== running.version && draft.baseVersion !== news?.version)
        throw new Refusal(409, 'base-changed')
      if (draft.failing.length > 0) throw new Refusal(422, 'examples-fail', { failing: draft.failing })
      if (!(await trials.isCompared(tx, running, candidate))) throw new Refusal(422, 'not-compared')
      const catalogue = readDraft(draft.all)
      if ('problems' in catalogue)
        throw new Refusal(422, 'catalogue-invalid', { problems: catalogue.problems })
      const grewFrom = news?.version === draft.baseVersion ? draft.baseVersion : await rootOf(tx)
      await versions.keepEdited(tx, { catalogue, files: draft.all }, grewFrom, user.id)
      await versions.putInForce(tx, catalogue, {
        kind: 'switch-on',
        modelVersion: candidate.model,
        by: user.id,
        reason,
      })
      await drafts.dropDraft(tx)
      await recordAudit(tx, {
        actor: user,
        action: 'catalogue.switch-on',
        subject: { kind: SUBJECT, id: version },
        detail: {
          from: running.version,
          model: candidate.model,
          reason,
          paths: draft.files.map((file) => file.path),
        },
      })
    })
    await afterSwitch(jobs)
    return c.json({ version })
  })

  .post('/roll-back', permit('catalogue.switch'), zValidator('json', RollBack, refuseInvalid), async (c) => {
    forHeadquarters(c)
    const { db, jobs } = c.get('services')
    const user = c.get('user')
    const { switchId, reason } = c.req.valid('json')
    const version = await inTransaction(db, async (tx) => {
      await drafts.lockDraft(tx)
      const to = await versions.switchById(tx, switchId)
      if (!to) throw new Refusal(404, 'not-found')
      const running = await mustBeInForce(tx)
      if (to.catalogVersion === running.catalogVersion && to.modelVersion === running.modelVersion)
        throw new Refusal(409, 'already-in-force')
      if (!(await versions.filesOf(tx, to.catalogVersion))) throw new Refusal(422, 'version-without-files')
      const catalogue = readDraft(await store.filesOfKept(tx, to.catalogVersion))
      if ('problems' in catalogue)
        throw new Refusal(422, 'catalogue-invalid', { problems: catalogue.problems })
      if (catalogue.version !== to.catalogVersion) throw new Refusal(422, 'version-reads-otherwise')
      await versions.putInForce(tx, catalogue, {
        kind: 'roll-back',
        modelVersion: to.modelVersion,
        by: user.id,
        reason,
      })
      await recordAudit(tx, {
        actor: user,
        action: 'catalogue.roll-back',
        subject: { kind: SUBJECT, id: to.catalogVersion },
        detail: { from: running.catalogVersion, model: to.modelVersion, reason },
      })
      return to.catalogVersion
    })
    await afterSwitch(jobs)
    return c.json({ version })
  })

/** Texts wait to be read again; people's verdicts stay on their finds. */
async function afterSwitch(jobs: Env['Variables']['services']['jobs']): Promise<void> {
  await jobs.wake('analysis')
  await jobs.announce({ topic: 'exposure' })
}

/** null: the shipped model. */
async function weightsOf(db: Db, model: string | null, shipped: Uint8Array | undefined) {
  return model === null ? shipped : versions.weightsOf(db, model)
}

async function tryInput(db: Db, against: 'in-force' | 'draft', shippedWeights: Uint8Array | undefined) {
  const running = await mustBeInForce(db)
  const weightsFor = (model: string | null) => weightsOf(db, model, shippedWeights)
  if (against === 'in-force') {
    const { catalogVersion, modelVersion } = running
    return {
      version: catalogVersion,
      model: modelVersion,
      weights: await weightsFor(modelVersion),
      catalogue: () => versions.catalogueOf(db, catalogVersion),
    }
  }
  const [draft, catalogue] = [await drafts.readDraftRow(db), await drafts.draftCatalogue(db)]
  if (!draft || !catalogue) throw new Refusal(404, 'no-draft')
  const model = draft.modelVersion ?? running.modelVersion
  return {
    version: catalogue.version,
    model,
    weights: await weightsFor(model),
    catalogue: async () => catalogue,
  }
}

/** The shipped version that the one in force grew from, or is. */
async function rootOf(db: Db): Promise<string> {
  const { origin, baseVersion, catalogVersion } = await mustBeInForce(db)
  return origin === 'edited' ? (baseVersion ?? catalogVersion) : catalogVersion
}

/** A new base for the draft, and the files that people had changed upon the old one. */
async function rebased(
  tx: Tx,
  onto: 'in-force' | 'release',
  running: versions.EngineInForce,
  inForce: readonly SourceFile[],
) {
  if (onto === 'in-force') return { version: running.catalogVersion, base: inForce, kept: [] }
  const news = await store.newsOfRelease(tx)
  if (!news) throw new Refusal(409, 'no-release')
  const grewFrom = await store.filesOfKept(tx, await rootOf(tx))
  return {
    version: news.version,
    base: await store.filesOfKept(tx, news.version),
    kept: differing(inForce, grewFrom),
  }
}

function textOf(files: readonly SourceFile[], path: string): string {
  const file = files.find((one) => one.path === path)
  if (!file) throw new Refusal(404, 'not-found')
  return file.text
}

/** A form that does not fit the file it was opened for is the asker's mistake. */
function applied(before: string, change: Parameters<typeof changedText>[1]): string {
  try {
    return changedText(before, change)
  } catch (error) {
    throw new Refusal(422, 'change-does-not-fit', { message: error instanceof Error ? error.message : '' })
  }
}
