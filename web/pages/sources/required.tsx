/** For which risks and where a source is required, and the form that says so. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { answer, api, asFailure, until } from '../../api.ts'
import { common, say } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { Select } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Dialog } from '../../parts/overlay.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Loaded } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import { can } from '../../session.ts'
import type { OneSource } from './health.tsx'
import { h } from './health-words.ts'

type Targets = InferResponseType<typeof api.sources.targets.$get>

interface Requirement {
  riskCode: string | null
  cityCompanyId: number | null
  projectId: number | null
}

const keyOf = (one: Requirement) => `${one.riskCode ?? ''} ${one.cityCompanyId ?? ''} ${one.projectId ?? ''}`

export function Required({ source, onSaved }: { source: OneSource; onSaved: () => Promise<void> }) {
  const [open, setOpen] = useState(false)
  return (
    <Panel
      title={h.requiredFor}
      note={h.requiredHint}
      actions={
        can('source.manage') && (
          <Button small icon="edit" onClick={() => setOpen(true)}>
            {h.changeRequired}
          </Button>
        )
      }
    >
      {source.requirements.length === 0 ? (
        <p class="quiet">{h.notRequired}</p>
      ) : (
        <>
          <ul class="requirements">
            {source.requirements.map((one) => (
              <li key={keyOf(one)}>
                <span>
                  <b>{one.riskCode ?? h.everyRisk}</b> · {one.project ?? one.cityCompany ?? h.everywhere}
                </span>
              </li>
            ))}
          </ul>
          {source.isBlocked && (
            <p class="line small">
              <Icon name="alert" size={14} /> {h.blocked}
            </p>
          )}
        </>
      )}
      <Dialog open={open} onClose={() => setOpen(false)} title={h.requiredFor}>
        <Editor
          source={source}
          onClose={() => setOpen(false)}
          onSaved={async () => {
            setOpen(false)
            toast.done(h.requiredSaved)
            await onSaved()
          }}
        />
      </Dialog>
    </Panel>
  )
}

function Editor({
  source,
  onClose,
  onSaved,
}: {
  source: OneSource
  onClose: () => void
  onSaved: () => Promise<void>
}) {
  const targets = useLoad<Targets>('source-targets', (abort) =>
    answer(api.sources.targets.$get({}, until(abort))),
  )
  const [kept, setKept] = useState<readonly Requirement[]>(
    source.requirements.map(({ riskCode, cityCompanyId, projectId }) => ({
      riskCode,
      cityCompanyId,
      projectId,
    })),
  )
  const [risk, setRisk] = useState('')
  const [place, setPlace] = useState('')
  const [failure, setFailure] = useState<string>()
  const add = () => {
    const [kind, id] = place.split(' ')
    const one = {
      riskCode: risk === '' ? null : risk,
      cityCompanyId: kind === 'city' ? Number(id) : null,
      projectId: kind === 'project' ? Number(id) : null,
    }
    if (kept.some((other) => keyOf(other) === keyOf(one))) setFailure(h.alreadyRequired)
    else {
      setFailure(undefined)
      setKept([...kept, one])
    }
  }
  const save = async () => {
    try {
      await api.sources[':id'].requirements.$put({
        param: { id: String(source.id) },
        json: { requirements: [...kept] },
      })
      await onSaved()
    } catch (thrown) {
      setFailure(asFailure(thrown).message)
    }
  }
  return (
    <Loaded of={targets} what={h.requiredFor}>
      {({ risks, cities, projects }) => {
        const placeWord = (one: Requirement) =>
          projects.find((project) => project.id === one.projectId)?.name ??
          cities.find((city) => city.id === one.cityCompanyId)?.name ??
          h.everywhere
        const riskWord = ({ riskCode }: Requirement) => {
          const known = risks.find(({ code }) => code === riskCode)
          if (!known) return riskCode ?? h.everyRisk
          return `${known.code} ${say({ zh: known.nameZh, en: known.nameEn })}`
        }
        return (
          <div class="stack">
            <Select
              label={h.risk}
              value={risk}
              onValue={setRisk}
              options={[
                { value: '', label: h.everyRisk },
                ...risks.map((one) => ({
                  value: one.code,
                  label: `${one.code} ${say({ zh: one.nameZh, en: one.nameEn })}`,
                })),
              ]}
            />
            <Select
              label={h.where}
              value={place}
              onValue={setPlace}
              options={[
                { value: '', label: h.everywhere },
                ...cities.flatMap((city) => [
                  { value: `city ${city.id}`, label: city.name },
                  ...projects
                    .filter((project) => project.cityCompanyId === city.id)
                    .map((project) => ({ value: `project ${project.id}`, label: `　${project.name}` })),
                ]),
              ]}
            />
            <Button icon="plus" onClick={add}>
              {h.addRequired}
            </Button>
            <ul class="requirements">
              {kept.map((one) => (
                <li key={keyOf(one)}>
                  <span>
                    <b>{riskWord(one)}</b> · {placeWord(one)}
                  </span>
                  <IconButton
                    icon="close"
                    small
                    label={`${h.removeRequired} ${one.riskCode ?? h.everyRisk} ${placeWord(one)}`}
                    onClick={() => setKept(kept.filter((other) => other !== one))}
                  />
                </li>
              ))}
            </ul>
            {failure && (
              <p class="field-error" role="alert">
                <Icon name="alert" size={14} /> {failure}
              </p>
            )}
            <div class="page-actions">
              <Button onClick={onClose}>{common.cancel}</Button>
              <Button kind="primary" onClick={save}>
                {common.save}
              </Button>
            </div>
          </div>
        )
      }}
    </Loaded>
  )
}
