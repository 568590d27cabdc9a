import { expect, test } from 'vitest'
import { readConfig } from '../server/config.ts'

test('a proxy is an http or https address with its list of exceptions; the error does not repeat the password', () => {
  expect(readConfig({}).fetchProxy).toBeUndefined()
  expect(
    readConfig({
      WEIYU_PROXY: 'http://ana:pw@proxy.example:3128',
      WEIYU_NO_PROXY: 'corp.example, 10.0.0.0/8',
    }),
  ).toMatchObject({
    fetchProxy: { url: 'http://ana:pw@proxy.example:3128', except: ['corp.example', '10.0.0.0/8'] },
  })
  for (const wrong of ['socks5://ana:pw@proxy.example', 'ana:pw@proxy'])
    expect(() => readConfig({ WEIYU_PROXY: wrong })).toThrow(/^WEIYU_PROXY: must be an address[^@]*$/)
})

test('a level of the log that there is not is named with those that there are', () => {
  expect(() => readConfig({ WEIYU_LOG: 'verbose' })).toThrow(
    /^WEIYU_LOG: must be debug, info, warn or error\./,
  )
  expect(readConfig({ WEIYU_LOG: 'info' }).port).toBe(3000)
})
