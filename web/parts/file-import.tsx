/** A file in, in two steps: first what it would do, then, on a second press, the change itself. */
import { useState } from 'preact/hooks'
import { asFailure } from '../api.ts'
import { ErrorState } from './states.tsx'

/**
 * `ask` sends the file: `look` is how it is asked as soon as one is chosen. `onReport` hears of every answer, also of the one
 * that says that it was stored.
 */
export function useFileImport<How, Report>({
  ask,
  look,
  onReport,
}: {
  ask: (file: File, how: How) => Promise<Report>
  look: How
  onReport: (report: Report) => void
}) {
  const [file, setFile] = useState<File>()
  const [report, setReport] = useState<Report>()
  const [failure, setFailure] = useState<unknown>()
  const [busy, setBusy] = useState(false)

  const send = async (chosen: File, how: How) => {
    setBusy(true)
    setFailure(undefined)
    try {
      const next = await ask(chosen, how)
      setReport(next)
      onReport(next)
    } catch (thrown) {
      setReport(undefined)
      setFailure(thrown)
    } finally {
      setBusy(false)
    }
  }
  return {
    /** Of the file that is chosen now; none while the first is awaited and after a failure. */
    report,
    failure,
    busy,
    choose: (chosen: File | undefined) => {
      setFile(chosen)
      setReport(undefined)
      setFailure(undefined)
      if (chosen) void send(chosen, look)
    },
    again: async (how: How) => {
      if (file) await send(file, how)
    },
  }
}

/** Where the file is chosen, and below it why it could not be read. */
export function FileChoice({
  label,
  accept,
  of: { busy, failure, choose },
}: {
  label: string
  /** Endings, as `.xlsx,.csv`. */
  accept: string
  of: Pick<ReturnType<typeof useFileImport>, 'busy' | 'failure' | 'choose'>
}) {
  return (
    <>
      <label class="stack-tight">
        <span>{label}</span>
        <input
          class="input"
          type="file"
          accept={accept}
          disabled={busy}
          onChange={(event) => choose(event.currentTarget.files?.[0])}
        />
      </label>
      {failure !== undefined && <ErrorState failure={failure} what={asFailure(failure).message} />}
    </>
  )
}
