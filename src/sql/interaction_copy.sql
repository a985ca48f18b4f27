-- New interactions.
COPY interaction (tenant, interaction_id, revision, conversation_id, trace_id, end_user, input, output, started_at,
	ended_at, anonymize, attributes, input_hash, output_hash, content_hash, pii, pii_version)
FROM STDIN (FORMAT binary)
