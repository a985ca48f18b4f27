-- Makes the schema and the table of migrations; search_path names the schema.
DO $$
DECLARE
	name text := (parse_ident(current_setting('search_path')))[1];
BEGIN
	IF to_regnamespace(quote_ident(name)) IS NULL THEN
		EXECUTE format('CREATE SCHEMA %I', name);
	END IF;
END
$$;
CREATE TABLE IF NOT EXISTS migration (
	version    integer PRIMARY KEY,
	name       text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now()
)
