import { levels, levelWord } from '../../labels.ts'
import { LevelBadge } from '../../parts/badges.tsx'
import { KeyValues, Page, Panel } from '../../parts/panel.tsx'
import { sessionState } from '../../session.ts'
import { t } from './words.ts'

export function About() {
  const known = sessionState.value
  const session = known.state === 'known' ? known.session : undefined
  return (
    <Page title={t.title}>
      <div class="columns columns-2">
        <Panel>
          <div class="stack">
            <p>{t.what}</p>
            <KeyValues
              items={[
                [t.group, session?.group?.name],
                [t.version, session?.version],
                [t.licence, 'Apache-2.0'],
              ]}
            />
          </div>
        </Panel>
        <Panel title={t.principles}>
          <ul class="stack-tight">
            {[t.people, t.absent, t.colour, t.personal].map((principle) => (
              <li key={principle}>{principle}</li>
            ))}
          </ul>
        </Panel>
        <Panel title={t.levelsTitle}>
          <KeyValues
            items={levels.map(
              (level) => [levelWord[level], <LevelBadge key={level} level={level} />] as const,
            )}
          />
        </Panel>
      </div>
    </Page>
  )
}
