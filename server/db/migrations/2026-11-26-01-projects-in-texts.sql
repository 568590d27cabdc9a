-- Whose matter a text is: phase and building beside the project's name, why a candidate is as sure as it is, the inbox of
-- texts that nobody's project has claimed, and names of estates that no project has.

-- Lists, because one letter speaks of «3、5号楼»; texts in one written form (二期, 3栋), so that two of them can be compared (&&).
alter table mention_project
  add column phases text[] not null default '{}',
  add column buildings text[] not null default '{}',
  -- [{kind, word, confidence}]: the steps of the computation
  add column factors jsonb not null default '[]';

alter table mention
  -- The text names a company of ours.
  add column names_us boolean not null default false,
  -- A person said that no project of ours is meant.
  add column dismissed_by int references app_user,
  add column dismissed_at timestamptz;

-- The inbox, newest first: read from its top, so that its size does not matter.
drop index mention_unresolved;
create index mention_unresolved on mention (occurred_at desc, id desc)
  where project_ids = '{}' and (risk_codes <> '{}' or names_us) and dismissed_at is null;

-- A name that reads like an estate and belongs to no project. Counters are those of `estate_sighting`.
create table estate_name (
  name text primary key,
  texts int not null default 0,
  -- Publisher families; a source without one stands for itself.
  families int not null default 0,
  -- Texts that name a company or a city of ours as well: most likely our own.
  near int not null default 0,
  first_at timestamptz,
  last_at timestamptz,
  state text not null default 'seen' check (state in ('seen', 'ignored', 'known')),
  decided_by int references app_user,
  decided_at timestamptz
);
-- What may be proposed, best first; names seen once, by far the most, are not in it.
create index estate_name_proposed on estate_name (near desc, families desc, texts desc, name)
  where state = 'seen' and texts >= 3 and families >= 2;

create table estate_sighting (
  name text not null references estate_name on delete cascade,
  mention_id bigint not null references mention on delete cascade,
  -- 'f12', or 's3' for a source whose publisher is unknown
  family text not null,
  is_near boolean not null,
  occurred_at timestamptz not null,
  primary key (name, mention_id)
);
create index estate_sighting_mention on estate_sighting (mention_id);
