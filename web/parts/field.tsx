/**
 * Inputs with their label, hint and error joined for ears as for eyes.
 *   <Field label={t.login} hint={…} error={failure?.field === 'login' && failure.message} required>
 *     {(input) => <input {...input} value={login} onInput={…} />}
 *   </Field>
 *   <Input label={…} value={login.value} onValue={(text) => { login.value = text }} />
 *   <Select label={…} value={…} onValue={…} options={[{ value, label }]} />
 *   <Textarea … />  <Checkbox label={…} checked={…} onChecked={…} />
 */
import type { ComponentChildren, HTMLInputTypeAttribute } from 'preact'
import { useId } from 'preact/hooks'
import { common } from '../labels.ts'
import { Icon } from './icon.tsx'

interface FieldFrame {
  label: string
  hint?: ComponentChildren
  error?: string | false | undefined
  required?: boolean
  /** The label stays for ears only, where the place says what it is (a filter, a table head). */
  bare?: boolean
}

/** What `Field` hands to its input. */
interface InputJoint {
  id: string
  required: boolean
  'aria-invalid': boolean
  'aria-describedby': string | undefined
}

export function Field({
  label,
  hint,
  error,
  required = false,
  bare = false,
  children,
}: FieldFrame & { children: (input: InputJoint) => ComponentChildren }) {
  const id = useId()
  // An error says what the hint says and more: it takes its place.
  const described = error ? `${id}-error` : hint ? `${id}-hint` : undefined
  return (
    <div class={`field${error ? ' field-wrong' : ''}`}>
      <label for={id} class={bare ? 'for-ears' : 'field-label'}>
        {label}
        {required && (
          <span class="field-required" title={common.required}>
            <span aria-hidden="true">*</span>
          </span>
        )}
      </label>
      {children({ id, required, 'aria-invalid': Boolean(error), 'aria-describedby': described })}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="alert" size={14} /> {error}
        </p>
      )}
      {hint && !error && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

export interface InputProps extends FieldFrame {
  value: string
  onValue: (value: string) => void
  type?: HTMLInputTypeAttribute
  name?: string
  autocomplete?: string
  placeholder?: string
  autofocus?: boolean
  disabled?: boolean
  min?: string | number
  max?: string | number
  step?: string | number
  maxLength?: number
  inputMode?: 'text' | 'numeric' | 'decimal' | 'tel' | 'email' | 'search' | 'url'
  onEnter?: () => void
}

export function Input({
  label,
  hint,
  error,
  required = false,
  bare = false,
  value,
  onValue,
  onEnter,
  ...rest
}: InputProps) {
  return (
    <Field label={label} hint={hint} error={error} required={required} bare={bare}>
      {(joint) => (
        <input
          {...(rest as object)}
          {...joint}
          class="input"
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
          onKeyDown={(event) => {
            // Enter ends a composition of Chinese characters too; that one is not ours.
            if (event.key === 'Enter' && !event.isComposing && onEnter) {
              event.preventDefault()
              onEnter()
            }
          }}
        />
      )}
    </Field>
  )
}

export interface SelectOption<T extends string> {
  value: T
  label: string
  disabled?: boolean
}

export function Select<T extends string>({
  label,
  hint,
  error,
  required = false,
  bare = false,
  value,
  onValue,
  options,
  disabled = false,
  name,
}: FieldFrame & {
  value: T
  onValue: (value: T) => void
  options: readonly SelectOption<T>[]
  disabled?: boolean
  name?: string
}) {
  return (
    <Field label={label} hint={hint} error={error} required={required} bare={bare}>
      {(joint) => (
        <span class="select">
          <select
            {...joint}
            name={name}
            class="input"
            disabled={disabled}
            value={value}
            onChange={(event) => {
              const chosen = options.find((option) => option.value === event.currentTarget.value)
              if (chosen) onValue(chosen.value)
            }}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value} disabled={option.disabled}>
                {option.label}
              </option>
            ))}
          </select>
          <Icon name="down" size={14} />
        </span>
      )}
    </Field>
  )
}

export function Textarea({
  label,
  hint,
  error,
  required = false,
  bare = false,
  value,
  onValue,
  rows = 3,
  placeholder,
  maxLength,
  name,
}: FieldFrame & {
  value: string
  onValue: (value: string) => void
  rows?: number
  placeholder?: string
  maxLength?: number
  name?: string
}) {
  return (
    <Field label={label} hint={hint} error={error} required={required} bare={bare}>
      {(joint) => (
        <textarea
          {...joint}
          name={name}
          class="input"
          rows={rows}
          placeholder={placeholder}
          maxLength={maxLength}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

export function Checkbox({
  label,
  hint,
  checked,
  onChecked,
  disabled = false,
}: {
  label: ComponentChildren
  hint?: ComponentChildren
  checked: boolean
  onChecked: (checked: boolean) => void
  disabled?: boolean
}) {
  const id = useId()
  return (
    <div class="checkbox">
      <input
        type="checkbox"
        id={id}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChecked(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}
