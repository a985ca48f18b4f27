-- Begins a transaction that resolves: that reads interactions to decide what events belong to.
--
-- Such a transaction holds one of two advisory locks, shared, from before its first look until its end. Whoever has
-- changed interactions waits, after the commit, for both locks exclusively (settle_wait.sql): then every transaction that
-- may have missed the change has ended, and its events are there to be settled. Two locks, so that newcomers
-- take the one that nobody waits for and do not queue behind a waiter.
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT CASE WHEN pg_try_advisory_xact_lock_shared('feedback'::regclass::oid::int4, 0) THEN ''
	ELSE pg_advisory_xact_lock_shared('feedback'::regclass::oid::int4, 1)::text END
