/** Business days and months are those of Asia/Shanghai (UTC+8, no summer time since 1991), whatever the server's zone. */
const OFFSET = 8 * 3_600_000

/** The calendar month: 202611. */
export function shanghaiMonth(at: Date): string {
  return new Date(at.getTime() + OFFSET).toISOString().slice(0, 7).replace('-', '')
}

/** The calendar day: 2026-11-22. */
export function shanghaiDay(at: Date): string {
  return new Date(at.getTime() + OFFSET).toISOString().slice(0, 10)
}

/** To the minute, as a spreadsheet shows it: 2026-11-22 09:05. */
export function shanghaiMinute(at: Date): string {
  return new Date(at.getTime() + OFFSET).toISOString().slice(0, 16).replace('T', ' ')
}
