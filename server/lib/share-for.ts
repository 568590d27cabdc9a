/**
 * Many askers, one answer: calls with the same key share the running computation and its result for `ms`. A failure is
 * shared by those who wait for it and not kept.
 */
export function shareFor<Answer>(
  ms: number,
): (key: string, now: Date, make: () => Promise<Answer>) => Promise<Answer> {
  const kept = new Map<string, { until: number; answer: Promise<Answer> }>()
  return (key, now, make) => {
    const at = now.getTime()
    const known = kept.get(key)
    if (known && at >= known.until - ms && at < known.until) return known.answer
    for (const [old, { until }] of kept) if (at >= until) kept.delete(old)
    const entry = { until: at + ms, answer: make() }
    kept.set(key, entry)
    entry.answer.catch(() => {
      if (kept.get(key) === entry) kept.delete(key)
    })
    return entry.answer
  }
}
