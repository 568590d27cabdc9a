/** What a person may do to many sources at once, and which of them it leaves as they are. */

export type Action = 'pause' | 'resume' | 'run'
/** How texts come in: read by the clock, pushed by another system, or one by one by hand. */
export type Entry = 'read' | 'pushed' | 'by-hand'
/** Why a source is left: it is so already, a person paused it alone, the product reads it once only, or nobody reads it. */
export type Left = 'already' | 'paused-alone' | 'read-once' | 'pushed' | 'by-hand'

export interface OneOfMany {
  id: number
  state: 'active' | 'paused'
  keptPaused: 'person' | 'product' | null
  entry: Entry
}

/** Ids of those to which it is done, and how many are left for which reason. */
export function together(
  action: Action,
  sources: readonly OneOfMany[],
): { chosen: number[]; left: Partial<Record<Left, number>> } {
  const chosen: number[] = []
  const left: Partial<Record<Left, number>> = {}
  for (const source of sources) {
    const reason = reasonToLeave(action, source)
    if (reason === undefined) chosen.push(source.id)
    else left[reason] = (left[reason] ?? 0) + 1
  }
  return { chosen, left }
}

function reasonToLeave(action: Action, { state, keptPaused, entry }: OneOfMany): Left | undefined {
  if (entry === 'by-hand') return 'by-hand'
  switch (action) {
    case 'pause':
      return state === 'paused' ? 'already' : undefined
    case 'run':
      return entry === 'pushed' ? 'pushed' : undefined
    case 'resume':
      if (state === 'active') return 'already'
      if (keptPaused === 'person') return 'paused-alone'
      return keptPaused === 'product' ? 'read-once' : undefined
  }
}
