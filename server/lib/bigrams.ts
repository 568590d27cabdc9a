/**
 * The text search query of a phrase for columns indexed with `bigrams(…)`: every pair of neighbouring characters must be
 * there. It finds a little too much (the pairs may stand apart), so lists check the phrase itself as well. Undefined when
 * the phrase has no pair: then only the slow check is left.
 */
export function bigramQuery(phrase: string): string | undefined {
  const pairs = new Set<string>()
  for (const word of phrase.normalize('NFKC').toLowerCase().split(/\s+/)) {
    const characters = [...word]
    for (const [at, first] of characters.entries()) {
      const second = characters[at + 1]
      if (second !== undefined && first > ' ' && second > ' ') pairs.add(first + second)
    }
  }
  if (pairs.size === 0) return
  return [...pairs].map((pair) => `'${pair.replace(/['\\]/g, '$&$&')}'`).join(' & ')
}

/** A phrase as a LIKE pattern that finds it anywhere, its own % and _ taken as they are. */
export function containing(phrase: string): string {
  return `%${phrase.replace(/[\\%_]/g, '\\$&')}%`
}
