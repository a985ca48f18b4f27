-- The four attributes that people ask by: attributes->>'_user' = 'ann' and so on. Each holds only the events that have the
-- attribute; all others pay a look at a null. SP-GiST, since a value may be of any length, a prompt for example, and a B-tree
-- refuses a row whose key is longer than a third of a page; the tenant is looked at behind it.
CREATE INDEX feedback_attribute_user ON feedback USING spgist ((attributes->>'_user'))
	WHERE attributes->>'_user' IS NOT NULL;
CREATE INDEX feedback_attribute_organisation ON feedback USING spgist ((attributes->>'_organisation'))
	WHERE attributes->>'_organisation' IS NOT NULL;
CREATE INDEX feedback_attribute_prompt ON feedback USING spgist ((attributes->>'_prompt'))
	WHERE attributes->>'_prompt' IS NOT NULL;
CREATE INDEX feedback_attribute_environment ON feedback USING spgist ((attributes->>'_environment'))
	WHERE attributes->>'_environment' IS NOT NULL;

-- Events whose only key is a trace never hold an interaction, so among the pending they would stay for ever. They have an index
-- of their own, feedback_trace; of the rest, this one holds what is pending and nothing else.
DROP INDEX feedback_pending;
CREATE INDEX feedback_pending ON feedback (tenant, occurred_at)
	WHERE interaction_id IS NULL AND mask NOT IN (0, 4);
-- The same as before, but each kind by its index.
CREATE OR REPLACE VIEW pending_feedback WITH (security_invoker = true) AS
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
FROM (
	SELECT *
	FROM feedback
	WHERE interaction_id IS NULL AND mask NOT IN (0, 4)
	UNION ALL
	SELECT *
	FROM feedback e
	WHERE mask = 4
		AND NOT EXISTS (
			SELECT FROM interaction i
			WHERE i.tenant = e.tenant AND i.trace_id = e.target_trace_id AND i.ended_at IS NOT NULL)
) f
WHERE NOT EXISTS (SELECT FROM feedback r WHERE r.tenant = f.tenant AND r.retracts = f.event_id);

-- The same rows as before for readers, in words that the planner estimates sensibly: it takes a CASE for half of the
-- rows, and took an equation with the tenant on both sides for one in 200. Joins of joins then went row by row, several times slower.
ALTER POLICY reader ON interaction USING (
	CASE WHEN nullif((SELECT current_setting('afterword.tenant', true)), '') IS NULL THEN true
	ELSE tenant = (SELECT current_setting('afterword.tenant', true)) END);
ALTER POLICY reader ON interaction_key USING (
	CASE WHEN nullif((SELECT current_setting('afterword.tenant', true)), '') IS NULL THEN true
	ELSE tenant = (SELECT current_setting('afterword.tenant', true)) END);
ALTER POLICY reader ON feedback USING (
	CASE WHEN nullif((SELECT current_setting('afterword.tenant', true)), '') IS NULL THEN true
	ELSE tenant = (SELECT current_setting('afterword.tenant', true)) END);
