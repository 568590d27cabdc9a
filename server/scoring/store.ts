import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from '../db/connect.ts'
import { factsOf } from '../indicators/because.ts'
import { type Absence, AbsenceColumn, absenceKey } from './absence.ts'
import type { Assessed } from './assess.ts'
import type { Before } from './change.ts'
import { HardRules } from './factor.ts'
import type { ComplaintEvidence, Evidence, Facts, Tier } from './facts.ts'
import type { Level } from './level.ts'
import { OpinionColumn } from './opinion.ts'

/** One project × one risk. */
export interface Cell {
  projectId: number
  riskCode: string
}

export interface GatheredCell extends Cell {
  catalogVersion: string
  facts: Facts
  before: (Before & { assessmentId: number }) | undefined
}

/** The newest texts of one cell that are read; a story with more is at its ceiling in every factor. */
const MOST_TEXTS = 2000

export const keyOf = (cell: Cell) => `${cell.projectId} ${cell.riskCode}`

/**
 * Takes waiting cells and deletes their marks; the transaction that ends with their assessment makes both true together.
 * Marks that another process holds are skipped.
 */
export async function takeDueCells(tx: Tx, limit: number): Promise<readonly Cell[]> {
  const taken = await sql<Cell>`
    delete from scoring_due where (project_id, risk_code) in (
      select project_id, risk_code from scoring_due order by since, project_id, risk_code limit ${limit} for update skip locked
    ) returning project_id, risk_code
  `.execute(tx)
  return taken.rows.toSorted((a, b) => a.projectId - b.projectId || (a.riskCode < b.riskCode ? -1 : 1))
}

/** Marks every cell whose number may have moved with time alone: evidence fades, held levels come to their end, milestones come near. */
export async function markCellsForSweep(db: Db): Promise<void> {
  await sql`
    insert into scoring_due (project_id, risk_code)
    select project_id, risk_code from exposure where level is not null or last_evidence_at is not null
    order by project_id, risk_code
    on conflict (project_id, risk_code) do nothing
  `.execute(db)
}

/** Everything known about the cells, in eight questions however many they are. */
export async function gatherFacts(
  db: Db,
  cells: readonly Cell[],
  since: Date,
): Promise<readonly GatheredCell[]> {
  const projectIds = cells.map((cell) => cell.projectId)
  const riskCodes = cells.map((cell) => cell.riskCode)
  const ofCells = sql`unnest(${projectIds}::int[], ${riskCodes}::text[]) as cell(project_id, risk_code)`

  const risks = await db
    .selectFrom('risk')
    .select(['code', 'severity', 'catalogVersion'])
    .where('code', 'in', [...new Set(riskCodes)])
    .execute()
  const projects = await db
    .selectFrom('project')
    .select(['id', 'households'])
    .where('id', 'in', [...new Set(projectIds)])
    .execute()
  const milestones = await db
    .selectFrom('milestone')
    .select(['projectId', 'kind', 'plannedOn'])
    .where('projectId', 'in', [...new Set(projectIds)])
    .where('actualOn', 'is', null)
    .orderBy('id')
    .execute()
  const texts = await sql<TextRow>`
    select cell.project_id, cell.risk_code, s.id as signal_id, s.kind, s.strength, s.is_red_line, s.occurred_at, s.is_learning,
      case when s.kind <> 'mention' then s.because end as because,
      case when mp.state = 'rejected' then 'rejected' else s.state end as state, m.polarity, coalesce(m.tier, 'unknown') as tier,
      coalesce('family ' || m.family_id, 'publisher ' || m.publisher_id, 'name ' || lower(d.publisher_name), 'source ' || m.source_id) as family,
      coalesce('story ' || m.story_id, 'mention ' || m.id) as story
    from ${ofCells}
    cross join lateral (
      select * from signal s
      where s.project_id = cell.project_id and s.risk_code = cell.risk_code and s.kind <> 'complaint'
        and s.occurred_at >= ${since} and not s.is_learning and s.ended_at is null
      order by s.occurred_at desc, s.id desc limit ${MOST_TEXTS}
    ) s
    left join mention m on m.id = s.mention_id
    left join mention_project mp on mp.mention_id = s.mention_id and mp.project_id = s.project_id
    left join document d on d.id = s.mention_id and m.family_id is null and m.publisher_id is null
  `.execute(db)
  const cases = await sql<CaseRow>`
    select cell.project_id, cell.risk_code, s.id as signal_id, s.strength, s.is_red_line, s.occurred_at, s.is_learning, s.state,
      coalesce((
        select array_agg(distinct encode(person_key, 'hex')) from complainant where complaint_id = c.id and person_key is not null
      ), array['case ' || c.id]) as people,
      c.household_count, c.grade, c.validity, c.closed_at, c.cluster_id, c.may_litigate, c.is_group_litigation,
      c.repeat_after_handling_count, c.claim_amount,
      not exists (
        select from signal other
        where other.complaint_id = c.id and other.project_id = s.project_id and other.state <> 'rejected'
          and (other.strength > s.strength or other.strength = s.strength and other.risk_code < s.risk_code)
      ) as is_main_link
    from ${ofCells}
    join signal s on s.project_id = cell.project_id and s.risk_code = cell.risk_code and s.kind = 'complaint'
    join complaint c on c.id = s.complaint_id
    where s.occurred_at >= ${since} or c.closed_at is null
  `.execute(db)
  const before = await sql<BeforeRow>`
    select e.project_id, e.risk_code, e.assessment_id, e.level, e.lower_since, e.family_count, e.complaint_count,
      a.level as computed_level, a.likelihood, a.impact, a.likelihood_band, a.impact_band, a.hard_rules, a.opinion, a.absence
    from ${ofCells}
    join exposure e using (project_id, risk_code)
    join assessment a on a.id = e.assessment_id
  `.execute(db)

  const opinions = await sql<OpinionRow>`
    select cell.project_id, cell.risk_code, p.id as proposal_id, p.step, p.decided_at as accepted_at, u.name as accepted_by
    from ${ofCells}
    join assistant_proposal p on p.project_id = cell.project_id and p.risk_code = cell.risk_code
      and p.kind = 'severity' and p.state = 'accepted'
    join app_user u on u.id = p.decided_by
    -- It was about this warning: with it, it ends.
    join warning w on w.id = p.subject_id and w.closed_at is null
  `.execute(db)

  const absences = await absencesOf(db, ofCells)

  const riskOf = new Map(risks.map((risk) => [risk.code, risk]))
  const projectOf = new Map(projects.map((project) => [project.id, project]))
  const milestonesOf = byKey(milestones, (milestone) => String(milestone.projectId))
  const evidenceOf = byKey(
    [
      ...texts.rows.map((row) => ({ cell: keyOf(row), piece: textEvidence(row) })),
      ...cases.rows.map((row) => ({ cell: keyOf(row), piece: caseEvidence(row) })),
    ],
    (found) => found.cell,
  )
  const opinionOf = new Map(opinions.rows.map((row) => [keyOf(row), row]))
  const beforeOf = new Map(before.rows.map((row) => [keyOf(row), readBefore(row)]))

  return cells.flatMap((cell) => {
    const risk = riskOf.get(cell.riskCode)
    const project = projectOf.get(cell.projectId)
    // A risk that left the catalogue is assessed no more.
    if (!risk || !project) return []
    return [
      {
        ...cell,
        catalogVersion: risk.catalogVersion,
        facts: {
          risk: { code: risk.code, severity: risk.severity },
          project: {
            households: project.households,
            milestones: milestonesOf.get(String(project.id)) ?? [],
          },
          evidence: (evidenceOf.get(keyOf(cell)) ?? []).map((found) => found.piece),
          opinion: opinionOf.get(keyOf(cell)),
          absence: absences.get(keyOf(cell)),
        },
        before: beforeOf.get(keyOf(cell)),
      },
    ]
  })
}

/** Which cells require a source that is blocked now. */
async function absencesOf(db: Db, ofCells: RawBuilder<unknown>): Promise<ReadonlyMap<string, Absence>> {
  const found = await sql<Cell & Omit<Absence, 'blocked'> & { blocked: Absence['blocked'] }>`
    select project_id, risk_code, count(*) as required, count(*) filter (where is_blocked) as blocked_count,
      to_jsonb((array_agg(jsonb_build_object('id', id, 'name', name, 'health', health) order by id) filter (where is_blocked))[:20]) as blocked
    from (
      -- One source may be required twice over: for the risk and for the city.
      select distinct cell.project_id, cell.risk_code, source.id, source.name, health.health, health.is_blocked
      from ${ofCells}
      join project on project.id = cell.project_id
      join source_requirement required
        on (required.risk_code is null or required.risk_code = cell.risk_code)
        and (required.city_company_id is null or required.city_company_id = project.city_company_id)
        and (required.project_id is null or required.project_id = cell.project_id)
      join source on source.id = required.source_id
      join source_health health on health.source_id = source.id
    ) sources
    group by project_id, risk_code having bool_or(is_blocked)
  `.execute(db)
  return new Map(
    found.rows.map(({ required, blocked, blockedCount, ...cell }) => [
      keyOf(cell),
      { required, blocked, blockedCount },
    ]),
  )
}

export interface Outcome extends Cell {
  assessed: Assessed
  shown: { level: Level | null; lowerSince: Date | null }
  /** Present when this computation differs too little from the last to be kept on its own. */
  keepAssessment: number | undefined
  catalogVersion: string
}

/** Stores the assessments that say something new, and the current state of every cell. Gives the assessment behind each cell. */
export async function storeOutcomes(
  tx: Tx,
  outcomes: readonly Outcome[],
  policyVersion: number,
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  if (outcomes.length === 0) return new Map()
  const fresh = outcomes.filter((outcome) => outcome.keepAssessment === undefined)
  const assessmentOf = new Map(outcomes.map((outcome) => [keyOf(outcome), outcome.keepAssessment]))
  if (fresh.length > 0) {
    const inserted = await tx
      .insertInto('assessment')
      .values(
        fresh.map(({ projectId, riskCode, catalogVersion, assessed }) => ({
          projectId,
          riskCode,
          computedAt: now,
          likelihood: assessed.likelihood,
          impact: assessed.impact,
          likelihoodBand: assessed.likelihoodBand,
          impactBand: assessed.impactBand,
          level: assessed.level,
          confidence: assessed.confidence,
          factors: JSON.stringify(assessed.factors),
          hardRules: JSON.stringify(assessed.hardRules),
          opinion: assessed.opinion && JSON.stringify(assessed.opinion),
          absence: assessed.absence && JSON.stringify(assessed.absence),
          dataState: assessed.dataState,
          policyVersion,
          catalogVersion,
        })),
      )
      .returning(['id', 'projectId', 'riskCode'])
      .execute()
    for (const row of inserted) assessmentOf.set(keyOf(row), row.id)
  }
  const stored = new Map<string, number>()
  const rows = outcomes.map(({ projectId, riskCode, assessed, shown }) => {
    const assessmentId = assessmentOf.get(keyOf({ projectId, riskCode }))
    if (assessmentId === undefined) throw new Error(`no assessment stands behind ${projectId} ${riskCode}`)
    stored.set(keyOf({ projectId, riskCode }), assessmentId)
    return {
      projectId,
      riskCode,
      assessmentId,
      level: shown.level,
      lowerSince: shown.lowerSince,
      likelihood: assessed.likelihood,
      impact: assessed.impact,
      confidence: assessed.confidence,
      dataState: assessed.dataState,
      ...assessed.evidence,
      requiredSources: assessed.absence?.required ?? 0,
      blockedSources: assessed.absence?.blockedCount ?? 0,
      computedAt: now,
    }
  })
  await tx
    .insertInto('exposure')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['projectId', 'riskCode']).doUpdateSet((eb) => ({
        assessmentId: eb.ref('excluded.assessmentId'),
        level: eb.ref('excluded.level'),
        lowerSince: eb.ref('excluded.lowerSince'),
        likelihood: eb.ref('excluded.likelihood'),
        impact: eb.ref('excluded.impact'),
        confidence: eb.ref('excluded.confidence'),
        dataState: eb.ref('excluded.dataState'),
        mentionCount: eb.ref('excluded.mentionCount'),
        negativeCount: eb.ref('excluded.negativeCount'),
        complaintCount: eb.ref('excluded.complaintCount'),
        openComplaintCount: eb.ref('excluded.openComplaintCount'),
        familyCount: eb.ref('excluded.familyCount'),
        complainantCount: eb.ref('excluded.complainantCount'),
        householdCount: eb.ref('excluded.householdCount'),
        firstEvidenceAt: eb.ref('excluded.firstEvidenceAt'),
        lastEvidenceAt: eb.ref('excluded.lastEvidenceAt'),
        firstMentionAt: eb.ref('excluded.firstMentionAt'),
        firstComplaintAt: eb.ref('excluded.firstComplaintAt'),
        requiredSources: eb.ref('excluded.requiredSources'),
        blockedSources: eb.ref('excluded.blockedSources'),
        computedAt: eb.ref('excluded.computedAt'),
      })),
    )
    .execute()
  return stored
}

/** Hands cells to the warning step; a mark that waits already takes the newer assessment. */
export async function markForWarning(
  tx: Tx,
  cells: readonly (Cell & { assessmentId: number })[],
  now: Date,
): Promise<void> {
  if (cells.length === 0) return
  await tx
    .insertInto('warningDue')
    .values(
      cells.map(({ projectId, riskCode, assessmentId }) => ({
        projectId,
        riskCode,
        assessmentId,
        since: now,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['projectId', 'riskCode'])
        .doUpdateSet((eb) => ({ assessmentId: eb.ref('excluded.assessmentId') })),
    )
    .execute()
}

interface TextRow extends Cell {
  signalId: number
  kind: 'mention' | 'reading' | 'alert' | 'milestone'
  strength: number
  isRedLine: boolean
  isLearning: boolean
  state: 'proposed' | 'confirmed' | 'rejected'
  occurredAt: Date
  polarity: 'negative' | 'neutral' | 'positive' | null
  tier: Tier
  family: string | null
  story: string | null
  /** Of what is no text. */
  because: unknown
}

function textEvidence(row: TextRow): Evidence {
  const { signalId, strength, isRedLine, isLearning, state, occurredAt } = row
  const link = { signalId, strength, isRedLine, isLearning, state, occurredAt }
  const facts = row.kind === 'mention' ? [] : factsOf(row.because)
  if (row.kind === 'alert') {
    return { ...link, kind: 'alert', facts: facts.filter((fact) => fact.kind === 'alert') }
  }
  if (row.kind === 'reading') {
    return { ...link, kind: 'reading', facts: facts.filter((fact) => fact.kind === 'reading') }
  }
  if (row.kind === 'milestone') {
    return { ...link, kind: 'milestone', facts: facts.filter((fact) => fact.kind === 'due') }
  }
  return {
    ...link,
    kind: 'mention',
    polarity: row.polarity ?? 'neutral',
    tier: row.tier,
    family: row.family ?? 'unknown',
    story: row.story ?? `signal ${signalId}`,
  }
}

interface CaseRow extends Cell {
  signalId: number
  strength: number
  isRedLine: boolean
  isLearning: boolean
  state: 'proposed' | 'confirmed' | 'rejected'
  occurredAt: Date
  people: string[]
  householdCount: number
  grade: 1 | 2 | 3 | 4
  validity: 'valid' | 'coordination' | 'invalid' | null
  closedAt: Date | null
  clusterId: number | null
  mayLitigate: boolean
  isGroupLitigation: boolean
  repeatAfterHandlingCount: number
  claimAmount: number | null
  isMainLink: boolean
}

function caseEvidence(row: CaseRow): ComplaintEvidence {
  const { signalId, strength, isRedLine, isLearning, state, occurredAt } = row
  return {
    signalId,
    strength,
    isRedLine,
    isLearning,
    state,
    occurredAt,
    kind: 'complaint',
    people: row.people,
    households: row.householdCount,
    grade: row.grade,
    isInvalid: row.validity === 'invalid',
    isOpen: row.closedAt === null,
    cluster: row.clusterId === null ? null : String(row.clusterId),
    mayLitigate: row.mayLitigate,
    isGroupLitigation: row.isGroupLitigation,
    repeatsAfterHandling: row.repeatAfterHandlingCount,
    claimYuan: row.claimAmount ?? 0,
    isMainLink: row.isMainLink,
  }
}

interface OpinionRow extends Cell {
  proposalId: number
  step: -1 | 1
  acceptedAt: Date
  acceptedBy: string
}

interface BeforeRow extends Cell {
  assessmentId: number
  level: Level | null
  lowerSince: Date | null
  familyCount: number
  complaintCount: number
  computedLevel: Level | null
  likelihood: number
  impact: number
  likelihoodBand: number
  impactBand: number
  hardRules: unknown
  opinion: unknown
  absence: unknown
}

function readBefore(row: BeforeRow): Before & { assessmentId: number } {
  return {
    assessmentId: row.assessmentId,
    shown: { level: row.level, lowerSince: row.lowerSince },
    computedLevel: row.computedLevel,
    likelihood: row.likelihood,
    impact: row.impact,
    likelihoodBand: row.likelihoodBand,
    impactBand: row.impactBand,
    hardRules: HardRules.parse(row.hardRules).map((rule) => `${rule.rule} ${rule.level}`),
    opinion: OpinionColumn.parse(row.opinion)?.proposalId ?? null,
    absence: absenceKey(AbsenceColumn.parse(row.absence)),
    familyCount: row.familyCount,
    complaintCount: row.complaintCount,
  }
}

function byKey<Row>(
  rows: readonly Row[],
  keyOfRow: (row: Row) => string,
): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(keyOfRow(row))
    if (group) group.push(row)
    else groups.set(keyOfRow(row), [row])
  }
  return groups
}
