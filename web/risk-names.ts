import { answer, api, until } from './api.ts'
import { say } from './labels.ts'
import { useLoad } from './load.ts'

/** Names of the risks by code, as the list has them. */
export function useRiskNames(): (code: string) => string {
  const risks = useLoad('risks', (abort) => answer(api.risks.$get({}, until(abort))))
  const now = risks.now
  const names = new Map(
    now.state === 'ready'
      ? now.data.risks.map((risk) => [risk.code, say({ zh: risk.nameZh, en: risk.nameEn })])
      : [],
  )
  return (code) => `${code} ${names.get(code) ?? ''}`.trim()
}
