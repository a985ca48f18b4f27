-- The events that the interactions of a batch touch are settled: audit need not wait for us (interaction_begin.sql).
SELECT pg_advisory_unlock_all()
