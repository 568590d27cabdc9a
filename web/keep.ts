/** Small choices kept in the browser: theme, language, folded navigation. A browser that refuses storage just forgets. */
const prefix = 'weiyu.'

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(prefix + name, value)
  } catch {
    // Private windows may refuse; the choice then lasts until the window closes.
  }
}

export function kept<T extends string>(name: string, allowed: readonly T[]): T | undefined {
  try {
    const value = localStorage.getItem(prefix + name)
    return allowed.find((one) => one === value)
  } catch {
    return undefined
  }
}
