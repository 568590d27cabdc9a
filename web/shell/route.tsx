/** Finds the page of the address, fetches it, and keeps out those who may not see it. */
import type { ComponentType } from 'preact'
import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { formatList } from '../format.ts'
import { language, roleWord, say } from '../labels.ts'
import { matchPath, type PageEntry, type PageProps } from '../page.ts'
import { landing, navigation, pages } from '../pages.ts'
import { LinkButton } from '../parts/button.tsx'
import { Page } from '../parts/panel.tsx'
import { EmptyState, Loading } from '../parts/states.tsx'
import { can, currentUser } from '../session.ts'
import { Boundary, Broken } from './boundary.tsx'
import { t } from './words.ts'

export const allowedNavigation = () =>
  navigation
    .map((group) => ({ ...group, pages: group.pages.filter((page) => page.icon && can(page.permission)) }))
    .filter((group) => group.pages.length > 0)

/** The first landing page of the person's roles that exists and is allowed, else the first of the navigation. */
function homePath(): string {
  for (const { role } of currentUser()?.roles ?? []) {
    const page = pages.find((one) => one.path === landing[role])
    if (page !== undefined && can(page.permission)) return page.path
  }
  return allowedNavigation()[0]?.pages[0]?.path ?? '/account'
}

function findPage(path: string): { page: PageEntry; params: Record<string, string> } | undefined {
  for (const page of pages) {
    const params = matchPath(page.path, path)
    if (params !== null) return { page, params }
  }
  return undefined
}

const fetched = new Map<PageEntry, ComponentType<PageProps>>()

/** Fetches a page; also before it is wanted, when the pointer is already over its link. */
export async function fetchPage(page: PageEntry): Promise<void> {
  if (!fetched.has(page)) fetched.set(page, await page.load())
}

function PageOf({ page, params }: { page: PageEntry; params: Record<string, string> }) {
  const [failure, setFailure] = useState<unknown>()
  const [, setReady] = useState(fetched.has(page))
  useEffect(() => {
    let gone = false
    fetchPage(page).then(
      () => !gone && setReady(true),
      (thrown: unknown) => !gone && setFailure(thrown),
    )
    return () => {
      gone = true
    }
  }, [page])
  const Found = fetched.get(page)
  if (failure !== undefined) return <Broken what={say(page.title)} failure={failure} />
  if (Found === undefined) {
    return (
      <Page title={say(page.title)}>
        <Loading lines={8} />
      </Page>
    )
  }
  return <Found params={params} />
}

export function CurrentPage() {
  const { path, route } = useLocation()
  const isStart = path === '/'
  useEffect(() => {
    if (isStart) route(homePath(), true)
  }, [isStart, route])
  useScrollToTop(path)
  if (isStart) return null

  const found = findPage(path)
  const home = <LinkButton href="/">{t.home}</LinkButton>
  if (found === undefined) {
    return (
      <Page title={t.notFoundTitle}>
        <EmptyState icon="search" title={path} hint={t.notFoundHint} action={home} />
      </Page>
    )
  }
  const title = say(found.page.title)
  if (!can(found.page.permission)) {
    const roles = new Set(currentUser()?.roles.map(({ role }) => roleWord[role]))
    return (
      <Page title={t.notAllowedTitle}>
        <EmptyState
          icon="shield"
          title={title}
          hint={t.notAllowedHint(title, formatList([...roles], language.value))}
          action={home}
        />
      </Page>
    )
  }
  // One instance per address: a detail page starts afresh for another row.
  return (
    <Boundary key={path} what={title}>
      <PageOf page={found.page} params={found.params} />
    </Boundary>
  )
}

let wentBack = false
addEventListener('popstate', () => {
  wentBack = true
})

/** A new page starts at its top; «back» finds its place again, which the browser keeps. */
function useScrollToTop(path: string): void {
  useLayoutEffect(() => {
    if (!wentBack) scrollTo(0, 0)
    wentBack = false
  }, [path])
}
