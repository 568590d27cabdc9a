/**
 * Short news about what was just done: `toast.done(t.saved)`, with a way back `toast.done(t.paused, { label: t.undo, run })`, `toast.failure(asFailure(error))`. Failures stay until closed.
 */
import { signal } from '@preact/signals'
import { asFailure } from '../api.ts'
import { common } from '../labels.ts'
import { Icon } from './icon.tsx'

interface Note {
  id: number
  kind: 'done' | 'failure'
  message: string
  cure?: string | undefined
  action?: { label: string; run: () => unknown } | undefined
}

const notes = signal<readonly Note[]>([])
let lastId = 0

function drop(id: number): void {
  notes.value = notes.value.filter((note) => note.id !== id)
}

async function undo({ action }: Note): Promise<void> {
  try {
    await action?.run()
  } catch (thrown) {
    toast.failure(asFailure(thrown))
  }
}

function add(note: Omit<Note, 'id'>): void {
  lastId += 1
  const id = lastId
  // The same failure twice in a row is one failure.
  const others = notes.value.filter((one) => one.kind !== note.kind || one.message !== note.message)
  notes.value = [...others.slice(-3), { ...note, id }]
  // What can be undone stays long enough to be read and reached.
  if (note.kind === 'done') setTimeout(() => drop(id), note.action ? 10_000 : 4_000)
}

export const toast = {
  done: (message: string, action?: Note['action']) => add({ kind: 'done', message, action }),
  failure: (failure: { message: string; cure?: string | undefined }) =>
    add({ kind: 'failure', message: failure.message, cure: failure.cure }),
}

/** Drawn once, by the shell. */
export function Toasts() {
  return (
    <div class="toasts" aria-live="polite">
      {notes.value.map((note) => (
        <div
          key={note.id}
          class={`toast toast-${note.kind}`}
          role={note.kind === 'failure' ? 'alert' : 'status'}
        >
          <Icon name={note.kind === 'failure' ? 'alert' : 'check'} />
          <div class="toast-text">
            <p>{note.message}</p>
            {note.cure && <p class="quiet small">{note.cure}</p>}
          </div>
          {note.action && (
            <button
              type="button"
              class="button button-secondary button-small"
              onClick={() => {
                drop(note.id)
                void undo(note)
              }}
            >
              {note.action.label}
            </button>
          )}
          <button
            type="button"
            class="button button-icon button-small"
            aria-label={common.close}
            onClick={() => drop(note.id)}
          >
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
    </div>
  )
}
