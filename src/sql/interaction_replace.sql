-- Replaces stored interactions, whole, by greater copies: in the order of (revision, ended_at with null lowest, content_hash).
-- $1 text[] tenants, $2 text[] ids, $3 int8[] revisions, $4 text[] conversation ids, $5 text[] trace ids, $6 text[] end
-- users, $7 text[] inputs, $8 text[] outputs, $9 timestamptz[] starts, $10 timestamptz[] ends, $11 bool[] anonymize,
-- $12 text[] attributes, $13 uuid[] input hashes, $14 uuid[] output hashes, $15 uuid[] content hashes,
-- $16 text[] and $17 text[] what was found in them, and by which rules.
-- A row for each that was replaced: its number, and of the old copy what its match keys were made of.
WITH copy AS (
	SELECT *
	FROM unnest($1::text[], $2::text[], $3::int8[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
		$9::timestamptz[], $10::timestamptz[], $11::bool[], $12::text[], $13::uuid[], $14::uuid[], $15::uuid[], $16::text[], $17::text[])
		WITH ORDINALITY q (tenant, interaction_id, revision, conversation_id, trace_id, end_user, input, output,
		started_at, ended_at, anonymize, attributes, input_hash, output_hash, content_hash, pii, pii_version, n)
), locked AS MATERIALIZED (
	-- in one order, so that no two workers wait for each other
	SELECT q.n, i.tenant, i.interaction_id, i.conversation_id, i.trace_id, i.end_user, i.input_hash, i.output_hash, i.ended_at
	FROM copy q
	JOIN interaction i ON i.tenant = q.tenant AND i.interaction_id = q.interaction_id
	WHERE (i.revision, coalesce(i.ended_at, '-infinity'), i.content_hash)
		< (q.revision, coalesce(q.ended_at, '-infinity'), q.content_hash)
	ORDER BY i.tenant, i.interaction_id
	FOR UPDATE OF i
), replaced AS (
	UPDATE interaction i
	SET revision = q.revision, conversation_id = q.conversation_id, trace_id = q.trace_id, end_user = q.end_user,
		input = q.input, output = q.output, started_at = q.started_at, ended_at = q.ended_at, anonymize = q.anonymize,
		attributes = q.attributes::jsonb, input_hash = q.input_hash, output_hash = q.output_hash, content_hash = q.content_hash,
		pii = q.pii::jsonb, pii_version = q.pii_version
	FROM locked l
	JOIN copy q ON q.n = l.n
	WHERE i.tenant = l.tenant AND i.interaction_id = l.interaction_id
)
SELECT n, conversation_id, trace_id, end_user, input_hash, output_hash, ended_at
FROM locked
