import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { runCommand } from '../../server/cli/cli.ts'

async function run(...argv: string[]) {
  const io = { stdin: Readable.from([]), stdout: new PassThrough(), stderr: new PassThrough() }
  const status = await runCommand(argv, io)
  io.stdout.end()
  io.stderr.end()
  return { status, said: await text(io.stdout), errors: await text(io.stderr) }
}

test('help lists every command, and each tells how it is called', async () => {
  const { status, said } = await run('--help')
  expect(status).toBe(0)
  const names = [...said.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name ?? '')
  expect(names).toContain('start')
  expect(names.length).toBeGreaterThan(10)
  for (const name of names) {
    const help = await run(name, '--help')
    expect([help.status, help.errors]).toEqual([0, ''])
    expect(help.said).toContain(`usage: weiyu ${name}`)
  }
})

test('a command that there is not is told with those that there are', async () => {
  const { status, errors } = await run('strat')
  expect(status).toBe(2)
  expect(errors).toContain('There is no command «strat»')
  expect(errors).toContain('start [--demo]')
})

test.each([
  ['start', '--dmeo'],
  ['demo', 'now'],
  ['status', '--all'],
  ['migrate', '--dry-run'],
  ['version', '1'],
])('«%s %s» does nothing but say what it takes', async (name, slip) => {
  const { status, said, errors } = await run(name, slip)
  expect([status, said]).toEqual([2, ''])
  expect(errors).toContain(`«${name}» does not take «${slip}»`)
  expect(errors).toContain(`usage: weiyu ${name}`)
})
