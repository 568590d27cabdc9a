/** Randomness that a seed decides: the same seed gives the same group, texts and dates. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number
  /** Whole, both ends included. */
  int(min: number, max: number): number
  pick<Item>(list: readonly Item[]): Item
  chance(probability: number): boolean
}

/** mulberry32 (T. Ettinger) over an FNV-1a hash of the seed. */
export function seeded(seed: string): Random {
  let state = 2_166_136_261
  for (const char of seed) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 16_777_619)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    int,
    pick: (list) => {
      const item = list[int(0, list.length - 1)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    chance: (probability) => next() < probability,
  }
}

/**
 * Fills `{slot}`s; a slot without a value is a mistake in a template. What stands right before a slot is not said twice:
 * «{city}{estate}» with an estate that is called by its city.
 */
export function fill(template: string, slots: Readonly<Record<string, () => string>>): string {
  let last = { value: '', end: 0 }
  return template.replace(/\{(\w+)\}/g, (whole, name: string, at: number) => {
    const slot = slots[name]
    if (!slot) throw new Error(`no value for {${name}} in «${template}»`)
    const value = slot()
    const isSaid = last.end === at && last.value !== '' && value.startsWith(last.value)
    const told = isSaid ? value.slice(last.value.length) : value
    last = { value, end: at + whole.length }
    return told
  })
}
