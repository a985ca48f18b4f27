/* rate: how many a second. */
#include "rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)

/* How many can be taken from one time to another, looking every millisecond. */
static int
taken(struct rate *r, int64_t from, int64_t to)
{
	int n = 0;

	for (int64_t now = from; now < to; now += 1000000)
		for (; rate_wait(r, now) == 0 && n < 1000000; n++)
			rate_take(r, now);
	return n;
}

static void
as_many_as_it_says(void **state)
{
	struct rate r;

	(void)state;
	rate_init(&r, 10, 7 * SECOND);
	assert_int_equal(taken(&r, 7 * SECOND, 10 * SECOND), 30);
	assert_int_equal(rate_wait(&r, 9 * SECOND + 950000000), 50000000);
	rate_init(&r, 30000, 0);
	assert_in_range(taken(&r, 0, SECOND), 29970, 30031);
}

static void
makes_up_for_a_second_at_most(void **state)
{
	struct rate r;

	(void)state;
	rate_init(&r, 100, 0);
	assert_int_equal(taken(&r, 0, SECOND), 100);
	assert_int_equal(taken(&r, 3 * SECOND / 2, 2 * SECOND), 100);
	assert_in_range(taken(&r, 100 * SECOND, 101 * SECOND), 199, 201);
}

static void
without_limit(void **state)
{
	struct rate r = {0};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(rate_wait(&r, 5), 0);
		rate_take(&r, 5);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(as_many_as_it_says),
	    cmocka_unit_test(makes_up_for_a_second_at_most), cmocka_unit_test(without_limit)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
