-- Which of these interactions are stored, and by which copy? $1 text[], $2 text[]: tenants and ids.
SELECT q.n, i.revision, i.ended_at, i.content_hash
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY q (tenant, interaction_id, n)
JOIN interaction i ON i.tenant = q.tenant AND i.interaction_id = q.interaction_id
