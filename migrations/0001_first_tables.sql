-- Trigram indexes make `_contains` filters cheap; the extension is trusted, so no superuser is needed.
create extension if not exists pg_trgm;

create table connections (
    id uuid primary key,
    name text not null constraint connections_name_key unique,
    vendor text not null,
    variant text not null,
    settings jsonb not null,
    credentials_kind text not null,
    sync_every_seconds integer not null check (sync_every_seconds >= 0),
    -- What the last check found: null until one was made.
    checked_at timestamptz,
    healthy boolean,
    findings jsonb not null default '[]',
    checked_capabilities text[],
    checked_create_schema jsonb,
    -- When the next scheduled sync is due; null without a schedule.
    sync_due_at timestamptz,
    -- Made by the sandbox, which drops it on its next start.
    sandbox boolean not null default false,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index connections_sync_due on connections (sync_due_at) where sync_due_at is not null;

-- One sealed value per field of the credentials, bound to (connection, field).
create table connection_secrets (
    connection_id uuid not null references connections on delete cascade,
    field text not null,
    key_id text not null,
    wrapped_key bytea not null,
    ciphertext bytea not null,
    updated_at timestamptz not null default now(),
    primary key (connection_id, field)
);

-- Until when our copy of a noun is complete.
create table coverage (
    connection_id uuid not null references connections on delete cascade,
    noun text not null,
    -- When the last complete run began; null while there was none.
    as_of timestamptz,
    last_run_failed boolean not null default false,
    primary key (connection_id, noun)
);

create table accounts (
    id uuid primary key,
    connection_id uuid not null references connections on delete cascade,
    vendor text not null,
    external_key text not null,
    external_id text not null,
    login text,
    email text,
    display_name text,
    given_name text,
    family_name text,
    kind text not null,
    status text not null,
    vendor_status text,
    resource_id uuid,
    attributes jsonb not null,
    last_activity_at timestamptz,
    vendor_created_at timestamptz,
    vendor_updated_at timestamptz,
    raw jsonb not null,
    -- Hash of what the vendor said: a sync writes only rows whose hash changed.
    fingerprint bytea not null,
    source text not null,
    version bigint not null default 1,
    first_seen_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    -- When the last operation on it ended: a sync never overwrites with an older page.
    written_at timestamptz,
    -- Complete runs in a row that missed it.
    missed_runs smallint not null default 0,
    constraint accounts_external_key unique (connection_id, external_key)
);
create index accounts_by_connection on accounts (connection_id, id);
create index accounts_by_vendor on accounts (vendor, id);
create index accounts_by_email on accounts (lower(email), id);
create index accounts_by_login on accounts (login, id);
create index accounts_by_status on accounts (status, id);
create index accounts_by_change on accounts (changed_at);
create index accounts_email_words on accounts using gin (lower(email) gin_trgm_ops);
create index accounts_login_words on accounts using gin (lower(login) gin_trgm_ops);
create index accounts_name_words on accounts using gin (lower(display_name) gin_trgm_ops);

-- The effect ledger: one row per mutating act toward a vendor.
create table operations (
    id uuid primary key,
    seq bigint generated always as identity,
    connection_id uuid not null,
    vendor text not null,
    kind text not null,
    serial_key text not null,
    status text not null default 'pending'
        check (status in ('pending', 'running', 'succeeded', 'failed', 'outcome_unknown')),
    account_id uuid,
    payload jsonb not null,
    -- Secrets of the payload, sealed under the operation's id; null once it ended.
    secret_key_id text,
    secret_wrapped_key bytea,
    secret_ciphertext bytea,
    due_at timestamptz not null default clock_timestamp(),
    owner uuid,
    epoch bigint not null default 0,
    lease_until timestamptz,
    attempts integer not null default 0,
    -- Set right before the first byte of the mutating request leaves.
    sent_at timestamptz,
    sends integer not null default 0,
    before jsonb,
    -- The first reading that saw no effect; the second must be far enough from it.
    absent_at timestamptz,
    effect text,
    error jsonb,
    resolution jsonb,
    caller_id uuid not null,
    caller_name text not null,
    request_id text not null,
    created_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    constraint operations_settled_without_secrets check (
        status in ('pending', 'running') or secret_ciphertext is null
    )
);
create unique index operations_one_running on operations (connection_id, serial_key) where status = 'running';
create index operations_open on operations (due_at) where status in ('pending', 'running');
create index operations_queue on operations (connection_id, serial_key, seq) where status in ('pending', 'running');
create index operations_by_connection on operations (connection_id, id);
create index operations_by_account on operations (account_id, id);
create index operations_by_status on operations (status, id);
create index operations_by_caller on operations (caller_id, id);

create table idempotency_keys (
    caller_id uuid not null,
    method text not null,
    path text not null,
    key text not null,
    body_hmac bytea not null,
    operation_id uuid,
    -- A stored thing that came of it, where no operation did.
    thing_id uuid,
    created_at timestamptz not null default clock_timestamp(),
    primary key (caller_id, method, path, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

create table audit_events (
    id uuid primary key,
    at timestamptz not null default clock_timestamp(),
    actor_id uuid not null,
    actor_name text not null,
    actor_person text,
    action text not null,
    noun text not null,
    noun_id uuid,
    connection_id uuid,
    operation_id uuid,
    outcome text not null,
    detail jsonb not null default '{}',
    request_id text not null
);
create index audit_events_by_connection on audit_events (connection_id, id);
create index audit_events_by_operation on audit_events (operation_id, id);
create index audit_events_by_noun on audit_events (noun_id, id);
create index audit_events_by_actor on audit_events (actor_id, id);
create index audit_events_by_action on audit_events (action, id);
create index audit_events_by_time on audit_events (at);

create function audit_events_are_kept() returns trigger language plpgsql as $$
begin
    raise exception 'audit events are append-only';
end $$;
create trigger audit_events_append_only before update or delete or truncate on audit_events
    for each statement execute function audit_events_are_kept();

create table api_keys (
    id uuid primary key,
    name text not null,
    prefix text not null,
    hash bytea not null constraint api_keys_hash_key unique,
    hash_key_id text not null,
    scopes text[] not null,
    -- Null: every connection.
    connection_ids uuid[],
    person text,
    sandbox boolean not null default false,
    created_by uuid not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index api_keys_by_prefix on api_keys (prefix);

create table sync_runs (
    id uuid primary key,
    connection_id uuid not null references connections on delete cascade,
    noun text not null,
    cause text not null check (cause in ('demand', 'schedule')),
    status text not null default 'pending'
        check (status in ('pending', 'running', 'complete', 'incomplete', 'failed')),
    due_at timestamptz not null default clock_timestamp(),
    owner uuid,
    epoch bigint not null default 0,
    lease_until timestamptz,
    attempts integer not null default 0,
    requested_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    -- Where the listing goes on.
    cursor text,
    -- The vendor's own count, where it has one.
    total bigint,
    pages integer not null default 0,
    seen bigint not null default 0,
    created bigint not null default 0,
    changed bigint not null default 0,
    removed bigint not null default 0,
    -- Why the run proves no absence, in words.
    defects jsonb not null default '[]',
    error jsonb
);
create unique index sync_runs_one_open on sync_runs (connection_id) where status in ('pending', 'running');
create index sync_runs_open on sync_runs (due_at) where status in ('pending', 'running');
create index sync_runs_by_connection on sync_runs (connection_id, id);

-- What a run has met so far; emptied at its end.
create table sync_seen (
    run_id uuid not null references sync_runs on delete cascade,
    external_key text not null,
    primary key (run_id, external_key)
);
