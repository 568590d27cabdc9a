-- Why a source stays paused when others are resumed together: a person paused this one on its page, or the product made it
-- to be read once or not at all (a link kept by hand, an imported file). null: it may be resumed with others.
alter table source add column kept_paused text check (kept_paused in ('person', 'product'));

-- The audit trail tells of those that are paused: one that nobody paused was so from its beginning, and a pause of many at
-- once has «together» in its entry.
update source set kept_paused = case
  when last.detail is null then 'product'
  when not last.detail ? 'together' then 'person'
end
from source one left join lateral (
  select e.detail from audit_entry e
  where e.subject_kind = 'source' and e.subject_id = one.id::text and e.action in ('source.pause', 'source.resume')
  order by e.id desc limit 1
) last on true
where source.id = one.id and source.state = 'paused';
