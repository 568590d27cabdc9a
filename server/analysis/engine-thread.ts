// The inside of the engine's thread: a file of its own in the built server.
import { answerAsks } from '../lib/thread.ts'
import { createEngineRoom } from './engine.ts'

answerAsks(createEngineRoom())
