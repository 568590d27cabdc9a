import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** Keeps personal data: AES-256-GCM with a fresh nonce per value, and a keyed hash to recognise the same person without reading it. */
export interface Vault {
  encrypt(plain: string): Buffer
  /** @throws when the value was changed or belongs to another key */
  decrypt(sealed: Buffer): string
  /** The same text gives the same bytes; without the key nobody can test a guess. */
  personKey(normalised: string): Buffer
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
const FORMAT = 1

/** @param secret 32 bytes */
export function openVault(secret: Buffer): Vault {
  if (secret.length !== 32) throw new Error('the key for personal data must have 32 bytes')
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `weiyu ${purpose}`, 32))
  const sealing = derive('personal data')
  const hashing = derive('person key')
  return {
    encrypt(plain) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce)
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), body])
    },
    decrypt(sealed) {
      if (sealed[0] !== FORMAT) throw new Error('unknown format of encrypted personal data')
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
      const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', sealing, nonce)
      decipher.setAuthTag(tag)
      return Buffer.concat([
        decipher.update(sealed.subarray(1 + NONCE_BYTES + TAG_BYTES)),
        decipher.final(),
      ]).toString('utf8')
    },
    personKey: (normalised) => createHmac('sha256', hashing).update(normalised).digest(),
  }
}
