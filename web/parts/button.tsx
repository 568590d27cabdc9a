/**
 * Buttons.
 *   <Button onClick={…}>保存</Button>                       secondary, the ordinary one
 *   <Button kind="primary" icon="check" busy={saving}>…     one primary per view
 *   <Button kind="quiet">…                                  no frame
 *   <IconButton icon="close" label={common.close} />        the label is required: ears and tooltip
 *   <LinkButton href="/risks">…                             looks like a button, goes like a link
 *   <CopyButton text={number} />
 * `onClick` may be async: the button is busy until it settles, and a failure becomes a toast.
 */
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { asFailure } from '../api.ts'
import { common } from '../labels.ts'
import { Icon, type IconName } from './icon.tsx'
import { toast } from './toast.tsx'

type ButtonKind = 'primary' | 'secondary' | 'quiet'

interface ButtonProps extends Omit<ButtonHTMLAttributes, 'icon' | 'onClick'> {
  kind?: ButtonKind
  icon?: IconName
  busy?: boolean
  small?: boolean
  onClick?: ((event: MouseEvent) => unknown) | undefined
  children?: ComponentChildren
}

/** Runs a click, keeps the button busy while it lasts, and shows what failed. */
function useRun(onClick: ((event: MouseEvent) => unknown) | undefined) {
  const [running, setRunning] = useState(false)
  const run = async (event: MouseEvent) => {
    const result = onClick?.(event)
    if (!(result instanceof Promise)) return
    setRunning(true)
    try {
      await result
    } catch (thrown) {
      toast.failure(asFailure(thrown))
    } finally {
      setRunning(false)
    }
  }
  return { running, run }
}

export function Button({
  kind = 'secondary',
  icon,
  busy,
  small,
  onClick,
  children,
  class: extra,
  ...rest
}: ButtonProps) {
  const { running, run } = useRun(onClick)
  const isBusy = busy === true || running
  return (
    <button
      type="button"
      {...rest}
      class={`button button-${kind}${small ? ' button-small' : ''} ${extra ?? ''}`}
      disabled={isBusy || rest.disabled === true}
      aria-busy={isBusy}
      onClick={(event) => void run(event)}
    >
      {isBusy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  )
}

export function IconButton({
  icon,
  label,
  onClick,
  small,
  class: extra,
  ...rest
}: Omit<ButtonProps, 'children' | 'kind' | 'icon' | 'label'> & { icon: IconName; label: string }) {
  const { running, run } = useRun(onClick)
  return (
    <button
      type="button"
      {...rest}
      class={`button button-icon${small ? ' button-small' : ''} ${extra ?? ''}`}
      aria-label={label}
      title={label}
      disabled={running || rest.disabled === true}
      onClick={(event) => void run(event)}
    >
      <Icon name={icon} />
    </button>
  )
}

export function LinkButton({
  href,
  kind = 'secondary',
  icon,
  small,
  download,
  children,
}: {
  href: string
  kind?: ButtonKind
  icon?: IconName
  small?: boolean
  download?: boolean
  children: ComponentChildren
}) {
  return (
    <a class={`button button-${kind}${small ? ' button-small' : ''}`} href={href} download={download}>
      {icon && <Icon name={icon} />}
      {children}
    </a>
  )
}

export function CopyButton({ text, label = common.copy }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
      setTimeout(() => setCopied(false), 1_500)
    } catch {
      toast.failure({ message: common.copyFailed })
    }
  }
  return (
    <IconButton
      icon={copied ? 'check' : 'copy'}
      label={copied ? common.copied : label}
      small
      onClick={copy}
    />
  )
}
