/** What to do next in an empty house: add a source, import projects and complaints, or load the demo and watch it come. */
import { useEffect, useState } from 'preact/hooks'
import { answer, api, until } from '../../api.ts'
import { listenToProgress, type Progress } from '../../live.ts'
import { useLoad } from '../../load.ts'
import { Button, LinkButton } from '../../parts/button.tsx'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { Page } from '../../parts/panel.tsx'
import { Loaded, ProgressBar } from '../../parts/states.tsx'
import { can, loadSession, sessionState } from '../../session.ts'
import { t } from './words.ts'

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

/** How far it is comes with the news; whether it still runs is asked, in case the news were lost. */
const pollMs = 3_000

function DemoStep() {
  const demo = useLoad('demo', (abort) => answer(api.demo.$get({}, until(abort))))
  const [progress, setProgress] = useState<Progress>()
  const now = demo.now
  const state = now.state === 'ready' ? now.data.state : 'none'

  useEffect(
    () =>
      listenToProgress('demo', (news) => {
        setProgress(news)
        if (news.done >= news.total) void demo.reload()
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
    demo.put(await answer(api.demo.$post()))
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
            <ProgressBar
              label={progress?.message ?? t.demoRunning}
              done={progress?.done ?? 0}
              {...(progress ? { total: progress.total } : {})}
            />
          ) : data.state === 'failed' ? (
            <p class="field-error" role="alert">
              <Icon name="alert" size={14} /> {t.demoFailed}
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
            href="/complaints?import=true"
            isDone={empty?.complaints === false}
          />
        )}
        {can('demo.load') && hadNothing && <DemoStep />}
      </ol>
    </Page>
  )
}
