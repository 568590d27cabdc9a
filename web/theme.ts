/** Light or dark: the system's choice unless the user made one; paper is light. Charts read `theme` to redraw. */
import { computed, effect, signal } from '@preact/signals'
import { keep, kept } from './keep.ts'
import { isOnPaper } from './media.ts'

export const themeChoices = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof themeChoices)[number]

export const themeChoice = signal<ThemeChoice>(kept('theme', themeChoices) ?? 'system')

const darkSystem = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = signal(darkSystem.matches)
darkSystem.addEventListener('change', () => {
  systemIsDark.value = darkSystem.matches
})

export const theme = computed<'light' | 'dark'>(() => {
  if (isOnPaper.value) return 'light'
  if (themeChoice.value !== 'system') return themeChoice.value
  return systemIsDark.value ? 'dark' : 'light'
})

effect(() => {
  keep('theme', themeChoice.value)
  document.documentElement.dataset.theme = theme.value
})
