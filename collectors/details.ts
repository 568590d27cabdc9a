/**
 * What a run says of itself, as sentences with a code. A detail is stored as plain text, so that logs and old runs read by
 * themselves; its code and parameters are found again by the sentence. What has no sentence here stays as it was written.
 *
 *   said('http-status', { status: 403, address })   'HTTP 403 from https://…'
 *   told('HTTP 403 from https://…')                 [{ code: 'http-status', params: { status: '403', address: 'https://…' } }]
 */

/** A sentence that changes no longer finds the runs that were stored with the old one: add, rather than change. */
const sentences = {
  'http-status': 'HTTP {status} from {address}',
  'credentials-left':
    'HTTP {status} from {address}: a redirect led away from {origin}, and credentials are not carried on; give the final address',
  rsshub: '{reason}: RSSHub could not read the site behind this route (cookie missing, or refused)',
  'left-alone': '{host} is left alone until {time} UTC: {reason}',
  'left-alone-after': '{host} is left alone until {time} UTC after {count} failures in a row: {reason}',
  'leaves-alone': '{reason}; the host is left alone for {span}',

  'too-long': '{address} took too long',
  'too-slow': '{address} is too slow',
  'slow-lookup': '{host} is looked up too slowly',
  'no-answer': '{place} did not answer in time',
  'no-answer-within': 'not answered in {seconds} s',

  'robots-forbid': 'robots.txt forbids {address}',
  'robots-status': 'robots.txt answered {status}',
  'private-address': '{host} is a private or special address; open it in the settings if it is yours',
  'no-address': 'not an address',
  'no-web-address': 'only http and https are read, not {protocol}',

  'no-such-host': 'no such host: {host}',
  'certificate-untrusted':
    'the certificate of {host} is not trusted ({code}); a private authority is named in NODE_EXTRA_CA_CERTS',
  'certificate-unproven':
    '{place} shows a certificate that does not prove it ({code}); let it have one for its name, or, inside the house, choose encryption without check',
  'no-tls': '{place} speaks no TLS there; check port and encryption',
  'no-connection': '{place} takes no connection ({code}); check server and port',
  'connection-broke': '{place} broke the connection ({code})',
  'connection-ended': '{place} broke the connection',
  'connection-code': '{address}: {code}',
  'connection-failed': '{address}: the connection failed',
  'no-http': '{address} does not answer in HTTP',
  'proxy-refused': 'the proxy refused {host} (HTTP {status})',

  'over-bytes': 'more than {bytes} bytes',
  'over-ratio': 'decompresses to more than {ratio} times its size',
  'file-over-bytes': '{path} has more than {bytes} bytes',
  'file-bytes': 'the file has {bytes} bytes',

  'no-feed': 'this is not a {due}',
  'empty-answer': 'the answer is empty',
  'page-for-feed': 'an HTML page came where a {due} was due (sign-in, captcha or error page)',
  'no-json-feed': 'JSON, but not a JSON Feed',
  'no-json': 'the answer is not JSON',
  wall: '{wall} came where {due} was due',
  'page-gone': 'the page is gone: its address leads to the front page',
  'region-gone': 'the region is not on this page: it was rebuilt, or the selector is wrong',
  'no-text': 'there is no text to watch',
  'page-without-text': 'the page holds no text that could be read',
  'no-links': 'none of the {count} entries holds a link: check the link selector',
  'page-rebuilt': 'the page was rebuilt: the entry selector found {count} entries last time and none now',
  'nothing-selected': 'the entry selector finds nothing on this page',
  'articles-unread': '{count} of {all} articles could not be read: {reason}',
  'articles-empty': 'the article text selector found nothing in {count} articles',

  'file-gone': '{path} is not there',
  'file-outside': '{path} lies outside the folders that sources may read',
  'no-title-column-named':
    'no column for title or text among {columns}; name it under Columns, such as title=…',
  'no-title-column': 'no column for title or text among {columns}',
  'rows-unread-because': '{count} of {all} rows could not be read: {because}',
  'rows-unread': '{count} of {all} rows could not be read',

  'mail-sign-in':
    '{place} refuses the user {user}: check user and password; many services want a password made for programs (授权码) and IMAP switched on',
  'database-sign-in': '{place} refuses the user {user}: check user, password and its pg_hba.conf',
  settings: 'the settings need a change: {field}: {message}',
  crashed: 'the collector failed unexpectedly; see the log',
  // Last: what happened to one of several files.
  'of-file': '{path}: {reason}',
} as const

export type DetailCode = keyof typeof sentences

type NamesIn<Sentence> = Sentence extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never
type Params<Code extends DetailCode> = Readonly<Record<NamesIn<(typeof sentences)[Code]>, string | number>>

/** The sentence with its parameters, as it is stored. */
export function said<Code extends DetailCode>(code: Code, params: Params<Code>): string {
  const values: Readonly<Record<string, string | number>> = params
  return sentences[code].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]))
}

/** By its code; `other` has a `text` for which there is no sentence. */
export interface Sentence {
  code: DetailCode | 'other'
  params: Readonly<Record<string, string>>
}

/** One thing that a detail says: a sentence, then the one that it gives as its `{reason}`, and so on. */
export type Told = readonly Sentence[]

/** What the parameters look like, so that a sentence is not found in another one; of others: they hold no semicolon. */
const shapes: Readonly<Record<string, string>> = {
  status: '\\d{3}',
  address: '(?:https?:\\S+|\\(not an address\\))',
  origin: '\\S+',
  host: '[^\\s:]\\S*',
  time: '\\d\\d:\\d\\d',
  span: '\\d+ (?:s|min)',
  seconds: '[\\d.]+',
  bytes: '\\d+',
  ratio: '\\d+',
  count: '\\d+',
  all: '\\d+',
  code: '[A-Z][A-Z0-9_]+',
  reason: '.+?',
  because: '.+?',
  message: '.+?',
  columns: '.+?',
  protocol: '[a-z][a-z0-9+.-]*:',
}

const patterns = (Object.entries(sentences) as [DetailCode, string][]).map(([code, sentence]) => {
  const parts = sentence
    .split(/(\{\w+\})/)
    .map((part) =>
      part.startsWith('{')
        ? `(?<${part.slice(1, -1)}>${shapes[part.slice(1, -1)] ?? '[^;]+?'})`
        : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
  return { code, pattern: new RegExp(`^${parts.join('')}$`, 's') }
})

const BETWEEN = '; '
/** A sentence and the reason in it hold fewer semicolons. */
const MOST_PARTS = 6

/** The things that a stored detail says, in its order; none, nothing. Remarks of a run are joined by semicolons, which sentences hold too. */
export function told(detail: string | null): readonly Told[] {
  if (detail === null) return []
  const parts = detail.split(BETWEEN)
  const all: Told[] = []
  let rest: string[] = []
  const endRest = () => {
    if (rest.length > 0) all.push(other(rest.join(BETWEEN)))
    rest = []
  }
  for (let from = 0; from < parts.length; ) {
    const { to, found } = longest(parts, from)
    if (found) {
      endRest()
      all.push(found)
    } else rest.push(...parts.slice(from, to))
    from = to
  }
  endRest()
  return all
}

const other = (text: string): Told => [{ code: 'other', params: { text } }]

/** The longest run of parts that is one sentence. */
function longest(parts: readonly string[], from: number): { to: number; found?: Told } {
  for (let to = Math.min(parts.length, from + MOST_PARTS); to > from; to--) {
    const found = sentenceOf(parts.slice(from, to).join(BETWEEN))
    if (found) return { to, found }
  }
  return { to: from + 1 }
}

function sentenceOf(text: string): Told | undefined {
  for (const { code, pattern } of patterns) {
    const match = pattern.exec(text)
    if (!match) continue
    const { reason, ...params } = { ...match.groups }
    if (reason === undefined) return [{ code, params }]
    const inner = sentenceOf(reason)
    // Any text may hold a colon: that it is about a file is known by what follows.
    if (inner || code !== 'of-file') return [{ code, params }, ...(inner ?? other(reason))]
  }
  return undefined
}
