-- Empties what has been found, for the next parts.
TRUNCATE audit_event, audit_key
