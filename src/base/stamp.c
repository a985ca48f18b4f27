#include "stamp.h"

#include <stdbool.h>

#define SECOND INT64_C(1000000)

struct cursor {
	const char *p, *end;
};

/* Exactly n digits. */
static bool
digits(struct cursor *c, int n, int64_t *value)
{
	*value = 0;
	for (; n > 0; n--, c->p++) {
		if (c->p == c->end || *c->p < '0' || *c->p > '9')
			return false;
		*value = *value * 10 + (*c->p - '0');
	}
	return true;
}

/* One character out of several. */
static bool
one(struct cursor *c, const char *of)
{
	if (c->p == c->end || *c->p == '\0' || !strchr(of, *c->p))
		return false;
	c->p++;
	return true;
}

static bool
leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01; years are counted from March, so that the leap day is the last. */
static int64_t
days(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year + 400 - (month <= 2); /* not below 0 for the year 0000 */
	int64_t m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468 - 146097;
}

static const char *
parse_date(struct cursor *c, int64_t *day)
{
	static const char length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t y, m, d;

	if (!digits(c, 4, &y) || !one(c, "-") || !digits(c, 2, &m) || !one(c, "-") || !digits(c, 2, &d))
		return "not a time like 2026-01-31T08:00:00Z";
	if (m < 1 || m > 12 || d < 1 || d > length[m - 1] + (m == 2 && leap(y)))
		return "no such day";
	*day = days(y, m, d);
	return NULL;
}

/* The digits after the point, as microseconds. */
static const char *
parse_fraction(struct cursor *c, int64_t *micros)
{
	int64_t digit, unit = SECOND / 10;

	if (!digits(c, 1, &digit))
		return "no digits after the point";
	*micros = digit * unit;
	while (digits(c, 1, &digit)) {
		unit /= 10;
		if (unit == 0 && digit != 0)
			return "more than six digits of a second";
		*micros += digit * unit;
	}
	return NULL;
}

/* Microseconds of the day. */
static const char *
parse_time(struct cursor *c, int64_t *micros)
{
	const char *wrong = NULL;
	int64_t h, m, s, fraction = 0;

	if (!digits(c, 2, &h) || !one(c, ":") || !digits(c, 2, &m) || !one(c, ":") || !digits(c, 2, &s))
		return "not a time like 2026-01-31T08:00:00Z";
	if (h > 23 || m > 59 || s > 60)
		return "no such time of day";
	if (one(c, "."))
		wrong = parse_fraction(c, &fraction);
	if (s == 60)
		fraction = 0;
	*micros = ((h * 60 + m) * 60 + s) * SECOND + fraction;
	return wrong;
}

static const char *
parse_offset(struct cursor *c, int64_t *micros)
{
	bool west = c->p < c->end && *c->p == '-';
	int64_t h, m;

	*micros = 0;
	if (one(c, "Zz"))
		return NULL;
	if (!one(c, "+-") || !digits(c, 2, &h) || !one(c, ":") || !digits(c, 2, &m))
		return "no offset from UTC (Z or +01:00)";
	if (h > 23 || m > 59)
		return "no such offset from UTC";
	*micros = (h * 60 + m) * 60 * SECOND * (west ? -1 : 1);
	return NULL;
}

const char *
stamp_parse(struct str s, int64_t *micros)
{
	struct cursor c = {s.p, s.p + s.len};
	int64_t day, time, offset;
	const char *wrong = parse_date(&c, &day);

	if (!wrong && !one(&c, "Tt "))
		wrong = "not a time like 2026-01-31T08:00:00Z";
	if (!wrong)
		wrong = parse_time(&c, &time);
	if (!wrong)
		wrong = parse_offset(&c, &offset);
	if (!wrong && c.p < c.end)
		wrong = "something after the time";
	if (!wrong)
		*micros = day * 86400 * SECOND + time - offset;
	return wrong;
}
