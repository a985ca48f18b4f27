#include "pii.h"

#include "arena.h"
#include "pii_replace.h"
#include "pii_rules.h"
#include "pii_scan.h"
#include "pii_view.h"
#include "text.h"

#include <sodium.h>
#include <stdlib.h>

#define ENGINE	   "4" /* changes when the same text may come out differently */
#define PASSES_MAX 8

const char *const pii_level_names[] = {"", "possible", "likely", "certain"};

struct pii {
	struct find find;
	struct view view;
	struct rules *rules;
	struct replacer *replacer;
	struct words *words;
	struct names *names;
	masks_fn *masks;
	struct pii_span *spans; /* of the text as given, of the last pii_scrub */
	struct {
		size_t start, end;
	} * stand; /* of each: where in out[0] what stands for it is */
	size_t n, cap;
	struct buf out[2];
	bool quiet; /* nothing is left that may be anything, once this is replaced by placeholders */
	const char *failed;
	char version[32];
};

/* ---- opening ---- */

static void
switch_all(struct pii *p, bool all)
{
	for (int i = 0; i < PII_BUILT_IN; i++)
		p->find.on[i] = (uint8_t)(all ? PII_ON : entities[i].state);
}

static int
take_entity(struct pii *p, const char *name, size_t len, bool first, struct err *e)
{
	bool off = *name == '-';
	enum pii_type t = entity_named(name + off, len - off);

	if (len == 7 && !memcmp(name, "default", 7)) {
		switch_all(p, false);
		return 0;
	}
	if (len == 3 && !memcmp(name, "all", 3)) {
		switch_all(p, true);
		return 0;
	}
	if (t == PII_BUILT_IN)
		return err_set(e, ERR_CONFIG, "\"%.*s\" is no type of personal data", (int)len, name);
	if (first && !off) /* a list of names is these and no others */
		for (int i = 0; i < PII_BUILT_IN; i++)
			p->find.on[i] = i == PII_DENY_LIST || i == PII_KNOWN_VALUE ? PII_ON : PII_OFF;
	p->find.on[t] = off ? PII_OFF : PII_ON;
	return 0;
}

static int
take_country(struct pii *p, const char *name, size_t len, struct err *e)
{
	bool found = false;

	for (int i = 0; i < PII_BUILT_IN; i++)
		if (*entities[i].countries && entity_in(&entities[i], name, len)) {
			found = true;
			if (p->find.on[i] == PII_GATED)
				p->find.on[i] = PII_ON;
		}
	return found ? 0
		     : err_set(e, ERR_CONFIG,
			   "\"%.*s\" is no country or group of countries that has numbers here", (int)len,
			   name);
}

static int
take_lists(struct pii *p, const struct pii_options *o, struct err *e)
{
	const char *s = o->entities ? o->entities : "default";
	bool first = true;

	switch_all(p, false);
	for (size_t n; *s; s += n + (s[n] == ','), first = false) {
		n = strcspn(s, ",");
		if (n && take_entity(p, s, n, first, e) < 0)
			return err_wrap(e, "pii.entities");
	}
	s = o->countries ? o->countries : "";
	for (size_t n; *s; s += n + (s[n] == ',')) {
		n = strcspn(s, ",");
		if (n && take_country(p, s, n, e) < 0)
			return err_wrap(e, "pii.countries");
	}
	return 0;
}

static void
hash_text(crypto_generichash_state *h, struct str s)
{
	uint64_t len = s.len;

	crypto_generichash_update(h, (const unsigned char *)&len, sizeof len);
	if (s.len)
		crypto_generichash_update(h, (const unsigned char *)s.p, s.len);
}

static void
make_version(struct pii *p, const struct pii_options *o)
{
	crypto_generichash_state h;
	unsigned char sum[16];

	crypto_generichash_init(&h, NULL, 0, sizeof sum);
	crypto_generichash_update(&h, p->find.on, sizeof p->find.on);
	hash_text(&h, str_of(o->aggressive ? "aggressive" : ""));
	hash_text(&h, str_of(o->operators ? o->operators : ""));
	hash_text(&h, str_of(o->key ? o->key : ""));
	hash_text(&h, str_of(o->key_id ? o->key_id : ""));
	hash_text(&h, rules_text(p->rules));
	crypto_generichash_final(&h, sum, sizeof sum);
	snprintf(p->version, sizeof p->version, ENGINE ".%02x%02x%02x%02x", sum[0], sum[1], sum[2], sum[3]);
}

static const char *
name_of(const void *arg, int type)
{
	return pii_type_name(arg, type);
}

struct pii *
pii_open(const struct pii_options *o, struct err *e)
{
	struct pii *p;

	if (sodium_init() < 0) {
		err_set(e, ERR_FATAL, "libsodium does not start");
		return NULL;
	}
	p = xcalloc(1, sizeof *p);
	p->words = words_open();
	p->masks = masks_best();
	p->find.pii = p;
	p->names = names_open();
	p->find.words = p->words;
	p->find.names = p->names;
	p->find.aggressive = o->aggressive;
	if (take_lists(p, o, e) < 0 ||
	    !(p->rules = rules_open(o->allow_file, o->deny_file, o->rules_file, e)) ||
	    !(p->replacer = replacer_open(o, pii_types(p), name_of, p, e))) {
		pii_close(p);
		return NULL;
	}
	make_version(p, o);
	return p;
}

void
pii_close(struct pii *p)
{
	if (!p)
		return;
	free(p->find.spans);
	free(p->spans);
	free(p->stand);
	view_free(&p->view);
	rules_close(p->rules);
	replacer_close(p->replacer);
	words_close(p->words);
	free(p->names);
	buf_free(&p->out[0]);
	buf_free(&p->out[1]);
	free(p);
}

const char *
pii_version(const struct pii *p)
{
	return p->version;
}

int
pii_types(const struct pii *p)
{
	return rules_types(p->rules);
}

const char *
pii_type_name(const struct pii *p, int type)
{
	return type < PII_BUILT_IN ? entities[type].name : rules_type_name(p->rules, type);
}

void
pii_known_reset(struct pii *p)
{
	rules_known_reset(p->rules);
}

void
pii_known_add(struct pii *p, struct str value)
{
	rules_known_add(p->rules, value);
}

void
pii_set_explain(struct pii *p, bool on)
{
	p->find.explain = on;
}

bool
pii_use_vectors(struct pii *p, int way)
{
	if (!masks_way(way))
		return false;
	p->masks = masks_way(way);
	return true;
}

const struct pii_span *
pii_spans(const struct pii *p, size_t *n)
{
	*n = p->n;
	return p->spans;
}

const char *
pii_failed(const struct pii *p)
{
	return p->failed;
}

/* ---- scrubbing ---- */

static struct str
fail(struct pii *p, const char *why)
{
	p->failed = why;
	p->n = 0;
	return str_of(PII_REDACTED);
}

static bool
replaced(const struct pii_span *s)
{
	return s->taken && !s->kept;
}

/* Finds in text, in p->find, offsets of text. */
static const char *
look(struct pii *p, struct str text)
{
	struct find *f = &p->find;
	bool kept = false;

	if (!view_of(&p->view, text))
		return "not UTF-8";
	f->p = (const unsigned char *)p->view.p;
	f->len = p->view.len;
	f->map = p->view.same ? NULL : p->view.map;
	scan_text(f, p->masks);
	find_www(f);
	find_named_text(f);
	if (rules_scan(p->rules, f) < 0)
		return "a rule reached its limit";
	if (f->n == 0) /* the usual */
		return NULL;
	rules_allow(p->rules, f);
	for (size_t i = 0; i < f->n; i++) {
		f->spans[i].kept = replacer_of(p->replacer, f->spans[i].type)->kind == OP_KEEP;
		kept |= f->spans[i].kept;
	}
	scan_settle(f);
	p->quiet = scan_all_taken(f) && !rules_custom(p->rules) && !kept;
	for (size_t i = 0; i < f->n && !p->view.same; i++) {
		f->spans[i].start = view_start(&p->view, f->spans[i].start);
		f->spans[i].end = view_end(&p->view, f->spans[i].end);
	}
	return NULL;
}

static void
put(struct pii *p, struct buf *out, const struct pii_span *s, struct str text)
{
	replacer_put(p->replacer, out, s, pii_type_name(p, s->type),
	    (struct str){text.p + s->start, s->end - s->start});
}

/* What is masked already is found again, and stays as it is. */
static void
leave_masked(struct pii *p, struct str text, struct buf *scratch)
{
	for (size_t i = 0; i < p->find.n; i++) {
		struct pii_span *s = &p->find.spans[i];

		if (!replaced(s) || replacer_of(p->replacer, s->type)->kind != OP_MASK)
			continue;
		buf_reset(scratch);
		put(p, scratch, s, text);
		s->taken = scratch->len != s->end - s->start ||
			   memcmp(scratch->p, text.p + s->start, scratch->len) != 0;
	}
}

static size_t
count_replaced(const struct pii *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->find.n; i++)
		n += replaced(&p->find.spans[i]);
	return n;
}

static void
keep_span(struct pii *p, const struct pii_span *s)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 64;
		p->spans = xrealloc(p->spans, p->cap * sizeof *p->spans);
		p->stand = xrealloc(p->stand, p->cap * sizeof *p->stand);
	}
	p->spans[p->n++] = *s;
}

static bool
placeholders_only(const struct pii *p)
{
	for (size_t i = 0; i < p->n; i++) {
		enum operator_kind kind = replacer_of(p->replacer, p->spans[i].type)->kind;

		if (kind != OP_REPLACE && kind != OP_PSEUDONYM)
			return false;
	}
	return true;
}

/* text with every span of ours replaced. */
static struct str
build(struct pii *p, struct str text, struct buf *out)
{
	size_t done = 0;

	buf_reset(out);
	for (size_t i = 0; i < p->n; i++) {
		const struct pii_span *s = &p->spans[i];

		buf_put(out, text.p + done, s->start - done);
		p->stand[i].start = out->len;
		put(p, out, s, text);
		p->stand[i].end = out->len;
		done = s->end;
	}
	buf_put(out, text.p + done, text.len - done);
	return (struct str){out->p ? out->p : "", out->len};
}

/* Where a place in what build() made of n spans is in the text; inside of what stands for a span: its start,
 * or its end. *i: the first span that is not before the place; places come in their order. */
static size_t
place_of(const struct pii *p, size_t n, size_t place, bool end, size_t *i)
{
	while (*i < n && (p->stand[*i].end < place || (!end && p->stand[*i].end == place)))
		++*i;
	if (*i < n && (p->stand[*i].start < place || (!end && p->stand[*i].start == place)))
		return end ? p->spans[*i].end : p->spans[*i].start;
	return *i ? p->spans[*i - 1].end + (place - p->stand[*i - 1].end) : place;
}

static int
by_start(const void *x, const void *y)
{
	const struct pii_span *a = x, *b = y;

	return (a->start > b->start) - (a->start < b->start);
}

/* What a further pass has found in what the ones before left, into the spans of the text; overlapping ones
 * become one, of which a mask shows nothing; what is not masked names it. */
static void
merge(struct pii *p)
{
	size_t had = p->n, out = 0, from = 0;

	for (size_t i = 0; i < p->find.n; i++) {
		struct pii_span s = p->find.spans[i];
		size_t to;

		if (!replaced(&s))
			continue;
		s.start = place_of(p, had, s.start, false, &from);
		to = from;
		s.end = place_of(p, had, s.end, true, &to);
		if (s.end > s.start)
			keep_span(p, &s);
	}
	qsort(p->spans, p->n, sizeof *p->spans, by_start);
	for (size_t i = 0; i < p->n; i++) {
		struct pii_span s = p->spans[i], *last = out ? &p->spans[out - 1] : NULL;

		if (last && s.start < last->end) {
			s.start = last->start;
			s.end = s.end > last->end ? s.end : last->end;
			if (replacer_of(p->replacer, last->type)->kind == OP_MASK)
				*last = s;
			last->end = s.end;
			last->hidden = true;
		} else {
			p->spans[out++] = s;
		}
	}
	p->n = out;
}

static struct str
scrub(struct pii *p, struct str text)
{
	bool explain = p->find.explain;
	const char *failed = look(p, text);
	struct str now;

	for (size_t i = 0; i < p->find.n && !failed; i++)
		if (replaced(&p->find.spans[i]))
			keep_span(p, &p->find.spans[i]);
	if (failed || p->n == 0)
		return failed ? fail(p, failed) : text;
	/* What stands in its place must not look like anything, nor make anything of what is beside it:
	 * looked at until nothing is found. */
	now = build(p, text, &p->out[0]);
	if (p->quiet && placeholders_only(p))
		return now;
	p->find.explain = false;
	for (int pass = 1; pass <= PASSES_MAX && !failed; pass++) {
		failed = look(p, now);
		if (!failed)
			leave_masked(p, now, &p->out[1]);
		if (failed || count_replaced(p) == 0)
			break;
		merge(p);
		now = build(p, text, &p->out[0]);
		failed = pass == PASSES_MAX ? "no end of it" : NULL;
	}
	p->find.explain = explain;
	return failed ? fail(p, failed) : now;
}

/* What was left, or is kept, beside what was replaced. */
static void
add_left(struct pii *p, struct str text)
{
	if (look(p, text))
		return;
	for (size_t i = 0; i < p->find.n; i++)
		if (!replaced(&p->find.spans[i]))
			keep_span(p, &p->find.spans[i]);
	if (p->n)
		qsort(p->spans, p->n, sizeof *p->spans, by_start);
}

struct str
pii_scrub(struct pii *p, struct str name, struct str text)
{
	struct str left;

	p->n = 0;
	p->failed = NULL;
	if (!text.p || !text.len)
		return text;
	if (text.len > PII_TEXT_MAX)
		return fail(p, "too long");
	p->find.name = name;
	left = scrub(p, text);
	if (p->find.explain && !p->failed)
		add_left(p, text);
	return left;
}
