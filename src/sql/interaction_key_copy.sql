-- The match keys of completed interactions.
COPY interaction_key (tenant, match_key, ended_at, interaction_id) FROM STDIN (FORMAT binary)
