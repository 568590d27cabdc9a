/** A link that somebody came upon: fetched and kept at once; what cannot be fetched is entered by hand. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { ApiError, answer, api, asFailure, until } from '../../api.ts'
import { common, outcomeWord } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Button, LinkButton } from '../../parts/button.tsx'
import { Input, Select, Textarea } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Dialog } from '../../parts/overlay.tsx'
import { Told } from '../../parts/told.tsx'
import { k } from './keep-words.ts'

type Answer = InferResponseType<typeof api.mentions.keep.$post>
type Failed = Extract<Answer, { state: 'failed' }>
type Kept = Exclude<Answer, { state: 'failed' }>

export function KeepLink({ onClose }: { onClose: () => void }) {
  const [url, setUrl] = useState('')
  const [project, setProject] = useState('')
  const [note, setNote] = useState('')
  const [title, setTitle] = useState('')
  const [text, setText] = useState('')
  const [publishedAt, setPublishedAt] = useState('')
  const [isPasting, setPasting] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const [failed, setFailed] = useState<Failed>()
  const [kept, setKept] = useState<Kept>()
  const choices = useLoad('mention-choices', (abort) => answer(api.mentions.choices.$get({}, until(abort))))
  const projects = choices.now.state === 'ready' ? choices.now.data.projects : []
  const wrong = failure instanceof ApiError ? failure : undefined
  const errorOf = (field: string) => wrong?.field === field && wrong.message
  const isElsewhere =
    failure !== undefined && !['url', 'title', 'text', 'note', 'projectId'].includes(wrong?.field ?? '')

  const submit = async () => {
    if (busy) return
    setFailure(undefined)
    setFailed(undefined)
    setBusy(true)
    const json = {
      url: url.trim(),
      ...(note.trim() === '' ? {} : { note: note.trim() }),
      ...(project === '' ? {} : { projectId: Number(project) }),
      ...(isPasting ? { title: title.trim(), text: text.trim() } : {}),
      ...(isPasting && publishedAt !== '' ? { publishedAt: `${publishedAt}:00+08:00` } : {}),
    }
    try {
      const answered = await answer(api.mentions.keep.$post({ json }))
      if (answered.state === 'failed') {
        setFailed(answered)
        setPasting(true)
      } else setKept(answered)
    } catch (thrown) {
      setFailure(thrown)
    } finally {
      setBusy(false)
    }
  }
  const again = () => {
    setKept(undefined)
    setUrl('')
    setNote('')
    setTitle('')
    setText('')
    setPublishedAt('')
    setPasting(false)
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={k.keep}
      footer={
        kept ? (
          <>
            <Button onClick={again}>{k.another}</Button>
            {kept.mentionId === null ? (
              <Button kind="primary" onClick={onClose}>
                {common.close}
              </Button>
            ) : (
              <LinkButton kind="primary" href={`/mentions/${kept.mentionId}`} icon="chat">
                {k.openMention}
              </LinkButton>
            )}
          </>
        ) : (
          <>
            <Button onClick={onClose}>{common.cancel}</Button>
            <Button kind="primary" icon="check" busy={busy} disabled={url.trim() === ''} onClick={submit}>
              {k.submit}
            </Button>
          </>
        )
      }
    >
      {kept ? (
        <div class="stack stack-tight" role="status">
          <p class="line line-tight">
            <Icon name="check" size={14} />
            <b>{kept.state === 'kept' ? k.kept : kept.source ? k.knownFrom(kept.source) : k.known}</b>
          </p>
          <p>{kept.title}</p>
          {kept.mentionId === null && <p class="quiet">{k.nothingFound}</p>}
        </div>
      ) : (
        <form
          class="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void submit()
          }}
        >
          <p class="quiet small">{busy ? k.fetching : k.lead}</p>
          <Input
            label={k.address}
            required
            inputMode="url"
            placeholder="https://"
            value={url}
            onValue={setUrl}
            maxLength={2_000}
            error={errorOf('url')}
          />
          {failed && (
            <div role="alert" class="stack stack-tight">
              <p class="field-error">
                <Icon name="alert" size={14} /> {k.failed}：{outcomeWord[failed.outcome]}
              </p>
              <p class="small">
                <Told said={failed.told} />
              </p>
              <p class="small">{cureOf(failed.outcome)}</p>
            </div>
          )}
          {isPasting ? (
            <>
              <p class="quiet small">{k.pasteHint}</p>
              <Input
                label={k.title}
                required
                value={title}
                onValue={setTitle}
                maxLength={500}
                error={errorOf('title')}
              />
              <Textarea
                label={k.text}
                required
                rows={6}
                value={text}
                onValue={setText}
                error={errorOf('text')}
              />
              <Input
                label={k.publishedOn}
                hint={k.publishedHint}
                type="datetime-local"
                value={publishedAt}
                onValue={setPublishedAt}
              />
            </>
          ) : (
            <Button kind="quiet" icon="edit" onClick={() => setPasting(true)}>
              {k.paste}
            </Button>
          )}
          <Select
            label={k.project}
            hint={k.projectHint}
            value={project}
            onValue={setProject}
            options={[
              { value: '', label: k.noProject },
              ...projects.map(({ id, name }) => ({ value: String(id), label: name })),
            ]}
          />
          <Input
            label={k.note}
            hint={k.noteHint}
            value={note}
            onValue={setNote}
            maxLength={500}
            error={errorOf('note')}
          />
          {isElsewhere && (
            <p class="field-error" role="alert">
              <Icon name="alert" size={14} /> {asFailure(failure).message}
            </p>
          )}
        </form>
      )}
    </Dialog>
  )
}

const cureOf = (outcome: Failed['outcome']) =>
  Object.entries(k.cure).find(([name]) => name === outcome)?.[1] ?? ''
