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
