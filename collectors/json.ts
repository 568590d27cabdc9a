// A JSON answer, told from what came in its place.
import { looksBlocked } from './blocked.ts'
import { CollectError, type Fetched } from './collector.ts'
import { decode } from './decode.ts'
import { said } from './details.ts'

/** @throws CollectError `blocked` for a page where JSON was due, `parse-error` for anything else that is none */
export function jsonOf({ bytes, headers }: Pick<Fetched, 'bytes' | 'headers'>): unknown {
  const { text } = decode(bytes, headers['content-type'])
  // Some interfaces answer as a script call: name({…}).
  const bare = /^\s*[\w$.]{1,60}\(([\s\S]*)\);?\s*$/.exec(text)?.[1] ?? text.replace(/^\ufeff/, '')
  try {
    return JSON.parse(bare)
  } catch {
    if (/^\s*</.test(text)) {
      const wall = looksBlocked(text) ?? 'an HTML page'
      throw new CollectError('blocked', said('wall', { wall, due: 'JSON' }))
    }
    throw new CollectError('parse-error', text.trim() === '' ? said('empty-answer', {}) : said('no-json', {}))
  }
}
