/** `?`: the keys that work here and now. */
import { bindings } from '../keys.ts'
import { Dialog } from '../parts/overlay.tsx'
import { t } from './words.ts'

const shown: Record<string, string> = { ArrowDown: '↓', ArrowUp: '↑', Enter: '↵', Escape: 'Esc' }
const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent)

function Keys({ name }: { name: string }) {
  const parts = name
    .split(/[ +]/)
    .map((part) => (part === 'mod' ? (isMac ? '⌘' : 'Ctrl') : (shown[part] ?? part)))
  return (
    <span class="keys">
      {parts.map((part, at) => (
        <kbd key={at}>{part.length === 1 ? part.toUpperCase() : part}</kbd>
      ))}
    </span>
  )
}

export function KeyHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const keysOf = (everywhere: boolean) =>
    bindings.value.filter((group) => group.everywhere === everywhere).flatMap((group) => group.keys)
  const groups = [
    { title: t.keysOfPage, keys: keysOf(false) },
    { title: t.keysEverywhere, keys: [...keysOf(true), { key: 'Escape', label: t.closeKey, silent: false }] },
  ].filter((group) => group.keys.length > 0)
  return (
    <Dialog open={open} onClose={onClose} title={t.keys}>
      <div class="stack">
        {groups.map((group) => (
          <section key={group.title} class="stack-tight">
            <h3>{group.title}</h3>
            <dl class="key-list">
              {group.keys
                .filter((binding) => !binding.silent)
                .map((binding) => (
                  <div key={binding.key}>
                    <dt>
                      <Keys name={binding.key} />
                    </dt>
                    <dd>{binding.label}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
