import { beforeAll, describe, expect, test } from 'vitest'
import { loadCatalogue, readCatalogue, readCatalogueFiles, type SourceFile } from '../../risk-catalog/load.ts'
import { setGroupName } from '../../server/access/store.ts'
import { createEngines } from '../../server/analysis/engine.ts'
import { createAnalysisStep } from '../../server/analysis/job.ts'
import { engineInForce, installCatalogue } from '../../server/catalogue/catalog-store.ts'
import { runTrials } from '../../server/catalogue/job.ts'
import { inTransaction } from '../../server/db/in-transaction.ts'
import { createApp } from '../../server/http/app.ts'
import { testDatabase } from '../support/database.ts'
import { addComplaint, addMention, seedGround } from '../support/evidence.ts'
import { notedJobs, testServices } from '../support/services.ts'
import { signedInAs } from '../support/signed-in.ts'

const database = await testDatabase()
const { db } = database
const now = new Date('2026-11-26T04:00:00Z')
const hours = (n: number) => new Date(now.getTime() - n * 3_600_000)
const jobs = notedJobs(database)
const services = testServices(database, { now: () => now, jobs })
const app = createApp(services)

const ground = await seedGround(db, { cities: 2 })
await db.deleteFrom('risk').execute()
const files = readCatalogueFiles('risk-catalog')
const shipped = readCatalogue(files)
await installCatalogue(db, shipped, files)
const [here, there] = ground.cities.map((city) => city.projectIds[0] ?? 0) as [number, number]
const leader = await signedInAs(app, db, 'crisis-leader', { now })
const member = await signedInAs(app, db, 'crisis-member', { now })
const cityLeader = await signedInAs(app, db, 'crisis-leader', {
  now,
  cityCompanyId: ground.cities[0]?.id ?? 0,
})
const step = createAnalysisStep({ db, catalogue: shipped, engines: createEngines(), jobs, now: () => now })

interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of many routes, held against what is expected.
  body: any
}
async function ask(who: typeof leader, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await who.ask(method, `/api/catalogue${path === '/' ? '' : path}`, body)
  return { status: response.status, body: await response.json() }
}
const DE5 = 'DE/DE5.yaml'
const file = async (path = DE5) => (await ask(leader, 'GET', `/file?path=${path}`)).body
async function save(change: object, who = leader, path = DE5) {
  const { base, revision } = await file(path)
  return ask(who, 'PUT', '/draft', { base, files: [{ path, revision, change }] })
}
/** DE5 also found by words that no shipped rule knows. */
async function withNewRule(words: string[]) {
  const { rules } = await file()
  const rule = {
    id: 'odd',
    all: [words],
    within: 30,
    scope: 'sentence',
    weight: 0.8,
    negatable: true,
    redLine: false,
  }
  return { rules: [...rules.filter((one: { id: string }) => one.id !== 'odd'), rule] }
}
const discard = () => ask(leader, 'DELETE', '/draft')
async function compared(who = leader) {
  const { body } = await ask(who, 'POST', '/trials', { days: 30 })
  await runTrials({ db, jobs, now: () => now })
  return (await ask(who, 'GET', `/trials/${body.id}`)).body
}

const odd = await addMention(
  db,
  ground,
  { projectId: here, riskCode: 'PO2' },
  { at: hours(2), title: '项目1-1琉璃瓦雀跃' },
)
const foreign = await addMention(
  db,
  ground,
  { projectId: there, riskCode: 'PO2' },
  { at: hours(3), title: '项目2-1琉璃瓦雀跃' },
)
const leak = await addMention(
  db,
  ground,
  { projectId: here, riskCode: 'DE5' },
  {
    at: hours(4),
    title: '项目1-1小区外墙渗水',
    state: 'confirmed',
  },
)
await db
  .updateTable('document')
  .set({ body: '' })
  .where('id', 'in', [odd.mentionId, foreign.mentionId])
  .execute()
const complaint = await addComplaint(db, ground, { projectId: here, riskCode: 'DE5' }, { at: hours(5) })

describe('trying a text', () => {
  const attempt = (body: object, who = member) => ask(who, 'POST', '/try', body)

  test('tells risks with every rule and its words, tone, target and what nearly matched', async () => {
    const { status, body } = await attempt({ title: '映月台', text: '小区外墙渗水严重，业主投诉。' })
    expect(status).toBe(200)
    expect(body.labels).toContain('DE5')
    const [hit] = body.risks
    expect(hit).toMatchObject({ risk: 'DE5', isLabel: true })
    expect(hit.rules[0].terms.map((term: { text: string }) => term.text)).toContain('渗水')
    expect(body.near.length).toBeGreaterThan(0)
    expect(body).toMatchObject({ polarity: 'negative', version: shipped.version })
  })

  test('stores nothing', async () => {
    const count = () =>
      db
        .selectFrom('document')
        .select((row) => row.fn.countAll<number>().as('n'))
        .executeTakeFirst()
    const before = await count()
    await attempt({ text: '小区外墙渗水严重' })
    expect(await count()).toEqual(before)
  })

  test('refuses a text that is none, one that is too long, and one of ten megabytes', async () => {
    expect(await attempt({ text: ' ' })).toMatchObject({
      status: 422,
      body: { error: 'no-text', field: 'text' },
    })
    expect(await attempt({ text: '字'.repeat(20_001) })).toMatchObject({
      status: 413,
      body: { error: 'text-too-long', most: 20_000 },
    })
    expect(await attempt({ text: 'x'.repeat(10_000_000) })).toMatchObject({
      status: 413,
      body: { error: 'too-large' },
    })
  })

  test('without a draft there is none to try against', async () => {
    expect(await attempt({ text: '渗水', against: 'draft' })).toMatchObject({
      status: 404,
      body: { error: 'no-draft' },
    })
  })

  test('takes lone surrogates, zero-width and right-to-left text', async () => {
    expect((await attempt({ text: '\ud800渗\u200b水 \u202e外墙 שלום' })).status).toBe(200)
  })
})

describe('trying what a source would bring', () => {
  const found = async (texts: object[], who = member) => ask(who, 'POST', '/try-all', { texts })

  test('tells of each text what it would be: risks and projects, of the trade, or nothing to us', async () => {
    const { status, body } = await found([
      { title: '项目1-1小区外墙渗水，业主投诉', text: '' },
      { title: '多地楼市成交回升，房企加快推盘', text: '' },
      { title: '今晚有流星雨', text: '记得带上外套。' },
    ])
    expect([status, body.texts]).toEqual([
      200,
      [
        { isMention: true, labels: ['DE5'], projects: ['项目1-1'] },
        { isMention: true, labels: [], projects: [] },
        { isMention: false, labels: [], projects: [] },
      ],
    ])
  })

  test('knows the group by its own name, as the analysis does', async () => {
    const text = { title: '云岭控股：今晚有流星雨', text: '' }
    expect((await found([text])).body.texts).toMatchObject([{ isMention: false }])
    await inTransaction(db, (tx) => setGroupName(tx, '云岭控股', now))
    expect((await found([text])).body.texts).toMatchObject([{ isMention: true }])
  })

  test('takes as many texts as a trial shows', async () => {
    const texts = Array.from({ length: 21 }, () => ({ title: '渗水', text: '' }))
    expect(await found(texts)).toMatchObject({ status: 422 })
  })
})

describe('the draft', () => {
  test('a rule is changed by its form, the rest of the file stays as written', async () => {
    const { status, body } = await save(await withNewRule(['琉璃瓦雀跃']))
    expect([status, body.failing, body.problems]).toEqual([200, [], []])
    expect(body.version).toMatch(/^[0-9a-f]{12}$/)
    const after = await file()
    const before = files.find((one) => one.path === DE5)?.text ?? ''
    expect(after.text.startsWith(before.slice(0, before.indexOf('measures:') - 1))).toBe(true)
    expect(after).toMatchObject({ revision: 1, isChanged: true })
    expect((await ask(member, 'POST', '/try', { text: '琉璃瓦雀跃', against: 'draft' })).body.labels).toEqual(
      ['DE5'],
    )
    expect((await ask(member, 'POST', '/try', { text: '琉璃瓦雀跃' })).body.labels).toEqual([])
    await discard()
  })

  test('a text with an error is refused with its place, and nothing is stored', async () => {
    const { text } = await file()
    const { status, body } = await save({ text: text.replace('- [$defect-leak]', '- [$no-such-group]') })
    expect([status, body.error]).toEqual([422, 'catalogue-invalid'])
    const line = text.slice(0, text.indexOf('$defect-leak')).split('\n').length
    expect(body.problems[0]).toMatchObject({ file: DE5, line, column: 10 })
    expect((await ask(leader, 'GET', '/')).body.draft).toBeNull()
  })

  test('a group that rules still name cannot be taken away', async () => {
    const lexicon = files.find((one) => one.text.includes('name: defect-leak'))
    const renamed = lexicon?.text.replace('name: defect-leak', 'name: defect-loch') ?? ''
    const { status, body } = await save({ text: renamed }, leader, lexicon?.path)
    expect([status, body.error]).toEqual([422, 'catalogue-invalid'])
  })

  test('an example that fails is told, and keeps the draft from being switched on', async () => {
    const { rules } = await file()
    const { body } = await save({ rules: rules.slice(0, 1) })
    expect(body.failing).toContainEqual({ risk: 'DE5', kind: 'hit', text: expect.any(String) })
    expect(await ask(leader, 'POST', '/switch', { version: body.version, reason: '试' })).toMatchObject({
      status: 422,
      body: { error: 'examples-fail' },
    })
    await discard()
  })

  test('whoever did not see the last change of a file is refused, and hears whose it was', async () => {
    const opened = await file()
    await save(await withNewRule(['琉璃瓦雀跃']), member)
    const stale = await ask(leader, 'PUT', '/draft', {
      base: opened.base,
      files: [{ path: DE5, revision: opened.revision, change: { rules: opened.rules } }],
    })
    expect(stale).toMatchObject({
      status: 409,
      body: { error: 'draft-changed', path: DE5, by: 'crisis-member' },
    })
    await discard()
  })

  test('the catalogue is the group’s: a leader of one city may try, and neither edit nor switch', async () => {
    const change = await withNewRule(['琉璃瓦雀跃'])
    expect(await save(change, cityLeader)).toMatchObject({
      status: 403,
      body: { error: 'headquarters-only' },
    })
    expect((await ask(cityLeader, 'POST', '/switch', { version: 'x', reason: '试' })).status).toBe(403)
    expect((await ask(member, 'POST', '/switch', { version: 'x', reason: '试' })).status).toBe(403)
    expect((await ask(cityLeader, 'POST', '/try', { text: '渗水' })).status).toBe(200)
  })
})

describe('comparing and switching', () => {
  beforeAll(async () => {
    await step()
    await save(await withNewRule(['琉璃瓦雀跃']))
  })

  test('a draft that was not compared with the whole group’s texts is not switched on', async () => {
    const { draft } = (await ask(leader, 'GET', '/')).body
    const refused = { status: 422, body: { error: 'not-compared' } }
    expect(await ask(leader, 'POST', '/switch', { version: draft.version, reason: '试' })).toMatchObject(
      refused,
    )
    await compared(cityLeader)
    expect(await ask(leader, 'POST', '/switch', { version: draft.version, reason: '试' })).toMatchObject(
      refused,
    )
  })

  test('hits, unique hits and the cells they would feed, within the reader’s scope', async () => {
    const { trial, result } = await compared()
    expect(trial).toMatchObject({ state: 'done', done: 4, total: 4 })
    const [risk] = result.risks
    expect(risk).toMatchObject({ risk: 'DE5', gained: 2, lost: 0 })
    expect(risk.rules.find((rule: { rule: string }) => rule.rule === 'odd')).toEqual({
      rule: 'odd',
      state: 'new',
      hits: 2,
      unique: 2,
    })
    expect(result.examples.map((one: { shown: { title: string } }) => one.shown.title)).toEqual([
      '项目1-1琉璃瓦雀跃',
      '项目2-1琉璃瓦雀跃',
    ])
    expect(result.examples[0].terms[0]).toMatchObject({
      text: '琉璃瓦雀跃',
      start: 5,
      end: 10,
      field: 'title',
    })

    const own = (await compared(cityLeader)).result
    expect([own.texts, own.complaints]).toEqual([2, 1])
    expect(own.examples.map((one: { id: number }) => one.id)).toEqual([odd.mentionId])
  })

  test('the counts of somebody else are not found from another city', async () => {
    const { body } = await ask(leader, 'POST', '/trials', {})
    expect((await ask(cityLeader, 'GET', `/trials/${body.id}`)).status).toBe(404)
    expect((await ask(cityLeader, 'POST', `/trials/${body.id}/cancel`)).status).toBe(404)
    expect((await ask(leader, 'POST', `/trials/${body.id}/cancel`)).body).toEqual({ isCancelled: true })
    await runTrials({ db, jobs, now: () => now })
    expect((await ask(leader, 'GET', `/trials/${body.id}`)).body.trial.state).toBe('cancelled')
  })

  test('a comparison that its worker left is made by the next one', async () => {
    const { body } = await ask(leader, 'POST', '/trials', {})
    await db
      .updateTable('catalogueTrial')
      .set({ state: 'running', beatAt: hours(1) })
      .where('id', '=', body.id)
      .execute()
    await runTrials({ db, jobs, now: () => now })
    expect((await ask(leader, 'GET', `/trials/${body.id}`)).body.trial.state).toBe('done')
  })

  test('switched on, the analysis reads stored texts again; verdicts of people stay; the audit trail says why', async () => {
    const { draft } = (await ask(leader, 'GET', '/')).body
    const { status } = await ask(leader, 'POST', '/switch', { version: draft.version, reason: '漏报琉璃瓦' })
    expect(status).toBe(200)
    expect(jobs.woken).toContain('analysis')
    await step()
    const mention = await db
      .selectFrom('mention')
      .select(['riskCodes', 'catalogVersion'])
      .where('id', '=', odd.mentionId)
      .executeTakeFirst()
    expect(mention).toEqual({ riskCodes: ['DE5'], catalogVersion: draft.version })
    const kept = await db
      .selectFrom('signal')
      .select('state')
      .where('id', '=', leak.signalId)
      .executeTakeFirst()
    expect(kept).toEqual({ state: 'confirmed' })
    const entry = await db
      .selectFrom('auditEntry')
      .select(['actorId', 'detail'])
      .where('action', '=', 'catalogue.switch-on')
      .executeTakeFirst()
    expect(entry).toMatchObject({
      actorId: leader.userId,
      detail: { from: shipped.version, reason: '漏报琉璃瓦' },
    })
    const { running, history, draft: none } = (await ask(leader, 'GET', '/')).body
    expect(running).toMatchObject({
      catalogVersion: draft.version,
      origin: 'edited',
      baseVersion: shipped.version,
    })
    expect(history.map((one: { kind: string }) => one.kind)).toEqual(['switch-on', 'release'])
    expect(none).toBeNull()
  })

  test('losses are told against verdicts: a confirmed find that a draft loses comes first', async () => {
    const { rules } = await file()
    const narrowed = rules.map((rule: { not?: string[] }) => ({
      ...rule,
      not: [...(rule.not ?? []), '渗水'],
    }))
    await save({ rules: narrowed })
    const { result } = await compared()
    expect(result.verdicts.confirmed).toMatchObject({ lost: 1 })
    expect(result.verdicts.changes[0]).toMatchObject({
      change: 'lost',
      risk: 'DE5',
      title: '项目1-1小区外墙渗水',
    })
    const lost = result.examples.filter((one: { change: string }) => one.change === 'lost')
    expect(lost.map((one: { kind: string; id: number }) => [one.kind, one.id])).toContainEqual([
      'complaint',
      complaint.complaintId,
    ])
    await discard()
  })

  describe('retraining', () => {
    const { weights: shippedWeights } = loadCatalogue('risk-catalog')
    const learning = createApp(testServices(database, { now: () => now, jobs, shippedWeights }))
    const trainer = signedInAs(learning, db, 'crisis-leader', { now })
    const retrain = async () => {
      const response = await (await trainer).ask('POST', '/api/catalogue/retrain')
      return { status: response.status, body: await response.json() }
    }
    /** A find that somebody rejected. */
    const rejected = async (n: number) => {
      const { signalId } = await addMention(
        db,
        ground,
        { projectId: here, riskCode: 'DE5' },
        { at: hours(5), title: `第${n}期业主读书会讲外墙渗水的故事` },
      )
      await db
        .updateTable('signal')
        .set({ state: 'rejected', verdictAt: now })
        .where('id', '=', signalId)
        .execute()
    }

    test('too few verdicts are told with how many there are, and nothing is stored', async () => {
      expect(await retrain()).toEqual({ status: 200, body: { state: 'too-few', verdicts: 1, least: 20 } })
      expect((await ask(leader, 'GET', '/')).body.draft).toBeNull()
      expect(await db.selectFrom('engineModel').select('version').execute()).toEqual([])
    })

    test('without a model to continue it is refused', async () => {
      for (let n = 0; n < 19; n++) await rejected(n)
      expect(await ask(leader, 'POST', '/retrain')).toMatchObject({
        status: 409,
        body: { error: 'no-model' },
      })
    })

    test('the crisis group at headquarters alone retrains', async () => {
      expect((await ask(cityLeader, 'POST', '/retrain')).status).toBe(403)
      const reader = await signedInAs(app, db, 'auditor', { now })
      expect((await ask(reader, 'POST', '/retrain')).status).toBe(403)
    })

    test('the model waits in the draft, checked by its examples; asking again changes nothing', async () => {
      const first = await retrain()
      expect(first).toMatchObject({ status: 200, body: { state: 'trained', verdicts: 20 } })
      const { version } = first.body
      const { draft, running } = (await ask(leader, 'GET', '/')).body
      expect(draft).toMatchObject({ modelVersion: version, version: running.catalogVersion, files: [] })
      expect(await retrain()).toMatchObject({ body: { state: 'nothing-new', version } })
      const audited = await db
        .selectFrom('auditEntry')
        .select(['subjectId', 'detail'])
        .where('action', '=', 'catalogue.retrain')
        .execute()
      expect(audited).toEqual([{ subjectId: version, detail: { verdicts: 20, from: null } }])
      const { rowCount } = await db.selectFrom('engineModel').select('rowCount').executeTakeFirstOrThrow()
      expect(rowCount).toBe(20)
    })

    test('it is compared as a changed rule is: rejected finds fall silent and none is raised anew', async () => {
      const { body } = await ask(leader, 'POST', '/trials', { days: 30 })
      await runTrials({ db, jobs, now: () => now, shippedWeights })
      const { result } = (await ask(leader, 'GET', `/trials/${body.id}`)).body
      expect(result.verdicts.rejected).toMatchObject({ raised: 0 })
      expect(result.verdicts.rejected.silenced).toBeGreaterThan(0)
      const { draft } = (await ask(leader, 'GET', '/')).body
      expect(draft.failing).toEqual([])
      await discard()
    })
  })

  const release = (text: (text: string) => string): [ReturnType<typeof readCatalogue>, SourceFile[]] => {
    const changed = files.map((one) =>
      ['DE/DE5.yaml', 'PO/PO1.yaml'].includes(one.path) ? { ...one, text: text(one.text) } : one,
    )
    return [readCatalogue(changed), changed]
  }

  test('a release leaves an edited version in force, shows what it brought, and gives it to the draft', async () => {
    const before = await engineInForce(db)
    await installCatalogue(
      db,
      ...release((text) => text.replace('severity: 3', 'severity: 2').replace('severity: 4', 'severity: 5')),
    )
    expect(await engineInForce(db)).toEqual(before)
    const { news } = (await ask(leader, 'GET', '/')).body
    expect(news.conflicts).toEqual(['DE/DE5.yaml'])
    expect(news.released).toContain('DE/DE5.yaml')
    const { status, body } = await ask(leader, 'POST', '/draft/rebase', { onto: 'release' })
    expect([status, body.problems]).toEqual([200, []])
    const { draft } = (await ask(leader, 'GET', '/')).body
    expect(draft).toMatchObject({ baseVersion: news.version, isOutdated: false })
    // The text of the person stays where both changed a file.
    expect((await file()).text).toContain('odd')
    await discard()
  })

  test('an earlier version is put back, with who and why', async () => {
    const { history } = (await ask(leader, 'GET', '/')).body
    const first = history.at(-1)
    expect(
      (await ask(leader, 'POST', '/roll-back', { switchId: first.id, reason: '误报太多' })).body,
    ).toEqual({
      version: shipped.version,
    })
    await step()
    const again = await db
      .selectFrom('mention')
      .select('riskCodes')
      .where('id', '=', odd.mentionId)
      .executeTakeFirst()
    expect(again).toEqual({ riskCodes: [] })
    expect((await ask(leader, 'GET', '/')).body.history[0]).toMatchObject({
      kind: 'roll-back',
      by: 'crisis-leader',
      reason: '误报太多',
    })
    expect((await ask(leader, 'POST', '/roll-back', { switchId: first.id, reason: '再来' })).status).toBe(409)
  })
})
