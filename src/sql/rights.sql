-- Has this role what the worker needs? A row for each table where something is missing.
SELECT t.name
FROM (VALUES ('interaction'), ('interaction_key'), ('match_mask'), ('feedback'), ('rejected')) t (name)
WHERE NOT (has_table_privilege(t.name, 'SELECT') AND has_table_privilege(t.name, 'INSERT')
	AND has_table_privilege(t.name, 'UPDATE') AND has_table_privilege(t.name, 'DELETE'))
UNION ALL
SELECT t.name
FROM (VALUES ('setting'), ('secret')) t (name)
WHERE NOT has_table_privilege(t.name, 'SELECT')
UNION ALL
SELECT t.name -- no COPY into them then
FROM (VALUES ('interaction'), ('interaction_key'), ('feedback')) t (name)
WHERE row_security_active(t.name)
