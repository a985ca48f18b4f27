#include "scrub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define KEEP	 "_user,_organisation"
#define R	 "<REDACTED>"

/* ---- attributes ---- */

static const struct {
	const char *keep, *in, *out;
} attributes[] = {
    {KEEP, NULL, NULL},
    {KEEP, "{}", "{}"},
    {KEEP, "{\"a\":\"secret\"}", "{\"a\":\"" R "\"}"},
    {KEEP, "{\"a\":\"\"}", "{\"a\":\"" R "\"}"},
    {KEEP, "{\"a\":[\"s1\",{\"b\":\"s2\"},[\"s3\"]],\"c\":\"s4\"}",
	"{\"a\":[\"" R "\",{\"b\":\"" R "\"},[\"" R "\"]],\"c\":\"" R "\"}"},
    {KEEP, "{ \"a\" : \"say \\\"s\\\" \\u0041\" }", "{ \"a\" : \"" R "\" }"},
    {KEEP, "{\"a\":1,\"b\":true,\"c\":null,\"d\":[1.5,false]}",
	"{\"a\":1,\"b\":true,\"c\":null,\"d\":[1.5,false]}"},

    /* those to keep: by their whole name, at the top */
    {KEEP, "{\"_user\":\"u\",\"_organisation\":\"o\",\"_prompt\":\"p\"}",
	"{\"_user\":\"u\",\"_organisation\":\"o\",\"_prompt\":\"" R "\"}"},
    {KEEP, "{\"_user\":{\"name\":\"u\",\"of\":[\"x\"]}}", "{\"_user\":{\"name\":\"u\",\"of\":[\"x\"]}}"},
    {KEEP, "{\"a\":{\"_user\":\"secret\"}}", "{\"a\":{\"_user\":\"" R "\"}}"},
    {KEEP, "{\"_use\":\"s\",\"_user2\":\"s\",\"user\":\"s\",\"_User\":\"s\",\"\":\"s\"}",
	"{\"_use\":\"" R "\",\"_user2\":\"" R "\",\"user\":\"" R "\",\"_User\":\"" R "\",\"\":\"" R "\"}"},
    {KEEP, "{\"_user,_organisation\":\"s\"}", "{\"_user,_organisation\":\"" R "\"}"},
    {KEEP, "{\"_us\\u0065r\":\"u\"}", "{\"_us\\u0065r\":\"u\"}"}, /* the same name, written otherwise */
    {KEEP, "{\"_user\":\"u\",\"a\":\"secret\",\"_user\":\"v\"}",
	"{\"_user\":\"u\",\"a\":\"" R "\",\"_user\":\"v\"}"},
    {"", "{\"_user\":\"s\",\"\":\"s\"}", "{\"_user\":\"" R "\",\"\":\"" R "\"}"},
    {"a", "{\"a\":\"k\",\"aa\":\"s\"}", "{\"a\":\"k\",\"aa\":\"" R "\"}"},
    {"b,a", "{\"a\":\"k\",\"b,a\":\"s\"}", "{\"a\":\"k\",\"b,a\":\"" R "\"}"},

    /* what should not get this far keeps nothing */
    {KEEP, "{\"a\":\"secret\"", "{}"},
    {KEEP, "[\"secret\"]", "{}"},
    {KEEP, "\"secret\"", "{}"},
    {KEEP, "secret", "{}"},
    {KEEP, "{\"a\":\"secret\"} \"secret\"", "{}"},
};

/* One event and one interaction, anonymize as asked; both with every text. */
struct both {
	struct batch b;
	struct item items[2];
	struct event_copy event;
	struct interaction_copy interaction;
};

static void
both_init(struct both *x, bool anonymize, struct str attrs)
{
	struct event *ev = &x->items[0].ev;
	struct interaction *in = &x->items[1].in;

	*x = (struct both){0};
	event_init(ev);
	ev->anonymize = anonymize;
	ev->event_id = str_of("e");
	ev->end_user = str_of("u");
	ev->text = str_of("secret");
	ev->input = str_of("asked");
	ev->attributes = ev->stored_attributes = attrs;
	interaction_init(in);
	in->anonymize = anonymize;
	in->interaction_id = str_of("i");
	in->end_user = str_of("u");
	in->input = str_of("secret");
	in->output = str_of("secret");
	in->attributes = in->stored_attributes = attrs;
	x->event.item = &x->items[0];
	x->interaction.in = in;
	x->b.events = &x->event;
	x->b.interactions = &x->interaction;
	x->b.nevents = x->b.ninteractions = 1;
}

static bool
is(struct str s, const char *expected)
{
	return expected ? str_is(s, expected) : !s.p;
}

static void
attributes_are_scrubbed(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(attributes); i++) {
		struct both x;
		struct str ev, in;

		both_init(&x, true, str_of(attributes[i].in));
		scrub_batch(&x.b, attributes[i].keep);
		ev = x.items[0].ev.stored_attributes;
		in = x.items[1].in.stored_attributes;
		if (!is(ev, attributes[i].out) || !is(in, attributes[i].out)) {
			print_error("%s\n  expected: %s\n  event: %.*s\n  interaction: %.*s\n",
			    attributes[i].in, attributes[i].out, STR_FMT(ev), STR_FMT(in));
			bad++;
		}
		arena_free(&x.b.arena);
	}
	assert_int_equal(bad, 0);
}

/* Nothing is left of the texts; what they are matched and compared by stays. */
static void
texts_are_redacted(void **state)
{
	struct both x;

	(void)state;
	both_init(&x, true, str_of("{\"a\":\"secret\"}"));
	scrub_batch(&x.b, KEEP);
	assert_true(is(x.items[0].ev.text, R));
	assert_true(is(x.items[0].ev.event_id, "e"));
	assert_true(is(x.items[0].ev.end_user, "u"));
	assert_true(is(x.items[0].ev.input, "asked"));
	assert_true(is(x.items[0].ev.attributes, "{\"a\":\"secret\"}"));
	assert_false(x.items[0].ev.repaired);
	assert_true(is(x.items[1].in.input, R));
	assert_true(is(x.items[1].in.output, R));
	assert_true(is(x.items[1].in.interaction_id, "i"));
	assert_true(is(x.items[1].in.end_user, "u"));
	arena_free(&x.b.arena);
}

static void
absent_texts_stay_absent(void **state)
{
	struct both x;

	(void)state;
	both_init(&x, true, (struct str){0});
	x.items[0].ev.text = x.items[1].in.input = x.items[1].in.output = (struct str){0};
	scrub_batch(&x.b, KEEP);
	assert_null(x.items[0].ev.text.p);
	assert_null(x.items[1].in.input.p);
	assert_null(x.items[1].in.output.p);
	assert_null(x.items[0].ev.stored_attributes.p);
	arena_free(&x.b.arena);
}

static void
who_does_not_ask_keeps_all(void **state)
{
	struct both x;

	(void)state;
	both_init(&x, false, str_of("{\"a\":\"mine\"}"));
	scrub_batch(&x.b, KEEP);
	assert_true(is(x.items[0].ev.text, "secret"));
	assert_true(is(x.items[0].ev.stored_attributes, "{\"a\":\"mine\"}"));
	assert_true(is(x.items[1].in.input, "secret"));
	assert_true(is(x.items[1].in.output, "secret"));
	assert_true(is(x.items[1].in.stored_attributes, "{\"a\":\"mine\"}"));
	assert_int_equal(x.b.arena.bytes, 0);
}

/* Every copy of the batch, also those that will not be the greatest; each as it asks. */
static void
each_copy_for_itself(void **state)
{
	struct item items[4] = {0};
	struct event_copy events[2] = {{.item = &items[0]}, {.item = &items[1]}};
	struct interaction_copy interactions[2] = {
	    {.in = &items[2].in}, {.in = &items[3].in, .greatest = true}};
	struct batch b = {.events = events, .nevents = 2, .interactions = interactions, .ninteractions = 2};

	(void)state;
	items[0].ev.text = items[1].ev.text = items[2].in.input = items[3].in.input = str_of("text");
	items[1].ev.anonymize = items[2].in.anonymize = true;
	scrub_batch(&b, KEEP);
	assert_true(is(items[0].ev.text, "text"));
	assert_true(is(items[1].ev.text, R));
	assert_true(is(items[2].in.input, R));
	assert_true(is(items[3].in.input, "text"));
	arena_free(&b.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(attributes_are_scrubbed),
	    cmocka_unit_test(texts_are_redacted),
	    cmocka_unit_test(absent_texts_stay_absent),
	    cmocka_unit_test(who_does_not_ask_keeps_all),
	    cmocka_unit_test(each_copy_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
