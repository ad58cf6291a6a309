-- Counts how often the credentials were replaced: tokens that came of earlier ones are of no use any more.
alter table connections add column credentials_version bigint not null default 1;

-- The tokens that a connection lives by, where its credentials are exchanged for some. One row for all replicas.
create table connection_tokens (
    connection_id uuid primary key references connections on delete cascade,
    credentials_version bigint not null,
    -- Counts what was saved; the fence of every change.
    version bigint not null default 0,
    access_key_id text,
    access_wrapped_key bytea,
    access_ciphertext bytea,
    access_due_at timestamptz,
    access_expires_at timestamptz,
    refresh_key_id text,
    refresh_wrapped_key bytea,
    refresh_ciphertext bytea,
    -- Why the credentials are of no use any more; only new ones help.
    dead_reason text,
    -- Who renews them just now, and until when that is to be believed.
    lease_holder uuid,
    lease_until timestamptz,
    updated_at timestamptz not null default clock_timestamp()
);
