-- What access is given to. Rows are kept as those of accounts are: see there for what the columns are for.
create table resources (
    id uuid primary key,
    connection_id uuid not null references connections on delete cascade,
    vendor text not null,
    external_key text not null,
    external_id text not null,
    -- The key that the vendor names, and its row as soon as there is one.
    parent_key text,
    parent_id uuid,
    kind text not null,
    name text,
    description text,
    status text not null,
    vendor_status text,
    attributes jsonb not null,
    vendor_created_at timestamptz,
    vendor_updated_at timestamptz,
    raw jsonb not null,
    fingerprint bytea not null,
    source text not null,
    version bigint not null default 1,
    first_seen_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    written_at timestamptz,
    missed_runs smallint not null default 0,
    constraint resources_external_key unique (connection_id, external_key)
);
create index resources_by_connection on resources (connection_id, id);
create index resources_by_vendor on resources (vendor, id);
create index resources_by_status on resources (status, id);
create index resources_by_kind on resources (kind, id);
create index resources_by_parent on resources (parent_id, id);
create index resources_by_change on resources (changed_at);
create index resources_name_words on resources using gin (lower(name) gin_trgm_ops);
create index resources_missed on resources (connection_id) where missed_runs > 0;

-- What can be held.
create table entitlements (
    id uuid primary key,
    connection_id uuid not null references connections on delete cascade,
    vendor text not null,
    external_key text not null,
    external_id text not null,
    kind text not null,
    name text not null,
    description text,
    resource_key text,
    resource_id uuid,
    assignable boolean not null,
    requestable boolean not null,
    exclusive_group text,
    is_rest boolean not null,
    min integer,
    max integer,
    requirements jsonb not null,
    status text not null,
    vendor_status text,
    attributes jsonb not null,
    vendor_created_at timestamptz,
    vendor_updated_at timestamptz,
    raw jsonb not null,
    fingerprint bytea not null,
    source text not null,
    version bigint not null default 1,
    first_seen_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    written_at timestamptz,
    missed_runs smallint not null default 0,
    constraint entitlements_external_key unique (connection_id, external_key)
);
create index entitlements_by_connection on entitlements (connection_id, id);
create index entitlements_by_vendor on entitlements (vendor, id);
create index entitlements_by_status on entitlements (status, id);
create index entitlements_by_kind on entitlements (kind, id);
create index entitlements_by_resource on entitlements (resource_id, id);
create index entitlements_by_change on entitlements (changed_at);
create index entitlements_name_words on entitlements using gin (lower(name) gin_trgm_ops);
create index entitlements_missed on entitlements (connection_id) where missed_runs > 0;

-- Who holds what.
create table grants (
    id uuid primary key,
    connection_id uuid not null references connections on delete cascade,
    vendor text not null,
    -- The key of the account, then that of the entitlement.
    external_key text not null,
    account_key text not null,
    entitlement_key text not null,
    -- A grant whose account or entitlement we have no row of is not kept; the run that met it says so.
    account_id uuid not null references accounts on delete cascade,
    entitlement_id uuid not null references entitlements on delete cascade,
    status text not null check (status in ('active', 'granting', 'revoking', 'deleted')),
    vendor_status text,
    -- Whether the gateway gave it.
    managed boolean not null default false,
    ambiguous boolean not null,
    -- The entitlement of the same exclusive group that it took the place of.
    displaced_id uuid,
    attributes jsonb not null,
    vendor_created_at timestamptz,
    vendor_updated_at timestamptz,
    raw jsonb not null,
    fingerprint bytea not null,
    source text not null,
    version bigint not null default 1,
    first_seen_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    written_at timestamptz,
    missed_runs smallint not null default 0,
    constraint grants_external_key unique (connection_id, external_key)
);
create index grants_by_connection on grants (connection_id, id);
create index grants_by_vendor on grants (vendor, id);
create index grants_by_status on grants (status, id);
create index grants_by_account on grants (account_id, id);
create index grants_by_entitlement on grants (entitlement_id, id);
create index grants_by_change on grants (changed_at);
create index grants_missed on grants (connection_id) where missed_runs > 0;

-- The key of the resource that an account belongs to; `resource_id` is its row as soon as there is one.
alter table accounts add column resource_key text;
create index accounts_by_resource on accounts (resource_id, id) where resource_id is not null;

-- What an operation is about, where that is not an account alone.
alter table operations
    add column entitlement_id uuid,
    add column grant_id uuid;
create index operations_by_grant on operations (grant_id, id) where grant_id is not null;

-- What vendors report that was done. Never changed; what is older than the setting says goes.
create table activity (
    id uuid primary key,
    connection_id uuid not null references connections on delete cascade,
    vendor text not null,
    external_key text not null,
    happened_at timestamptz not null,
    action text not null,
    outcome text,
    account_key text,
    account_id uuid,
    actor_email text,
    actor_name text,
    resource_key text,
    resource_id uuid,
    target text,
    is_use boolean not null,
    attributes jsonb not null,
    raw jsonb not null,
    seen_at timestamptz not null default clock_timestamp(),
    constraint activity_external_key unique (connection_id, external_key)
);
create index activity_by_time on activity (happened_at desc, id desc);
create index activity_by_connection on activity (connection_id, happened_at desc, id desc);
create index activity_by_account on activity (account_id, happened_at desc, id desc) where account_id is not null;
create index activity_by_actor on activity (lower(actor_email), happened_at desc, id desc) where actor_email is not null;
