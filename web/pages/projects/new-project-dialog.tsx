/** One project by hand; its name may come from a text that named it first. What is left out is added on its own page. */
import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { ApiError, answer, api, asFailure, until } from '../../api.ts'
import { common, phaseWord } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Button } from '../../parts/button.tsx'
import { Input, Select } from '../../parts/field.tsx'
import { Dialog } from '../../parts/overlay.tsx'
import { toast } from '../../parts/toast.tsx'
import { t } from './words.ts'

const stages = ['PS', 'LA', 'SA', 'DE', 'PO'] as const

export function NewProjectDialog({ name: given, onClose }: { name: string; onClose: () => void }) {
  const { route } = useLocation()
  const [name, setName] = useState(given)
  const [code, setCode] = useState('')
  const [company, setCompany] = useState('')
  const [city, setCity] = useState('')
  const [district, setDistrict] = useState('')
  const [stage, setStage] = useState<(typeof stages)[number]>('SA')
  const [failure, setFailure] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const companies = useLoad('city-companies', (abort) =>
    answer(api.projects['city-companies'].$get({}, until(abort))),
  )
  const known = companies.now.state === 'ready' ? companies.now.data.rows : []
  const wrong = failure instanceof ApiError ? failure.field : undefined
  const errorOf = (field: string) => wrong === field && asFailure(failure).message
  const isWhole = name.trim().length >= 2 && code.trim() !== '' && company !== '' && city.trim() !== ''
  const submit = async () => {
    if (!isWhole) return
    setBusy(true)
    setFailure(undefined)
    try {
      const json = { name, code, cityCompanyId: Number(company), city, district, stage }
      const { id, isRereading } = await answer(api.projects.$post({ json }))
      toast.done(isRereading ? `${t.done} · ${t.rereading}` : t.done)
      route(`/projects/${id}`)
    } catch (thrown) {
      setFailure(thrown)
      if (!(thrown instanceof ApiError) || thrown.field === undefined) toast.failure(asFailure(thrown))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={t.newProject}
      footer={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="primary" busy={busy} disabled={!isWhole} onClick={submit}>
            {common.save}
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
          label={t.newName}
          required
          value={name}
          maxLength={60}
          error={errorOf('name')}
          onValue={setName}
        />
        <Input
          label={t.code}
          required
          value={code}
          maxLength={30}
          error={errorOf('code')}
          onValue={setCode}
        />
        <Select
          label={t.company}
          required
          value={company}
          error={errorOf('cityCompanyId')}
          onValue={(id) => {
            setCompany(id)
            setCity(known.find((one) => String(one.id) === id)?.city ?? city)
          }}
          options={[
            { value: '', label: t.chooseCompany },
            ...known.map((one) => ({ value: String(one.id), label: one.name })),
          ]}
        />
        <Input
          label={t.city}
          required
          value={city}
          maxLength={20}
          error={errorOf('city')}
          onValue={setCity}
        />
        <Input
          label={t.district}
          value={district}
          maxLength={30}
          error={errorOf('district')}
          onValue={setDistrict}
        />
        <Select
          label={t.stage}
          value={stage}
          onValue={setStage}
          options={stages.map((value) => ({ value, label: phaseWord[value] }))}
        />
      </form>
    </Dialog>
  )
}
