-- Of each event: is it stored already, and by which copy; which interaction does it belong to; and which rules scrubbed it?
-- $1 text[] tenants, $2 text[] event ids, $3 int2[] masks, $4 text[] ids of the interactions meant, $5 uuid[] match keys,
-- $6 timestamptz[] occurred_at plus the tolerance.
SELECT f.content_hash, f.record_time, f.repaired, f.topic, f.partition::int8, f."offset", best.interaction_id,
	CASE WHEN f.anonymize THEN coalesce(f.pii_version, '') END
FROM unnest($1::text[], $2::text[], $3::int2[], $4::text[], $5::uuid[], $6::timestamptz[])
	WITH ORDINALITY q (tenant, event_id, mask, target_interaction_id, match_key, before, n)
LEFT JOIN feedback f ON f.tenant = q.tenant AND f.event_id = q.event_id
LEFT JOIN LATERAL best_interaction(q.tenant, q.mask, q.target_interaction_id, q.match_key, q.before) best ON true
ORDER BY q.n
