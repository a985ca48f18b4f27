/* range: what --from and --to take, and what there is of it in a partition. */
#include "range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A bound in short: its kind and what it holds. */
static void
show(const struct bound *b, char *out, size_t size)
{
	static const char *const kinds[] = {"none", "beginning", "end", "time", "offsets"};
	size_t n = (size_t)snprintf(out, size, "%s", kinds[b->kind]);

	if (b->kind == BOUND_TIME)
		snprintf(out + n, size - n, " %" PRId64, b->ms);
	for (size_t i = 0; i < b->n; i++)
		n += (size_t)snprintf(
		    out + n, size - n, " %" PRId32 ":%" PRId64, b->points[i].partition, b->points[i].offset);
}

/* Values as they are typed, one after the other; what they make, or a word of the error. */
static const struct row {
	const char *values[3];
	const char *makes, *says;
} rows[] = {
    {{"beginning"}, "beginning", NULL},
    {{"end"}, "end", NULL},
    {{"2024-05-01T00:00:00Z"}, "time 1714521600000", NULL},
    {{"2024-05-01t02:00:00.001+02:00"}, "time 1714521600001", NULL},
    {{"2024-05-01T00:00:00.000001Z"}, "time 1714521600001", NULL}, /* the first millisecond not before it */
    {{"1969-12-31T23:59:59Z"}, "time 0", NULL},
    {{"0:0"}, "offsets 0:0", NULL},
    {{"0:1234,1:77"}, "offsets 0:1234 1:77", NULL},
    {{"1:77", "0:5,3:6", "2:1"}, "offsets 1:77 0:5 3:6 2:1", NULL},
    {{"2147483647:9223372036854775806"}, "offsets 2147483647:9223372036854775806", NULL},
    {{"2147483648:1"}, NULL, "P:OFFSET"},
    {{"0:9223372036854775807"}, NULL, "P:OFFSET"},
    {{"0:99999999999999999999"}, NULL, "P:OFFSET"},
    {{""}, NULL, "P:OFFSET"},
    {{"0"}, NULL, "P:OFFSET"},
    {{"0:"}, NULL, "P:OFFSET"},
    {{":5"}, NULL, "P:OFFSET"},
    {{"0:5,"}, NULL, "P:OFFSET"},
    {{",0:5"}, NULL, "P:OFFSET"},
    {{"0:5;1:6"}, NULL, "P:OFFSET"},
    {{"0: 5"}, NULL, "P:OFFSET"},
    {{"+0:5"}, NULL, "P:OFFSET"},
    {{"0:-5"}, NULL, "P:OFFSET"},
    {{"0:5,0:6"}, NULL, "partition 0 twice"},
    {{"0:5", "0:5"}, NULL, "partition 0 twice"},
    {{"0:5", "end"}, NULL, "\"end\""},
    {{"end", "0:5"}, NULL, "\"0:5\""},
    {{"end", "end"}, NULL, "again"},
    {{"2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z"}, NULL, "again"},
    {{"begining"}, NULL, "did you mean \"beginning\"?"},
    {{"END"}, NULL, "P:OFFSET"},
    {{"2024-02-30T00:00:00Z"}, NULL, "no such day"},
    {{"2024-05-01T00:00:00"}, NULL, "no offset from UTC"},
};

static void
bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bound b = {0};
		struct err e = {0};
		char text[256];
		int rc = 0;

		for (size_t k = 0; k < 3 && rows[i].values[k] && rc == 0; k++)
			rc = bound_take(&b, "--from", rows[i].values[k], &e);
		if (rows[i].makes) {
			assert_int_equal(rc, 0);
			show(&b, text, sizeof text);
			assert_string_equal(text, rows[i].makes);
		} else {
			assert_int_equal(rc, -1);
			assert_int_equal(e.kind, ERR_USAGE);
			assert_non_null(strstr(e.text, rows[i].says));
			assert_non_null(strstr(e.text, "--from"));
		}
		bound_free(&b);
	}
}

/* Partition 0 holds offsets [low, high). from_time, to_time: where the broker says that times begin. */
static const struct clip {
	const char *from, *to; /* NULL: not said */
	int64_t from_time, to_time, low, high;
	int64_t first, end;
	const char *says;
} clips[] = {
    {NULL, NULL, -1, -1, 0, 0, 0, 0, ""},
    {NULL, NULL, -1, -1, 5, 9, 5, 9, ""},
    {"beginning", "end", -1, -1, 5, 9, 5, 9, ""},
    {"end", NULL, -1, -1, 5, 9, 9, 9, ""},
    {NULL, "beginning", -1, -1, 5, 9, 5, 5, ""},
    {"0:6", "0:8", -1, -1, 5, 9, 6, 8, ""},
    {"0:5", "0:9", -1, -1, 5, 9, 5, 9, ""},
    {"0:9", "0:9", -1, -1, 5, 9, 9, 9, ""},
    {"1:0", "0:8", -1, -1, 5, 9, 5, 8, ""}, /* without a word on where this one begins */
    {"0:2", NULL, -1, -1, 5, 9, 5, 9,
	"t[0]: offsets 2 to 4 are no longer held by the broker; starting at 5\n"},
    {"0:2", "0:5", -1, -1, 5, 9, 5, 5, "t[0]: offsets 2 to 4 are no longer held by the broker\n"},
    {"0:2", "0:4", -1, -1, 5, 9, 5, 5, "t[0]: offsets 2 to 3 are no longer held by the broker\n"},
    {"0:2", "0:2", -1, -1, 5, 9, 5, 5, ""},
    {NULL, "0:4", -1, -1, 5, 9, 5, 5, "t[0]: offsets 0 to 3 are no longer held by the broker\n"},
    {NULL, "0:5", -1, -1, 5, 9, 5, 5, "t[0]: offsets 0 to 4 are no longer held by the broker\n"},
    {"0:2", NULL, -1, -1, 9, 9, 9, 9, "t[0]: offsets 2 to 8 are no longer held by the broker\n"},
    {"0:7", "0:12", -1, -1, 5, 9, 7, 9, "t[0]: offsets 9 to 11 are not there; it ends at 9\n"},
    {"0:10", "0:12", -1, -1, 5, 9, 9, 9, "t[0]: offsets 10 to 11 are not there; it ends at 9\n"},
    {"0:10", NULL, -1, -1, 5, 9, 9, 9, "t[0]: offsets 10 to 10 are not there; it ends at 9\n"},
    {"0:2", "0:12", -1, -1, 5, 9, 5, 9,
	"t[0]: offsets 2 to 4 are no longer held by the broker; starting at 5\n"
	"t[0]: offsets 9 to 11 are not there; it ends at 9\n"},
    {"2024-05-01T00:00:00Z", NULL, 0, -1, 0, 9, 0, 9, ""},
    {"2024-05-01T00:00:00Z", NULL, 6, -1, 5, 9, 6, 9, ""},
    {"2024-05-01T00:00:00Z", NULL, -1, -1, 5, 9, 9, 9, ""},
    {"2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z", 6, 6, 5, 9, 6, 6, ""},
    {"2024-05-01T00:00:00Z", "2024-05-02T00:00:00Z", 8, 6, 5, 9, 8, 8, ""}, /* times need not rise */
    {"2024-05-01T00:00:00Z", NULL, 5, -1, 5, 9, 5, 9,
	"t[0]: offsets 0 to 4 are no longer held by the broker, and messages of that time may have been "
	"among "
	"them; starting at 5\n"},
    {NULL, "2024-05-01T00:00:00Z", -1, 7, 5, 9, 5, 7, ""},
    {NULL, "2024-05-01T00:00:00Z", -1, -1, 5, 9, 5, 9, ""},
    {"0:6", "2024-05-01T00:00:00Z", -1, 8, 5, 9, 6, 8, ""},
};

static void
clipped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof clips / sizeof *clips; i++) {
		const struct clip *c = &clips[i];
		struct range r = {.topic = "t"};
		struct bound from = {0}, to = {0};
		struct buf says = {0};
		struct err e;

		assert_true(!c->from || bound_take(&from, "--from", c->from, &e) == 0);
		assert_true(!c->to || bound_take(&to, "--to", c->to, &e) == 0);
		range_clip(&r, &from, &to, c->from_time, c->to_time, c->low, c->high, &says);
		buf_put(&says, "", 1);
		assert_string_equal(says.p, c->says);
		assert_int_equal(r.from, c->first);
		assert_int_equal(r.to, c->end);
		assert_int_equal(r.at, r.from);
		buf_free(&says);
		bound_free(&from);
		bound_free(&to);
	}
}

static void
taken_once_each(void **state)
{
	struct range list[] = {{"t", 0, 0, 10, 0}, {"t", 1, 5, 7, 5}, {"u", 0, 3, 4, 3}};
	struct ranges rs = {.list = list, .n = 3};

	(void)state;
	assert_int_equal(ranges_total(&rs), 13);
	for (size_t i = 0; i < 3; i++)
		assert_ptr_equal(ranges_take(&rs), &list[i]);
	assert_null(ranges_take(&rs));
	assert_null(ranges_take(&rs));
	ranges_stored(&rs, "t", 0, 4);
	assert_int_equal(ranges_left(&rs), 9);
	ranges_stored(&rs, "t", 1, 99); /* what comes after its end is no business of it */
	assert_int_equal(ranges_left(&rs), 7);
	ranges_stored(&rs, "u", 0, 4);
	ranges_stored(&rs, "t", 0, 10);
	assert_int_equal(ranges_left(&rs), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bounds), cmocka_unit_test(clipped), cmocka_unit_test(taken_once_each)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
