/** Keeps a page that fails from taking the rest with it, and says which one it was. */
import { Component, type ComponentChildren } from 'preact'
import { common } from '../labels.ts'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { t } from './words.ts'

export function Broken({ what, failure }: { what: string; failure: unknown }) {
  const isChunk = failure instanceof TypeError && /import|module|fetch/i.test(failure.message)
  return (
    <div class="page">
      <div class="state" role="alert">
        <Icon name="alert" size={28} />
        <p class="state-title">{t.brokenTitle(what)}</p>
        <p class="quiet">{isChunk ? t.chunkHint : t.brokenHint}</p>
        <pre class="failure-text small">{failure instanceof Error ? failure.message : String(failure)}</pre>
        <div class="state-action">
          <Button icon="refresh" onClick={() => location.reload()}>
            {common.reload}
          </Button>
        </div>
      </div>
    </div>
  )
}

interface Caught {
  failure?: unknown
}

export class Boundary extends Component<{ what: string; children: ComponentChildren }, Caught> {
  override state: Caught = {}

  static override getDerivedStateFromError(failure: unknown): Caught {
    return { failure }
  }

  override render() {
    return this.state.failure === undefined ? (
      this.props.children
    ) : (
      <Broken what={this.props.what} failure={this.state.failure} />
    )
  }
}
