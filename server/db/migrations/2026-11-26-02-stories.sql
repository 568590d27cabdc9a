-- Same story, at a million texts, and hot issues of media and ledger.

-- ── near-equal texts ────────────────────────────────────────────────────────────────────────────────────────────────
-- Three days make a bucket: a window of 72 hours to both sides reaches the own bucket and one neighbour on each side.
create function near_bucket(at timestamptz) returns int immutable strict parallel safe language sql
return (shanghai_day(at) - date '2000-01-01') / 3;

-- The 64 bits in five bands (13, 13, 13, 13, 12), each a key of bucket, band and bits. Two texts that differ in up to four
-- bits have a band in common for certain, in five bits with 96 %. With 33,000 texts a bucket a key holds four to eight of
-- them, so a new text looks at some 70 rows, however many are stored: rows lie all over the table and each costs a page.
create function near_keys(simhash bigint, bucket int) returns int[] immutable strict parallel safe language sql
return array[
  bucket * 65536 + (simhash & 8191)::int,
  bucket * 65536 + 8192 + ((simhash >> 13) & 8191)::int,
  bucket * 65536 + 16384 + ((simhash >> 26) & 8191)::int,
  bucket * 65536 + 24576 + ((simhash >> 39) & 8191)::int,
  bucket * 65536 + 32768 + ((simhash >> 52) & 4095)::int
];

-- An index of an expression: no column to fill, nothing to keep in step; a GIN index stores each key once. Without a list
-- of pending entries, which every search would have to read through.
create index mention_near on mention using gin (near_keys(simhash, near_bucket(occurred_at))) with (fastupdate = off);
alter index mention_near alter column 1 set statistics 0;

-- Portals set their own words before an article and keep its title.
create function title_letters(title text) returns text immutable strict parallel safe language sql
return lower(regexp_replace(title, '[^\u4e00-\u9fffA-Za-z0-9]', '', 'g'));
create index mention_title on mention using hash (title_letters(title));

-- ── people's word on stories ────────────────────────────────────────────────────────────────────────────────────────
-- Set by a split or a merge: the analysis leaves the text in this story whatever it now thinks.
create table story_decision (
  mention_id bigint primary key references mention on delete cascade,
  story_id bigint not null references story,
  decided_by int references app_user,
  decided_at timestamptz not null
);
create index story_decision_story on story_decision (story_id);

-- ── hot issues ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- One matter at one place over the last ninety days, told by media and ledger together. Gathered again for a project when
-- its texts or cases changed; an issue keeps its id while most of its members stay.
create table issue (
  id bigint generated always as identity primary key,
  -- Without a project: cases of a city company that name none.
  project_id int references project on delete cascade,
  city_company_id int not null references city_company on delete cascade,
  -- Never the words of a case: composed of place and matter where no text outside tells it.
  title text not null,
  who text,
  place text,
  what text[] not null,
  risk_codes text[] not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  -- 0–1, see analysis/topics.ts, × freshness
  heat real not null,
  mention_count int not null,
  family_count int not null,
  complaint_count int not null,
  household_count int not null,
  -- Members per Shanghai day, oldest first, up to and with trend_until
  trend int[] not null,
  trend_until date not null,
  gathered_at timestamptz not null
);
-- The list: hottest first, by keyset.
create index issue_heat on issue (heat desc, id desc);
create index issue_project on issue (project_id);
create index issue_city on issue (city_company_id, project_id);

create table issue_member (
  issue_id bigint not null references issue on delete cascade,
  mention_id bigint references mention on delete cascade,
  complaint_id bigint references complaint on delete cascade,
  check (num_nonnulls(mention_id, complaint_id) = 1),
  -- A mention of two projects belongs to an issue of each.
  unique nulls not distinct (issue_id, mention_id, complaint_id)
);
-- Deleting a text or case, and the way from one to its issue.
create index issue_member_mention on issue_member (mention_id);
create index issue_member_complaint on issue_member (complaint_id);

-- Places whose issues are to be gathered again; project 0: the cases of the city company without a project.
create table issue_due (
  city_company_id int not null references city_company on delete cascade,
  project_id int not null,
  since timestamptz not null default now(),
  primary key (city_company_id, project_id)
);
insert into issue_due (city_company_id, project_id)
select city_company_id, id from project
union all
select id, 0 from city_company;
