-- Hot lists and watched pages date nothing. What was new on them had the moment of the look written down as that of its
-- publication; it keeps its place in time by collected_at, and publication is unknown again.
create temporary table seen_first on commit drop as
  select document.id from document join source on source.id = document.source_id
  where source.kind in ('hot-list', 'page-watch') and document.published_at = document.collected_at;
update document set published_at = null from seen_first where document.id = seen_first.id;
update mention set published_at = null from seen_first where mention.id = seen_first.id;
