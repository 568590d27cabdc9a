-- The tables of the main job. Grouped by the feature that writes them; any store may read them.
-- Natural keys carry idempotency: the same feed read twice, or a step killed half-way, gives the same rows.

-- Chinese search: every pair of neighbouring characters is a lexeme, so any word of two or more is found (no dictionary to miss a name).
-- Capped at 10,000 characters: a longer text costs more than it finds.
create function bigrams(t text) returns tsvector immutable parallel safe strict language plpgsql as $$
declare s text := left(t, 10000); a text[];
begin
  -- Few texts need it, and asking costs a tenth of doing.
  if s is not nfkc normalized then s := normalize(s, nfkc); end if;
  a := string_to_array(lower(s), null);
  return array_to_tsvector(array(select x || y from unnest(a, a[2:]) as pair(x, y) where x > ' ' and y > ' '));
end $$;

-- ── policy ────────────────────────────────────────────────────────────────────────────────────────────────────────
create table setting (
  key text primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);

create table policy_version (
  version int generated always as identity primary key,
  content_hash text not null unique,
  content jsonb not null,
  effective_from timestamptz not null,
  created_by int,
  reason text not null,
  created_at timestamptz not null default now()
);

-- ── risks ─────────────────────────────────────────────────────────────────────────────────────────────────────────
create table catalog_version (
  version text primary key,
  content jsonb not null,
  loaded_at timestamptz not null default now()
);

-- The catalogue in force, for joins and lists; the whole definition is in `definition`.
create table risk (
  code text primary key,
  phase text not null,
  position int not null,
  name_zh text not null,
  name_en text not null,
  severity int not null check (severity between 1 and 5),
  clause text not null,
  definition jsonb not null,
  catalog_version text not null references catalog_version
);

-- ── projects: group → city companies → projects, departments, publishers ─────────────────────────────────────────────
create table city_company (
  id int generated always as identity primary key,
  code text not null unique,
  name text not null unique,
  city text not null
);

create table department (
  id int generated always as identity primary key,
  city_company_id int references city_company,
  kind text not null,
  name text not null,
  unique nulls not distinct (city_company_id, name)
);

create table project (
  id int generated always as identity primary key,
  city_company_id int not null references city_company,
  code text not null unique,
  name text not null,
  city text not null,
  district text,
  address text,
  longitude double precision,
  latitude double precision,
  -- Catalogue phase the project is in now: PS LA SA DE PO.
  stage text not null check (stage in ('PS', 'LA', 'SA', 'DE', 'PO')),
  households int check (households >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (city_company_id, name)
);

create table project_alias (
  project_id int not null references project on delete cascade,
  alias text not null,
  kind text not null check (kind in ('alias', 'promotion-name', 'learnt')),
  primary key (project_id, alias)
);

create table project_phase (
  project_id int not null references project on delete cascade,
  name text not null,
  buildings text,
  households int,
  delivery_on date,
  primary key (project_id, name)
);

create table milestone (
  id int generated always as identity primary key,
  project_id int not null references project on delete cascade,
  phase_name text,
  kind text not null,
  planned_on date not null,
  actual_on date,
  note text,
  unique nulls not distinct (project_id, phase_name, kind)
);
create index milestone_open on milestone (planned_on) where actual_on is null;

-- Corroboration counts families, never feeds.
create table publisher_family (
  id int generated always as identity primary key,
  name text not null unique,
  -- 1 central party media … 6 self-media: 'central' 'provincial' 'portal' 'local' 'self-media' 'forum' 'official'
  tier text not null check (tier in ('central', 'provincial', 'portal', 'local', 'self-media', 'forum', 'official'))
);

create table publisher (
  id int generated always as identity primary key,
  family_id int not null references publisher_family,
  name text not null unique,
  -- Host names whose pages are this publisher's.
  hosts text[] not null default '{}'
);

-- ── access ────────────────────────────────────────────────────────────────────────────────────────────────────────
create table app_user (
  id int generated always as identity primary key,
  login text not null unique,
  name text not null,
  password_hash text not null,
  state text not null default 'active' check (state in ('active', 'disabled')),
  failed_attempts int not null default 0,
  locked_until timestamptz,
  locale text not null default 'zh-CN',
  last_sign_in_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index app_user_login on app_user (lower(login));

-- A role holds for the whole group (no city company), one city company, or one project of it.
create table role_assignment (
  user_id int not null references app_user on delete cascade,
  role text not null,
  city_company_id int references city_company,
  project_id int references project on delete cascade,
  unique nulls not distinct (user_id, role, city_company_id, project_id)
);
create index role_assignment_project on role_assignment (project_id);

create table session (
  -- SHA-256 of the cookie value: a stolen table opens nothing.
  token_hash bytea primary key,
  user_id int not null references app_user on delete cascade,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  address text,
  agent text
);
create index session_of_user on session (user_id);
create index session_expiry on session (expires_at);

-- ── audit ─────────────────────────────────────────────────────────────────────────────────────────────────────────
create table audit_entry (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor_id int,
  -- Who, in words that stay true when the user is gone; 'system' for the machine.
  actor text not null,
  action text not null,
  subject_kind text not null,
  subject_id text,
  city_company_id int,
  clause text,
  detail jsonb not null default '{}',
  previous_hash bytea not null,
  hash bytea not null
);
create index audit_entry_subject on audit_entry (subject_kind, subject_id, id);
create index audit_entry_at on audit_entry (at);

-- The chain: each hash covers the entry and the hash before it. The lock makes entries queue, so that no two share a predecessor.
create function chain_audit_entry() returns trigger language plpgsql as $$
declare last_hash bytea;
begin
  perform pg_advisory_xact_lock(714001);
  select hash into last_hash from audit_entry order by id desc limit 1;
  -- The identity was drawn before the lock; draw again so that ids follow the chain.
  new.id := nextval(pg_get_serial_sequence('audit_entry', 'id'));
  new.previous_hash := coalesce(last_hash, '\x00'::bytea);
  new.hash := audit_hash(new);
  return new;
end $$;

create function audit_hash(e audit_entry) returns bytea stable language sql as $$
  select sha256(e.previous_hash || convert_to(jsonb_build_array(
    e.id, extract(epoch from e.at), e.actor_id, e.actor, e.action, e.subject_kind, e.subject_id, e.city_company_id, e.clause, e.detail
  )::text, 'UTF8'))
$$;

create trigger audit_entry_chain before insert on audit_entry for each row execute function chain_audit_entry();

create function refuse_audit_change() returns trigger language plpgsql as $$
begin raise exception 'audit entries are never changed or deleted; write a new one'; end $$;
create trigger audit_entry_frozen before update or delete on audit_entry for each row execute function refuse_audit_change();
create trigger audit_entry_kept before truncate on audit_entry for each statement execute function refuse_audit_change();

-- ── ingest ────────────────────────────────────────────────────────────────────────────────────────────────────────
create table source (
  id int generated always as identity primary key,
  kind text not null,
  name text not null unique,
  publisher_id int references publisher,
  -- The declared fields of the kind; checked by its schema.
  options jsonb not null,
  schedule text not null,
  state text not null default 'active' check (state in ('active', 'paused')),
  -- Aggregators and hot lists are not publishers: their items name the medium themselves.
  is_aggregator boolean not null default false,
  -- Until then texts are stored but raise nothing (first run, long outage).
  learning_until timestamptz,
  -- The collector's own position (ETag, last row id), from the last run that succeeded.
  cursor jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table collection_run (
  id bigint generated always as identity primary key,
  source_id int not null references source on delete cascade,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  -- null while it runs
  outcome text check (outcome in ('ok', 'not-modified', 'empty', 'blocked', 'timeout', 'parse-error', 'too-large', 'refused', 'unreachable', 'interrupted')),
  seen int not null default 0,
  added int not null default 0,
  changed int not null default 0,
  undated int not null default 0,
  too_old int not null default 0,
  detail text
);
create index collection_run_source on collection_run (source_id, id desc);
create index collection_run_started on collection_run (started_at);

create table document (
  id bigint generated always as identity primary key,
  -- Canonical URL; without one `source:<id>:<external id or content hash>`.
  identity text not null unique,
  source_id int not null references source,
  run_id bigint references collection_run on delete set null,
  publisher_id int references publisher,
  -- As the source named the medium, when no publisher of ours matched.
  publisher_name text,
  url text,
  title text not null,
  body text not null,
  author text,
  published_at timestamptz,
  -- 'dated'; 'undated' and 'future' are kept apart; 'old' fell behind the age gate.
  dating text not null check (dating in ('dated', 'undated', 'future', 'old')),
  collected_at timestamptz not null,
  content_hash bytea not null,
  version int not null default 1,
  -- Collected while its source was learning: raises nothing.
  is_learning boolean not null default false,
  raw jsonb
);
create index document_source on document (source_id, id desc);
create index document_words on document using gin (bigrams(title || chr(10) || body));
alter index document_words alter column 1 set statistics 0;

-- What the analysis has read, apart from the texts: marking a text here does not rebuild its word index.
create table document_analysis (
  document_id bigint primary key references document on delete cascade,
  -- Version of analysis and catalogue that read this version of the text; null: waits.
  analysed_version text,
  analysed_at timestamptz
);
create index document_analysis_waiting on document_analysis (document_id) where analysed_version is null;

create function document_waits() returns trigger language plpgsql as $$
begin
  insert into document_analysis (document_id) values (new.id)
  on conflict (document_id) do update set analysed_version = null, analysed_at = null;
  return null;
end $$;
create trigger document_waits after insert or update of title, body on document for each row execute function document_waits();

create table document_version (
  document_id bigint not null references document on delete cascade,
  version int not null,
  title text not null,
  body text not null,
  content_hash bytea not null,
  seen_at timestamptz not null,
  primary key (document_id, version)
);

create table document_observation (
  document_id bigint not null references document on delete cascade,
  seen_at timestamptz not null,
  counters jsonb not null,
  primary key (document_id, seen_at)
);

-- ── analysis: mention, story, signal ────────────────────────────────────────────────────────────────────────────────
create table story (
  id bigint generated always as identity primary key,
  title text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  mention_count int not null default 1,
  family_count int not null default 1
);
create index story_last on story (last_at desc);

-- A document about the company, a project or the trade. Shares the document's id.
create table mention (
  id bigint primary key references document on delete cascade,
  -- published_at, or collected_at when the source gives no date: for order and windows only.
  occurred_at timestamptz not null,
  published_at timestamptz,
  source_id int not null references source,
  publisher_id int references publisher,
  family_id int references publisher_family,
  tier text,
  title text not null,
  excerpt text not null,
  polarity text not null check (polarity in ('negative', 'neutral', 'positive')),
  -- Set by a person, whom a later analysis does not overrule.
  polarity_by int references app_user,
  sentiment real not null,
  target text check (target in ('developer', 'property-management', 'government', 'other')),
  risk_codes text[] not null default '{}',
  project_ids int[] not null default '{}',
  city_company_ids int[] not null default '{}',
  story_id bigint references story,
  simhash bigint,
  text_hash bytea,
  is_learning boolean not null default false,
  analysis_version text not null,
  catalog_version text not null
);
create index mention_time on mention (occurred_at desc, id desc);
create index mention_negative on mention (occurred_at desc, id desc) where polarity = 'negative';
-- The inbox of those whose project nobody knows yet.
create index mention_unresolved on mention (occurred_at desc, id desc) where risk_codes <> '{}' and project_ids = '{}';
create index mention_story on mention (story_id, occurred_at);
create index mention_source on mention (source_id, occurred_at desc);
create index mention_risks on mention using gin (risk_codes);
create index mention_projects on mention using gin (project_ids);
create index mention_text_hash on mention using hash (text_hash);

create table mention_project (
  mention_id bigint not null references mention on delete cascade,
  project_id int not null references project on delete cascade,
  confidence real not null,
  -- [{text,start,end,field}]
  terms jsonb not null,
  state text not null default 'proposed' check (state in ('proposed', 'confirmed', 'rejected')),
  occurred_at timestamptz not null,
  primary key (mention_id, project_id)
);
create index mention_project_time on mention_project (project_id, occurred_at desc, mention_id desc);

-- Counters per Shanghai day for charts: 0 stands for all mentions, whatever their project.
create table mention_daily (
  day date not null,
  project_id int not null,
  mentions int not null default 0,
  negative int not null default 0,
  primary key (day, project_id)
);

-- One piece of evidence that one project shows one risk. No project: recognised, but whose is unresolved; feeds no exposure.
create table signal (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('mention', 'complaint', 'reading', 'alert', 'milestone')),
  mention_id bigint references mention on delete cascade,
  complaint_id bigint,
  milestone_id int references milestone on delete cascade,
  risk_code text not null,
  project_id int references project on delete cascade,
  -- 0–1
  strength real not null,
  is_red_line boolean not null default false,
  -- [{rule, terms:[{text,start,end,field}]}]: the words that carried it, in the original text
  because jsonb not null,
  state text not null default 'proposed' check (state in ('proposed', 'confirmed', 'rejected')),
  verdict_by int references app_user,
  verdict_at timestamptz,
  verdict_reason text,
  occurred_at timestamptz not null,
  is_learning boolean not null default false,
  analysis_version text not null,
  catalog_version text not null,
  created_at timestamptz not null default now(),
  unique nulls not distinct (kind, mention_id, complaint_id, milestone_id, risk_code, project_id)
);
create index signal_cell on signal (project_id, risk_code, occurred_at desc);
create index signal_milestone on signal (milestone_id);
create index signal_complaint on signal (complaint_id);
create index signal_mention on signal (mention_id);
create index signal_risk on signal (risk_code, occurred_at desc);
-- Which cases show a risk, read without the table: the texts about the same risk can be a hundred times as many.
create index signal_risk_case on signal (risk_code, project_id, complaint_id) where complaint_id is not null and state <> 'rejected';

-- ── complaints: the ledger ──────────────────────────────────────────────────────────────────────────────────────────
create table complaint_cluster (
  id bigint generated always as identity primary key,
  project_id int not null references project,
  risk_code text not null,
  title text not null,
  created_at timestamptz not null default now()
);

create table complaint (
  id bigint generated always as identity primary key,
  -- Year-month + serial that restarts every month, per city company; never reused (S3-P6.1.3).
  number text not null unique,
  city_company_id int not null references city_company,
  project_id int references project,
  source_id int references source,
  -- Identity in the file or system it came from; the second import of the same row changes nothing.
  external_identity text unique,
  -- 'complaint' | 'enquiry' (S0-5a)
  kind text not null default 'complaint' check (kind in ('complaint', 'enquiry')),
  channel text not null check (channel in ('phone', 'visit', 'letter', 'email', 'online', 'wechat', 'suggestion-box', 'government-hotline', 'authority', 'association', 'media', 'property-office', 'other')),
  form text not null default 'written' check (form in ('oral', 'written')),
  -- S0-7, class 4 split into two
  class text not null check (class in ('design', 'engineering', 'sales', 'customer-service', 'property-service', 'other')),
  category text,
  title text not null,
  content text not null,
  demand text,
  -- First answer given at the desk (S0-9.2b)
  first_answer text,
  received_at timestamptz not null,
  registered_at timestamptz not null default now(),
  registered_by int references app_user,
  occurred_on date,
  phase_name text,
  building text,
  -- Unit within the building is personal: encrypted with the complainant.
  is_handed_over boolean,
  is_fitted_out boolean,
  customer_kind text check (customer_kind in ('owner', 'prospective-owner', 'tenant', 'staff', 'other')),
  is_anonymous boolean not null default false,
  household_count int not null default 1 check (household_count >= 0),
  person_count int not null default 1 check (person_count >= 0),
  may_litigate boolean not null default false,
  may_reach_media boolean not null default false,
  -- Coverage would seriously hurt the reputation, integrity for example: with may_reach_media it is grade 1 (S0-3.1a).
  is_reputation_at_stake boolean not null default false,
  is_group_litigation boolean not null default false,
  needs_other_departments boolean not null default false,
  repeat_after_handling_count int not null default 0,
  is_our_fault boolean,
  claim_amount numeric(14, 2),
  next_reply_on date,
  validity text check (validity in ('valid', 'coordination', 'invalid')),
  validity_basis text,
  responsible_department_id int references department,
  state text not null default 'registered',
  state_since timestamptz not null default now(),
  grade int not null check (grade between 1 and 4),
  grade_clause text not null,
  grade_because jsonb not null,
  grade_policy_version int not null references policy_version,
  graded_at timestamptz not null default now(),
  -- A supervisor's override with its reason (S3-P7.2.3); the computed grade stays in grade_because.
  grade_overridden_by int references app_user,
  grade_override_reason text,
  cluster_id bigint references complaint_cluster,
  closed_at timestamptz,
  close_reason text
);
create index complaint_received on complaint (received_at desc, id desc);
create index complaint_city on complaint (city_company_id, received_at desc, id desc);
create index complaint_project on complaint (project_id, received_at desc, id desc);
-- In the order of the list: pages of open and of overdue cases pass over no closed one, however old the ledger.
create index complaint_open on complaint (received_at desc, id desc) where closed_at is null;
create index complaint_closed on complaint (closed_at) where closed_at is not null;
create index complaint_words on complaint using gin (bigrams(title || chr(10) || content));
alter index complaint_words alter column 1 set statistics 0;
alter table signal add foreign key (complaint_id) references complaint on delete cascade;

create table complaint_analysis (
  complaint_id bigint primary key references complaint on delete cascade,
  analysed_version text,
  analysed_at timestamptz
);
create index complaint_analysis_waiting on complaint_analysis (complaint_id) where analysed_version is null;

create function complaint_waits() returns trigger language plpgsql as $$
begin
  insert into complaint_analysis (complaint_id) values (new.id)
  on conflict (complaint_id) do update set analysed_version = null, analysed_at = null;
  return null;
end $$;
create trigger complaint_waits after insert or update of title, content, project_id, city_company_id on complaint
  for each row execute function complaint_waits();

-- Last serial given, per city company and month.
create table complaint_serial (
  city_company_id int not null references city_company,
  month text not null,
  last int not null,
  primary key (city_company_id, month)
);

-- Who complains. Plain values are encrypted; masked forms serve lists; the keyed hash counts distinct people.
create table complainant (
  complaint_id bigint not null references complaint on delete cascade,
  position int not null default 1,
  name_encrypted bytea,
  name_masked text,
  phone_encrypted bytea,
  phone_masked text,
  address_encrypted bytea,
  address_masked text,
  unit_encrypted bytea,
  unit_masked text,
  id_number_encrypted bytea,
  id_number_masked text,
  -- HMAC of phone, else id number, else name + unit: the same person in two cases has the same one.
  person_key bytea,
  primary key (complaint_id, position)
);
create index complainant_person on complainant (person_key);

-- What was done with a case, in order; written in the transaction that did it.
create table complaint_record (
  id bigint generated always as identity primary key,
  complaint_id bigint not null references complaint on delete cascade,
  at timestamptz not null default now(),
  actor_id int references app_user,
  action text not null,
  from_state text,
  to_state text,
  note text,
  detail jsonb not null default '{}',
  clause text
);
create index complaint_record_case on complaint_record (complaint_id, id);

-- Complaints received and closed per Shanghai day, for charts.
create table complaint_daily (
  day date not null,
  project_id int not null,
  city_company_id int not null,
  received int not null default 0,
  closed int not null default 0,
  primary key (day, city_company_id, project_id)
);

-- ── scoring ───────────────────────────────────────────────────────────────────────────────────────────────────────
-- Cells whose evidence changed; the scoring step takes them, so that a burst of texts costs one computation per cell.
-- Writers mark in key order and with `on conflict … do update`: that locks a mark already there until their evidence is committed,
-- else the step could take it before it sees the evidence.
create table scoring_due (
  project_id int not null references project on delete cascade,
  risk_code text not null,
  since timestamptz not null default now(),
  primary key (project_id, risk_code)
);

-- One computation, frozen with its versions and every factor.
create table assessment (
  id bigint generated always as identity primary key,
  project_id int not null references project on delete cascade,
  risk_code text not null,
  computed_at timestamptz not null,
  likelihood real not null,
  impact real not null,
  likelihood_band int not null check (likelihood_band between 1 and 5),
  impact_band int not null check (impact_band between 1 and 5),
  level text check (level in ('I', 'II', 'III', 'IV')),
  confidence real not null,
  -- [{factor, side:'likelihood'|'impact', value, weight, contribution, because}]
  factors jsonb not null,
  -- Hard rules that fired: [{rule, clause, level, because, signal_ids}]
  hard_rules jsonb not null default '[]',
  -- 'sufficient' | 'insufficient'
  data_state text not null,
  policy_version int not null references policy_version,
  catalog_version text not null
);
create index assessment_cell on assessment (project_id, risk_code, computed_at desc);

create table exposure (
  project_id int not null references project on delete cascade,
  risk_code text not null,
  assessment_id bigint not null references assessment,
  level text check (level in ('I', 'II', 'III', 'IV')),
  likelihood real not null,
  impact real not null,
  confidence real not null,
  data_state text not null,
  mention_count int not null,
  negative_count int not null,
  complaint_count int not null,
  open_complaint_count int not null,
  family_count int not null,
  complainant_count int not null,
  household_count int not null,
  first_evidence_at timestamptz,
  last_evidence_at timestamptz,
  first_mention_at timestamptz,
  first_complaint_at timestamptz,
  -- Since when the level is at or below what is shown (hold time before lowering).
  lower_since timestamptz,
  computed_at timestamptz not null,
  primary key (project_id, risk_code)
);
create index exposure_level on exposure (level, last_evidence_at desc) where level is not null;

-- Exposures whose level or facts changed; the warning step takes them.
create table warning_due (
  project_id int not null,
  risk_code text not null,
  assessment_id bigint not null references assessment on delete cascade,
  since timestamptz not null default now(),
  primary key (project_id, risk_code)
);
create index warning_due_assessment on warning_due (assessment_id);

-- ── warnings ──────────────────────────────────────────────────────────────────────────────────────────────────────
create table warning (
  id bigint generated always as identity primary key,
  number text not null unique,
  project_id int not null references project,
  city_company_id int not null references city_company,
  risk_code text not null,
  level text not null check (level in ('I', 'II', 'III', 'IV')),
  -- 'red-line' | 'anomaly' | 'level': the two reasons to warn kept apart, and the plain matrix
  reason text not null check (reason in ('red-line', 'anomaly', 'level')),
  title text not null,
  summary text not null,
  state text not null,
  state_since timestamptz not null default now(),
  raised_at timestamptz not null,
  -- First evidence behind it: lead time = raised_at − first_evidence_at.
  first_evidence_at timestamptz,
  updated_at timestamptz not null default now(),
  raised_assessment_id bigint not null references assessment,
  assessment_id bigint not null references assessment,
  -- When the warning last spoke (raised, level, new facts), and how many families and complaints stood behind it then.
  spoke_at timestamptz not null,
  family_count int not null,
  complaint_count int not null,
  owner_id int references app_user,
  closed_at timestamptz,
  close_reason text
);
-- One real-world event = one open warning: raised once, then updated.
create unique index warning_open_cell on warning (project_id, risk_code) where closed_at is null;
create index warning_list on warning (closed_at, level, raised_at desc, id desc);
create index warning_raised on warning (raised_at desc, id desc);
create index warning_city on warning (city_company_id, raised_at desc);

create table warning_record (
  id bigint generated always as identity primary key,
  warning_id bigint not null references warning on delete cascade,
  at timestamptz not null default now(),
  actor_id int references app_user,
  action text not null,
  from_state text,
  to_state text,
  from_level text,
  to_level text,
  reason text,
  -- Numbers of a machine's record: families, complaints.
  detail jsonb not null default '{}',
  assessment_id bigint references assessment,
  clause text
);
create index warning_record_warning on warning_record (warning_id, id);

-- Acknowledgement is personal; a rise of the level opens it again.
create table warning_acknowledgement (
  warning_id bigint not null references warning on delete cascade,
  user_id int not null references app_user,
  level text not null,
  at timestamptz not null default now(),
  note text,
  primary key (warning_id, user_id, level)
);

create table warning_serial (
  month text primary key,
  last int not null
);

-- ── jobs: what the schedule last did ────────────────────────────────────────────────────────────────────────────────
-- A tick belongs to whoever writes the row first: several processes, one run.
create table schedule_lease (
  key text primary key,
  until timestamptz not null
);
create table heartbeat (
  key text primary key,
  at timestamptz not null,
  detail jsonb not null default '{}'
);
