/** A reason not to start that a person can mend: printed as one line, without a stack. */
export class StartError extends Error {
  constructor(what: string, cure: string) {
    super(`${what} ${cure}`)
    this.name = 'StartError'
  }
}
