// Puts the product together on a database: the same for the server, for every command and for tests.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Outside, openOutside } from '../collectors/outside.ts'
import { CatalogueError, readCatalogue, readCatalogueFiles, readWeights } from '../risk-catalog/load.ts'
import { readSecret } from './access/secret.ts'
import { checkVault } from './access/secret-store.ts'
import { openVault, type Vault } from './access/vault.ts'
import { createEngines, type Engines } from './analysis/engine.ts'
import { type Endpoint, openEndpoint } from './assistant/endpoint.ts'
import { installCatalogue, type Shipped } from './catalogue/catalog-store.ts'
import type { Config } from './config.ts'
import { checkDatabase, type Database, openDatabase } from './db/connect.ts'
import { startEmbeddedPostgres } from './db/embedded-postgres.ts'
import { inTransaction } from './db/in-transaction.ts'
import { migrate } from './db/migrate.ts'
import { createHostStore } from './ingest/host-store.ts'
import { StartError } from './lib/start-error.ts'
import { openThread } from './lib/thread.ts'
import { ensureDefaultPolicy } from './policy/store.ts'
import { ensureDefaultPublishers } from './projects/store.ts'

export interface Product {
  config: Config
  database: Database
  /** As shipped; what is in force stands in the database and may be a version that people edited. */
  shipped: Shipped
  vault: Vault
  outside: Outside
  /** Where texts are read. */
  engines: Engines
  /** Where the language model is asked, if one is configured. */
  endpoint: Endpoint
  /** Closes the database; stops the embedded server when nobody else uses it. */
  close(): Promise<void>
}

export interface ProductOptions {
  /** Under which the database knows us. */
  name?: string
  /** The built engine-thread.ts, in which texts are read; without it they are read in this thread. */
  engineThread?: URL
}

/**
 * Starts or joins the database, migrates it and puts the catalogue in force.
 * @throws StartError with one line a person can act on
 */
export async function openProduct(
  config: Config,
  { name = 'weiyu', engineThread }: ProductOptions = {},
): Promise<Product> {
  // The catalogue first: an error in a file must not leave a server behind.
  const shipped = readCatalogueFolder(config)
  const { url, stop } = await findDatabase(config)
  const database = openDatabase(url, { name })
  const inbox = join(config.dataFolder, 'inbox')
  await mkdir(inbox, { recursive: true })
  const outside = openOutside({
    version: config.version,
    allow: config.fetchAllow,
    folders: [inbox],
    proxy: config.fetchProxy,
    ledger: createHostStore(database.db),
  })
  const endpoint = openEndpoint({ version: config.version, allow: config.assistantAllow })
  const engines = createEngines(engineThread && openThread(engineThread))
  const close = async () => {
    await engines.close()
    await endpoint.close()
    await outside.fetcher.close()
    await database.close()
    await stop()
  }
  try {
    await migrate(url)
    const vault = openVault(readSecret(config.dataFolder, config.secret))
    await checkVault(database.db, vault)
    await installCatalogue(database.db, shipped.catalogue, shipped.files)
    await inTransaction(database.db, (tx) => ensureDefaultPolicy(tx, new Date()))
    await inTransaction(database.db, ensureDefaultPublishers)
    return { config, database, shipped, vault, outside, engines, endpoint, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Only the schema, for `weiyu migrate`. Gives the migrations it applied. */
export async function migrateOnly(config: Config): Promise<readonly string[]> {
  const { url, stop } = await findDatabase(config)
  try {
    return await migrate(url)
  } finally {
    await stop()
  }
}

async function findDatabase(config: Config): Promise<{ url: string; stop: () => Promise<void> }> {
  if (config.databaseUrl) {
    await checkDatabase(config.databaseUrl)
    return { url: config.databaseUrl, stop: async () => {} }
  }
  return startEmbeddedPostgres(config.dataFolder, { mayMoveAway: config.isDefaultDataFolder })
}

function readCatalogueFolder(config: Config): Shipped {
  try {
    const folder = join(config.root, 'risk-catalog')
    const files = readCatalogueFiles(folder)
    const weights = readWeights(folder)
    return { catalogue: { ...readCatalogue(files), ...(weights && { weights }) }, files }
  } catch (error) {
    if (error instanceof CatalogueError)
      throw new StartError('The risk catalogue has errors:', `\n${error.message}`)
    throw error
  }
}
