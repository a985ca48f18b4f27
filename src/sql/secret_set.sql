-- Keeps a matching key. $1 text[]: one element; null takes it away.
WITH gone AS (
	DELETE FROM secret WHERE name = 'resolve.key' AND ($1::text[])[1] IS NULL
)
INSERT INTO secret (name, value)
SELECT 'resolve.key', ($1::text[])[1]
WHERE ($1::text[])[1] IS NOT NULL
ON CONFLICT (name) DO UPDATE SET value = excluded.value
