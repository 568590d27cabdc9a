import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { carefree, startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts'
import { migrate } from '../../server/db/migrate.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Server address without a database name; `support/database.ts` makes one database a test file. */
    postgres: string
    template: string
  }
}

/**
 * One PostgreSQL a run: embedded, or the server of TEST_DATABASE_URL. A migrated template database makes each file's own
 * database a copy of 100 ms.
 */
export default async function setup(project: TestProject) {
  const folder = mkdtempSync(join(tmpdir(), 'weiyu-test-'))
  // Open to enter, so that root's database account reaches its own folder inside.
  chmodSync(folder, 0o755)
  const embedded = process.env.TEST_DATABASE_URL
    ? undefined
    : await startEmbeddedPostgres(folder, {
        settings: { ...carefree, shared_buffers: '128MB' },
        mayMoveAway: true,
      })
  const admin = process.env.TEST_DATABASE_URL ?? embedded?.url ?? ''
  const template = `weiyu_template_${process.pid}_${project.name}`
  await withClient(admin, async (client) => {
    await client.query(`drop database if exists ${template}`)
    await client.query(`create database ${template}`)
  })
  const address = new URL(admin)
  address.pathname = `/${template}`
  try {
    await migrate(address.href)
  } catch (error) {
    await embedded?.stop()
    throw error
  }
  project.provide('postgres', admin)
  project.provide('template', template)
  return async () => {
    if (embedded) {
      await embedded.stop()
      rmSync(folder, { recursive: true, force: true })
    } else {
      await withClient(admin, (client) => client.query(`drop database if exists ${template}`))
    }
  }
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
