import { z } from 'zod'
import { parsePath } from './json-path.ts'

/** One input of a source: the Sources page draws it, the server keeps its value in one JSON column. */
export type Field = PlainField | SecretField

interface Frame {
  name: string
  label: { zh: string; en: string }
  required?: boolean
  /** For `select`. */
  choices?: readonly { value: string; label: { zh: string; en: string } }[]
  hint?: { zh: string; en: string }
  placeholder?: string
  /** Rarely needed: folded away until it is asked for. */
  isAdvanced?: boolean
  /** Asked for only while the field of that name holds one of these. */
  when?: When
}

export interface When {
  field: string
  is: readonly string[]
}

interface PlainField extends Frame {
  kind:
    | 'url'
    | 'text'
    | 'number'
    | 'boolean'
    | 'select'
    | 'path'
    | 'mapping'
    | 'selector'
    | 'json-path'
    | 'lines'
}

/** Kept encrypted and never shown again. */
interface SecretField extends Frame {
  kind: 'secret'
  /**
   * Names of the fields that say who gets it: of an address its scheme, host and port, of any other field its value. When
   * they change, the secret is entered anew: nobody who may change a source can have its secret sent to a host of theirs.
   */
  sentTo: readonly string[]
}

// What several kinds ask for: each field beside its check, so that one thing is asked for and checked in one way.

export const webAddress = z.url({ protocol: /^https?$/ })

/** A file in the inbox, or an address in its place; a kind that has both says `eitherOr` where they do not fit. */
export const fileOrAddress = { path: z.string().max(1_000).default(''), url: webAddress.optional() }
export const eitherOr = 'name either a file or an address (填写文件或地址之一)'

const documents = { value: 'documents', label: { zh: '舆情原文', en: 'Documents' } }
const complaints = { value: 'complaints', label: { zh: '投诉', en: 'Complaints' } }
const readings = { value: 'readings', label: { zh: '经营指标', en: 'Readings' } }

/** What is written by people, for kinds that bring no figures. */
export const textsField: Field = {
  name: 'content',
  label: { zh: '内容', en: 'Content' },
  kind: 'select',
  required: true,
  choices: [documents, complaints],
}
export const textsOption = z.enum(['documents', 'complaints'])

export const contentField: Field = { ...textsField, choices: [documents, complaints, readings] }
export const contentOption = z.enum(['documents', 'complaints', 'readings'])

/** Documents are published by somebody; complaints and readings are the house's own. */
export const forDocuments: When = { field: 'content', is: ['documents'] }

export const mappingField: Field = {
  name: 'mapping',
  label: { zh: '列对应', en: 'Columns' },
  kind: 'mapping',
  hint: {
    zh: '不填则按表头自动识别；格式：title=主题,body=详情',
    en: 'Guessed from the headers when empty; title=Subject,body=Details',
  },
}
export const mappingOption = z.string().max(4_000).default('')

/** A key that an interface wants in a header. */
export const keyFields: readonly Field[] = [
  {
    name: 'header',
    label: { zh: '密钥请求头', en: 'Header of the key' },
    kind: 'text',
    hint: {
      zh: '接口需要密钥时填写，例如 X-Api-Key 或 Authorization',
      en: 'If the interface wants a key, for example X-Api-Key or Authorization',
    },
  },
  { name: 'key', label: { zh: '密钥', en: 'Key' }, kind: 'secret', sentTo: ['url'] },
]
export const keyOptions = {
  header: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,60}$/)
    .optional(),
  key: z.string().max(1_000).optional(),
}
export const keyHeaders = ({ header, key }: { header?: string | undefined; key?: string | undefined }) =>
  header && key ? { [header]: key } : {}

/** A place in JSON; empty is the whole. */
export const jsonPathOption = z
  .string()
  .trim()
  .max(300)
  .refine((text) => parsePath(text) !== undefined, 'not a path such as data.list or items[0].name')
  .default('')
