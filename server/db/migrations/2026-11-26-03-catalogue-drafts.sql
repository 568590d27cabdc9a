-- Catalogues that people edit: versions with their files, one shared draft, which version is in force since when and why,
-- and the comparisons made before a switch.

-- The files as written, so that an edited version is edited on; null: stored before files were kept.
alter table catalog_version
  -- [{path,text}]
  add column files jsonb,
  add column origin text not null default 'shipped' check (origin in ('shipped', 'edited')),
  -- The shipped version that an edited one grew from: what a new release is compared with.
  add column base_version text references catalog_version,
  add column created_by int references app_user;

-- Weights retrained from verdicts of people; the shipped ones are a file of the product and have no row.
create table engine_model (
  version text primary key,
  weights bytea not null,
  -- How many verdicts it was trained on.
  row_count int not null,
  created_by int references app_user,
  created_at timestamptz not null default now()
);

-- Every change of what texts are read with; the last row is in force.
create table engine_switch (
  id int generated always as identity primary key,
  at timestamptz not null default now(),
  -- 'release': shipped with the product · 'switch-on', 'roll-back': by a person
  -- · 'fallback': an edited version that a new release can no longer read made way for the shipped one
  kind text not null check (kind in ('release', 'switch-on', 'roll-back', 'fallback')),
  catalog_version text not null references catalog_version,
  -- null: the shipped weights
  model_version text references engine_model,
  by_id int references app_user,
  reason text
);
insert into engine_switch (kind, catalog_version) select distinct 'release', catalog_version from risk limit 1;

-- One draft for the whole group: rules share word groups and a version is switched on whole, so that two drafts side by
-- side would undo each other. A file's revision refuses the save of whoever did not see the last one.
create table catalogue_draft (
  id int primary key default 1 check (id = 1),
  base_version text not null references catalog_version,
  -- Of base and changed files together; null while they do not fit (a release was taken in): see problems.
  version text,
  -- {risks,groups} as read from them, so that nobody has to read YAML again; null like `version`.
  content jsonb,
  -- Examples of risks that fail: [{risk,kind:'hit'|'miss',text}]
  failing jsonb not null default '[]',
  -- [{file,line,column,message}]
  problems jsonb not null default '[]',
  -- A retrained model to be switched on with it; null: the one in force stays.
  model_version text references engine_model,
  changed_by int references app_user,
  changed_at timestamptz not null
);
-- Only files that differ from the base.
create table catalogue_draft_file (
  path text primary key,
  text text not null,
  revision int not null,
  changed_by int references app_user,
  changed_at timestamptz not null
);

-- One comparison of a candidate with what is in force, over stored texts and verdicts. The row is the job: a worker that
-- dies leaves it with an old sign of life, and the next one starts it again.
create table catalogue_trial (
  id int generated always as identity primary key,
  asked_by int not null references app_user,
  asked_at timestamptz not null,
  -- What is compared, frozen: the draft may change meanwhile.
  running_version text not null references catalog_version,
  running_model text,
  candidate_version text not null,
  candidate_model text,
  -- {risks,groups}; given up when the comparison ends
  candidate jsonb,
  days int not null check (days between 1 and 366),
  -- What the asker may read: {all,cityCompanyIds,projectIds}
  scope jsonb not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'cancelled', 'failed')),
  done int not null default 0,
  total int not null default 0,
  beat_at timestamptz,
  finished_at timestamptz,
  result jsonb,
  detail text
);
create index catalogue_trial_open on catalogue_trial (id) where state in ('waiting', 'running');

-- Verdicts of people are few among a million signals; comparisons and retraining read all of them.
create index signal_judged on signal (verdict_at desc, id desc) where state <> 'proposed';
create index mention_corrected on mention (id desc) where polarity_by is not null;
-- A replay walks the texts of the last days in the order they came.
create index document_collected on document (collected_at, id);
