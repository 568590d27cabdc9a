import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import writeXlsxFile from 'write-excel-file/node'
import { CollectError } from '../../collectors/collector.ts'
import { readTables, tableLimits } from '../../collectors/tables.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

async function workbook(sheets: Record<string, (string | number | Date | null)[][]>): Promise<Uint8Array> {
  return writeXlsxFile(
    Object.entries(sheets).map(([sheet, rows]) => ({
      sheet,
      data: rows.map((row) =>
        row.map((value) =>
          value === null
            ? null
            : value instanceof Date
              ? { value, type: Date, format: 'yyyy-mm-dd' }
              : { value },
        ),
      ),
    })),
  ).toBuffer()
}

/** A stored or deflated archive of one sheet, as an attacker would write it. */
function archive(name: string, content: Buffer, hidden?: Buffer): Uint8Array {
  const packed = deflateRawSync(content)
  const head = (signature: number, size: number) => {
    const header = Buffer.alloc(size)
    header.writeUInt32LE(signature)
    return header
  }
  const local = head(0x04034b50, 30)
  local.writeUInt16LE(8, 8)
  local.writeUInt32LE(packed.length, 18)
  local.writeUInt32LE(content.length, 22)
  local.writeUInt16LE(name.length, 26)
  const body = Buffer.concat([local, Buffer.from(name), packed, hidden ?? Buffer.alloc(0)])
  const entry = head(0x02014b50, 46)
  entry.writeUInt16LE(8, 10)
  entry.writeUInt32LE(packed.length, 20)
  entry.writeUInt32LE(content.length, 24)
  entry.writeUInt16LE(name.length, 28)
  const end = head(0x06054b50, 22)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(46 + name.length, 12)
  end.writeUInt32LE(body.length, 16)
  return Buffer.concat([body, entry, Buffer.from(name), end])
}

describe('tables of a file', () => {
  test('a workbook gives its sheets with row numbers; a day stays a day', async () => {
    const file = await workbook({
      项目: [
        ['项目编码', '交付'],
        ['CA-01', new Date('2026-09-01T00:00:00Z')],
        [null, null],
        ['CA-02', 12],
      ],
    })
    expect(await readTables(file, 'x.xlsx')).toEqual([
      {
        name: '项目',
        header: ['项目编码', '交付'],
        rows: [
          { number: 2, cells: ['CA-01', '2026-09-01'] },
          { number: 4, cells: ['CA-02', '12'] },
        ],
      },
    ])
  })

  test('CSV with a byte-order mark, quotes, semicolons and GBK bytes comes out right', async () => {
    const marked = await readTables(bytes('\ufeff编码;名称\r\nA;"云汀府;一期"\r\n'), 'x.csv')
    expect(marked[0]).toMatchObject({
      header: ['编码', '名称'],
      rows: [{ number: 2, cells: ['A', '云汀府;一期'] }],
    })
    // 编码,名称,地址 / A,云汀府,杭州市西湖区文三路 in GBK
    const gbk = Uint8Array.from(
      Buffer.from(
        'b1e0c2eb2cc3fbb3c62cb5d8d6b70a412cd4c6cda1b8ae2cbabcd6ddcad0cef7bafec7f8cec4c8fdc2b70a',
        'hex',
      ),
    )
    expect((await readTables(gbk, 'x.csv'))[0]?.rows[0]?.cells).toEqual(['A', '云汀府', '杭州市西湖区文三路'])
  })

  test('JSON Lines with different keys are different tables; a broken line is named', async () => {
    const file = bytes('{"a":1,"b":["x","y"]}\n{"c":null}\n{"b":"z","a":2}\n')
    expect(await readTables(file, 'x.jsonl')).toEqual([
      {
        name: '',
        header: ['a', 'b'],
        rows: [
          { number: 1, cells: ['1', 'x、y'] },
          { number: 3, cells: ['2', 'z'] },
        ],
      },
      { name: '', header: ['c'], rows: [{ number: 2, cells: [''] }] },
    ])
    await expect(readTables(bytes('{"a":1}\nnope\n'), 'x.jsonl')).rejects.toThrow('line 2')
  })

  test('a zip bomb, a sheet that claims a huge area and a hidden entry are refused before they are read', async () => {
    const limits = { ...tableLimits, unpackedBytes: 100_000 }
    const outcome = (file: Uint8Array) =>
      readTables(file, 'x.xlsx', limits).then(
        () => 'read',
        (error: unknown) => (error instanceof CollectError ? error.outcome : error),
      )
    const name = 'xl/worksheets/sheet1.xml'
    expect(await outcome(archive('xl/media/a.xml', Buffer.alloc(1_000_000)))).toBe('too-large')
    expect(await outcome(archive(name, Buffer.from('<row r="1"><c r="XFD1048576"/></row>')))).toBe(
      'too-large',
    )
    expect(await outcome(archive(name, Buffer.from('<row/>'), Buffer.alloc(40)))).toBe('parse-error')
    expect(await outcome(Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0]))).toBe('parse-error')
    expect(await outcome(bytes('PK nonsense'))).toBe('parse-error')
  })
})
