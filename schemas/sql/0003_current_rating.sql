-- What each person says of each interaction now. Retracted events do not count; a later one replaces an earlier one, whole.
-- Readers that name a tenant, and an interaction if they like, read only what is theirs: DISTINCT ON lets such conditions
-- through, since they are on columns that it is on. It takes null end users as one.
CREATE VIEW current_rating WITH (security_invoker = true) AS
SELECT tenant, interaction_id, end_user, source, measure, slug, value, weight, text, event_id, occurred_at
FROM (
	SELECT DISTINCT ON (f.tenant, f.interaction_id, f.end_user, f.source, m.measure)
		f.tenant, f.interaction_id, f.end_user, f.source, m.measure, f.slug, f.value,
		CASE WHEN f.slug = 'score' THEN coalesce(f.weight, 1) END AS weight,
		f.text, f.event_id, f.occurred_at
	FROM (
		SELECT f.tenant, i.interaction_id, coalesce(f.end_user, i.end_user) AS end_user, f.source, f.slug, f.value, f.weight,
			f.text, f.event_id, f.occurred_at
		FROM feedback f
		JOIN interaction i ON i.tenant = f.tenant AND i.interaction_id = f.interaction_id
		WHERE f.mask NOT IN (0, 4)
		UNION ALL
		-- only a trace: feedback on each of its interactions
		SELECT f.tenant, i.interaction_id, coalesce(f.end_user, i.end_user), f.source, f.slug, f.value, f.weight,
			f.text, f.event_id, f.occurred_at
		FROM feedback f
		JOIN interaction i ON i.tenant = f.tenant AND i.trace_id = f.target_trace_id AND i.ended_at IS NOT NULL
		WHERE f.mask = 4
	) f
	JOIN (VALUES
		('thumbs', 'thumbs_up'),
		('thumbs', 'thumbs_down'),
		('thumbs', 'neutral'),
		('thumbs', 'clear'),
		('comment', 'comment'),
		('comment', 'clear'),
		('rating', 'rating'),
		('rating', 'clear'),
		('score', 'score'),
		('score', 'clear')) m (measure, slug) ON m.slug = f.slug
	WHERE NOT EXISTS (SELECT FROM feedback r WHERE r.tenant = f.tenant AND r.retracts = f.event_id)
	ORDER BY f.tenant, f.interaction_id, f.end_user, f.source, m.measure, f.occurred_at DESC, f.event_id DESC
) latest
WHERE slug <> 'clear';
COMMENT ON VIEW current_rating IS 'the latest thumbs, comment, rating and score of each end user on each interaction';

GRANT SELECT ON current_rating TO afterword_reader, afterword_writer;
