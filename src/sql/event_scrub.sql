-- Stored events that other rules scrubbed, as these have scrubbed them. $1 text[] tenants, $2 text[] event ids, $3 uuid[] content
-- hashes, $4 text[] texts, $5 text[] attributes, $6 text[] what was found, $7 text[] rules.
WITH locked AS MATERIALIZED (
	SELECT q.*
	FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
		q (tenant, event_id, content_hash, text, attributes, pii, pii_version)
	JOIN feedback f ON f.tenant = q.tenant AND f.event_id = q.event_id
	WHERE f.content_hash = q.content_hash AND f.anonymize
	ORDER BY f.tenant, f.event_id
	FOR UPDATE OF f
)
UPDATE feedback f
SET text = l.text, attributes = l.attributes::jsonb, pii = l.pii::jsonb, pii_version = l.pii_version
FROM locked l
WHERE f.tenant = l.tenant AND f.event_id = l.event_id
