-- Which of these interactions are stored, by which copy, and scrubbed by which rules? $1 text[], $2 text[]: tenants and ids.
SELECT q.n, i.revision, i.ended_at, i.content_hash, CASE WHEN i.anonymize THEN coalesce(i.pii_version, '') END
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY q (tenant, interaction_id, n)
JOIN interaction i ON i.tenant = q.tenant AND i.interaction_id = q.interaction_id
