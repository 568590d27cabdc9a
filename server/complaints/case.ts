import { z } from 'zod'
import {
  type Channel,
  type Class,
  channels,
  classes,
  classify,
  formOf,
  gradeCues,
  householdsNamed,
} from './classify.ts'
import type { GradeFacts } from './grading.ts'
import type { Complainant } from './person-key.ts'

/** Text as PostgreSQL can keep it: without NUL, without blanks around it. */
const text = (longest: number) =>
  z
    .string()
    .transform((written) => written.replaceAll('\0', '').trim())
    .pipe(z.string().max(longest))
const optional = (longest: number) =>
  text(longest)
    .transform((written) => written || undefined)
    .optional()
const count = z.int().min(0).max(1_000_000)

export const customerKinds = ['owner', 'prospective-owner', 'tenant', 'staff', 'other'] as const

const Person = z.strictObject({
  name: optional(100),
  phone: optional(40),
  address: optional(300),
  unit: optional(100),
  idNumber: optional(30),
})

/** What the desk fills in; class, channel and cues it may leave to the words. */
export const Registration = z
  .strictObject({
    kind: z.enum(['complaint', 'enquiry']).default('complaint'),
    channel: z.enum(channels),
    class: z.enum(classes).optional(),
    category: optional(100),
    title: optional(200),
    content: text(20_000).pipe(z.string().min(1)),
    demand: optional(2_000),
    firstAnswer: optional(4_000),
    receivedAt: z.iso.datetime({ offset: true }).optional(),
    occurredOn: z.iso.date().optional(),
    cityCompanyId: z.int().positive().optional(),
    projectId: z.int().positive().optional(),
    phaseName: optional(50),
    building: optional(50),
    isHandedOver: z.boolean().optional(),
    isFittedOut: z.boolean().optional(),
    customerKind: z.enum(customerKinds).optional(),
    isAnonymous: z.boolean().default(false),
    complainants: z.array(Person).max(50).default([]),
    households: count.default(1),
    persons: count.default(1),
    mayLitigate: z.boolean().default(false),
    mayReachMedia: z.boolean().default(false),
    isReputationAtStake: z.boolean().default(false),
    isGroupLitigation: z.boolean().default(false),
    needsOtherDepartments: z.boolean().default(false),
    repeatsAfterHandling: count.default(0),
    claimAmount: z.number().min(0).max(1e11).optional(),
    nextReplyOn: z.iso.date().optional(),
  })
  .refine(({ cityCompanyId, projectId }) => cityCompanyId !== undefined || projectId !== undefined, {
    path: ['projectId'],
    message: 'a project or a city company is needed',
  })
export type Registration = z.output<typeof Registration>

/** A case ready to be stored: every value decided, personal data still in the clear. */
export interface NewCase {
  cityCompanyId: number
  projectId: number | null
  sourceId: number | null
  externalIdentity: string | null
  kind: 'complaint' | 'enquiry'
  channel: Channel
  form: 'oral' | 'written'
  class: Class
  category: string | null
  title: string
  content: string
  demand: string | null
  firstAnswer: string | null
  receivedAt: Date
  occurredOn: string | null
  phaseName: string | null
  building: string | null
  isHandedOver: boolean | null
  isFittedOut: boolean | null
  customerKind: (typeof customerKinds)[number] | null
  isAnonymous: boolean
  households: number
  persons: number
  mayLitigate: boolean
  mayReachMedia: boolean
  isReputationAtStake: boolean
  isGroupLitigation: boolean
  needsOtherDepartments: boolean
  repeatsAfterHandling: number
  isOurFault: boolean | null
  claimAmount: number | null
  nextReplyOn: string | null
  closedAt: Date | null
  complainants: readonly Complainant[]
}

export function caseOf(given: Registration, cityCompanyId: number, now: Date): NewCase {
  const title = given.title ?? titleFrom(given.content)
  // S3-P10.6.1b: the wish for anonymity is kept by keeping nothing.
  const complainants = given.isAnonymous
    ? []
    : given.complainants.filter((one) => Object.values(one).some(Boolean))
  return {
    cityCompanyId,
    projectId: given.projectId ?? null,
    sourceId: null,
    externalIdentity: null,
    kind: given.kind,
    channel: given.channel,
    form: formOf(given.channel),
    class: given.class ?? classify(title, given.content),
    category: given.category ?? null,
    title,
    content: given.content,
    demand: given.demand ?? null,
    firstAnswer: given.firstAnswer ?? null,
    receivedAt: given.receivedAt ? new Date(given.receivedAt) : now,
    occurredOn: given.occurredOn ?? null,
    phaseName: given.phaseName ?? null,
    building: given.building ?? null,
    isHandedOver: given.isHandedOver ?? null,
    isFittedOut: given.isFittedOut ?? null,
    customerKind: given.customerKind ?? null,
    isAnonymous: given.isAnonymous,
    households: given.households,
    persons: Math.max(given.persons, complainants.length),
    mayLitigate: given.mayLitigate,
    mayReachMedia: given.mayReachMedia,
    isReputationAtStake: given.isReputationAtStake,
    isGroupLitigation: given.isGroupLitigation,
    needsOtherDepartments: given.needsOtherDepartments,
    repeatsAfterHandling: given.repeatsAfterHandling,
    isOurFault: null,
    claimAmount: given.claimAmount ?? null,
    nextReplyOn: given.nextReplyOn ?? null,
    closedAt: null,
    complainants,
  }
}

/** The first sentence, at most 40 characters. */
export function titleFrom(content: string): string {
  const sentence = content.trim().split(/[。!?!?\n]/, 1)[0] ?? ''
  const short = (sentence || content.trim()).slice(0, 40)
  return short || '(无标题)'
}

/** What the words of a text propose for a case nobody has looked at. */
export function proposed(title: string, content: string) {
  const words = `${title}\n${content}`
  return { class: classify(title, content), households: householdsNamed(words), ...gradeCues(words) }
}

/** A case of which nothing is known but when it came. */
export const bareFacts = (receivedAt: Date, now: Date): GradeFacts => ({
  now,
  receivedAt,
  isOpen: true,
  households: 1,
  persons: 1,
  mayLitigate: false,
  isGroupLitigation: false,
  mayReachMedia: false,
  isReputationAtStake: false,
  coverage: [],
  sameCases: [],
  validity: null,
  isOurFault: null,
  repeatsAfterHandling: 0,
  needsOtherDepartments: false,
})

/** The facts of a new case, before other cases and the media are looked at. */
export function ownFacts(given: NewCase, now: Date): GradeFacts {
  return {
    ...bareFacts(given.receivedAt, now),
    isOpen: given.closedAt === null,
    households: given.households,
    persons: given.persons,
    mayLitigate: given.mayLitigate,
    isGroupLitigation: given.isGroupLitigation,
    mayReachMedia: given.mayReachMedia,
    isReputationAtStake: given.isReputationAtStake,
    isOurFault: given.isOurFault,
    repeatsAfterHandling: given.repeatsAfterHandling,
    needsOtherDepartments: given.needsOtherDepartments,
  }
}
