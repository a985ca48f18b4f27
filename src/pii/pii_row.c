/* Rows: groups of digits with spaces between them, of which a number that is no one's may be cut out. */
#include "pii_number.h"

/* Is what stands in [from, to) a group of a row: digits, or hexadecimal with a digit in it? */
static bool
row_group(const struct find *f, size_t from, size_t to)
{
	bool digit = false;

	if (to - from < 2 || to - from > 8)
		return false;
	for (size_t i = from; i < to; i++) {
		if (!(byte_is[f->p[i]] & IS_HEX))
			return false;
		digit |= (byte_is[f->p[i]] & IS_DIGIT) != 0;
	}
	return digit;
}

/* Is it a sign that dates, times and decimals have inside? */
static bool
inner_sign(unsigned char c)
{
	return c && strchr("-./:,", c);
}

/* How long the group is that a space parts from what begins at start; 0: there is none. What was taken and
 * the parts of dates and times are no groups of a row. */
static size_t
row_before(const struct find *f, size_t start)
{
	size_t to, from;

	if (start < 2 || f->p[start - 1] != ' ')
		return 0;
	to = start - 1;
	if (f->n > 0 && f->spans[f->n - 1].taken && f->spans[f->n - 1].end >= to)
		return 0;
	for (from = to; from > 0 && to - from < 9 && byte_is[f->p[from - 1]] & IS_WORD;)
		from--;
	if (from > 0 && inner_sign(f->p[from - 1]))
		return 0;
	return row_group(f, from, to) ? to - from : 0;
}

static size_t
row_behind(const struct find *f, size_t end)
{
	size_t to;

	if (at(f, end) != ' ')
		return 0;
	to = find_past(f, end + 1, IS_WORD, 9);
	if (inner_sign(at(f, to)) && is(f, to + 1, IS_DIGIT))
		return 0;
	return row_group(f, end + 1, to) ? to - end - 1 : 0;
}

bool
number_in_row(const struct find *f, const struct number *x, int a, int b)
{
	size_t before, behind;

	if (b == a || x->g[b].sep != ' ')
		return false;
	before = row_before(f, x->g[a].start);
	behind = row_behind(f, x->g[b].end);
	/* five digits behind are a postal code, two a count: 020 7946 0958 24 hours */
	return before || (behind > 2 && behind != 5) || (behind && behind == x->g[b].n) ||
	       (behind == 2 && row_behind(f, x->g[b].end + 1 + behind));
}

/* MMYY, which stands behind the number of a card. */
static bool
like_expiry(const unsigned char *d)
{
	return ((d[0] == '0' && d[1] > '0') || (d[0] == '1' && d[1] <= '2')) && d[2] >= '2' && d[2] <= '4';
}

bool
card_in_row(const struct find *f, const struct number *x, int a, int b, bool another)
{
	if (x->g[a].n != 4 || x->g[b].sep != ' ')
		return false;
	return row_before(f, x->g[a].start) == 4 ||
	       (!another && row_behind(f, x->g[b].end) == 4 && !like_expiry(f->p + x->g[b].end + 1));
}
