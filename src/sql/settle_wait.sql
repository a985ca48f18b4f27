-- Waits until every transaction has ended that held resolving lock $1 when this began; a statement of its own, so that the lock is
-- let go at once. $1 int4[]: 0 or 1, one element.
SELECT pg_advisory_xact_lock('feedback'::regclass::oid::int4, ($1::int4[])[1])
