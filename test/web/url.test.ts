import { expect, test } from 'vitest'
import { matchPath } from '../../web/page.ts'
import { readQuery, writeQuery } from '../../web/url.ts'

test('a patch sets, repeats and removes names, and leaves the others', () => {
  const url = '/warnings?state=open&level=I&q=漏水'
  expect(readQuery(writeQuery(url, { level: ['I', 'II'] })).getAll('level')).toEqual(['I', 'II'])
  expect(writeQuery(url, { level: null, q: '' })).toBe('/warnings?state=open')
  expect(writeQuery('/warnings', { page: 2, mine: true, all: false })).toBe('/warnings?mine=true&page=2')
  expect(writeQuery('/warnings?page=2', { page: undefined })).toBe('/warnings')
})

test('one view has one address, whatever the order of the clicks', () => {
  const there = writeQuery(writeQuery('/mentions', { q: '漏水' }), { level: 'I' })
  const back = writeQuery(writeQuery('/mentions', { level: 'I' }), { q: '漏水' })
  expect(there).toBe(back)
})

test('Chinese words survive the address', () => {
  expect(readQuery(writeQuery('/mentions', { q: '停工 & 维权?' })).get('q')).toBe('停工 & 维权?')
  expect(readQuery('/a#b?c=1').get('c')).toBe('1')
})

test('a path gives its named parts, or does not fit', () => {
  expect(matchPath('/warnings/:id', '/warnings/42')).toEqual({ id: '42' })
  expect(matchPath('/projects/:name', '/projects/%E6%98%A5')).toEqual({ name: '春' })
  expect(matchPath('/warnings/:id', '/warnings')).toBeNull()
  expect(matchPath('/warnings', '/warnings/42')).toBeNull()
  expect(matchPath('/projects/:name', '/projects/%E6%98')).toBeNull()
})
