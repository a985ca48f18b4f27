/* The rules of a valid record, in their order, and the correction of clocks. */
#include "event.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(x) (sizeof(x) / sizeof *(x))
#define T	 INT64_C(1769846400000000) /* 2026-01-31T08:00:00Z */
#define S	 INT64_C(1000000)

static const struct conf conf = {.skew_min_ms = 300000, .limit_copy_chars = 20, .limit_comment_chars = 10};

static char long_id[2000];

static struct str
bytes(size_t n)
{
	memset(long_id, 'x', sizeof long_id);
	return (struct str){long_id, n};
}

/* A case starts from a thumbs_up that is valid and says what is different. */
static struct event
thumbs_up(void)
{
	struct event ev;

	event_init(&ev);
	ev.event_id = str_of("e1");
	ev.end_user = str_of("u1");
	ev.timestamp = T;
	ev.slug = SLUG_THUMBS_UP;
	return ev;
}

#define E5 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9" /* five characters of two bytes */
#define NO ((struct str){0})
#define OK REASON_NONE

/* reason, detail, and what differs */
#define EVENTS(X)                                                                                            \
	X(OK, NULL, (void)0)                                                                                 \
	X(OK, NULL, ev.event_id = bytes(128))                                                                \
	X(OK, NULL, ev.end_user = bytes(1024))                                                               \
	X(MISSING_EVENT_ID, "event_id is missing", ev.event_id = NO)                                         \
	X(MISSING_EVENT_ID, "event_id is missing", (ev.event_id = NO, ev.tenant = NO, ev.timestamp = -1))    \
	X(ID_TOO_LONG, "event_id is 129 bytes long, 128 are allowed", ev.event_id = bytes(129))              \
	X(ID_TOO_LONG, "retracts is 129 bytes long, 128 are allowed", ev.retracts = bytes(129))              \
	X(ID_TOO_LONG, "tenant is 1025 bytes long, 1024 are allowed", ev.tenant = bytes(1025))               \
	X(ID_TOO_LONG, "end_user is 1025 bytes long, 1024 are allowed", ev.end_user = bytes(1025))           \
	X(ID_TOO_LONG, "interaction_id is 1025 bytes long, 1024 are allowed",                                \
	    ev.interaction_id = bytes(1025))                                                                 \
	X(ID_TOO_LONG, "conversation_id is 1025 bytes long, 1024 are allowed",                               \
	    ev.conversation_id = bytes(1025))                                                                \
	X(ID_TOO_LONG, "trace_id is 1025 bytes long, 1024 are allowed", ev.trace_id = bytes(1025))           \
	X(ID_TOO_LONG, "trace_id is 1025 bytes long, 1024 are allowed",                                      \
	    (ev.trace_id = bytes(1025), ev.tenant = NO))                                                     \
	X(MISSING_FIELD, "tenant is missing", ev.tenant = NO)                                                \
	X(MISSING_FIELD, "rating needs value", ev.slug = SLUG_RATING)                                        \
	X(MISSING_FIELD, "score needs value", ev.slug = SLUG_SCORE)                                          \
	X(MISSING_FIELD, "comment needs text", ev.slug = SLUG_COMMENT)                                       \
	X(MISSING_FIELD, "copy_input needs text", ev.slug = SLUG_COPY_INPUT)                                 \
	X(MISSING_FIELD, "copy_output needs text", ev.slug = SLUG_COPY_OUTPUT)                               \
	X(MISSING_FIELD, "paste needs text", ev.slug = SLUG_PASTE)                                           \
	X(MISSING_FIELD, "retract needs retracts", ev.slug = SLUG_RETRACT)                                   \
	X(MISSING_FIELD, "comment needs text", (ev.slug = SLUG_COMMENT, ev.end_user = NO))                   \
	X(MISSING_TARGET, "one of interaction_id, conversation_id, trace_id and end_user is needed",         \
	    (ev.end_user = NO, ev.input = str_of("hi"), value(&ev, 1)))                                      \
	X(OK, NULL, (ev.end_user = NO, ev.interaction_id = str_of("i")))                                     \
	X(OK, NULL, (ev.end_user = NO, ev.conversation_id = str_of("c")))                                    \
	X(OK, NULL, (ev.end_user = NO, ev.trace_id = str_of("t")))                                           \
	X(OK, NULL, (ev.slug = SLUG_RETRACT, ev.retracts = str_of("e0"), ev.end_user = NO))                  \
	X(OK, NULL, ev.slug = SLUG_CLEAR)                                                                    \
	X(VALUE_NOT_ALLOWED, "thumbs_up takes no value", value(&ev, 1))                                      \
	X(VALUE_NOT_ALLOWED, "thumbs_up takes no weight", weight(&ev, 1))                                    \
	X(VALUE_NOT_ALLOWED, "rating takes no weight",                                                       \
	    (ev.slug = SLUG_RATING, value(&ev, 9), weight(&ev, 1)))                                          \
	X(VALUE_NOT_ALLOWED, "thumbs_up takes no retracts", ev.retracts = str_of("e0"))                      \
	X(VALUE_NOT_ALLOWED, "retract takes no value",                                                       \
	    (ev.slug = SLUG_RETRACT, ev.retracts = str_of("e0"), value(&ev, 1)))                             \
	X(OK, NULL, (ev.slug = SLUG_RATING, value(&ev, 1)))                                                  \
	X(OK, NULL, (ev.slug = SLUG_RATING, value(&ev, 5)))                                                  \
	X(VALUE_OUT_OF_RANGE, "rating takes a value from 1 to 5", (ev.slug = SLUG_RATING, value(&ev, 0)))    \
	X(VALUE_OUT_OF_RANGE, "rating takes a value from 1 to 5", (ev.slug = SLUG_RATING, value(&ev, 6)))    \
	X(OK, NULL, (ev.slug = SLUG_SCORE, value(&ev, -10), weight(&ev, 0)))                                 \
	X(OK, NULL, (ev.slug = SLUG_SCORE, value(&ev, 10), weight(&ev, 1)))                                  \
	X(VALUE_OUT_OF_RANGE, "score takes a value from -10 to 10", (ev.slug = SLUG_SCORE, value(&ev, -11))) \
	X(VALUE_OUT_OF_RANGE, "score takes a value from -10 to 10", (ev.slug = SLUG_SCORE, value(&ev, 11)))  \
	X(VALUE_OUT_OF_RANGE, "weight is not a number from 0 to 1",                                          \
	    (ev.slug = SLUG_SCORE, value(&ev, 0), weight(&ev, 1.01)))                                        \
	X(VALUE_OUT_OF_RANGE, "weight is not a number from 0 to 1",                                          \
	    (ev.slug = SLUG_SCORE, value(&ev, 0), weight(&ev, -0.01)))                                       \
	X(VALUE_OUT_OF_RANGE, "weight is not a number from 0 to 1",                                          \
	    (ev.slug = SLUG_SCORE, value(&ev, 0), weight(&ev, NAN)))                                         \
	X(OK, NULL, ev.text = str_of(E5 E5))                                                                 \
	X(OK, NULL, ev.text = bytes(10))                                                                     \
	X(TEXT_TOO_LONG, "text is 11 characters long, 10 are allowed for thumbs_up",                         \
	    (ev.text = bytes(11), ev.timestamp = -1))                                                        \
	X(OK, NULL, (ev.slug = SLUG_PASTE, ev.text = bytes(20)))                                             \
	X(TEXT_TOO_LONG, "text is 21 characters long, 20 are allowed for paste",                             \
	    (ev.slug = SLUG_PASTE, ev.text = bytes(21)))                                                     \
	X(OK, NULL, ev.timestamp = 0)                                                                        \
	X(OK, NULL, ev.timestamp = STAMP_MAX)                                                                \
	X(BAD_TIMESTAMP, "timestamp is before 1970", ev.timestamp = -1)                                      \
	X(BAD_TIMESTAMP, "timestamp is before 1970", ev.timestamp = STAMP_NONE)                              \
	X(BAD_TIMESTAMP, "timestamp is after 9999", ev.timestamp = STAMP_MAX + 1)                            \
	X(BAD_TIMESTAMP, "timestamp is after 9999", ev.timestamp = INT64_MAX)                                \
	X(BAD_TIMESTAMP, "sent_at is before 1970", ev.sent_at = INT64_MIN + 1)                               \
	X(BAD_TIMESTAMP, "sent_at is after 9999", (ev.sent_at = INT64_MAX, ev.record_time = T))              \
	X(BAD_TIMESTAMP, "occurred_at, corrected by the record time, is before 1970",                        \
	    (ev.timestamp = S, ev.sent_at = T, ev.record_time = 0))                                          \
	X(BAD_TIMESTAMP, "occurred_at, corrected by the record time, is after 9999",                         \
	    (ev.sent_at = 0, ev.record_time = INT64_MAX))                                                    \
	X(OK, NULL, ev.attributes = str_of("{}"))                                                            \
	X(BAD_ATTRIBUTES, "attributes: not an object", ev.attributes = str_of("[]"))

static void
value(struct event *ev, int32_t n)
{
	ev->has_value = true;
	ev->value = n;
}

static void
weight(struct event *ev, double n)
{
	ev->has_weight = true;
	ev->weight = n;
}

static void
check(struct event *ev, const char *what, enum reason want, const char *detail)
{
	struct arena a = {0};
	const char *got = NULL;
	enum reason reason = event_validate(ev, &conf, &a, &got);

	if (reason != want || (detail && (!got || strcmp(got, detail) != 0)))
		fail_msg("%s: %s (%s), not %s (%s)", what, reason_names[reason], got ? got : "",
		    reason_names[want], detail ? detail : "");
	arena_free(&a);
}

static void
events(void **state)
{
	(void)state;
#define X_CASE(reason, detail, differs)                        \
	{                                                      \
		struct event ev = thumbs_up();                 \
		differs;                                       \
		check(&ev, #differs, REASON_##reason, detail); \
	}
#define REASON_OK REASON_NONE
	EVENTS(X_CASE)
#undef X_CASE
}

static struct interaction
interaction(void)
{
	struct interaction in;

	interaction_init(&in);
	in.interaction_id = str_of("i1");
	return in;
}

#define INTERACTIONS(X)                                                                             \
	X(OK, NULL, (void)0)                                                                        \
	X(ID_TOO_LONG, "interaction_id is 1025 bytes long, 1024 are allowed",                       \
	    in.interaction_id = bytes(1025))                                                        \
	X(ID_TOO_LONG, "end_user is 1025 bytes long, 1024 are allowed",                             \
	    (in.end_user = bytes(1025), in.interaction_id = NO))                                    \
	X(MISSING_FIELD, "interaction_id is missing", in.interaction_id = NO)                       \
	X(MISSING_FIELD, "tenant is missing", in.tenant = NO)                                       \
	X(BAD_TIMESTAMP, "started_at is before 1970", in.started_at = -1)                           \
	X(BAD_TIMESTAMP, "ended_at is after 9999", in.ended_at = INT64_MAX)                         \
	X(OK, NULL, (in.started_at = T, in.ended_at = T))                                           \
	X(BAD_TIMESTAMP, "ended_at is before started_at", (in.started_at = T, in.ended_at = T - 1)) \
	X(BAD_ATTRIBUTES, "attributes: not an object", in.attributes = str_of("1"))

static void
interactions(void **state)
{
	struct arena a = {0};

	(void)state;
#define X_CASE(want, text, differs)                                                   \
	{                                                                             \
		struct interaction in = interaction();                                \
		const char *got = NULL;                                               \
		differs;                                                              \
		assert_int_equal(interaction_validate(&in, &a, &got), REASON_##want); \
		if (text)                                                             \
			assert_string_equal(got, text);                               \
	}
	INTERACTIONS(X_CASE)
#undef X_CASE
	arena_free(&a);
}

/* offsets from sent_at, in microseconds; STAMP_NONE: none */
static const struct {
	int64_t record, sent_at, skew_ms, want;
} clocks[] = {
    {STAMP_NONE, T, 300000, T},
    {-1, T, 300000, T},
    {T, STAMP_NONE, 300000, T},
    {T, T, 300000, T},
    {T + 300 * S - 1, T, 300000, T},
    {T + 300 * S, T, 300000, T + 300 * S},
    {T + 300 * S + 7, T, 300000, T + 300 * S + 7},
    {T + 300 * S, T, -1, T},
    {T - S, T, 300000, T},
    {T - S - 1, T, 300000, T - S - 1},
    {T - 300 * S, T, -1, T},
    {T, T, 0, T},
    {T + 1, T, 0, T + 1},
    {T - 1, T, 0, T - 1},
    {T + 999, T, 1, T},
    {T + 1000, T, 1, T + 1000},
    {T + 5 * S, T - 3600 * S, 300000, T + 3605 * S},
    {INT64_MAX, 0, 0, INT64_MAX},
    {INT64_MAX, 0, INT64_MAX, T},
    {0, STAMP_MAX, 0, T - STAMP_MAX},
    {T, INT64_MIN + 1, 0, T},
};

static void
occurred(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(clocks); i++) {
		struct event ev = thumbs_up();

		ev.record_time = clocks[i].record;
		ev.sent_at = clocks[i].sent_at;
		if (event_occurred_at(&ev, clocks[i].skew_ms) != clocks[i].want)
			fail_msg("clock %zu: %lld", i, (long long)event_occurred_at(&ev, clocks[i].skew_ms));
	}
}

static void
repair(void **state)
{
	struct event ev = thumbs_up();
	struct interaction in = interaction();
	struct arena a = {0};

	(void)state;
	event_repair(&ev, &a);
	assert_false(ev.repaired);
	ev.text = (struct str){"", 0};
	ev.input = (struct str){"a\0b", 3};
	event_repair(&ev, &a);
	assert_true(ev.repaired);
	assert_null(ev.text.p);
	assert_true(str_is(ev.input, "a\xef\xbf\xbd"
				     "b"));
	in.attributes = str_of("{\"a\":\"\xff\"}");
	interaction_repair(&in, &a);
	assert_true(in.repaired);
	assert_true(str_is(in.attributes, "{\"a\":\"\xef\xbf\xbd\"}"));
	arena_free(&a);
}

/* An escape that jsonb refuses is repaired in what is stored, not in what is compared. */
static void
escapes(void **state)
{
	struct event ev = thumbs_up();
	struct arena a = {0};
	const char *detail;

	(void)state;
	ev.attributes = str_of("{\"a\":\"\\u0000\"}");
	assert_int_equal(event_validate(&ev, &conf, &a, &detail), REASON_NONE);
	assert_true(ev.repaired);
	assert_true(str_is(ev.attributes, "{\"a\":\"\\u0000\"}"));
	assert_true(str_is(ev.stored_attributes, "{\"a\":\"\\ufffd\"}"));
	assert_int_equal(ev.occurred_at, T);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(events),
	    cmocka_unit_test(interactions),
	    cmocka_unit_test(occurred),
	    cmocka_unit_test(repair),
	    cmocka_unit_test(escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
