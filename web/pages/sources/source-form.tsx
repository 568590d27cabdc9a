/** The form of a source, drawn from the fields that its kind declares; «try» reads once and stores nothing. */

import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { ApiError, answer, api, asFailure } from '../../api.ts'
import { formatNumber } from '../../format.ts'
import { common, language, outcomeWord, say } from '../../labels.ts'
import { Button } from '../../parts/button.tsx'
import { Checkbox, Input, Select, Textarea } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { ErrorState, Loading } from '../../parts/states.tsx'
import { ExactTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { t } from './words.ts'

export type Kinds = InferResponseType<typeof api.sources.kinds.$get>
type Kind = Kinds['kinds'][number]
type Field = Kind['fields'][number]
type Trial = InferResponseType<typeof api.sources.try.$post>

/** What a form holds while it is typed: text, until the server has checked it. */
type Typed = Readonly<Record<string, string>>

export interface Editable {
  id: number
  kind: string
  name: string
  schedule: string
  publisherId: number | null
  isAggregator: boolean
  options: Readonly<Record<string, unknown>>
}

export function SourceForm({
  known,
  source,
  onSaved,
}: {
  known: Kinds
  source?: Editable
  onSaved: (id: number) => void
}) {
  const [kindName, setKind] = useState(source?.kind ?? known.kinds[0]?.kind ?? '')
  const kind = known.kinds.find((one) => one.kind === kindName)
  const [name, setName] = useState(source?.name ?? '')
  const [schedule, setSchedule] = useState(source?.schedule ?? '')
  const [publisher, setPublisher] = useState(source?.publisherId?.toString() ?? '')
  const [isAggregator, setAggregator] = useState(source?.isAggregator ?? false)
  const [typed, setTyped] = useState<Typed>(asTyped(source?.options ?? {}))
  const [failure, setFailure] = useState<unknown>()
  const [saving, setSaving] = useState(false)
  const [trial, setTrial] = useState<Trial | 'running' | { failure: unknown }>()
  if (kind === undefined) return null

  const options = asOptions(kind, typed)
  const wrong = failure instanceof ApiError ? failure : undefined
  const errorOf = (field: string) => wrong?.field === field && wrong.message
  const isElsewhere = failure !== undefined && !(wrong?.field && isShown(kind, wrong.field))

  const save = async () => {
    setFailure(undefined)
    setSaving(true)
    const json = {
      name,
      options,
      publisherId: publisher === '' ? null : Number(publisher),
      isAggregator,
      ...(schedule.trim() === '' ? {} : { schedule }),
    }
    try {
      if (source) {
        await api.sources[':id'].$put({ param: { id: String(source.id) }, json })
        toast.done(t.saved)
        onSaved(source.id)
      } else {
        const { id } = await answer(api.sources.$post({ json: { ...json, kind: kind.kind } }))
        onSaved(id)
      }
    } catch (thrown) {
      setFailure(thrown)
    } finally {
      setSaving(false)
    }
  }
  const tryOnce = async () => {
    setFailure(undefined)
    setTrial('running')
    try {
      setTrial(await answer(api.sources.try.$post({ json: { kind: kind.kind, options } })))
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.field) {
        setFailure(thrown)
        setTrial(undefined)
      } else setTrial({ failure: thrown })
    }
  }

  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      {!source && (
        <Select
          label={t.kind}
          value={kindName}
          onValue={(value) => {
            setKind(value)
            setTyped({})
            setTrial(undefined)
          }}
          options={known.kinds.map((one) => ({ value: one.kind, label: say(one.label) }))}
        />
      )}
      <Input label={t.name} required value={name} onValue={setName} maxLength={100} error={errorOf('name')} />
      {kind.fields.map((field) => (
        <OptionField
          key={field.name}
          field={field}
          value={typed[field.name] ?? field.choices?.[0]?.value ?? ''}
          onValue={(value) => setTyped({ ...typed, [field.name]: value })}
          error={errorOf(`options.${field.name}`)}
        />
      ))}
      <Select
        label={t.publisher}
        hint={t.publisherHint}
        value={publisher}
        onValue={setPublisher}
        options={[
          { value: '', label: t.publisherNone },
          ...known.publishers.map((one) => ({ value: String(one.id), label: one.name })),
        ]}
      />
      <Checkbox label={t.aggregator} checked={isAggregator} onChecked={setAggregator} />
      <Input
        label={t.schedule}
        hint={t.scheduleHint}
        placeholder={kind.schedule}
        value={schedule}
        onValue={setSchedule}
        error={errorOf('schedule')}
      />
      {isElsewhere && (
        <p class="field-error" role="alert">
          <Icon name="alert" size={14} /> {asFailure(failure).message}
        </p>
      )}
      <div class="page-actions">
        <Button icon="eye" onClick={tryOnce} title={t.tryHint}>
          {t.try}
        </Button>
        <Button kind="primary" type="submit" busy={saving}>
          {common.save}
        </Button>
      </div>
      {trial !== undefined && <TrialResult trial={trial} onRetry={tryOnce} />}
    </form>
  )
}

function OptionField({
  field,
  value,
  onValue,
  error,
}: {
  field: Field
  value: string
  onValue: (value: string) => void
  error: string | false | undefined
}) {
  const frame = {
    label: say(field.label),
    hint: field.hint && say(field.hint),
    required: field.required ?? false,
    error,
  }
  switch (field.kind) {
    case 'select':
      return (
        <Select
          {...frame}
          value={value}
          onValue={onValue}
          options={(field.choices ?? []).map((choice) => ({ value: choice.value, label: say(choice.label) }))}
        />
      )
    case 'boolean':
      return (
        <Checkbox
          label={frame.label}
          hint={frame.hint}
          checked={value === 'true'}
          onChecked={(on) => onValue(String(on))}
        />
      )
    case 'mapping':
      return <Textarea {...frame} value={value} onValue={onValue} rows={2} />
    case 'url':
    case 'text':
    case 'path':
    case 'number':
    case 'secret':
      return (
        <Input
          {...frame}
          type={field.kind === 'number' ? 'number' : field.kind === 'secret' ? 'password' : 'text'}
          {...(field.kind === 'url' ? { inputMode: 'url' as const } : {})}
          {...(field.kind === 'secret' ? { autocomplete: 'new-password' } : {})}
          {...(field.placeholder === undefined ? {} : { placeholder: field.placeholder })}
          value={value}
          onValue={onValue}
        />
      )
  }
}

function TrialResult({
  trial,
  onRetry,
}: {
  trial: Trial | 'running' | { failure: unknown }
  onRetry: () => Promise<void>
}) {
  if (trial === 'running') return <Loading lines={4} />
  if ('failure' in trial) return <ErrorState failure={trial.failure} what={t.try} onRetry={onRetry} />
  const number = (n: number) => formatNumber(n, language.value)
  return (
    <section class="stack" aria-label={t.try}>
      <p role="status">
        <b>{outcomeWord[trial.outcome]}</b>
        {trial.detail && <span class="quiet"> · {trial.detail}</span>}
        {trial.items.length > 0 && ` · ${t.tryItems(number(trial.items.length))}`}
        {trial.complaints.length > 0 && ` · ${t.tryComplaints(number(trial.complaints.length))}`}
      </p>
      <ul class="stack">
        {trial.items.map((item) => (
          <li key={`${item.url} ${item.title}`}>
            <p>{item.title}</p>
            <p class="quiet small">
              <ExactTime at={item.publishedAt} />
              {t.datingWord[item.dating] && ` · ${t.datingWord[item.dating]}`}
              {item.excerpt && ` · ${item.excerpt.slice(0, 80)}`}
            </p>
          </li>
        ))}
        {trial.complaints.map((row) => (
          <li key={row.place}>
            <p class="quiet small">{row.place}</p>
            <p>
              {Object.entries(row.fields)
                .map(([field, value]) => `${field}: ${value.slice(0, 40)}`)
                .join(' · ')}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

const isShown = (kind: Kind, field: string) =>
  field === 'name' || field === 'schedule' || kind.fields.some((one) => field === `options.${one.name}`)

const asTyped = (options: Readonly<Record<string, unknown>>): Typed =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, value === null ? '' : String(value)]),
  )

/** An empty input is an absent option, so that the kind's default holds. */
function asOptions(kind: Kind, typed: Typed): Record<string, unknown> {
  const entries = kind.fields.flatMap((field): [string, unknown][] => {
    const value = typed[field.name] ?? field.choices?.[0]?.value ?? ''
    if (field.kind === 'boolean') return [[field.name, value === 'true']]
    if (value.trim() === '') return []
    return [[field.name, field.kind === 'number' ? Number(value) : value.trim()]]
  })
  return Object.fromEntries(entries)
}
