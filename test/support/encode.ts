/** A text in another encoding: the platform only decodes, so its tables are turned round. `undefined` when a letter is not in it. */
export function encode(text: string, encoding: string): Uint8Array | undefined {
  const table = tableOf(encoding)
  const bytes: number[] = []
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0
    const sequence = code < 0x80 ? [code] : table.get(letter)
    if (!sequence) return undefined
    bytes.push(...sequence)
  }
  return Uint8Array.from(bytes)
}

const tables = new Map<string, Map<string, readonly number[]>>()

function tableOf(encoding: string): Map<string, readonly number[]> {
  const known = tables.get(encoding)
  if (known) return known
  const table = new Map<string, readonly number[]>()
  const decoder = new TextDecoder(encoding)
  const add = (...sequence: number[]) => {
    const letter = decoder.decode(Uint8Array.from(sequence))
    if ([...letter].length === 1 && letter !== '\ufffd' && !table.has(letter)) table.set(letter, sequence)
  }
  for (let lead = 0x80; lead <= 0xff; lead++) {
    add(lead)
    for (let trail = 0x40; trail <= 0xfe; trail++) add(lead, trail)
  }
  tables.set(encoding, table)
  return table
}
