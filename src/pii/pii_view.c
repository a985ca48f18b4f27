#include "pii_view.h"

#include "arena.h"
#include "text.h"

#include <endian.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define GONE	 0xff

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

/* Of eight bytes at p the top bits; the first byte's are the lowest. */
static uint64_t
tops(const char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return le64toh(v) & UINT64_C(0x8080808080808080);
}

static void
view_room(struct view *v, size_t len)
{
	if (v->cap >= len + 1)
		return;
	v->cap = len + len / 2 + 64;
	v->own = xrealloc(v->own, v->cap);
	v->map = xrealloc(v->map, v->cap * sizeof *v->map);
}

/* The first byte at or behind at that is not ASCII. */
static size_t
ascii_end(struct str text, size_t at)
{
	while (text.len - at >= 32 &&
	       !(tops(text.p + at) | tops(text.p + at + 8) | tops(text.p + at + 16) | tops(text.p + at + 24)))
		at += 32;
	for (; text.len - at >= 8; at += 8) {
		uint64_t top = tops(text.p + at);

		if (top)
			return at + (size_t)__builtin_ctzll(top) / 8;
	}
	if (at < text.len && text.len >= 8) { /* the last eight, without those before at */
		uint64_t top = tops(text.p + text.len - 8) >> 8 * (8 - (text.len - at));

		return top ? at + (size_t)__builtin_ctzll(top) / 8 : text.len;
	}
	while (at < text.len && (unsigned char)text.p[at] < 0x80)
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
	size_t n;

	for (;;) {
		at = ascii_end(text, at);
		if (at == text.len || !(n = usual_char(p + at, text.len - at)))
			return at;
		do
			at += n;
		while (at < text.len && (n = usual_char(p + at, text.len - at)));
	}
}

/* Bytes that stand for themselves. */
static size_t
view_copy(struct view *v, size_t out, struct str text, size_t from, size_t to)
{
	uint32_t *map = v->map + out, start = (uint32_t)from;
	uint32_t n = (uint32_t)(to - from);

	memcpy(v->own + out, text.p + from, n);
	for (uint32_t i = 0; i < n; i++)
		map[i] = start + i;
	return out + n;
}

/* One character that is not ASCII: its length, 0 where it is none. *as: what it looks like, 0: itself.
 * before: what stands before it in the view; behind a digit, the sign that makes a vowel long (U+30FC) is a
 * dash, as Japanese keyboards have it. */
static size_t
char_look(struct str text, size_t at, char before, unsigned char *as)
{
	size_t n = text_char(text.p + at, text.len - at);

	*as = n && !plain((const unsigned char *)text.p + at)
		  ? looks_like(code_of((const unsigned char *)text.p + at, n))
		  : 0;
	if (n == 3 && before >= '0' && before <= '9' && !memcmp(text.p + at, "\xe3\x83\xbc", 3))
		*as = '-';
	return n;
}

/* From at on, the text's first character that is different. */
static bool
view_build(struct view *v, struct str text, size_t at)
{
	size_t out;

	view_room(v, text.len);
	out = view_copy(v, 0, text, 0, at);
	while (at < text.len) {
		size_t end = usual_end(text, at), n;
		unsigned char as;

		out = view_copy(v, out, text, at, end);
		at = end;
		if (at == text.len)
			break;
		n = char_look(text, at, out ? v->own[out - 1] : 0, &as);
		if (n == 0)
			return false;
		if (!as) {
			out = view_copy(v, out, text, at, at + n);
		} else if (as != GONE) {
			v->map[out] = (uint32_t)at;
			v->own[out++] = (char)as;
		}
		at += n;
	}
	v->map[out] = (uint32_t)text.len;
	v->p = v->own;
	v->len = out;
	v->text = text.p;
	v->same = false;
	return true;
}

bool
view_of(struct view *v, struct str text)
{
	if (text.len >= UINT32_MAX)
		return false;
	for (size_t at = usual_end(text, 0), n; at < text.len; at = usual_end(text, at + n)) {
		unsigned char as;

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
	return v->same ? at : v->map[at];
}

/* The end of the last character, whatever stood for it; what vanished behind it does not belong to it. */
size_t
view_end(const struct view *v, size_t at)
{
	size_t last, n;

	if (v->same || at == 0)
		return at;
	last = v->map[at - 1];
	n = text_char(v->text + last, v->map[at] - last);
	return last + (n ? n : 1);
}

void
view_free(struct view *v)
{
	free(v->own);
	free(v->map);
	*v = (struct view){0};
}
