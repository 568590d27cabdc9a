-- Taking in a burst of texts: half of what it cost was the word index, and a call of a function for every row.

-- New texts wait beside the index and are put in by the thousand, sorted, when the analysis has caught up (it asks for it)
-- or autovacuum comes by: one by one each of a text's three hundred pairs walks down the tree. A search reads the list
-- of waiting texts too; 32 MB of it are some thousand pages, a few hundredths of a second.
alter index document_words set (gin_pending_list_limit = 32768);
alter index complaint_words set (gin_pending_list_limit = 32768);

drop trigger document_waits on document;
create function new_documents_wait() returns trigger language plpgsql as $$
begin
  insert into document_analysis (document_id) select id from fresh order by id;
  return null;
end $$;
create trigger new_documents_wait after insert on document referencing new table as fresh
  for each statement execute function new_documents_wait();
create trigger changed_document_waits after update of title, body on document for each row execute function document_waits();

-- The same pairs four times as quickly: cut from the text at even and at odd places instead of joined letter by letter.
-- Next to a gap or at the end a single letter comes along, which no search asks for. Every pair of before is still there,
-- so what was indexed stays right.
create or replace function bigrams(t text) returns tsvector immutable parallel safe strict language plpgsql as $$
declare s text := left(t, 10000);
begin
  -- Few texts need it, and asking costs a tenth of doing.
  if s is not nfkc normalized then s := normalize(s, nfkc); end if;
  s := regexp_replace(lower(s), '[\x01-\x20]', E'\x01', 'g');
  return array_to_tsvector(array_remove(string_to_array(
    regexp_replace(s, '(..)', E'\\1\x01', 'g') || E'\x01' || regexp_replace(substr(s, 2), '(..)', E'\\1\x01', 'g'),
    E'\x01'), ''));
end $$;
