/** The people who use Weiyu. The administrator holds every permission but reading personal data in the clear. */
export const roles = [
  'administrator',
  'crisis-leader',
  'crisis-member',
  'public-relations',
  'executive',
  'desk-agent',
  'desk-supervisor',
  'desk-director',
  'general-manager',
  'hq-marketing',
  'department',
  'auditor',
] as const
export type Role = (typeof roles)[number]

const crisisGroup = ['crisis-leader', 'crisis-member'] as const
const deskLeads = ['desk-supervisor', 'desk-director'] as const
const desk = ['desk-agent', ...deskLeads] as const
const approvers = ['general-manager', 'hq-marketing'] as const
/** All who work with risks and cases; administrators and auditors are not among them. */
const everyone = [
  ...crisisGroup,
  ...desk,
  ...approvers,
  'public-relations',
  'executive',
  'department',
] as const

/** Every permission a route may name, and the roles that hold it. */
export const permissions = {
  'overview.read': [...crisisGroup, ...desk, ...approvers, 'public-relations', 'executive'],
  'warning.read': [...crisisGroup, ...deskLeads, ...approvers, 'public-relations', 'executive', 'department'],
  'warning.acknowledge': [...crisisGroup, ...approvers, 'public-relations', 'executive', 'department'],
  'warning.verify': [...crisisGroup],
  'warning.lift': ['crisis-leader'],
  'mention.read': [...crisisGroup, ...deskLeads, ...approvers, 'public-relations', 'executive'],
  'mention.correct': [...crisisGroup, 'public-relations'],
  /** Fetches the page of a mention now and keeps it. */
  'evidence.keep': [...crisisGroup, 'public-relations'],
  /** Takes pages and texts out of the house as a package. */
  'evidence.export': [...crisisGroup, 'public-relations'],
  /** Fetch a page that one came upon and keep it. */
  'mention.keep': [...crisisGroup, 'public-relations'],
  'complaint.read': [...crisisGroup, ...desk, ...approvers, 'department'],
  'complaint.register': [...desk],
  /** Which action a role may take in which state is in complaints/transitions.ts. */
  'complaint.handle': [...desk, ...approvers, 'department'],
  'complaint.regrade': [...deskLeads],
  'complaint.reveal': [...desk],
  'complaint.import': [...deskLeads],
  'signal.judge': [...crisisGroup, ...desk, 'public-relations'],
  'risk.read': [...everyone],
  /** Try a text, compare a draft with what is in force. */
  'catalogue.try': [...crisisGroup],
  /** Change the draft; for headquarters alone, as the catalogue is the whole group's. */
  'catalogue.edit': [...crisisGroup],
  /** Put a compared draft in force, or an earlier version back. */
  'catalogue.switch': ['crisis-leader'],
  'source.read': [...crisisGroup, 'public-relations'],
  'source.manage': [],
  'project.read': [...everyone],
  'project.manage': [],
  'user.manage': [],
  'audit.read': ['auditor'],
  /** Asks the language model, accepts and discards what it proposes; what an acceptance does needs its own permission too. */
  'assistant.ask': [...crisisGroup, 'public-relations'],
  'assistant.log': ['auditor'],
  'assistant.manage': [],
  'policy.read': [...crisisGroup, ...approvers, 'executive', 'desk-director', 'auditor'],
  'demo.load': [],
  /** Whoever is signed in: own session, own password, live events. */
  'own.account': [...everyone, 'auditor'],
} as const satisfies Readonly<Record<string, readonly Role[]>>

export type Permission = keyof typeof permissions

const notForAdministrators: readonly Permission[] = ['complaint.reveal']

/** What the roles may do together. */
export function permissionsOf(held: readonly Role[]): readonly Permission[] {
  return permissionNames.filter((permission) => {
    if (held.includes('administrator') && !notForAdministrators.includes(permission)) return true
    const holders: readonly Role[] = permissions[permission]
    return holders.some((role) => held.includes(role))
  })
}

const permissionNames = Object.keys(permissions).filter((name): name is Permission => name in permissions)
