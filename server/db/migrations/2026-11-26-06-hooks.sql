-- Where another system pushes to a source: POST /api/hooks/<token>, signed with the secret.
create table source_hook (
  source_id int primary key references source on delete cascade,
  token text not null unique,
  -- Sealed by the vault; shown once, when it was made.
  secret_encrypted bytea not null,
  made_at timestamptz not null,
  -- The secret before, good until then, so that the other side can change over.
  previous_encrypted bytea,
  previous_until timestamptz,
  check ((previous_encrypted is null) = (previous_until is null))
);

-- What was taken in: signatures and the sender's own ids, so that nothing is taken in twice. Forgotten after thirty days.
create table source_delivery (
  source_id int not null references source on delete cascade,
  delivery_id text not null,
  received_at timestamptz not null,
  primary key (source_id, delivery_id)
);
create index source_delivery_received on source_delivery (source_id, received_at);
