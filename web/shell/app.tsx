/** Before the shell: what does the server know of us? First run, sign-in (in place, so the address stays), or the pages. */
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { LocationProvider } from 'preact-iso'
import { common } from '../labels.ts'
import { ErrorState, Loading } from '../parts/states.tsx'
import { Toasts } from '../parts/toast.tsx'
import { loadSession, sessionState } from '../session.ts'
import { Boundary, Broken } from './boundary.tsx'
import { Logo } from './logo.tsx'
import { Shell } from './shell.tsx'

function Splash() {
  return (
    <div class="gate">
      <div class="splash">
        <Logo size={32} />
        <Loading lines={1} />
      </div>
    </div>
  )
}

/** The two pages for strangers, fetched when wanted. */
function Stranger({ load }: { load: () => Promise<ComponentType> }) {
  const [Found, setFound] = useState<ComponentType>()
  const [failure, setFailure] = useState<unknown>()
  useEffect(() => {
    load().then((component) => setFound(() => component), setFailure)
  }, [load])
  if (failure !== undefined) return <Broken what={common.product} failure={failure} />
  return Found === undefined ? <Splash /> : <Found />
}

const loadSignIn = () => import('../pages/sign-in/sign-in.tsx').then((page) => page.SignIn)
const loadFirstRun = () => import('../pages/first-run/first-run.tsx').then((page) => page.FirstRun)

function Gate() {
  const known = sessionState.value
  switch (known.state) {
    case 'loading':
      return <Splash />
    case 'failed':
      return (
        <div class="gate">
          <ErrorState failure={known.failure} what={common.product} onRetry={loadSession} />
        </div>
      )
    case 'known':
      if (known.session.firstRun) return <Stranger key="first-run" load={loadFirstRun} />
      if (known.session.user === null) return <Stranger key="sign-in" load={loadSignIn} />
      return <Shell key={known.session.user.id} />
    default:
      return known satisfies never
  }
}

export function App() {
  useEffect(() => {
    void loadSession()
  }, [])
  return (
    <LocationProvider>
      <Boundary what={common.product}>
        <Gate />
      </Boundary>
      <Toasts />
    </LocationProvider>
  )
}
