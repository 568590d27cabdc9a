-- ── collecting: the hosts that are read, shared by all processes ────────────────────────────────────────────────────────
-- Pace, Retry-After and circuit of each host (collectors/host-ledger.ts). Unlogged: after a crash of the database the worst is
-- one request too early, and a reservation per request need not be written twice. One row a host, forgotten after a day, so
-- the primary key is the only index; half-empty pages keep its updates on the page (HOT).
create unlogged table host_state (
  host text primary key,
  -- The next request starts no earlier.
  free_at timestamptz not null,
  -- In a row.
  failures int not null default 0,
  -- Nobody asks before; while a probe is under way, the end of its lease.
  closed_until timestamptz not null default '-infinity',
  -- Outcome and words for whoever is turned away; without credentials.
  outcome text,
  reason text
) with (fillfactor = 50);
