import type { CollectingPolicy } from '../policy/collecting.ts'

/**
 * The day a heartbeat belongs to: from the set hour in Shanghai to the same hour of the next day. Asked at any time it names
 * the period that began last, so a server that was down at the hour writes it as soon as it is back.
 *
 * Example, hour 8: at 07:59 on 6 March it is the day of 5 March; at 08:00 that of 6 March, which tells of the last 24 hours.
 */
export function heartbeatPeriod(
  now: Date,
  policy: Pick<CollectingPolicy, 'heartbeatAtHour'>,
): { day: string; since: Date; at: Date } {
  const shifted = now.getTime() + (8 - policy.heartbeatAtHour) * 3_600_000
  return {
    day: new Date(shifted).toISOString().slice(0, 10),
    since: new Date(now.getTime() - 86_400_000),
    at: now,
  }
}
