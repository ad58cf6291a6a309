-- Leave that replicas took for calls of a connection whose vendor allows only so many: who took a block must make its calls
-- within two seconds, or lose them.
create table quota_blocks (
    connection_id uuid not null references connections on delete cascade,
    taken_at timestamptz not null,
    urgency text not null,
    calls integer not null,
    -- What the replica's callers of this urgency waited since it last took a block, in all and at most.
    waited_calls integer not null,
    waited_ms bigint not null,
    longest_wait_ms bigint not null
);
create index quota_blocks_by_time on quota_blocks (connection_id, taken_at);

-- Takes up to `wanted` calls, so that in no `span` there are more than `cap` of all urgencies, and in no `pace_span` more than
-- `pace_cap` of this one (null: any number). Without any it says how many milliseconds later there may be some.
create function take_quota(
    connection uuid, of_urgency text, wanted integer, cap integer, span interval, pace_cap integer, pace_span interval,
    waits integer, wait_ms bigint, longest_ms bigint, keep interval
) returns table (granted integer, retry_ms bigint) language plpgsql volatile as $$
declare
    at timestamptz;
    used integer;
    paced integer;
    free_at timestamptz;
begin
    -- One replica at a time per connection; the lock ends with the statement's transaction.
    perform pg_advisory_xact_lock(hashtextextended('quota ' || connection::text, 0));
    at := clock_timestamp();
    delete from quota_blocks where connection_id = connection and taken_at < at - keep;
    select coalesce(sum(calls), 0), coalesce(sum(calls) filter (where urgency = of_urgency and taken_at > at - pace_span), 0)
        into used, paced
        from quota_blocks where connection_id = connection and taken_at > at - span;
    granted := greatest(least(wanted, cap - used, coalesce(pace_cap - paced, wanted)), 0);
    if granted > 0 or waits > 0 then
        insert into quota_blocks values (connection, at, of_urgency, granted, waits, wait_ms, longest_ms);
    end if;
    retry_ms := 0;
    if granted = 0 then
        -- The block whose end makes room: with it and all newer ones the cap is reached.
        select greatest(
            (select max(taken_at) + span from (
                select taken_at, sum(calls) over (order by taken_at desc, ctid desc) as newer from quota_blocks
                where connection_id = connection and taken_at > at - span) b where newer >= cap),
            (select max(taken_at) + pace_span from (
                select taken_at, sum(calls) over (order by taken_at desc, ctid desc) as newer from quota_blocks
                where connection_id = connection and urgency = of_urgency and taken_at > at - pace_span) b
                where newer >= pace_cap)
        ) into free_at;
        retry_ms := greatest(1, ceil(extract(epoch from coalesce(free_at, at + span) - at) * 1000));
    end if;
    return next;
end $$;
