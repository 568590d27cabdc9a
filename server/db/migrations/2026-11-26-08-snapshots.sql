-- ── evidence: pages as they came over the wire ──────────────────────────────────────────────────────────────────────────
-- Bytes apart from what is said about them: a page that did not change, or that two documents share, lies here once.
create table snapshot_body (
  -- Of the bytes as fetched, before our compression.
  sha256 bytea primary key check (octet_length(sha256) = 32),
  size int not null check (size >= 0),
  encoding text not null check (encoding in ('identity', 'br')),
  body bytea not null
);
-- Compressed already: PostgreSQL must not try again.
alter table snapshot_body alter column body set storage external;

create table snapshot (
  id bigint generated always as identity primary key,
  -- No cascade: evidence keeps its document.
  document_id bigint not null references document,
  -- The version of the text that was current when the page was fetched.
  document_version int not null,
  -- The address that answered, after redirects.
  url text not null,
  status int not null,
  -- Without cookies and secrets.
  headers jsonb not null,
  fetched_at timestamptz not null,
  sha256 bytea not null references snapshot_body,
  -- 'collected': came with the item; 'warned': fetched because it stands behind a red line or a warning of level I or II; 'asked': by a person.
  reason text not null check (reason in ('collected', 'warned', 'asked')),
  asked_by int references app_user check (asked_by is null or reason = 'asked'),
  -- Whether the title stood on the page; null: nobody looked. A page that lost it may say «deleted» and answer 200.
  shows_title boolean
);
-- One list per mention, newest first.
create index snapshot_document on snapshot (document_id, id desc);
-- The machine keeps one page of each version, whoever is first; people keep as many as they ask for.
create unique index snapshot_of_version on snapshot (document_id, document_version, reason) where reason <> 'asked';
-- For the rule that lets pages go: those of each kind, oldest first; and for bodies nobody names any more.
create index snapshot_age on snapshot (reason, fetched_at);
create index snapshot_sha256 on snapshot (sha256);

create function refuse_snapshot_change() returns trigger language plpgsql as $$
begin
  -- Only the retention rule of the policy takes pages away; it says so for its own transaction.
  if tg_op = 'DELETE' and current_setting('weiyu.retention', true) = 'on' then return old; end if;
  raise exception 'a snapshot is never changed or deleted; keep a new one';
end $$;
create trigger snapshot_frozen before update or delete on snapshot for each row execute function refuse_snapshot_change();
create trigger snapshot_body_frozen before update or delete on snapshot_body for each row execute function refuse_snapshot_change();

-- Tries that brought no page: «it answered 404 on that day» is evidence too.
create table snapshot_attempt (
  id bigint generated always as identity primary key,
  document_id bigint not null references document on delete cascade,
  at timestamptz not null,
  reason text not null check (reason in ('warned', 'asked')),
  asked_by int references app_user,
  outcome text not null check (outcome in ('blocked', 'timeout', 'parse-error', 'too-large', 'refused', 'unreachable')),
  detail text not null
);
create index snapshot_attempt_document on snapshot_attempt (document_id, id desc);

-- Pages to fetch. A row goes when its page is kept and stays, given up, when it cannot be had: so it is not queued again.
create table snapshot_due (
  document_id bigint not null references document on delete cascade,
  document_version int not null,
  next_at timestamptz not null,
  attempts int not null default 0,
  -- Whoever fetches holds it until then; a process that was killed loses it.
  taken_until timestamptz,
  gave_up_at timestamptz,
  primary key (document_id, document_version)
);
create index snapshot_due_next on snapshot_due (next_at) where gave_up_at is null;

-- Red lines are few among signals: found without reading the others.
create index signal_red_line on signal (occurred_at desc) where is_red_line and mention_id is not null;

-- What raises nothing (undated, future, old, learning) is looked for by its own filter, newest first.
create index mention_apart on mention (occurred_at desc, id desc) where is_learning;
-- Dates ahead of the clock are so rare that walking by time would pass over everything else.
create index document_future on document (id) where dating = 'future';
