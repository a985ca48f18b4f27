#include "scrub.h"

#include "buf.h"
#include "jsonb.h"

#include <stdlib.h>

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

int
scrubber_open(struct scrubber *s, const struct conf *c, struct err *e)
{
	const struct pii_options o = scrub_options(c);

	*s = (struct scrubber){.pii = pii_open(&o, e), .conf = c};
	if (!s->pii)
		return -1;
	s->found = xcalloc((size_t)pii_types(s->pii), sizeof *s->found);
	return 0;
}

void
scrubber_close(struct scrubber *s)
{
	pii_close(s->pii);
	free(s->found);
	*s = (struct scrubber){0};
}

/* Is name one of a list separated by commas? */
static bool
listed(const char *list, struct str name)
{
	while (*list) {
		size_t len = strcspn(list, ",");

		if (len == name.len && memcmp(list, name.p, len) == 0)
			return true;
		list += len + (list[len] == ',');
	}
	return false;
}

/* What is left of text, in the arena where anything had to go. name: of the attribute that it is in. */
static struct str
scrub_text(struct scrubber *s, struct arena *a, struct str name, struct str text)
{
	struct str left = pii_scrub(s->pii, name, text);
	size_t n;
	const struct pii_span *spans = pii_spans(s->pii, &n);

	for (size_t i = 0; i < n; i++)
		s->found[spans[i].type]++;
	s->redacted += pii_failed(s->pii) != NULL;
	return left.p == text.p && left.len == text.len ? text : arena_dup(a, left);
}

struct walk {
	struct scrubber *s;
	struct arena *a;
};

static struct str
scrub_string(void *arg, struct str key, struct str name, struct str raw)
{
	const struct walk *w = arg;
	struct str text, left;

	if (listed(w->s->conf->pii_keep, key))
		return raw;
	text = jsonb_decode(w->a, raw);
	left = scrub_text(w->s, w->a, name, text);
	return left.p == text.p && left.len == text.len ? raw : jsonb_encode(w->a, left);
}

static struct str
scrub_attributes(struct scrubber *s, struct arena *a, struct str attributes)
{
	struct walk w = {s, a};
	struct str left = attributes;
	bool repaired = false;

	/* valid by now; were it not, nothing of it is kept */
	if (attributes.p && jsonb_check(a, attributes, scrub_string, &w, &left, &repaired))
		return str_of("{}");
	return left;
}

static struct str
know_string(void *arg, struct str key, struct str name, struct str raw)
{
	const struct walk *w = arg;

	(void)name;
	if (listed(w->s->conf->pii_known, key))
		pii_known_add(w->s->pii, jsonb_decode(w->a, raw));
	return raw;
}

/* What the record's own fields say goes from its texts. */
static void
know(struct scrubber *s, struct arena *a, struct str end_user, struct str attributes)
{
	struct walk w = {s, a};
	struct str same;
	bool repaired = false;

	pii_known_reset(s->pii);
	pii_known_add(s->pii, end_user);
	if (attributes.p && *s->conf->pii_known)
		jsonb_check(a, attributes, know_string, &w, &same, &repaired);
}

/* {"EMAIL_ADDRESS":2}: what was found since the last time. */
static struct str
counts(struct scrubber *s, struct arena *a, size_t redacted)
{
	struct buf out = {0};
	struct str json;

	buf_put(&out, "{", 1);
	for (int i = 0; i < pii_types(s->pii); i++) {
		if (s->found[i])
			buf_printf(&out, "%s\"%s\":%zu", out.len > 1 ? "," : "", pii_type_name(s->pii, i),
			    s->found[i]);
		s->found[i] = 0;
	}
	if (redacted)
		buf_printf(&out, "%s\"REDACTED\":%zu", out.len > 1 ? "," : "", redacted);
	buf_put(&out, "}", 1);
	json = arena_dup(a, (struct str){out.p, out.len});
	buf_free(&out);
	return json;
}

static void
scrub_event(struct scrubber *s, struct arena *a, struct event *ev)
{
	size_t redacted = s->redacted;

	know(s, a, ev->end_user, ev->stored_attributes);
	ev->text = scrub_text(s, a, (struct str){0}, ev->text);
	ev->stored_attributes = scrub_attributes(s, a, ev->stored_attributes);
	ev->pii = counts(s, a, s->redacted - redacted);
	ev->pii_version = str_of(pii_version(s->pii));
}

static void
scrub_interaction(struct scrubber *s, struct arena *a, struct interaction *in)
{
	size_t redacted = s->redacted;

	know(s, a, in->end_user, in->stored_attributes);
	in->input = scrub_text(s, a, (struct str){0}, in->input);
	in->output = scrub_text(s, a, (struct str){0}, in->output);
	in->stored_attributes = scrub_attributes(s, a, in->stored_attributes);
	in->pii = counts(s, a, s->redacted - redacted);
	in->pii_version = str_of(pii_version(s->pii));
}

void
scrub_batch(struct scrubber *s, struct batch *b)
{
	for (size_t i = 0; i < b->nevents; i++)
		if (b->events[i].item->ev.anonymize)
			scrub_event(s, &b->arena, &b->events[i].item->ev);
	for (size_t i = 0; i < b->ninteractions; i++)
		if (b->interactions[i].in->anonymize)
			scrub_interaction(s, &b->arena, b->interactions[i].in);
}
