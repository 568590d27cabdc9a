/**
 * Tabs whose choice lives in the URL: `<Tabs name="view" tabs={[{ id: 'why', label: t.why, count: 3 }]} />` with
 * `query.oneOf('view', ['why', 'history'])` deciding what is drawn below. Arrow keys move.
 */
import { useRef } from 'preact/hooks'
import { formatNumber } from '../format.ts'
import { language } from '../labels.ts'
import { useQuery } from '../url.ts'

export interface Tab {
  id: string
  label: string
  count?: number | undefined
}

export function Tabs({ name, tabs, label }: { name: string; tabs: readonly Tab[]; label?: string }) {
  const query = useQuery()
  const list = useRef<HTMLDivElement>(null)
  const chosen = tabs.find((tab) => tab.id === query.get(name))?.id ?? tabs[0]?.id
  const go = (id: string) => query.set({ [name]: id === tabs[0]?.id ? null : id })
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    const at = tabs.findIndex((tab) => tab.id === chosen)
    const next = tabs[(at + step + tabs.length) % tabs.length]
    if (next === undefined) return
    event.preventDefault()
    go(next.id)
    list.current?.querySelector<HTMLButtonElement>(`[data-tab="${next.id}"]`)?.focus()
  }
  return (
    <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          data-tab={tab.id}
          aria-selected={tab.id === chosen}
          tabIndex={tab.id === chosen ? 0 : -1}
          class="tab"
          onClick={() => go(tab.id)}
        >
          {tab.label}
          {tab.count !== undefined && (
            <span class="tab-count">{formatNumber(tab.count, language.value)}</span>
          )}
        </button>
      ))}
    </div>
  )
}
