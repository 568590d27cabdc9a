/** Where and how another system pushes to this source: address, secret (shown once, when it is made) and an example. */
import { useState } from 'preact/hooks'
import { answer, api, until } from '../../api.ts'
import { formatNumber } from '../../format.ts'
import { common, language } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Button, CopyButton } from '../../parts/button.tsx'
import { Dialog } from '../../parts/overlay.tsx'
import { KeyValues, Panel } from '../../parts/panel.tsx'
import { Loaded } from '../../parts/states.tsx'
import { ExactTime } from '../../parts/time.tsx'
import { hookExample } from './hook-example.ts'
import { t } from './hook-words.ts'

export function Hook({ id, content }: { id: string; content: unknown }) {
  const hook = useLoad(`source-hook ${id}`, (abort) =>
    answer(api.sources[':id'].hook.$get({ param: { id } }, until(abort))),
  )
  const [made, setMade] = useState<{ secret: string; path: string }>()
  const [asking, setAsking] = useState(false)
  const addressOf = (path: string) => `${location.origin}${path}`
  const make = async () => {
    setMade(await answer(api.sources[':id'].hook.secret.$post({ param: { id } })))
    setAsking(false)
    await hook.reload()
  }
  return (
    <Panel title={t.title}>
      <Loaded of={hook} what={t.title}>
        {({ hook: known, perMinute }) =>
          known === null ? (
            <div class="stack">
              <p>{t.none}</p>
              <div class="page-actions">
                <Button kind="primary" onClick={make}>
                  {t.make}
                </Button>
              </div>
            </div>
          ) : (
            <div class="stack">
              <KeyValues
                items={[
                  [
                    t.address,
                    <span key="address" class="break">
                      <code>{addressOf(known.path)}</code> <CopyButton text={addressOf(known.path)} />
                    </span>,
                  ],
                  [t.madeAt, <ExactTime key="made" at={known.madeAt} />],
                  [t.previous, known.previousUntil && <ExactTime key="previous" at={known.previousUntil} />],
                  [t.rules, t.rulesText(formatNumber(perMinute, language.value))],
                ]}
              />
              <details>
                <summary>{t.example}</summary>
                <Example
                  text={hookExample({
                    address: addressOf(known.path),
                    secret: '…',
                    content,
                    now: new Date(),
                  })}
                />
              </details>
              <div class="page-actions">
                <Button icon="refresh" onClick={() => setAsking(true)}>
                  {t.makeNext}
                </Button>
              </div>
            </div>
          )
        }
      </Loaded>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t.makeNext}
        footer={
          <>
            <Button onClick={() => setAsking(false)}>{common.cancel}</Button>
            <Button kind="primary" onClick={make}>
              {t.makeNext}
            </Button>
          </>
        }
      >
        <p>{t.makeNextAsk}</p>
      </Dialog>
      <Dialog
        open={made !== undefined}
        onClose={() => setMade(undefined)}
        title={t.shownOnce}
        footer={
          <Button kind="primary" onClick={() => setMade(undefined)}>
            {t.noted}
          </Button>
        }
      >
        {made && (
          <div class="stack">
            <p>{t.shownOnceHint}</p>
            <p class="break">
              <code>{made.secret}</code> <CopyButton text={made.secret} />
            </p>
            <p>{t.example}</p>
            <Example
              text={hookExample({
                address: addressOf(made.path),
                secret: made.secret,
                content,
                now: new Date(),
              })}
            />
          </div>
        )}
      </Dialog>
    </Panel>
  )
}

const Example = ({ text }: { text: string }) => (
  <div>
    <CopyButton text={text} />
    <pre class="failure-text small">{text}</pre>
  </div>
)
