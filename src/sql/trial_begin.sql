-- Begins the transaction of a dry run, which is never committed. It gives way: it waits for nobody's locks for long, and
-- who waits for its own is seen by trial_look.sql. Between two batches a slow broker may take its time.
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT set_config('lock_timeout', '1s', true), set_config('idle_in_transaction_session_timeout', '10min', true)
