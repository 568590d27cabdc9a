/** What is measured beside the engine: what anyone could build in an afternoon from the same words. */
import type { Catalogue } from '../../risk-catalog/load.ts'
import type { Polarity } from '../../server/analysis/polarity.ts'
import type { Target } from '../../server/analysis/target.ts'

/** What a reader of texts says of one; what it does not answer is left out. */
export interface Answer {
  labels: readonly string[]
  polarity?: Polarity
  target?: Target
  /** 0 bad … 1 good. */
  sentiment?: number
}

/**
 * The words that a careful keyword list would hold, with their risks: of all words in a risk's rules those that stand in
 * more of its own examples than in other risks' examples and counter-examples together. (Every word of every rule would be
 * a list nobody uses: it finds fifty risks in a letter.)
 */
function tellingWords({ risks }: Catalogue): ReadonlyMap<string, ReadonlySet<string>> {
  const codes = new Map<string, Set<string>>()
  for (const { code, rules, examples } of risks) {
    const others = risks.flatMap((other) =>
      other.code === code ? examples.misses : [...other.examples.hits, ...other.examples.misses],
    )
    for (const word of new Set(rules.flatMap(({ all }) => all.flat()))) {
      const holding = (texts: readonly string[]) => texts.filter((text) => text.includes(word)).length
      if (holding(examples.hits) <= holding(others)) continue
      codes.set(word, (codes.get(word) ?? new Set()).add(code))
    }
  }
  return codes
}

/** A keyword list: a telling word anywhere in the text is its risk, and whatever is found is bad news. */
export function keywordList(catalogue: Catalogue): (text: string) => Answer {
  const words = [...tellingWords(catalogue)]
  return (text) => {
    const labels = new Set<string>()
    for (const [word, codes] of words) if (text.includes(word)) for (const code of codes) labels.add(code)
    return { labels: [...labels], polarity: 'negative' }
  }
}

/** The platform's own word segmenter, and each segment looked up in the words of the risks and of the lexicon. */
export function segmenterWithDictionary(catalogue: Catalogue): (text: string) => Answer {
  const segmenter = new Intl.Segmenter('zh', { granularity: 'word' })
  const codes = tellingWords(catalogue)
  const group = (name: string) => new Set(catalogue.groups[name])
  const [good, bad] = [group('positive'), group('negative')]
  const parties = (['developer', 'property-management', 'government'] as const).map(
    (name) => [name, group(name)] as const,
  )
  return (text) => {
    const labels = new Set<string>()
    const segments = [...segmenter.segment(text)].map(({ segment }) => segment)
    for (const segment of segments) for (const code of codes.get(segment) ?? []) labels.add(code)
    const count = (words: ReadonlySet<string>) => segments.filter((segment) => words.has(segment)).length
    const balance = count(good) - count(bad) - labels.size
    let target: Target = 'other'
    let most = 0
    for (const [name, words] of parties) {
      const named = count(words)
      if (named > most) [target, most] = [name, named]
    }
    return {
      labels: [...labels],
      polarity: balance < 0 ? 'negative' : balance > 0 ? 'positive' : 'neutral',
      target,
      sentiment: 1 / (1 + Math.exp(-balance)),
    }
  }
}
