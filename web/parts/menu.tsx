/**
 * A button that opens a list of actions, on the native popover: closes by Escape and by a click elsewhere.
 *   <Menu label={common.more} icon="more" items={[{ label: t.export, icon: 'download', run: () => … }, 'line', …]} />
 * An item has `run`, or `href`; `checked` shows a tick (choices), `disabled` with `hint` says why not.
 */
import type { ComponentChildren } from 'preact'
import { useId, useRef } from 'preact/hooks'
import { asFailure } from '../api.ts'
import { Icon, type IconName } from './icon.tsx'
import { toast } from './toast.tsx'

export interface MenuItem {
  label: string
  icon?: IconName
  hint?: string
  checked?: boolean
  disabled?: boolean
  href?: string
  run?: () => unknown
}

export function Menu({
  label,
  icon,
  children,
  items,
  head,
}: {
  label: string
  icon?: IconName
  /** What the button shows; without it, the icon alone. */
  children?: ComponentChildren
  items: readonly (MenuItem | 'line')[]
  head?: ComponentChildren
}) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)

  // Beside its button, inside the window; anchor positioning in CSS is not yet in every browser our readers use.
  const place = () => {
    const at = button.current?.getBoundingClientRect()
    const box = list.current
    if (at === undefined || box === null) return
    const width = box.offsetWidth
    const height = box.offsetHeight
    const left = Math.max(8, Math.min(at.left, innerWidth - width - 8))
    const below = at.bottom + 4 + height <= innerHeight - 8
    box.style.left = `${left}px`
    box.style.top = below ? `${at.bottom + 4}px` : `${Math.max(8, at.top - 4 - height)}px`
  }
  const entries = () => [
    ...(list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]:not([disabled])') ?? []),
  ]
  const move = (event: KeyboardEvent) => {
    const all = entries()
    const at = all.findIndex((entry) => entry.matches(':focus'))
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    all[(to + all.length) % all.length]?.focus()
  }
  const choose = async (item: MenuItem) => {
    list.current?.hidePopover()
    try {
      await item.run?.()
    } catch (thrown) {
      toast.failure(asFailure(thrown))
    }
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        class={`button ${children === undefined ? 'button-icon' : 'button-quiet'}`}
        popovertarget={id}
        aria-haspopup="menu"
        aria-label={label}
        title={label}
      >
        {icon && <Icon name={icon} />}
        {children}
      </button>
      <div
        ref={list}
        id={id}
        class="menu"
        popover="auto"
        role="menu"
        aria-label={label}
        onKeyDown={move}
        onToggle={(event) => {
          if (!('newState' in event) || event.newState !== 'open') return
          place()
          entries()[0]?.focus({ preventScroll: true })
        }}
      >
        {head && <div class="menu-head">{head}</div>}
        {items.map((item, at) => {
          if (item === 'line') return <hr key={at} class="menu-line" />
          const inside = (
            <>
              {item.checked === undefined ? (
                item.icon && <Icon name={item.icon} />
              ) : (
                <span class="menu-tick">{item.checked && <Icon name="check" size={14} />}</span>
              )}
              <span class="menu-label">
                {item.label}
                {item.hint && <span class="menu-hint">{item.hint}</span>}
              </span>
            </>
          )
          return item.href === undefined ? (
            // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the role that takes `aria-checked` is there whenever it is.
            <button
              key={item.label}
              type="button"
              role={item.checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
              aria-checked={item.checked}
              class="menu-item"
              disabled={item.disabled}
              onClick={() => void choose(item)}
            >
              {inside}
            </button>
          ) : (
            <a
              key={item.label}
              role="menuitem"
              class="menu-item"
              href={item.href}
              onClick={() => list.current?.hidePopover()}
            >
              {inside}
            </a>
          )
        })}
      </div>
    </>
  )
}
