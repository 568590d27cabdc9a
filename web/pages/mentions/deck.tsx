/**
 * A list of things to decide, worked through by keyboard: j / k move, 1–5 take a suggestion, Enter opens the search,
 * n says no, x marks for deciding together, u undoes. What can be clicked says its key.
 */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useKeys } from '../../keys.ts'
import { t } from './words.ts'

export interface Deciding {
  /** Takes suggestion n, counted from 1. */
  take: (n: number) => void
  choose: () => void
  refuse: () => void
  mark?: () => void
}

export function Deck<Item>({
  label,
  items,
  itemKey,
  deciding,
  onUndo,
  children,
}: {
  label: string
  items: readonly Item[]
  itemKey: (item: Item) => string
  deciding: (item: Item) => Deciding
  onUndo: () => void
  children: (item: Item, isActive: boolean) => ComponentChildren
}) {
  const list = useRef<HTMLOListElement>(null)
  const [, redraw] = useState(0)
  // Held by its key, so that news that reorders the list never puts another entry under the fingers; and outside the state
  // of drawing, so that two keys pressed between two drawings both count. What was decided leaves: the next takes its place.
  const held = useRef({ key: '', at: 0 })
  const moved = useRef(false)
  const activeAt = () => {
    const { key, at } = held.current
    const found = items.findIndex((item) => itemKey(item) === key)
    return found >= 0 ? found : Math.max(0, Math.min(at, items.length - 1))
  }
  const hold = (at: number) => {
    const item = items[at]
    if (item === undefined) return
    held.current = { key: itemKey(item), at }
    redraw((n) => n + 1)
  }
  const active = activeAt()
  useEffect(() => {
    if (!moved.current) return
    const box = list.current?.children[active]
    if (box instanceof HTMLElement) {
      box.focus({ preventScroll: true })
      box.scrollIntoView({ block: 'nearest' })
    }
  }, [active, items.length])
  const move = (by: number) => {
    moved.current = true
    hold(Math.max(0, Math.min(items.length - 1, activeAt() + by)))
  }
  const onItem = (act: (of: Deciding) => void) => () => {
    const at = activeAt()
    const item = items[at]
    if (item === undefined) return
    moved.current = true
    held.current = { key: itemKey(item), at }
    act(deciding(item))
  }
  useKeys([
    { key: 'j', label: t.keyNext, run: () => move(1) },
    { key: 'k', label: t.keyPrevious, run: () => move(-1) },
    ...[1, 2, 3, 4, 5].map((n) => ({
      key: String(n),
      label: t.keyTake(n),
      silent: n > 1,
      run: onItem((of) => of.take(n)),
    })),
    {
      key: 'Enter',
      label: t.keyChoose,
      run: (event) => {
        // Enter on a button or a link means that one.
        if (event.target instanceof Element && event.target.closest('a, button, summary')) {
          if (event.target instanceof HTMLElement) event.target.click()
        } else onItem((of) => of.choose())()
      },
    },
    { key: 'n', label: t.keyRefuse, run: onItem((of) => of.refuse()) },
    { key: 'x', label: t.keyMark, run: onItem((of) => of.mark?.()) },
    { key: 'u', label: t.undo, run: onUndo },
  ])
  return (
    <ol ref={list} class="deck" aria-label={label}>
      {items.map((item, index) => (
        <li
          key={itemKey(item)}
          class={`deck-item${index === active ? ' deck-active' : ''}`}
          tabIndex={index === active ? 0 : -1}
          onFocusCapture={() => index !== activeAt() && hold(index)}
          onMouseDown={() => hold(index)}
        >
          {children(item, index === active)}
        </li>
      ))}
    </ol>
  )
}

/** The key of a button, beside its word; not for ears, which hear it in the list of keys. */
export const Key = ({ children }: { children: string | number }) => (
  <span class="key-hint" aria-hidden="true">
    {children}
  </span>
)
