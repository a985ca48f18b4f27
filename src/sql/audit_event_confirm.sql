-- Takes away what has been found and does not differ, or not in the same way, at a second look. Whatever was being settled at the first
-- look has been settled before this one (settle_wait.sql). $1 int4[], $2 int4[]: the first part and the last, one element each.
-- One row: how many are left.
WITH again AS MATERIALIZED (
	SELECT * FROM audit
	WHERE part BETWEEN ($1::int4[])[1] AND ($2::int4[])[1]
), gone AS (
	DELETE FROM audit_event f
	WHERE NOT EXISTS (
		SELECT FROM again a
		WHERE a.tenant = f.tenant AND a.event_id = f.event_id
			AND a.interaction_id IS NOT DISTINCT FROM f.interaction_id
			AND a.expected_interaction_id IS NOT DISTINCT FROM f.expected_interaction_id
			AND a.occurred_at = f.occurred_at
			AND a.expected_occurred_at = f.expected_occurred_at)
	RETURNING 1
)
SELECT (SELECT count(*) FROM audit_event) - (SELECT count(*) FROM gone)
