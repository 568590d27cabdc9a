/**
 * Things above the page, all on the native <dialog>: focus is kept inside, Escape closes, the page behind is inert.
 *   <Dialog open={…} onClose={…} title={…} footer={<Button…/>}>…</Dialog>
 *   <Drawer open={…} onClose={…} title={…}>…</Drawer>          from the side; a sheet from below on phones
 *   <ConfirmWithReason open={…} action={t.lift} onConfirm={(reason) => post(…)} onClose={…} />
 *     an action that needs its reason in writing; stays open and shows what failed; `consequence` says what will happen.
 */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { asFailure } from '../api.ts'
import { common } from '../labels.ts'
import { Button, IconButton } from './button.tsx'
import { Textarea } from './field.tsx'
import { Icon } from './icon.tsx'

interface OverlayProps {
  open: boolean
  onClose: () => void
  title: ComponentChildren
  children: ComponentChildren
  footer?: ComponentChildren
  /** Below the title: badges, a number. */
  lead?: ComponentChildren
  wide?: boolean
}

function Overlay({
  kind,
  open,
  onClose,
  title,
  lead,
  children,
  footer,
  wide,
}: OverlayProps & { kind: 'dialog' | 'drawer' }) {
  const box = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = box.current
    if (dialog === null || dialog.open === open) return
    if (!open) {
      dialog.close()
      return
    }
    dialog.showModal()
    // To the first input; else to the window itself rather than to its close button. On touch no keyboard pops up unasked.
    const input = dialog.querySelector<HTMLElement>(
      '.overlay-content :is(input, select, textarea):not([disabled])',
    )
    const wanted = matchMedia('(pointer: coarse)').matches ? null : input
    ;(wanted ?? dialog).focus()
  }, [open])
  return (
    <dialog
      ref={box}
      tabIndex={-1}
      class={`overlay overlay-${kind}${wide ? ' overlay-wide' : ''}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        // Escape in a drop-down inside reaches us too; only our own closes us.
        if (event.target !== box.current) return
        event.preventDefault()
        onClose()
      }}
      onMouseDown={(event) => {
        if (event.target === box.current) onClose()
      }}
    >
      {open && (
        <div class="overlay-body">
          <header class="overlay-head">
            <div class="overlay-title">
              <h2 id={titleId}>{title}</h2>
              {lead}
            </div>
            <IconButton icon="close" label={common.close} onClick={onClose} />
          </header>
          <div class="overlay-content">{children}</div>
          {footer && <footer class="overlay-foot">{footer}</footer>}
        </div>
      )}
    </dialog>
  )
}

export const Dialog = (props: OverlayProps) => <Overlay kind="dialog" {...props} />
export const Drawer = (props: OverlayProps) => <Overlay kind="drawer" {...props} />

export function ConfirmWithReason({
  open,
  action,
  consequence,
  reasonLabel = common.reason,
  reasonOptional = false,
  children,
  onConfirm,
  onClose,
}: {
  open: boolean
  /** The verb on the button and in the title. */
  action: string
  consequence?: ComponentChildren
  reasonLabel?: string
  reasonOptional?: boolean
  /** Further inputs above the reason. */
  children?: ComponentChildren
  onConfirm: (reason: string) => Promise<unknown>
  onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const [error, setError] = useState<{ message: string; cure?: string | undefined }>()
  const [saving, setSaving] = useState(false)
  useEffect(() => {
    if (!open) return
    setReason('')
    setError(undefined)
  }, [open])
  const missing = !reasonOptional && reason.trim() === ''
  const confirm = async () => {
    if (missing) {
      setError({ message: common.reasonNeeded })
      return
    }
    setSaving(true)
    try {
      await onConfirm(reason.trim())
      onClose()
    } catch (thrown) {
      setError(asFailure(thrown))
    } finally {
      setSaving(false)
    }
  }
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={action}
      footer={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="primary" busy={saving} onClick={confirm}>
            {action}
          </Button>
        </>
      }
    >
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void confirm()
        }}
      >
        {consequence && <div class="quiet">{consequence}</div>}
        {children}
        <Textarea
          label={reasonLabel}
          required={!reasonOptional}
          rows={3}
          maxLength={2_000}
          value={reason}
          onValue={(text) => {
            setReason(text)
            setError(undefined)
          }}
        />
        {error && (
          <p class="field-error" role="alert">
            <Icon name="alert" size={14} /> {error.message}
            {error.cure && <span class="quiet"> {error.cure}</span>}
          </p>
        )}
      </form>
    </Dialog>
  )
}
