/** Ways to bring a number to 0–1 before it is weighed. */

/** Grows with the logarithm: the second voice says more than the twentieth. 1 from `full` on. */
export function byLog(amount: number, full: number): number {
  if (amount <= 0) return 0
  return Math.min(1, Math.log1p(amount) / Math.log1p(full))
}

/** Comes near 1 and never reaches it; 63 % at `scale`. */
export function saturating(amount: number, scale: number): number {
  return 1 - Math.exp(-Math.max(0, amount) / scale)
}

/** Growth against the window before, 0–1; below the floor there is none, however few came before. */
export function growth(recent: number, before: number, floor: number): number {
  if (recent < floor || recent <= before) return 0
  return (recent - before) / (recent + before + floor)
}

/** Four decimals: the same on every machine, and no digits nobody can read. */
export function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000
}

/** Which of five bands a value falls into. */
export function bandOf(value: number, limits: readonly number[]): 1 | 2 | 3 | 4 | 5 {
  const above = limits.filter((limit) => value >= limit).length
  return above >= 4 ? 5 : above === 3 ? 4 : above === 2 ? 3 : above === 1 ? 2 : 1
}

const HOUR_MS = 3_600_000

/** Hours from `then` to `now`; something dated ahead of us is as old as now. */
export function hoursSince(then: Date, now: Date): number {
  return Math.max(0, (now.getTime() - then.getTime()) / HOUR_MS)
}

/** Days to a calendar day, which begins at midnight in Shanghai; negative: passed. */
export function daysUntil(day: string, now: Date): number {
  return Math.ceil((Date.parse(`${day}T00:00:00+08:00`) - now.getTime()) / (24 * HOUR_MS))
}
