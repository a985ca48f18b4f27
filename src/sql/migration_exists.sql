-- Is there a table of migrations in our schema?
SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'migration')
