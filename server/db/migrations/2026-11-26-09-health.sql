-- Honest health: what every source did, how it is judged, and which cells it holds back when it is not read.

-- Bytes that came over the wire for this run.
alter table collection_run add column bytes bigint not null default 0;
-- Runs are pruned, texts are not. A key would search a million texts for every run that is deleted.
alter table document drop constraint document_run_id_fkey;

-- One row a source: the facts that the trigger below keeps with every run, and the last judgement over them (health-store.ts).
-- The list of sources and the overview read this row alone, however many runs there were.
create table source_health (
  source_id int primary key references source on delete cascade,
  last_started_at timestamptz,
  last_finished_at timestamptz,
  last_outcome text,
  last_detail text,
  last_added int not null default 0,
  first_success_at timestamptz,
  last_success_at timestamptz,
  last_item_at timestamptz,
  -- Runs that failed since the last success, and the start of the first of them.
  failures int not null default 0,
  failing_since timestamptz,
  -- Answers in a row that held no item at all.
  empties int not null default 0,
  -- From when silence counts: the last item, or the moment at which it could be read again after a time of failing.
  quiet_from timestamptz,
  -- The clock wanted it read then and it was not read yet.
  due_since timestamptz,
  -- Its rhythm (health.ts) and the last item that is in it.
  habit jsonb,
  habit_at timestamptz,
  health text not null default 'new' check (health in ('healthy', 'silent', 'failing', 'paused', 'new')),
  cause text,
  since timestamptz not null default now(),
  -- Cells that require it are «insufficient data».
  is_blocked boolean not null default true
);
create index source_health_blocked on source_health (source_id) where is_blocked;

create function source_has_health() returns trigger language plpgsql as $$
begin
  insert into source_health (source_id) values (new.id);
  return null;
end $$;
create trigger source_has_health after insert on source for each row execute function source_has_health();

-- Sums of runs per hour and per Shanghai day, so that charts and habits read no run and runs can be pruned.
create table collection_hour (
  source_id int not null references source on delete cascade,
  -- Its beginning
  hour timestamptz not null,
  runs int not null default 0,
  succeeded int not null default 0,
  -- Answers read to their end (not «unchanged»), and those of them that held nothing.
  answers int not null default 0,
  empties int not null default 0,
  -- Runs that brought something new.
  fruitful int not null default 0,
  seen int not null default 0,
  added int not null default 0,
  changed int not null default 0,
  undated int not null default 0,
  too_old int not null default 0,
  duration_ms bigint not null default 0,
  bytes bigint not null default 0,
  primary key (source_id, hour)
);
-- For pruning and for the heartbeat, which read all sources of a time.
create index collection_hour_time on collection_hour (hour);

create table collection_day (
  source_id int not null references source on delete cascade,
  day date not null,
  runs int not null default 0,
  succeeded int not null default 0,
  seen int not null default 0,
  added int not null default 0,
  changed int not null default 0,
  undated int not null default 0,
  too_old int not null default 0,
  duration_ms bigint not null default 0,
  bytes bigint not null default 0,
  primary key (source_id, day)
);
-- For the lines of the list: all sources of the last fortnight.
create index collection_day_time on collection_day (day, source_id) include (added);

create function note_run() returns trigger language plpgsql as $$
declare
  good boolean := new.outcome in ('ok', 'not-modified', 'empty');
  answered int := (new.outcome in ('ok', 'empty'))::int;
  bare int := (new.outcome = 'empty' or new.outcome = 'ok' and new.seen = 0)::int;
  took bigint := greatest(0, extract(epoch from coalesce(new.finished_at, new.started_at) - new.started_at) * 1000);
begin
  if tg_op = 'INSERT' then
    update source_health set last_started_at = new.started_at, due_since = null where source_id = new.source_id;
  end if;
  if new.outcome is null or tg_op = 'UPDATE' and old.outcome is not null then return null; end if;
  update source_health set
    last_finished_at = coalesce(new.finished_at, new.started_at),
    last_outcome = new.outcome,
    last_detail = new.detail,
    last_added = new.added,
    first_success_at = case when good then coalesce(first_success_at, new.started_at) else first_success_at end,
    last_success_at = case when good then new.started_at else last_success_at end,
    last_item_at = case when new.added > 0 then new.started_at else last_item_at end,
    quiet_from = case
      when new.added > 0 then new.started_at
      when not good then quiet_from
      -- It was blind for hours: what is silent now is counted from now.
      when quiet_from is null or failing_since < new.started_at - interval '6 hours' then new.started_at
      else quiet_from end,
    failures = case when good then 0 else failures + 1 end,
    failing_since = case when good then null else coalesce(failing_since, new.started_at) end,
    empties = case when answered = 0 then empties when bare = 1 then empties + 1 else 0 end
  where source_id = new.source_id;
  insert into collection_hour as h (source_id, hour, runs, succeeded, answers, empties, fruitful, seen, added, changed, undated, too_old, duration_ms, bytes)
  values (new.source_id, date_trunc('hour', new.started_at, 'UTC'), 1, good::int, answered, bare, (new.added > 0)::int,
    new.seen, new.added, new.changed, new.undated, new.too_old, took, new.bytes)
  on conflict (source_id, hour) do update set runs = h.runs + 1, succeeded = h.succeeded + excluded.succeeded,
    answers = h.answers + excluded.answers, empties = h.empties + excluded.empties, fruitful = h.fruitful + excluded.fruitful,
    seen = h.seen + excluded.seen, added = h.added + excluded.added, changed = h.changed + excluded.changed,
    undated = h.undated + excluded.undated, too_old = h.too_old + excluded.too_old,
    duration_ms = h.duration_ms + excluded.duration_ms, bytes = h.bytes + excluded.bytes;
  insert into collection_day as d (source_id, day, runs, succeeded, seen, added, changed, undated, too_old, duration_ms, bytes)
  values (new.source_id, shanghai_day(new.started_at), 1, good::int,
    new.seen, new.added, new.changed, new.undated, new.too_old, took, new.bytes)
  on conflict (source_id, day) do update set runs = d.runs + 1, succeeded = d.succeeded + excluded.succeeded,
    seen = d.seen + excluded.seen, added = d.added + excluded.added, changed = d.changed + excluded.changed,
    undated = d.undated + excluded.undated, too_old = d.too_old + excluded.too_old,
    duration_ms = d.duration_ms + excluded.duration_ms, bytes = d.bytes + excluded.bytes;
  return null;
end $$;
create trigger note_run after insert or update of outcome on collection_run for each row execute function note_run();

-- The runs of before this release, summed up once.
insert into source_health (source_id) select id from source;
insert into collection_hour (source_id, hour, runs, succeeded, answers, empties, fruitful, seen, added, changed, undated, too_old, duration_ms)
select source_id, date_trunc('hour', started_at, 'UTC'), count(*), count(*) filter (where outcome in ('ok', 'not-modified', 'empty')),
  count(*) filter (where outcome in ('ok', 'empty')), count(*) filter (where outcome = 'empty' or outcome = 'ok' and seen = 0),
  count(*) filter (where added > 0), sum(seen), sum(added), sum(changed), sum(undated), sum(too_old),
  sum(greatest(0, extract(epoch from coalesce(finished_at, started_at) - started_at) * 1000))::bigint
from collection_run where outcome is not null group by 1, 2;
insert into collection_day (source_id, day, runs, succeeded, seen, added, changed, undated, too_old, duration_ms)
select source_id, shanghai_day(hour), sum(runs), sum(succeeded), sum(seen), sum(added), sum(changed), sum(undated), sum(too_old), sum(duration_ms)
from collection_hour group by 1, 2;
update source_health set
  last_started_at = known.last_started_at, first_success_at = known.first_success_at, last_success_at = known.last_success_at,
  last_item_at = known.last_item_at, quiet_from = coalesce(known.last_item_at, known.first_success_at),
  failures = known.failures, failing_since = known.failing_since
from (
  select run.source_id, max(started_at) as last_started_at,
    min(started_at) filter (where good) as first_success_at, max(started_at) filter (where good) as last_success_at,
    max(started_at) filter (where added > 0) as last_item_at,
    count(*) filter (where id > last_good) as failures, min(started_at) filter (where id > last_good) as failing_since
  from (
    select *, outcome in ('ok', 'not-modified', 'empty') as good,
      coalesce(max(id) filter (where outcome in ('ok', 'not-modified', 'empty')) over (partition by source_id), 0) as last_good
    from collection_run where outcome is not null
  ) run group by run.source_id
) known where known.source_id = source_health.source_id;
update source_health set
  last_finished_at = run.finished_at, last_outcome = run.outcome, last_detail = run.detail, last_added = run.added
from (
  select distinct on (source_id) * from collection_run where outcome is not null order by source_id, id desc
) run where run.source_id = source_health.source_id;

-- A source without which nothing can be said about some cells: of one risk or of all, in one project, one city company or everywhere.
create table source_requirement (
  source_id int not null references source on delete cascade,
  risk_code text,
  city_company_id int references city_company on delete cascade,
  project_id int references project on delete cascade,
  check (city_company_id is null or project_id is null),
  unique nulls not distinct (source_id, risk_code, city_company_id, project_id)
);
create index source_requirement_city on source_requirement (city_company_id);
create index source_requirement_project on source_requirement (project_id);

-- How many sources a cell requires and which of them were blocked: {required, blocked: [{id, name, health}]}; null: all were read.
alter table assessment add column absence jsonb;
alter table exposure add column required_sources int not null default 0;
alter table exposure add column blocked_sources int not null default 0;

-- One record a day, kept: that the house was watched, and how much of it. A day without one was not watched.
create table daily_heartbeat (
  day date primary key,
  at timestamptz not null,
  -- The hours it speaks of.
  since timestamptz not null,
  sources int not null,
  sources_read int not null,
  sources_silent int not null,
  sources_paused int not null,
  runs int not null,
  failed_runs int not null,
  items int not null,
  -- Texts of the time that name one of our projects or risks.
  matches int not null,
  cases int not null,
  oldest_source text,
  oldest_success_at timestamptz,
  deadlines_checked_at timestamptz,
  -- [{id, name, health, cause, since}], at most 50, the longest first
  failing jsonb not null
);
