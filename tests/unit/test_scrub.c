#include "scrub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MAIL	 "anna@example.com"
#define M	 "<EMAIL_ADDRESS>"
#define R	 "<REDACTED>"

static struct scrubber scrubber;
static struct conf conf;

static int
open_scrubber(void **state)
{
	struct err e = {0};

	(void)state;
	conf = (struct conf){.pii_keep = "_user,_organisation", .pii_known = "name,nick"};
	return scrubber_open(&scrubber, &conf, &e);
}

static int
close_scrubber(void **state)
{
	(void)state;
	scrubber_close(&scrubber);
	return 0;
}

/* ---- attributes ---- */

static const struct {
	const char *in, *out;
} attributes[] = {
    {NULL, NULL},
    {"{}", "{}"},
    {"{\"a\":\"fine\"}", "{\"a\":\"fine\"}"},
    {"{\"a\":\"" MAIL "\"}", "{\"a\":\"" M "\"}"},
    {"{\"a\":[\"" MAIL "\",{\"b\":\"x " MAIL "\"},[\"y\"]],\"c\":\"z\"}",
	"{\"a\":[\"" M "\",{\"b\":\"x " M "\"},[\"y\"]],\"c\":\"z\"}"},
    {"{ \"a\" : \"say \\\"hi\\\" to anna\\u0040example.com\\n\" }",
	"{ \"a\" : \"say \\\"hi\\\" to " M "\\u000a\" }"},
    {"{\"a\":4111111111111111,\"b\":true,\"c\":null}", "{\"a\":4111111111111111,\"b\":true,\"c\":null}"},

    /* the name says what it is */
    {"{\"phone\":\"4155550123\",\"n\":\"4155550123\"}",
	"{\"phone\":\"<PHONE_NUMBER>\",\"n\":\"4155550123\"}"},
    {"{\"db\":{\"password\":\"swordfish\"}}", "{\"db\":{\"password\":\"<SECRET>\"}}"},
    {"{\"ssn\":\"536228726\"}", "{\"ssn\":\"<US_SSN>\"}"},

    /* those to keep: by their whole name, at the top */
    {"{\"_user\":\"" MAIL "\",\"_prompt\":\"" MAIL "\"}", "{\"_user\":\"" MAIL "\",\"_prompt\":\"" M "\"}"},
    {"{\"_user\":{\"of\":[\"" MAIL "\"]}}", "{\"_user\":{\"of\":[\"" MAIL "\"]}}"},
    {"{\"a\":{\"_user\":\"" MAIL "\"}}", "{\"a\":{\"_user\":\"" M "\"}}"},
    {"{\"_use\":\"" MAIL "\",\"_User\":\"" MAIL "\",\"\":\"" MAIL "\"}",
	"{\"_use\":\"" M "\",\"_User\":\"" M "\",\"\":\"" M "\"}"},
    {"{\"_us\\u0065r\":\"" MAIL "\"}", "{\"_us\\u0065r\":\"" MAIL "\"}"},

    /* what should not get this far keeps nothing */
    {"{\"a\":\"secret\"", "{}"},
    {"[\"secret\"]", "{}"},
    {"secret", "{}"},
};

/* One event and one interaction, anonymize as asked; both with every text. */
struct both {
	struct batch b;
	struct item items[2];
	struct event_copy event;
	struct interaction_copy interaction;
};

static void
both_init(struct both *x, bool anonymize, const char *text, const char *attrs)
{
	struct event *ev = &x->items[0].ev;
	struct interaction *in = &x->items[1].in;

	*x = (struct both){0};
	event_init(ev);
	ev->anonymize = anonymize;
	ev->event_id = str_of("e");
	ev->end_user = str_of("u-anna-77");
	ev->text = str_of(text);
	ev->input = str_of("asked " MAIL);
	ev->attributes = ev->stored_attributes = str_of(attrs);
	interaction_init(in);
	in->anonymize = anonymize;
	in->interaction_id = str_of("i");
	in->end_user = str_of("u-anna-77");
	in->input = in->output = str_of(text);
	in->attributes = in->stored_attributes = str_of(attrs);
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

		both_init(&x, true, "fine", attributes[i].in);
		scrub_batch(&scrubber, &x.b);
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

/* What they are matched and compared by stays; what was found is counted. */
static void
texts_are_scrubbed(void **state)
{
	struct both x;

	(void)state;
	both_init(&x, true, "mail " MAIL ", " MAIL " or +1 415 555 0123", "{\"a\":\"" MAIL "\"}");
	scrub_batch(&scrubber, &x.b);
	assert_true(is(x.items[0].ev.text, "mail " M ", " M " or <PHONE_NUMBER>"));
	assert_true(is(x.items[0].ev.pii, "{\"EMAIL_ADDRESS\":3,\"PHONE_NUMBER\":1}"));
	assert_true(is(x.items[0].ev.pii_version, pii_version(scrubber.pii)));
	assert_true(is(x.items[0].ev.event_id, "e"));
	assert_true(is(x.items[0].ev.input, "asked " MAIL));
	assert_true(is(x.items[0].ev.attributes, "{\"a\":\"" MAIL "\"}"));
	assert_false(x.items[0].ev.repaired);
	assert_true(is(x.items[1].in.input, "mail " M ", " M " or <PHONE_NUMBER>"));
	assert_true(is(x.items[1].in.output, "mail " M ", " M " or <PHONE_NUMBER>"));
	assert_true(is(x.items[1].in.pii, "{\"EMAIL_ADDRESS\":5,\"PHONE_NUMBER\":2}"));
	assert_true(is(x.items[1].in.end_user, "u-anna-77"));
	arena_free(&x.b.arena);
}

/* The end user and the attributes that the configuration names go from the texts, whatever their case; of a
 * name each word. */
static void
what_the_record_knows_goes(void **state)
{
	struct both x;

	(void)state;
	both_init(&x, true, "U-Anna-77 here. Anna Keller, or ANNA KELLER, or Keller; annat and kelleria stay",
	    "{\"name\":\"Anna Keller\",\"nick\":\"user\",\"other\":\"here\"}");
	scrub_batch(&scrubber, &x.b);
	assert_true(is(x.items[0].ev.text, "<KNOWN_VALUE> here. <KNOWN_VALUE>, or <KNOWN_VALUE>, or "
					   "<KNOWN_VALUE>; annat and kelleria stay"));
	assert_true(is(x.items[0].ev.stored_attributes,
	    "{\"name\":\"<KNOWN_VALUE>\",\"nick\":\"user\",\"other\":\"here\"}"));
	arena_free(&x.b.arena);

	both_init(&x, true, "Anna Keller", NULL); /* of the record before nothing is known any more */
	scrub_batch(&scrubber, &x.b);
	assert_true(is(x.items[0].ev.text, "Anna Keller"));
	arena_free(&x.b.arena);
}

static void
what_cannot_be_scrubbed_is_redacted(void **state)
{
	struct both x;

	(void)state;
	both_init(&x, true, "bad \xff byte " MAIL, NULL);
	scrub_batch(&scrubber, &x.b);
	assert_true(is(x.items[0].ev.text, R));
	assert_true(is(x.items[0].ev.pii, "{\"REDACTED\":1}"));
	assert_true(is(x.items[1].in.pii, "{\"REDACTED\":2}"));
	assert_int_equal(scrubber.redacted, 3);
	arena_free(&x.b.arena);
}

static void
absent_texts_stay_absent(void **state)
{
	struct both x;

	(void)state;
	both_init(&x, true, NULL, NULL);
	scrub_batch(&scrubber, &x.b);
	assert_null(x.items[0].ev.text.p);
	assert_null(x.items[1].in.input.p);
	assert_null(x.items[1].in.output.p);
	assert_null(x.items[0].ev.stored_attributes.p);
	assert_true(is(x.items[0].ev.pii, "{}"));
	arena_free(&x.b.arena);
}

static void
who_does_not_ask_keeps_all(void **state)
{
	struct both x;

	(void)state;
	both_init(&x, false, MAIL, "{\"a\":\"" MAIL "\"}");
	scrub_batch(&scrubber, &x.b);
	assert_true(is(x.items[0].ev.text, MAIL));
	assert_true(is(x.items[0].ev.stored_attributes, "{\"a\":\"" MAIL "\"}"));
	assert_true(is(x.items[1].in.input, MAIL));
	assert_null(x.items[0].ev.pii.p);
	assert_null(x.items[1].in.pii_version.p);
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
	items[0].ev.text = items[1].ev.text = items[2].in.input = items[3].in.input = str_of(MAIL);
	items[1].ev.anonymize = items[2].in.anonymize = true;
	scrub_batch(&scrubber, &b);
	assert_true(is(items[0].ev.text, MAIL));
	assert_true(is(items[1].ev.text, M));
	assert_true(is(items[2].in.input, M));
	assert_true(is(items[3].in.input, MAIL));
	arena_free(&b.arena);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_scrubber, close_scrubber)
	const struct CMUnitTest tests[] = {
	    TEST(attributes_are_scrubbed),
	    TEST(texts_are_scrubbed),
	    TEST(what_the_record_knows_goes),
	    TEST(what_cannot_be_scrubbed_is_redacted),
	    TEST(absent_texts_stay_absent),
	    TEST(who_does_not_ask_keeps_all),
	    TEST(each_copy_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
