/** The form of a source, drawn from the fields that its kind declares; «try» reads once and stores nothing. */

import type { InferResponseType } from 'hono/client'
import { useRef, useState } from 'preact/hooks'
import { ApiError, answer, api, asFailure } from '../../api.ts'
import { formatSchedule } from '../../format.ts'
import { common, language, say } from '../../labels.ts'
import { Button } from '../../parts/button.tsx'
import { Checkbox, Input, Select, Textarea } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { toast } from '../../parts/toast.tsx'
import { f } from './form-words.ts'
import { SelectorTester } from './selector-tester.tsx'
import { type Trial, TrialResult } from './trial-result.tsx'
import { t } from './words.ts'

export type Kinds = InferResponseType<typeof api.sources.kinds.$get>
type Kind = Kinds['kinds'][number]
type Field = Kind['fields'][number]

/** What a form holds while it is typed: text, until the server has checked it. */
type Typed = Readonly<Record<string, string>>

export interface Editable {
  id: number
  kind: string
  name: string
  schedule: string
  publisherId: number | null
  groupName: string | null
  isAggregator: boolean
  options: Readonly<Record<string, unknown>>
  storedSecrets: readonly string[]
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
  const [group, setGroup] = useState(source?.groupName ?? '')
  const [isAggregator, setAggregator] = useState(source?.isAggregator ?? false)
  const [typed, setTyped] = useState<Typed>(asTyped(source?.options ?? {}))
  /** Stored secrets that go with the next save. */
  const [dropped, setDropped] = useState<ReadonlySet<string>>(new Set())
  const [failure, setFailure] = useState<unknown>()
  const [isTold, setTold] = useState(false)
  const [saving, setSaving] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  /** Once it is drawn, the first field that is wrong has the cursor, so that nobody looks for it in a long form. */
  const toFirstWrong = () => {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()),
    )
  }
  const [trial, setTrial] = useState<Trial | 'running' | { failure: unknown }>()
  if (kind === undefined) return null

  const options = { ...asOptions(kind, typed), ...Object.fromEntries([...dropped].map((name) => [name, ''])) }
  const wrong = failure instanceof ApiError ? failure : undefined
  const isElsewhere = failure !== undefined && !(wrong?.field && isShown(kind, wrong.field))

  const asked = kind.fields.filter((field) => isAsked(field, kind, typed))
  /** Empty though needed; a stored secret may stay as it is. Told all at once, and only after the first attempt. */
  const isEmpty = (field: string) => {
    if (field === 'name') return name.trim() === ''
    const own = asked.find((one) => field === `options.${one.name}`)
    if (!own?.required || (own.kind === 'secret' && source)) return false
    return shownValue(own, typed).trim() === ''
  }
  const errorOf = (field: string) =>
    wrong?.field === field ? wordOf(wrong, kind, typed) : isTold && isEmpty(field) && f.needed
  const optionFields = asked.map((field) => `options.${field.name}`)
  const lacks = (fields: readonly string[]) => {
    setFailure(undefined)
    setTold(true)
    return fields.some(isEmpty)
  }
  const every = formatSchedule(schedule.trim() || kind.schedule, language.value)
  /** Who publishes it is asked where somebody does. */
  const isPublished =
    typeof kind.hasPublisher === 'boolean' ? kind.hasPublisher : holds(kind.hasPublisher, kind, typed)
  const advanced = asked.filter((field) => field.isAdvanced)
  const drawn = (field: Field) => (
    <OptionField
      key={field.name}
      field={field}
      value={shownValue(field, typed)}
      kept={
        source?.storedSecrets.includes(field.name)
          ? {
              isDropped: dropped.has(field.name),
              onDropped: (isDropped) => {
                setTyped({ ...typed, [field.name]: '' })
                setDropped(
                  new Set(
                    [...dropped].filter((name) => name !== field.name).concat(isDropped ? field.name : []),
                  ),
                )
              },
            }
          : undefined
      }
      onValue={(value) => setTyped({ ...typed, [field.name]: value })}
      error={errorOf(`options.${field.name}`)}
    />
  )

  const save = async () => {
    if (lacks(['name', ...optionFields])) return toFirstWrong()
    setSaving(true)
    const json = {
      name,
      options,
      publisherId: isPublished && publisher !== '' ? Number(publisher) : null,
      groupName: group.trim() === '' ? null : group,
      isAggregator: isPublished && isAggregator,
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
      toFirstWrong()
    } finally {
      setSaving(false)
    }
  }
  /** True when the refusal stands beside its field. */
  const refused = (thrown: unknown) => {
    if (!(thrown instanceof ApiError && thrown.field && isShown(kind, thrown.field))) return false
    setFailure(thrown)
    toFirstWrong()
    return true
  }
  const tryOnce = async () => {
    if (lacks(optionFields)) return toFirstWrong()
    setTrial('running')
    try {
      setTrial(
        await answer(
          api.sources.try.$post({
            json: { kind: kind.kind, options, ...(source && { sourceId: source.id }) },
          }),
        ),
      )
    } catch (thrown) {
      setTrial(refused(thrown) ? undefined : { failure: thrown })
    }
  }

  return (
    <form
      ref={form}
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
            setFailure(undefined)
            setTold(false)
            setTrial(undefined)
          }}
          options={known.kinds
            .filter((one) => !one.isInternal)
            .map((one) => ({ value: one.kind, label: say(one.label) }))}
        />
      )}
      <Input label={t.name} required value={name} onValue={setName} maxLength={100} error={errorOf('name')} />
      {asked.filter((field) => !field.isAdvanced).map(drawn)}
      {advanced.length > 0 && (
        <details class="form-more" open={advanced.some((field) => errorOf(`options.${field.name}`))}>
          <summary>{f.more}</summary>
          <div class="stack">{advanced.map(drawn)}</div>
        </details>
      )}
      {kind.kind === 'page-list' && (
        <SelectorTester
          typed={typed}
          onFill={(values) => setTyped({ ...typed, ...values })}
          onRefused={refused}
        />
      )}
      {isPublished && (
        <>
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
        </>
      )}
      <Input
        label={t.group}
        hint={t.groupHint}
        placeholder={t.groupExample}
        value={group}
        onValue={setGroup}
        maxLength={200}
        error={errorOf('groupName')}
      />
      {!kind.isPushed && (
        <Input
          label={t.schedule}
          hint={every ? `${every} · ${t.scheduleHint}` : t.scheduleHint}
          placeholder={kind.schedule}
          value={schedule}
          onValue={setSchedule}
          error={errorOf('schedule')}
        />
      )}
      {isElsewhere && (
        <p class="field-error" role="alert">
          <Icon name="alert" size={14} /> {asFailure(failure).message}
        </p>
      )}
      <div class="page-actions">
        {!kind.isPushed && (
          <Button icon="eye" onClick={tryOnce} title={t.tryHint}>
            {t.try}
          </Button>
        )}
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
  kept,
  onValue,
  error,
}: {
  field: Field
  value: string
  /** A secret that is stored: not shown again, replaced by what is typed, or dropped. */
  kept: { isDropped: boolean; onDropped: (isDropped: boolean) => void } | undefined
  onValue: (value: string) => void
  error: string | false | undefined
}) {
  const frame = {
    label: say(field.label),
    hint: kept ? f.secretKept : field.hint && say(field.hint),
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
    case 'lines':
      return (
        <Textarea
          {...frame}
          value={value}
          onValue={onValue}
          rows={field.kind === 'lines' ? 3 : 2}
          {...(field.placeholder === undefined ? {} : { placeholder: field.placeholder })}
        />
      )
    case 'url':
    case 'text':
    case 'path':
    case 'number':
    case 'selector':
    case 'json-path':
      return (
        <Input
          {...frame}
          type={field.kind === 'number' ? 'number' : 'text'}
          {...(field.kind === 'url' ? { inputMode: 'url' as const } : {})}
          {...(field.placeholder === undefined ? {} : { placeholder: field.placeholder })}
          value={value}
          onValue={onValue}
        />
      )
    case 'secret':
      return (
        <>
          <Input
            {...frame}
            type="password"
            autocomplete="new-password"
            disabled={kept?.isDropped ?? false}
            value={value}
            onValue={onValue}
          />
          {kept && !field.required && (
            <Checkbox
              label={f.dropSecret(say(field.label))}
              checked={kept.isDropped}
              onChecked={kept.onDropped}
            />
          )}
        </>
      )
  }
}

/** What is wrong with a value, by what its field holds; what the server adds to it where that does not say enough. */
function wordOf({ code, field = '', message, body }: ApiError, kind: Kind, typed: Typed): string {
  if (code !== 'invalid') return message
  if (field === 'name') return f.needed
  if (field === 'schedule') return f.wrongSchedule
  const own = kind.fields.find(({ name }) => field === `options.${name}`)
  if (own?.required && shownValue(own, typed).trim() === '') return f.needed
  const word = (own && wrongWord(own)) ?? message
  // The checker's own phrases say less than ours; those of a collector say more.
  const more = typeof body.message === 'string' && !/^(Invalid|Too) /.test(body.message) ? body.message : ''
  return more === '' ? word : f.wrongBecause(word, more)
}

function wrongWord(field: Field): string | undefined {
  switch (field.kind) {
    case 'url':
      return f.wrongUrl
    case 'number':
      return f.wrongNumber
    case 'selector':
      return f.wrongSelector
    case 'json-path':
      return f.wrongPath
    default:
      return undefined
  }
}

const isShown = (kind: Kind, field: string) =>
  field === 'name' ||
  field === 'schedule' ||
  field === 'groupName' ||
  kind.fields.some((one) => field === `options.${one.name}`)

const asTyped = (options: Readonly<Record<string, unknown>>): Typed =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, value === null ? '' : String(value)]),
  )

const shownValue = (field: Field, typed: Typed) => typed[field.name] ?? field.choices?.[0]?.value ?? ''

/** Fields that hang on another one's value are neither drawn nor sent without it. */
function isAsked(field: Field, kind: Kind, typed: Typed): boolean {
  return field.when === undefined || holds(field.when, kind, typed)
}

/** Whether the field that it names holds one of its values. */
function holds({ field, is }: NonNullable<Field['when']>, kind: Kind, typed: Typed): boolean {
  const other = kind.fields.find(({ name }) => name === field)
  return other !== undefined && is.includes(shownValue(other, typed))
}

/** An empty input is an absent option, so that the kind's default holds. */
function asOptions(kind: Kind, typed: Typed): Record<string, unknown> {
  const entries = kind.fields.flatMap((field): [string, unknown][] => {
    if (!isAsked(field, kind, typed)) return []
    const value = shownValue(field, typed)
    if (field.kind === 'boolean') return [[field.name, value === 'true']]
    if (value.trim() === '') return []
    return [[field.name, field.kind === 'number' ? Number(value) : value.trim()]]
  })
  return Object.fromEntries(entries)
}
