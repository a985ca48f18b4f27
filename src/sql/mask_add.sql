-- Adds a mask, with the match keys of all completed interactions of its tenant, unless somebody else has.
-- $1 text[], $2 int2[]: tenant and mask, one element each.
WITH added AS (
	INSERT INTO match_mask (tenant, mask)
	VALUES (($1::text[])[1], ($2::int2[])[1])
	ON CONFLICT DO NOTHING
	RETURNING tenant, mask
)
INSERT INTO interaction_key (tenant, match_key, ended_at, interaction_id)
SELECT i.tenant, k.match_key, i.ended_at, i.interaction_id
FROM added a
JOIN interaction i ON i.tenant = a.tenant
CROSS JOIN LATERAL match_key(a.mask, i.interaction_id, i.conversation_id, i.trace_id, i.end_user, i.input_hash,
	i.output_hash) k (match_key)
WHERE i.ended_at IS NOT NULL AND k.match_key IS NOT NULL
