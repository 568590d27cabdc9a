// robots.txt after RFC 9309: the group that names us, else the one for all; the longest matching rule wins, allow wins a
// tie. Example: with «Disallow: /a» and «Allow: /a/b*.xml$», /a/c is forbidden and /a/b/feed.xml is not.
// Our own reader, because the file is hostile too: only our group is kept (a file of many agents times many rules would
// not fit into memory), and a pattern costs one pass over the path, whatever its stars.

export interface RobotsRules {
  /** `target` is path and query. */
  allows(target: string): boolean
  /** Crawl-delay, which the RFC does not know and many sites mean; 0: none. */
  delayMs: number
}

/** At least the 500 KiB that the RFC asks for; what comes after is not read. */
export const robotsMaxBytes = 512 * 1024
/** Real files have hundreds; what comes after is not obeyed. */
const maxRules = 5_000
const maxTarget = 2_000

interface Rule {
  isAllowed: boolean
  /** In characters of the pattern: the measure of «most specific». */
  length: number
  /** The texts between the stars. */
  parts: readonly string[]
  /** Ends in $. */
  isWhole: boolean
}

interface Group {
  rules: Rule[]
  delayMs: number
}

/** `product`: our name in user-agent lines, without a version. */
export function parseRobots(text: string, product: string): RobotsRules {
  const ours: Group = { rules: [], delayMs: 0 }
  const everybody: Group = { rules: [], delayMs: 0 }
  let isNamed = false
  let reading: Group[] = []
  let isAgents = false
  for (const line of text.split(/\r\n?|\n/)) {
    const [, key = '', value = ''] = /^\s*([a-z-]+)\s*:\s*([^#]*)/i.exec(line) ?? []
    switch (key.toLowerCase()) {
      case 'user-agent': {
        if (!isAgents) reading = []
        isAgents = true
        const agent = value.trim().toLowerCase()
        if (agent === '*') reading.push(everybody)
        else if (/^[a-z_-]*/.exec(agent)?.[0] === product) {
          isNamed = true
          reading.push(ours)
        }
        break
      }
      case 'allow':
      case 'disallow': {
        isAgents = false
        const pattern = value.trim()
        // An empty Disallow forbids nothing.
        if (pattern === '') break
        const rule = compiled(pattern, key.toLowerCase() === 'allow')
        for (const group of reading) if (group.rules.length < maxRules) group.rules.push(rule)
        break
      }
      case 'crawl-delay': {
        isAgents = false
        const seconds = Number(value)
        if (seconds > 0) for (const group of reading) group.delayMs = seconds * 1_000
        break
      }
    }
  }
  const { rules, delayMs } = isNamed ? ours : everybody
  return { allows: (target) => allows(rules, normalised(target.slice(0, maxTarget))), delayMs }
}

function allows(rules: readonly Rule[], target: string): boolean {
  let best: Rule | undefined
  for (const rule of rules) {
    const isBetter =
      !best || rule.length > best.length || (rule.length === best.length && rule.isAllowed && !best.isAllowed)
    if (isBetter && matches(rule, target)) best = rule
  }
  return best?.isAllowed ?? true
}

function compiled(text: string, isAllowed: boolean): Rule {
  const pattern = normalised(text)
  const isWhole = pattern.endsWith('$')
  return {
    isAllowed,
    length: pattern.length,
    parts: (isWhole ? pattern.slice(0, -1) : pattern).split('*'),
    isWhole,
  }
}

/** The earliest place of each part in turn is enough: a later one never helps the parts after it. */
function matches({ parts, isWhole }: Rule, target: string): boolean {
  const [first = '', ...rest] = parts
  if (!target.startsWith(first)) return false
  const last = isWhole ? rest.pop() : undefined
  if (isWhole && last === undefined) return target === first
  let at = first.length
  for (const part of rest) {
    const found = target.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return last === undefined || (target.length - last.length >= at && target.endsWith(last))
}

/** One spelling for what is the same: bytes beyond ASCII in percent form, escapes of plain characters undone. */
function normalised(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[^\x21-\x7e]+/g, encodeURIComponent)
    .replace(/%[0-9a-f]{2}/gi, (coded) => {
      const plain = String.fromCharCode(Number.parseInt(coded.slice(1), 16))
      return /[\w.~-]/.test(plain) ? plain : coded.toUpperCase()
    })
}
