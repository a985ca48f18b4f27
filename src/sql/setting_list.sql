-- The settings in the database.
SELECT name, value FROM setting
