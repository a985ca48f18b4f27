-- Stored interactions that other rules scrubbed, as these have scrubbed them. $1 text[] tenants, $2 text[] ids, $3 uuid[] content
-- hashes, $4 text[] inputs, $5 text[] outputs, $6 text[] attributes, $7 text[] what was found, $8 text[] rules.
WITH locked AS MATERIALIZED (
	SELECT q.*
	FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
		q (tenant, interaction_id, content_hash, input, output, attributes, pii, pii_version)
	JOIN interaction i ON i.tenant = q.tenant AND i.interaction_id = q.interaction_id
	WHERE i.content_hash = q.content_hash AND i.anonymize
	ORDER BY i.tenant, i.interaction_id
	FOR UPDATE OF i
)
UPDATE interaction i
SET input = l.input, output = l.output, attributes = l.attributes::jsonb, pii = l.pii::jsonb, pii_version = l.pii_version
FROM locked l
WHERE i.tenant = l.tenant AND i.interaction_id = l.interaction_id
