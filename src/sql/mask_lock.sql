-- Begins a transaction that adds a mask: waits until no transaction is storing interactions, and holds up those that want to.
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT pg_advisory_xact_lock('feedback'::regclass::oid::int4, 2)
