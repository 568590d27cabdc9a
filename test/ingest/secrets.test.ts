import { expect, test } from 'vitest'
import { collectors } from '../../collectors/index.ts'
import { openVault } from '../../server/access/vault.ts'
import {
  boundSecrets,
  keptSecrets,
  openSecrets,
  sealSecrets,
  storedSecrets,
} from '../../server/ingest/secrets.ts'

const vault = openVault(Buffer.alloc(32, 7))
const label = { zh: '', en: '' }
const kind = {
  fields: [
    { name: 'url', label, kind: 'url' },
    { name: 'password', label, kind: 'secret', sentTo: ['url'] },
  ],
} as const

test('a secret lies encrypted, comes back as it was, and other options stay readable', () => {
  const sealed = sealSecrets(vault, kind, { url: 'https://crm.example', password: '雨伞-42' })
  expect(sealed.url).toBe('https://crm.example')
  expect(JSON.stringify(sealed)).not.toContain('雨伞')
  expect(openSecrets(vault, kind, sealed)).toEqual({ url: 'https://crm.example', password: '雨伞-42' })
})

test('a secret that did not change keeps its bytes, so that the source keeps its place', () => {
  const before = sealSecrets(vault, kind, { password: 'a' })
  expect(sealSecrets(vault, kind, { password: 'a' }, before)).toEqual(before)
  expect(sealSecrets(vault, kind, { password: 'b' }, before)).not.toEqual(before)
  expect(sealSecrets(vault, kind, { password: '' }, before)).toEqual({ password: '' })
})

test('with another key a secret does not open, and what was never sealed stays as it is', () => {
  const sealed = sealSecrets(vault, kind, { password: 'a' })
  expect(() => openSecrets(openVault(Buffer.alloc(32, 8)), kind, sealed)).toThrow()
  expect(openSecrets(vault, kind, { password: 'plain' })).toEqual({ password: 'plain' })
  expect(openSecrets(vault, kind, null)).toEqual({})
})

test('a secret that a change leaves out stays, one that was emptied or given goes its own way', () => {
  const before = sealSecrets(vault, kind, { url: 'https://crm.example/a', password: 'a' })
  expect(storedSecrets(kind, before)).toEqual(['password'])
  expect(keptSecrets(vault, kind, before, { url: 'https://crm.example/b' })).toEqual({ password: 'a' })
  expect(keptSecrets(vault, kind, before, { password: '' })).toEqual({})
  expect(keptSecrets(vault, kind, before, { password: 'b' })).toEqual({})
  expect(keptSecrets(vault, kind, { url: 'https://crm.example/', password: '' }, {})).toEqual({})
})

test('a kept secret goes to the server it was entered for and to no other', () => {
  const bound = (from: string | undefined, to: string | undefined) =>
    boundSecrets(kind, ['password'], { url: to, password: 'a' }, { url: from, password: {} })
  for (const to of [
    'https://crm.example/other?page=2',
    'https://CRM.example:443/',
    'https://me@crm.example/',
  ])
    expect(bound('https://crm.example/api', to)).toMatchObject({ options: { password: 'a' } })
  for (const to of [
    'http://crm.example/api',
    'https://crm.example:8443/api',
    'https://crm.example.evil.example/api',
    'https://crm.example@evil.example/api',
    'https:\\\\evil.example/api',
  ])
    expect(bound('https://crm.example/api', to)).toEqual({ strayed: 'password' })
  // In two steps, with no address in between, neither.
  expect(bound('https://crm.example/api', undefined)).toEqual({ options: { url: undefined } })
  expect(bound(undefined, 'https://evil.example/')).toEqual({ strayed: 'password' })
  // One that was entered now belongs to the new address.
  expect(boundSecrets(kind, [], { url: 'https://b.example/', password: 'b' }, {})).toMatchObject({
    options: { password: 'b' },
  })
})

test('every secret of every kind names inputs that say who gets it', () => {
  const secrets = collectors.flatMap(({ kind, fields }) =>
    fields.flatMap((field) => (field.kind === 'secret' ? [{ of: kind, fields, sentTo: field.sentTo }] : [])),
  )
  expect(secrets.map(({ of }) => of).sort()).toEqual([
    'json-api',
    'mailbox',
    'readings',
    'rsshub',
    'sql',
    'weather',
  ])
  for (const { fields, sentTo } of secrets) {
    expect(sentTo.length).toBeGreaterThan(0)
    for (const name of sentTo) expect(fields.map((field) => field.name)).toContain(name)
    // An address or a server decides, not only what stands beside it.
    expect(
      fields.some(({ name, kind }) => sentTo.includes(name) && (kind === 'url' || name === 'host')),
    ).toBe(true)
  }
})
