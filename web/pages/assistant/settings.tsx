/** The administrator connects a language model, tries the connection, sets its limits, switches it on or off. */
import type { InferResponseType } from 'hono/client'
import { useState } from 'preact/hooks'
import { ApiError, answer, api, asFailure, until } from '../../api.ts'
import { formatDateTime, formatNumber } from '../../format.ts'
import { common, language } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Button } from '../../parts/button.tsx'
import { Checkbox, Input } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Page, Panel } from '../../parts/panel.tsx'
import { Loaded } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import { outcomeWord, t, wordOf } from './words.ts'
import './assistant.css'

type Settings = InferResponseType<typeof api.assistant.settings.$get>
type Tried = InferResponseType<typeof api.assistant.test.$post>

const number = (n: number) => formatNumber(n, language.value)

export function AssistantSettings() {
  const settings = useLoad('assistant-settings', (abort) =>
    answer(api.assistant.settings.$get({}, until(abort))),
  )
  return (
    <Page title={t.settings} lead={t.lead} back={{ href: '/assistant', label: t.toLog }}>
      <Loaded of={settings} what={t.settings}>
        {/* Another version of the settings is another form: what was typed belongs to the old one. */}
        {(data) => <Form key={data.updatedAt ?? ''} settings={data} onSaved={settings.reload} />}
      </Loaded>
    </Page>
  )
}

function Form({ settings, onSaved }: { settings: Settings; onSaved: () => Promise<void> }) {
  const [isOn, setIsOn] = useState(settings.isOn)
  const [baseUrl, setBaseUrl] = useState(settings.baseUrl)
  const [model, setModel] = useState(settings.model)
  const [key, setKey] = useState('')
  const [isKeyRemoved, setKeyRemoved] = useState(false)
  const [timeLimit, setTimeLimit] = useState(String(settings.timeLimitSeconds))
  const [calls, setCalls] = useState(String(settings.callsPerDay))
  const [tokens, setTokens] = useState(String(settings.tokensPerDay))
  const [failure, setFailure] = useState<unknown>()
  const [tried, setTried] = useState<Tried>()
  const [busy, setBusy] = useState(false)

  const given = () => ({
    isOn,
    baseUrl,
    model,
    ...(key === '' ? (isKeyRemoved ? { key: '' } : {}) : { key }),
    timeLimitSeconds: Number(timeLimit),
    callsPerDay: Number(calls),
    tokensPerDay: Number(tokens),
  })
  /** Shows a refusal beside its field; whatever else goes wrong above the buttons. */
  const guarded = async (work: () => Promise<void>) => {
    setFailure(undefined)
    setTried(undefined)
    try {
      await work()
    } catch (thrown) {
      setFailure(thrown)
    }
  }
  const save = async () => {
    setBusy(true)
    await guarded(async () => {
      await api.assistant.settings.$put({ json: given() })
      toast.done(t.saved)
      await onSaved()
    })
    setBusy(false)
  }
  const test = () =>
    guarded(async () => {
      setTried(await answer(api.assistant.test.$post({ json: given() })))
    })
  const errorOf = (field: keyof typeof t.wrong) =>
    failure instanceof ApiError && failure.field === field
      ? failure.code === 'invalid'
        ? t.wrong[field]
        : failure.message
      : undefined
  const isElsewhere = failure !== undefined && !(failure instanceof ApiError && failure.field !== undefined)
  return (
    <form
      class="stack assistant-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Panel title={t.connection}>
        <div class="stack">
          <Checkbox label={t.isOn} hint={t.isOnHint} checked={isOn} onChecked={setIsOn} />
          <Input
            label={t.baseUrl}
            hint={t.baseUrlHint}
            type="url"
            required
            value={baseUrl}
            onValue={setBaseUrl}
            error={errorOf('baseUrl')}
          />
          <Input label={t.model} required value={model} onValue={setModel} error={errorOf('model')} />
          <Input
            label={t.key}
            hint={settings.hasKey ? t.keyKept : t.keyNone}
            type="password"
            autocomplete="off"
            value={key}
            onValue={setKey}
            error={errorOf('key')}
          />
          {settings.hasKey && (
            <Checkbox
              label={t.removeKey}
              checked={isKeyRemoved}
              onChecked={setKeyRemoved}
              disabled={key !== ''}
            />
          )}
        </div>
      </Panel>
      <Panel title={t.limits} note={t.today(number(settings.today.calls), number(settings.today.tokens))}>
        <div class="assistant-limits">
          <Input
            label={t.timeLimit}
            type="number"
            inputMode="numeric"
            min={1}
            max={300}
            value={timeLimit}
            onValue={setTimeLimit}
            error={errorOf('timeLimitSeconds')}
          />
          <Input
            label={t.callsPerDay}
            type="number"
            inputMode="numeric"
            min={0}
            value={calls}
            onValue={setCalls}
            error={errorOf('callsPerDay')}
          />
          <Input
            label={t.tokensPerDay}
            type="number"
            inputMode="numeric"
            min={0}
            value={tokens}
            onValue={setTokens}
            error={errorOf('tokensPerDay')}
          />
        </div>
        {settings.restsUntil !== null && <p class="small">{t.rests(formatDateTime(settings.restsUntil))}</p>}
      </Panel>
      <Panel title={t.privacy}>
        <p class="quiet">{t.privacyText}</p>
      </Panel>
      <div aria-live="polite">
        {tried && (
          <p role="status" class="line">
            <Icon name={tried.outcome === 'ok' ? 'check' : 'alert'} size={14} />{' '}
            {tried.outcome === 'ok' ? (
              t.tested(number(tried.latencyMs))
            ) : (
              <span>
                <strong>{t.testFailed}</strong>: {wordOf(outcomeWord, tried.outcome)}
                {tried.detail !== '' && <span class="quiet"> · {tried.detail}</span>}
              </span>
            )}
          </p>
        )}
        {isElsewhere && (
          <p class="field-error" role="alert">
            <Icon name="alert" size={14} /> {asFailure(failure).message}
          </p>
        )}
      </div>
      <div class="line">
        <Button kind="primary" type="submit" busy={busy}>
          {common.save}
        </Button>
        <Button icon="link" onClick={test} disabled={baseUrl.trim() === '' || model.trim() === ''}>
          {t.test}
        </Button>
        {settings.updatedBy !== null && settings.updatedAt !== null && (
          <span class="small quiet">
            {t.changedBy(settings.updatedBy, formatDateTime(settings.updatedAt))}
          </span>
        )}
      </div>
    </form>
  )
}
