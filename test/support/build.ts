import { createHash } from 'node:crypto'
import type { Db } from '../../server/db/connect.ts'
import { addComplaint, addMention, type Ground, seedGround } from './evidence.ts'

/** One city company with one row of everything that belongs to it, each row bearing its mark in every text. */
export interface City {
  mark: string
  cityCompanyId: number
  projectId: number
  departmentId: number
  milestoneId: number
  mentionId: number
  mentionSignalId: number
  snapshotId: number
  storyId: number
  issueId: number
  complaintId: number
  complaintSignalId: number
  clusterId: number
  warningId: number
  assistantCallId: number
  assistantProposalId: number
}

export interface TwoCities {
  ground: Ground
  /** Where the reader of a test belongs. */
  own: City
  /** Whose rows that reader must never meet. */
  other: City
}

/** Two city companies that know nothing of each other. Times lie shortly before `now`, so that every default window holds them. */
export async function twoCities(db: Db, now: Date): Promise<TwoCities> {
  const ground = await seedGround(db, { cities: 2 })
  const [own, other] = [
    await fill(db, ground, 0, '甲城之物', now),
    await fill(db, ground, 1, '乙城之物', now),
  ]
  return { ground, own, other }
}

async function fill(db: Db, ground: Ground, at: number, mark: string, now: Date): Promise<City> {
  const city = ground.cities[at]!
  const projectId = city.projectIds[0]!
  const place = { projectId, riskCode: ground.riskCodes[0]! }
  const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
  await db
    .updateTable('cityCompany')
    .set({ name: `${mark}公司`, city: `${mark}市` })
    .where('id', '=', city.id)
    .execute()
  await db
    .updateTable('project')
    .set({ name: `${mark}花园`, city: `${mark}市`, district: `${mark}区`, address: `${mark}路1号` })
    .where('id', '=', projectId)
    .execute()
  await db
    .insertInto('projectAlias')
    .values({ projectId, alias: `${mark}府`, kind: 'alias' })
    .execute()
  await db
    .insertInto('projectPhase')
    .values({ projectId, name: `${mark}一期`, buildings: `${mark}1号楼` })
    .execute()
  const { id: departmentId } = await db
    .insertInto('department')
    .values({ cityCompanyId: city.id, kind: 'engineering', name: `${mark}工程部` })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { id: milestoneId } = await db
    .insertInto('milestone')
    .values({
      projectId,
      phaseName: `${mark}一期`,
      kind: 'delivery',
      plannedOn: hoursAgo(-240).toISOString().slice(0, 10),
      note: mark,
    })
    .returning('id')
    .executeTakeFirstOrThrow()

  const { mentionId, signalId: mentionSignalId } = await addMention(db, ground, place, {
    at: hoursAgo(30),
    title: `${mark}外墙渗水`,
  })
  await db
    .updateTable('document')
    .set({
      body: `${mark}业主反映外墙渗水`,
      author: mark,
      publisherName: `${mark}晚报`,
      url: `https://news.example/${mark}`,
    })
    .where('id', '=', mentionId)
    .execute()
  await db
    .updateTable('mention')
    .set({ excerpt: `${mark}业主反映` })
    .where('id', '=', mentionId)
    .execute()
  await db
    .insertInto('mentionProject')
    .values({
      mentionId,
      projectId,
      confidence: 0.9,
      terms: JSON.stringify([{ text: mark, start: 0, end: 4, field: 'title' }]),
      occurredAt: hoursAgo(30),
    })
    .execute()

  const body = Buffer.from(`<html><h1>${mark}外墙渗水</h1></html>`)
  const sha256 = createHash('sha256').update(body).digest()
  await db
    .insertInto('snapshotBody')
    .values({ sha256, size: body.length, encoding: 'identity', body })
    .execute()
  const { id: snapshotId } = await db
    .insertInto('snapshot')
    .values({
      documentId: mentionId,
      documentVersion: 1,
      url: `https://news.example/${mark}`,
      status: 200,
      headers: JSON.stringify({ 'content-type': 'text/html; charset=utf-8' }),
      fetchedAt: hoursAgo(29),
      sha256,
      reason: 'collected',
      askedBy: null,
      showsTitle: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()

  const { id: storyId } = await db
    .insertInto('story')
    .values({ title: `${mark}外墙渗水`, firstAt: hoursAgo(30), lastAt: hoursAgo(30) })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.updateTable('mention').set({ storyId }).where('id', '=', mentionId).execute()

  const { complaintId, signalId: complaintSignalId } = await addComplaint(db, ground, place, {
    at: hoursAgo(40),
  })
  const { id: clusterId } = await db
    .insertInto('complaintCluster')
    .values({ ...place, title: `${mark}同类投诉` })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .updateTable('complaint')
    .set({ title: `${mark}墙面渗水`, content: `${mark}卧室渗水`, demand: `${mark}请维修`, clusterId })
    .where('id', '=', complaintId)
    .execute()
  await db
    .updateTable('complainant')
    .set({ nameMasked: `${mark}先生` })
    .where('complaintId', '=', complaintId)
    .execute()
  await db
    .insertInto('complaintRecord')
    .values({ complaintId, action: 'note', note: `${mark}已致电` })
    .execute()

  const { id: issueId } = await db
    .insertInto('issue')
    .values({
      projectId,
      cityCompanyId: city.id,
      title: `${mark}外墙渗水`,
      who: `${mark}物业`,
      place: `${mark}花园`,
      what: ['房屋质量'],
      riskCodes: [place.riskCode],
      firstAt: hoursAgo(40),
      lastAt: hoursAgo(30),
      heat: 0.4,
      mentionCount: 1,
      familyCount: 1,
      complaintCount: 1,
      householdCount: 1,
      trend: [0, 1, 1],
      trendUntil: hoursAgo(0).toISOString().slice(0, 10),
      gatheredAt: hoursAgo(0),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('issueMember')
    .values([
      { issueId, mentionId },
      { issueId, complaintId },
    ])
    .execute()

  const { id: alertId } = await db
    .insertInto('alert')
    .values({
      issuer: `${mark}气象台`,
      phenomenon: 'rainstorm',
      severity: 'extreme',
      headline: `${mark}暴雨红色预警`,
      description: mark,
      areas: '[]',
      areaKey: mark,
      startsAt: hoursAgo(1),
      endsAt: hoursAgo(-10),
      state: 'actual',
      sentAt: hoursAgo(1),
      storedAt: hoursAgo(1),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('alertProject').values({ alertId, projectId, reach: 'city' }).execute()
  await db
    .insertInto('dueDate')
    .values({
      sourceId: ground.sourceId,
      externalId: mark,
      dueOn: hoursAgo(-240).toISOString().slice(0, 10),
      title: `${mark}交付`,
      projectId,
      riskCodes: ['DE3'],
    })
    .execute()

  const assessment = await db
    .insertInto('assessment')
    .values({
      ...place,
      computedAt: hoursAgo(20),
      likelihood: 0.8,
      impact: 0.7,
      likelihoodBand: 4,
      impactBand: 4,
      level: 'II',
      confidence: 0.8,
      factors: JSON.stringify([]),
      dataState: 'sufficient',
      policyVersion: ground.policyVersion,
      catalogVersion: 'test',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('exposure')
    .values({
      ...place,
      assessmentId: assessment.id,
      level: 'II',
      likelihood: 0.8,
      impact: 0.7,
      confidence: 0.8,
      dataState: 'sufficient',
      mentionCount: 1,
      negativeCount: 1,
      complaintCount: 1,
      openComplaintCount: 1,
      familyCount: 1,
      complainantCount: 1,
      householdCount: 1,
      firstEvidenceAt: hoursAgo(40),
      lastEvidenceAt: hoursAgo(30),
      computedAt: hoursAgo(20),
    })
    .execute()
  const { id: warningId } = await db
    .insertInto('warning')
    .values({
      number: `${mark}-1`,
      ...place,
      cityCompanyId: city.id,
      level: 'II',
      reason: 'level',
      title: `${mark}渗水预警`,
      summary: `${mark}渗水`,
      state: 'candidate',
      raisedAt: hoursAgo(20),
      spokeAt: hoursAgo(20),
      familyCount: 1,
      complaintCount: 1,
      firstEvidenceAt: hoursAgo(40),
      raisedAssessmentId: assessment.id,
      assessmentId: assessment.id,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('warningRecord').values({ warningId, action: 'raise', reason: mark }).execute()
  const { id: userId } = await db
    .insertInto('appUser')
    .values({ login: `asker-${at}`, name: '提问人', passwordHash: '-' })
    .returning('id')
    .executeTakeFirstOrThrow()
  let [assistantCallId, assistantProposalId] = [0, 0]
  for (const subject of [
    { subjectKind: 'mention' as const, subjectId: mentionId, projectIds: [projectId] },
    { subjectKind: 'warning' as const, subjectId: warningId, projectIds: [projectId] },
  ]) {
    const call = await db
      .insertInto('assistantCall')
      .values({
        ...subject,
        askedBy: userId,
        askedAt: hoursAgo(1),
        purpose: 'summary',
        model: 'test',
        state: 'done',
        outcome: 'ok',
        answer: `${mark}外墙渗水。`,
        deadlineAt: hoursAgo(0),
        tokens: 10,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const sentences = [{ text: `${mark}外墙渗水。`, cites: [`m${mentionId}`], unseen: [] }]
    const proposal = await db
      .insertInto('assistantProposal')
      .values({
        ...subject,
        callId: call.id,
        kind: 'summary',
        cityCompanyId: city.id,
        content: JSON.stringify({ kind: 'summary', sentences }),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    assistantCallId = call.id
    assistantProposalId = proposal.id
  }
  return {
    mark,
    cityCompanyId: city.id,
    projectId,
    departmentId,
    milestoneId,
    mentionId,
    mentionSignalId,
    snapshotId,
    storyId,
    issueId,
    complaintId,
    complaintSignalId,
    clusterId,
    warningId,
    assistantCallId,
    assistantProposalId,
  }
}
