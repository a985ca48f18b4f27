-- Does anybody wait for a lock that session $1 holds? $1 int4[]: its process id, one element. At most one row.
SELECT w.pid::int8, coalesce(a.usename::text, ''), coalesce(a.application_name, '')
FROM (SELECT DISTINCT l.pid FROM pg_locks l WHERE NOT l.granted) w
LEFT JOIN pg_stat_activity a ON a.pid = w.pid
WHERE ($1::int4[])[1] = ANY (pg_blocking_pids(w.pid))
LIMIT 1
