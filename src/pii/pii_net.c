/* Addresses of networks: IPv6 and MAC (IPv4 is a number, pii_number), and what URLs carry. */
#include "pii_find.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- MAC ---- */

/* n groups of hexadecimal digits with sep between them: where they end, or 0. */
static size_t
hex_groups(const struct find *f, size_t i, size_t n, size_t width, unsigned char sep)
{
	for (size_t k = 0; k < n; k++, i += width + 1) {
		if (i > f->len || find_past(f, i, IS_HEX, width) != i + width)
			return 0;
		if (k + 1 < n ? at(f, i + width) != sep : glued_behind(f, i + width))
			return 0;
	}
	i--;
	if (at(f, i) != sep)
		return i;
	/* none more: behind a space may be a word */
	return is(f, i + 1, IS_HEX) && (sep != ' ' || (is(f, i + 2, IS_HEX) && !is(f, i + 3, IS_WORD))) ? 0
													: i;
}

/* Between spaces and the like are other things too: a word must say so. */
static const struct {
	const char *seps;
	enum pii_level level;
	unsigned char n, width;
} macs[] = {{":-", PII_CERTAIN, 6, 2}, {":-", PII_CERTAIN, 8, 2}, {".", PII_CERTAIN, 3, 4},
    {":-.", PII_POSSIBLE, 2, 6}, {" _", PII_POSSIBLE, 6, 2}};

static bool
find_mac(struct find *f, size_t i)
{
	if (!wanted(f, PII_MAC_ADDRESS) || glued_before(f, i))
		return false;
	for (size_t k = 0; k < COUNT(macs); k++) {
		unsigned char sep = at(f, i + macs[k].width);
		size_t end;

		if (!sep || !strchr(macs[k].seps, sep) ||
		    (i > 0 && f->p[i - 1] == sep && !strchr(": ", sep)) ||
		    !(end = hex_groups(f, i, macs[k].n, macs[k].width, sep)))
			continue;
		if (!find_report(f, PII_MAC_ADDRESS, i, end, macs[k].level, "mac"))
			return false;
		f->done = end;
		return true;
	}
	return false;
}

/* Where the first of the groups begins that stand before i, each with sep behind it. */
static size_t
hex_start(const struct find *f, size_t i, size_t width, unsigned char sep)
{
	for (int k = 0; k < 7 && i > width && f->p[i - 1] == sep &&
			find_back(f, i - 1, IS_HEX, width) == i - 1 - width &&
			(sep != ' ' || !after(f, i - 1 - width, IS_WORD));
	     k++)
		i -= width + 1;
	return i;
}

/* AA-BB-CC-1D-EE-FF, aabb.ccdd.ee1f: the word [from, to), of two or four, is a part of it; what stands before
 * it has no digit. */
bool
find_mac_around(struct find *f, size_t from, size_t to)
{
	size_t width = to - from;
	unsigned char sep = width == 2 ? '-' : '.';

	if (!wanted(f, PII_MAC_ADDRESS) || (at(f, to) != sep && (from == 0 || f->p[from - 1] != sep)))
		return false;
	return find_mac(f, hex_start(f, from, width, sep));
}

bool
find_mac_spaced(struct find *f, size_t from)
{
	bool letter = false;
	size_t end = from + 2;

	if (!wanted(f, PII_MAC_ADDRESS) || find_past(f, from, IS_HEX, 2) != end)
		return false;
	from = hex_start(f, from, 2, ' ');
	if (from > 3 && after(f, from - 1, IS_HEX) && after(f, from - 2, IS_HEX) &&
	    !after(f, from - 3, IS_WORD))
		return false; /* of a longer row */
	end = hex_groups(f, from, 6, 2, ' ');
	for (size_t i = from; i < end; i++)
		letter |= byte_is[f->p[i]] & IS_ALPHA;
	return letter && find_mac(f, from);
}

bool
find_mac_word(struct find *f, size_t from, size_t to)
{
	unsigned char before = from > 0 ? f->p[from - 1] : 0;

	if (to - from == 6 && before && strchr(":-.", before))
		return find_mac(f, hex_start(f, from, 6, before));
	return find_mac(f, from);
}

/* ---- IPv6 ---- */

struct ipv6 {
	int groups, longest;
	bool gap, digit, v4;
};

/* Four numbers with dots at i up to end. */
static bool
tail_v4(const struct find *f, size_t i, size_t end)
{
	for (int k = 0; k < 4; k++) {
		int v = 0, n = 0;

		for (; i < end && byte_is[f->p[i]] & IS_DIGIT && n < 3; i++, n++)
			v = 10 * v + f->p[i] - '0';
		if (n == 0 || v > 255 || (k < 3 && (i >= end || f->p[i++] != '.')))
			return false;
	}
	return i == end;
}

static bool
parse_ipv6(const struct find *f, size_t i, size_t end, struct ipv6 *v)
{
	*v = (struct ipv6){0};
	if (f->p[i] == ':' && at(f, i + 1) != ':')
		return false;
	while (i < end) {
		size_t start = i;

		if (f->p[i] == ':') {
			if (i + 1 < end && f->p[i + 1] == ':') {
				if (v->gap)
					return false;
				v->gap = true;
				i += 2;
				continue;
			}
			if (++i == end)
				return false;
			continue;
		}
		while (i < end && byte_is[f->p[i]] & IS_HEX) {
			v->digit |= byte_is[f->p[i]] & IS_DIGIT;
			i++;
		}
		if (i < end && f->p[i] == '.') {
			v->v4 = true;
			v->groups += 2;
			v->digit = true;
			if (!tail_v4(f, start, end))
				return false;
			break;
		}
		if (i - start > 4 || i == start)
			return false;
		v->longest = (int)(i - start) > v->longest ? (int)(i - start) : v->longest;
		v->groups++;
		if (i < end && f->p[i] != ':')
			return false;
	}
	return v->gap ? v->groups <= 7 : v->groups == 8;
}

/* Slices (x[::2]) and scopes (a::b) look like short addresses: those have a group of three digits, or enough
 * groups. */
static bool
like_address(const struct ipv6 *v)
{
	return !v->gap || v->v4 || (v->longest >= 3 && v->digit && v->groups >= 2) || v->groups >= 4;
}

bool
find_hex(struct find *f, size_t i)
{
	size_t start = i, end = i;
	struct ipv6 v;

	if (i < f->hex_done)
		return false;
	while (start > f->done && i - start < 48 &&
	       (byte_is[f->p[start - 1]] & IS_HEX || f->p[start - 1] == ':' || f->p[start - 1] == '.'))
		start--;
	while (end < f->len && end - i < 64 &&
	       (byte_is[f->p[end]] & IS_HEX || f->p[end] == ':' || f->p[end] == '.'))
		end++;
	f->hex_done = end;
	if (equals_ends(f, start + 2))
		start += 2;
	if (glued_before(f, start)) /* "mac:00:..." begins with "ac" */
		while (start < end && f->p[start++] != ':')
			;
	else if (start + 1 < end && f->p[start] == ':' && f->p[start + 1] != ':')
		start++;
	while (start < end && f->p[start] == '.')
		start++;
	if (end - start >= 14 && find_mac(f, start))
		return true;
	while (end > start + 2 && (f->p[end - 1] == '.' || (f->p[end - 1] == ':' && f->p[end - 2] != ':')))
		end--;
	if (end - start < 4 || !wanted(f, PII_IP_ADDRESS) || glued_behind(f, end) ||
	    !parse_ipv6(f, start, end, &v))
		return false;
	f->loud = true;
	if (!like_address(&v))
		return find_leave(f, PII_IP_ADDRESS, start, end, "ipv6", "too short");
	if (at(f, end) == '%' && is(f, end + 1, IS_ALPHA))
		end = find_past(f, end + 1, IS_WORD, 16);
	if (!find_report(f, PII_IP_ADDRESS, start, end, PII_CERTAIN, "ipv6"))
		return false;
	f->done = end;
	return true;
}

/* ---- URLs ---- */

enum { ENDS_URL = 1, ENDS_HOST = 2 };
/* clang-format off */
static const uint8_t ends_of[256] = {
	[0 ... ' '] = ENDS_URL, ['"'] = ENDS_URL, ['<'] = ENDS_URL, ['>'] = ENDS_URL, ['`'] = ENDS_URL,
	['\\'] = ENDS_URL, ['^'] = ENDS_URL, ['{'] = ENDS_URL, ['}'] = ENDS_URL, ['|'] = ENDS_URL,
	['/'] = ENDS_HOST, ['?'] = ENDS_HOST, ['#'] = ENDS_HOST,
};
/* clang-format on */

static size_t
url_end(const struct find *f, size_t i)
{
	size_t start = i;

	while (i < f->len && i - start < 2048 && !(ends_of[f->p[i]] & ENDS_URL))
		i++;
	while (i > start && strchr(".,;:!?)'", f->p[i - 1]))
		i--;
	return i;
}

/* Addresses that whoever knows them may post to. */
static bool
find_hook(struct find *f, size_t host)
{
	static const struct word hooks[] = {WORD("hooks.slack.com/services/"),
	    WORD("hooks.slack.com/workflows/"), WORD("discord.com/api/webhooks/"),
	    WORD("discordapp.com/api/webhooks/"), WORD("api.telegram.org/bot"),
	    WORD("hooks.zapier.com/hooks/catch/")};

	for (size_t k = 0; k < COUNT(hooks); k++) {
		size_t start = host + hooks[k].len, end;

		if (at(f, host) != (unsigned char)*hooks[k].text || !find_says(f, host, hooks[k].text))
			continue;
		end = url_end(f, start);
		if (end - start < 16 || !find_report(f, PII_SECRET, start, end, PII_CERTAIN, "webhook"))
			return false;
		f->done = end;
		return true;
	}
	return false;
}

/* i: of the : in ://. The whole, and user:password@. */
void
find_url(struct find *f, size_t i)
{
	size_t start = i, host = i + 3, end, sign = 0, colon = 0;
	bool all = escaped(f, i); /* in a URL that is escaped as a whole its signs are, too */

	while (start > 0 && i - start < 16 &&
	       (byte_is[f->p[start - 1]] & IS_ALNUM || strchr("+.-", f->p[start - 1])) && f->p[start - 1])
		start--;
	if (start == i)
		return;
	for (end = host; end < f->len && end - host < 512; end++) {
		if (escaped(f, end) && !all)
			continue;
		if (ends_of[f->p[end]])
			break;
		if (f->p[end] == '@')
			sign = end;
		else if (f->p[end] == ':' && !colon)
			colon = end;
	}
	/* a password with a / or # in it, where no port stands before them */
	if (colon && !sign && (at(f, end) == '/' || at(f, end) == '#') && end > colon + 1 &&
	    f->p[host] != '[' && is(f, colon + 1, IS_ALNUM) && find_past(f, colon + 1, IS_DIGIT, 8) < end)
		for (size_t k = end; k < f->len && k - host < 256 && !(byte_is[f->p[k]] & IS_END); k++)
			if (f->p[k] == '@' && is(f, k + 1, IS_ALNUM))
				sign = k;
	if (wanted(f, PII_URL) && start >= f->url_done) {
		f->url_done = url_end(f, host);
		find_report(f, PII_URL, start, f->url_done, PII_CERTAIN, "url");
	}
	if (find_hook(f, host))
		return;
	/* without a password the name is a key where it is nobody's: https://gho_...@github.com */
	if (sign > host &&
	    ((colon && colon < sign && sign > colon + 1) ||
		(!colon && sign - host >= 16 && find_past(f, host, IS_WORD, sign - host) == sign &&
		    find_past(f, host, IS_ALPHA | IS_UNDER, sign - host) < sign)) &&
	    find_report(f, PII_URL_CREDENTIALS, host, sign, PII_CERTAIN, "user and password"))
		f->done = sign + 1;
}

void
find_www(struct find *f)
{
	const unsigned char *p = f->p;

	if (!wanted(f, PII_URL))
		return;
	while ((p = memmem(p, (size_t)(f->p + f->len - p), "www.", 4))) {
		size_t i = (size_t)(p - f->p);

		if (!after(f, i, IS_WORD) && is(f, i + 4, IS_ALNUM) &&
		    (i == 0 || !strchr("/@.", f->p[i - 1])))
			find_report(f, PII_URL, i, url_end(f, i), PII_CERTAIN, "www");
		p += 4;
	}
}
