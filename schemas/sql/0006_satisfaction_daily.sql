-- Figures of each day, UTC whatever the session's time zone. Customers only: what platform does makes no day either.
--
-- A day has a row if on it a customer's event occurred that is not retracted, or an interaction ended: also if all of its feedback
-- has been replaced since, or is pending. So a row that was there once does not vanish but goes to 0.
--
-- Explicit feedback counts as it stands now, by current_rating; copies and pastes count each. They are never summed.
CREATE VIEW satisfaction_daily WITH (security_invoker = true) AS
SELECT tenant, day,
	count(*) FILTER (WHERE counts_as = 'thumbs_up') AS thumbs_up,
	count(*) FILTER (WHERE counts_as = 'thumbs_down') AS thumbs_down,
	count(*) FILTER (WHERE counts_as = 'neutral') AS neutral,
	count(*) FILTER (WHERE counts_as = 'thumbs_up')::float8
		/ nullif(count(*) FILTER (WHERE counts_as IN ('thumbs_up', 'thumbs_down')), 0) AS satisfaction,
	count(*) FILTER (WHERE counts_as = 'rating') AS ratings,
	sum(value) FILTER (WHERE counts_as = 'rating')::float8 / nullif(count(*) FILTER (WHERE counts_as = 'rating'), 0) AS rating_average,
	count(*) FILTER (WHERE counts_as = 'comment') AS comments,
	count(*) FILTER (WHERE counts_as IN ('copy_input', 'copy_output')) AS copies,
	count(*) FILTER (WHERE counts_as = 'paste') AS pastes,
	count(*) FILTER (WHERE counts_as = 'interaction') AS interactions,
	count(DISTINCT interaction_id) FILTER (WHERE counts_as = 'rated interaction')::float8
		/ nullif(count(*) FILTER (WHERE counts_as = 'interaction'), 0) AS coverage
FROM (
	SELECT c.tenant, (c.at AT TIME ZONE 'UTC')::date AS day, c.counts_as, c.value, c.interaction_id
	FROM (
		-- a rating counts on its own day, and on the day of its interaction
		SELECT r.tenant, x.at, x.counts_as, x.value, x.interaction_id
		FROM current_rating r
		JOIN interaction i ON i.tenant = r.tenant AND i.interaction_id = r.interaction_id
		CROSS JOIN LATERAL (VALUES
			(r.occurred_at, r.slug, r.value, NULL),
			(i.ended_at, 'rated interaction', NULL, r.interaction_id)) x (at, counts_as, value, interaction_id)
		WHERE r.source = 'customer'
		UNION ALL
		SELECT f.tenant, f.occurred_at, CASE WHEN f.slug IN ('copy_input', 'copy_output', 'paste') THEN f.slug END, NULL, NULL
		FROM feedback f
		WHERE f.source = 'customer' AND f.mask <> 0
			AND NOT EXISTS (SELECT FROM feedback r WHERE r.tenant = f.tenant AND r.retracts = f.event_id)
		UNION ALL
		SELECT i.tenant, i.ended_at, 'interaction', NULL, NULL
		FROM interaction i
	) c
	WHERE c.at IS NOT NULL -- completed
) counted
GROUP BY tenant, day;
COMMENT ON VIEW satisfaction_daily IS 'what customers said and did, by day (UTC)';

GRANT SELECT ON satisfaction_daily TO afterword_reader, afterword_writer;
