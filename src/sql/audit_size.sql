-- How much an audit has to look at: events, interactions, and bytes of both tables.
SELECT (SELECT count(*) FROM feedback), (SELECT count(*) FROM interaction),
	pg_table_size('feedback') + pg_table_size('interaction')
