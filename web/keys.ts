/**
 * Keys. A page says which it understands while it is shown; `?` lists them all.
 *   useKeys([{ key: 'a', label: t.acknowledge, run: acknowledge }])
 * They are silent while someone types or a dialog is open. 'mod+k' means Ctrl or ⌘; 'g o' means g, then o.
 */
import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

export interface KeyBinding {
  key: string
  label: string
  run: (event: KeyboardEvent) => void
  /** Also while typing; only for combinations that write nothing. */
  always?: boolean
  /** Not in the list of `?`. */
  silent?: boolean
}

interface KeyGroup {
  everywhere: boolean
  keys: readonly KeyBinding[]
}

/** The bindings now in force. */
export const bindings = signal<readonly KeyGroup[]>([])

export function useKeys(own: readonly KeyBinding[], everywhere = false): void {
  const latest = useRef(own)
  latest.current = own
  const shape = own.map((binding) => `${binding.key} ${binding.label}`).join('\n')
  // `shape` stands for the list, which is new at every drawing.
  useEffect(() => {
    const keys = latest.current.map((binding, at) => ({
      ...binding,
      run: (event: KeyboardEvent) => latest.current[at]?.run(event),
    }))
    const group = { everywhere, keys }
    bindings.value = [...bindings.peek(), group]
    return () => {
      bindings.value = bindings.peek().filter((other) => other !== group)
    }
  }, [shape, everywhere])
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName)
}

let prefix = ''
let prefixAt = 0

function onKey(event: KeyboardEvent): void {
  if (event.isComposing || event.defaultPrevented) return
  const mod = event.ctrlKey || event.metaKey
  if (event.altKey) return
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const name = mod ? `mod+${pressed}` : pressed
  const sequence = prefix !== '' && event.timeStamp - prefixAt < 1_200 ? `${prefix} ${name}` : ''
  const quiet = isTyping(event.target) || document.querySelector('dialog[open]') !== null
  // What came last wins, and a page's own key wins over one that works everywhere.
  const all = [...bindings.peek()].reverse()
  const groups = [
    ...all.filter((group) => !group.everywhere),
    ...all.filter((group) => group.everywhere),
  ].map((group) => group.keys)
  prefix = ''
  for (const wanted of sequence === '' ? [name] : [sequence, name]) {
    for (const group of groups) {
      const binding = group.find((one) => one.key === wanted && (!quiet || one.always === true))
      if (binding === undefined) continue
      event.preventDefault()
      binding.run(event)
      return
    }
  }
  if (!quiet && !mod && groups.some((group) => group.some((one) => one.key.startsWith(`${name} `)))) {
    prefix = name
    prefixAt = event.timeStamp
  }
}

export function startKeys(): void {
  addEventListener('keydown', onKey)
}
