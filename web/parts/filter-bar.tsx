/**
 * Filters bound to the URL, so that a list can be sent to someone else.
 *   <FilterBar filters={[
 *     { kind: 'search', name: 'q', label: common.search },
 *     { kind: 'choice', name: 'level', label: common.level, options: levels.map((level) => ({ value: level, label: <LevelBadge level={level} /> })) },
 *     { kind: 'select', name: 'project', label: t.project, options: projects },
 *     { kind: 'days', from: 'from', to: 'to', label: t.period },
 *   ]} note={t.found(total)} />
 * Read them with `useQuery()`: `query.get('q')`, `query.all('level')`. A change drops `drops` too (cursor, open row).
 */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { common } from '../labels.ts'
import { isNarrow } from '../media.ts'
import { useQuery } from '../url.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'

interface Option {
  value: string
  label: string
}

export type Filter =
  | { kind: 'search'; name: string; label: string }
  | {
      kind: 'select'
      name: string
      label: string
      options: readonly Option[] /** Word for «no filter». */
      any?: string
    }
  | {
      kind: 'choice'
      name: string
      label: string
      options: readonly { value: string; label: ComponentChildren; title?: string }[]
    }
  | { kind: 'days'; from: string; to: string; label: string }

const waitMs = 300

function SearchFilter({
  name,
  label,
  onChange,
}: {
  name: string
  label: string
  onChange: (value: string) => void
}) {
  const query = useQuery()
  const kept = query.get(name)
  const [text, setText] = useState(kept)
  const composing = useRef(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const written = useRef(kept)
  useEffect(() => {
    // The address changed by other means («back», «clear»): it wins over what is typed.
    if (kept === written.current) return
    written.current = kept
    setText(kept)
  }, [kept])
  useEffect(() => () => clearTimeout(timer.current), [])
  const write = (value: string, soon: boolean) => {
    clearTimeout(timer.current)
    const go = () => {
      written.current = value.trim()
      onChange(value.trim())
    }
    if (soon) go()
    else timer.current = setTimeout(go, waitMs)
  }
  return (
    <label class="filter-search">
      <Icon name="search" size={14} />
      <span class="for-ears">{label}</span>
      <input
        class="input"
        type="search"
        placeholder={label}
        value={text}
        onCompositionStart={() => {
          composing.current = true
        }}
        onCompositionEnd={(event) => {
          composing.current = false
          write(event.currentTarget.value, false)
        }}
        onInput={(event) => {
          setText(event.currentTarget.value)
          if (!composing.current) write(event.currentTarget.value, false)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.isComposing) write(event.currentTarget.value, true)
        }}
      />
    </label>
  )
}

export function FilterBar({
  filters,
  drops = [],
  note,
  actions,
}: {
  filters: readonly Filter[]
  drops?: readonly string[]
  note?: ComponentChildren
  actions?: ComponentChildren
}) {
  const query = useQuery()
  const dropped = Object.fromEntries(drops.map((name) => [name, null]))
  const set = (name: string, value: string | readonly string[] | null) =>
    query.set({ ...dropped, [name]: value })
  const names = filters.flatMap((filter) =>
    filter.kind === 'days' ? [filter.from, filter.to] : [filter.name],
  )
  const anySet = names.some((name) => query.get(name) !== '')
  // On a phone the list comes first: everything but the search waits behind one button that says how many are set.
  const [isOpen, setOpen] = useState(false)
  const folded = filters.filter((filter) => filter.kind !== 'search')
  const isFolding = isNarrow.value && folded.length > 1
  const setCount = folded.filter((filter) =>
    filter.kind === 'days' ? query.get(filter.from) || query.get(filter.to) : query.get(filter.name),
  ).length
  const shown = isFolding && !isOpen ? filters.filter((filter) => filter.kind === 'search') : filters
  return (
    <search class="filters">
      {isFolding && (
        <button type="button" class="filter-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {setCount > 0 ? `${common.filter} (${setCount})` : common.filter}
          <Icon name="down" size={14} />
        </button>
      )}
      {shown.map((filter) => {
        switch (filter.kind) {
          case 'search':
            return (
              <SearchFilter
                key={filter.name}
                name={filter.name}
                label={filter.label}
                onChange={(value) => set(filter.name, value)}
              />
            )
          case 'select': {
            const value = query.get(filter.name)
            return (
              <label key={filter.name} class={`select filter-select${value ? ' filter-set' : ''}`}>
                <span class="for-ears">{filter.label}</span>
                <select
                  class="input"
                  value={value}
                  onChange={(event) => set(filter.name, event.currentTarget.value)}
                >
                  <option value="">
                    {filter.label}: {filter.any ?? common.all}
                  </option>
                  {filter.options.map((option) => (
                    <option key={option.value} value={option.value}>
                      {option.label}
                    </option>
                  ))}
                </select>
                <Icon name="down" size={14} />
              </label>
            )
          }
          case 'choice': {
            const chosen = query.all(filter.name)
            return (
              <fieldset key={filter.name} class="choices" aria-label={filter.label}>
                {filter.options.map((option) => {
                  const isOn = chosen.includes(option.value)
                  return (
                    <button
                      key={option.value}
                      type="button"
                      class="choice"
                      aria-pressed={isOn}
                      title={option.title}
                      onClick={() =>
                        set(
                          filter.name,
                          isOn ? chosen.filter((one) => one !== option.value) : [...chosen, option.value],
                        )
                      }
                    >
                      {option.label}
                    </button>
                  )
                })}
              </fieldset>
            )
          }
          case 'days':
            return (
              <fieldset key={filter.from} class="filter-days" aria-label={filter.label}>
                <input
                  class="input"
                  type="date"
                  aria-label={`${filter.label} ≥`}
                  value={query.get(filter.from)}
                  max={query.get(filter.to) || undefined}
                  onChange={(event) => set(filter.from, event.currentTarget.value)}
                />
                <span aria-hidden="true">–</span>
                <input
                  class="input"
                  type="date"
                  aria-label={`${filter.label} ≤`}
                  value={query.get(filter.to)}
                  min={query.get(filter.from) || undefined}
                  onChange={(event) => set(filter.to, event.currentTarget.value)}
                />
              </fieldset>
            )
          default:
            return filter satisfies never
        }
      })}
      {anySet && (
        <Button
          kind="quiet"
          icon="close"
          onClick={() => query.set({ ...dropped, ...Object.fromEntries(names.map((name) => [name, null])) })}
        >
          {common.clearFilters}
        </Button>
      )}
      {note && <span class="filter-note quiet small">{note}</span>}
      {actions && <div class="filter-actions">{actions}</div>}
    </search>
  )
}
