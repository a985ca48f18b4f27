-- Begins a transaction that stores interactions. The lock, shared, keeps match_mask as it is until the end (mask_lock.sql).
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT pg_advisory_xact_lock_shared('feedback'::regclass::oid::int4, 2)
