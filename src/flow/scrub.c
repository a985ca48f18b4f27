#include "scrub.h"

#include "jsonb.h"

#define REDACTED "<REDACTED>"

struct pii_options
scrub_options(const struct conf *c)
{
	return (struct pii_options){.entities = c->pii_entities,
	    .countries = c->pii_countries,
	    .aggressive = c->pii_aggressive,
	    .operators = c->pii_operator,
	    .key = c->pii_key,
	    .key_id = c->pii_key_id,
	    .allow_file = c->pii_allow,
	    .deny_file = c->pii_deny,
	    .rules_file = c->pii_rules};
}

static bool
kept(const char *keep, struct str key)
{
	while (*keep) {
		size_t len = strcspn(keep, ",");

		if (len == key.len && memcmp(keep, key.p, len) == 0)
			return true;
		keep += len + (keep[len] == ',');
	}
	return false;
}

static struct str
redact(void *arg, struct str key, struct str raw)
{
	return kept(arg, key) ? raw : str_of(REDACTED);
}

static void
redact_attributes(struct str *attributes, const char *keep, struct arena *a)
{
	bool repaired = false;

	/* valid by now; were it not, nothing of it is kept */
	if (attributes->p && jsonb_check(a, *attributes, redact, (void *)keep, attributes, &repaired))
		*attributes = str_of("{}");
}

static void
redact_text(struct str *text)
{
	if (text->p)
		*text = str_of(REDACTED);
}

void
scrub_batch(struct batch *b, const char *keep)
{
	for (size_t i = 0; i < b->nevents; i++) {
		struct event *ev = &b->events[i].item->ev;

		if (!ev->anonymize)
			continue;
		redact_text(&ev->text);
		redact_attributes(&ev->stored_attributes, keep, &b->arena);
	}
	for (size_t i = 0; i < b->ninteractions; i++) {
		struct interaction *in = b->interactions[i].in;

		if (!in->anonymize)
			continue;
		redact_text(&in->input);
		redact_text(&in->output);
		redact_attributes(&in->stored_attributes, keep, &b->arena);
	}
}
