-- For the rest of a transaction: unlike the worker's, the statements of an audit read whole tables.
SET LOCAL enable_seqscan = on;
SET LOCAL enable_hashjoin = on;
SET LOCAL enable_mergejoin = on;
SET LOCAL enable_bitmapscan = on;
SET LOCAL work_mem = '64MB';
ANALYZE audit_event, audit_key
