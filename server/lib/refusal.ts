/**
 * A request that cannot be answered as asked. `code` is a closed word the pages translate; `detail` carries what a
 * person needs to mend it (field, row, cure) and never a secret.
 */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 422 | 423 | 429
  readonly code: string
  readonly detail: Readonly<Record<string, unknown>>
  constructor(status: Refusal['status'], code: string, detail: Readonly<Record<string, unknown>> = {}) {
    super(code)
    this.name = 'Refusal'
    this.status = status
    this.code = code
    this.detail = detail
  }
}
