#include "jsonb.h"

#include "buf.h"

#include <limits.h>
#include <stdint.h>

#define REPAIRED	 "\\ufffd" /* what stands in the place of a repaired escape, just as long */
#define ESCAPE		 6	   /* bytes of \uXXXX */
#define DIGITS_BEFORE	 131072	   /* PostgreSQL's numeric: digits before the point */
#define DIGITS_AFTER	 16383	   /* and behind it */
#define EXPONENT_TOO_BIG (INT_MAX / 2)

struct parser {
	struct arena *a;
	const char *start, *p, *end;
	json_map_fn *map;
	void *arg;
	struct str key;	 /* of the top-level member we are in */
	struct str name; /* of the member we are in */
	bool repaired;
	struct buf out; /* the text up to copied, where it is not as it came */
	const char *copied;
};

static const char *parse_value(struct parser *ps, int depth);

static const char *
wrong_at(struct parser *ps, const char *what, const char *p)
{
	if (p >= ps->end)
		return "it ends early";
	return arena_printf(ps->a, "%s at byte %zu", what, (size_t)(p - ps->start) + 1);
}

static void
skip_space(struct parser *ps)
{
	while (ps->p < ps->end && (*ps->p == ' ' || *ps->p == '\t' || *ps->p == '\n' || *ps->p == '\r'))
		ps->p++;
}

static bool
next_is(const struct parser *ps, char c)
{
	return ps->p < ps->end && *ps->p == c;
}

/* Puts something else in the place of was. */
static void
replace(struct parser *ps, struct str was, struct str now)
{
	buf_put(&ps->out, ps->copied, (size_t)(was.p - ps->copied));
	buf_put(&ps->out, now.p, now.len);
	ps->copied = was.p + was.len;
}

/* The value of \uXXXX at p, or -1 where there is none. */
static int
hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < ESCAPE || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (p += 2, end = p + 4; p < end; p++) {
		if (*p >= '0' && *p <= '9')
			v = v * 16 + (*p - '0');
		else if ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'f')
			v = v * 16 + ((*p | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return v;
}

static bool
is_high(int v)
{
	return v >= 0xd800 && v <= 0xdbff;
}

static bool
is_low(int v)
{
	return v >= 0xdc00 && v <= 0xdfff;
}

/* The length of the escape at p, 0 where it is none. *bad: jsonb refuses it, and it needs repair. */
static size_t
escape(const char *p, const char *end, bool *bad)
{
	int v = hex4(p, end);

	*bad = false;
	if (v < 0)
		return end - p >= 2 && memchr("\"\\/bfnrt", p[1], 8) ? 2 : 0;
	if (is_high(v) && is_low(hex4(p + ESCAPE, end)))
		return (size_t)2 * ESCAPE;
	*bad = v == 0 || is_high(v) || is_low(v);
	return ESCAPE;
}

/* raw with every bad escape replaced. */
static struct str
repair(struct parser *ps, struct str raw)
{
	char *copy = arena_alloc(ps->a, raw.len);
	bool bad;

	memcpy(copy, raw.p, raw.len);
	for (size_t i = 0; i < raw.len;) {
		size_t n = raw.p[i] == '\\' ? escape(raw.p + i, raw.p + raw.len, &bad) : 1;

		if (raw.p[i] == '\\' && bad)
			memcpy(copy + i, REPAIRED, ESCAPE);
		i += n;
	}
	ps->repaired = true;
	return (struct str){copy, raw.len};
}

/* A string: *was is what stands between the quotes, *now the same repaired. */
static const char *
parse_string(struct parser *ps, struct str *was, struct str *now)
{
	const char *begin = ++ps->p;
	bool any = false;

	for (;;) {
		bool bad = false;
		size_t n = 1;

		if (ps->p == ps->end)
			return wrong_at(ps, "", ps->p);
		if (*ps->p == '"')
			break;
		if ((unsigned char)*ps->p < 0x20)
			return wrong_at(ps, "control character in a string", ps->p);
		if (*ps->p == '\\')
			n = escape(ps->p, ps->end, &bad);
		if (n == 0)
			return wrong_at(ps, "bad escape", ps->p);
		any |= bad;
		ps->p += n;
	}
	*was = (struct str){begin, (size_t)(ps->p++ - begin)};
	*now = any ? repair(ps, *was) : *was;
	return NULL;
}

static const char *
parse_string_value(struct parser *ps)
{
	struct str was, now;
	const char *wrong = parse_string(ps, &was, &now);

	if (wrong)
		return wrong;
	if (ps->map)
		now = ps->map(ps->arg, ps->key, ps->name, now);
	if (now.p != was.p || now.len != was.len)
		replace(ps, was, now);
	return NULL;
}

static char *
put_utf8(char *out, int v)
{
	if (v < 0x80) {
		*out++ = (char)v;
		return out;
	}
	if (v < 0x800) {
		*out++ = (char)(0xc0 | v >> 6);
	} else {
		if (v < 0x10000) {
			*out++ = (char)(0xe0 | v >> 12);
		} else {
			*out++ = (char)(0xf0 | v >> 18);
			*out++ = (char)(0x80 | (v >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (v >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (v & 0x3f));
	return out;
}

/* What the escapes of a checked and repaired string mean; never longer than they are. */
struct str
jsonb_decode(struct arena *a, struct str raw)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *p = raw.p, *end = raw.p + raw.len;
	char *text, *out;

	if (!raw.len || !memchr(raw.p, '\\', raw.len))
		return raw;
	out = text = arena_alloc(a, raw.len);
	while (p < end) {
		int v;

		if (*p != '\\') {
			*out++ = *p++;
			continue;
		}
		v = hex4(p, end);
		if (v < 0) {
			*out++ = meant[strchr(letters, p[1]) - letters];
			p += 2;
			continue;
		}
		p += ESCAPE;
		if (is_high(v)) {
			v = 0x10000 + ((v - 0xd800) << 10) + (hex4(p, end) - 0xdc00);
			p += ESCAPE;
		}
		out = put_utf8(out, v);
	}
	return (struct str){text, (size_t)(out - text)};
}

struct str
jsonb_encode(struct arena *a, struct str text)
{
	static const char hex[] = "0123456789abcdef";
	char *p = arena_alloc(a, 6 * text.len + 1), *out = p;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '"' || c == '\\') {
			*out++ = '\\';
			*out++ = (char)c;
		} else if (c < 0x20) {
			memcpy(out, "\\u00", 4);
			out[4] = hex[c >> 4];
			out[5] = hex[c & 15];
			out += 6;
		} else {
			*out++ = (char)c;
		}
	}
	return (struct str){p, (size_t)(out - p)};
}

static const char *
parse_key(struct parser *ps, int depth)
{
	struct str was, now;
	const char *wrong;

	if (!next_is(ps, '"'))
		return wrong_at(ps, "no key", ps->p);
	wrong = parse_string(ps, &was, &now);
	if (wrong)
		return wrong;
	if (now.p != was.p)
		replace(ps, was, now);
	if (ps->map)
		ps->name = jsonb_decode(ps->a, now);
	if (depth == 1)
		ps->key = ps->name;
	skip_space(ps);
	if (!next_is(ps, ':'))
		return wrong_at(ps, "no colon", ps->p);
	ps->p++;
	return NULL;
}

/* How many digits stand at p. */
static size_t
digits(struct parser *ps)
{
	const char *begin = ps->p;

	while (ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9')
		ps->p++;
	return (size_t)(ps->p - begin);
}

/* The exponent behind the 'e'; one that is too big for anybody stays at the bound. False: not a number. */
static bool
parse_exponent(struct parser *ps, int64_t *exponent)
{
	bool minus = next_is(ps, '-');
	const char *p;

	if (minus || next_is(ps, '+'))
		ps->p++;
	p = ps->p;
	if (digits(ps) == 0)
		return false;
	for (*exponent = 0; p < ps->p; p++)
		if (*exponent < EXPONENT_TOO_BIG)
			*exponent = *exponent * 10 + (*p - '0');
	if (*exponent > EXPONENT_TOO_BIG)
		*exponent = EXPONENT_TOO_BIG;
	if (minus)
		*exponent = -*exponent;
	return true;
}

/* Would numeric take it? As numeric_in() of PostgreSQL 15: a zero may have any exponent, but no such scale.
 */
static bool
fits(const char *whole, size_t nwhole, const char *part, size_t npart, int64_t exponent)
{
	int64_t scale = (int64_t)npart - exponent, first = (int64_t)nwhole;
	size_t zeros = 0;

	if (exponent >= EXPONENT_TOO_BIG || exponent <= -EXPONENT_TOO_BIG || scale > DIGITS_AFTER)
		return false;
	if (*whole == '0') {
		while (zeros < npart && part[zeros] == '0')
			zeros++;
		if (zeros == npart)
			return true;
		first = -(int64_t)zeros;
	}
	return first + exponent <= DIGITS_BEFORE;
}

static const char *
parse_number(struct parser *ps)
{
	const char *begin = ps->p, *whole, *part = NULL;
	size_t nwhole, npart = 0;
	int64_t exponent = 0;

	if (*ps->p == '-')
		ps->p++;
	whole = ps->p;
	nwhole = digits(ps);
	if (nwhole == 0 || (nwhole > 1 && *whole == '0'))
		return wrong_at(ps, "bad number", begin);
	if (next_is(ps, '.')) {
		part = ++ps->p;
		npart = digits(ps);
		if (npart == 0)
			return wrong_at(ps, "bad number", begin);
	}
	if (next_is(ps, 'e') || next_is(ps, 'E')) {
		ps->p++;
		if (!parse_exponent(ps, &exponent))
			return wrong_at(ps, "bad number", begin);
	}
	return fits(whole, nwhole, part, npart, exponent) ? NULL : wrong_at(ps, "number too long", begin);
}

static const char *
parse_word(struct parser *ps)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(ps->end - ps->p) >= n && memcmp(ps->p, words[i], n) == 0) {
			ps->p += n;
			return NULL;
		}
	}
	return wrong_at(ps, "no value", ps->p);
}

/* An object or an array; ps->p is at its bracket. */
static const char *
parse_container(struct parser *ps, int depth)
{
	bool object = *ps->p == '{';
	char close = object ? '}' : ']';
	const char *wrong = NULL;

	if (depth > JSON_MAX_DEPTH)
		return "nested deeper than 64 levels";
	ps->p++;
	skip_space(ps);
	if (next_is(ps, close)) {
		ps->p++;
		return NULL;
	}
	for (;;) {
		skip_space(ps);
		if (object)
			wrong = parse_key(ps, depth);
		if (!wrong)
			wrong = parse_value(ps, depth);
		if (wrong)
			return wrong;
		skip_space(ps);
		if (next_is(ps, close))
			break;
		if (!next_is(ps, ','))
			return wrong_at(ps, "no comma", ps->p);
		ps->p++;
	}
	ps->p++;
	return NULL;
}

/* A value inside of depth levels. */
static const char *
parse_value(struct parser *ps, int depth)
{
	skip_space(ps);
	if (ps->p == ps->end)
		return wrong_at(ps, "", ps->p);
	switch (*ps->p) {
	case '{':
	case '[':
		return parse_container(ps, depth + 1);
	case '"':
		return parse_string_value(ps);
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		return parse_number(ps);
	default:
		return parse_word(ps);
	}
}

const char *
jsonb_check(struct arena *a, struct str s, json_map_fn *map, void *arg, struct str *out, bool *repaired)
{
	struct parser ps = {
	    .a = a, .start = s.p, .p = s.p, .end = s.p + s.len, .map = map, .arg = arg, .copied = s.p};
	const char *wrong;

	skip_space(&ps);
	if (!next_is(&ps, '{'))
		return "not an object";
	wrong = parse_container(&ps, 1);
	if (!wrong) {
		skip_space(&ps);
		if (ps.p < ps.end)
			wrong = wrong_at(&ps, "something after the object", ps.p);
	}
	if (!wrong && ps.copied > s.p) {
		buf_put(&ps.out, ps.copied, (size_t)(ps.end - ps.copied));
		*out = arena_dup(a, (struct str){ps.out.p, ps.out.len});
	} else if (!wrong) {
		*out = s;
	}
	if (!wrong && ps.repaired)
		*repaired = true;
	buf_free(&ps.out);
	return wrong;
}
