-- Which of these events are stored already, by which copy, and scrubbed by which rules? $1 text[], $2 text[]: tenants and event ids.
SELECT q.n, f.content_hash, f.record_time, f.repaired, f.topic, f.partition::int8, f."offset",
	CASE WHEN f.anonymize THEN coalesce(f.pii_version, '') END
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY q (tenant, event_id, n)
JOIN feedback f ON f.tenant = q.tenant AND f.event_id = q.event_id
