-- Begins one migration. Two programs that migrate the same database wait for each other.
BEGIN;
SELECT pg_advisory_xact_lock(7310579620817331968)
