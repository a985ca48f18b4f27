/* Records to bytes: each framing, each field. The bytes are written by hand from Avro's specification. */
#include "encode.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(x) (sizeof(x) / sizeof *(x))
#define BYTES(s)                 \
	{                        \
		s, sizeof(s) - 1 \
	}

#define SMALL_EVENT                                                                  \
	"\x04"                                                                       \
	"e1"                                                                         \
	"\x0e"                                                                       \
	"default"                                                                    \
	"\x00\x00\x00\x00"	       /* thumbs_up, no text, no value, no weight */ \
	"\x00\x00\x00\x00\x00\x00\x02" /* none of the six; timestamp 1 */            \
	"\x00\x00\x00\x00\x00"	       /* sent_at, anonymize, customer, retracts, attributes */

static const struct {
	enum framing framing;
	struct str want;
} framings[] = {
    {FRAMING_BARE, BYTES(SMALL_EVENT)},
    {FRAMING_CONFLUENT, BYTES("\x00\x01\x02\x03\x04" SMALL_EVENT)},
    {FRAMING_SINGLE_OBJECT, BYTES("\xc3\x01\x62\xc1\xd1\xa5\xed\x4f\x30\x65" SMALL_EVENT)},
};

static void
assert_bytes(struct buf got, struct str want)
{
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.p, want.p, want.len);
}

static struct encoder *
open_for(const struct record *type, enum framing framing)
{
	struct encoder *x;
	struct err e = {0};

	assert_int_equal(encoder_open(&x, type, framing, 0x01020304, &e), 0);
	return x;
}

static struct event
small_event(void)
{
	struct event ev;

	event_init(&ev);
	ev.event_id = str_of("e1");
	ev.timestamp = 1;
	return ev;
}

static void
each_framing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(framings); i++) {
		struct encoder *x = open_for(&record_event, framings[i].framing);
		struct event ev = small_event();
		struct buf out = {0};
		struct err e = {0};

		assert_int_equal(encode_record(x, &ev, &out, &e), 0);
		assert_bytes(out, framings[i].want);
		buf_free(&out);
		encoder_close(x);
	}
}

static void
full_event(void **state)
{
	static const struct str want = BYTES("\x02"
					     "e\x02"
					     "t\x08\x02\x02x\x02\x13\x02\x00\x00\x00\x00\x00\x00\xe0\x3f"
					     "\x02\x02"
					     "a\x02\x02"
					     "b\x02\x02"
					     "c\x02\x02"
					     "d\x02\x02"
					     "i\x02\x02o"
					     "\x80\x01\x02\x7f\x01\x02\x02\x02r\x02\x04{}");
	struct encoder *x = open_for(&record_event, FRAMING_BARE);
	struct event ev = {
	    .event_id = str_of("e"),
	    .tenant = str_of("t"),
	    .slug = SLUG_SCORE,
	    .text = str_of("x"),
	    .has_value = true,
	    .value = -10,
	    .has_weight = true,
	    .weight = 0.5,
	    .end_user = str_of("a"),
	    .interaction_id = str_of("b"),
	    .conversation_id = str_of("c"),
	    .trace_id = str_of("d"),
	    .input = str_of("i"),
	    .output = str_of("o"),
	    .timestamp = 64,
	    .sent_at = -64,
	    .anonymize = true,
	    .source = SOURCE_PLATFORM,
	    .retracts = str_of("r"),
	    .attributes = str_of("{}"),
	};
	struct event small = small_event();
	struct buf out = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(encode_record(x, &ev, &out, &e), 0);
	assert_bytes(out, want);

	/* nothing of the record before stays in the next, and out is added to */
	assert_int_equal(encode_record(x, &small, &out, &e), 0);
	assert_int_equal(out.len, want.len + sizeof SMALL_EVENT - 1);
	assert_memory_equal(out.p + want.len, SMALL_EVENT, sizeof SMALL_EVENT - 1);
	buf_free(&out);
	encoder_close(x);
}

/* Texts end where they end, not at a NUL; what has no null is empty where it is absent. */
static void
interaction(void **state)
{
	static const struct str want = BYTES("\xc3\x01\xbf\x03\x78\x8e\xec\x0a\x84\x3d\x0e"
					     "default\x04"
					     "i1\x06\x00\x02\x02t\x00\x04hi\x00\x02\x06\x00\x00\x00");
	struct encoder *x = open_for(&record_interaction, FRAMING_SINGLE_OBJECT);
	struct interaction in;
	struct buf out = {0};
	struct err e = {0};

	(void)state;
	interaction_init(&in);
	in.interaction_id = (struct str){"i1xxx", 2};
	in.revision = 3;
	in.trace_id = str_of("t");
	in.input = (struct str){"hi there", 2};
	in.started_at = 3;
	assert_int_equal(encode_record(x, &in, &out, &e), 0);
	assert_bytes(out, want);
	buf_free(&out);
	encoder_close(x);
}

static void
big(void **state)
{
	struct encoder *x = open_for(&record_interaction, FRAMING_BARE);
	struct arena a = {0};
	char *text = arena_alloc(&a, 3000000);
	struct interaction in;
	struct buf out = {0};
	struct err e = {0};

	(void)state;
	memset(text, 'y', 3000000);
	interaction_init(&in);
	in.interaction_id = str_of("i");
	in.output = (struct str){text, 3000000};
	assert_int_equal(encode_record(x, &in, &out, &e), 0);
	assert_true(out.len > 3000000 && out.len < 3000040);
	assert_non_null(memmem(out.p, out.len, text, 3000000));
	buf_free(&out);
	encoder_close(x);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_framing),
	    cmocka_unit_test(full_event),
	    cmocka_unit_test(interaction),
	    cmocka_unit_test(big),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
