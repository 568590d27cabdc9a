/** Who is signed in, and what they may do. The shell loads it before anything else is drawn. */
import { signal } from '@preact/signals'
import type { Permission, Role } from '../server/access/permissions.ts'
import { ApiError, call, onSignedOut } from './api.ts'

export interface SessionUser {
  id: number
  login: string
  name: string
  roles: readonly { role: Role; cityCompanyId: number | null; projectId: number | null }[]
  permissions: readonly Permission[]
  scope: { all: boolean; cityCompanies: readonly { id: number; name: string }[] }
}

export interface Session {
  firstRun: boolean
  user: SessionUser | null
  group?: { name: string }
  version: string
  empty?: { sources: boolean; complaints: boolean; projects: boolean }
}

export type SessionState =
  | { state: 'loading' }
  | { state: 'failed'; failure: unknown }
  | { state: 'known'; session: Session }

export const sessionState = signal<SessionState>({ state: 'loading' })

export const currentUser = () =>
  sessionState.value.state === 'known' ? sessionState.value.session.user : null

/** Whether the signed-in person may; for drawing only, as the server decides again. */
export function can(permission: Permission): boolean {
  return currentUser()?.permissions.includes(permission) ?? false
}

export async function loadSession(): Promise<void> {
  try {
    sessionState.value = { state: 'known', session: await call<Session>('GET', '/api/session') }
  } catch (failure) {
    sessionState.value = { state: 'failed', failure }
  }
}

export async function signIn(login: string, password: string): Promise<void> {
  sessionState.value = {
    state: 'known',
    session: await call<Session>('POST', '/api/session', { login, password }),
  }
}

export async function signOut(): Promise<void> {
  try {
    await call('DELETE', '/api/session')
  } catch (failure) {
    if (!(failure instanceof ApiError && failure.status === 401)) throw failure
  }
  // What was loaded for this person must not be drawn for the next one.
  location.assign('/sign-in')
}

export async function startFirstRun(answers: {
  name: string
  login: string
  password: string
  groupName?: string
}): Promise<void> {
  sessionState.value = {
    state: 'known',
    session: await call<Session>('POST', '/api/first-run', answers),
  }
}

onSignedOut(() => {
  const known = sessionState.value
  if (known.state === 'known' && known.session.user !== null) {
    sessionState.value = { state: 'known', session: { ...known.session, user: null } }
  }
})
