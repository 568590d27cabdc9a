// What a benchmark costs the machine: CPU seconds and memory of this process and of the database server.
import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import type { Db } from '../../server/db/connect.ts'

// What Linux counts in, on every platform Node runs on.
const ticksPerSecond = 100

export interface Load {
  /** CPU seconds of this process so far, threads included. */
  own: number
  /** CPU seconds of all processes of the database server so far, ended ones included; NaN where there is no /proc. */
  database: number
  /** Resident MB of this process, and what the database server holds besides what its processes share. */
  ownMb: number
  databaseMb: number
}

/** Looks at the database server behind `db`, which runs on this machine. */
export async function loadOf(db: Db): Promise<() => Load> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
  const backend = statOf(rows[0]?.pid ?? 0)
  const postmaster = backend?.parent ?? 0
  return () => {
    const { user, system } = process.cpuUsage()
    const stats = processes().filter(({ pid, parent }) => pid === postmaster || parent === postmaster)
    return {
      own: (user + system) / 1e6,
      database:
        stats.length === 0
          ? Number.NaN
          : stats.reduce((sum, one) => sum + one.ticks + (one.pid === postmaster ? one.endedTicks : 0), 0) /
            ticksPerSecond,
      ownMb: process.memoryUsage.rss() / 1e6,
      databaseMb: stats.reduce((sum, { pid }) => sum + proportionalMb(pid), 0),
    }
  }
}

interface Stat {
  pid: number
  parent: number
  ticks: number
  endedTicks: number
}

function processes(): readonly Stat[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []))
  } catch {
    return []
  }
}

function statOf(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in brackets may hold blanks.
    const [, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const at = (field: number) => Number(rest[field - 5])
    return { pid, parent: Number(parent), ticks: at(14) + at(15), endedTicks: at(16) + at(17) }
  } catch {
    return undefined
  }
}

/** Shared pages are counted by the part of each that shares them. */
function proportionalMb(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
    return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1_000
  } catch {
    return 0
  }
}
