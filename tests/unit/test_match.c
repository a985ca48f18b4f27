#include "match.h"

#include "arena.h"
#include "field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECRET	 "0123456789abcdef0123456789abcdef"
#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct match_secret secret;
static struct arena arena;

static int
setup(void **state)
{
	(void)state;
	match_secret_init(&secret, str_of(SECRET));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const char *
hex(const struct hash *h)
{
	static char text[33];

	for (int i = 0; i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x", h->b[i]);
	return text;
}

static bool
same(struct hash a, struct hash b)
{
	return memcmp(a.b, b.b, sizeof a.b) == 0;
}

/* ---- masks ---- */

/* has: I interaction_id, C conversation_id, T trace_id, U end_user, i input, o output. */
static const struct {
	const char *has;
	int mask;
} masks[] = {
    {"", 0},
    {"i", 0},
    {"io", 0},
    {"I", MASK_INTERACTION},
    {"ICTUio", MASK_INTERACTION},
    {"Iio", MASK_INTERACTION},
    {"C", MASK_CONVERSATION},
    {"CU", MASK_CONVERSATION},
    {"Ci", MASK_CONVERSATION | MASK_INPUT},
    {"Co", MASK_CONVERSATION | MASK_OUTPUT},
    {"CUio", MASK_CONVERSATION | MASK_INPUT | MASK_OUTPUT},
    {"T", MASK_TRACE},
    {"TU", MASK_TRACE},
    {"Ti", MASK_TRACE | MASK_INPUT},
    {"To", MASK_TRACE | MASK_OUTPUT},
    {"Tio", MASK_TRACE | MASK_INPUT | MASK_OUTPUT},
    {"CT", MASK_CONVERSATION | MASK_TRACE},
    {"CTi", MASK_CONVERSATION | MASK_TRACE | MASK_INPUT},
    {"CTo", MASK_CONVERSATION | MASK_TRACE | MASK_OUTPUT},
    {"CTUio", MASK_CONVERSATION | MASK_TRACE | MASK_INPUT | MASK_OUTPUT},
    {"U", MASK_USER},
    {"Ui", MASK_USER | MASK_INPUT},
    {"Uo", MASK_USER | MASK_OUTPUT},
    {"Uio", MASK_USER | MASK_INPUT | MASK_OUTPUT},
};

static struct str
when(const char *has, char c, const char *value)
{
	return strchr(has, c) ? str_of(value) : (struct str){0};
}

static struct event
event_with(const char *has)
{
	struct event ev;

	event_init(&ev);
	ev.interaction_id = when(has, 'I', "i-1");
	ev.conversation_id = when(has, 'C', "c");
	ev.trace_id = when(has, 'T', "t");
	ev.end_user = when(has, 'U', "u");
	ev.input = when(has, 'i', "in");
	ev.output = when(has, 'o', "out");
	return ev;
}

static void
masks_of_events(void **state)
{
	bool seen[64] = {false};
	int n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(masks); i++) {
		struct event ev = event_with(masks[i].has);
		struct match m;

		match_of_event(&m, &ev, &secret, &arena);
		assert_int_equal(match_mask(&m), masks[i].mask);
		if (masks[i].mask && !seen[masks[i].mask])
			n++;
		seen[masks[i].mask] = true;
	}
	assert_int_equal(n, 17);
}

static void
a_blank_text_is_no_key(void **state)
{
	static const char *const blanks[] = {" ", "\n", "\r\n", " \t\n\v\f\r", "\r", "\r\r\n"};

	(void)state;
	for (size_t i = 0; i < COUNT(blanks); i++) {
		struct event ev = event_with("Uio");
		struct match m;

		ev.input = str_of(blanks[i]);
		match_of_event(&m, &ev, &secret, &arena);
		assert_int_equal(match_mask(&m), MASK_USER | MASK_OUTPUT);
		assert_false(m.has_input);
	}
}

/* ---- match keys ---- */

/* The first 16 bytes of SHA-256 over: the mask, two bytes; each id in it, its length in four bytes before it;
 * the hashes. */
static const struct {
	int mask;
	const char *key;
} keys[] = {
    {MASK_INTERACTION, "09ec7b3551f0ef3725ea0f2b449141fb"},
    {MASK_CONVERSATION, "68d0cda2386ec6809b59358e36c21953"},
    {MASK_CONVERSATION | MASK_INPUT, "bef8a1d7a3cc8384a9c880f9739687d3"},
    {MASK_CONVERSATION | MASK_OUTPUT, "a8e70ccbfa3b533a1dc13306f899c6e0"},
    {MASK_CONVERSATION | MASK_INPUT | MASK_OUTPUT, "ae5fb340603b0cd63938dceaa220e02a"},
    {MASK_TRACE, "103124d2b4225ad2412f3d1d0f5e3a9a"},
    {MASK_TRACE | MASK_INPUT, "0861cab1e4f9b02d563c10acc3bd53ae"},
    {MASK_TRACE | MASK_OUTPUT, "864653ea7cf3e69773c505e9b782f4bf"},
    {MASK_TRACE | MASK_INPUT | MASK_OUTPUT, "122e8fd1376af975a6a911f98b672740"},
    {MASK_CONVERSATION | MASK_TRACE, "5c7afefc13d332fe93d2d01b3cd43b9d"},
    {MASK_CONVERSATION | MASK_TRACE | MASK_INPUT, "26c4a7a29748e79942ad72ba55d2e6b6"},
    {MASK_CONVERSATION | MASK_TRACE | MASK_OUTPUT, "02fb71c6c78b3455c1ebc9c55ae6723b"},
    {MASK_CONVERSATION | MASK_TRACE | MASK_INPUT | MASK_OUTPUT, "6594428538c46def2e7735a485537f66"},
    {MASK_USER, "7a7c549f5f1537daf966b95770cf361f"},
    {MASK_USER | MASK_INPUT, "9de963ef901661852e00614e02af763a"},
    {MASK_USER | MASK_OUTPUT, "4484d2f03daee5c13d0e5dc74a181a1b"},
    {MASK_USER | MASK_INPUT | MASK_OUTPUT, "f48fffc0541307e9066d9b2f9efe0156"},
};

static struct match
all_keys(void)
{
	struct match m = {.interaction_id = str_of("i-1"),
	    .conversation_id = str_of("gespr\xc3\xa4"
				      "ch"),
	    .trace_id = str_of("t"),
	    .end_user = str_of("someone@example.org"),
	    .has_input = true,
	    .has_output = true};

	for (unsigned char i = 0; i < 16; i++) {
		m.input.b[i] = i;
		m.output.b[i] = 0xff;
	}
	return m;
}

static void
keys_are_these(void **state)
{
	(void)state;
	assert_int_equal(COUNT(keys), 17);
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct match m = all_keys();
		struct hash key;

		assert_true(match_key(&m, keys[i].mask, &key));
		assert_string_equal(hex(&key), keys[i].key);
	}
}

/* What a mask names must be there; what it does not name does not matter. */
static void
keys_need_their_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		for (int bit = 1; bit <= MASK_OUTPUT; bit *= 2) {
			struct match m = all_keys();
			struct hash key;

			if (bit == MASK_INTERACTION)
				m.interaction_id = (struct str){0};
			else if (bit == MASK_CONVERSATION)
				m.conversation_id = (struct str){0};
			else if (bit == MASK_TRACE)
				m.trace_id = (struct str){0};
			else if (bit == MASK_USER)
				m.end_user = (struct str){0};
			else if (bit == MASK_INPUT)
				m.has_input = false;
			else
				m.has_output = false;
			assert_int_equal(match_key(&m, keys[i].mask, &key), !(keys[i].mask & bit));
			if (!(keys[i].mask & bit))
				assert_string_equal(hex(&key), keys[i].key);
		}
}

static void
a_long_id(void **state)
{
	char user[1024];
	struct match m = {.end_user = {user, sizeof user}};
	struct hash key;

	(void)state;
	memset(user, 'x', sizeof user);
	assert_true(match_key(&m, MASK_USER, &key));
	assert_string_equal(hex(&key), "f34f4b6c0a19d04e58ab7c3953d3a8b3");
}

/* An event and an interaction that agree have the same keys, whatever else they have. */
static void
both_sides_agree(void **state)
{
	struct interaction in;
	struct match theirs;

	(void)state;
	interaction_init(&in);
	in.interaction_id = str_of("i-1");
	in.conversation_id = str_of("c");
	in.trace_id = str_of("t");
	in.end_user = str_of("u");
	in.input = str_of("in");
	in.output = str_of("out");
	match_of_interaction(&theirs, &in, &secret, &arena);
	for (size_t i = 0; i < COUNT(masks); i++) {
		struct event ev = event_with(masks[i].has);
		struct hash a, b;
		struct match m;

		match_of_event(&m, &ev, &secret, &arena);
		assert_true(match_key(&m, masks[i].mask, &a));
		assert_true(match_key(&theirs, masks[i].mask, &b));
		assert_true(same(a, b));
	}
}

/* ---- texts ---- */

static const struct {
	const char *tenant, *a, *b;
	bool same;
} texts[] = {
    {"acme", "hello", "hello", true}, {"acme", "hello", " \t\n\v\f\rhello\r\n ", true},
    {"acme", "a\nb", "a\r\nb", true}, {"acme", "a\n\nb", "a\r\n\r\nb", true},
    {"acme", "a\r\nb", "\r\na\nb\r\n", true}, {"acme", "a\r\r\nb", "a\r\nb", false}, /* one CR is left */
    {"acme", "a\rb", "a\nb", false}, {"acme", "a b", "a  b", false}, {"acme", "hello", "Hello", false},
    {"acme", "hello", "hello.", false},
    {"acme", "hello", "\xc2\xa0hello", false}, /* a no-break space is none of those trimmed */
    {"acme", "\xc3\xa9", "e\xcc\x81", false},  /* bytes, not what they look like */
};

static struct hash
hash_of(const char *tenant, const char *text, bool is_output)
{
	struct event ev;
	struct match m;

	event_init(&ev);
	ev.tenant = str_of(tenant);
	*(is_output ? &ev.output : &ev.input) = str_of(text);
	match_of_event(&m, &ev, &secret, &arena);
	assert_int_equal(m.has_input, !is_output);
	assert_int_equal(m.has_output, is_output);
	return is_output ? m.output : m.input;
}

static void
texts_compare(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct hash a = hash_of(texts[i].tenant, texts[i].a, false);
		struct hash b = hash_of(texts[i].tenant, texts[i].b, false);

		if (same(a, b) != texts[i].same)
			print_error("row %zu\n", i);
		assert_int_equal(same(a, b), texts[i].same);
	}
}

/* Stored, so it must not change from one release to the next: keyed BLAKE2b over the tenant and the text. */
static void
text_hash_is_this(void **state)
{
	struct hash h = hash_of("acme", " hello\r\nworld\n", false);

	(void)state;
	assert_string_equal(hex(&h), "1e4726ab2897b60435ca956ea0b1ba02");
	h = hash_of("acme", "hello\nworld", true);
	assert_string_equal(hex(&h), "1e4726ab2897b60435ca956ea0b1ba02");
}

/* The same text of another tenant, or under another secret, looks like any other. */
static void
tenants_and_secrets_stay_apart(void **state)
{
	struct hash h = hash_of("acme", "hello", false);
	struct match_secret other;
	struct event ev;
	struct match m;

	(void)state;
	assert_false(same(h, hash_of("acm", "ehello", false)));
	assert_false(same(h, hash_of("acme2", "hello", false)));
	assert_false(same(hash_of("a", "bc", false), hash_of("ab", "c", false)));
	match_secret_init(&other, str_of("0123456789abcdef0123456789abcdeg"));
	event_init(&ev);
	ev.tenant = str_of("acme");
	ev.input = str_of("hello");
	match_of_event(&m, &ev, &other, &arena);
	assert_false(same(h, m.input));
	assert_string_not_equal(secret.id, other.id);
	assert_string_equal(secret.id, "6356ec45c2ddc9c1");
	assert_false(same(event_content(&ev, &secret), event_content(&ev, &other)));
}

/* ---- content ---- */

static struct event
some_event(void)
{
	struct event ev;

	event_init(&ev);
	ev.event_id = str_of("e");
	ev.tenant = str_of("acme");
	ev.slug = SLUG_SCORE;
	ev.text = str_of("good");
	ev.value = 7;
	ev.weight = 0.5;
	ev.has_value = ev.has_weight = true;
	ev.end_user = str_of("u");
	ev.conversation_id = str_of("c");
	ev.input = str_of("in");
	ev.timestamp = 5;
	ev.source = SOURCE_PLATFORM;
	ev.attributes = str_of("{}");
	return ev;
}

static struct interaction
some_interaction(void)
{
	struct interaction in;

	interaction_init(&in);
	in.tenant = str_of("acme");
	in.interaction_id = str_of("i");
	in.revision = 3;
	in.conversation_id = str_of("c");
	in.end_user = str_of("u");
	in.input = str_of("in");
	in.output = str_of("out");
	in.ended_at = 6;
	return in;
}

static struct hash
content(const struct record *r, const void *record)
{
	return r == &record_event ? event_content(record, &secret) : interaction_content(record, &secret);
}

/* Stored, too. */
static void
content_is_this(void **state)
{
	struct event ev = some_event();
	struct interaction in = some_interaction();
	struct hash h = event_content(&ev, &secret);

	(void)state;
	assert_string_equal(hex(&h), "c94d1be7e64d617a439fea853a42cebd");
	h = interaction_content(&in, &secret);
	assert_string_equal(hex(&h), "8e141e84be275188cd71ae534556200b");
}

/* Every other value that a field could have here; false: no more. */
static bool
change(const struct field *f, void *record, int which)
{
	void *at = field_in(f, record);
	struct str *s = at;
	static const char *const words[] = {
	    "other", "othe", "5", "acme", "u", "c", "in", "out", "good", "{}"};

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_TEXT_OR_NULL:
	case FIELD_ATTRIBUTES:
		if (which == (int)COUNT(words)) {
			*s = (struct str){0};
			return true;
		}
		*s = str_of(which < (int)COUNT(words) ? words[which] : NULL);
		return which < (int)COUNT(words);
	case FIELD_LONG:
	case FIELD_TIME:
	case FIELD_TIME_OR_NULL:
		*(int64_t *)at = (const int64_t[]){0, 1, 1000, INT64_MIN}[which & 3];
		return which < 4;
	case FIELD_INT_OR_NULL:
		*(int32_t *)at = (const int32_t[]){0, 1, -1, 0}[which & 3];
		*field_has(f, record) = which != 3;
		return which < 4;
	case FIELD_REAL_OR_NULL:
		*(double *)at = (const double[]){0, 1, 0.25, 0}[which & 3];
		*field_has(f, record) = which != 3;
		return which < 4;
	case FIELD_BOOL:
		*(bool *)at = true;
		return which < 1;
	case FIELD_ENUM:
		*(int32_t *)at = which < (int)f->n_names ? which : 0;
		return which < (int)f->n_names;
	}
	return false;
}

/* Is the field as it is in the other record? */
static bool
equal(const struct field *f, const void *a, const void *b)
{
	const void *x = field_of(f, a), *y = field_of(f, b);

	if (!field_there(f, a) || !field_there(f, b))
		return field_there(f, a) == field_there(f, b);
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_TEXT_OR_NULL:
	case FIELD_ATTRIBUTES:
		return str_cmp(*(const struct str *)x, *(const struct str *)y) == 0;
	case FIELD_LONG:
	case FIELD_TIME:
	case FIELD_TIME_OR_NULL:
		return *(const int64_t *)x == *(const int64_t *)y;
	case FIELD_INT_OR_NULL:
	case FIELD_ENUM:
		return *(const int32_t *)x == *(const int32_t *)y;
	case FIELD_REAL_OR_NULL:
		return memcmp(x, y, sizeof(double)) == 0;
	case FIELD_BOOL:
		return *(const bool *)x == *(const bool *)y;
	}
	return false;
}

/* Changes one field after the other, each in every way: no two of the hashes are the same. */
static void
every_field_matters(const struct record *r, const void *record, size_t size)
{
	struct hash *seen = NULL;
	void *copy = xcalloc(1, size);
	size_t n = 0;

	seen = xrealloc(seen, sizeof *seen);
	seen[n++] = content(r, record);
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field *f = &r->fields[i];
		size_t before = n;

		for (int which = 0;; which++) {
			struct hash h;

			memcpy(copy, record, size);
			if (!change(f, copy, which))
				break;
			h = content(r, copy);
			if (equal(f, copy, record)) {
				assert_true(same(h, seen[0]));
				continue;
			}
			for (size_t j = 0; j < n; j++)
				if (same(h, seen[j]))
					fail_msg("%s: one hash for two contents", f->name);
			seen = xrealloc(seen, (n + 1) * sizeof *seen);
			seen[n++] = h;
		}
		assert_true(n > before);
	}
	free(seen);
	free(copy);
}

static void
every_field_of_an_event_matters(void **state)
{
	struct event ev = some_event();

	(void)state;
	every_field_matters(&record_event, &ev, sizeof ev);
}

static void
every_field_of_an_interaction_matters(void **state)
{
	struct interaction in = some_interaction();

	(void)state;
	every_field_matters(&record_interaction, &in, sizeof in);
}

/* Copies lie elsewhere, and what is not part of the message is not part of its content. */
static void
copies_are_equal(void **state)
{
	struct event a = some_event(), b = some_event();
	struct interaction x = some_interaction(), y = some_interaction();

	(void)state;
	for (size_t i = 0; i < record_event.n_fields; i++)
		if (record_event.fields[i].type == FIELD_TEXT ||
		    record_event.fields[i].type == FIELD_TEXT_OR_NULL) {
			struct str *s = field_in(&record_event.fields[i], &b);

			*s = arena_dup(&arena, *s);
		}
	b.record_time = 17;
	b.occurred_at = 18;
	b.repaired = true;
	b.stored_attributes = str_of("{\"a\":1}");
	assert_true(same(event_content(&a, &secret), event_content(&b, &secret)));
	b.has_value = a.has_value = false;
	b.has_weight = a.has_weight = false;
	b.value = 99; /* of nothing */
	b.weight = 99;
	assert_true(same(event_content(&a, &secret), event_content(&b, &secret)));
	y.repaired = true;
	y.stored_attributes = str_of("{\"a\":1}");
	assert_true(same(interaction_content(&x, &secret), interaction_content(&y, &secret)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(masks_of_events),
	    cmocka_unit_test(a_blank_text_is_no_key),
	    cmocka_unit_test(keys_are_these),
	    cmocka_unit_test(keys_need_their_parts),
	    cmocka_unit_test(a_long_id),
	    cmocka_unit_test(both_sides_agree),
	    cmocka_unit_test(texts_compare),
	    cmocka_unit_test(text_hash_is_this),
	    cmocka_unit_test(tenants_and_secrets_stay_apart),
	    cmocka_unit_test(content_is_this),
	    cmocka_unit_test(every_field_of_an_event_matters),
	    cmocka_unit_test(every_field_of_an_interaction_matters),
	    cmocka_unit_test(copies_are_equal),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
