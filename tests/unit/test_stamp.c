#include "stamp.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define TIME   "not a time like 2026-01-31T08:00:00Z"
#define DAY    "no such day"
#define CLOCK  "no such time of day"
#define OFFSET "no offset from UTC (Z or +01:00)"

static const struct {
	const char *text;
	int64_t micros;
	const char *wrong;
} rows[] = {
    /* the bounds of the contract, and of RFC 3339 (checked with Python's datetime) */
    {"1970-01-01T00:00:00Z", STAMP_MIN, NULL},
    {"9999-12-31T23:59:59.999999Z", STAMP_MAX, NULL},
    {"0000-01-01T00:00:00Z", -62167219200000000, NULL},
    {"0001-01-01T00:00:00Z", -62135596800000000, NULL},
    {"9999-12-31T23:59:60Z", STAMP_MAX + 1, NULL},
    {"0000-01-01T00:00:00+23:59", -62167305540000000, NULL},
    {"9999-12-31T23:59:59-23:59", 253402387139000000, NULL},
    {"1969-12-31T23:59:59.999999Z", -1, NULL},
    {"2026-01-31T08:00:00Z", 1769846400000000, NULL},
    {"2000-03-01T00:00:00Z", 951868800000000, NULL},

    /* forms */
    {"2026-01-31t08:00:00z", 1769846400000000, NULL},
    {"2026-01-31 08:00:00Z", 1769846400000000, NULL},
    {"2026-01-31T08:00:00-00:00", 1769846400000000, NULL},
    {"2026-01-31T08:00:00+00:00", 1769846400000000, NULL},
    {"2026-01-31T09:30:00+01:30", 1769846400000000, NULL},
    {"2026-01-31T03:00:00-05:00", 1769846400000000, NULL},
    {"2026-02-01T07:59:00+23:59", 1769846400000000, NULL},
    {"2026-01-30T08:01:00-23:59", 1769846400000000, NULL},

    /* fractions */
    {"1970-01-01T00:00:00.2Z", 200000, NULL},
    {"1970-01-01T00:00:00.25+00:00", 250000, NULL},
    {"1970-01-01T00:00:00.000001Z", 1, NULL},
    {"1970-01-01T00:00:00.0000010Z", 1, NULL},
    {"1970-01-01T00:00:00.123456000000000000000000000000Z", 123456, NULL},
    {"1970-01-01T00:00:00.0000001Z", 0, "more than six digits of a second"},
    {"1970-01-01T00:00:00.1234560000000000000001Z", 0, "more than six digits of a second"},
    {"1970-01-01T00:00:00.Z", 0, "no digits after the point"},
    {"1970-01-01T00:00:00,5Z", 0, OFFSET},

    /* days */
    {"2024-02-29T00:00:00Z", 1709164800000000, NULL},
    {"2000-02-29T00:00:00Z", 951782400000000, NULL},
    {"0000-02-29T00:00:00Z", -62162121600000000, NULL},
    {"2023-02-29T00:00:00Z", 0, DAY},
    {"1900-02-29T00:00:00Z", 0, DAY},
    {"2100-02-29T00:00:00Z", 0, DAY},
    {"2026-02-30T00:00:00Z", 0, DAY},
    {"2026-04-31T00:00:00Z", 0, DAY},
    {"2026-12-32T00:00:00Z", 0, DAY},
    {"2026-00-10T00:00:00Z", 0, DAY},
    {"2026-13-10T00:00:00Z", 0, DAY},
    {"2026-01-00T00:00:00Z", 0, DAY},

    /* times of the day, leap seconds */
    {"1970-01-01T23:59:59Z", 86399000000, NULL},
    {"1970-01-01T23:59:60Z", 86400000000, NULL},
    {"1970-01-01T23:59:60.75Z", 86400000000, NULL},
    {"1970-01-01T23:59:61Z", 0, CLOCK},
    {"1970-01-01T24:00:00Z", 0, CLOCK},
    {"1970-01-01T00:60:00Z", 0, CLOCK},
    {"1970-01-01T00:00:00+24:00", 0, "no such offset from UTC"},
    {"1970-01-01T00:00:00+00:60", 0, "no such offset from UTC"},

    /* things that are something else */
    {"", 0, TIME},
    {"now", 0, TIME},
    {"1769846400000000", 0, TIME},
    {"2026-1-31T08:00:00Z", 0, TIME},
    {"+2026-01-31T08:00:00Z", 0, TIME},
    {"-2026-01-31T08:00:00Z", 0, TIME},
    {"12026-01-31T08:00:00Z", 0, TIME},
    {" 2026-01-31T08:00:00Z", 0, TIME},
    {"20260131T080000Z", 0, TIME},
    {"2026-01-31", 0, TIME},
    {"2026-01-31T08:00Z", 0, TIME},
    {"2026-01-31T08:00:0Z", 0, TIME},
    {"2026-01-31_08:00:00Z", 0, TIME},
    {"2026-01-31T08:00:00", 0, OFFSET},
    {"2026-01-31T08:00:00+0100", 0, OFFSET},
    {"2026-01-31T08:00:00+01", 0, OFFSET},
    {"2026-01-31T08:00:00 Z", 0, OFFSET},
    {"2026-01-31T08:00:00CET", 0, OFFSET},
    {"2026-01-31T08:00:00Z ", 0, "something after the time"},
    {"2026-01-31T08:00:00+01:00Z", 0, "something after the time"},
};

static void
parses(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t micros = 0;
		const char *wrong = stamp_parse(str_of(rows[i].text), &micros);

		if (wrong && rows[i].wrong && !strcmp(wrong, rows[i].wrong))
			continue;
		if (!wrong && !rows[i].wrong && micros == rows[i].micros)
			continue;
		print_error("\"%s\": %" PRId64 ", %s\n", rows[i].text, micros, wrong ? wrong : "fine");
		bad++;
	}
	assert_int_equal(bad, 0);
}

/* A text ends where its length says, also before a digit that would still fit. */
static void
ends_with_its_length(void **state)
{
	const char text[] = "1970-01-01T00:00:00.5+01:00";
	int64_t micros;

	(void)state;
	for (size_t len = 0; len < sizeof text - 1; len++)
		assert_non_null(stamp_parse((struct str){text, len}, &micros));
	assert_null(stamp_parse((struct str){text, sizeof text - 1}, &micros));
	assert_int_equal(micros, 500000 - 3600 * INT64_C(1000000));
	assert_non_null(stamp_parse((struct str){text, sizeof text}, &micros)); /* a zero byte behind it */
}

/* Each day of 400 years follows the one before. */
static void
days_follow(void **state)
{
	static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t expected = 946684800000000; /* 2000-01-01 */

	(void)state;
	for (int y = 2000; y < 2400; y++)
		for (int m = 1; m <= 12; m++)
			for (int d = 1; d <= length[m - 1] + (m == 2 && y % 4 == 0 && (y % 100 || y == 2000));
			     d++) {
				char text[64];
				int64_t micros;

				snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", y, m, d);
				assert_null(stamp_parse(str_of(text), &micros));
				assert_int_equal(micros, expected);
				expected += 86400000000;
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parses),
	    cmocka_unit_test(ends_with_its_length),
	    cmocka_unit_test(days_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
