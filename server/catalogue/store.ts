import type { SourceFile } from '../../risk-catalog/load.ts'
import type { Db } from '../db/connect.ts'
import { engineInForce, filesOf, shippedVersion } from './catalog-store.ts'
import { releaseNews } from './draft.ts'

/** What the running release ships otherwise than the edited version in force grew from; null: nothing, or none is edited. */
export async function newsOfRelease(db: Db) {
  const running = await engineInForce(db)
  const shipped = await shippedVersion(db)
  if (running?.origin !== 'edited' || !shipped || running.baseVersion === null) return null
  if (shipped.version === running.baseVersion || shipped.version === running.catalogVersion) return null
  const [grewFrom, edited, files] = [
    await filesOf(db, running.baseVersion),
    await filesOf(db, running.catalogVersion),
    await filesOf(db, shipped.version),
  ]
  if (!grewFrom || !edited || !files) return null
  return { version: shipped.version, at: shipped.loadedAt, ...releaseNews(grewFrom, edited, files) }
}

/** The files of a version, which must be there: the one in force is always kept with them. */
export async function filesOfKept(db: Db, version: string): Promise<readonly SourceFile[]> {
  const files = await filesOf(db, version)
  if (!files) throw new Error(`the catalogue ${version} is kept without its files`)
  return files
}
