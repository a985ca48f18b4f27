-- Notes a migration. $1 int4[], $2 text[]: its version and name, one element each.
INSERT INTO migration (version, name) VALUES (($1::int4[])[1], ($2::text[])[1])
