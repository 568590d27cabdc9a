import { polarityWord } from '../../labels.ts'

export type PolarityName = 'negative' | 'neutral' | 'positive'

/** Colour means level and nothing else: a sign and the weight of the word tell the polarity. */
const signs: Record<PolarityName, string> = { negative: '−', neutral: '·', positive: '+' }

export function Polarity({ of }: { of: PolarityName }) {
  const Word = of === 'negative' ? 'strong' : 'span'
  return (
    <Word class={of === 'negative' ? undefined : 'quiet'}>
      <span aria-hidden="true">{signs[of]} </span>
      {polarityWord[of]}
    </Word>
  )
}
