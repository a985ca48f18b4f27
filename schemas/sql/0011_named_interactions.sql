-- An event that names its interaction, and has it, can belong to no other: it is found again by what it holds (feedback_interaction)
-- when that changes. So of these events only the pending ones stand among those that a late interaction is looked up in: a row less
-- to write for the most frequent kind of event. settle.sql says the same condition, or the planner could not use this index.
DROP INDEX feedback_match_key;
CREATE INDEX feedback_match_key ON feedback (tenant, match_key, occurred_at)
	WHERE match_key IS NOT NULL AND (mask <> 1 OR interaction_id IS NULL);
