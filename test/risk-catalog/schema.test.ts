import { expect, test } from 'vitest'
import { z } from 'zod'
import { Risk, WordGroup } from '../../risk-catalog/risk.ts'

test('the JSON schema that helps an editor of the catalogue is the one of the code (write it anew with `vitest -u`)', async () => {
  const schema = z.toJSONSchema(Risk, { io: 'input' })
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../risk-catalog/risk.schema.json',
  )
})

test('the JSON schema of the lexicon is the one of the code (write it anew with `vitest -u`)', async () => {
  const schema = z.toJSONSchema(z.array(WordGroup), { io: 'input' })
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../risk-catalog/word-groups.schema.json',
  )
})
