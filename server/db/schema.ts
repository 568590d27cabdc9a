// The tables as the code sees them: one interface a table, camelCase (connect.ts translates), checked against the real
// database by test/db/schema.db.test.ts. Comments about meaning stand with the tables, in migrations/.
import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { Failure } from '../../collectors/collector.ts'

/** Instants come back as Date and are written as Date or ISO 8601 text. */
type Instant = ColumnType<Date, Date | string, Date | string>
type DefaultInstant = ColumnType<Date, Date | string | undefined, Date | string>
type NullableInstant = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>

/** JSON is written as text (JSON.stringify), so that arrays are not taken for PostgreSQL arrays; read back it is unknown until a schema has checked it. */
type Json = ColumnType<unknown, string, string>
type DefaultJson = ColumnType<unknown, string | undefined, string>
type NullableJson = ColumnType<unknown, string | null | undefined, string | null>

export type Level = 'I' | 'II' | 'III' | 'IV'
export type Stage = 'PS' | 'LA' | 'SA' | 'DE' | 'PO'

interface AlertTable {
  id: GeneratedAlways<number>
  sourceId: number | null
  issuer: string
  phenomenon: string
  severity: 'minor' | 'moderate' | 'severe' | 'extreme' | 'unknown'
  headline: string
  description: string
  areas: Json
  shapes: DefaultJson
  areaKey: string
  startsAt: Instant
  endsAt: Instant
  state: 'actual' | 'cancelled'
  replacedBy: number | null
  sentAt: Instant
  url: string | null
  storedAt: Instant
}

interface AlertMessageTable {
  externalId: string
  alertId: number
  state: 'actual' | 'cancelled' | null
  severity: string | null
  headline: string | null
  sentAt: NullableInstant
  raw: NullableJson
}

interface AlertProjectTable {
  alertId: number
  projectId: number
  reach: 'shape' | 'district' | 'city' | 'province' | 'country'
}

interface AppUserTable {
  id: GeneratedAlways<number>
  login: string
  name: string
  passwordHash: string
  state: Generated<'active' | 'disabled'>
  failedAttempts: Generated<number>
  lockedUntil: NullableInstant
  locale: Generated<string>
  lastSignInAt: NullableInstant
  createdAt: DefaultInstant
}

interface AssessmentTable {
  id: GeneratedAlways<number>
  projectId: number
  riskCode: string
  computedAt: Instant
  likelihood: number
  impact: number
  likelihoodBand: number
  impactBand: number
  level: Level | null
  confidence: number
  factors: Json
  hardRules: DefaultJson
  dataState: string
  policyVersion: number
  catalogVersion: string
  opinion: NullableJson
  absence: NullableJson
}

interface AssistantCallTable {
  id: GeneratedAlways<number>
  askedBy: number
  askedAt: Instant
  purpose: 'labels' | 'summary' | 'draft' | 'severity' | 'test'
  draftKind: 'statement' | 'reply' | 'briefing' | null
  subjectKind: 'mention' | 'story' | 'warning' | 'endpoint'
  subjectId: number | null
  projectIds: Generated<number[]>
  cityCompanyId: number | null
  given: DefaultJson
  model: string
  promptHash: Buffer | null
  promptChars: number | null
  state: Generated<'waiting' | 'running' | 'done'>
  outcome: string | null
  detail: string | null
  answer: string | null
  attempts: Generated<number>
  startedAt: NullableInstant
  finishedAt: NullableInstant
  deadlineAt: Instant
  tokens: number
  tokensIn: number | null
  tokensOut: number | null
  cut: DefaultJson
}

interface AssistantEndpointTable {
  id: Generated<boolean>
  isOn: Generated<boolean>
  baseUrl: string
  model: string
  keyEncrypted: Buffer | null
  timeLimitMs: number
  callsPerDay: number
  tokensPerDay: number
  updatedBy: number | null
  updatedAt: DefaultInstant
}

interface AssistantProposalTable {
  id: GeneratedAlways<number>
  callId: number
  kind: 'label' | 'miss' | 'summary' | 'draft' | 'severity'
  draftKind: 'statement' | 'reply' | 'briefing' | null
  subjectKind: 'mention' | 'story' | 'warning'
  subjectId: number
  projectIds: Generated<number[]>
  cityCompanyId: number | null
  content: Json
  signalId: number | null
  projectId: number | null
  riskCode: string | null
  step: -1 | 1 | null
  state: Generated<'open' | 'accepted' | 'discarded' | 'replaced' | 'withdrawn'>
  decidedBy: number | null
  decidedAt: NullableInstant
  edited: string | null
  reason: string | null
}

interface AuditEntryTable {
  id: GeneratedAlways<number>
  at: DefaultInstant
  actorId: number | null
  actor: string
  action: string
  subjectKind: string
  subjectId: string | null
  cityCompanyId: number | null
  clause: string | null
  detail: DefaultJson
  previousHash: Generated<Buffer>
  hash: Generated<Buffer>
}

interface CatalogVersionTable {
  version: string
  content: Json
  loadedAt: DefaultInstant
  files: NullableJson
  origin: Generated<'shipped' | 'edited'>
  baseVersion: string | null
  createdBy: number | null
}

interface CatalogueDraftTable {
  id: Generated<number>
  baseVersion: string
  version: string | null
  content: NullableJson
  failing: DefaultJson
  problems: DefaultJson
  modelVersion: string | null
  changedBy: number | null
  changedAt: Instant
}

interface CatalogueDraftFileTable {
  path: string
  text: string
  revision: number
  changedBy: number | null
  changedAt: Instant
}

interface CatalogueTrialTable {
  id: GeneratedAlways<number>
  askedBy: number
  askedAt: Instant
  runningVersion: string
  runningModel: string | null
  candidateVersion: string
  candidateModel: string | null
  candidate: NullableJson
  days: number
  scope: Json
  state: Generated<'waiting' | 'running' | 'done' | 'cancelled' | 'failed'>
  done: Generated<number>
  total: Generated<number>
  beatAt: NullableInstant
  finishedAt: NullableInstant
  result: NullableJson
  detail: string | null
}

interface CityCompanyTable {
  id: GeneratedAlways<number>
  code: string
  name: string
  city: string
}

interface CollectionDayTable {
  sourceId: number
  day: string
  runs: Generated<number>
  succeeded: Generated<number>
  seen: Generated<number>
  added: Generated<number>
  changed: Generated<number>
  undated: Generated<number>
  tooOld: Generated<number>
  durationMs: Generated<number>
  bytes: Generated<number>
}

interface CollectionHourTable {
  sourceId: number
  hour: Instant
  runs: Generated<number>
  succeeded: Generated<number>
  answers: Generated<number>
  empties: Generated<number>
  fruitful: Generated<number>
  seen: Generated<number>
  added: Generated<number>
  changed: Generated<number>
  undated: Generated<number>
  tooOld: Generated<number>
  durationMs: Generated<number>
  bytes: Generated<number>
}

interface CollectionRunTable {
  id: GeneratedAlways<number>
  sourceId: number
  startedAt: DefaultInstant
  finishedAt: NullableInstant
  outcome:
    | 'ok'
    | 'not-modified'
    | 'empty'
    | 'blocked'
    | 'timeout'
    | 'parse-error'
    | 'too-large'
    | 'refused'
    | 'unreachable'
    | 'interrupted'
    | null
  seen: Generated<number>
  added: Generated<number>
  changed: Generated<number>
  undated: Generated<number>
  tooOld: Generated<number>
  detail: string | null
  bytes: Generated<number>
}

interface ComplainantTable {
  complaintId: number
  position: Generated<number>
  nameEncrypted: Buffer | null
  nameMasked: string | null
  phoneEncrypted: Buffer | null
  phoneMasked: string | null
  addressEncrypted: Buffer | null
  addressMasked: string | null
  unitEncrypted: Buffer | null
  unitMasked: string | null
  idNumberEncrypted: Buffer | null
  idNumberMasked: string | null
  personKey: Buffer | null
}

interface ComplaintAnalysisTable {
  complaintId: number
  analysedVersion: string | null
  analysedAt: NullableInstant
}

interface ComplaintTable {
  id: GeneratedAlways<number>
  number: string
  cityCompanyId: number
  projectId: number | null
  sourceId: number | null
  externalIdentity: string | null
  kind: Generated<'complaint' | 'enquiry'>
  channel:
    | 'phone'
    | 'visit'
    | 'letter'
    | 'email'
    | 'online'
    | 'wechat'
    | 'suggestion-box'
    | 'government-hotline'
    | 'authority'
    | 'association'
    | 'media'
    | 'property-office'
    | 'other'
  form: Generated<'oral' | 'written'>
  class: 'design' | 'engineering' | 'sales' | 'customer-service' | 'property-service' | 'other'
  category: string | null
  title: string
  content: string
  demand: string | null
  firstAnswer: string | null
  receivedAt: Instant
  registeredAt: DefaultInstant
  registeredBy: number | null
  occurredOn: string | null
  phaseName: string | null
  building: string | null
  isHandedOver: boolean | null
  isFittedOut: boolean | null
  customerKind: 'owner' | 'prospective-owner' | 'tenant' | 'staff' | 'other' | null
  isAnonymous: Generated<boolean>
  householdCount: Generated<number>
  personCount: Generated<number>
  mayLitigate: Generated<boolean>
  mayReachMedia: Generated<boolean>
  isReputationAtStake: Generated<boolean>
  isGroupLitigation: Generated<boolean>
  needsOtherDepartments: Generated<boolean>
  repeatAfterHandlingCount: Generated<number>
  isOurFault: boolean | null
  claimAmount: number | null
  nextReplyOn: string | null
  validity: 'valid' | 'coordination' | 'invalid' | null
  validityBasis: string | null
  responsibleDepartmentId: number | null
  state: Generated<string>
  stateSince: DefaultInstant
  grade: number
  gradeClause: string
  gradeBecause: Json
  gradePolicyVersion: number
  gradedAt: DefaultInstant
  gradeOverriddenBy: number | null
  gradeOverrideReason: string | null
  clusterId: number | null
  closedAt: NullableInstant
  closeReason: string | null
}

interface ComplaintClusterTable {
  id: GeneratedAlways<number>
  projectId: number
  riskCode: string
  title: string
  createdAt: DefaultInstant
}

interface ComplaintDailyTable {
  day: string
  projectId: number
  cityCompanyId: number
  received: Generated<number>
  closed: Generated<number>
}

interface ComplaintRecordTable {
  id: GeneratedAlways<number>
  complaintId: number
  at: DefaultInstant
  actorId: number | null
  action: string
  fromState: string | null
  toState: string | null
  note: string | null
  detail: DefaultJson
  clause: string | null
}

interface ComplaintSerialTable {
  cityCompanyId: number
  month: string
  last: number
}

interface DailyHeartbeatTable {
  day: string
  at: Instant
  since: Instant
  sources: number
  sourcesRead: number
  sourcesSilent: number
  sourcesPaused: number
  runs: number
  failedRuns: number
  items: number
  matches: number
  cases: number
  oldestSource: string | null
  oldestSuccessAt: NullableInstant
  deadlinesCheckedAt: NullableInstant
  failing: Json
}

interface DepartmentTable {
  id: GeneratedAlways<number>
  cityCompanyId: number | null
  kind: string
  name: string
}

interface DocumentAnalysisTable {
  documentId: number
  analysedVersion: string | null
  analysedAt: NullableInstant
}

interface DocumentTable {
  id: GeneratedAlways<number>
  identity: string
  sourceId: number
  runId: number | null
  publisherId: number | null
  publisherName: string | null
  url: string | null
  title: string
  body: string
  author: string | null
  publishedAt: NullableInstant
  dating: 'dated' | 'undated' | 'future' | 'old'
  collectedAt: Instant
  contentHash: Buffer
  version: Generated<number>
  isLearning: Generated<boolean>
  raw: NullableJson
  attachments: NullableJson
}

interface SourceHookTable {
  sourceId: number
  token: string
  secretEncrypted: Buffer
  madeAt: Instant
  previousEncrypted: Buffer | null
  previousUntil: NullableInstant
}

interface SourceDeliveryTable {
  sourceId: number
  deliveryId: string
  receivedAt: Instant
}

interface DocumentObservationTable {
  documentId: number
  seenAt: Instant
  counters: Json
}

interface DocumentVersionTable {
  documentId: number
  version: number
  title: string
  body: string
  contentHash: Buffer
  seenAt: Instant
}

interface DueDateTable {
  id: GeneratedAlways<number>
  sourceId: number
  externalId: string
  dueOn: string
  title: string
  projectId: number | null
  riskCodes: string[]
}

interface EngineModelTable {
  version: string
  weights: Buffer
  rowCount: number
  createdBy: number | null
  createdAt: DefaultInstant
}

interface EngineSwitchTable {
  id: GeneratedAlways<number>
  at: DefaultInstant
  kind: 'release' | 'switch-on' | 'roll-back' | 'fallback'
  catalogVersion: string
  modelVersion: string | null
  byId: number | null
  reason: string | null
}

interface EstateNameTable {
  name: string
  texts: Generated<number>
  families: Generated<number>
  near: Generated<number>
  firstAt: NullableInstant
  lastAt: NullableInstant
  state: Generated<'seen' | 'ignored' | 'known'>
  decidedBy: number | null
  decidedAt: NullableInstant
}

interface EstateSightingTable {
  name: string
  mentionId: number
  family: string
  isNear: boolean
  occurredAt: Instant
}

interface ExposureTable {
  projectId: number
  riskCode: string
  assessmentId: number
  level: Level | null
  likelihood: number
  impact: number
  confidence: number
  dataState: string
  mentionCount: number
  negativeCount: number
  complaintCount: number
  openComplaintCount: number
  familyCount: number
  complainantCount: number
  householdCount: number
  firstEvidenceAt: NullableInstant
  lastEvidenceAt: NullableInstant
  firstMentionAt: NullableInstant
  firstComplaintAt: NullableInstant
  lowerSince: NullableInstant
  computedAt: Instant
  requiredSources: Generated<number>
  blockedSources: Generated<number>
}

interface HeartbeatTable {
  key: string
  at: Instant
  detail: DefaultJson
}

interface MentionTable {
  id: number
  occurredAt: Instant
  publishedAt: NullableInstant
  sourceId: number
  publisherId: number | null
  familyId: number | null
  tier: string | null
  title: string
  excerpt: string
  polarity: 'negative' | 'neutral' | 'positive'
  polarityBy: number | null
  sentiment: number
  target: 'developer' | 'property-management' | 'government' | 'other' | null
  riskCodes: Generated<string[]>
  projectIds: Generated<number[]>
  cityCompanyIds: Generated<number[]>
  storyId: number | null
  simhash: number | null
  textHash: Buffer | null
  isLearning: Generated<boolean>
  analysisVersion: string
  catalogVersion: string
  namesUs: Generated<boolean>
  dismissedBy: number | null
  dismissedAt: NullableInstant
}

interface IssueDueTable {
  cityCompanyId: number
  projectId: number
  since: DefaultInstant
}

interface IssueMemberTable {
  issueId: number
  mentionId: number | null
  complaintId: number | null
}

interface HostStateTable {
  host: string
  freeAt: Instant
  failures: Generated<number>
  closedUntil: DefaultInstant
  outcome: Failure | null
  reason: string | null
}

interface IssueTable {
  id: GeneratedAlways<number>
  projectId: number | null
  cityCompanyId: number
  title: string
  who: string | null
  place: string | null
  what: string[]
  riskCodes: string[]
  firstAt: Instant
  lastAt: Instant
  heat: number
  mentionCount: number
  familyCount: number
  complaintCount: number
  householdCount: number
  reactionCount: Generated<number>
  trend: number[]
  trendUntil: string
  gatheredAt: Instant
}

interface MentionDailyTable {
  day: string
  projectId: number
  mentions: Generated<number>
  negative: Generated<number>
}

interface MentionProjectTable {
  mentionId: number
  projectId: number
  confidence: number
  terms: Json
  state: Generated<'proposed' | 'confirmed' | 'rejected'>
  occurredAt: Instant
  phases: Generated<string[]>
  buildings: Generated<string[]>
  factors: DefaultJson
}

interface MentionTextTable {
  mentionId: number
  text: string
}

interface MentionTextWaitingTable {
  mentionId: number
  text: string
}

interface NameDueTable {
  name: string
  since: Instant
  notedAt: DefaultInstant
}

interface MergedStoryTable {
  id: number
  intoId: number
}

interface MilestoneTable {
  id: GeneratedAlways<number>
  projectId: number
  phaseName: string | null
  kind: string
  plannedOn: string
  actualOn: string | null
  note: string | null
}

interface PolicyVersionTable {
  version: GeneratedAlways<number>
  contentHash: string
  content: Json
  effectiveFrom: Instant
  createdBy: number | null
  reason: string
  createdAt: DefaultInstant
}

interface ProjectTable {
  id: GeneratedAlways<number>
  cityCompanyId: number
  code: string
  name: string
  city: string
  district: string | null
  address: string | null
  longitude: number | null
  latitude: number | null
  stage: Stage
  households: number | null
  createdAt: DefaultInstant
  updatedAt: DefaultInstant
}

interface ProjectAliasTable {
  projectId: number
  alias: string
  kind: 'alias' | 'promotion-name' | 'learnt'
}

interface ProjectPhaseTable {
  projectId: number
  name: string
  buildings: string | null
  households: number | null
  deliveryOn: string | null
}

interface PublisherTable {
  id: GeneratedAlways<number>
  familyId: number
  name: string
  hosts: Generated<string[]>
}

interface PublisherFamilyTable {
  id: GeneratedAlways<number>
  name: string
  tier: 'central' | 'provincial' | 'portal' | 'local' | 'self-media' | 'forum' | 'official'
}

interface ReadingTable {
  projectId: number
  metric: 'sales' | 'progress' | 'quality' | 'price' | 'visits' | 'complaints'
  unit: string
  at: Instant
  value: number
  planned: number | null
  sourceId: number | null
  storedAt: Instant
}

interface ReadingDueTable {
  projectId: number
  metric: string
  since: DefaultInstant
}

interface RiskTable {
  code: string
  phase: string
  position: number
  nameZh: string
  nameEn: string
  severity: number
  clause: string
  definition: Json
  catalogVersion: string
}

interface RoleAssignmentTable {
  userId: number
  role: string
  cityCompanyId: number | null
  projectId: number | null
}

interface ScheduleLeaseTable {
  key: string
  until: Instant
}

interface ScoringDueTable {
  projectId: number
  riskCode: string
  since: DefaultInstant
}

interface SessionTable {
  tokenHash: Buffer
  userId: number
  createdAt: DefaultInstant
  lastSeenAt: DefaultInstant
  expiresAt: Instant
  address: string | null
  agent: string | null
}

interface SettingTable {
  key: string
  value: Json
  updatedAt: DefaultInstant
}

interface SignalTable {
  id: GeneratedAlways<number>
  kind: 'mention' | 'complaint' | 'reading' | 'alert' | 'milestone'
  mentionId: number | null
  complaintId: number | null
  milestoneId: number | null
  riskCode: string
  projectId: number | null
  strength: number
  isRedLine: Generated<boolean>
  because: Json
  state: Generated<'proposed' | 'confirmed' | 'rejected'>
  verdictBy: number | null
  verdictAt: NullableInstant
  verdictReason: string | null
  occurredAt: Instant
  isLearning: Generated<boolean>
  analysisVersion: string
  catalogVersion: string
  createdAt: DefaultInstant
  alertId: number | null
  dueDateId: number | null
  metric: string | null
  endedAt: NullableInstant
}

interface SnapshotTable {
  id: GeneratedAlways<number>
  documentId: number
  documentVersion: number
  url: string
  status: number
  headers: Json
  fetchedAt: Instant
  sha256: Buffer
  reason: 'collected' | 'warned' | 'asked'
  askedBy: number | null
  showsTitle: boolean | null
}

interface SnapshotAttemptTable {
  id: GeneratedAlways<number>
  documentId: number
  at: Instant
  reason: 'warned' | 'asked'
  askedBy: number | null
  outcome: 'blocked' | 'timeout' | 'parse-error' | 'too-large' | 'refused' | 'unreachable'
  detail: string
}

interface SnapshotBodyTable {
  sha256: Buffer
  size: number
  encoding: 'identity' | 'br'
  body: Buffer
}

interface SnapshotDueTable {
  documentId: number
  documentVersion: number
  nextAt: Instant
  attempts: Generated<number>
  takenUntil: NullableInstant
  gaveUpAt: NullableInstant
}

interface SourceTable {
  id: GeneratedAlways<number>
  kind: string
  name: string
  publisherId: number | null
  groupName: string | null
  options: Json
  schedule: string
  state: Generated<'active' | 'paused'>
  isAggregator: Generated<boolean>
  learningUntil: NullableInstant
  cursor: NullableJson
  keptPaused: 'person' | 'product' | null
  createdAt: DefaultInstant
  updatedAt: DefaultInstant
}

interface SourceHealthTable {
  sourceId: number
  lastStartedAt: NullableInstant
  lastFinishedAt: NullableInstant
  lastOutcome: string | null
  lastDetail: string | null
  lastAdded: Generated<number>
  firstSuccessAt: NullableInstant
  lastSuccessAt: NullableInstant
  lastItemAt: NullableInstant
  failures: Generated<number>
  failingSince: NullableInstant
  empties: Generated<number>
  quietFrom: NullableInstant
  dueSince: NullableInstant
  habit: NullableJson
  habitAt: NullableInstant
  health: Generated<'healthy' | 'silent' | 'failing' | 'paused' | 'new'>
  cause: string | null
  since: DefaultInstant
  isBlocked: Generated<boolean>
}

interface SourceRequirementTable {
  sourceId: number
  riskCode: string | null
  cityCompanyId: number | null
  projectId: number | null
}

interface StoryDecisionTable {
  mentionId: number
  storyId: number
  decidedBy: number | null
  decidedAt: Instant
}

interface StoryTable {
  id: GeneratedAlways<number>
  title: string
  firstAt: Instant
  lastAt: Instant
  mentionCount: Generated<number>
  familyCount: Generated<number>
}

interface WarningTable {
  id: GeneratedAlways<number>
  number: string
  projectId: number
  cityCompanyId: number
  riskCode: string
  level: Level
  reason: 'red-line' | 'anomaly' | 'level'
  title: string
  summary: string
  state: 'candidate' | 'watching' | 'verifying' | 'assessed' | 'discarded' | 'lifted'
  stateSince: DefaultInstant
  raisedAt: Instant
  firstEvidenceAt: NullableInstant
  updatedAt: DefaultInstant
  raisedAssessmentId: number
  assessmentId: number
  spokeAt: Instant
  familyCount: number
  complaintCount: number
  ownerId: number | null
  closedAt: NullableInstant
  closeReason: string | null
}

interface WarningAcknowledgementTable {
  warningId: number
  userId: number
  level: string
  at: DefaultInstant
  note: string | null
}

interface WarningDueTable {
  projectId: number
  riskCode: string
  assessmentId: number
  since: DefaultInstant
}

interface WarningRecordTable {
  id: GeneratedAlways<number>
  warningId: number
  at: DefaultInstant
  actorId: number | null
  action: string
  fromState: string | null
  toState: string | null
  fromLevel: string | null
  toLevel: string | null
  reason: string | null
  detail: DefaultJson
  assessmentId: number | null
  clause: string | null
}

interface WarningSerialTable {
  month: string
  last: number
}

export interface Schema {
  alert: AlertTable
  alertMessage: AlertMessageTable
  alertProject: AlertProjectTable
  appUser: AppUserTable
  assessment: AssessmentTable
  assistantCall: AssistantCallTable
  assistantEndpoint: AssistantEndpointTable
  assistantProposal: AssistantProposalTable
  auditEntry: AuditEntryTable
  catalogVersion: CatalogVersionTable
  catalogueDraft: CatalogueDraftTable
  catalogueDraftFile: CatalogueDraftFileTable
  catalogueTrial: CatalogueTrialTable
  cityCompany: CityCompanyTable
  collectionDay: CollectionDayTable
  collectionHour: CollectionHourTable
  collectionRun: CollectionRunTable
  complainant: ComplainantTable
  complaint: ComplaintTable
  complaintAnalysis: ComplaintAnalysisTable
  complaintCluster: ComplaintClusterTable
  complaintDaily: ComplaintDailyTable
  complaintRecord: ComplaintRecordTable
  complaintSerial: ComplaintSerialTable
  dailyHeartbeat: DailyHeartbeatTable
  department: DepartmentTable
  document: DocumentTable
  documentAnalysis: DocumentAnalysisTable
  documentObservation: DocumentObservationTable
  documentVersion: DocumentVersionTable
  dueDate: DueDateTable
  engineModel: EngineModelTable
  engineSwitch: EngineSwitchTable
  estateName: EstateNameTable
  estateSighting: EstateSightingTable
  exposure: ExposureTable
  heartbeat: HeartbeatTable
  hostState: HostStateTable
  issue: IssueTable
  issueDue: IssueDueTable
  issueMember: IssueMemberTable
  mention: MentionTable
  mentionDaily: MentionDailyTable
  mentionProject: MentionProjectTable
  mentionText: MentionTextTable
  mentionTextWaiting: MentionTextWaitingTable
  mergedStory: MergedStoryTable
  milestone: MilestoneTable
  nameDue: NameDueTable
  policyVersion: PolicyVersionTable
  project: ProjectTable
  projectAlias: ProjectAliasTable
  projectPhase: ProjectPhaseTable
  publisher: PublisherTable
  publisherFamily: PublisherFamilyTable
  reading: ReadingTable
  readingDue: ReadingDueTable
  risk: RiskTable
  roleAssignment: RoleAssignmentTable
  scheduleLease: ScheduleLeaseTable
  scoringDue: ScoringDueTable
  session: SessionTable
  setting: SettingTable
  signal: SignalTable
  snapshot: SnapshotTable
  snapshotAttempt: SnapshotAttemptTable
  snapshotBody: SnapshotBodyTable
  snapshotDue: SnapshotDueTable
  source: SourceTable
  sourceHealth: SourceHealthTable
  sourceRequirement: SourceRequirementTable
  sourceDelivery: SourceDeliveryTable
  sourceHook: SourceHookTable
  story: StoryTable
  storyDecision: StoryDecisionTable
  warning: WarningTable
  warningAcknowledgement: WarningAcknowledgementTable
  warningDue: WarningDueTable
  warningRecord: WarningRecordTable
  warningSerial: WarningSerialTable
}
