-- An environment is one of a few words, and a prompt's name stays the same for days and comes back no more. SP-GiST wrote a row of an
-- index for each event all the same (3 us in one session, more where several insert the same word), for an index that a search for
-- "production" could not use. A Bloom filter for each 128 pages costs a tenth of that: events come in the order of time, so a search reads the pages
-- of the days on which a value was in use. What names somebody, _user and _organisation, is looked up in SP-GiST as before.
DROP INDEX feedback_attribute_environment;
CREATE INDEX feedback_attribute_environment ON feedback
	USING brin ((attributes->>'_environment') text_bloom_ops (n_distinct_per_range = 64)) WITH (autosummarize = on)
	WHERE attributes->>'_environment' IS NOT NULL;
DROP INDEX feedback_attribute_prompt;
CREATE INDEX feedback_attribute_prompt ON feedback
	USING brin ((attributes->>'_prompt') text_bloom_ops (n_distinct_per_range = 512)) WITH (autosummarize = on)
	WHERE attributes->>'_prompt' IS NOT NULL;
