import { expect, test } from 'vitest'
import {
  cleanedHeaders,
  isBarrier,
  prepareSnapshot,
  showsTitle,
  textOf,
} from '../../server/ingest/snapshot.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const page = (html: string, type = 'text/html; charset=utf-8') => ({
  headers: { 'content-type': type },
  bytes: bytes(html),
})

test('headers keep what tells of the page, and nothing that lets somebody in', () => {
  expect(
    cleanedHeaders({
      'Content-Type': 'text/html',
      'set-cookie': 'sid=1',
      'Set-Cookie2': 'sid=1',
      'x-csrf-token': 'a',
      'www-authenticate': 'Basic',
      'x-api-key': 'k',
      'x-amz-security-token': 's',
      'x-session': 's',
      etag: '"1"',
      server: 'nginx\u0000\r\n',
    }),
  ).toEqual({ 'content-type': 'text/html', etag: '"1"', server: 'nginx' })
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`x-${at}`, 'v'.repeat(9_000)]))
  const kept = Object.entries(cleanedHeaders(many))
  expect([kept.length, kept[0]?.[1].length]).toEqual([100, 2_000])
})

test('an address keeps no user and no password; an empty or endless page is not kept', () => {
  const answer = {
    url: 'https://me:word@news.example/1?id=2',
    status: 200,
    headers: {},
    fetchedAt: '2026-03-05T00:00:00Z',
  }
  expect(prepareSnapshot({ ...answer, bytes: bytes('x') })?.url).toBe('https://news.example/1?id=2')
  expect(prepareSnapshot({ ...answer, bytes: bytes('') })).toBeUndefined()
  expect(prepareSnapshot({ ...answer, bytes: new Uint8Array(8 * 1024 * 1024 + 1) })).toBeUndefined()
})

test('text is read in the encoding of the page; a picture has none', () => {
  const gbk = new Uint8Array([0x3c, 0x70, 0x3e, 0xcd, 0xa3, 0xb9, 0xa4])
  expect(textOf({ headers: { 'content-type': 'text/html; charset=gbk' }, bytes: gbk })).toBe('停工')
  expect(textOf(page('<p>一</p><script>x</script><p>二</p>'))).toBe('一\n二')
  expect(textOf(page('{"a":"<b>"}', 'application/json'))).toBe('{"a":"<b>"}')
  expect(textOf({ headers: { 'content-type': 'image/png' }, bytes: gbk })).toBeUndefined()
  expect(textOf({ headers: {}, bytes: bytes('<!doctype html><p>一') })).toBe('一')
})

test('a captcha is no page, an article about captchas is', () => {
  expect(isBarrier(page('<title>安全验证</title><p>请完成验证后继续访问'))).toBe(true)
  expect(isBarrier(page('<title>Just a moment...</title>'))).toBe(true)
  expect(isBarrier(page(`<title>业主登录需要安全验证</title><p>${'业主反映登录困难。'.repeat(100)}`))).toBe(
    false,
  )
  expect(isBarrier(page('<title>项目停工</title><p>业主反映'))).toBe(false)
})

test('whether the title stands on the page is told in letters, so that spaces and quotes do not matter', () => {
  const html = page('<h1>云湖湾 “二期” 外墙脱落</h1>')
  expect(showsTitle(html, '云湖湾“二期”外墙脱落')).toBe(true)
  expect(showsTitle(page('<p>该帖子已被删除'), '云湖湾“二期”外墙脱落')).toBe(false)
  expect(showsTitle(html, '快讯')).toBeNull()
  expect(
    showsTitle({ headers: { 'content-type': 'application/pdf' }, bytes: bytes('%PDF') }, '云湖湾外墙'),
  ).toBeNull()
})
