/** Width of the window as signals, for what CSS alone cannot decide. */
import { type ReadonlySignal, signal } from '@preact/signals'

function matches(query: string): ReadonlySignal<boolean> {
  const media = matchMedia(query)
  const now = signal(media.matches)
  media.addEventListener('change', () => {
    now.value = media.matches
  })
  return now
}

/** A phone, or a window as narrow as one. */
export const isNarrow = matches('(max-width: 719.98px)')

/** The page is being laid out for a printer. */
export const isOnPaper = matches('print')

/** A tablet, or half a screen: the navigation takes the room of its icons. */
export const isSnug = matches('(max-width: 1079.98px)')
