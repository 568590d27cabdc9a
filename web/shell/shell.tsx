/** The frame around every page: navigation, search, language, appearance, account, and whether news flows. */
import { computed, signal } from '@preact/signals'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { offline } from '../api.ts'
import { formatList } from '../format.ts'
import { keep, kept } from '../keep.ts'
import { useKeys } from '../keys.ts'
import { common, language, roleWord, say } from '../labels.ts'
import { connect, disconnect, liveState } from '../live.ts'
import { isNarrow, isSnug } from '../media.ts'
import type { PageEntry } from '../page.ts'
import { Icon } from '../parts/icon.tsx'
import { Menu, type MenuItem } from '../parts/menu.tsx'
import { Drawer } from '../parts/overlay.tsx'
import { currentUser, signOut } from '../session.ts'
import { themeChoice, themeChoices } from '../theme.ts'
import { KeyHelp } from './key-help.tsx'
import { Logo } from './logo.tsx'
import { Palette } from './palette.tsx'
import { Preferences, switchLanguage, themeWord } from './preferences.tsx'
import { allowedNavigation, CurrentPage, fetchPage } from './route.tsx'
import { t } from './words.ts'

/** As a person left it; until then it is folded where there is little room. */
const chosen = signal(kept('navigation', ['folded', 'open']))
const folded = computed(() => (chosen.value ? chosen.value === 'folded' : isSnug.value))

const isHere = (page: PageEntry, path: string) => path === page.path || path.startsWith(`${page.path}/`)

function NavGroups({ path, onClick }: { path: string; onClick?: () => void }) {
  return (
    <>
      {allowedNavigation().map((group) => (
        <div key={group.title.en} class="nav-group">
          <p class="nav-title">{say(group.title)}</p>
          {group.pages.map((page) => (
            <a
              key={page.path}
              class="nav-link"
              href={page.path}
              title={folded.value ? say(page.title) : undefined}
              aria-current={isHere(page, path) ? 'page' : undefined}
              onMouseEnter={() => void fetchPage(page).catch(() => {})}
              onClick={onClick}
            >
              {page.icon && <Icon name={page.icon} size={18} />}
              <span>{say(page.title)}</span>
            </a>
          ))}
        </div>
      ))}
    </>
  )
}

function SideNav({ path }: { path: string }) {
  const fold = () => {
    chosen.value = folded.value ? 'open' : 'folded'
    keep('navigation', chosen.value)
  }
  const label = folded.value ? t.unfoldNavigation : t.foldNavigation
  return (
    <nav class="nav" aria-label={t.navigation}>
      <a class="nav-brand" href="/">
        <Logo size={24} />
        <span>{common.product}</span>
      </a>
      <div class="nav-scroll">
        <NavGroups path={path} />
      </div>
      <button type="button" class="nav-link nav-fold" onClick={fold} aria-label={label} title={label}>
        <Icon name={folded.value ? 'unfold' : 'fold'} size={18} />
        <span>{label}</span>
      </button>
    </nav>
  )
}

const bottomLinks = 4

function BottomNav({ path }: { path: string }) {
  const [open, setOpen] = useState(false)
  const all = allowedNavigation().flatMap((group) => group.pages)
  return (
    <nav class="bottom-nav no-print" aria-label={t.navigation}>
      {all.slice(0, bottomLinks).map((page) => (
        <a key={page.path} href={page.path} aria-current={isHere(page, path) ? 'page' : undefined}>
          {page.icon && <Icon name={page.icon} size={20} />}
          <span>{say(page.title)}</span>
        </a>
      ))}
      {all.length > bottomLinks && (
        <button type="button" onClick={() => setOpen(true)} aria-expanded={open}>
          <Icon name="menu" size={20} />
          <span>{common.more}</span>
        </button>
      )}
      <Drawer open={open} onClose={() => setOpen(false)} title={t.navigation}>
        <NavGroups path={path} onClick={() => setOpen(false)} />
      </Drawer>
    </nav>
  )
}

function LiveDot() {
  const state = offline.value ? 'offline' : liveState.value
  const word = state === 'offline' ? t.offline : state === 'on' ? t.live : t.liveWaiting
  return (
    <span class={`live live-${state}`} role="status" title={word}>
      <span class="live-dot" />
      <span class={state === 'on' ? 'for-ears' : 'live-word small'}>{word}</span>
    </span>
  )
}

function UserMenu({ onKeys }: { onKeys: () => void }) {
  const user = currentUser()
  if (user === null) return null
  const roles = [...new Set(user.roles.map(({ role }) => roleWord[role]))]
  const scope = user.scope.all
    ? t.wholeGroup
    : formatList(
        user.scope.cityCompanies.map((company) => company.name),
        language.value,
      ) || t.noScope
  const items: (MenuItem | 'line')[] = [
    { label: t.account, icon: 'user', href: '/account' },
    { label: t.keys, icon: 'keyboard', run: onKeys },
    { label: t.about, icon: 'info', href: '/about' },
    'line',
    { label: t.otherLanguage, icon: 'globe', run: switchLanguage },
    ...themeChoices.map((choice) => ({
      label: themeWord(choice),
      checked: themeChoice.value === choice,
      run: () => {
        themeChoice.value = choice
      },
    })),
    'line',
    { label: t.signOut, icon: 'leave', run: signOut },
  ]
  return (
    <Menu
      label={t.userMenu}
      items={items}
      head={
        <>
          <p>
            <strong>{user.name}</strong> <span class="quiet">{user.login}</span>
          </p>
          <p class="quiet small">{formatList(roles, language.value)}</p>
          <p class="quiet small">{scope}</p>
        </>
      }
    >
      <Icon name="user" />
      <span class="bar-user clip">{user.name}</span>
    </Menu>
  )
}

export function Shell() {
  const { path, route } = useLocation()
  const [above, setAbove] = useState<'palette' | 'keys'>()
  const close = () => setAbove(undefined)

  useEffect(() => {
    connect()
    return disconnect
  }, [])

  const numbered = useMemo(
    () =>
      allowedNavigation()
        .flatMap((group) => group.pages)
        .slice(0, 9),
    [],
  )
  useKeys(
    [
      { key: 'mod+k', label: t.searchAll, always: true, run: () => setAbove('palette') },
      { key: '/', label: t.searchAll, silent: true, run: () => setAbove('palette') },
      { key: '?', label: t.keyHelp, run: () => setAbove('keys') },
      ...numbered.map((page, at) => ({
        key: `g ${at + 1}`,
        label: say(page.title),
        run: () => route(page.path),
      })),
    ],
    true,
  )

  const narrow = isNarrow.value
  return (
    <div class={`shell${folded.value ? ' shell-folded' : ''}`}>
      <a class="skip" href="#content">
        {t.skip}
      </a>
      {!narrow && <SideNav path={path} />}
      <div class="shell-main">
        <header class="bar">
          <a class="bar-brand" href="/" aria-label={common.product}>
            <Logo size={22} />
          </a>
          <button type="button" class="bar-search" onClick={() => setAbove('palette')}>
            <Icon name="search" size={14} />
            <span>{t.searchAll}</span>
            <kbd>Ctrl K</kbd>
          </button>
          <div class="bar-end">
            <LiveDot />
            {!narrow && <Preferences />}
            <UserMenu onKeys={() => setAbove('keys')} />
          </div>
        </header>
        <main id="content" tabIndex={-1}>
          <CurrentPage />
        </main>
      </div>
      {narrow && <BottomNav path={path} />}
      <Palette open={above === 'palette'} onClose={close} />
      <KeyHelp open={above === 'keys'} onClose={close} />
    </div>
  )
}
