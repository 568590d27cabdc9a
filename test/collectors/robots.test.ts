import { expect, test } from 'vitest'
import { parseRobots } from '../../collectors/robots.ts'

const allowed = (text: string, path: string) => parseRobots(text, 'weiyu').allows(path)

test.each([
  ['nothing is forbidden by an empty file', '', '/a', true],
  ['a prefix is forbidden with all below it', 'User-agent: *\nDisallow: /private', '/private/x', false],
  ['and nothing beside it', 'User-agent: *\nDisallow: /private', '/public', true],
  ['an empty Disallow forbids nothing', 'User-agent: *\nDisallow:', '/a', true],
  ['the longest rule wins', 'User-agent: *\nDisallow: /a\nAllow: /a/feed', '/a/feed.xml', true],
  ['whatever their order', 'User-agent: *\nAllow: /a/feed\nDisallow: /a', '/a/feed.xml', true],
  ['Allow wins a tie', 'User-agent: *\nDisallow: /a\nAllow: /a', '/a', true],
  ['a star stands for anything', 'User-agent: *\nDisallow: /*/edit', '/x/y/edit?z', false],
  ['a dollar is the end', 'User-agent: *\nDisallow: /*.pdf$', '/a.pdf', false],
  ['and only the end', 'User-agent: *\nDisallow: /*.pdf$', '/a.pdf?x=1', true],
  ['a whole pattern is the whole path', 'User-agent: *\nDisallow: /a$', '/ab', true],
  ['parts may not overlap', 'User-agent: *\nDisallow: /ab*b$', '/ab', true],
  ['a query counts', 'User-agent: *\nDisallow: /s?q=', '/s?q=1', false],
  [
    'our group counts instead of the common one',
    'User-agent: *\nDisallow: /\n\nUser-agent: Weiyu/2.0\nDisallow: /b',
    '/a',
    true,
  ],
  ['several agents share their rules', 'User-agent: other\nUser-agent: weiyu\nDisallow: /a', '/a', false],
  [
    'two groups of ours are one',
    'User-agent: weiyu\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: weiyu\nDisallow: /b',
    '/b',
    false,
  ],
  ['a longer name is somebody else', 'User-agent: weiyu-images\nDisallow: /', '/a', true],
  ['a blank line does not end a group', 'User-agent: weiyu\n\nUser-agent: *\nDisallow: /', '/a', false],
  ['Chinese and its escapes are the same', 'User-agent: *\nDisallow: /公告', '/%E5%85%AC%e5%91%8a/1', false],
  ['escapes of plain letters are the letters', 'User-agent: *\nDisallow: /%61bc', '/abc', false],
  ['comments, odd spacing and old line ends', 'user-AGENT : * # all\rDisallow : /a # b', '/a', false],
  ['a byte order mark of a decoder that left it', '\ufeffUser-agent: *\nDisallow: /a', '/a', false],
])('%s', (_, text, path, verdict) => {
  expect(allowed(text, path)).toBe(verdict)
})

test('the delay is that of our group', () => {
  expect(parseRobots('User-agent: *\nCrawl-delay: 2.5', 'weiyu').delayMs).toBe(2_500)
  expect(
    parseRobots('User-agent: *\nCrawl-delay: 9\nUser-agent: weiyu\nCrawl-delay: 1', 'weiyu').delayMs,
  ).toBe(1_000)
  expect(parseRobots('User-agent: *\nCrawl-delay: soon', 'weiyu').delayMs).toBe(0)
})

test('a hostile file costs neither memory nor time: agents times rules, and stars', () => {
  const agents = 'User-agent: x\n'.repeat(18_000)
  const rules = 'Allow: /\n'.repeat(27_000)
  const before = process.memoryUsage().heapUsed
  const many = parseRobots(`${agents}User-agent: weiyu\n${rules}Disallow: /last`, 'weiyu')
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6)
  // Beyond the rules that are kept.
  expect(many.allows('/last')).toBe(true)
  const stars = parseRobots(`User-agent: *\nDisallow: /${'*a'.repeat(100_000)}b`, 'weiyu')
  expect(stars.allows(`/${'a'.repeat(1_900)}`)).toBe(true)
})
