-- What an audit has found so far, in this session.
CREATE TEMPORARY TABLE audit_event AS SELECT * FROM audit LIMIT 0;
CREATE TEMPORARY TABLE audit_key AS SELECT * FROM audit_match_key LIMIT 0;
