-- Begins a transaction of an audit: unlike the worker's, its statements read whole tables.
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL enable_seqscan = on;
SET LOCAL enable_hashjoin = on;
SET LOCAL enable_mergejoin = on;
SET LOCAL enable_bitmapscan = on;
SET LOCAL work_mem = '64MB';
-- so that the server gives up soon when we are gone
SET LOCAL client_connection_check_interval = '2s'
