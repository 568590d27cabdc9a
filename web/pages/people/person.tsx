/** One account: made, given roles, locked out, let in again. A new password is shown once. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ApiError, answer, api, asFailure } from '../../api.ts'
import { now as clock } from '../../clock.ts'
import { common } from '../../labels.ts'
import { Button, CopyButton } from '../../parts/button.tsx'
import { Input } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Drawer } from '../../parts/overlay.tsx'
import { KeyValues } from '../../parts/panel.tsx'
import { ExactTime } from '../../parts/time.tsx'
import { toast } from '../../parts/toast.tsx'
import { type Grant, Grants, type Person, type Place } from './grants.tsx'
import { t } from './words.ts'

function Action({ hint, children }: { hint: string; children: ComponentChildren }) {
  return (
    <div class="line">
      {children}
      <span class="quiet small">{hint}</span>
    </div>
  )
}

/** The administrator hands it over: it is never stored in the clear and never shown again. */
function OneTimePassword({ password }: { password: string }) {
  return (
    <section class="once" role="status">
      <h3>{t.passwordTitle}</h3>
      <p class="line">
        <code>{password}</code>
        <CopyButton text={password} />
      </p>
      <p class="quiet small">{t.passwordHint}</p>
    </section>
  )
}

export function PersonDrawer({
  person,
  places,
  onClose,
  onChanged,
}: {
  person: Person | 'new' | undefined
  places: readonly Place[]
  onClose: () => void
  onChanged: () => unknown
}) {
  const known = person === 'new' ? undefined : person
  const [name, setName] = useState('')
  const [login, setLogin] = useState('')
  const [grants, setGrants] = useState<readonly Grant[]>([])
  const [password, setPassword] = useState<string>()
  const [failure, setFailure] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    if (person === undefined) return
    setName(known?.name ?? '')
    setLogin(known?.login ?? '')
    setGrants(known?.roles ?? [{ role: 'desk-agent', cityCompanyId: null, projectId: null }])
    setPassword(undefined)
    setFailure(undefined)
  }, [person, known])

  const wanted = grants.map(({ role, cityCompanyId, projectId }) => ({
    role,
    // The server asks for one place: a project stands for its city company.
    cityCompanyId: projectId === null ? cityCompanyId : null,
    projectId,
  }))
  const run = async (work: () => Promise<string | null>) => {
    setBusy(true)
    setFailure(undefined)
    try {
      const given = await work()
      await onChanged()
      if (given !== null) setPassword(given)
      else {
        toast.done(t.saved)
        onClose()
      }
    } catch (thrown) {
      setFailure(thrown)
    } finally {
      setBusy(false)
    }
  }
  const change = (json: {
    state?: 'active' | 'disabled'
    unlock?: true
    newPassword?: true
    name?: string
    roles?: Grant[]
  }) =>
    run(async () => {
      if (known === undefined) return null
      const changed = await answer(api.users[':id'].$patch({ param: { id: String(known.id) }, json }))
      return changed.password
    })
  const save = () =>
    known === undefined
      ? run(async () => {
          const made = await answer(
            api.users.$post({ json: { name: name.trim(), login: login.trim(), roles: wanted } }),
          )
          return made.password
        })
      : change({ name: name.trim(), roles: wanted })

  const field = failure instanceof ApiError ? failure.field : undefined
  const said = failure === undefined ? undefined : asFailure(failure)
  const isLocked = known?.lockedUntil != null && Date.parse(known.lockedUntil) > clock.value
  const isMade = password !== undefined && known === undefined
  return (
    <Drawer
      open={person !== undefined}
      onClose={onClose}
      title={known?.name ?? t.add}
      footer={
        !isMade && (
          <Button
            kind="primary"
            busy={busy}
            disabled={name.trim() === '' || login.trim() === ''}
            onClick={save}
          >
            {known === undefined ? t.create : common.save}
          </Button>
        )
      }
    >
      <div class="stack">
        {password !== undefined && <OneTimePassword password={password} />}
        {!isMade && (
          <>
            <Input
              label={t.name}
              required
              maxLength={64}
              value={name}
              onValue={setName}
              error={field === 'name' && said?.message}
            />
            {known === undefined ? (
              <Input
                label={t.login}
                required
                maxLength={64}
                autocomplete="off"
                hint={t.loginHint}
                value={login}
                onValue={setLogin}
                error={field === 'login' && said?.message}
              />
            ) : (
              <KeyValues
                items={[
                  [t.login, known.login],
                  [
                    t.lastSignIn,
                    known.lastSignInAt === null ? t.never : <ExactTime at={known.lastSignInAt} />,
                  ],
                ]}
              />
            )}
            <Grants grants={grants} places={places} onGrants={setGrants} />
          </>
        )}
        {said && field !== 'name' && field !== 'login' && (
          <p class="field-error" role="alert">
            <Icon name="alert" size={14} /> {said.message}
          </p>
        )}
        {known !== undefined && (
          <section class="stack-tight">
            <h3>{t.account}</h3>
            {isLocked && (
              <Action hint={t.unlockHint}>
                <Button small busy={busy} onClick={() => change({ unlock: true })}>
                  {t.unlock}
                </Button>
              </Action>
            )}
            <Action hint={t.newPasswordHint}>
              <Button small busy={busy} onClick={() => change({ newPassword: true })}>
                {t.newPassword}
              </Button>
            </Action>
            {known.state === 'active' ? (
              <Action hint={t.disableHint}>
                <Button small busy={busy} onClick={() => change({ state: 'disabled' })}>
                  {t.disable}
                </Button>
              </Action>
            ) : (
              <Button small busy={busy} onClick={() => change({ state: 'active' })}>
                {t.enable}
              </Button>
            )}
          </section>
        )}
      </div>
    </Drawer>
  )
}
