-- Works the time of events out again. $1 text[], $2 text[]: tenants and event ids.
WITH locked AS MATERIALIZED (
	SELECT f.tenant, f.event_id, occurred_at(f."timestamp", f.sent_at, f.record_time,
		(SELECT value::bigint FROM setting WHERE name = 'resolve.skew.min.ms')) AS occurred_at
	FROM unnest($1::text[], $2::text[]) q (tenant, event_id)
	JOIN feedback f ON f.tenant = q.tenant AND f.event_id = q.event_id
	ORDER BY f.tenant, f.event_id
	FOR UPDATE OF f
)
UPDATE feedback f
SET occurred_at = l.occurred_at
FROM locked l
WHERE f.tenant = l.tenant AND f.event_id = l.event_id AND f.occurred_at <> l.occurred_at
