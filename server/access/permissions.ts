/** Every permission a route may name, and the roles of domain.md that hold it. */
export const permissions = {
  'overview.read': [
    'crisis-leader',
    'crisis-member',
    'public-relations',
    'executive',
    'desk-agent',
    'desk-supervisor',
    'desk-director',
    'general-manager',
    'hq-marketing',
  ],
  'warning.read': [
    'crisis-leader',
    'crisis-member',
    'public-relations',
    'executive',
    'desk-supervisor',
    'desk-director',
    'general-manager',
    'hq-marketing',
    'department',
  ],
  'warning.acknowledge': [
    'crisis-leader',
    'crisis-member',
    'public-relations',
    'executive',
    'general-manager',
    'hq-marketing',
    'department',
  ],
  'warning.verify': ['crisis-leader', 'crisis-member'],
  'warning.lift': ['crisis-leader'],
  'mention.read': [
    'crisis-leader',
    'crisis-member',
    'public-relations',
    'executive',
    'desk-supervisor',
    'desk-director',
    'general-manager',
    'hq-marketing',
  ],
  'mention.correct': ['crisis-leader', 'crisis-member', 'public-relations'],
  'complaint.read': [
    'crisis-leader',
    'crisis-member',
    'desk-agent',
    'desk-supervisor',
    'desk-director',
    'general-manager',
    'hq-marketing',
    'department',
  ],
  'complaint.register': ['desk-agent', 'desk-supervisor', 'desk-director'],
  /** Which action a role may take in which state is in complaints/transitions.ts. */
  'complaint.handle': [
    'desk-agent',
    'desk-supervisor',
    'desk-director',
    'department',
    'general-manager',
    'hq-marketing',
  ],
  'complaint.regrade': ['desk-supervisor', 'desk-director'],
  'complaint.reveal': ['desk-agent', 'desk-supervisor', 'desk-director'],
  'complaint.import': ['desk-supervisor', 'desk-director'],
  'signal.judge': [
    'crisis-leader',
    'crisis-member',
    'public-relations',
    'desk-agent',
    'desk-supervisor',
    'desk-director',
  ],
  'risk.read': [
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
  ],
  'source.read': ['crisis-leader', 'crisis-member', 'public-relations'],
  'source.manage': [],
  'project.read': [
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
  ],
  'project.manage': [],
  'user.manage': [],
  'audit.read': ['auditor'],
  'policy.read': [
    'crisis-leader',
    'crisis-member',
    'executive',
    'desk-director',
    'general-manager',
    'hq-marketing',
    'auditor',
  ],
  'demo.load': [],
  /** Whoever is signed in: own session, own password, live events. */
  'own.account': [
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
  ],
} as const satisfies Readonly<Record<string, readonly Role[]>>

/** The people of domain.md. The administrator holds every permission but reading personal data in the clear. */
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
