-- Which of these masks are not in use yet? $1 text[], $2 int2[]: tenants and masks.
SELECT q.tenant, q.mask
FROM unnest($1::text[], $2::int2[]) q (tenant, mask)
LEFT JOIN match_mask m ON m.tenant = q.tenant AND m.mask = q.mask
WHERE m.mask IS NULL
