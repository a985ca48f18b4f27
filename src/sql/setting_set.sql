-- Keeps a setting. $1 text[], $2 text[]: name and value, one element each.
INSERT INTO setting (name, value) VALUES (($1::text[])[1], ($2::text[])[1])
ON CONFLICT (name) DO UPDATE SET value = excluded.value
