-- Tables, and the functions and roles around them. Runs with search_path set to the schema, in one transaction.
--
-- Two questions are asked all day, and each is one index probe whatever the length of a user's history:
--
-- 1. Which interaction does this event belong to? An event has one set of keys, its mask; the values under it hash to
--    one match key. A completed interaction stands in interaction_key once for each mask that events of its tenant
--    have ever used (match_mask). The answer is the last row of (tenant, match_key) before the event's time: one
--    step back from a point in the primary key of interaction_key. An event that names its interaction_id probes
--    interaction's primary key instead.
-- 2. Which stored events does this late interaction touch? Sort the events of one match key by time, and what they belong
--    to never goes down: the interaction touches those between its end and the end of the next interaction of the
--    same match key, a range of feedback_match_key. If it changed, it also touches those that hold it: feedback_interaction.
--
-- An event whose only key is a trace belongs to all completed interactions of the trace. That is a plain join on
-- (tenant, trace_id), made when it is read: nothing is stored that could become wrong. Likewise `retracted`.
--
-- Every key begins with the tenant; nothing refers across tenants. Ids are COLLATE "C": ordered by bytes, as the contract
-- says, and the fastest to compare.

-- The settings that decide results. `run` compares them with its own and refuses to start where they differ.
CREATE TABLE setting (
	name  text PRIMARY KEY,
	value text NOT NULL
);
COMMENT ON TABLE setting IS 'the settings that results depend on; changed by afterword migrate';

-- The matching key where the configuration names none. Only the writer role reads it.
CREATE TABLE secret (
	name  text PRIMARY KEY,
	value text NOT NULL
);
COMMENT ON TABLE secret IS 'the key of the hashes that texts are matched by';

CREATE TABLE interaction (
	tenant          text COLLATE "C" NOT NULL,
	interaction_id  text COLLATE "C" NOT NULL,
	revision        bigint NOT NULL,
	conversation_id text COLLATE "C",
	trace_id        text COLLATE "C",
	end_user        text COLLATE "C",
	input           text,
	output          text,
	started_at      timestamptz,
	ended_at        timestamptz,
	anonymize       boolean NOT NULL,
	attributes      jsonb,
	input_hash      uuid,           -- keyed hash of the text as sent; null: blank
	output_hash     uuid,
	content_hash    uuid NOT NULL,  -- keyed hash of the whole record as sent: orders copies
	PRIMARY KEY (tenant, interaction_id)
);
COMMENT ON TABLE interaction IS 'one exchange of an end user with the assistant: its greatest copy';

-- Events that have only a trace are joined by it.
CREATE INDEX interaction_trace ON interaction (tenant, trace_id)
	WHERE trace_id IS NOT NULL;

-- Why an event is pending is asked of unfinished interactions by whatever the event knows. They are few.
CREATE INDEX interaction_unfinished_user ON interaction (tenant, end_user, input_hash)
	WHERE ended_at IS NULL AND end_user IS NOT NULL;
CREATE INDEX interaction_unfinished_conversation ON interaction (tenant, conversation_id)
	WHERE ended_at IS NULL AND conversation_id IS NOT NULL;

-- The masks in use, by tenant. Bits: 1 interaction_id, 2 conversation_id, 4 trace_id, 8 end_user, 16 input,
-- 32 output. A mask is added, with the keys of all interactions of the tenant, before its first event is resolved.
CREATE TABLE match_mask (
	tenant text COLLATE "C" NOT NULL,
	mask   smallint NOT NULL,
	PRIMARY KEY (tenant, mask)
);
COMMENT ON TABLE match_mask IS 'the combinations of keys that events of a tenant have used';

-- The match keys of completed interactions. The primary key is question 1's index, and all there is to a row.
CREATE TABLE interaction_key (
	tenant         text COLLATE "C" NOT NULL,
	match_key      uuid NOT NULL,
	ended_at       timestamptz NOT NULL,
	interaction_id text COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant, match_key, ended_at, interaction_id)
);
COMMENT ON TABLE interaction_key IS 'the match keys under which events find completed interactions';

CREATE TABLE feedback (
	tenant                 text COLLATE "C" NOT NULL,
	event_id               text COLLATE "C" NOT NULL,
	slug                   text NOT NULL,
	text                   text,
	value                  integer,
	weight                 double precision,      -- as sent; null counts as 1
	end_user               text COLLATE "C",
	source                 text NOT NULL,
	"timestamp"            timestamptz NOT NULL,  -- the client's clock
	sent_at                timestamptz,
	occurred_at            timestamptz NOT NULL,  -- timestamp, corrected
	received_at            timestamptz NOT NULL DEFAULT now(),
	repaired               boolean NOT NULL,
	anonymize              boolean NOT NULL,
	attributes             jsonb,
	retracts               text COLLATE "C",
	-- what the event says it is about; of texts, their keyed hashes
	target_interaction_id  text COLLATE "C",
	target_conversation_id text COLLATE "C",
	target_trace_id        text COLLATE "C",
	target_input           uuid,
	target_output          uuid,
	mask                   smallint NOT NULL,     -- which of these are its keys; 0 for a retract
	match_key              uuid,                  -- null for a retract, and where a trace is the only key
	-- what it belongs to; null: pending, or all of a trace (mask 4)
	interaction_id         text COLLATE "C",
	content_hash           uuid NOT NULL,         -- tells a copy from a conflict
	-- the copy that counts: the one with the earliest Kafka record time
	record_time            timestamptz,
	topic                  text NOT NULL,
	partition              integer NOT NULL,
	"offset"               bigint NOT NULL,
	PRIMARY KEY (tenant, event_id)
);
COMMENT ON TABLE feedback IS 'feedback events; see the views feedback_joined and pending_feedback';

-- Question 2: the events of one match key in order of time.
CREATE INDEX feedback_match_key ON feedback (tenant, match_key, occurred_at)
	WHERE match_key IS NOT NULL;
-- The events that hold an interaction: to settle it when it changes, and for who asks for one interaction's feedback.
CREATE INDEX feedback_interaction ON feedback (tenant, interaction_id)
	WHERE interaction_id IS NOT NULL;
-- Events of a whole trace, for the join with its interactions in either direction.
CREATE INDEX feedback_trace ON feedback (tenant, target_trace_id)
	WHERE mask = 4;
-- What is pending, without reading what is not.
CREATE INDEX feedback_pending ON feedback (tenant, occurred_at)
	WHERE interaction_id IS NULL AND mask <> 0;
-- Is this event retracted? Retracts are few.
CREATE INDEX feedback_retracts ON feedback (tenant, retracts)
	WHERE retracts IS NOT NULL;

-- What happened on a day, for reports: events arrive nearly in the order of time, so a few kilobytes do.
CREATE INDEX feedback_day ON feedback USING brin (occurred_at) WITH (autosummarize = on);

-- Messages that could not be stored, without their payload, which is in the dead-letter topic.
CREATE TABLE rejected (
	topic       text COLLATE "C" NOT NULL,
	partition   integer NOT NULL,
	"offset"    bigint NOT NULL,
	record_time timestamptz,
	reason      text NOT NULL,
	detail      text NOT NULL,
	tenant      text COLLATE "C",
	event_id    text COLLATE "C",
	rejected_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (topic, partition, "offset")
);
COMMENT ON TABLE rejected IS 'messages that could not be stored; the dead-letter topic has them whole';

-- The match key of these values under a mask: the first 16 bytes of a SHA-256, as the worker computes it. Null where
-- the mask names a value that is absent.
CREATE FUNCTION match_key(mask smallint, interaction_id text, conversation_id text, trace_id text, end_user text,
	input_hash uuid, output_hash uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN encode(substr(sha256(int2send(mask)
	|| CASE WHEN mask & 1 <> 0 THEN int4send(octet_length(interaction_id)) || convert_to(interaction_id, 'UTF8') ELSE '' END
	|| CASE WHEN mask & 2 <> 0 THEN int4send(octet_length(conversation_id)) || convert_to(conversation_id, 'UTF8') ELSE '' END
	|| CASE WHEN mask & 4 <> 0 THEN int4send(octet_length(trace_id)) || convert_to(trace_id, 'UTF8') ELSE '' END
	|| CASE WHEN mask & 8 <> 0 THEN int4send(octet_length(end_user)) || convert_to(end_user, 'UTF8') ELSE '' END
	|| CASE WHEN mask & 16 <> 0 THEN uuid_send(input_hash) ELSE '' END
	|| CASE WHEN mask & 32 <> 0 THEN uuid_send(output_hash) ELSE '' END), 1, 16), 'hex')::uuid;

-- The one rule: the interaction that an event belongs to, or no row. `before` is occurred_at plus the tolerance.
CREATE FUNCTION best_interaction(tenant text, mask smallint, target_interaction_id text, match_key uuid, before timestamptz)
	RETURNS TABLE (interaction_id text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	(SELECT i.interaction_id
	FROM interaction i
	WHERE best_interaction.mask = 1
		AND i.tenant = best_interaction.tenant
		AND i.interaction_id = best_interaction.target_interaction_id
		AND i.ended_at IS NOT NULL)
	UNION ALL
	(SELECT k.interaction_id
	FROM interaction_key k
	WHERE best_interaction.mask > 1
		AND k.tenant = best_interaction.tenant
		AND k.match_key = best_interaction.match_key
		AND k.ended_at < best_interaction.before
	ORDER BY k.ended_at DESC, k.interaction_id DESC
	LIMIT 1);
END;

-- Roles belong to the server, not to the database: those that exist are taken.
DO $$
DECLARE
	role text;
BEGIN
	FOREACH role IN ARRAY ARRAY['afterword_writer', 'afterword_reader'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
			BEGIN
				EXECUTE format('CREATE ROLE %I NOLOGIN', role);
			EXCEPTION
				WHEN duplicate_object OR unique_violation THEN
					NULL; -- made by somebody else meanwhile
				WHEN insufficient_privilege THEN
					RAISE EXCEPTION USING
						ERRCODE = 'insufficient_privilege',
						MESSAGE = format('role "%s" does not exist and "%s" may not create roles', role, current_user),
						HINT = format('let an administrator run: CREATE ROLE %I NOLOGIN', role);
			END;
		END IF;
	END LOOP;
END
$$;

DO $$
BEGIN
	EXECUTE format('GRANT USAGE ON SCHEMA %I TO afterword_writer, afterword_reader', current_schema());
	-- to own tables, below
	EXECUTE format('GRANT CREATE ON SCHEMA %I TO afterword_writer', current_schema());
	IF NOT pg_has_role('afterword_writer', 'MEMBER') THEN
		GRANT afterword_writer TO CURRENT_USER;
	END IF;
EXCEPTION
	WHEN insufficient_privilege THEN
		RAISE EXCEPTION USING
			ERRCODE = 'insufficient_privilege',
			MESSAGE = format('"%s" is no member of role "afterword_writer"', current_user),
			HINT = format('let an administrator run: GRANT afterword_writer TO %I', current_user);
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON interaction, interaction_key, match_mask, feedback, rejected TO afterword_writer;
GRANT SELECT ON migration, setting, secret TO afterword_writer;
GRANT SELECT ON migration, interaction, interaction_key, feedback, rejected TO afterword_reader;

-- A reader that has set afterword.tenant sees only that tenant. The sub-select is computed once a statement.
ALTER TABLE interaction ENABLE ROW LEVEL SECURITY;
ALTER TABLE interaction_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE rejected ENABLE ROW LEVEL SECURITY;
CREATE POLICY writer ON rejected TO afterword_writer USING (true);
CREATE POLICY reader ON interaction FOR SELECT TO afterword_reader
	USING (tenant = coalesce(nullif((SELECT current_setting('afterword.tenant', true)), ''), tenant));
CREATE POLICY reader ON interaction_key FOR SELECT TO afterword_reader
	USING (tenant = coalesce(nullif((SELECT current_setting('afterword.tenant', true)), ''), tenant));
CREATE POLICY reader ON feedback FOR SELECT TO afterword_reader
	USING (tenant = coalesce(nullif((SELECT current_setting('afterword.tenant', true)), ''), tenant));
CREATE POLICY reader ON rejected FOR SELECT TO afterword_reader
	USING (coalesce(tenant = nullif((SELECT current_setting('afterword.tenant', true)), ''),
		nullif((SELECT current_setting('afterword.tenant', true)), '') IS NULL));

-- Postgres takes no COPY into a table with row-level security but from its owner, whose members count as owners.
ALTER TABLE interaction OWNER TO afterword_writer;
ALTER TABLE interaction_key OWNER TO afterword_writer;
ALTER TABLE feedback OWNER TO afterword_writer;
DO $$
BEGIN
	EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM afterword_writer', current_schema());
END
$$;
