-- The version of the schema: 0 where there is none.
SELECT max(version)::int8 FROM migration
