import { render } from 'preact'
import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'
import './styles/shell.css'
import './theme.ts'
import { startKeys } from './keys.ts'
import { App } from './shell/app.tsx'

startKeys()

const root = document.getElementById('app')
if (root !== null) render(<App />, root)

// The bundled Chinese font stands last in the stack: only a computer without one fetches glyphs. Its list waits for the page.
const whenIdle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 300))
whenIdle(() => void import('@fontsource-variable/noto-sans-sc/index.css').catch(() => {}))
