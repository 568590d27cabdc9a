/** Who may come in, as what, and where. */
import { useState } from 'preact/hooks'
import { answer, api, until } from '../../api.ts'
import { now as clock } from '../../clock.ts'
import { formatList } from '../../format.ts'
import { language } from '../../labels.ts'
import { usePaged } from '../../load.ts'
import { StateBadge } from '../../parts/badges.tsx'
import { Button } from '../../parts/button.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Page } from '../../parts/panel.tsx'
import { Loaded } from '../../parts/states.tsx'
import { RelativeTime } from '../../parts/time.tsx'
import { grantWord, type Person, usePlaces } from './grants.tsx'
import { PersonDrawer } from './person.tsx'
import { t } from './words.ts'

function PersonState({ person }: { person: Person }) {
  if (person.state === 'disabled') return <StateBadge word={t.disabled} tone="done" />
  const isLocked = person.lockedUntil !== null && Date.parse(person.lockedUntil) > clock.value
  return isLocked ? <StateBadge word={t.locked} tone="busy" /> : <StateBadge word={t.active} />
}

export function People() {
  const people = usePaged('people', (after, abort) =>
    answer(api.users.$get({ query: after === undefined ? {} : { after } }, until(abort))),
  )
  const places = usePlaces()
  const [open, setOpen] = useState<Person | 'new'>()

  const grantsOf = (person: Person) =>
    formatList(
      person.roles.map((grant) => grantWord(grant, places)),
      language.value,
    )
  const columns: readonly Column<Person>[] = [
    { id: 'name', head: t.name, width: '10rem', main: true, cell: (person) => person.name },
    { id: 'login', head: t.login, width: '10rem', cell: (person) => person.login, from: 'm' },
    {
      id: 'roles',
      head: t.roles,
      cell: (person) => grantsOf(person) || <span class="quiet">{t.noRole}</span>,
    },
    { id: 'state', head: t.state, width: '6rem', cell: (person) => <PersonState person={person} /> },
    {
      id: 'last',
      head: t.lastSignIn,
      width: '9rem',
      cell: (person) =>
        person.lastSignInAt === null ? (
          <span class="quiet">{t.never}</span>
        ) : (
          <RelativeTime at={person.lastSignInAt} />
        ),
      from: 'm',
    },
  ]
  return (
    <Page
      title={t.title}
      fill
      actions={
        <Button kind="primary" icon="plus" onClick={() => setOpen('new')}>
          {t.add}
        </Button>
      }
    >
      <Loaded of={people} what={t.title}>
        {(data) => (
          <DataTable
            fill
            label={t.title}
            rows={data.rows}
            rowKey={(person) => person.id}
            columns={columns}
            onOpen={setOpen}
            hasMore={data.next !== null}
            more={people.more}
            phone={(person) => (
              <>
                <span class="line">
                  <strong>{person.name}</strong>
                  <PersonState person={person} />
                </span>
                <span class="quiet small">{grantsOf(person) || t.noRole}</span>
              </>
            )}
          />
        )}
      </Loaded>
      <PersonDrawer
        person={open}
        places={places}
        onClose={() => setOpen(undefined)}
        onChanged={() => people.reload()}
      />
    </Page>
  )
}
