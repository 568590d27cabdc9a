-- What hung on a mail or post: [{ "name", "contentType", "bytes" }], named and not kept. null: nothing.
alter table document add column attachments jsonb;
