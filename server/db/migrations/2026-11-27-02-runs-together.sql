-- Runs are begun and ended many at a time (one statement each), so what stands behind them is kept once a statement, not
-- once a row: three statements for sixty runs instead of a hundred and eighty.

drop trigger note_run on collection_run;
drop function note_run();

-- Of runs that were stored with their outcome, and of those that got one now. A statement that ends several runs of one
-- source ends them all alike: it closes what killed processes left behind.
create function note_ended_runs(ended bigint[]) returns void language sql as $$
  with run as (
    select source_id, id, outcome, detail, seen, added, changed, undated, too_old, bytes, started_at,
      coalesce(finished_at, started_at) as finished_at,
      outcome in ('ok', 'not-modified', 'empty') as good,
      (outcome in ('ok', 'empty'))::int as answered,
      (outcome = 'empty' or outcome = 'ok' and seen = 0)::int as bare,
      greatest(0, extract(epoch from coalesce(finished_at, started_at) - started_at) * 1000)::bigint as took
    from collection_run where id = any(ended)
  ), newest as (
    select distinct on (source_id) *, count(*) over (partition by source_id) as runs, min(started_at) over (partition by source_id) as since
    from run order by source_id, id desc
  ), health as (
    update source_health h set
      last_finished_at = n.finished_at,
      last_outcome = n.outcome,
      last_detail = n.detail,
      last_added = n.added,
      first_success_at = case when n.good then coalesce(h.first_success_at, n.started_at) else h.first_success_at end,
      last_success_at = case when n.good then n.started_at else h.last_success_at end,
      last_item_at = case when n.added > 0 then n.started_at else h.last_item_at end,
      quiet_from = case
        when n.added > 0 then n.started_at
        when not n.good then h.quiet_from
        -- It was blind for hours: what is silent now is counted from now.
        when h.quiet_from is null or h.failing_since < n.started_at - interval '6 hours' then n.started_at
        else h.quiet_from end,
      failures = case when n.good then 0 else h.failures + n.runs end,
      failing_since = case when n.good then null else coalesce(h.failing_since, n.since) end,
      empties = case when n.answered = 0 then h.empties when n.bare = 1 then h.empties + n.runs else 0 end
    from newest n where h.source_id = n.source_id
  ), by_hour as (
    insert into collection_hour as h (source_id, hour, runs, succeeded, answers, empties, fruitful, seen, added, changed,
      undated, too_old, duration_ms, bytes)
    select source_id, date_trunc('hour', started_at, 'UTC') as hour, count(*), sum(good::int), sum(answered), sum(bare),
      sum((added > 0)::int), sum(seen), sum(added), sum(changed), sum(undated), sum(too_old), sum(took), sum(bytes)
    from run group by 1, 2 order by 1, 2
    on conflict (source_id, hour) do update set runs = h.runs + excluded.runs, succeeded = h.succeeded + excluded.succeeded,
      answers = h.answers + excluded.answers, empties = h.empties + excluded.empties, fruitful = h.fruitful + excluded.fruitful,
      seen = h.seen + excluded.seen, added = h.added + excluded.added, changed = h.changed + excluded.changed,
      undated = h.undated + excluded.undated, too_old = h.too_old + excluded.too_old,
      duration_ms = h.duration_ms + excluded.duration_ms, bytes = h.bytes + excluded.bytes
  )
  insert into collection_day as d (source_id, day, runs, succeeded, seen, added, changed, undated, too_old, duration_ms, bytes)
  select source_id, shanghai_day(started_at) as day, count(*), sum(good::int), sum(seen), sum(added), sum(changed),
    sum(undated), sum(too_old), sum(took), sum(bytes)
  from run group by 1, 2 order by 1, 2
  on conflict (source_id, day) do update set runs = d.runs + excluded.runs, succeeded = d.succeeded + excluded.succeeded,
    seen = d.seen + excluded.seen, added = d.added + excluded.added, changed = d.changed + excluded.changed,
    undated = d.undated + excluded.undated, too_old = d.too_old + excluded.too_old,
    duration_ms = d.duration_ms + excluded.duration_ms, bytes = d.bytes + excluded.bytes
$$;

create function note_begun_runs() returns trigger language plpgsql as $$
begin
  update source_health h set last_started_at = n.started_at, due_since = null
  from (select source_id, max(started_at) as started_at from fresh group by source_id) n where h.source_id = n.source_id;
  perform note_ended_runs(array_agg(id)) from fresh where outcome is not null having count(*) > 0;
  return null;
end $$;
create trigger note_begun_runs after insert on collection_run referencing new table as fresh
  for each statement execute function note_begun_runs();

-- Counts move while a run goes on, which ends nothing.
create function note_changed_runs() returns trigger language plpgsql as $$
begin
  perform note_ended_runs(array_agg(id))
  from after join before using (id) where after.outcome is not null and before.outcome is null having count(*) > 0;
  return null;
end $$;
create trigger note_changed_runs after update on collection_run referencing old table as before new table as after
  for each statement execute function note_changed_runs();
