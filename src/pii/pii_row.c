/* Rows: groups of digits with spaces between them, of which a number that is no one's may be cut out. */
#include "pii_number.h"

/* Is [from, to) a group of a row of such: so many digits, or hexadecimal with a digit in it? */
static bool
like(const struct find *f, size_t from, size_t to, size_t n)
{
	bool digit = false;

	if (to - from != n)
		return false;
	for (size_t i = from; i < to; i++) {
		if (!(byte_is[f->p[i]] & IS_HEX))
			return false;
		digit |= (byte_is[f->p[i]] & IS_DIGIT) != 0;
	}
	return digit;
}

/* Groups of n before start, up to two; what was taken is none. */
static int
before(const struct find *f, size_t start, size_t n)
{
	size_t taken = 0;
	int groups = 0;

	for (size_t k = f->n; k > 0 && !taken; k--)
		taken = f->spans[k - 1].taken ? f->spans[k - 1].end : 0;
	for (; groups < 2 && start > n && f->p[start - 1] == ' ' && start - 1 - n >= taken; groups++) {
		if (!like(f, start - 1 - n, start - 1, n) || after(f, start - 1 - n, IS_WORD))
			break;
		start -= n + 1;
	}
	return groups;
}

static int
behind(const struct find *f, size_t end, size_t n)
{
	int groups = 0;

	for (; groups < 2 && at(f, end) == ' ' && f->len - end > n; groups++) {
		if (!like(f, end + 1, end + 1 + n, n) || is(f, end + 1 + n, IS_WORD))
			break;
		end += n + 1;
	}
	return groups;
}

bool
number_in_row(const struct find *f, const struct number *x, int a, int b)
{
	int groups;
	bool alike = true;

	if (b == a || x->g[b].sep != ' ')
		return false;
	for (int k = a; k < b; k++)
		alike &= x->g[k].n == x->g[b].n;
	groups = before(f, x->g[a].start, x->g[a].n) + behind(f, x->g[b].end, x->g[b].n);
	return groups >= (alike ? 1 : 2);
}
