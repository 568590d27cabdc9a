/**
 * The analyser as the step uses it: many texts at once, in a thread of its own where there is one. Reading five hundred
 * letters takes a tenth of a second and making the analyser of five thousand projects one: a page must not wait for either.
 */
import { type AnalyserDocument, type AnalyserInput, type Analysis, createAnalyser } from './analyser.ts'

export interface EngineText extends AnalyserDocument {
  /** Wanted even when it is no mention. */
  isWanted: boolean
}

export interface Engine {
  /** Of the analyser; see `Analyser`. */
  version: string
  catalogVersion: string
  /** One answer a text; none for a text that is neither a mention nor wanted. */
  read(texts: readonly EngineText[]): Promise<readonly (Analysis | undefined)[]>
}

export interface Engines {
  /** An engine stays good when another is opened, but going to and fro makes the analyser anew each time. */
  open(input: AnalyserInput): Promise<Engine>
  close(): Promise<void>
}

/** What is asked of the place where the analyser is. Engines have numbers; it holds the one that was opened last. */
export type EngineAsk =
  | { open: number; input: AnalyserInput }
  | { read: number; texts: readonly EngineText[] }

export type EngineAnswer =
  | { version: string; catalogVersion: string }
  | { read: readonly (Analysis | undefined)[] }
  /** It does not hold this engine (any more). */
  | 'unknown'

/** The place where the analyser is. */
export function createEngineRoom(): (ask: EngineAsk) => EngineAnswer {
  let held: { id: number; analyser: ReturnType<typeof createAnalyser> } | undefined
  return (ask) => {
    if ('open' in ask) {
      const analyser = createAnalyser(ask.input)
      held = { id: ask.open, analyser }
      return { version: analyser.version, catalogVersion: analyser.catalogVersion }
    }
    if (held?.id !== ask.read) return 'unknown'
    const { analyser } = held
    return {
      read: ask.texts.map(({ isWanted, ...text }) =>
        isWanted ? analyser.analyse(text) : analyser.analyseMention(text),
      ),
    }
  }
}

/** @param ask the way to the room, in a thread; without it the room is here */
export function createEngines(
  way: { ask(ask: EngineAsk): Promise<EngineAnswer>; end(): Promise<void> } = here(),
): Engines {
  let count = 0
  return {
    async open(input) {
      const id = count++
      const open = async () => {
        const opened = await way.ask({ open: id, input })
        if (opened === 'unknown' || 'read' in opened)
          throw new Error('an engine was opened and did not say which')
        return opened
      }
      const opened = await open()
      return {
        ...opened,
        async read(texts) {
          for (;;) {
            const answer = await way.ask({ read: id, texts })
            if (answer !== 'unknown' && 'read' in answer) return answer.read
            await open()
          }
        },
      }
    },
    close: () => way.end(),
  }
}

function here() {
  const room = createEngineRoom()
  return { ask: async (ask: EngineAsk) => room(ask), end: async () => {} }
}
