-- What the scrubber found in a record that asked to be anonymised, as counts by type, and by which rules: so that a replay
-- with newer ones can scrub again what the topic still holds.
ALTER TABLE interaction ADD COLUMN pii jsonb, ADD COLUMN pii_version text;
ALTER TABLE feedback ADD COLUMN pii jsonb, ADD COLUMN pii_version text;
COMMENT ON COLUMN interaction.pii IS 'personal data that was replaced: counts by type; null where nobody asked';
COMMENT ON COLUMN interaction.pii_version IS 'the rules that were used';
COMMENT ON COLUMN feedback.pii IS 'personal data that was replaced: counts by type; null where nobody asked';
COMMENT ON COLUMN feedback.pii_version IS 'the rules that were used';

-- As before, with the two at the end.
CREATE OR REPLACE VIEW feedback_joined WITH (security_invoker = true) AS
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
	CASE WHEN c.at > 0 THEN length(replace(f.text, E'\r\n', E'\n'))::float8 / length(c.source) END AS copied_share,
	f.pii,
	f.pii_version
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
