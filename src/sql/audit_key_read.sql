-- The match keys that differ: for FETCH in pieces, across transactions.
DECLARE audit_read NO SCROLL CURSOR WITH HOLD FOR
SELECT tenant, fault, id, mask
FROM audit_key
ORDER BY fault, tenant, id
