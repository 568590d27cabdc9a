-- Likes, comments and shares of the texts of a hot issue, as last seen: part of its heat.
alter table issue add column reaction_count bigint not null default 0;

insert into issue_due (city_company_id, project_id)
select distinct city_company_id, coalesce(project_id, 0) from issue order by 1, 2
on conflict do nothing;
