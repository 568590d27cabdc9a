/**
 * A thread that answers what it is asked, one after the other, so that heavy reckoning keeps no page waiting. It is started
 * by the first question, and again by the next one when it broke; what it was asked until then fails.
 */
import { parentPort, Worker } from 'node:worker_threads'

export interface Thread<Ask, Answer> {
  /** @throws what the thread threw, and Error when the thread ended before it answered */
  ask(question: Ask): Promise<Answer>
  end(): Promise<void>
}

interface Question<Ask> {
  id: number
  ask: Ask
}

type Reply<Answer> = { id: number; answer: Answer } | { id: number; error: unknown }

interface Waiting<Answer> {
  done: (answer: Answer) => void
  fail: (error: unknown) => void
}

/** @param file a built file that calls `answerAsks` */
export function openThread<Ask, Answer>(file: URL): Thread<Ask, Answer> {
  let running: Worker | undefined
  let waiting = new Map<number, Waiting<Answer>>()
  let count = 0
  let isEnded = false

  const start = (): Worker => {
    const worker = new Worker(file)
    const mine = new Map<number, Waiting<Answer>>()
    waiting = mine
    const breakOff = (error: Error) => {
      if (running === worker) running = undefined
      for (const { fail } of mine.values()) fail(error)
      mine.clear()
    }
    worker.on('message', (reply: Reply<Answer>) => {
      const asker = mine.get(reply.id)
      mine.delete(reply.id)
      if ('answer' in reply) asker?.done(reply.answer)
      else asker?.fail(reply.error)
      if (mine.size === 0) worker.unref()
    })
    worker.on('error', breakOff)
    worker.on('exit', () => breakOff(new Error('the thread ended before it answered')))
    running = worker
    return worker
  }

  return {
    ask(question) {
      if (isEnded) return Promise.reject(new Error('the thread was ended'))
      const worker = running ?? start()
      const id = count++
      return new Promise((done, fail) => {
        waiting.set(id, { done, fail })
        // A process that waits for an answer does not end; one that asks nothing may.
        worker.ref()
        worker.postMessage({ id, ask: question } satisfies Question<Ask>)
      })
    },
    async end() {
      isEnded = true
      await running?.terminate()
    },
  }
}

/** The thread's side: answers every question with what the function gives, or with the error it throws. */
export function answerAsks<Ask, Answer>(answerTo: (ask: Ask) => Answer): void {
  const port = parentPort
  if (!port) throw new Error('this file is the inside of a thread')
  port.on('message', ({ id, ask }: Question<Ask>) => {
    let reply: Reply<Answer>
    try {
      reply = { id, answer: answerTo(ask) }
    } catch (error) {
      reply = { id, error }
    }
    port.postMessage(reply)
  })
}
