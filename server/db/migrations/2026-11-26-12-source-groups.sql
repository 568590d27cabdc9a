-- How people sort their sources, as in their feed readers: groups within groups, outermost first, «楼市 / 武汉». null: none.
-- Read with the list of all sources, so no index.
alter table source add column group_name text check (group_name <> '' and length(group_name) <= 200);
