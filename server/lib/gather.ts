/**
 * One call for many: what is asked while a call is under way waits, and goes with all that came meanwhile in the next. For
 * work whose cost lies in the way to the database, be it for one or for a hundred. Nobody waits for company: a lone asker
 * goes at once. When a call for several fails each is asked alone, so that a mistake meets only its own; the work must
 * therefore be all or nothing.
 * @param work gives as many answers as it got questions, in their order
 * @param most questions, or weight of questions, of one call
 * @param atOnce calls under way at the same time
 * @param key of what a call may hold once; the next with the same key waits for the next call
 */
export function gather<Question, Answer>(
  work: (questions: readonly Question[]) => Promise<readonly Answer[]>,
  {
    most = 100,
    weigh = () => 1,
    atOnce = 1,
    key,
  }: {
    most?: number
    weigh?: (question: Question) => number
    atOnce?: number
    key?: (question: Question) => unknown
  } = {},
): (question: Question) => Promise<Answer> {
  interface Waiting {
    question: Question
    answer: (answer: Answer) => void
    fail: (error: unknown) => void
  }
  const waiting: Waiting[] = []
  let underWay = 0

  const ask = async (asked: readonly Waiting[]): Promise<void> => {
    try {
      const answers = await work(asked.map(({ question }) => question))
      if (answers.length !== asked.length)
        throw new Error(`${asked.length} questions got ${answers.length} answers`)
      for (const [at, answer] of answers.entries()) asked[at]?.answer(answer)
    } catch (error) {
      if (asked.length === 1) asked[0]?.fail(error)
      else for (const one of asked) await ask([one])
    }
  }
  const nextCall = (): Waiting[] => {
    const call: Waiting[] = []
    const later: Waiting[] = []
    const keys = new Set<unknown>()
    let weight = 0
    let isFull = false
    for (const one of waiting.splice(0)) {
      const itsKey = key?.(one.question)
      weight += isFull ? 0 : weigh(one.question)
      isFull ||= call.length > 0 && weight > most
      if (isFull || (key && keys.has(itsKey))) later.push(one)
      else {
        call.push(one)
        keys.add(itsKey)
      }
    }
    waiting.push(...later)
    return call
  }
  const goOn = async (): Promise<void> => {
    if (underWay >= atOnce) return
    underWay += 1
    while (waiting.length > 0) await ask(nextCall())
    underWay -= 1
  }
  return (question) =>
    new Promise((answer, fail) => {
      waiting.push({ question, answer, fail })
      void goOn()
    })
}
