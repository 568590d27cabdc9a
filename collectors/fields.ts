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
  when?: { field: string; is: readonly string[] }
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
