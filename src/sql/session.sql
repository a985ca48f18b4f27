-- What every session needs. $1 text[]: the schema, one element.
-- All that the worker asks is a handful of index probes for each row that it brings. Without statistics (a new table, a
-- bulk load a moment ago) the planner may think that reading the whole table is cheaper, which it never stays.
SELECT
	set_config('search_path', quote_ident(($1::text[])[1]), false),
	set_config('client_encoding', 'UTF8', false),
	set_config('enable_seqscan', 'off', false),
	set_config('enable_hashjoin', 'off', false),
	set_config('enable_mergejoin', 'off', false),
	set_config('enable_bitmapscan', 'off', false),
	set_config('jit', 'off', false),
	-- what is acknowledged is stored, even where the server is lax for others
	set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
		ELSE current_setting('synchronous_commit') END, false),
	-- a worker that is gone without a word must not hold its locks for hours, nor wait for others' locks (Linux tells)
	set_config('idle_in_transaction_session_timeout', '60s', false),
	set_config('client_connection_check_interval', CASE WHEN version() ~ 'linux' THEN '5s' ELSE '0' END, false),
	set_config('tcp_keepalives_idle', '30', false),
	set_config('tcp_keepalives_interval', '10', false),
	set_config('tcp_keepalives_count', '3', false)
