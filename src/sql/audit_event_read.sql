-- The events that differ, in order of where they came from: for FETCH in pieces, across transactions.
DECLARE audit_read NO SCROLL CURSOR WITH HOLD FOR
SELECT tenant, event_id, format('%s[%s]@%s', topic, partition, "offset"), interaction_id, expected_interaction_id,
	to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
	to_char(expected_occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
FROM audit_event
ORDER BY topic, partition, "offset"
