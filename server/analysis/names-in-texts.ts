/**
 * Which texts bear one of many names: both in one width and one case, and one look-up for each place of the text, however
 * many names there are. With the names «云汀府» and «SKP» the text «听说ｓｋｐ停工» is found at its third letter: «sk» begins a
 * name, and «skp» is one.
 */
export function createNameFinder(names: readonly string[]): (text: string) => boolean {
  const byBeginning = new Map<number, string[]>()
  for (const name of new Set(names.map(written))) {
    if (name.length < 2) continue
    const beginning = beginningAt(name, 0)
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), name])
  }
  return (text) => {
    const read = written(text)
    for (let at = 0; at + 1 < read.length; at += 1) {
      const names = byBeginning.get(beginningAt(read, at))
      if (names?.some((name) => read.startsWith(name, at))) return true
    }
    return false
  }
}

const written = (text: string) => text.normalize('NFKC').toLowerCase().trim()

const beginningAt = (text: string, at: number) => text.charCodeAt(at) * 65_536 + text.charCodeAt(at + 1)

/**
 * The longest run of Chinese letters of a name: they are written in one way only, so a text that bears the name holds them
 * as they are. Undefined: it has none, and only reading each text tells.
 */
export function hanOf(name: string): string | undefined {
  const runs = name.normalize('NFKC').match(/\p{Script=Han}+/gu) ?? []
  return runs.reduce<string | undefined>(
    (longest, run) => (run.length > (longest?.length ?? 0) ? run : longest),
    undefined,
  )
}
