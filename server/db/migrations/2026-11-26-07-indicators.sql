-- What is evidence without a text: readings of the trade, warnings of the weather authority, days on which something falls due.

-- ── readings ────────────────────────────────────────────────────────────────────────────────────────────────────────
-- A number of one project on one day. The unit is part of the key: sets and yuan are two courses, not one.
-- 500 projects × 6 metrics × 365 days × 5 years are 5.5 million rows; every question asks for the last months of one course,
-- which the key answers by reading them alone, backwards.
create table reading (
  project_id int not null references project on delete cascade,
  metric text not null check (metric in ('sales', 'progress', 'quality', 'price', 'visits', 'complaints')),
  unit text not null,
  -- Midnight in Shanghai of the day it stands for.
  at timestamptz not null,
  value double precision not null,
  planned double precision,
  source_id int references source on delete set null,
  stored_at timestamptz not null,
  primary key (project_id, metric, unit, at)
);
-- A source that is deleted is looked for here.
create index reading_source on reading (source_id);

-- Courses whose rules are to be asked again; the work lies in the rows.
create table reading_due (
  project_id int not null references project on delete cascade,
  metric text not null,
  since timestamptz not null default now(),
  primary key (project_id, metric)
);

-- ── alerts ──────────────────────────────────────────────────────────────────────────────────────────────────────────
-- One event: the warning as its last message tells it. Updates and the end change this row, they add none.
create table alert (
  id bigint generated always as identity primary key,
  source_id int references source on delete set null,
  issuer text not null,
  phenomenon text not null,
  severity text not null check (severity in ('minor', 'moderate', 'severe', 'extreme', 'unknown')),
  headline text not null,
  description text not null,
  -- [{name, code}]
  areas jsonb not null,
  -- [{points}|{centre,radiusKm}], longitude first
  shapes jsonb not null default '[]',
  -- Names of the areas in one order: the same issuer speaking of the same weather over the same areas is the same event.
  area_key text not null,
  starts_at timestamptz not null,
  -- Its own end, or how long a warning without one is believed.
  ends_at timestamptz not null,
  state text not null check (state in ('actual', 'cancelled')),
  -- Two events that a later message joined are one.
  replaced_by bigint references alert,
  sent_at timestamptz not null,
  url text,
  stored_at timestamptz not null
);
-- Those in force are few, however many years of them are kept. Expired ones leave by their time.
create index alert_in_force on alert (ends_at) where state = 'actual' and replaced_by is null;
create index alert_event on alert (issuer, phenomenon, area_key, ends_at);
create index alert_source on alert (source_id);
create index alert_replaced on alert (replaced_by) where replaced_by is not null;

-- Every message of an event, by the id its author gave it. One that was only named by another is kept too: when it comes
-- late it must not bring back what has ended.
create table alert_message (
  external_id text primary key,
  alert_id bigint not null references alert on delete cascade,
  state text check (state in ('actual', 'cancelled')),
  severity text,
  headline text,
  -- null: named, not seen
  sent_at timestamptz,
  raw jsonb
);
create index alert_message_alert on alert_message (alert_id, sent_at);

create table alert_project (
  alert_id bigint not null references alert on delete cascade,
  project_id int not null references project on delete cascade,
  -- How near the area names it.
  reach text not null check (reach in ('shape', 'district', 'city', 'province', 'country')),
  primary key (alert_id, project_id)
);
create index alert_project_project on alert_project (project_id, alert_id desc);

-- ── due dates ───────────────────────────────────────────────────────────────────────────────────────────────────────
create table due_date (
  id bigint generated always as identity primary key,
  source_id int not null references source on delete cascade,
  external_id text not null,
  due_on date not null,
  title text not null,
  -- null: every project it may concern
  project_id int references project on delete cascade,
  risk_codes text[] not null,
  unique (source_id, external_id)
);
create index due_date_day on due_date (due_on);
create index due_date_project on due_date (project_id, due_on);

-- ── their signals ───────────────────────────────────────────────────────────────────────────────────────────────────
-- Evidence of this kind ends by itself (an alert expires, a milestone is reached): the row stays, so that a warning can still
-- be understood, and counts no more.
alter table signal
  add column alert_id bigint references alert on delete cascade,
  add column due_date_id bigint references due_date on delete cascade,
  add column metric text,
  add column ended_at timestamptz;
-- Its old key was named by the server, shortened as that version of it shortens.
do $$ declare old_key text; begin
  select conname into strict old_key from pg_constraint where conrelid = 'signal'::regclass and contype = 'u';
  execute format('alter table signal drop constraint %I', old_key);
end $$;
alter table signal add constraint signal_evidence unique nulls not distinct
  (kind, mention_id, complaint_id, milestone_id, alert_id, due_date_id, metric, risk_code, project_id);
-- Those that hold now, a few thousand among millions: what they should be is compared with them every few minutes.
create index signal_in_force on signal (kind, project_id) where kind in ('reading', 'alert', 'milestone') and ended_at is null;
create index signal_alert on signal (alert_id);
create index signal_due_date on signal (due_date_id);
