-- Readers may know by which rules events are resolved; the table of secrets stays closed to them.
GRANT SELECT ON setting TO afterword_reader;

-- Every candidate of an event: each interaction of its tenant that has one of the ids that are its keys. No row: no such
-- event, or a retract, or nothing has any of its ids. Runs with the rights of who asks. Reads all interactions of the tenant: for a look at one event, not for
-- a report.
--
-- differs: the keys that the interaction does not agree with; an output still to come agrees with any.
-- before:  it had to end before this; null where time does not matter.
CREATE FUNCTION explain(tenant text, event_id text)
	RETURNS TABLE (interaction_id text, verdict text, ended_at timestamptz, before timestamptz, differs text[], completed boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH event AS (
		SELECT f.*, CASE WHEN f.mask NOT IN (1, 4) THEN f.occurred_at + s.value::bigint * interval '1 millisecond' END AS before
		FROM feedback f
		JOIN setting s ON s.name = 'resolve.clock.tolerance.ms'
		WHERE f.tenant = explain.tenant AND f.event_id = explain.event_id AND f.mask <> 0
	), candidate AS (
		SELECT i.interaction_id, i.ended_at, e.mask, e.before, array_remove(ARRAY[
			CASE WHEN e.mask & 2 <> 0 AND i.conversation_id IS DISTINCT FROM e.target_conversation_id THEN 'conversation_id' END,
			CASE WHEN e.mask & 4 <> 0 AND i.trace_id IS DISTINCT FROM e.target_trace_id THEN 'trace_id' END,
			CASE WHEN e.mask & 16 <> 0 AND i.input_hash IS DISTINCT FROM e.target_input THEN 'input' END,
			CASE WHEN e.mask & 32 <> 0 AND i.output_hash IS DISTINCT FROM e.target_output
				AND NOT (i.ended_at IS NULL AND i.output_hash IS NULL) THEN 'output' END], NULL) AS differs
		FROM event e
		JOIN interaction i ON i.tenant = e.tenant
			AND (e.mask & 1 <> 0 AND i.interaction_id = e.target_interaction_id
				OR e.mask & 2 <> 0 AND i.conversation_id = e.target_conversation_id
				OR e.mask & 4 <> 0 AND i.trace_id = e.target_trace_id
				OR e.mask & 8 <> 0 AND i.end_user = e.end_user)
	), judged AS (
		SELECT c.*, c.differs = '{}' AND c.ended_at IS NOT NULL AND (c.before IS NULL OR c.ended_at < c.before) AS fits
		FROM candidate c
	), ranked AS (
		SELECT j.*, row_number() OVER (PARTITION BY j.fits ORDER BY j.ended_at DESC, j.interaction_id DESC) = 1 AS latest
		FROM judged j
	)
	SELECT r.interaction_id,
		CASE
			WHEN r.fits AND (r.latest OR r.mask = 4) THEN 'won'
			WHEN r.fits THEN 'lost: earlier than the winner'
			ELSE 'lost: ' || concat_ws(', ',
				nullif(array_to_string(r.differs, ' differs, ') || ' differs', ' differs'),
				CASE WHEN r.ended_at IS NULL THEN 'not completed' END,
				CASE WHEN r.ended_at >= r.before THEN 'ended too late for the event' END)
		END,
		r.ended_at, r.before, r.differs, r.ended_at IS NOT NULL
	FROM ranked r
	ORDER BY r.fits DESC, r.ended_at DESC NULLS LAST, r.interaction_id DESC;
END;
COMMENT ON FUNCTION explain(text, text) IS 'every interaction that an event could belong to, and why it won or lost';
