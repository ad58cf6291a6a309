-- What an operation did where that is more than one thing: who was added and removed, what became of each of many. The rows of
-- our tables don't tell it, and an equal request with the same Idempotency-Key gets it again.
alter table operations add column result jsonb;
