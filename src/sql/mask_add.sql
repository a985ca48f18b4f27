-- Adds a mask, with the match keys of all completed interactions of its tenant, unless somebody else has.
-- $1 text[], $2 int2[]: tenant and mask, one element each.
WITH added AS (
	INSERT INTO match_mask (tenant, mask)
	VALUES (($1::text[])[1], ($2::int2[])[1])
	ON CONFLICT DO NOTHING
	RETURNING tenant, mask
)
INSERT INTO interaction_key (tenant, match_key, ended_at, interaction_id)
SELECT k.tenant, k.match_key, k.ended_at, k.interaction_id
FROM added a
CROSS JOIN LATERAL (
	SELECT i.tenant, i.ended_at, i.interaction_id, match_key(a.mask, i.interaction_id, i.conversation_id, i.trace_id,
		i.end_user, i.input_hash, i.output_hash) AS match_key
	FROM interaction i
	WHERE i.tenant = a.tenant AND i.ended_at IS NOT NULL
	OFFSET 0 -- so that the match key is computed once
) k
WHERE k.match_key IS NOT NULL
ON CONFLICT DO NOTHING -- there are none, unless somebody took the mask away
