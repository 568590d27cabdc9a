-- ── assistant: the optional language model ──────────────────────────────────────────────────────────────────────────────
-- One endpoint for the whole group; no row: never configured, so off.
create table assistant_endpoint (
  id boolean primary key default true check (id),
  is_on boolean not null default false,
  base_url text not null,
  model text not null,
  -- Sealed by the vault; null: the endpoint wants none.
  key_encrypted bytea,
  time_limit_ms int not null check (time_limit_ms between 1000 and 300000),
  calls_per_day int not null check (calls_per_day >= 0),
  tokens_per_day int not null check (tokens_per_day >= 0),
  updated_by int references app_user,
  updated_at timestamptz not null default now()
);

-- Every call, made or not: who asked for what, which ids were given, what came back. The prompt itself is not kept: its texts
-- stand in their own tables; hash and size prove what was sent.
create table assistant_call (
  id bigint generated always as identity primary key,
  asked_by int not null references app_user,
  asked_at timestamptz not null,
  purpose text not null check (purpose in ('labels', 'summary', 'draft', 'severity', 'test')),
  -- Only for a draft.
  draft_kind text check (draft_kind in ('statement', 'reply', 'briefing')),
  subject_kind text not null check (subject_kind in ('mention', 'story', 'warning', 'endpoint')),
  subject_id bigint,
  -- Whose matter it is: who may read this row, and who hears that it ended.
  project_ids int[] not null default '{}',
  city_company_id int references city_company,
  -- ["m12", "c45"]: m mentions, c complaints; a sentence may cite these and no others.
  given jsonb not null default '[]',
  model text not null,
  prompt_hash bytea,
  prompt_chars int,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done')),
  -- null until done; the words are in server/assistant/outcome.ts
  outcome text,
  -- A sentence for the administrator; never the key.
  detail text,
  answer text,
  attempts int not null default 0,
  started_at timestamptz,
  finished_at timestamptz,
  -- A call that nobody ended by then was lost with its process.
  deadline_at timestamptz not null,
  -- What the call may cost at most while it lasts, what it did cost afterwards: both count against the day.
  tokens int not null,
  tokens_in int,
  tokens_out int,
  -- Sentences and labels that were cut, by reason.
  cut jsonb not null default '{}'
);
-- The log, newest first, and the sums of a day: a few thousand rows at the most.
create index assistant_call_asked on assistant_call (asked_at desc, id desc);
create index assistant_call_subject on assistant_call (subject_kind, subject_id, id desc);
create index assistant_call_unfinished on assistant_call (deadline_at) where state <> 'done';

-- What a person may accept or discard. Nothing else reads an open one; scoring reads accepted opinions on severity.
create table assistant_proposal (
  id bigint generated always as identity primary key,
  call_id bigint not null references assistant_call on delete cascade,
  kind text not null check (kind in ('label', 'miss', 'summary', 'draft', 'severity')),
  draft_kind text check (draft_kind in ('statement', 'reply', 'briefing')),
  subject_kind text not null check (subject_kind in ('mention', 'story', 'warning')),
  subject_id bigint not null,
  project_ids int[] not null default '{}',
  city_company_id int references city_company,
  -- Checked by server/assistant/proposal.ts
  content jsonb not null,
  -- The signal a label is about.
  signal_id bigint references signal on delete cascade,
  -- The cell an opinion on severity is about, and how many steps it moves the level: −1 milder, +1 graver.
  project_id int references project on delete cascade,
  risk_code text,
  step int check (step in (-1, 1)),
  state text not null default 'open' check (state in ('open', 'accepted', 'discarded', 'replaced', 'withdrawn')),
  decided_by int references app_user,
  decided_at timestamptz,
  -- The text as the person changed it before accepting.
  edited text,
  reason text,
  check ((kind = 'severity') = (step is not null)),
  check (kind <> 'severity' or project_id is not null and risk_code is not null)
);
create index assistant_proposal_call on assistant_proposal (call_id);
create index assistant_proposal_subject on assistant_proposal (subject_kind, subject_id, id desc);
create index assistant_proposal_signal on assistant_proposal (signal_id);
-- At most one opinion holds for a cell, which is what bounds the move to one step.
create unique index assistant_opinion on assistant_proposal (project_id, risk_code) where kind = 'severity' and state = 'accepted';
create index assistant_proposal_project on assistant_proposal (project_id);

-- The accepted opinion as it stood when the assessment was computed: {step, clause, proposalId, by}; null: none.
alter table assessment add column opinion jsonb;
