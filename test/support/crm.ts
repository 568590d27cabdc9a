import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, inject } from 'vitest'

/**
 * A CRM of another house on the same server: a database and an account of its own. `run` changes it as its own people
 * would; `options` are what a source of the kind `sql` needs to read it.
 */
export async function testCrm(schema: string) {
  const admin = inject('postgres')
  const name = `crm_${randomBytes(6).toString('hex')}`
  const password = randomBytes(9).toString('base64url')
  await once(admin, `create database ${name}`)
  const address = new URL(admin)
  address.pathname = `/${name}`
  const client = new pg.Client({ connectionString: address.href })
  await client.connect()
  await client.query(`create role ${name} login password '${password}'; ${schema};
    grant usage on schema public to ${name}; grant select, insert, update, delete on all tables in schema public to ${name}`)
  afterAll(async () => {
    await client.end()
    await once(admin, `drop database if exists ${name} with (force)`)
    await once(admin, `drop role if exists ${name}`)
  })
  return {
    run: (text: string, values: readonly unknown[] = []) => client.query(text, [...values]),
    options: {
      host: address.hostname,
      port: Number(address.port || 5432),
      tls: 'none',
      database: name,
      user: name,
      password,
      idColumn: 'id',
      cursorColumn: 'updated_at',
    },
  }
}

async function once(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
