import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leavesOf, listAt, parsePath, parseTemplate, textAt, valuesAt } from '../../collectors/json-path.ts'

const at = (root: unknown, written: string) => valuesAt(root, parsePath(written) ?? [])
const data = {
  data: {
    list: [
      { id: 1, tags: ['渗水', '维权'] },
      { id: 2, 'a.b': '点' },
    ],
  },
  0: '零',
}

test('members, elements, the last one, every one, and names that hold a dot', () => {
  expect(at(data, 'data.list[*].id')).toEqual([1, 2])
  expect(at(data, '$.data.list[-1].id')).toEqual([2])
  expect(at(data, 'data.list[1]["a.b"]')).toEqual(['点'])
  expect(at(data, '[0]')).toEqual(['零'])
  expect(at([[1, 2], [3]], '[*][0]')).toEqual([1, 3])
  expect(at(data, '')).toEqual([data])
  expect(textAt(data, parsePath('data.list[0].tags') ?? [])).toBe('渗水\n维权')
  expect(listAt(data, parsePath('data.list') ?? [])).toHaveLength(2)
})

test('what is no path is told from a path that leads nowhere', () => {
  for (const wrong of ['a..b', 'a[', 'a[x]', '[*', '.', 'a b', 'a["x]'])
    expect(parsePath(wrong)).toBeUndefined()
  expect(at(data, 'data.nothing[3].at.all')).toEqual([])
})

test('no prototype, no function and no inherited member is reached', () => {
  for (const path of [
    '__proto__',
    'constructor',
    'constructor.constructor',
    'toString',
    'data.list.length',
    'data.list.map',
    '["__proto__"].x',
  ])
    expect(at(data, path)).toEqual([])
  expect(at(JSON.parse('{"__proto__":{"x":1}}'), '__proto__.x')).toEqual([1])
})

test('whatever is written, looking neither throws nor changes what is looked at', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ maxLength: 30 }), (value, written) => {
      const before = JSON.stringify(value)
      const path = parsePath(written)
      if (path) textAt(value, path)
      parseTemplate(written)?.(value)
      leavesOf(value)
      expect(JSON.stringify(value)).toBe(before)
    }),
    { numRuns: 300 },
  )
})

test('templates fill words with paths and encode what goes into an address', () => {
  expect(parseTemplate('"https://bbs.example/t/{id}?q={name}"')?.({ id: 7, name: '云 湖' })).toBe(
    'https://bbs.example/t/7?q=%E4%BA%91%20%E6%B9%96',
  )
  expect(parseTemplate('"sales"')?.({})).toBe('sales')
  expect(parseTemplate('"{a[}"')).toBeUndefined()
})
