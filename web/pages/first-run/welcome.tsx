/** What to do next in an empty house: add a source, import projects and complaints, or load the demo and watch it come. */
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../api.ts'
import { listen } from '../../live.ts'
import { useLoad } from '../../load.ts'
import { Button, LinkButton } from '../../parts/button.tsx'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { Page } from '../../parts/panel.tsx'
import { Loaded, ProgressBar } from '../../parts/states.tsx'
import { can, loadSession, sessionState } from '../../session.ts'
import { t } from './words.ts'

interface DemoState {
  state: 'idle' | 'running' | 'done' | 'failed'
  done: number
  total: number
  message: string
}

function Step({
  icon,
  title,
  hint,
  href,
  isDone,
}: {
  icon: IconName
  title: string
  hint: string
  href: string
  isDone: boolean
}) {
  return (
    <li class="next-step">
      <Icon name={isDone ? 'check' : icon} size={22} />
      <div>
        <h2>{title}</h2>
        <p>{hint}</p>
      </div>
      {isDone ? <span class="quiet">{t.done}</span> : <LinkButton href={href}>{t.goThere}</LinkButton>}
    </li>
  )
}

/** The state comes once from the server and then with the news; the poll covers a lost connection. */
const pollMs = 2_000

function DemoStep() {
  const demo = useLoad<DemoState>('demo', (abort) => call('GET', '/api/demo', undefined, abort))
  const now = demo.now
  const state = now.state === 'ready' ? now.data.state : 'idle'

  useEffect(
    () =>
      listen('progress', (news) => {
        if (typeof news !== 'object' || news === null || !('task' in news) || news.task !== 'demo') return
        const shown = demo.signal.peek()
        if (shown.state !== 'ready' || !('done' in news) || !('total' in news)) return
        const message = 'message' in news ? String(news.message) : shown.data.message
        demo.put({ state: 'running', done: Number(news.done), total: Number(news.total), message })
      }),
    [demo],
  )
  useEffect(() => {
    if (state !== 'running') return
    const timer = setInterval(() => void demo.reload(), pollMs)
    return () => clearInterval(timer)
  }, [state, demo])
  useEffect(() => {
    if (state === 'done') void loadSession()
  }, [state])

  const start = async () => {
    if (!confirm(t.demoConfirm)) return
    await call('POST', '/api/demo')
    await demo.reload()
  }
  return (
    <li class="next-step">
      <Icon name={state === 'done' ? 'check' : 'play'} size={22} />
      <div>
        <h2>{t.loadDemo}</h2>
        <p>{t.loadDemoHint}</p>
      </div>
      {state === 'done' ? (
        <LinkButton href="/" kind="primary">
          {t.seeOverview}
        </LinkButton>
      ) : state === 'running' ? (
        <span />
      ) : (
        <Button onClick={start}>{t.load}</Button>
      )}
      <Loaded of={demo} what={t.loadDemo} skeleton={null}>
        {(data) =>
          data.state === 'running' ? (
            <ProgressBar done={data.done} total={data.total} label={data.message || t.demoRunning} />
          ) : data.state === 'failed' ? (
            <p class="field-error" role="alert">
              <Icon name="alert" size={14} /> {t.demoFailed}: {data.message}
            </p>
          ) : null
        }
      </Loaded>
    </li>
  )
}

export function Welcome() {
  const known = sessionState.value
  const empty = known.state === 'known' ? known.session.empty : undefined
  const [hadNothing] = useState(empty?.sources !== false)
  return (
    <Page title={t.welcome} lead={t.welcomeLead}>
      <ol class="next-steps">
        {can('project.manage') && (
          <Step
            icon="building"
            title={t.importProjects}
            hint={t.importProjectsHint}
            href="/projects"
            isDone={empty?.projects === false}
          />
        )}
        {can('source.manage') && (
          <Step
            icon="source"
            title={t.addSource}
            hint={t.addSourceHint}
            href="/sources"
            isDone={empty?.sources === false}
          />
        )}
        {can('complaint.import') && (
          <Step
            icon="upload"
            title={t.importComplaints}
            hint={t.importComplaintsHint}
            href="/complaints/import"
            isDone={empty?.complaints === false}
          />
        )}
        {can('demo.load') && hadNothing && <DemoStep />}
      </ol>
    </Page>
  )
}
