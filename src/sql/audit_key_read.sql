-- The match keys that differ: for FETCH in pieces, across transactions.
DECLARE audit_read NO SCROLL CURSOR WITH HOLD FOR
SELECT k.tenant, k.fault, k.id, k.mask, format('%s[%s]@%s', f.topic, f.partition, f."offset")
FROM audit_key k
LEFT JOIN feedback f ON k.fault = 'event' AND f.tenant = k.tenant AND f.event_id = k.id
ORDER BY k.fault, k.tenant, k.id
