-- What a vendor answered to a write that was passed through: for repetitions with the same Idempotency-Key, and kept as long
-- as the key is. Sealed under the operation's id, for nobody knows what is in it.
create table upstream_answers (
    operation_id uuid primary key references operations on delete cascade,
    status smallint not null check (status between 200 and 299),
    content_type text,
    key_id text not null,
    wrapped_key bytea not null,
    ciphertext bytea not null,
    created_at timestamptz not null default clock_timestamp()
);
create index upstream_answers_by_age on upstream_answers (created_at);

-- What a request names is found by the vendor's id, which resources and entitlements have an index of already.
create index accounts_by_external_id on accounts (external_id, id);
