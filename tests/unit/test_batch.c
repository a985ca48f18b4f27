#include "batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Messages of our own: Kafka's two functions on them are here, in the place of the library's. */
static size_t given_back;
static rd_kafka_timestamp_type_t time_type;
static int64_t time_ms;

void
rd_kafka_message_destroy(rd_kafka_message_t *msg)
{
	(void)msg;
	given_back++;
}

int64_t
rd_kafka_message_timestamp(const rd_kafka_message_t *msg, rd_kafka_timestamp_type_t *type)
{
	(void)msg;
	*type = time_type;
	return time_ms;
}

static struct match_secret secret;
static rd_kafka_message_t message = {.len = 10, .key_len = 3};

static int
setup(void **state)
{
	(void)state;
	match_secret_init(&secret, str_of("0123456789abcdef0123456789abcdef"));
	return 0;
}

static struct item *
add_event(struct batch *b, const char *tenant, const char *event_id, int64_t timestamp)
{
	struct item *it = batch_add(b, &message);

	it->what = WHAT_EVENT;
	event_init(&it->ev);
	it->ev.tenant = str_of(tenant);
	it->ev.event_id = str_of(event_id);
	it->ev.end_user = str_of("u");
	it->ev.timestamp = timestamp;
	return it;
}

static struct item *
add_interaction(struct batch *b, const char *tenant, const char *id, int64_t revision, int64_t ended_at,
    const char *input)
{
	struct item *it = batch_add(b, &message);

	it->what = WHAT_INTERACTION;
	interaction_init(&it->in);
	it->in.tenant = str_of(tenant);
	it->in.interaction_id = str_of(id);
	it->in.revision = revision;
	it->in.ended_at = ended_at;
	it->in.input = str_of(input);
	return it;
}

/* ---- interactions ---- */

/* In the order in which they must come; any two of one id are copies. */
static const struct {
	const char *tenant, *id;
	int64_t revision, ended_at;
	bool greatest;
} interactions[] = {
    {"a", "i", INT64_MIN, 9, false},
    {"a", "i", -1, 9, false},
    {"a", "i", 0, STAMP_NONE, false}, /* not completed: lower than any end */
    {"a", "i", 0, 0, false},
    {"a", "i", 0, 5, false},
    {"a", "i", 0, 6, false},
    {"a", "i", 1, STAMP_NONE, false}, /* the revision comes first */
    {"a", "i", INT64_MAX, 1, true},
    {"a", "i-", 0, 1, true},
    {"a", "i1", 3, 5, false},
    {"a", "i1", 4, 4, true},
    {"a", "j", 0, 1, true},
    {"a", "\xc3\xa4", 0, 1, true}, /* bytes, behind all of ASCII */
    {"a\x01", "i", 0, 1, true},
    {"b", "i", 7, 1, true},
};

static void
check_interactions(struct batch *b)
{
	batch_match(b, &secret);
	assert_int_equal(b->nevents, 0);
	assert_int_equal(b->ninteractions, COUNT(interactions));
	for (size_t i = 0; i < COUNT(interactions); i++) {
		const struct interaction_copy *c = &b->interactions[i];

		assert_true(str_is(c->in->tenant, interactions[i].tenant));
		assert_true(str_is(c->in->interaction_id, interactions[i].id));
		assert_true(c->in->revision == interactions[i].revision);
		assert_true(c->in->ended_at == interactions[i].ended_at);
		assert_int_equal(c->greatest, interactions[i].greatest);
		assert_false(c->fresh);
		assert_true(c->match.has_input);
	}
}

/* However they arrive: with a step that shares no factor with their number, each order is another. */
static void
interactions_are_sorted(void **state)
{
	static const size_t steps[] = {1, 2, 4, 7, 8, 11, 13, 14};
	struct batch b = {0};

	(void)state;
	for (size_t s = 0; s < COUNT(steps); s++) {
		for (size_t i = 0; i < COUNT(interactions); i++) {
			size_t at = (i * steps[s] + s) % COUNT(interactions);

			add_interaction(&b, interactions[at].tenant, interactions[at].id,
			    interactions[at].revision, interactions[at].ended_at, "x");
		}
		check_interactions(&b);
		batch_reset(&b);
	}
	batch_free(&b);
}

/* The same revision and end: the content decides, the same way whatever came first. */
static void
the_hash_decides(void **state)
{
	static const char *const inputs[] = {"one", "two", "three", "four", "five"};
	struct str winner = {0};
	struct batch b = {0};

	(void)state;
	for (size_t first = 0; first < COUNT(inputs); first++) {
		for (size_t i = 0; i < COUNT(inputs); i++)
			add_interaction(&b, "a", "i", 1, 5, inputs[(first + i) % COUNT(inputs)]);
		batch_match(&b, &secret);
		assert_int_equal(b.ninteractions, COUNT(inputs));
		for (size_t i = 0; i < COUNT(inputs); i++) {
			struct interaction_copy *c = &b.interactions[i];

			assert_int_equal(c->greatest, i + 1 == COUNT(inputs));
			assert_true(i == 0 || memcmp(c[-1].content.b, c->content.b, sizeof c->content.b) < 0);
		}
		if (first == 0)
			winner = b.interactions[COUNT(inputs) - 1].in->input;
		assert_int_equal(str_cmp(winner, b.interactions[COUNT(inputs) - 1].in->input), 0);
		batch_reset(&b);
	}
	batch_free(&b);
}

static void
equal_copies_have_one_greatest(void **state)
{
	struct batch b = {0};

	(void)state;
	for (int i = 0; i < 3; i++)
		add_interaction(&b, "a", "i", 1, 5, "x");
	batch_match(&b, &secret);
	assert_int_equal(b.interactions[0].greatest + b.interactions[1].greatest, 0);
	assert_true(b.interactions[2].greatest);
	batch_free(&b);
}

/* ---- events ---- */

/* By tenant, event_id, arrival: the timestamp says which came when. */
static const struct {
	const char *tenant, *event_id;
	int64_t arrival;
} events[] = {
    {"a", "e", 2},
    {"a", "e", 3},
    {"a", "e", 7},
    {"a", "e0", 5},
    {"a", "f", 0},
    {"ab", "a", 6},
    {"b", "e", 1},
    {"b", "e", 4},
};

static void
events_are_sorted(void **state)
{
	struct batch b = {0};

	(void)state;
	for (int64_t arrival = 0; arrival < (int64_t)COUNT(events); arrival++)
		for (size_t i = 0; i < COUNT(events); i++)
			if (events[i].arrival == arrival)
				add_event(&b, events[i].tenant, events[i].event_id, arrival);
	batch_match(&b, &secret);
	assert_int_equal(b.nevents, COUNT(events));
	for (size_t i = 0; i < COUNT(events); i++) {
		struct event *ev = &b.events[i].item->ev;

		assert_true(str_is(ev->tenant, events[i].tenant));
		assert_true(str_is(ev->event_id, events[i].event_id));
		assert_true(ev->timestamp == events[i].arrival);
	}
	batch_free(&b);
}

/* What an event is looked for by. Has: I interaction_id, C conversation_id, T trace_id, U end_user, i input.
 */
static const struct {
	int slug;
	const char *has;
	int mask;
	bool has_key;
} looked_for[] = {
    {SLUG_THUMBS_UP, "IU", MASK_INTERACTION, true},
    {SLUG_THUMBS_UP, "C", MASK_CONVERSATION, true},
    {SLUG_THUMBS_UP, "T", MASK_TRACE, false}, /* all of the trace */
    {SLUG_CLEAR, "TU", MASK_TRACE, false},
    {SLUG_CLEAR, "Ti", MASK_TRACE | MASK_INPUT, true},
    {SLUG_COMMENT, "CT", MASK_CONVERSATION | MASK_TRACE, true},
    {SLUG_PASTE, "U", MASK_USER, true},
    {SLUG_RETRACT, "ICTUi", 0, false},
    {SLUG_RETRACT, "", 0, false},
};

static void
events_have_their_keys(void **state)
{
	struct batch b = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(looked_for); i++) {
		const char *has = looked_for[i].has;
		struct event *ev = &add_event(&b, "a", "e", 1)->ev;
		struct event_copy *c;
		struct hash key;

		ev->slug = looked_for[i].slug;
		ev->interaction_id = str_of(strchr(has, 'I') ? "i" : NULL);
		ev->conversation_id = str_of(strchr(has, 'C') ? "c" : NULL);
		ev->trace_id = str_of(strchr(has, 'T') ? "t" : NULL);
		ev->end_user = str_of(strchr(has, 'U') ? "u" : NULL);
		ev->input = str_of(strchr(has, 'i') ? "in" : NULL);
		batch_match(&b, &secret);
		assert_int_equal(b.nevents, 1);
		c = &b.events[0];
		assert_int_equal(c->mask, looked_for[i].mask);
		assert_int_equal(c->has_key, looked_for[i].has_key);
		if (c->has_key) {
			assert_true(match_key(&c->match, c->mask, &key));
			assert_memory_equal(key.b, c->key.b, sizeof key.b);
		}
		batch_reset(&b);
	}
	batch_free(&b);
}

/* ---- the batch ---- */

static void
only_what_is_valid_is_sorted_out(void **state)
{
	struct batch b = {0};

	(void)state;
	add_event(&b, "a", "e1", 1)->reason = REASON_BAD_TIMESTAMP;
	add_event(&b, "a", "e2", 1);
	add_interaction(&b, "a", "i1", 1, 1, "x")->reason = REASON_UNDECODABLE;
	add_interaction(&b, "a", "i2", 1, 1, "x");
	batch_add(&b, &message)->what = WHAT_TOMBSTONE;
	batch_match(&b, &secret);
	assert_int_equal(b.nevents, 1);
	assert_true(str_is(b.events[0].item->ev.event_id, "e2"));
	assert_int_equal(b.ninteractions, 1);
	assert_true(str_is(b.interactions[0].in->interaction_id, "i2"));
	batch_free(&b);
}

static void
messages_go_back(void **state)
{
	struct batch b = {0};

	(void)state;
	given_back = 0;
	for (int i = 0; i < 1000; i++) {
		struct item *it = batch_add(&b, &message);

		assert_ptr_equal(it->msg, &message);
		assert_int_equal(it->what, WHAT_TOMBSTONE);
		assert_int_equal(it->reason, REASON_NONE);
		assert_null(it->detail);
		memset(&it->ev, 0xff, sizeof it->ev);
	}
	assert_int_equal(b.len, 1000);
	assert_int_equal(b.bytes, 13000);
	batch_reset(&b);
	assert_int_equal(given_back, 1000);
	assert_int_equal(b.len + b.bytes + b.nevents + b.ninteractions + b.nmasks, 0);
	assert_null(batch_add(&b, &message)->ev.event_id.p); /* not what lay there before */
	batch_free(&b);
	assert_int_equal(given_back, 1001);
	batch_free(&b); /* an empty one, too */
	assert_int_equal(given_back, 1001);
}

static void
an_empty_batch(void **state)
{
	struct batch b = {0};

	(void)state;
	batch_match(&b, &secret);
	assert_int_equal(b.nevents + b.ninteractions, 0);
	batch_reset(&b);
	batch_reset(&b);
	batch_free(&b);
}

static const struct {
	rd_kafka_timestamp_type_t type;
	int64_t ms, expected;
} times[] = {
    {RD_KAFKA_TIMESTAMP_CREATE_TIME, 1700000000123, 1700000000123000},
    {RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME, 1700000000123, 1700000000123000},
    {RD_KAFKA_TIMESTAMP_CREATE_TIME, 0, 0},
    {RD_KAFKA_TIMESTAMP_CREATE_TIME, -1, STAMP_NONE},
    {RD_KAFKA_TIMESTAMP_CREATE_TIME, INT64_MIN, STAMP_NONE},
    {RD_KAFKA_TIMESTAMP_CREATE_TIME, INT64_MAX, STAMP_NONE},
    {RD_KAFKA_TIMESTAMP_CREATE_TIME, 9000000000000000, 9000000000000000000},
    {RD_KAFKA_TIMESTAMP_CREATE_TIME, 9000000000000001, STAMP_NONE},
    {RD_KAFKA_TIMESTAMP_NOT_AVAILABLE, 1700000000123, STAMP_NONE},
    {RD_KAFKA_TIMESTAMP_NOT_AVAILABLE, -1, STAMP_NONE},
};

static void
times_of_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		time_type = times[i].type;
		time_ms = times[i].ms;
		assert_true(message_time(&message) == times[i].expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(interactions_are_sorted),
	    cmocka_unit_test(the_hash_decides),
	    cmocka_unit_test(equal_copies_have_one_greatest),
	    cmocka_unit_test(events_are_sorted),
	    cmocka_unit_test(events_have_their_keys),
	    cmocka_unit_test(only_what_is_valid_is_sorted_out),
	    cmocka_unit_test(messages_go_back),
	    cmocka_unit_test(an_empty_batch),
	    cmocka_unit_test(times_of_messages),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
