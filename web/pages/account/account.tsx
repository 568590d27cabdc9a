/** One's own account: who the system takes me for, and the password. */
import { useState } from 'preact/hooks'
import { ApiError, api, asFailure } from '../../api.ts'
import { roleWord } from '../../labels.ts'
import { Button } from '../../parts/button.tsx'
import { Input } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { KeyValues, Page, Panel } from '../../parts/panel.tsx'
import { toast } from '../../parts/toast.tsx'
import { currentUser, type SessionUser } from '../../session.ts'
import { NewPassword, passwordTrouble } from '../first-run/new-password.tsx'
import { t } from './words.ts'

function reach(user: SessionUser, held: SessionUser['roles'][number]): string {
  if (held.projectId !== null) return t.project(String(held.projectId))
  if (held.cityCompanyId === null) return t.wholeGroup
  const company = user.scope.cityCompanies.find((one) => one.id === held.cityCompanyId)
  return company?.name ?? String(held.cityCompanyId)
}

function PasswordForm({ login }: { login: string }) {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const trouble = passwordTrouble(password, again)

  const submit = async () => {
    setTried(true)
    if (trouble.password || trouble.again || current === '') return
    setBusy(true)
    setFailure(undefined)
    try {
      await api.own.password.$post({ json: { current, password } })
      setCurrent('')
      setPassword('')
      setAgain('')
      setTried(false)
      toast.done(t.changed)
    } catch (thrown) {
      setFailure(thrown)
    } finally {
      setBusy(false)
    }
  }
  const wrongCurrent = failure instanceof ApiError && failure.code === 'wrong-password'
  return (
    <form
      class="stack account-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <input type="hidden" autocomplete="username" value={login} />
      <Input
        label={t.current}
        type="password"
        autocomplete="current-password"
        required
        value={current}
        onValue={setCurrent}
        error={wrongCurrent && failure.message}
      />
      <NewPassword
        label={t.newPassword}
        login={login}
        password={password}
        again={again}
        onPassword={setPassword}
        onAgain={setAgain}
        trouble={tried ? trouble : {}}
      />
      {failure !== undefined && !wrongCurrent && (
        <p class="field-error" role="alert">
          <Icon name="alert" size={14} /> {asFailure(failure).message}
        </p>
      )}
      <div>
        <Button kind="primary" type="submit" busy={busy}>
          {t.change}
        </Button>
      </div>
    </form>
  )
}

export function Account() {
  const user = currentUser()
  if (user === null) return null
  return (
    <Page title={t.title}>
      <div class="columns columns-2">
        <Panel title={t.who}>
          <KeyValues
            items={[
              [t.name, user.name],
              [t.login, user.login],
              [
                t.roles,
                <ul key="roles">
                  {user.roles.map((held) => (
                    <li key={`${held.role} ${held.cityCompanyId} ${held.projectId}`}>
                      {roleWord[held.role]} <span class="quiet">· {reach(user, held)}</span>
                    </li>
                  ))}
                </ul>,
              ],
            ]}
          />
        </Panel>
        <Panel title={t.password} note={t.passwordNote}>
          <PasswordForm login={user.login} />
        </Panel>
      </div>
    </Page>
  )
}
