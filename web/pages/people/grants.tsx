/** Which roles someone holds, and where: the whole group, a city company, or one project. */
import type { InferResponseType } from 'hono/client'
import type { Role } from '../../../server/access/permissions.ts'
import { answer, api, until } from '../../api.ts'
import { roleWord } from '../../labels.ts'
import { useLoad } from '../../load.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { Select } from '../../parts/field.tsx'
import { currentUser } from '../../session.ts'
import { t } from './words.ts'

export type Person = InferResponseType<typeof api.users.$get>['rows'][number]

export interface Grant {
  role: Role
  cityCompanyId: number | null
  projectId: number | null
}

const keyOf = (grant: Grant) =>
  grant.projectId !== null
    ? `project ${grant.projectId}`
    : grant.cityCompanyId !== null
      ? `company ${grant.cityCompanyId}`
      : 'group'

export interface Place {
  value: string
  label: string
  cityCompanyId: number | null
  projectId: number | null
}

/** Everywhere a role can hold. */
export function usePlaces(): readonly Place[] {
  const projects = useLoad('places', (abort) =>
    answer(api.projects.$get({ query: { limit: '200' } }, until(abort))),
  )
  const now = projects.now
  const companies = currentUser()?.scope.cityCompanies ?? []
  return [
    { value: 'group', label: t.wholeGroup, cityCompanyId: null, projectId: null },
    ...companies.map(({ id, name }) => ({
      value: `company ${id}`,
      label: name,
      cityCompanyId: id,
      projectId: null,
    })),
    ...(now.state === 'ready' ? now.data.rows : []).map((project) => ({
      value: `project ${project.id}`,
      label: `${project.cityCompany} · ${project.name}`,
      cityCompanyId: null,
      projectId: project.id,
    })),
  ]
}

/** 客服主管 · 示例城市公司 */
export function grantWord(grant: Grant, places: readonly Place[]): string {
  const place = places.find((one) => one.value === keyOf(grant))
  return `${roleWord[grant.role]} · ${place?.label ?? keyOf(grant)}`
}

const roles = Object.keys(roleWord).filter((role): role is Role => role in roleWord)

export function Grants({
  grants,
  places,
  onGrants,
}: {
  grants: readonly Grant[]
  places: readonly Place[]
  onGrants: (grants: Grant[]) => void
}) {
  const change = (at: number, patch: Partial<Grant>) =>
    onGrants(grants.map((grant, index) => (index === at ? { ...grant, ...patch } : grant)))
  return (
    <fieldset class="stack-tight">
      <legend class="field-label">{t.roles}</legend>
      {grants.length === 0 && <p class="quiet small">{t.noRole}</p>}
      {grants.map((grant, at) => (
        <div key={`${at} ${keyOf(grant)}`} class="grant">
          <Select
            bare
            label={t.role}
            value={grant.role}
            options={roles.map((role) => ({ value: role, label: roleWord[role] }))}
            onValue={(role) =>
              // An administrator is one of the whole group.
              change(at, role === 'administrator' ? { role, cityCompanyId: null, projectId: null } : { role })
            }
          />
          <Select
            bare
            label={t.area}
            value={keyOf(grant)}
            disabled={grant.role === 'administrator'}
            options={places}
            onValue={(value) => {
              const place = places.find((one) => one.value === value)
              if (place) change(at, { cityCompanyId: place.cityCompanyId, projectId: place.projectId })
            }}
          />
          <IconButton
            icon="trash"
            label={t.removeRole}
            onClick={() => onGrants(grants.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <div>
        <Button
          small
          icon="plus"
          onClick={() =>
            onGrants([...grants, { role: 'crisis-member', cityCompanyId: null, projectId: null }])
          }
        >
          {t.addRole}
        </Button>
      </div>
    </fieldset>
  )
}
