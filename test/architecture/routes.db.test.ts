// Every address of Weiyu, found by walking the app: whoever adds a route is checked without adding a test. A new path
// parameter or a route that needs a query or a body is named below; this file fails until it is.
import { strFromU8, unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { hashPassword } from '../../server/access/password.ts'
import { roles } from '../../server/access/permissions.ts'
import { recordAudit } from '../../server/audit/store.ts'
import { createApp } from '../../server/http/app.ts'
import { smallCatalogue } from '../analysis/small-catalogue.ts'
import { type City, twoCities } from '../support/build.ts'
import { testDatabase } from '../support/database.ts'
import { addMention } from '../support/evidence.ts'
import { testServices } from '../support/services.ts'
import { visitor } from '../support/visitor.ts'

const database = await testDatabase()
const { db } = database
const app = createApp(testServices(database, { webFolder: import.meta.dirname }))
const { own, other, ground } = await twoCities(db, new Date())

await db
  .updateTable('catalogVersion')
  .set({
    content: JSON.stringify({ risks: smallCatalogue.risks, groups: smallCatalogue.groups }),
    files: JSON.stringify([{ path: 'DE/DE5.yaml', text: 'code: DE5' }]),
  })
  .execute()
await db.insertInto('engineSwitch').values({ kind: 'release', catalogVersion: 'test' }).execute()

// Beside the other city's story a second one, into which it may be merged.
const second = await addMention(
  db,
  ground,
  { projectId: other.projectId, riskCode: 'DE5' },
  { at: new Date(), title: `${other.mark}外墙又渗水` },
)
const { id: besideId } = await db
  .insertInto('story')
  .values({ title: `${other.mark}外墙又渗水`, firstAt: new Date(), lastAt: new Date(), mentionCount: 1 })
  .returning('id')
  .executeTakeFirstOrThrow()
await db.updateTable('mention').set({ storyId: besideId }).where('id', '=', second.mentionId).execute()

/** What a parameter stands for, by the part of the path before it. */
const parameters: Readonly<Record<string, (city: City) => string | number>> = {
  'mentions/:id': (city) => city.mentionId,
  'stories/:id': (city) => city.storyId,
  'issues/:id': (city) => city.issueId,
  'signals/:signalId': (city) => city.mentionSignalId,
  'snapshots/:snapshotId': (city) => city.snapshotId,
  'complaints/:id': (city) => city.complaintId,
  'complaints/:id/signals/:signalId': (city) => city.complaintSignalId,
  'warnings/:id': (city) => city.warningId,
  'projects/:id': (city) => city.projectId,
  'calls/:id': (city) => city.assistantCallId,
  'proposals/:id': (city) => city.assistantProposalId,
  'milestones/:milestoneId': (city) => city.milestoneId,
}

/** Parameters of things that belong to the whole group: their routes are not asked for another city's rows. */
const groupWide = new Set(['users/:id', 'sources/:id', 'risks/:code', 'policy/:version', 'trials/:id'])

/** What a route needs besides its path to answer at all. */
const queries: Readonly<Record<string, (city: City) => string>> = {
  'GET /api/search': (city) => `?q=${encodeURIComponent(city.mark)}`,
  'GET /api/overview/cell': (city) => `?projectId=${city.projectId}&risk=DE3`,
  'GET /api/catalogue/file': () => '?path=DE/DE5.yaml',
  'GET /api/mentions/chart': () => '?from=2026-01-01&until=2026-01-31',
}

/** Routes whose query names one row: not to be found rather than left out. */
const rowsByQuery = new Set(['GET /api/overview/cell'])

/** A body that the route would accept from someone who may. */
const bodies: Readonly<Record<string, (city: City) => unknown>> = {
  'PATCH /api/mentions/:id': () => ({ polarity: 'neutral' }),
  'POST /api/mentions/:id/signals/:signalId/verdict': () => ({ state: 'confirmed' }),
  'POST /api/mentions/:id/snapshots': () => ({}),
  'POST /api/mentions/:id/project': (city) => ({ projectId: city.projectId }),
  'POST /api/stories/:id/split': (city) => ({ mentionIds: [city.mentionId], reason: '另一件事' }),
  'POST /api/stories/:id/merge': () => ({ into: own.storyId, reason: '同一件事' }),
  'POST /api/warnings/:id/acknowledge': () => ({}),
  ...Object.fromEntries(
    ['watch', 'verify', 'assess', 'discard', 'lift'].map((action) => [
      `POST /api/warnings/:id/${action}`,
      () => ({ reason: '现场已核实' }),
    ]),
  ),
  'POST /api/assistant/mentions/:id': () => ({ purpose: 'summary' }),
  'POST /api/assistant/warnings/:id': () => ({ purpose: 'summary' }),
  'POST /api/assistant/proposals/:id/accept': () => ({}),
  'POST /api/assistant/proposals/:id/discard': () => ({}),
  'POST /api/assistant/proposals/:id/withdraw': () => ({ reason: '情况已变' }),
  'POST /api/assistant/calls/:id/cancel': () => ({}),
  'POST /api/complaints/:id/actions': () => ({ action: 'triage' }),
  'POST /api/complaints/:id/grade': () => ({ kind: 'set', grade: 2, reason: '复核' }),
  'POST /api/complaints/:id/reveal': () => ({ purpose: '回电核实' }),
  'POST /api/complaints/:id/signals/:signalId/verdict': () => ({ verdict: 'confirmed' }),
}

/** What an answer says, that of a package file by file. */
async function said(answer: Response): Promise<string> {
  if (answer.headers.get('content-type') !== 'application/zip') return answer.text()
  const files = unzipSync(new Uint8Array(await answer.arrayBuffer()))
  return Object.values(files)
    .map((bytes) => strFromU8(bytes))
    .join('\n')
}

interface Route {
  method: string
  path: string
  permission: string | undefined
}

/** One entry per method and path; `permission` is that of the first handler, which must be the guard. */
const routes: readonly Route[] = [
  ...new Map(
    app.routes
      .filter((route) => route.method !== 'ALL')
      .toReversed()
      .map((route) => [
        `${route.method} ${route.path}`,
        {
          method: route.method,
          path: route.path,
          permission: (route.handler as { permission?: string }).permission,
        },
      ]),
  ).values(),
].toReversed()
const nameOf = (route: Route) => `${route.method} ${route.path}`
const guarded = routes.filter((route) => route.permission !== undefined && route.permission !== 'anyone')

const keysOf = (path: string) => {
  const parts = path.split('/')
  return parts.flatMap((part, at) =>
    part.startsWith(':') ? [{ part, key: `${parts[at - 1]}/${part}` }] : [],
  )
}
function addressOf(route: Route, city: City): string | undefined {
  let path = route.path
  for (const { part, key } of keysOf(route.path)) {
    if (groupWide.has(key)) return undefined
    const withOwner = `${route.path.split('/')[2]}/:id/${key}`
    const value = parameters[withOwner] ?? parameters[key]
    if (!value) throw new Error(`${nameOf(route)}: say in routes.db.test.ts what «${key}» stands for`)
    path = path.replace(part, String(value(city)))
  }
  return path + (queries[nameOf(route)]?.(city) ?? '')
}
/** Any path of the right shape, for questions that the guard answers before the row is looked for. */
const anyAddress = (route: Route) => route.path.replace(/:\w+/g, '1')

async function reader(login: string, held: readonly string[], cityCompanyId: number | null) {
  const passwordHash = await hashPassword('three calm herons')
  const { id } = await db
    .insertInto('appUser')
    .values({ login, name: login, passwordHash })
    .returning('id')
    .executeTakeFirstOrThrow()
  if (held.length > 0) {
    await db
      .insertInto('roleAssignment')
      .values(held.map((role) => ({ userId: id, role, cityCompanyId, projectId: null })))
      .execute()
  }
  const one = visitor(app)
  expect((await one.signIn(login, 'three calm herons')).status).toBe(200)
  return one
}
const nobody = visitor(app)
const roleless = await reader('roleless', [], null)
const headquarters = await reader('headquarters', roles, null)
const inCity = await reader(
  'in-city',
  roles.filter((role) => role !== 'administrator'),
  own.cityCompanyId,
)
await db.transaction().execute((tx) =>
  recordAudit(tx, {
    action: 'warning.raise',
    subject: { kind: 'warning', id: other.warningId },
    cityCompanyId: other.cityCompanyId,
    detail: { mark: other.mark },
  }),
)
expect(ground.cities).toHaveLength(2)

test('every route begins with a guard', () => {
  expect(routes.length).toBeGreaterThan(20)
  expect(routes.filter((route) => route.permission === undefined).map(nameOf)).toEqual([])
})

test('strangers reach only what is meant for them', () => {
  const open = routes.filter((route) => route.permission === 'anyone').map(nameOf)
  expect(open).toEqual([
    'GET /api/session',
    'POST /api/session',
    'POST /api/first-run',
    'POST /api/hooks/:token',
    'GET /*',
  ])
})

test.each(guarded.map((route) => [nameOf(route), route] as const))(
  '%s refuses a stranger, and a user without the permission',
  async (_name, route) => {
    expect((await nobody.ask(route.method, anyAddress(route))).status).toBe(401)
    const refused = await roleless.ask(route.method, anyAddress(route))
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { error: 'not-permitted', permission: route.permission },
    ])
  },
)

/** Held by administrators alone: no reader of one city comes as far as the row. */
const isForAdministrators = (route: Route) =>
  ['project.manage', 'source.manage', 'user.manage', 'demo.load', 'assistant.manage'].includes(
    route.permission ?? '',
  )

const isOfOneRow = (route: Route) => keysOf(route.path).length > 0 || rowsByQuery.has(nameOf(route))
const single = guarded.filter(isOfOneRow)
const lists = routes.filter(
  (route) => route.method === 'GET' && route.path.startsWith('/api/') && !isOfOneRow(route),
)

test.each(single.map((route) => [nameOf(route), route] as const))(
  "%s does not find another city's row",
  async (name, route) => {
    if (isForAdministrators(route)) {
      expect((await inCity.ask(route.method, anyAddress(route))).status).toBe(403)
      return
    }
    const address = addressOf(route, other)
    if (address === undefined) return
    if (route.method !== 'GET' && route.method !== 'DELETE' && !(name in bodies)) {
      throw new Error(`${name}: give routes.db.test.ts a body that it accepts`)
    }
    const answer = await inCity.ask(route.method, address, bodies[name]?.(other))
    const text = await answer.text()
    expect([answer.status, text.includes(other.mark)]).toEqual([404, false])
  },
)

test.each(lists.map((route) => [nameOf(route), route] as const))(
  '%s shows no row of another city',
  async (_name, route) => {
    const address = addressOf(route, other) ?? route.path
    const answer = await inCity.ask('GET', address)
    const isForHeadquarters = isForAdministrators(route) || route.path === '/api/audit/verify'
    expect([answer.status, (await said(answer)).includes(other.mark)]).toEqual([
      isForHeadquarters ? 403 : 200,
      false,
    ])
  },
)

// Without these two the tests above would pass on an empty database.
test.each(single.filter((route) => route.method === 'GET').map((route) => [nameOf(route), route] as const))(
  '%s finds the row for headquarters',
  async (_name, route) => {
    const address = addressOf(route, other)
    if (address === undefined) return
    const answer = await headquarters.ask('GET', address)
    expect([answer.status, (await said(answer)).includes(other.mark)]).toEqual([200, true])
  },
)

test('the lists that a reader of one city is kept from do hold such rows', async () => {
  const holding: string[] = []
  for (const route of lists) {
    const answer = await headquarters.ask('GET', addressOf(route, other) ?? route.path)
    if ((await said(answer)).includes(other.mark)) holding.push(route.path)
  }
  expect(holding).toEqual(
    expect.arrayContaining([
      '/api/audit',
      '/api/complaints',
      '/api/issues',
      '/api/mentions',
      '/api/overview',
      '/api/projects',
      '/api/warnings',
      '/api/search',
      '/api/session',
    ]),
  )
})

// ── hostile values ────────────────────────────────────────────────────────────────────────────────────────────────

/** What PostgreSQL, a date or a number cannot take. */
const hostile = ['\u0000', '-1', '1e99', '9223372036854775808']
const hostileValues = [...hostile, '\ud800', 'x'.repeat(20_000), -1, 0.5, 1e99, null, [], {}, true]
const hostileBodies: readonly unknown[] = [null, [], 'x', 1, {}, { constructor: 1 }, [[[[]]]]]

/** Names of the queries that routes take. */
const queryNames =
  'q project projectId risk level state phase acknowledged grouped from until after before days both source family tier polarity grade class channel city kind view path sort limit'.split(
    ' ',
  )

/** The body with one of its values replaced, once for each of its values and each hostile one. */
const spoilt = (body: unknown): unknown[] =>
  typeof body !== 'object' || body === null
    ? []
    : Object.keys(body).flatMap((key) => hostileValues.map((value) => ({ ...body, [key]: value })))

/** One ends the session of the test, one never ends, one takes a minute. */
const notAsked = new Set(['DELETE /api/session', 'GET /api/live', 'POST /api/demo'])

test.each(guarded.flatMap((route) => (notAsked.has(nameOf(route)) ? [] : [[nameOf(route), route] as const])))(
  '%s says of hostile values what is wrong, and never fails',
  async (name, route) => {
    const address = anyAddress(route)
    const body = bodies[name]?.(own)
    const inPath = route.path.includes(':')
      ? hostile.map((value) => route.path.replace(/:\w+/g, encodeURIComponent(value)))
      : []
    const asked: { path: string; body?: unknown }[] = inPath.map((path) => ({ path, body }))
    if (route.method === 'GET') {
      for (const key of queryNames)
        for (const value of hostile) asked.push({ path: `${address}?${key}=${encodeURIComponent(value)}` })
    } else if (route.method !== 'DELETE') {
      for (const other of [...hostileBodies, ...spoilt(body)]) asked.push({ path: address, body: other })
    }
    const failed: string[] = []
    for (const one of asked) {
      const answer = await headquarters.ask(route.method, one.path, one.body)
      await answer.body?.cancel()
      if (answer.status >= 500) failed.push(`${answer.status} ${one.path} ${JSON.stringify(one.body)}`)
    }
    expect(failed).toEqual([])
  },
)
