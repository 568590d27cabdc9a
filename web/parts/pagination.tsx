/** Pages by number, for the few lists that have a total: `<Pagination total={95} pageSize={20} />`, bound to `?page=`. */
import { formatNumber } from '../format.ts'
import { common, language } from '../labels.ts'
import { useQuery } from '../url.ts'
import { IconButton } from './button.tsx'

export function Pagination({
  total,
  pageSize,
  name = 'page',
}: {
  total: number
  pageSize: number
  name?: string
}) {
  const query = useQuery()
  const last = Math.max(1, Math.ceil(total / pageSize))
  const page = Math.min(last, Math.max(1, Number.parseInt(query.get(name), 10) || 1))
  if (last === 1) return null
  const go = (to: number) => query.set({ [name]: to === 1 ? null : to }, 'push')
  const show = (n: number) => formatNumber(n, language.value)
  return (
    <nav class="pagination" aria-label={common.nextPage}>
      <span class="quiet small">
        {common.range(show((page - 1) * pageSize + 1), show(Math.min(total, page * pageSize)), show(total))}
      </span>
      <IconButton
        icon="left"
        label={common.previousPage}
        disabled={page === 1}
        onClick={() => go(page - 1)}
      />
      <IconButton
        icon="right"
        label={common.nextPage}
        disabled={page === last}
        onClick={() => go(page + 1)}
      />
    </nav>
  )
}
