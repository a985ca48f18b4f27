-- The masks in use. $1 text[]: tenants.
SELECT tenant, mask FROM match_mask WHERE tenant = ANY ($1::text[])
ORDER BY tenant, mask
