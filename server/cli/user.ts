import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { hashPassword, oneTimePassword } from '../access/password.ts'
import { weaknessOf } from '../access/password-rules.ts'
import { type Role, roles } from '../access/permissions.ts'
import { cityCompanyByCode, insertUser, setGrants } from '../access/store.ts'
import { recordAudit } from '../audit/store.ts'
import type { Db } from '../db/connect.ts'
import { inTransaction } from '../db/in-transaction.ts'
import { Refusal } from '../lib/refusal.ts'
import type { Io } from './io.ts'

const USAGE =
  'usage: weiyu user add --login LOGIN --name NAME --role ROLE [--city-company CODE] [--password-stdin]\n' +
  `roles: ${roles.join(' ')}\n`
const REFUSED = 1
const WRONG_CALL = 2

/** `weiyu user add`: one JSON line with the new user, and the one-time password when none came on standard input. */
export async function runUser(args: readonly string[], io: Io, db: Db): Promise<number> {
  const asked = readArguments(args)
  if (typeof asked === 'string') {
    io.stderr.write(`${asked}\n${USAGE}`)
    return WRONG_CALL
  }
  try {
    const given = asked.passwordFromStdin ? (await text(io.stdin)).replace(/\r?\n$/, '') : undefined
    const weakness = given === undefined ? undefined : weaknessOf(given, asked.login)
    if (weakness) throw new Refusal(422, 'weak-password', { weakness })
    const password = given ?? oneTimePassword()
    const passwordHash = await hashPassword(password)
    const id = await inTransaction(db, async (tx) => {
      const { login, name, role, cityCompany } = asked
      const cityCompanyId = cityCompany === undefined ? null : await cityCompanyByCode(tx, cityCompany)
      if (cityCompanyId === undefined) throw new Refusal(422, 'unknown-city-company', { cityCompany })
      const created = await insertUser(tx, { login, name, passwordHash })
      if (created === undefined) throw new Refusal(409, 'login-taken', { login })
      await setGrants(tx, created, [{ role, cityCompanyId, projectId: null }])
      await recordAudit(tx, {
        action: 'user.create',
        subject: { kind: 'user', id: created },
        detail: { login, name, roles: [{ role, cityCompanyId, projectId: null }], by: 'command line' },
      })
      return created
    })
    const line = { id, login: asked.login, role: asked.role, ...(given === undefined && { password }) }
    io.stdout.write(`${JSON.stringify(line)}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    io.stderr.write(`${sentences[error.code]?.(error.detail) ?? error.code}\n`)
    return REFUSED
  }
}

const sentences: Readonly<Record<string, (detail: Refusal['detail']) => string>> = {
  'login-taken': ({ login }) => `There is somebody with the login «${login}» already: choose another.`,
  'unknown-city-company': ({ cityCompany }) =>
    `There is no city company with the code «${cityCompany}»: the page Projects shows the codes.`,
  'weak-password': ({ weakness }) =>
    `The password is ${weakness}: give 10 to 200 characters that are neither the login nor easily guessed.`,
}

interface Asked {
  login: string
  name: string
  role: Role
  cityCompany: string | undefined
  passwordFromStdin: boolean
}

/** What was asked, or what is wrong with the call. */
function readArguments(args: readonly string[]): Asked | string {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        login: { type: 'string' },
        name: { type: 'string' },
        role: { type: 'string' },
        'city-company': { type: 'string' },
        'password-stdin': { type: 'boolean', default: false },
      },
    })
    if (positionals.join(' ') !== 'add') return 'The command is «user add».'
    const { login, name, 'city-company': cityCompany } = values
    const role = roles.find((known) => known === values.role)
    if (!login || !/^[\p{L}\p{N}._@-]{2,64}$/u.test(login)) {
      return '--login needs 2 to 64 letters, digits, dots, @, _ or -.'
    }
    if (!name) return '--name is missing.'
    if (!role) return values.role === undefined ? '--role is missing.' : `There is no role «${values.role}».`
    if (role === 'administrator' && cityCompany !== undefined)
      return 'An administrator is one of the whole group.'
    return { login, name, role, cityCompany, passwordFromStdin: values['password-stdin'] }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
