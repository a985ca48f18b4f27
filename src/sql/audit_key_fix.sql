-- Repairs the match keys that an audit has found, from the rows they are made of, in a transaction of mask_lock.sql. Masks that
-- are missing have been added before.
WITH events AS (
	UPDATE feedback f
	SET mask = l.mask,
		match_key = CASE WHEN l.mask NOT IN (0, 4) THEN match_key(l.mask, f.target_interaction_id, f.target_conversation_id,
			f.target_trace_id, f.end_user, f.target_input, f.target_output) END
	FROM (
		SELECT l.tenant, l.event_id, event_mask(l.slug, l.target_interaction_id, l.target_conversation_id, l.target_trace_id,
			l.end_user, l.target_input, l.target_output) AS mask
		FROM audit_key k
		JOIN feedback l ON l.tenant = k.tenant AND l.event_id = k.id
		WHERE k.fault = 'event'
		ORDER BY l.tenant, l.event_id
		FOR UPDATE OF l
	) l
	WHERE f.tenant = l.tenant AND f.event_id = l.event_id
), superfluous AS (
	DELETE FROM interaction_key s
	USING audit_key k
	WHERE k.fault = 'superfluous' AND s.tenant = k.tenant AND s.match_key = k.match_key AND s.ended_at = k.ended_at
		AND s.interaction_id = k.id
		AND NOT EXISTS (
			SELECT FROM interaction i
			JOIN match_mask m ON m.tenant = i.tenant
			WHERE i.tenant = s.tenant AND i.interaction_id = s.interaction_id AND i.ended_at = s.ended_at
				AND match_key(m.mask, i.interaction_id, i.conversation_id, i.trace_id, i.end_user, i.input_hash, i.output_hash)
					= s.match_key)
)
INSERT INTO interaction_key (tenant, match_key, ended_at, interaction_id)
SELECT DISTINCT i.tenant, match_key(m.mask, i.interaction_id, i.conversation_id, i.trace_id, i.end_user, i.input_hash, i.output_hash),
	i.ended_at, i.interaction_id
FROM audit_key k
JOIN interaction i ON i.tenant = k.tenant AND i.interaction_id = k.id AND i.ended_at IS NOT NULL
JOIN match_mask m ON m.tenant = i.tenant
WHERE k.fault = 'missing'
	AND match_key(m.mask, i.interaction_id, i.conversation_id, i.trace_id, i.end_user, i.input_hash, i.output_hash) IS NOT NULL
ON CONFLICT DO NOTHING
