-- Which interactions do these events belong to? A row for each that has one.
-- $1 text[] tenants, $2 text[] ids: events that name an interaction. Their rows have their number, from 1 on, alone.
-- $3 text[] tenants, $4 uuid[] match keys, $5 timestamptz[] occurred_at plus the tolerance: events that do not. Their rows have their
-- number, from -1 down, and the interaction. Two questions in one statement: best_interaction asked both of each event, for more.
SELECT q.n, NULL
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY q (tenant, interaction_id, n)
JOIN interaction i ON i.tenant = q.tenant AND i.interaction_id = q.interaction_id
WHERE i.ended_at IS NOT NULL
UNION ALL
SELECT -q.n, best.interaction_id
FROM unnest($3::text[], $4::uuid[], $5::timestamptz[]) WITH ORDINALITY q (tenant, match_key, before, n)
-- any mask but 1; a constant, so that of best_interaction only its half remains
CROSS JOIN LATERAL best_interaction(q.tenant, 2::smallint, NULL, q.match_key, q.before) best
