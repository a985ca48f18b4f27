#include "pii_view.h"

#include "arena.h"
#include "text.h"

#include <ctype.h>
#include <stdlib.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define GONE	 0xff
#define NOTHING	 UINT32_MAX /* the code of an escape that no character is behind */

/* The zeros of the decimal digits (Unicode 14, category Nd): nine more follow each. */
static const uint32_t zeros[] = {0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6,
    0xd66, 0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30,
    0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0,
    0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec,
    0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0};

/* Characters that look like one of ASCII, or like nothing. */
static const struct look {
	uint32_t from, to;
	unsigned char as;
} looks[] = {
    {0x00a0, 0x00a0, ' '},
    {0x00ad, 0x00ad, GONE},
    {0x00b7, 0x00b7, '.'},
    {0x034f, 0x034f, GONE},
    {0x05be, 0x05be, '-'},
    {0x061c, 0x061c, GONE},
    {0x066b, 0x066b, '.'},
    {0x115f, 0x1160, GONE},
    {0x1680, 0x1680, ' '},
    {0x17b4, 0x17b5, GONE},
    {0x180b, 0x180f, GONE},
    {0x2000, 0x200a, ' '},
    {0x200b, 0x200f, GONE},
    {0x2010, 0x2015, '-'},
    {0x2024, 0x2024, '.'},
    {0x2027, 0x2027, '.'},
    {0x2028, 0x2029, '\n'},
    {0x202a, 0x202e, GONE},
    {0x202f, 0x202f, ' '},
    {0x2043, 0x2043, '-'},
    {0x2044, 0x2044, '/'},
    {0x205f, 0x205f, ' '},
    {0x2060, 0x206f, GONE},
    {0x20e3, 0x20e3, GONE},
    {0x2212, 0x2212, '-'},
    {0x2215, 0x2215, '/'},
    {0x2236, 0x2236, ':'},
    {0x2500, 0x2501, '-'},
    {0x3000, 0x3000, ' '},
    {0x3164, 0x3164, GONE},
    {0xa789, 0xa789, ':'},
    {0xfe00, 0xfe0f, GONE},
    {0xfe52, 0xfe52, '.'},
    {0xfe55, 0xfe55, ':'},
    {0xfe58, 0xfe58, '-'},
    {0xfe5f, 0xfe5f, '#'},
    {0xfe62, 0xfe62, '+'},
    {0xfe63, 0xfe63, '-'},
    {0xfe6b, 0xfe6b, '@'},
    {0xfeff, 0xfeff, GONE},
    {0xff61, 0xff61, '.'},
    {0xffa0, 0xffa0, GONE},
    {0x1d173, 0x1d17a, GONE},
    {0xe0000, 0xe0fff, GONE},
};

/* What stands for a character in the view; 0: itself. GONE: nothing. */
static unsigned char
looks_like(uint32_t c)
{
	size_t from = 0, to = COUNT(looks);

	if (c >= 0xff01 && c <= 0xff5e) /* full-width ASCII */
		return (unsigned char)(c - 0xff01 + '!');
	while (from < to) {
		size_t mid = (from + to) / 2;

		if (c > looks[mid].to)
			from = mid + 1;
		else if (c < looks[mid].from)
			to = mid;
		else
			return looks[mid].as;
	}
	for (from = 0, to = COUNT(zeros); from < to;) {
		size_t mid = (from + to) / 2;

		if (c > zeros[mid] + 9)
			from = mid + 1;
		else if (c < zeros[mid])
			to = mid;
		else
			return (unsigned char)('0' + c - zeros[mid]);
	}
	return 0;
}

static uint32_t
code_of(const unsigned char *p, size_t n)
{
	switch (n) {
	case 2:
		return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
	case 3:
		return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	default:
		return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
		       (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
	}
}

/* Most kana, the rest of the Korean characters, quotes, bullets, currencies and most emoji stand for
 * themselves, as what usual_end() passes over does: no need to look them up. */
static bool
plain(const unsigned char *p)
{
	return (p[0] == 0xe3 && p[1] != 0x80 && p[1] != 0x85) || p[0] == 0xed ||
	       (p[0] == 0xe2 && p[1] == 0x80 && ((p[2] >= 0x98 && p[2] <= 0xa3) || p[2] == 0xa6)) ||
	       (p[0] == 0xe2 && p[1] == 0x82) || (p[0] == 0xf0 && p[1] == 0x9f && p[2] != 0xaf);
}

/* ---- escapes ---- */

/* What programs write for a character: \\u0022, \\x22 and \\042, however often the backslash is doubled, %22,
 * &quot; and &#34;; and the colours of terminals, which stand for nothing. What stands for more than one
 * thing is left: \\n may begin a folder's name, %41 be a share. */

/* The value of n hexadecimal digits at i; -1: there are none. */
static int32_t
hex_at(struct str t, size_t i, int n)
{
	int32_t v = 0;

	if (t.len < (size_t)n || i > t.len - (size_t)n)
		return -1;
	for (; n > 0; n--, i++) {
		unsigned char c = (unsigned char)t.p[i], low = c | 0x20;

		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if (low >= 'a' && low <= 'f')
			v = v << 4 | (low - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* Is it a sign of ASCII, or a space? Nobody escapes letters and digits, and what looks like it is a part of a
 * name. */
static bool
plain_escape(int32_t c)
{
	return (c >= ' ' || (c >= '\t' && c <= '\r')) && c < 0x7f && !isalnum(c);
}

static bool
says(struct str t, size_t i, const char *text)
{
	size_t n = strlen(text);

	return t.len >= n && i <= t.len - n && !memcmp(t.p + i, text, n);
}

/* The end of a terminal's sequence behind its ESC: [31m; 0 where there is none. */
static size_t
colour_end(struct str t, size_t i)
{
	size_t max = t.len - i < 32 ? t.len : i + 32;

	if (i >= t.len || t.p[i] != '[')
		return 0;
	for (i++; i < max && t.p[i] >= '0' && t.p[i] <= '?'; i++)
		;
	return i < max && t.p[i] >= '@' && t.p[i] <= '~' ? i + 1 : 0;
}

/* \\042: a sign or a new line, in octal; the digits at i. */
static size_t
octal_end(struct str t, size_t i, uint32_t *code)
{
	if (i + 3 > t.len || t.p[i + 1] < '0' || t.p[i + 1] > '7' || t.p[i + 2] < '0' || t.p[i + 2] > '7')
		return 0;
	*code = (uint32_t)((t.p[i + 1] - '0') * 8 + t.p[i + 2] - '0');
	return *code == ' ' || ispunct((int)*code) || (*code >= '\t' && *code <= '\r') ? i + 3 : 0;
}

static size_t
backslash_end(struct str t, size_t i, uint32_t *code)
{
	size_t start = i;
	int32_t v = -1, low;

	while (i < t.len && i - start < 8 && t.p[i] == '\\')
		i++;
	if (i == t.len)
		return 0;
	switch (t.p[i]) {
	case '/':
		*code = '/';
		return i + 1;
	case 'e':
		*code = 0x1b;
		return colour_end(t, i + 1) ? i + 1 : 0;
	case '0':
		*code = 0x1b;
		if (says(t, i, "033"))
			return colour_end(t, i + 3) ? i + 3 : 0;
		return octal_end(t, i, code);
	case 'x':
		v = hex_at(t, i + 1, 2);
		v = v == 0xa0 || v == 0x1b || (v < 0x80 && plain_escape(v)) ? v : -1; /* C:\\xadmin */
		i += 3;
		break;
	case 'u':
		v = hex_at(t, i + 1, 4);
		i += 5;
		low = v >= 0xd800 && v < 0xdc00 && says(t, i, "\\u") ? hex_at(t, i + 2, 4) : -1;
		if (low >= 0xdc00 && low < 0xe000) {
			v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
			i += 6;
		}
		break;
	}
	*code = (uint32_t)v;
	return v < 0 ? 0 : i;
}

/* %40; %2540 where that was done twice. */
static size_t
percent_end(struct str t, size_t i, uint32_t *code)
{
	char utf8[4];
	size_t n;

	for (i++; says(t, i, "25") && hex_at(t, i + 2, 2) >= 0; i += 2)
		;
	for (n = 0; n < sizeof utf8; n++) {
		int32_t v = hex_at(t, i + 3 * n, 2);

		if (v < 0 || (n > 0 && (v & 0xc0) != 0x80))
			break;
		utf8[n] = (char)v;
		if (v < 0x80 || !says(t, i + 3 * n + 2, "%")) {
			n++;
			break;
		}
	}
	if (n == 0)
		return 0;
	if ((unsigned char)*utf8 < 0x80) {
		*code = (unsigned char)*utf8;
		return (*code >= ' ' || (*code >= '\t' && *code <= '\r')) && *code < 0x7f &&
			       !isalnum((int)*code)
			   ? i + 2
			   : 0;
	}
	n = text_char(utf8, n);
	if (n == 0)
		return 0;
	*code = code_of((const unsigned char *)utf8, n);
	return i + 3 * n - 1;
}

static size_t
entity_end(struct str t, size_t i, uint32_t *code)
{
	static const struct {
		const char *name;
		uint16_t code;
	} names[] = {{"nbsp;", 0xa0}, {"quot;", '"'}, {"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'},
	    {"apos;", '\''}, {"commat;", '@'}, {"period;", '.'}, {"colon;", ':'}, {"sol;", '/'},
	    {"plus;", '+'}, {"equals;", '='}, {"lowbar;", '_'}, {"hyphen;", '-'}, {"dash;", '-'},
	    {"minus;", '-'}, {"ndash;", '-'}, {"mdash;", '-'}, {"lpar;", '('}, {"rpar;", ')'}, {"num;", '#'},
	    {"ensp;", ' '}, {"emsp;", ' '}, {"thinsp;", ' '}, {"shy;", 0xad}, {"zwnj;", 0x200c},
	    {"zwj;", 0x200d}};
	uint32_t v = 0;
	size_t start;

	i++;
	if (!says(t, i, "#")) {
		for (size_t k = 0; k < COUNT(names); k++)
			if (says(t, i, names[k].name)) {
				*code = names[k].code;
				return i + strlen(names[k].name);
			}
		return 0;
	}
	i++;
	if (i < t.len && (t.p[i] | 0x20) == 'x') {
		for (start = ++i; i < t.len && i - start < 6 && hex_at(t, i, 1) >= 0; i++)
			v = v << 4 | (uint32_t)hex_at(t, i, 1);
	} else {
		for (start = i; i < t.len && i - start < 7 && t.p[i] >= '0' && t.p[i] <= '9'; i++)
			v = 10 * v + (uint32_t)(t.p[i] - '0');
	}
	*code = v;
	return i > start && says(t, i, ";") ? i + 1 : 0;
}

/* What stands at i instead of a character: its end, or 0. *code: the character, or NOTHING. */
static size_t
escape_end(struct str t, size_t i, uint32_t *code)
{
	size_t end = 0, colour;

	switch (t.p[i]) {
	case '\\':
		end = backslash_end(t, i, code);
		break;
	case '%':
		end = percent_end(t, i, code);
		break;
	case '&':
		end = entity_end(t, i, code);
		break;
	case 0x1b:
		*code = 0x1b;
		end = colour_end(t, i + 1) ? i + 1 : 0;
		break;
	}
	if (!end)
		return 0;
	if (*code == 0x1b && (colour = colour_end(t, end))) {
		*code = NOTHING;
		return colour;
	}
	if (*code == 0 || (*code >= 0xd800 && *code < 0xe000) || *code > 0x10ffff)
		*code = 0xfffd;
	return end;
}

/* ---- bytes that stand for themselves ---- */

static void
view_room(struct view *v, size_t len)
{
	if (v->cap >= len + 1)
		return;
	v->cap = len + len / 2 + 64;
	v->own = xrealloc(v->own, v->cap);
	v->map = xrealloc(v->map, v->cap * sizeof *v->map);
}

/* May the byte be no ASCII, or the first of an escape? */
static bool
odd(char c)
{
	return (unsigned char)c >= 0x80 || c == '\\' || c == '%' || c == '&' || c == 0x1b;
}

#if !defined(__SSE2__)
#define ONES UINT64_C(0x0101010101010101)
#define TOPS (ONES << 7)

/* The top bit of each byte of v that is c; and perhaps of the one behind it. */
static uint64_t
has_byte(uint64_t v, unsigned char c)
{
	v ^= ONES * c;
	return (v - ONES) & ~v;
}
#endif

#if defined(__SSE2__)
/* The top bit of each of sixteen such bytes. */
static __m128i
odd_bytes(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i back = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')), url = _mm_cmpeq_epi8(v, _mm_set1_epi8('%'));
	__m128i html = _mm_cmpeq_epi8(v, _mm_set1_epi8('&')), esc = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x1b));

	return _mm_or_si128(_mm_or_si128(v, esc), _mm_or_si128(_mm_or_si128(back, url), html));
}

static bool
odd_in_64(const char *p)
{
	return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(odd_bytes(p), odd_bytes(p + 16)),
	    _mm_or_si128(odd_bytes(p + 32), odd_bytes(p + 48))));
}
#endif

/* The first such byte at or behind at. */
static size_t
odd_at(struct str text, size_t at)
{
#if defined(__SSE2__)
	while (at < text.len && text.len >= 16) { /* the last sixteen once more, without those before at */
		size_t from = text.len - at < 16 ? text.len - 16 : at;
		unsigned bits = (unsigned)_mm_movemask_epi8(odd_bytes(text.p + from)) >> (at - from);

		if (bits)
			return at + (size_t)__builtin_ctz(bits);
		at = from + 16;
		while (text.len - at >= 64 && !odd_in_64(text.p + at))
			at += 64;
	}
#else
	for (; text.len - at >= 8; at += 8) {
		uint64_t v;

		memcpy(&v, text.p + at, 8);
		if ((v | has_byte(v, '\\') | has_byte(v, '%') | has_byte(v, '&') | has_byte(v, 0x1b)) & TOPS)
			break;
	}
#endif
	while (at < text.len && !odd(text.p[at]))
		at++;
	return at;
}

/* The length of a letter with an accent, of Greek or Cyrillic (c3 to d4 begin them), of most Chinese and
 * Korean characters; 0: of none of these. */
static size_t
usual_char(const unsigned char *p, size_t len)
{
	if (*p >= 0xc3 && *p <= 0xd4)
		return *p != 0xcd && len >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
	if (*p >= 0xe4 && *p <= 0xec)
		return *p != 0xea && len >= 3 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80 ? 3 : 0;
	return 0;
}

/* The first byte at or behind at that may not stand for itself. */
static size_t
usual_end(struct str text, size_t at)
{
	const unsigned char *p = (const unsigned char *)text.p;
	uint32_t code;
	size_t n;

	for (;;) {
		at = odd_at(text, at);
		if (at == text.len)
			return at;
		if (p[at] < 0x80) {
			if (escape_end(text, at, &code))
				return at;
			at++;
			continue;
		}
		if (!(n = usual_char(p + at, text.len - at)))
			return at;
		do
			at += n;
		while (at < text.len && (n = usual_char(p + at, text.len - at)));
	}
}

/* Bytes that stand for themselves. */
static void
view_copy(struct view *v, struct str text, size_t from, size_t to)
{
	uint32_t *map = v->map + v->len, start = (uint32_t)from;
	uint32_t n = (uint32_t)(to - from);

	memcpy(v->own + v->len, text.p + from, n);
	for (uint32_t i = 0; i < n; i++)
		map[i] = start + i;
	v->len += n;
}

static void
view_put(struct view *v, uint32_t at, uint32_t c)
{
	v->map[v->len] = at;
	v->own[v->len++] = (char)c;
}

/* One character that is not ASCII: its length, 0 where it is none. *as: what it looks like, 0: itself.
 * before: what stands before it in the view; behind a digit, the sign that makes a vowel long (U+30FC) is a
 * dash, as Japanese keyboards have it, and the dot between words (U+30FB) one between groups. */
static size_t
char_look(struct str text, size_t at, char before, unsigned char *as)
{
	size_t n = text_char(text.p + at, text.len - at);

	*as = n && !plain((const unsigned char *)text.p + at)
		  ? looks_like(code_of((const unsigned char *)text.p + at, n))
		  : 0;
	if (n == 3 && before >= '0' && before <= '9' && !memcmp(text.p + at, "\xe3\x83", 2))
		*as = text.p[at + 2] == '\xbc' ? '-' : text.p[at + 2] == '\xbb' ? '.' : *as;
	return n;
}

/* The character at `at`, which is not ASCII: its end, 0 where it is none. */
static size_t
view_char(struct view *v, struct str text, size_t at)
{
	unsigned char as;
	size_t n = char_look(text, at, v->len ? v->own[v->len - 1] : 0, &as);

	if (n == 0)
		return 0;
	if (!as)
		view_copy(v, text, at, at + n);
	else if (as != GONE)
		view_put(v, (uint32_t)at, as);
	return at + n;
}

/* The escape at `at`: its end. It is longer than the character that it stands for. */
static size_t
view_escape(struct view *v, struct str text, size_t at)
{
	uint32_t c, from = (uint32_t)at;
	size_t end = escape_end(text, at, &c);
	unsigned char as = c < 0x80 || c == NOTHING ? 0 : looks_like(c);

	/* of what is written so it may be said that it ends nothing; &amp; and \/ are what they stand for */
	if (text.p[at] == '%' || (text.p[at] == '\\' && c != '/'))
		from |= VIEW_ESCAPED;
	if (c == NOTHING || as == GONE)
		return end;
	if (c < 0x80 || as) {
		view_put(v, from, as ? as : c);
		return end;
	}
	if (c < 0x800) {
		view_put(v, from, 0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			view_put(v, from, 0xe0 | c >> 12);
		} else {
			view_put(v, from, 0xf0 | c >> 18);
			view_put(v, from, 0x80 | (c >> 12 & 0x3f));
		}
		view_put(v, from, 0x80 | (c >> 6 & 0x3f));
	}
	view_put(v, from, 0x80 | (c & 0x3f));
	return end;
}

/* From at on, where the text's first character stands that is different. */
static bool
view_build(struct view *v, struct str text, size_t at)
{
	view_room(v, text.len);
	v->len = 0;
	view_copy(v, text, 0, at);
	while (at < text.len) {
		size_t end;

		at = (unsigned char)text.p[at] < 0x80 ? view_escape(v, text, at) : view_char(v, text, at);
		if (!at)
			return false;
		end = usual_end(text, at);
		view_copy(v, text, at, end);
		at = end;
	}
	v->map[v->len] = (uint32_t)text.len;
	v->p = v->own;
	v->same = false;
	return true;
}

bool
view_of(struct view *v, struct str text)
{
	size_t n;

	if (text.len >= VIEW_ESCAPED)
		return false;
	v->text = text;
	for (size_t at = usual_end(text, 0); at < text.len; at = usual_end(text, at + n)) {
		unsigned char as;

		if ((unsigned char)text.p[at] < 0x80) /* an escape */
			return view_build(v, text, at);
		n = char_look(text, at, at ? text.p[at - 1] : 0, &as);
		if (n == 0)
			return false;
		if (as)
			return view_build(v, text, at);
	}
	v->p = text.p;
	v->len = text.len;
	v->same = true;
	return true;
}

size_t
view_start(const struct view *v, size_t at)
{
	return v->same ? at : v->map[at] & ~VIEW_ESCAPED;
}

/* The end of the last character, whatever stood for it; what vanished behind it does not belong to it. */
size_t
view_end(const struct view *v, size_t at)
{
	size_t last, end, n;
	uint32_t c;

	if (v->same || at == 0)
		return at;
	last = v->map[at - 1] & ~VIEW_ESCAPED;
	end = escape_end(v->text, last, &c);
	n = text_char(v->text.p + last, v->text.len - last);
	return end ? end : last + (n ? n : 1);
}

void
view_free(struct view *v)
{
	free(v->own);
	free(v->map);
	*v = (struct view){0};
}
