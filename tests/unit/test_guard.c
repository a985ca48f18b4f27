/* guard: when too many bad messages stop a worker. */
#include "guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

/* Messages in short: g good event, b bad event, G and B interactions, t tombstone; repeated; after so many
 * good events. */
static const struct row {
	int64_t consecutive;
	double ratio;
	const char *pattern;
	int times, good;
	const char *says; /* NULL: goes on */
} rows[] = {
    {3, 0, "bb", 1, 0, NULL},
    {3, 0, "bbb", 1, 0, "topic \"feedback\": 3 in a row, 3 of the last 3 (bad_timestamp 3)"},
    {3, 0, "bbg", 100, 0, NULL},
    {3, 0, "bGbGt", 1, 0, NULL},			      /* each topic on its own */
    {3, 0, "bGtbGb", 1, 0, "topic \"feedback\": 3 in a row"}, /* tombstones are neither */
    {3, 0, "BBB", 1, 0, "topic \"interactions\": 3 in a row"},
    {0, 0, "b", 20000, 0, NULL}, /* off */
    {0, 0.5, "b", 999, 0, NULL}, /* too few to say */
    {0, 0.5, "b", 1000, 0, "topic \"feedback\": 1000 in a row"},
    {0, 0.5, "gb", 20000, 0, NULL},
    {0, 0.5, "bbg", 20000, 0, "topic \"feedback\""},
    {0, 0.01, "bggggggggggggggggggggggggggggggg", 1000, 0, "topic \"feedback\": 1 in a row"},
    /* the window slides: what came long ago weighs nothing, however much it was, and what came lately all */
    {0, 0.5, "b", 1000, 100000, NULL},
    {0, 0.5, "b", 1001, 100000, "1001 in a row, 1001 of the last 2000 (bad_timestamp 1001)"},
    {0, 0.4, "bg", 700, 100000, NULL},
    {0, 0.4, "bg", 1000, 100000, "801 of the last 2000"},
};

static void
stops_when_too_much_is_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *r = &rows[i];
		const struct conf conf = {.topic_feedback = "feedback",
		    .topic_interactions = "interactions",
		    .dlq_max_consecutive = r->consecutive,
		    .dlq_max_ratio = r->ratio};
		struct item items[64] = {0};
		struct batch b = {.items = items, .len = strlen(r->pattern)};
		struct guard g = {0};
		struct err e = {0};
		int rc = 0;

		for (size_t k = 0; k < b.len; k++) {
			char c = r->pattern[k];

			items[k].what = c == 't'	       ? WHAT_TOMBSTONE
					: c == 'g' || c == 'b' ? WHAT_EVENT
							       : WHAT_INTERACTION;
			items[k].reason = c == 'b' || c == 'B' ? REASON_BAD_TIMESTAMP : REASON_NONE;
		}
		for (int n = 0; n < r->good; n++) {
			struct item one = {.what = WHAT_EVENT};
			const struct batch good = {.items = &one, .len = 1};

			assert_int_equal(guard_batch(&g, &good, &conf, &e), 0);
		}
		for (int n = 0; n < r->times && rc == 0; n++)
			rc = guard_batch(&g, &b, &conf, &e);
		assert_int_equal(rc, r->says ? -1 : 0);
		if (r->says) {
			assert_int_equal(e.kind, ERR_FATAL);
			assert_non_null(strstr(e.text, r->says));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(stops_when_too_much_is_bad)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
