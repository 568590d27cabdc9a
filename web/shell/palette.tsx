/** Ctrl/⌘ K: any page at once, and what the server finds for two characters or more. */
import type { InferResponseType } from 'hono/client'
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { answer, api, asFailure, until } from '../api.ts'
import { common, say } from '../labels.ts'
import { pages } from '../pages.ts'
import { LevelBadge } from '../parts/badges.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { can } from '../session.ts'
import { t } from './words.ts'

type Hit = InferResponseType<typeof api.search.$get>['hits'][number]

const icons: Record<Hit['kind'], IconName> = {
  warning: 'bell',
  complaint: 'ledger',
  project: 'building',
  mention: 'chat',
  risk: 'shield',
}

const waitMs = 180

export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const box = useRef<HTMLDialogElement>(null)
  const { route } = useLocation()
  const id = useId()
  const [text, setText] = useState('')
  const [hits, setHits] = useState<readonly Hit[]>([])
  const [searching, setSearching] = useState(false)
  const [failure, setFailure] = useState<string>()
  const [at, setAt] = useState(0)

  useEffect(() => {
    const dialog = box.current
    if (dialog === null || dialog.open === open) return
    if (open) {
      setText('')
      setHits([])
      setAt(0)
      dialog.showModal()
    } else dialog.close()
  }, [open])

  const wanted = text.trim().toLowerCase()
  useEffect(() => {
    setFailure(undefined)
    setAt(0)
    if (wanted.length < 2) {
      setHits([])
      setSearching(false)
      return
    }
    const abort = new AbortController()
    setSearching(true)
    const search = async () => {
      try {
        const found = await answer(api.search.$get({ query: { q: wanted } }, until(abort.signal)))
        setHits(found.hits)
      } catch (thrown) {
        if (abort.signal.aborted) return
        setHits([])
        setFailure(asFailure(thrown).message)
      } finally {
        if (!abort.signal.aborted) setSearching(false)
      }
    }
    const timer = setTimeout(() => void search(), waitMs)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [wanted])

  const entries = useMemo(() => {
    const fitting = pages.filter(
      (page) =>
        !page.path.includes(':') &&
        can(page.permission) &&
        [page.title.zh, page.title.en, page.path].some((name) => name.toLowerCase().includes(wanted)),
    )
    return [
      ...fitting.map((page) => ({
        icon: page.icon ?? ('right' as const),
        title: say(page.title),
        note: t.pages,
        href: page.path,
        level: undefined,
      })),
      ...hits.map((hit) => ({
        ...hit,
        icon: icons[hit.kind],
        title: say({ zh: hit.title, en: hit.titleEn ?? hit.title }),
        // The other name of a risk stands beside its own.
        note: hit.kind === 'risk' ? say({ zh: hit.note, en: hit.title.replace(/^\S+ /, '') }) : hit.note,
      })),
    ]
  }, [wanted, hits])

  const go = (href: string) => {
    onClose()
    route(href)
  }
  const keys = (event: KeyboardEvent) => {
    if (event.isComposing) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const step = event.key === 'ArrowDown' ? 1 : -1
      setAt((now) => (entries.length === 0 ? 0 : (now + step + entries.length) % entries.length))
    }
    const chosen = entries[at]
    if (event.key === 'Enter' && chosen !== undefined) {
      event.preventDefault()
      go(chosen.href)
    }
  }
  const chosenId = `${id}-${at}`
  useEffect(() => {
    document.getElementById(chosenId)?.scrollIntoView({ block: 'nearest' })
  }, [chosenId])

  return (
    <dialog
      ref={box}
      class="overlay overlay-dialog palette"
      aria-label={t.searchAll}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onMouseDown={(event) => {
        if (event.target === box.current) onClose()
      }}
    >
      {open && (
        <>
          <div class="palette-head">
            <Icon name="search" />
            <input
              role="combobox"
              aria-label={t.searchAll}
              aria-expanded={entries.length > 0}
              aria-controls={`${id}-list`}
              aria-activedescendant={entries.length > 0 ? chosenId : undefined}
              placeholder={t.searchHint}
              maxLength={50}
              autocomplete="off"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
              onKeyDown={keys}
            />
            <button
              type="button"
              class="button button-quiet button-small"
              onClick={onClose}
              aria-label={common.close}
            >
              <kbd>Esc</kbd>
              <Icon name="close" />
            </button>
          </div>
          <div id={`${id}-list`} class="palette-list" role="listbox" aria-label={t.searchAll}>
            {entries.map((entry, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the input above.
              <div
                key={entry.href}
                id={`${id}-${index}`}
                class="palette-item"
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                onMouseMove={() => setAt(index)}
                onClick={() => go(entry.href)}
              >
                <Icon name={entry.icon} />
                <span class="clip">{entry.title}</span>
                {entry.level && <LevelBadge level={entry.level} short />}
                <span class="palette-note quiet small clip">{entry.note}</span>
              </div>
            ))}
            {failure && <p class="palette-empty">{failure}</p>}
            {entries.length === 0 && !failure && (
              <p class="palette-empty quiet">{searching ? t.searching : t.noHits}</p>
            )}
          </div>
        </>
      )}
    </dialog>
  )
}
