-- What may be remembered: somebody's thumb is up now and nobody's is down, of customers and platform alike.
CREATE VIEW memory_exchange WITH (security_invoker = true) AS
SELECT i.tenant, i.interaction_id, i.conversation_id, i.end_user, i.input, i.output, i.ended_at
FROM interaction i
JOIN (
	SELECT tenant, interaction_id
	FROM current_rating
	WHERE measure = 'thumbs'
	GROUP BY tenant, interaction_id
	HAVING bool_or(slug = 'thumbs_up') AND NOT bool_or(slug = 'thumbs_down')
) liked ON liked.tenant = i.tenant AND liked.interaction_id = i.interaction_id;
COMMENT ON VIEW memory_exchange IS 'interactions that people like: a current thumbs_up and no thumbs_down';

GRANT SELECT ON memory_exchange TO afterword_reader, afterword_writer;
