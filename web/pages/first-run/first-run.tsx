/** Nobody is there yet: makes the first administrator, who is signed in at once and shown what to do next. */
import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { ApiError, asFailure } from '../../api.ts'
import { common } from '../../labels.ts'
import { Button } from '../../parts/button.tsx'
import { Input } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { startFirstRun } from '../../session.ts'
import { Logo } from '../../shell/logo.tsx'
import { Preferences } from '../../shell/preferences.tsx'
import { NewPassword, passwordTrouble } from './new-password.tsx'
import { t } from './words.ts'

const loginShape = /^[a-z0-9._-]{3,64}$/i

export function FirstRun() {
  const { route } = useLocation()
  const [groupName, setGroupName] = useState('')
  const [name, setName] = useState('')
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>()

  useEffect(() => {
    document.title = `${t.title} · ${common.product}`
  }, [])

  const wrongLogin = loginShape.test(login.trim()) ? undefined : t.loginWrong
  const trouble = passwordTrouble(password, again)
  const field = failure instanceof ApiError ? failure.field : undefined
  const said = failure === undefined ? undefined : asFailure(failure)

  const submit = async () => {
    setTried(true)
    if (wrongLogin || trouble.password || trouble.again || name.trim() === '') return
    setBusy(true)
    setFailure(undefined)
    try {
      const group = groupName.trim()
      // The address first: the shell is drawn as soon as the session is known.
      route('/welcome', true)
      await startFirstRun({
        name: name.trim(),
        login: login.trim(),
        password,
        ...(group === '' ? {} : { groupName: group }),
      })
    } catch (thrown) {
      setFailure(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <main class="gate">
      <div class="gate-box">
        <div class="gate-brand">
          <Logo size={40} />
          <div>
            <h1>{common.product}</h1>
            <p class="quiet">{common.tagline}</p>
          </div>
        </div>
        <p>{t.lead}</p>
        <form
          class="gate-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void submit()
          }}
        >
          <Input
            label={t.group}
            name="groupName"
            autocomplete="organization"
            hint={t.groupHint}
            maxLength={100}
            value={groupName}
            onValue={setGroupName}
          />
          <Input
            label={t.name}
            name="name"
            autocomplete="name"
            required
            maxLength={100}
            value={name}
            onValue={setName}
            error={(tried && name.trim() === '' && common.required) || (field === 'name' && said?.message)}
          />
          <Input
            label={t.login}
            name="login"
            autocomplete="username"
            required
            maxLength={64}
            hint={t.loginHint}
            value={login}
            onValue={setLogin}
            error={(tried && wrongLogin) || (field === 'login' && said?.message)}
          />
          <NewPassword
            login={login}
            password={password}
            again={again}
            onPassword={setPassword}
            onAgain={setAgain}
            trouble={
              tried ? { ...trouble, ...(field === 'password' && said ? { password: said.message } : {}) } : {}
            }
          />
          {said && field === undefined && (
            <p class="field-error" role="alert">
              <Icon name="alert" size={14} /> {said.message} {said.cure}
            </p>
          )}
          <Button kind="primary" type="submit" busy={busy}>
            {t.create}
          </Button>
        </form>
        <div class="gate-foot small">
          <span />
          <span class="line">
            <Preferences />
          </span>
        </div>
      </div>
    </main>
  )
}
