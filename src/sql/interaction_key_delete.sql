-- Takes match keys away. $1 text[], $2 uuid[], $3 timestamptz[], $4 text[]: tenants, match keys, ends, interaction ids.
DELETE FROM interaction_key k
USING unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::text[]) q (tenant, match_key, ended_at, interaction_id)
WHERE k.tenant = q.tenant AND k.match_key = q.match_key AND k.ended_at = q.ended_at AND k.interaction_id = q.interaction_id
