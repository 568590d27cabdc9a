/**
 * The steps of the pipeline, each of which reads what the step before stored; 'trials' stands beside them and compares
 * catalogues. A job only wakes a step: the work itself lies in the rows.
 */
export const stepNames = ['analysis', 'scoring', 'warnings', 'trials'] as const
export type Step = (typeof stepNames)[number]

/** The queue behind four verbs, so that it can be exchanged. */
export interface Jobs {
  /** Says that a step has work. Many wakes before it runs are one run. */
  wake(step: Step): Promise<void>
  /**
   * Collects a source soon; a source that already waits is not queued twice. `insists`: a person asks, so its host is read
   * even when it was to be left alone after failures.
   */
  collect(sourceId: number, insists?: boolean): Promise<void>
  /** Has a waiting call to the language model made soon, apart from the steps. */
  assist(callId: number): Promise<void>
  /** Tells open pages that something changed; `projectId` limits it to readers who may see that project. */
  announce(event: LiveEvent): Promise<void>
}

/** What a page hears: which topic to read again, never the content. */
export interface LiveEvent {
  topic: 'warning' | 'mention' | 'complaint' | 'source' | 'exposure' | 'assistant' | 'progress'
  /** Only readers with one of these projects in scope hear it; absent: everybody; empty: headquarters only. */
  projectIds?: readonly number[]
  /** For 'progress'. */
  progress?: { task: string; done: number; total: number; message?: string }
}
