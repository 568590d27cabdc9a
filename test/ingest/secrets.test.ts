import { expect, test } from 'vitest'
import { openVault } from '../../server/access/vault.ts'
import { openSecrets, sealSecrets } from '../../server/ingest/secrets.ts'

const vault = openVault(Buffer.alloc(32, 7))
const label = { zh: '', en: '' }
const kind = {
  fields: [
    { name: 'url', label, kind: 'url' },
    { name: 'password', label, kind: 'secret' },
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
