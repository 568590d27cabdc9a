/**
 * Average linkage: which items belong together when only some pairs are alike. Two clusters join when the mean likeness
 * over *all* their pairs, unlike ones counted as 0, reaches the threshold; the most alike first. A chain of a ~ b ~ c
 * therefore never pulls a and c together when they have nothing in common, which single linkage does.
 * Cost: each join walks the links of both sides, and every link waits once in a queue: O(joins × links of one + links × log links).
 */

export interface Link {
  a: number
  b: number
  similarity: number
}

/**
 * Members of each cluster, every one of 0 … count-1 in exactly one; the same for the same links whatever their order.
 * Then clusters whose centres are `again` alike join too: many wordings of one thing have a low mean over all pairs and
 * still one centre, the more so the larger they grow. The likeness of two centres is their mean over the root of the two
 * means within (each item 1 to itself), which is the cosine where the likeness of items is one.
 */
export function averageLinkage(
  count: number,
  links: readonly Link[],
  { join, again }: { join: number; again: number },
): number[][] {
  const near: Map<number, number>[] = Array.from({ length: count }, () => new Map())
  for (const { a, b, similarity } of links) {
    near[a]?.set(b, similarity)
    near[b]?.set(a, similarity)
  }
  const members: (number[] | undefined)[] = Array.from({ length: count }, (_, i) => [i])
  /** Sum over all ordered pairs inside, each item with itself included. */
  const within = new Float64Array(count).fill(1)
  const size = (a: number) => members[a]?.length ?? 1
  const sum = (a: number, b: number) => near[a]?.get(b) ?? 0
  const mean = (a: number, b: number) => sum(a, b) / (size(a) * size(b))
  const ofCentres = (a: number, b: number) => sum(a, b) / Math.sqrt((within[a] ?? 1) * (within[b] ?? 1))
  for (const [likeness, threshold] of [
    [mean, join],
    [ofCentres, again],
  ] as const) {
    const queue = createQueue()
    for (const [a, of] of near.entries()) {
      for (const b of of.keys()) {
        if (b <= a) continue
        const similarity = likeness(a, b)
        if (similarity >= threshold) queue.push({ a, b, similarity })
      }
    }
    for (let top = queue.pop(); top; top = queue.pop()) {
      const { a, b, similarity } = top
      const [ours, theirs] = [members[a], members[b]]
      // An entry is stale when one side was joined since; the fresh likeness was queued then.
      if (!ours || !theirs || likeness(a, b) !== similarity) continue
      within[a] = (within[a] ?? 1) + (within[b] ?? 1) + 2 * sum(a, b)
      for (const index of theirs) ours.push(index)
      members[b] = undefined
      const [of, from] = [near[a], near[b]]
      if (!of || !from) continue
      of.delete(b)
      from.delete(a)
      for (const [other, more] of from) {
        of.set(other, (of.get(other) ?? 0) + more)
        near[other]?.delete(b)
      }
      from.clear()
      for (const [other, all] of of) {
        near[other]?.set(a, all)
        const joined = likeness(a, other)
        if (joined >= threshold)
          queue.push({ a: Math.min(a, other), b: Math.max(a, other), similarity: joined })
      }
    }
  }
  return members.flatMap((list) => (list ? [list.sort((x, y) => x - y)] : []))
}

/** The strongest pair first; equal ones in the order of their messages, so that the answer does not depend on chance. */
function createQueue() {
  const heap: Link[] = []
  const isBefore = (x: Link | undefined, y: Link | undefined) =>
    x !== undefined &&
    y !== undefined &&
    (x.similarity > y.similarity ||
      (x.similarity === y.similarity && (x.a < y.a || (x.a === y.a && x.b < y.b))))
  const swap = (i: number, j: number) => {
    const [x, y] = [heap[i], heap[j]]
    if (x && y) {
      heap[i] = y
      heap[j] = x
    }
  }
  return {
    push(link: Link) {
      let at = heap.push(link) - 1
      while (at > 0) {
        const above = (at - 1) >> 1
        if (!isBefore(heap[at], heap[above])) break
        swap(at, above)
        at = above
      }
    },
    pop(): Link | undefined {
      const top = heap[0]
      const last = heap.pop()
      if (last && heap.length > 0) {
        heap[0] = last
        for (let at = 0; ; ) {
          const left = 2 * at + 1
          const best = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
          if (!isBefore(heap[best], heap[at])) break
          swap(at, best)
          at = best
        }
      }
      return top
    },
  }
}
