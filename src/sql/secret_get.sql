-- The matching key that the database keeps.
SELECT value FROM secret WHERE name = 'resolve.key'
