-- Begins a transaction that stores interactions. The first lock keeps match_mask as it is until its end (mask_lock.sql).
--
-- One of the other two is held by the session until the events that the interactions touch are settled (settle_end.sql), so
-- that audit can wait for that moment: two, for the reason that resolving_begin.sql gives.
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT pg_advisory_xact_lock_shared('feedback'::regclass::oid::int4, 2);
SELECT CASE WHEN pg_try_advisory_lock_shared('feedback'::regclass::oid::int4, 3) THEN ''
	ELSE pg_advisory_lock_shared('feedback'::regclass::oid::int4, 4)::text END
