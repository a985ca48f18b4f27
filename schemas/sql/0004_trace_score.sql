-- Customers' scores, each once, under the trace of the interaction that they belong to: those whose only key is the trace under
-- it, if anything in it is completed.
CREATE VIEW trace_score WITH (security_invoker = true) AS
SELECT tenant, trace_id,
	CASE
		WHEN sum(weight) = 0 THEN NULL
		-- nothing beside such weights; dividing it is an error where the result cannot be told from 0
		WHEN sum(weight) > 1 AND abs(sum(value * weight ORDER BY value * weight)) < 1e-300 THEN 0
		-- sums of fractions depend on their order, so it is fixed
		ELSE sum(value * weight ORDER BY value * weight) / sum(weight ORDER BY weight)
	END AS score,
	count(*) AS count
FROM (
	SELECT f.tenant, i.trace_id, f.event_id, f.source, f.slug, f.value, coalesce(f.weight, 1) AS weight
	FROM feedback f
	JOIN interaction i ON i.tenant = f.tenant AND i.interaction_id = f.interaction_id
	WHERE f.mask NOT IN (0, 4) AND i.trace_id IS NOT NULL
	UNION ALL
	SELECT f.tenant, f.target_trace_id, f.event_id, f.source, f.slug, f.value, coalesce(f.weight, 1)
	FROM feedback f
	WHERE f.mask = 4
		AND EXISTS (
			SELECT FROM interaction i
			WHERE i.tenant = f.tenant AND i.trace_id = f.target_trace_id AND i.ended_at IS NOT NULL)
) f
WHERE slug = 'score' AND source = 'customer'
	AND NOT EXISTS (SELECT FROM feedback r WHERE r.tenant = f.tenant AND r.retracts = f.event_id)
GROUP BY tenant, trace_id;
COMMENT ON VIEW trace_score IS 'the weighted mean of customers'' scores of each trace';

GRANT SELECT ON trace_score TO afterword_reader, afterword_writer;
