-- What data teams read. The columns are the contract. Views run with the rights of who reads, so that row-level
-- security holds.

-- Events with the interaction they belong to: by id, or (mask 4) by trace, or none yet.
CREATE VIEW feedback_joined WITH (security_invoker = true) AS
SELECT
	f.tenant,
	f.event_id,
	f.slug,
	CASE WHEN f.slug IN ('copy_input', 'copy_output', 'paste') THEN 'implicit' ELSE 'explicit' END AS kind,
	f.text,
	f.value,
	CASE WHEN f.slug = 'score' THEN coalesce(f.weight, 1) END AS weight,
	coalesce(f.end_user, i.end_user) AS end_user,
	f.source,
	f.occurred_at,
	f.received_at,
	CASE WHEN i.interaction_id IS NULL THEN 'pending' ELSE 'resolved' END AS status,
	CASE
		WHEN i.interaction_id IS NULL THEN NULL
		WHEN f.mask & 1 <> 0 THEN 'interaction_id'
		WHEN f.mask & 2 <> 0 THEN 'conversation'
		WHEN f.mask & 4 <> 0 THEN 'trace'
		WHEN f.mask & 48 = 48 THEN 'input_output'
		WHEN f.mask & 16 <> 0 THEN 'input'
		WHEN f.mask & 32 <> 0 THEN 'output'
		ELSE 'time'
	END AS resolution,
	EXISTS (SELECT FROM feedback r WHERE r.tenant = f.tenant AND r.retracts = f.event_id) AS retracted,
	f.repaired,
	f.attributes,
	i.interaction_id,
	i.conversation_id,
	i.trace_id,
	i.input,
	i.output,
	i.started_at,
	i.ended_at,
	i.attributes AS interaction_attributes,
	nullif(c.at, 0) AS copied_from,
	CASE WHEN c.at > 0 THEN length(replace(f.text, E'\r\n', E'\n'))::float8 / length(c.source) END AS copied_share
FROM (
	SELECT f.*, f.interaction_id AS belongs_to
	FROM feedback f
	WHERE f.mask NOT IN (0, 4)
	UNION ALL
	SELECT f.*, i.interaction_id
	FROM feedback f
	LEFT JOIN interaction i
		ON i.tenant = f.tenant AND i.trace_id = f.target_trace_id AND i.ended_at IS NOT NULL
	WHERE f.mask = 4
) f
LEFT JOIN interaction i ON i.tenant = f.tenant AND i.interaction_id = f.belongs_to
LEFT JOIN LATERAL (
	SELECT s.source, position(replace(f.text, E'\r\n', E'\n') IN s.source) AS at
	FROM (SELECT replace(CASE f.slug
		WHEN 'copy_input' THEN i.input
		WHEN 'copy_output' THEN i.output
		WHEN 'paste' THEN i.output END, E'\r\n', E'\n') AS source) s
) c ON true;
COMMENT ON VIEW feedback_joined IS 'feedback with the interaction it belongs to, a row for each pair; pending feedback has one row without interaction';

-- Valid events without an interaction yet, and the first of section 3's filters that leaves none.
CREATE VIEW pending_feedback WITH (security_invoker = true) AS
SELECT f.tenant, f.event_id, f.slug, f.end_user, f.occurred_at, f.received_at,
	CASE
		-- completed and agreeing, so only the time was left
		WHEN EXISTS (
			SELECT FROM interaction_key k
			WHERE k.tenant = f.tenant AND k.match_key = f.match_key) THEN 'too_early'
		WHEN CASE
			WHEN f.mask = 1 THEN EXISTS (
				SELECT FROM interaction i
				WHERE i.tenant = f.tenant AND i.interaction_id = f.target_interaction_id)
			WHEN f.mask & 2 <> 0 THEN EXISTS (
				SELECT FROM interaction i
				WHERE i.tenant = f.tenant AND i.conversation_id = f.target_conversation_id
					AND i.ended_at IS NULL
					AND (f.target_trace_id IS NULL OR i.trace_id = f.target_trace_id)
					AND (f.target_input IS NULL OR i.input_hash = f.target_input)
					AND (f.target_output IS NULL OR i.output_hash IS NULL OR i.output_hash = f.target_output))
			WHEN f.mask & 4 <> 0 THEN EXISTS (
				SELECT FROM interaction i
				WHERE i.tenant = f.tenant AND i.trace_id = f.target_trace_id
					AND i.ended_at IS NULL
					AND (f.target_input IS NULL OR i.input_hash = f.target_input)
					AND (f.target_output IS NULL OR i.output_hash IS NULL OR i.output_hash = f.target_output))
			WHEN f.mask & 16 <> 0 THEN EXISTS (
				SELECT FROM interaction i
				WHERE i.tenant = f.tenant AND i.end_user = f.end_user AND i.input_hash = f.target_input
					AND i.ended_at IS NULL
					AND (f.target_output IS NULL OR i.output_hash IS NULL OR i.output_hash = f.target_output))
			ELSE EXISTS (
				SELECT FROM interaction i
				WHERE i.tenant = f.tenant AND i.end_user = f.end_user
					AND i.ended_at IS NULL
					AND (f.target_output IS NULL OR i.output_hash IS NULL OR i.output_hash = f.target_output))
		END THEN 'not_completed'
		ELSE 'no_interaction'
	END AS why
FROM feedback f
WHERE f.interaction_id IS NULL AND f.mask <> 0
	AND NOT EXISTS (SELECT FROM feedback r WHERE r.tenant = f.tenant AND r.retracts = f.event_id)
	AND NOT (f.mask = 4 AND EXISTS (
		SELECT FROM interaction i
		WHERE i.tenant = f.tenant AND i.trace_id = f.target_trace_id AND i.ended_at IS NOT NULL));
COMMENT ON VIEW pending_feedback IS 'feedback that no interaction matches yet, and why';

GRANT SELECT ON feedback_joined, pending_feedback TO afterword_reader, afterword_writer;
