-- Corrects the events that some interactions touch: those that hold one of them, and those that the match keys of one reach
-- back to. Runs after settle_wait.sql, in a transaction of resolving_begin.sql.
-- $1 text[], $2 text[]: tenants and ids of the interactions.
-- $3 text[], $4 uuid[], $5 timestamptz[]: tenant, match key and end of each copy; end null: whatever the time.
-- $6 int8[]: the clock tolerance in microseconds, one element.
-- $7 text[], $8 text[]: tenants and ids of events to look at whatever touches them.
-- One row: how many events were wrong, how many were corrected, and how many of those were pending. Fewer corrected than wrong:
-- somebody changed them in the meantime; run it again.
WITH setting AS (
	SELECT ($6::int8[])[1] * interval '1 microsecond' AS tolerance
), reached AS MATERIALIZED (
	-- from the interaction's end to that of the next with the same match key; both bounds are worked out before
	-- events are looked at, so that they are a range of feedback_match_key and nothing past it is read
	SELECT q.tenant, q.match_key,
		coalesce(q.ended_at - s.tolerance, '-infinity') AS after,
		coalesce((
			SELECT min(k.ended_at)
			FROM interaction_key k
			WHERE k.tenant = q.tenant AND k.match_key = q.match_key AND k.ended_at > q.ended_at
		) - s.tolerance, 'infinity') AS until
	FROM setting s
	CROSS JOIN unnest($3::text[], $4::uuid[], $5::timestamptz[]) q (tenant, match_key, ended_at)
	-- most keys reach no event at all: one probe instead of two (CASE, so that it is not made a join)
	WHERE CASE WHEN EXISTS (
		SELECT FROM feedback f
		WHERE f.tenant = q.tenant AND f.match_key = q.match_key
			AND f.occurred_at > coalesce(q.ended_at - s.tolerance, '-infinity')
			AND (f.mask <> 1 OR f.interaction_id IS NULL)
	) THEN true END
), touched AS (
	SELECT f.tenant, f.event_id
	FROM unnest($1::text[], $2::text[]) q (tenant, interaction_id)
	JOIN feedback f ON f.tenant = q.tenant AND f.interaction_id = q.interaction_id
	UNION
	SELECT f.tenant, f.event_id
	FROM reached r
	JOIN feedback f ON f.tenant = r.tenant AND f.match_key = r.match_key
		AND f.occurred_at > r.after AND f.occurred_at <= r.until
		-- one that has the interaction which it names holds it, or has nothing to do with ours
		AND (f.mask <> 1 OR f.interaction_id IS NULL)
	UNION
	SELECT * FROM unnest($7::text[], $8::text[])
), wrong AS MATERIALIZED (
	SELECT f.tenant, f.event_id, f.interaction_id, f.occurred_at, best.interaction_id AS best
	FROM setting s CROSS JOIN touched t
	JOIN feedback f ON f.tenant = t.tenant AND f.event_id = t.event_id
	LEFT JOIN LATERAL best_interaction(f.tenant, f.mask, f.target_interaction_id, f.match_key,
		f.occurred_at + s.tolerance) best ON true
	WHERE f.interaction_id IS DISTINCT FROM best.interaction_id
), locked AS MATERIALIZED (
	-- in one order, so that no two workers wait for each other; only rows that are still as they were judged
	SELECT w.tenant, w.event_id, w.best, w.interaction_id IS NULL AS was_pending
	FROM wrong w
	JOIN feedback f ON f.tenant = w.tenant AND f.event_id = w.event_id
	WHERE f.interaction_id IS NOT DISTINCT FROM w.interaction_id AND f.occurred_at = w.occurred_at
	ORDER BY w.tenant COLLATE "C", w.event_id COLLATE "C"
	FOR UPDATE OF f
), corrected AS (
	UPDATE feedback f
	SET interaction_id = l.best
	FROM locked l
	WHERE f.tenant = l.tenant AND f.event_id = l.event_id
	RETURNING l.was_pending
)
SELECT (SELECT count(*) FROM wrong), count(*), count(*) FILTER (WHERE was_pending) FROM corrected
