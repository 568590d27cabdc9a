import type { Db } from '../../server/db/connect.ts'
import { currentPolicy, ensureDefaultPolicy } from '../../server/policy/store.ts'

/** A small world for tests of scoring, warnings and overview: one catalogue, city companies with projects, one source. */
export interface Ground {
  policyVersion: number
  sourceId: number
  cities: readonly { id: number; projectIds: readonly number[] }[]
  riskCodes: readonly string[]
}

export async function seedGround(
  db: Db,
  size: { cities?: number; projectsPerCity?: number } = {},
): Promise<Ground> {
  await db.transaction().execute((tx) => ensureDefaultPolicy(tx, new Date(0)))
  const { version: policyVersion } = await currentPolicy(db, new Date())
  const riskCodes = ['DE3', 'DE5', 'PO2', 'SA2']
  await db.insertInto('catalogVersion').values({ version: 'test', content: '{}' }).execute()
  await db
    .insertInto('risk')
    .values(
      riskCodes.map((code, position) => ({
        code,
        phase: code.slice(0, 2),
        position,
        nameZh: `风险${code}`,
        nameEn: `risk ${code}`,
        severity: 4,
        clause: 'S0-11',
        definition: JSON.stringify({
          departments: ['engineering'],
          measures: ['逐户检查', '按月通报', '预留整改期'],
          playbook: [{ within: '2小时', who: '工程部', does: '到场查看' }],
        }),
        catalogVersion: 'test',
      })),
    )
    .execute()
  const cities = []
  for (let city = 1; city <= (size.cities ?? 1); city += 1) {
    const { id } = await db
      .insertInto('cityCompany')
      .values({ code: `C${city}`, name: `城市公司${city}`, city: `城市${city}` })
      .returning('id')
      .executeTakeFirstOrThrow()
    const projects = await db
      .insertInto('project')
      .values(
        Array.from({ length: size.projectsPerCity ?? 1 }, (_, at) => ({
          cityCompanyId: id,
          code: `C${city}P${at + 1}`,
          name: `项目${city}-${at + 1}`,
          city: `城市${city}`,
          stage: 'DE' as const,
          households: 1000,
        })),
      )
      .returning('id')
      .execute()
    cities.push({ id, projectIds: projects.map((project) => project.id) })
  }
  const { id: sourceId } = await db
    .insertInto('source')
    .values({ kind: 'rss', name: '测试信源', options: '{}', schedule: '*/5 * * * *' })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { policyVersion, sourceId, cities, riskCodes }
}

export interface Place {
  projectId: number
  riskCode: string
}

let serial = 0

/** A mention with its document and its signal on the cell; marks the cell as due. */
export async function addMention(
  db: Db,
  ground: Ground,
  place: Place,
  values: {
    at: Date
    strength?: number
    polarity?: 'negative' | 'neutral' | 'positive'
    tier?: string
    family?: number
    state?: 'proposed' | 'confirmed' | 'rejected'
    isRedLine?: boolean
    isLearning?: boolean
    title?: string
  },
): Promise<{ mentionId: number; signalId: number }> {
  serial += 1
  const title = values.title ?? `外墙渗水无人处理 ${serial}`
  const { id } = await db
    .insertInto('document')
    .values({
      identity: `test:${serial}`,
      sourceId: ground.sourceId,
      title,
      body: '业主反映外墙渗水。',
      publisherName: `媒体${values.family ?? serial}`,
      dating: 'dated',
      publishedAt: values.at,
      collectedAt: values.at,
      contentHash: Buffer.from(String(serial)),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const city = ground.cities.find((company) => company.projectIds.includes(place.projectId))
  await db
    .insertInto('mention')
    .values({
      id,
      occurredAt: values.at,
      publishedAt: values.at,
      sourceId: ground.sourceId,
      tier: values.tier ?? 'local',
      title,
      excerpt: '业主反映外墙渗水。',
      polarity: values.polarity ?? 'negative',
      sentiment: 0.2,
      riskCodes: [place.riskCode],
      projectIds: [place.projectId],
      cityCompanyIds: city ? [city.id] : [],
      analysisVersion: 'test',
      catalogVersion: 'test',
    })
    .execute()
  const signal = await db
    .insertInto('signal')
    .values({
      kind: 'mention',
      mentionId: id,
      riskCode: place.riskCode,
      projectId: place.projectId,
      strength: values.strength ?? 0.8,
      isRedLine: values.isRedLine ?? false,
      isLearning: values.isLearning ?? false,
      state: values.state ?? 'proposed',
      because: JSON.stringify([
        { rule: 'test', terms: [{ text: '渗水', start: 2, end: 4, field: 'title' }] },
      ]),
      occurredAt: values.at,
      analysisVersion: 'test',
      catalogVersion: 'test',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await markDue(db, place)
  return { mentionId: id, signalId: signal.id }
}

/** A complaint with its complainant and its signal on the cell; marks the cell as due. */
export async function addComplaint(
  db: Db,
  ground: Ground,
  place: Place,
  values: {
    at: Date
    grade?: number
    households?: number
    closedAt?: Date
    person?: string
    strength?: number
  },
): Promise<{ complaintId: number; signalId: number }> {
  serial += 1
  const city = ground.cities.find((company) => company.projectIds.includes(place.projectId))
  const { id } = await db
    .insertInto('complaint')
    .values({
      number: `T-${serial}`,
      cityCompanyId: city?.id ?? 0,
      projectId: place.projectId,
      channel: 'phone',
      class: 'engineering',
      title: `墙面渗水 ${serial}`,
      content: '卧室外墙渗水，请尽快维修。',
      receivedAt: values.at,
      householdCount: values.households ?? 1,
      grade: values.grade ?? 4,
      gradeClause: 'S0-3.4',
      gradeBecause: '{}',
      gradePolicyVersion: ground.policyVersion,
      closedAt: values.closedAt ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('complainant')
    .values({ complaintId: id, personKey: Buffer.from(values.person ?? `person ${serial}`) })
    .execute()
  const signal = await db
    .insertInto('signal')
    .values({
      kind: 'complaint',
      complaintId: id,
      riskCode: place.riskCode,
      projectId: place.projectId,
      strength: values.strength ?? 0.8,
      because: JSON.stringify([
        { rule: 'test', terms: [{ text: '渗水', start: 2, end: 4, field: 'title' }] },
      ]),
      occurredAt: values.at,
      analysisVersion: 'test',
      catalogVersion: 'test',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await markDue(db, place)
  return { complaintId: id, signalId: signal.id }
}

export async function markDue(db: Db, place: Place): Promise<void> {
  await db
    .insertInto('scoringDue')
    .values(place)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
