-- Charts read counters per Shanghai day instead of counting a million rows. Triggers keep them exact in the same
-- transaction, whoever writes; one statement is one addition per day and project, in key order, so that writers do not deadlock.

create function shanghai_day(at timestamptz) returns date immutable parallel safe language sql
return (at at time zone interval '8 hours')::date;

create function count_mention_added() returns trigger language plpgsql as $$
begin
  insert into mention_daily as d (day, project_id, mentions, negative)
  select day, project_id, sum(mentions), sum(negative) from (
      select shanghai_day(occurred_at) as day, unnest(array_prepend(0, project_ids)) as project_id, 1 as mentions, case when polarity = 'negative' then 1 else 0 end as negative from added
  ) delta
  group by day, project_id having sum(mentions) <> 0 or sum(negative) <> 0 order by day, project_id
  on conflict (day, project_id) do update set mentions = d.mentions + excluded.mentions, negative = d.negative + excluded.negative;
  return null;
end $$;

create function count_mention_removed() returns trigger language plpgsql as $$
begin
  insert into mention_daily as d (day, project_id, mentions, negative)
  select day, project_id, sum(mentions), sum(negative) from (
      select shanghai_day(occurred_at) as day, unnest(array_prepend(0, project_ids)) as project_id, -1 as mentions, case when polarity = 'negative' then -1 else 0 end as negative from removed
  ) delta
  group by day, project_id having sum(mentions) <> 0 or sum(negative) <> 0 order by day, project_id
  on conflict (day, project_id) do update set mentions = d.mentions + excluded.mentions, negative = d.negative + excluded.negative;
  return null;
end $$;

create function count_mention_changed() returns trigger language plpgsql as $$
begin
  insert into mention_daily as d (day, project_id, mentions, negative)
  select day, project_id, sum(mentions), sum(negative) from (
      select shanghai_day(occurred_at) as day, unnest(array_prepend(0, project_ids)) as project_id, 1 as mentions, case when polarity = 'negative' then 1 else 0 end as negative from added
      union all
      select shanghai_day(occurred_at) as day, unnest(array_prepend(0, project_ids)) as project_id, -1 as mentions, case when polarity = 'negative' then -1 else 0 end as negative from removed
  ) delta
  group by day, project_id having sum(mentions) <> 0 or sum(negative) <> 0 order by day, project_id
  on conflict (day, project_id) do update set mentions = d.mentions + excluded.mentions, negative = d.negative + excluded.negative;
  return null;
end $$;

create trigger count_mention_added after insert on mention
  referencing new table as added for each statement execute function count_mention_added();
create trigger count_mention_removed after delete on mention
  referencing old table as removed for each statement execute function count_mention_removed();
create trigger count_mention_changed after update on mention
  referencing old table as removed new table as added for each statement execute function count_mention_changed();

create function count_complaint_added() returns trigger language plpgsql as $$
begin
  insert into complaint_daily as d (day, city_company_id, project_id, received, closed)
  select day, city_company_id, project_id, sum(received), sum(closed) from (
      select shanghai_day(received_at) as day, city_company_id, coalesce(project_id, 0) as project_id, 1 as received, 0 as closed from added
      union all
      select shanghai_day(closed_at), city_company_id, coalesce(project_id, 0), 0, 1 from added where closed_at is not null
  ) delta
  group by day, city_company_id, project_id having sum(received) <> 0 or sum(closed) <> 0 order by day, city_company_id, project_id
  on conflict (day, city_company_id, project_id) do update set received = d.received + excluded.received, closed = d.closed + excluded.closed;
  return null;
end $$;

create function count_complaint_removed() returns trigger language plpgsql as $$
begin
  insert into complaint_daily as d (day, city_company_id, project_id, received, closed)
  select day, city_company_id, project_id, sum(received), sum(closed) from (
      select shanghai_day(received_at) as day, city_company_id, coalesce(project_id, 0) as project_id, -1 as received, 0 as closed from removed
      union all
      select shanghai_day(closed_at), city_company_id, coalesce(project_id, 0), 0, -1 from removed where closed_at is not null
  ) delta
  group by day, city_company_id, project_id having sum(received) <> 0 or sum(closed) <> 0 order by day, city_company_id, project_id
  on conflict (day, city_company_id, project_id) do update set received = d.received + excluded.received, closed = d.closed + excluded.closed;
  return null;
end $$;

create function count_complaint_changed() returns trigger language plpgsql as $$
begin
  insert into complaint_daily as d (day, city_company_id, project_id, received, closed)
  select day, city_company_id, project_id, sum(received), sum(closed) from (
      select shanghai_day(received_at) as day, city_company_id, coalesce(project_id, 0) as project_id, 1 as received, 0 as closed from added
      union all
      select shanghai_day(closed_at), city_company_id, coalesce(project_id, 0), 0, 1 from added where closed_at is not null
      union all
      select shanghai_day(received_at) as day, city_company_id, coalesce(project_id, 0) as project_id, -1 as received, 0 as closed from removed
      union all
      select shanghai_day(closed_at), city_company_id, coalesce(project_id, 0), 0, -1 from removed where closed_at is not null
  ) delta
  group by day, city_company_id, project_id having sum(received) <> 0 or sum(closed) <> 0 order by day, city_company_id, project_id
  on conflict (day, city_company_id, project_id) do update set received = d.received + excluded.received, closed = d.closed + excluded.closed;
  return null;
end $$;

create trigger count_complaint_added after insert on complaint
  referencing new table as added for each statement execute function count_complaint_added();
create trigger count_complaint_removed after delete on complaint
  referencing old table as removed for each statement execute function count_complaint_removed();
create trigger count_complaint_changed after update on complaint
  referencing old table as removed new table as added for each statement execute function count_complaint_changed();
