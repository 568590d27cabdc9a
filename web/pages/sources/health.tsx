import type { Health } from '../../../server/ingest/health.ts'
import { StateBadge, type StateTone } from '../../parts/badges.tsx'
import { t } from './words.ts'

const tones: Readonly<Record<Health, StateTone>> = {
  healthy: 'done',
  silent: 'busy',
  failing: 'open',
  paused: 'open',
  new: 'busy',
}

export const HealthBadge = ({ health }: { health: Health }) => (
  <StateBadge word={t.healthWord[health]} tone={tones[health]} />
)
