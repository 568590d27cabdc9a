import { beforeEach, expect, test } from 'vitest'
import { type HostLedger, opensAfter, type Turn, type TurnWanted } from '../../collectors/host-ledger.ts'

/** What every ledger promises; `open` gives two doors to the same state (two processes), or the same one twice. */
export function ledgerPromises(
  open: () => readonly [HostLedger, HostLedger],
  pass: (ms: number) => Promise<void>,
) {
  const host = 'news.example'
  // Long against what a slow machine takes between two questions; nobody waits for it.
  const paceMs = 5_000
  let [one, two] = open()
  let at = 0
  beforeEach(() => {
    ;[one, two] = open()
    at++
  })
  const name = () => `${at}.${host}`
  const ask = async (ledger: HostLedger, wanted: Partial<TurnWanted> = {}): Promise<Turn> =>
    ledger.reserve(name(), { paceMs, patienceMs: 600_000, insists: false, ...wanted })
  const fail = (failures: number, ms: number) =>
    one.penalise(name(), { failures, ms, outcome: 'timeout', reason: 'too slow' })

  test('turns of one host lie a pace apart, whoever asks; another host is not held back', async () => {
    const turns = [await ask(one), await ask(two), await ask(one), await ask(two)]
    for (const [index, turn] of turns.entries()) {
      expect(turn.kind).toBe('yours')
      expect(turn.waitMs).toBeLessThanOrEqual(index * paceMs)
      expect(turn.waitMs).toBeGreaterThan(index * paceMs - 4_000)
    }
    const other = await two.reserve(`other.${name()}`, { paceMs, patienceMs: 0, insists: false })
    expect(other).toMatchObject({ kind: 'yours', waitMs: 0 })
  })

  test('many at once get different turns', async () => {
    const turns = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index % 2 ? one : two)))
    const waits = turns.map((turn) => turn.waitMs).sort((a, b) => a - b)
    for (const [index, wait] of waits.entries())
      if (index > 0) expect(wait - (waits[index - 1] ?? 0)).toBeGreaterThan(1_000)
    expect(waits.at(-1)).toBeGreaterThan(19 * paceMs - 4_000)
  })

  test('who has no patience is told how long it would take, and takes no turn', async () => {
    for (let index = 0; index < 5; index++) await ask(one)
    const busy = await ask(two, { patienceMs: 200 })
    expect(busy.kind).toBe('busy')
    expect(busy.waitMs).toBeGreaterThan(15_000)
    expect((await ask(two)).waitMs).toBeLessThanOrEqual(5 * paceMs)
  })

  test('a closed host turns everyone away with the reason, and opens by itself', async () => {
    await fail(1, 1_500)
    for (const ledger of [one, two])
      expect(await ask(ledger)).toMatchObject({
        kind: 'closed',
        outcome: 'timeout',
        reason: 'too slow',
        failures: 1,
      })
    await pass(1_600)
    expect(await ask(two)).toMatchObject({ kind: 'yours', failures: 1 })
  })

  test('after the pause of a circuit one probe goes, the others wait for its word', async () => {
    await fail(opensAfter, 300)
    await pass(350)
    const turns = await Promise.all([ask(one), ask(two), ask(one), ask(two)])
    expect(turns.map((turn) => turn.kind).sort()).toEqual(['closed', 'closed', 'closed', 'yours'])
    await two.clear(name())
    expect(await ask(one)).toMatchObject({ kind: 'yours', failures: 0 })
    expect(await ask(two)).toMatchObject({ kind: 'yours', failures: 0 })
  })

  test('a person passes a circuit, not a Retry-After', async () => {
    await fail(opensAfter, 60_000)
    expect((await ask(two)).kind).toBe('closed')
    expect(await ask(two, { insists: true })).toMatchObject({ kind: 'yours', failures: opensAfter })
    await two.clear(name())
    await fail(1, 60_000)
    expect((await ask(two, { insists: true })).kind).toBe('closed')
  })

  test('a longer closure is not cut short by a later, shorter one, and failures count on', async () => {
    await fail(1, 60_000)
    await fail(2, 0)
    const turn = await ask(two)
    expect(turn).toMatchObject({ kind: 'closed', failures: 2 })
    expect(turn.waitMs).toBeGreaterThan(50_000)
  })

  test('clearing keeps the pace', async () => {
    await ask(one)
    await one.clear(name())
    expect((await ask(two)).waitMs).toBeGreaterThan(50)
  })
}
