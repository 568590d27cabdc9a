/** What a page is; the list of them is pages.ts. */
import type { ComponentType } from 'preact'
import type { Permission } from '../server/access/permissions.ts'
import type { Bilingual } from './labels.ts'
import type { IconName } from './parts/icon.tsx'

export interface PageProps {
  /** The named parts of the path: `/warnings/:id` → `{ id }`. */
  params: Readonly<Record<string, string>>
}

export interface PageEntry {
  path: string
  title: Bilingual
  /** Without it the page is not drawn. 'own.account' is held by everyone who is signed in. */
  permission: Permission
  /** In the navigation with this icon; without one, the page is reached from another page. */
  icon?: IconName
  /** Fetched when the page is first opened. */
  load: () => Promise<ComponentType<PageProps>>
}

/** The parameters when the path fits the pattern, else null. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/').filter(Boolean)
  const given = path.split('/').filter(Boolean)
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? ''
    if (part.startsWith(':')) {
      try {
        params[part.slice(1)] = decodeURIComponent(value)
      } catch {
        return null
      }
    } else if (part !== value) return null
  }
  return params
}
