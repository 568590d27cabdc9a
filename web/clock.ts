/** The time as a signal: relative times and countdowns follow it without a timer of their own. */
import { signal } from '@preact/signals'

export const now = signal(Date.now())

const everyMs = 15_000
setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, everyMs)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) now.value = Date.now()
})
