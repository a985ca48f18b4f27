-- The next piece of what audit_event_read.sql or audit_key_read.sql has opened.
FETCH 5000 FROM audit_read
