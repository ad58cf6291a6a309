-- One person over all connections. Derived from the e-mail addresses of accounts and never authored; a row stays for good,
-- so that the id of a person who comes back is the one they had.
create table identities (
    id uuid primary key,
    -- The address without blanks around it, in lower case as PostgreSQL's lower() makes it.
    email text not null constraint identities_email unique,
    first_seen_at timestamptz not null default clock_timestamp()
);

-- A UUIDv7 (RFC 9562) of now; PostgreSQL has none of its own before 18.
create function iam_uuid_v7() returns uuid language sql volatile as $$
    select encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                from 1 for 6),
            52, 1), 53, 1),
        'hex')::uuid
$$;

-- By which address an account belongs to an identity; null: to none.
create function identity_email(email text) returns text language sql immutable as $$
    select nullif(lower(btrim(email, E' \t\r\n')), '')
$$;

-- The identity of an address, made if it is new. Several transactions may ask for the same one at once: the later ones
-- wait for the first. Whoever needs several in one transaction asks in the order of the addresses, lest two wait for each other.
create function identity_of(wanted text) returns uuid language plpgsql volatile as $$
declare
    found_id uuid;
begin
    if wanted is null then
        return null;
    end if;
    select id into found_id from identities where identities.email = wanted;
    if found_id is null then
        insert into identities (id, email) values (iam_uuid_v7(), wanted)
            on conflict on constraint identities_email do nothing
            returning id into found_id;
    end if;
    if found_id is null then
        select id into found_id from identities where identities.email = wanted;
    end if;
    return found_id;
end $$;

insert into identities (id, email)
    select iam_uuid_v7(), email from (select distinct identity_email(email) as email from accounts) as found
    where email is not null;

create index identities_email_words on identities using gin (email gin_trgm_ops);

alter table accounts add column identity_id uuid;
update accounts set identity_id = identities.id from identities where identities.email = identity_email(accounts.email);
alter table accounts add constraint accounts_identity foreign key (identity_id) references identities;
create index accounts_by_identity on accounts (identity_id, id) where identity_id is not null;
create index accounts_identities_by_connection on accounts (connection_id, identity_id)
    where identity_id is not null and status <> 'deleted';

-- In the database and not in the code that writes accounts: no writer can forget it, also not one of the version before that
-- still runs beside this one during an update.
create function accounts_find_identity() returns trigger language plpgsql as $$
begin
    new.identity_id := identity_of(identity_email(new.email));
    return new;
end $$;
create trigger accounts_find_identity before insert or update of email on accounts
    for each row execute function accounts_find_identity();
