-- Stored events of which an earlier copy came. What a copy can differ in is what depends on its record time, and repaired.
-- $1 text[] tenants, $2 text[] event ids, $3 timestamptz[] occurred_at, $4 bool[] repaired, $5 timestamptz[] record times,
-- $6 text[] topics, $7 int4[] partitions, $8 int8[] offsets, $9 text[] interactions they belong to now.
WITH locked AS MATERIALIZED (
	SELECT q.*
	FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::bool[], $5::timestamptz[], $6::text[], $7::int4[],
		$8::int8[], $9::text[]) q (tenant, event_id, occurred_at, repaired, record_time, topic, partition, "offset", interaction_id)
	JOIN feedback f ON f.tenant = q.tenant AND f.event_id = q.event_id
	WHERE (coalesce(q.record_time, 'infinity'), q.repaired) < (coalesce(f.record_time, 'infinity'), f.repaired)
	ORDER BY f.tenant, f.event_id
	FOR UPDATE OF f
)
UPDATE feedback f
SET occurred_at = l.occurred_at, repaired = l.repaired, record_time = l.record_time, topic = l.topic,
	partition = l.partition, "offset" = l."offset", interaction_id = l.interaction_id
FROM locked l
WHERE f.tenant = l.tenant AND f.event_id = l.event_id
