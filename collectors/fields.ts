/** One input of a source: the Sources page draws it, the server keeps its value in one JSON column. */
export interface Field {
  name: string
  label: { zh: string; en: string }
  kind:
    | 'url'
    | 'text'
    | 'number'
    | 'boolean'
    | 'select'
    | 'path'
    | 'secret'
    | 'mapping'
    | 'selector'
    | 'json-path'
    | 'lines'
  required?: boolean
  /** For `select`. */
  choices?: readonly { value: string; label: { zh: string; en: string } }[]
  hint?: { zh: string; en: string }
  placeholder?: string
  /** Rarely needed: folded away until it is asked for. */
  isAdvanced?: boolean
  /** Asked for only while the field of that name holds one of these. */
  when?: { field: string; is: readonly string[] }
}
