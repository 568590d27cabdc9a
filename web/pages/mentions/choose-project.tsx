/** Any project by a few characters of its name, and the name by which to know it from now on. */
import { useId, useMemo, useState } from 'preact/hooks'
import { answer, api, asFailure, until } from '../../api.ts'
import { common } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Button } from '../../parts/button.tsx'
import { Input } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Dialog } from '../../parts/overlay.tsx'
import { t } from './words.ts'

const shownAtOnce = 12

export function ChooseProject({
  title,
  alias: given,
  onChoose,
  onClose,
}: {
  title: string
  /** As the texts call it; undefined: nothing is taught here. */
  alias: string | undefined
  onChoose: (project: { id: number; name: string }, alias: string | undefined) => Promise<void>
  onClose: () => void
}) {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<number>()
  const [alias, setAlias] = useState(given ?? '')
  const [failure, setFailure] = useState<{ message: string; cure?: string | undefined }>()
  const [busy, setBusy] = useState(false)
  const group = useId()
  const choices = useLoad('mention-choices', (abort) => answer(api.mentions.choices.$get({}, until(abort))))
  const projects = choices.now.state === 'ready' ? choices.now.data.projects : []
  const wanted = text.trim().toLowerCase()
  const found = useMemo(
    () => projects.filter(({ name }) => name.toLowerCase().includes(wanted)),
    [projects, wanted],
  )
  const shown = found.slice(0, shownAtOnce)
  const project = shown.find(({ id }) => id === chosen) ?? (shown.length === 1 ? shown[0] : undefined)
  const submit = async () => {
    if (project === undefined) return
    setBusy(true)
    setFailure(undefined)
    try {
      await onChoose(project, alias.trim() === '' ? undefined : alias.trim())
      onClose()
    } catch (thrown) {
      setFailure(asFailure(thrown))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="primary" icon="link" busy={busy} disabled={project === undefined} onClick={submit}>
            {project === undefined ? t.attach : t.attachToNamed(project.name)}
          </Button>
        </>
      }
    >
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <Input
          label={t.findProject}
          type="search"
          value={text}
          onValue={setText}
          onEnter={() => void submit()}
        />
        <fieldset class="choose-list">
          <legend class="for-ears">{t.attachTo}</legend>
          {shown.length === 0 && <p class="quiet small">{t.noSuchProject}</p>}
          {shown.map(({ id, name }) => (
            <label key={id} class="choose-row">
              <input type="radio" name={group} checked={project?.id === id} onChange={() => setChosen(id)} />
              {name}
            </label>
          ))}
          {found.length > shown.length && (
            <p class="quiet small">{t.moreProjects(found.length - shown.length)}</p>
          )}
        </fieldset>
        {given !== undefined && (
          <Input label={t.alias} hint={t.aliasHint} value={alias} maxLength={50} onValue={setAlias} />
        )}
        {failure && (
          <p class="field-error" role="alert">
            <Icon name="alert" size={14} /> {failure.message}
            {failure.cure && <span class="quiet"> {failure.cure}</span>}
          </p>
        )}
      </form>
    </Dialog>
  )
}
