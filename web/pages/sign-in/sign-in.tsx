/** Drawn in the place of the page that was asked for, so that signing in leads straight to it. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, asFailure } from '../../api.ts'
import { formatDateTime } from '../../format.ts'
import { common } from '../../labels.ts'
import { Button } from '../../parts/button.tsx'
import { Input } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { sessionState, signIn } from '../../session.ts'
import { Logo } from '../../shell/logo.tsx'
import { Preferences } from '../../shell/preferences.tsx'
import { t } from './words.ts'

function refusal(thrown: unknown): string {
  if (thrown instanceof ApiError && (thrown.code === 'locked' || thrown.code === 'too-many-attempts')) {
    const { until } = thrown.body
    return t.locked(typeof until === 'string' ? formatDateTime(until) : '')
  }
  const { message, cure } = asFailure(thrown)
  return cure === undefined ? message : `${message}。${cure}`
}

export function SignIn() {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [failure, setFailure] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const known = sessionState.value
  const group = known.state === 'known' ? known.session.group?.name : undefined

  useEffect(() => {
    document.title = `${t.title} · ${common.product}`
  }, [])

  const submit = async () => {
    setBusy(true)
    setFailure(undefined)
    try {
      await signIn(login.trim(), password)
    } catch (thrown) {
      setFailure(thrown)
      setPassword('')
      form.current?.querySelector<HTMLInputElement>('[name=password]')?.focus()
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
            <p class="quiet">{group ?? common.tagline}</p>
          </div>
        </div>
        <form
          ref={form}
          class="gate-form"
          onSubmit={(event) => {
            event.preventDefault()
            void submit()
          }}
        >
          <Input
            label={t.login}
            name="login"
            autocomplete="username"
            autofocus
            value={login}
            onValue={setLogin}
          />
          <Input
            label={t.password}
            name="password"
            type="password"
            autocomplete="current-password"
            value={password}
            onValue={setPassword}
          />
          {failure !== undefined && (
            <p class="field-error" role="alert">
              <Icon name="alert" size={14} /> {refusal(failure)}
            </p>
          )}
          <Button kind="primary" type="submit" busy={busy}>
            {t.submit}
          </Button>
        </form>
        <div class="gate-foot small">
          <span>{t.help}</span>
          <span class="line">
            <Preferences />
          </span>
        </div>
      </div>
    </main>
  )
}
