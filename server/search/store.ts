import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../access/scope.ts'
import type { Db } from '../db/connect.ts'
import type { Level } from '../db/schema.ts'
import { anyProjectInScope, projectInScope } from '../db/scoped.ts'
import { hasPair, holdsWords, mentionsHolding, wordsOf } from '../db/words.ts'
import { bigramQuery, containing } from '../lib/bigrams.ts'

/** One find: what to show and which page to open. */
export interface Hit {
  kind: 'warning' | 'complaint' | 'project' | 'mention' | 'risk'
  title: string
  /** Where the words are ours and not those of people. */
  titleEn?: string
  note: string
  href: string
  level?: Level
}

const MOST_HITS = 5

/** By number, title, project or risk; open ones and graver levels first. */
export async function findWarnings(db: Db, scope: Scope, q: string): Promise<readonly Hit[]> {
  const like = containing(q)
  const found = await sql<{
    id: number
    number: string
    title: string
    project: string
    level: Level
    riskEn: string | null
  }>`
    select w.id, w.number, w.title, w.level, p.name as project, r.name_en as risk_en
    from warning w join project p on p.id = w.project_id left join risk r on r.code = w.risk_code
    where ${projectInScope(scope, 'w.projectId')}
      and (w.number ilike ${like} or w.title ilike ${like} or p.name ilike ${like} or w.risk_code ilike ${q} or r.name_zh ilike ${like} or r.name_en ilike ${like})
    order by w.closed_at is not null, w.level, w.raised_at desc limit ${MOST_HITS}
  `.execute(db)
  return found.rows.map(({ id, number, title, project, level, riskEn }) => ({
    kind: 'warning',
    title,
    ...(riskEn !== null && { titleEn: `${project}: ${riskEn}` }),
    note: `${number} · ${project}`,
    href: `/warnings/${id}`,
    level,
  }))
}

/** By number or words of the case; the newest first. */
export async function findComplaints(db: Db, scope: Scope, q: string): Promise<readonly Hit[]> {
  const text = sql`title || chr(10) || content`
  const pairs = bigramQuery(q)
  const inText = pairs
    ? sql`bigrams(${text}) @@ ${pairs}::tsquery and (${text}) ilike ${containing(q)}`
    : sql`false`
  const found = await sql<{ id: number; number: string; title: string; project: string | null }>`
    with hits as materialized (
      select id from complaint where ${inText} union select id from complaint where number ilike ${containing(q)}
    )
    select c.id, c.number, c.title, p.name as project
    from complaint c left join project p on p.id = c.project_id
    where c.id in (select id from hits) and ${projectInScope(scope, 'c.projectId', 'c.cityCompanyId')}
    order by c.received_at desc, c.id desc limit ${MOST_HITS}
  `.execute(db)
  return found.rows.map(({ id, number, title, project }) => ({
    kind: 'complaint',
    title,
    note: [number, project].filter(Boolean).join(' · '),
    href: `/complaints/${id}`,
  }))
}

/** By name, former name or code. */
export async function findProjects(db: Db, scope: Scope, q: string): Promise<readonly Hit[]> {
  const like = containing(q)
  const found = await sql<{ id: number; name: string; city: string; alias: string | null }>`
    select p.id, p.name, p.city, (
      select min(alias) from project_alias a where a.project_id = p.id and a.alias ilike ${like} and p.name not ilike ${like}) as alias
    from project p
    where ${projectInScope(scope, 'p.id')} and (p.name ilike ${like} or p.code ilike ${like}
      or exists (select from project_alias a where a.project_id = p.id and a.alias ilike ${like}))
    order by p.name limit ${MOST_HITS}
  `.execute(db)
  return found.rows.map(({ id, name, city, alias }) => ({
    kind: 'project',
    title: name,
    note: alias ? `${city} · ${alias}` : city,
    href: `/projects/${id}`,
  }))
}

/** So many of the newest titles are read before the index is asked: a word of many titles is among them. */
const NEWEST = 2_000

/** By words of the title; the newest first. */
export async function findMentions(db: Db, scope: Scope, q: string): Promise<readonly Hit[]> {
  const words = wordsOf(q)
  if (words.every((word) => [...word].length < 2)) return []
  const readable = anyProjectInScope(scope, 'm.projectIds')
  const newestFirst = sql`m.occurred_at desc, m.id desc`
  const near = await sql<{ looked: number; ids: number[] }>`
    with newest as materialized (
      select m.id, m.occurred_at, m.title from mention m where ${readable} order by ${newestFirst} limit ${NEWEST}
    )
    select (select count(*) from newest) as looked, array(
      select m.id from newest m where ${holdsWords(sql`search_text(m.title)`, words)}
      order by ${newestFirst} limit ${MOST_HITS}) as ids`.execute(db)
  const { looked, ids } = near.rows[0] ?? { looked: 0, ids: [] }
  // Marks alone are in no index; typing them must not read a million texts.
  const isWhole = looked < NEWEST || ids.length === MOST_HITS || !words.some(hasPair)
  const title = (text: RawBuilder<unknown>) => sql`split_part(${text}, chr(10), 1)`
  const found = await sql<{ id: number; title: string; publisher: string | null; day: string }>`
    with hits as materialized (
      ${isWhole ? sql`select unnest(${ids.map(Number)}::bigint[]) as id` : mentionsHolding(words, title)}
    )
    select m.id, m.title, coalesce(publisher.name, d.publisher_name) as publisher, shanghai_day(m.occurred_at) as day
    from hits join mention m on m.id = hits.id join document d on d.id = m.id
    left join publisher on publisher.id = m.publisher_id
    where ${readable} order by ${newestFirst} limit ${MOST_HITS}
  `.execute(db)
  return found.rows.map(({ id, title, publisher, day }) => ({
    kind: 'mention',
    title,
    note: [publisher, day].filter(Boolean).join(' · '),
    href: `/mentions/${id}`,
  }))
}

export async function findRisks(db: Db, q: string): Promise<readonly Hit[]> {
  const like = containing(q)
  const found = await sql<{ code: string; nameZh: string; nameEn: string }>`
    select code, name_zh, name_en from risk
    where code ilike ${q} or name_zh ilike ${like} or name_en ilike ${like} order by position limit ${MOST_HITS}
  `.execute(db)
  return found.rows.map(({ code, nameZh, nameEn }) => ({
    kind: 'risk',
    title: `${code} ${nameZh}`,
    titleEn: `${code} ${nameEn}`,
    note: nameEn,
    href: `/risks/${code}`,
  }))
}
