-- New events.
COPY feedback (tenant, event_id, slug, text, value, weight, end_user, source, "timestamp", sent_at, occurred_at, repaired,
	anonymize, attributes, retracts, target_interaction_id, target_conversation_id, target_trace_id, target_input,
	target_output, mask, match_key, interaction_id, content_hash, record_time, topic, partition, "offset", pii, pii_version)
FROM STDIN (FORMAT binary)
