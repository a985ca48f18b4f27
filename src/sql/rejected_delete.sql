-- Messages that were rejected once and are stored now. $1 text[] topics, $2 int4[] partitions, $3 int8[] and $4 int8[] first and
-- last offsets: everything in these ranges is stored with this batch, but for what rejected_add.sql adds.
DELETE FROM rejected r
USING unnest($1::text[], $2::int4[], $3::int8[], $4::int8[]) q (topic, partition, first, last)
WHERE r.topic = q.topic AND r.partition = q.partition AND r."offset" BETWEEN q.first AND q.last
