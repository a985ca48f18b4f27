-- Messages that cannot be stored. $1 text[] topics, $2 int4[] partitions, $3 int8[] offsets, $4 timestamptz[] record times,
-- $5 text[] reasons, $6 text[] details, $7 text[] tenants, $8 text[] event ids.
INSERT INTO rejected (topic, partition, "offset", record_time, reason, detail, tenant, event_id)
SELECT * FROM unnest($1::text[], $2::int4[], $3::int8[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[])
ON CONFLICT (topic, partition, "offset") DO UPDATE
SET record_time = excluded.record_time, reason = excluded.reason, detail = excluded.detail, tenant = excluded.tenant,
	event_id = excluded.event_id
