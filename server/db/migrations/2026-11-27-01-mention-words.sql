-- Words of mentions instead of words of every text. The pairs of all that was collected cost more than collecting and
-- analysing it, though only what became a mention is ever searched.

drop index document_words;

-- How a text is kept for searching, and a word before it is looked for: one width, one case. So 'ＡＢＣ' is found by
-- 'abc', and a plain comparison, ten times as cheap as ilike, decides.
create function search_text(t text) returns text immutable parallel safe strict language sql as $$
  select lower(normalize(t, nfkc))
$$;

-- Every pair of neighbouring signs as a number, without those that hold a blank or a punctuation mark: below '0', or from
-- U+2000 to U+303F. No search asks for these (server/db/words.ts), and they are one in seven. Letters beyond U+FFFF share
-- numbers with others, so a find is always compared with the text. Numbers are sorted and stored at two thirds of what
-- pairs of letters cost, and have no length at which an index gives up: the whole text is found, however long.
create function word_pairs(t text) returns int[] immutable parallel safe strict language sql as $$
  select array(
    select (x << 16) # y
    from (
      select ascii(x) as x, ascii(y) as y
      from unnest(string_to_array(t, null), string_to_array(substr(t, 2), null)) as pair(x, y)
      offset 0
    ) pair
    where x >= 48 and y >= 48 and x not between 8192 and 12351 and y not between 8192 and 12351
  )
$$;

-- Title and body of each mention.
create table mention_text (
  mention_id bigint primary key references mention on delete cascade,
  text text not null
);

-- The same of mentions that are new or whose text changed, until they are put into the index together: a thousand at once
-- cost a third of what they cost one by one. A text that waits stands in place of the one in `mention_text`.
create table mention_text_waiting (
  mention_id bigint primary key references mention on delete cascade,
  text text not null
);

insert into mention_text (mention_id, text)
select m.id, search_text(d.title || chr(10) || d.body) from mention m join document d on d.id = m.id order by m.id;

-- What is moved in one go (analysis/job.ts) fits into the list beside the index, from which it is sorted in.
create index mention_text_words on mention_text using gin (word_pairs(text)) with (gin_pending_list_limit = 65536);
alter index mention_text_words alter column 1 set statistics 0;

-- Here and not in the code that writes mentions: a mention without its text would be one that no search finds.
create function new_mentions_wait() returns trigger language plpgsql as $$
begin
  insert into mention_text_waiting (mention_id, text)
  select d.id, search_text(d.title || chr(10) || d.body) from fresh join document d on d.id = fresh.id order by d.id;
  return null;
end $$;
create trigger new_mentions_wait after insert on mention referencing new table as fresh
  for each statement execute function new_mentions_wait();

-- The analysis mark first: a worker that reads the text holds it until its mention, if any, can be seen from here.
create or replace function document_waits() returns trigger language plpgsql as $$
begin
  insert into document_analysis (document_id) values (new.id)
  on conflict (document_id) do update set analysed_version = null, analysed_at = null;
  insert into mention_text_waiting (mention_id, text)
  select m.id, search_text(new.title || chr(10) || new.body) from mention m where m.id = new.id
  on conflict (mention_id) do update set text = excluded.text;
  return null;
end $$;

-- Names that a project gained or lost: the analysis looks for the texts that bear them and reads those again. All texts,
-- not only mentions; without an index that takes seconds, which is too long for a person to wait.
create table name_due (
  name text primary key,
  -- Texts older than this are left as they were read.
  since timestamptz not null,
  -- Tells a name from the same one noted again while it was being looked for.
  noted_at timestamptz not null default clock_timestamp()
);
