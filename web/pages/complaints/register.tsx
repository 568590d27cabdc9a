/** A complaint into the ledger in under a minute: the words first, everything that can be read from them is proposed. */
import type { InferRequestType, InferResponseType } from 'hono/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { ApiError, answer, api, asFailure, until } from '../../api.ts'
import { complaintChannelWord, complaintClassWord } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Chip, GradeBadge } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { Checkbox, Input, Select, Textarea } from '../../parts/field.tsx'
import { Page, Panel } from '../../parts/panel.tsx'
import { Loaded } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { asGrade, GradeProof, stateName, wordsIn } from './parts.tsx'
import { t } from './words.ts'

type Given = InferRequestType<typeof api.complaints.$post>['json']
type Preview = InferResponseType<typeof api.complaints.preview.$post>
type Choices = InferResponseType<typeof api.complaints.choices.$get>

export function Register() {
  const choices = useLoad('complaints choices', (abort) =>
    answer(api.complaints.choices.$get({}, until(abort))),
  )
  return (
    <Page title={t.register} back={{ href: '/complaints', label: t.title }}>
      <Loaded of={choices} what={t.register}>
        {(known) => <Form choices={known} />}
      </Loaded>
    </Page>
  )
}

const waitMs = 400

function usePreview(
  draft: InferRequestType<typeof api.complaints.preview.$post>['json'],
): Preview | undefined {
  const [preview, setPreview] = useState<Preview>()
  const key = JSON.stringify(draft)
  useEffect(() => {
    if (!draft.content?.trim()) {
      setPreview(undefined)
      return
    }
    const abort = new AbortController()
    const timer = setTimeout(() => {
      answer(api.complaints.preview.$post({ json: draft }, until(abort.signal))).then(setPreview, () => {
        // Proposals are a help: without them the form still works.
        if (!abort.signal.aborted) setPreview(undefined)
      })
    }, waitMs)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [key])
  return preview
}

const words = <Word extends string>(of: Readonly<Record<Word, string>>) =>
  (Object.keys(of) as Word[]).map((value) => ({ value, label: of[value] }))

function Form({ choices }: { choices: Choices }) {
  const { route } = useLocation()
  const form = useRef<HTMLFormElement>(null)
  const [content, setContent] = useState('')
  const [title, setTitle] = useState('')
  const [demand, setDemand] = useState('')
  const [answerGiven, setAnswerGiven] = useState('')
  const [channel, setChannel] = useState<Given['channel']>('phone')
  const [chosenClass, setClass] = useState<NonNullable<Given['class']> | ''>('')
  const [project, setProject] = useState('')
  const [company, setCompany] = useState('')
  const [building, setBuilding] = useState('')
  const [person, setPerson] = useState({ name: '', phone: '', unit: '' })
  const [households, setHouseholds] = useState('1')
  const [persons, setPersons] = useState('1')
  const [flags, setFlags] = useState({
    isEnquiry: false,
    isAnonymous: false,
    mayLitigate: false,
    mayReachMedia: false,
    isReputationAtStake: false,
    needsOtherDepartments: false,
  })
  const [failure, setFailure] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const count = (text: string) => Math.max(0, Number.parseInt(text, 10) || 0)
  const preview = usePreview({
    title,
    content,
    ...(project ? { projectId: Number(project) } : {}),
    ...(person.phone && !flags.isAnonymous ? { phone: person.phone } : {}),
    households: count(households),
    persons: count(persons),
  })
  const flag = (name: keyof typeof flags) => (on: boolean) => setFlags({ ...flags, [name]: on })
  const [only, ...otherCompanies] = choices.cityCompanies
  const meant = preview?.projects[0]

  const save = async () => {
    setBusy(true)
    setFailure(undefined)
    try {
      const cityCompanyId = company ? Number(company) : otherCompanies.length === 0 ? only?.id : undefined
      const stored = await answer(
        api.complaints.$post({
          json: {
            kind: flags.isEnquiry ? 'enquiry' : 'complaint',
            channel,
            content,
            ...(title ? { title } : {}),
            ...(chosenClass ? { class: chosenClass } : {}),
            ...(demand ? { demand } : {}),
            ...(answerGiven ? { firstAnswer: answerGiven } : {}),
            ...(project
              ? { projectId: Number(project) }
              : cityCompanyId === undefined
                ? {}
                : { cityCompanyId }),
            ...(building ? { building } : {}),
            isAnonymous: flags.isAnonymous,
            complainants: [person],
            households: count(households),
            persons: count(persons),
            mayLitigate: flags.mayLitigate,
            mayReachMedia: flags.mayReachMedia,
            isReputationAtStake: flags.isReputationAtStake,
            needsOtherDepartments: flags.needsOtherDepartments,
          },
        }),
      )
      toast.done(t.saved(stored.number))
      route(`/complaints/${stored.id}`)
    } catch (thrown) {
      setFailure(thrown)
    } finally {
      setBusy(false)
    }
  }
  const wrong = (field: string) => failure instanceof ApiError && failure.field === field && failure.message

  return (
    <div class="columns case-columns">
      <form
        ref={form}
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit()
        }}
      >
        <Panel>
          <fieldset class="case-group">
            <legend>{t.what}</legend>
            <Textarea
              label={t.content}
              hint={t.whatHint}
              required
              rows={6}
              maxLength={20_000}
              value={content}
              onValue={setContent}
              error={wrong('content')}
            />
            <div class="case-fields">
              <Input
                label={t.subject}
                placeholder={t.titleHint}
                maxLength={200}
                value={title}
                onValue={setTitle}
              />
              <Select
                label={t.class}
                value={chosenClass}
                onValue={setClass}
                options={[
                  {
                    value: '',
                    label: preview ? `${t.meant} ${complaintClassWord[preview.class]}` : t.choose,
                  },
                  ...words(complaintClassWord),
                ]}
              />
            </div>
            <Input label={t.demand} maxLength={2_000} value={demand} onValue={setDemand} />
            <Checkbox label={t.isEnquiry} checked={flags.isEnquiry} onChecked={flag('isEnquiry')} />
          </fieldset>
        </Panel>
        <Panel>
          <div class="stack">
            <fieldset class="case-group">
              <legend>{t.where}</legend>
              <div class="case-fields">
                <Select
                  label={t.project}
                  value={project}
                  onValue={setProject}
                  error={wrong('projectId')}
                  options={[
                    { value: '', label: t.choose },
                    ...choices.projects.map(({ id, name, city }) => ({
                      value: String(id),
                      label: `${name} · ${city}`,
                    })),
                  ]}
                />
                {project === '' && otherCompanies.length > 0 && (
                  <Select
                    label={t.company}
                    value={company}
                    onValue={setCompany}
                    options={[
                      { value: '', label: t.choose },
                      ...choices.cityCompanies.map(({ id, name }) => ({ value: String(id), label: name })),
                    ]}
                  />
                )}
                <Input label={t.building} value={building} onValue={setBuilding} />
              </div>
              {meant && String(meant.id) !== project && (
                <p class="line small">
                  {t.meant} {meant.name}
                  <Button small onClick={() => setProject(String(meant.id))}>
                    {t.use}
                  </Button>
                </p>
              )}
            </fieldset>
            <fieldset class="case-group">
              <legend>{t.who}</legend>
              {!flags.isAnonymous && (
                <div class="case-fields">
                  <Input
                    label={t.name}
                    autocomplete="off"
                    value={person.name}
                    onValue={(name) => setPerson({ ...person, name })}
                  />
                  <Input
                    label={t.phone}
                    inputMode="tel"
                    autocomplete="off"
                    value={person.phone}
                    onValue={(phone) => setPerson({ ...person, phone })}
                  />
                  <Input
                    label={t.unit}
                    autocomplete="off"
                    value={person.unit}
                    onValue={(unit) => setPerson({ ...person, unit })}
                  />
                </div>
              )}
              <div class="case-fields">
                <Input
                  label={t.households}
                  type="number"
                  min={0}
                  value={households}
                  onValue={setHouseholds}
                />
                <Input label={t.persons} type="number" min={0} value={persons} onValue={setPersons} />
                <Select
                  label={t.channel}
                  value={channel}
                  onValue={setChannel}
                  options={words(complaintChannelWord)}
                />
              </div>
              <Checkbox label={t.stayAnonymous} checked={flags.isAnonymous} onChecked={flag('isAnonymous')} />
            </fieldset>
            <fieldset class="case-group">
              <legend>{t.cues}</legend>
              <div class="case-fields">
                <Checkbox label={t.litigate} checked={flags.mayLitigate} onChecked={flag('mayLitigate')} />
                <Checkbox label={t.media} checked={flags.mayReachMedia} onChecked={flag('mayReachMedia')} />
                <Checkbox
                  label={t.stake}
                  checked={flags.isReputationAtStake}
                  onChecked={flag('isReputationAtStake')}
                />
                <Checkbox
                  label={t.otherDepartments}
                  checked={flags.needsOtherDepartments}
                  onChecked={flag('needsOtherDepartments')}
                />
              </div>
            </fieldset>
            <Input label={t.firstAnswer} maxLength={4_000} value={answerGiven} onValue={setAnswerGiven} />
          </div>
        </Panel>
        {failure !== undefined && (
          <p class="field-error" role="alert">
            {asFailure(failure).message}
          </p>
        )}
        <div>
          <Button kind="primary" type="submit" icon="check" busy={busy}>
            {t.saveCase}
          </Button>
        </div>
      </form>
      <Suggestions preview={preview} />
    </div>
  )
}

function Suggestions({ preview }: { preview: Preview | undefined }) {
  return (
    <Panel title={t.suggestions}>
      {preview === undefined ? (
        <p class="quiet">{t.suggestionsEmpty}</p>
      ) : (
        <div class="stack" aria-live="polite">
          <div class="stack-tight">
            <span class="line">
              {t.gradeToBe} <GradeBadge grade={asGrade(preview.grade.grade)} />
            </span>
            <GradeProof graded={preview.grade} />
          </div>
          {preview.risks.length > 0 && (
            <div class="stack-tight">
              <h3>{t.risk}</h3>
              {preview.risks.map(({ riskCode, terms }) => (
                <p key={riskCode} class="line">
                  <Chip>{riskCode}</Chip>
                  <span class="quiet small">{wordsIn(terms).join(' · ')}</span>
                </p>
              ))}
            </div>
          )}
          <Cases title={t.sameOnes} rows={preview.same} />
          <Cases title={t.samePerson} rows={preview.samePerson} />
        </div>
      )}
    </Panel>
  )
}

function Cases({ title, rows }: { title: string; rows: Preview['samePerson'] }) {
  if (rows.length === 0) return null
  return (
    <div class="stack-tight">
      <h3>
        {title} · {rows.length}
      </h3>
      <ul class="case-also">
        {rows.map((row) => (
          <li key={row.id}>
            <a href={`/complaints/${row.id}`} target="_blank" rel="noopener">
              {row.title}
            </a>
            <p class="line small quiet">
              {row.number} · {stateName(row.state)} · <RelativeTime at={row.receivedAt} />
            </p>
          </li>
        ))}
      </ul>
    </div>
  )
}
