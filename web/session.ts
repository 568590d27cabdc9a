/** Who is signed in, and what they may do. The shell loads it before anything else is drawn. */
import { signal } from '@preact/signals'
import type { Permission, Role } from '../server/access/permissions.ts'
import { ApiError, answer, api, onSignedOut } from './api.ts'

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
  group: { name: string } | null
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

const known = (session: Session): SessionState => ({ state: 'known', session })

export async function loadSession(): Promise<void> {
  try {
    sessionState.value = known(await answer(api.session.$get()))
  } catch (failure) {
    // What is known stays: a page must not vanish because one question was not answered.
    if (sessionState.value.state !== 'known') sessionState.value = { state: 'failed', failure }
  }
}

export async function signIn(login: string, password: string): Promise<void> {
  sessionState.value = known(await answer(api.session.$post({ json: { login, password } })))
}

export async function signOut(): Promise<void> {
  try {
    await api.session.$delete()
  } catch (failure) {
    if (!(failure instanceof ApiError && failure.status === 401)) throw failure
  }
  // What was loaded for this person must not be drawn for the next one.
  location.assign('/')
}

export async function startFirstRun(answers: {
  name: string
  login: string
  password: string
  groupName?: string
}): Promise<void> {
  sessionState.value = known(await answer(api['first-run'].$post({ json: answers })))
}

onSignedOut(() => {
  const before = sessionState.value
  if (before.state === 'known' && before.session.user !== null) {
    sessionState.value = known({ ...before.session, user: null })
  }
})
