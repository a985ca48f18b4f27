-- The proof of the promise: what the contract's section 3 says of every stored event, worked out from the columns that events and
-- interactions came with, next to what is stored. Neither match keys nor any index that resolving uses is looked at.
-- SELECT * FROM audit lists what differs; beside a working pool that can be an event that is being settled right now, which
-- `afterword audit` tells apart.

-- Section 3: when the user acted. In UTC, since a day is not 24 hours everywhere. `skew` in milliseconds; -1: no correction.
CREATE FUNCTION occurred_at("timestamp" timestamptz, sent_at timestamptz, record_time timestamptz, skew bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
	WHEN skew >= 0 AND (record_time - sent_at >= skew * interval '1 millisecond'
		OR sent_at - record_time >= skew * interval '1 millisecond'
		OR sent_at - record_time > interval '1 second')
	THEN ("timestamp" AT TIME ZONE 'UTC' + (record_time - sent_at)) AT TIME ZONE 'UTC'
	ELSE "timestamp" END;

-- Which part of an audit an event falls into, with the interactions that it may belong to: 0 to 1023, by the first of its keys.
CREATE FUNCTION audit_part(tenant text, interaction_id text, conversation_id text, trace_id text, end_user text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashtext(tenant || ' ' || coalesce(interaction_id, conversation_id, trace_id, end_user, '')) & 1023;

-- Events and interactions are laid out on one line of time for each set of keys with their values; an event belongs to
-- the last interaction before it. So it is two sorts, however long the history of a user.
CREATE VIEW audit WITH (security_invoker = true) AS
WITH event AS NOT MATERIALIZED ( -- so that a tenant or a part is looked for in the tables
	-- the keys of each event: its interaction_id alone; else conversation and trace with the texts; else the end user with them
	SELECT f.tenant, f.event_id, f.interaction_id AS stored, f.occurred_at AS stored_at,
		f.target_interaction_id AS interaction_id,
		CASE WHEN n.interaction THEN NULL ELSE f.target_conversation_id END AS conversation_id,
		CASE WHEN n.interaction THEN NULL ELSE f.target_trace_id END AS trace_id,
		CASE WHEN n.interaction OR n.context THEN NULL ELSE f.end_user END AS end_user,
		CASE WHEN n.interaction THEN NULL ELSE f.target_input END AS input,
		CASE WHEN n.interaction THEN NULL ELSE f.target_output END AS output,
		occurred_at(f."timestamp", f.sent_at, f.record_time, s.skew) AS occurred_at,
		-- its interaction must have ended before
		CASE WHEN n.interaction THEN 'infinity'
			ELSE occurred_at(f."timestamp", f.sent_at, f.record_time, s.skew) + s.tolerance END AS before
	FROM feedback f
	CROSS JOIN (
		SELECT
			(SELECT value::bigint FROM setting WHERE name = 'resolve.skew.min.ms') AS skew,
			(SELECT value::bigint * interval '1 millisecond' FROM setting WHERE name = 'resolve.clock.tolerance.ms') AS tolerance
	) s
	CROSS JOIN LATERAL (
		SELECT f.target_interaction_id IS NOT NULL AS interaction,
			coalesce(f.target_conversation_id, f.target_trace_id) IS NOT NULL AS context
	) n
	WHERE f.slug <> 'retract'
), line AS (
	SELECT audit_part(tenant, interaction_id, conversation_id, trace_id, end_user) AS part,
		tenant, interaction_id, conversation_id, trace_id, end_user, input, output,
		before AS at, NULL AS candidate, event_id, stored, stored_at, occurred_at
	FROM event
	UNION ALL
	-- each completed interaction under each set of keys that events of its tenant have
	SELECT audit_part(k.tenant, k.interaction_id, k.conversation_id, k.trace_id, k.end_user),
		k.*, NULL, NULL, NULL, NULL
	FROM (
		SELECT i.tenant,
			CASE WHEN has.interaction_id THEN i.interaction_id END AS interaction_id,
			CASE WHEN has.conversation_id THEN i.conversation_id END AS conversation_id,
			CASE WHEN has.trace_id THEN i.trace_id END AS trace_id,
			CASE WHEN has.end_user THEN i.end_user END AS end_user,
			CASE WHEN has.input THEN i.input_hash END AS input,
			CASE WHEN has.output THEN i.output_hash END AS output,
			i.ended_at AS at, i.interaction_id AS candidate
		FROM (
			SELECT DISTINCT tenant, interaction_id IS NOT NULL AS interaction_id, conversation_id IS NOT NULL AS conversation_id,
				trace_id IS NOT NULL AS trace_id, end_user IS NOT NULL AS end_user, input IS NOT NULL AS input,
				output IS NOT NULL AS output
			FROM event
		) has
		JOIN interaction i ON i.tenant = has.tenant
		WHERE i.ended_at IS NOT NULL
			AND (i.conversation_id IS NOT NULL OR NOT has.conversation_id)
			AND (i.trace_id IS NOT NULL OR NOT has.trace_id)
			AND (i.end_user IS NOT NULL OR NOT has.end_user)
			AND (i.input_hash IS NOT NULL OR NOT has.input)
			AND (i.output_hash IS NOT NULL OR NOT has.output)
			-- a trace alone is a join in feedback_joined
			AND NOT (has.trace_id AND NOT has.conversation_id AND NOT has.input AND NOT has.output)
	) k
), counted AS (
	-- at one time the event comes first: an interaction must have ended before it
	SELECT *, count(candidate) OVER (
		PARTITION BY part, tenant, interaction_id, conversation_id, trace_id, end_user, input, output
		ORDER BY at, candidate NULLS FIRST) AS before
	FROM line
), resolved AS (
	SELECT part, tenant, event_id, stored, stored_at, occurred_at, first_value(candidate) OVER (
		PARTITION BY part, tenant, interaction_id, conversation_id, trace_id, end_user, input, output, before
		ORDER BY at, candidate NULLS LAST) AS expected
	FROM counted
)
SELECT r.tenant, r.event_id, f.topic, f.partition, f."offset", r.stored AS interaction_id, r.expected AS expected_interaction_id,
	r.stored_at AS occurred_at, r.occurred_at AS expected_occurred_at, r.part
FROM resolved r
JOIN feedback f ON f.tenant = r.tenant AND f.event_id = r.event_id
WHERE r.event_id IS NOT NULL AND (r.stored IS DISTINCT FROM r.expected OR r.stored_at <> r.occurred_at);
COMMENT ON VIEW audit IS 'events whose interaction or time is not what section 3 of the contract says; nothing, in a sound database';

-- The mask of an event: which keys it has.
CREATE FUNCTION event_mask(slug text, interaction_id text, conversation_id text, trace_id text, end_user text, input uuid, output uuid)
	RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
	WHEN slug = 'retract' THEN 0
	WHEN interaction_id IS NOT NULL THEN 1
	ELSE CASE
			WHEN conversation_id IS NULL AND trace_id IS NULL THEN CASE WHEN end_user IS NULL THEN 0 ELSE 8 END
			ELSE CASE WHEN conversation_id IS NULL THEN 0 ELSE 2 END + CASE WHEN trace_id IS NULL THEN 0 ELSE 4 END
		END
		+ CASE WHEN input IS NULL THEN 0 ELSE 16 END + CASE WHEN output IS NULL THEN 0 ELSE 32 END
	END;

-- What resolving goes by, worked out again from the rows that it was made of: the keys of events, the masks in use, and the match keys
-- of interactions. `fault` says what is wrong with the event, the tenant or the interaction.
CREATE VIEW audit_match_key WITH (security_invoker = true) AS
SELECT f.tenant, 'event' AS fault, f.event_id AS id, f.mask, f.match_key, NULL::timestamptz AS ended_at,
	audit_part(f.tenant, NULL, NULL, NULL, f.event_id) AS part
FROM feedback f
CROSS JOIN LATERAL (
	SELECT event_mask(f.slug, f.target_interaction_id, f.target_conversation_id, f.target_trace_id, f.end_user, f.target_input,
		f.target_output) AS mask
) m
WHERE f.mask <> m.mask OR f.match_key IS DISTINCT FROM CASE WHEN m.mask NOT IN (0, 4) THEN match_key(m.mask, f.target_interaction_id,
	f.target_conversation_id, f.target_trace_id, f.end_user, f.target_input, f.target_output) END
UNION ALL
SELECT f.tenant, 'mask', NULL, f.mask, NULL, NULL, 0
FROM (SELECT DISTINCT tenant, mask FROM feedback WHERE mask NOT IN (0, 1, 4)) f
WHERE NOT EXISTS (SELECT FROM match_mask m WHERE m.tenant = f.tenant AND m.mask = f.mask)
UNION ALL
SELECT k.tenant, 'missing', k.interaction_id, k.mask, k.match_key, k.ended_at, k.part
FROM (
	SELECT i.tenant, i.interaction_id, m.mask, i.ended_at, audit_part(i.tenant, NULL, NULL, NULL, i.interaction_id) AS part,
		match_key(m.mask, i.interaction_id, i.conversation_id, i.trace_id, i.end_user, i.input_hash, i.output_hash) AS match_key
	FROM interaction i
	JOIN match_mask m ON m.tenant = i.tenant
	WHERE i.ended_at IS NOT NULL
) k
WHERE k.match_key IS NOT NULL AND NOT EXISTS (
	SELECT FROM interaction_key s
	WHERE s.tenant = k.tenant AND s.match_key = k.match_key AND s.ended_at = k.ended_at AND s.interaction_id = k.interaction_id)
UNION ALL
SELECT k.tenant, 'superfluous', k.interaction_id, NULL, k.match_key, k.ended_at,
	audit_part(k.tenant, NULL, NULL, NULL, k.interaction_id)
FROM interaction_key k
WHERE NOT EXISTS (
	SELECT FROM interaction i
	JOIN match_mask m ON m.tenant = i.tenant
	WHERE i.tenant = k.tenant AND i.interaction_id = k.interaction_id AND i.ended_at = k.ended_at
		AND match_key(m.mask, i.interaction_id, i.conversation_id, i.trace_id, i.end_user, i.input_hash, i.output_hash) = k.match_key);
COMMENT ON VIEW audit_match_key IS 'match keys that are not what their rows say; nothing, in a sound database';

-- Readers may look at the first, of their tenant. What decides results is no secret.
GRANT SELECT ON audit, audit_match_key TO afterword_writer;
GRANT SELECT ON setting, audit TO afterword_reader;
