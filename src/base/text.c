#include "text.h"

#include <stdint.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static bool
tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t
text_char(const char *p, size_t len)
{
	const unsigned char *s = (const unsigned char *)p;

	if (len == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return len >= 2 && tail(s[1]) ? 2 : 0;
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		if (len < 3 || !tail(s[1]) || !tail(s[2]))
			return 0;
		if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
			return 0; /* overlong, surrogate */
		return 3;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		if (len < 4 || !tail(s[1]) || !tail(s[2]) || !tail(s[3]))
			return 0;
		if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
			return 0; /* overlong, beyond U+10FFFF */
		return 4;
	}
	return 0;
}

/* How many bytes from the start are fine as they are. */
static size_t
fine(struct str s)
{
	size_t i = 0;

	while (i < s.len) {
		uint64_t w;
		size_t n;

		/* eight ASCII bytes at once, none of them zero */
		if (s.len - i >= sizeof w) {
			memcpy(&w, s.p + i, sizeof w);
			if (!((w | (w - 0x0101010101010101u)) & 0x8080808080808080u)) {
				i += sizeof w;
				continue;
			}
		}
		n = text_char(s.p + i, s.len - i);
		if (n == 0 || s.p[i] == '\0')
			break;
		i += n;
	}
	return i;
}

struct str
text_repair(struct arena *a, struct str s, bool *repaired)
{
	size_t i = fine(s), out;
	char *p;

	if (i == s.len)
		return s;
	*repaired = true;
	p = arena_alloc(a, 3 * s.len);
	memcpy(p, s.p, i);
	out = i;
	while (i < s.len) {
		size_t n = text_char(s.p + i, s.len - i);

		if (n > 0 && s.p[i] != '\0') {
			memcpy(p + out, s.p + i, n);
			out += n;
			i += n;
			continue;
		}
		memcpy(p + out, REPLACEMENT, 3);
		out += 3;
		if (n == 1) /* U+0000: a character of its own */
			i++;
		else
			while (i < s.len && text_char(s.p + i, s.len - i) == 0)
				i++;
	}
	return (struct str){p, out};
}

size_t
text_chars(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static bool
blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str
text_match(struct arena *a, struct str s)
{
	const char *crlf;
	size_t out;
	char *p;

	while (s.len > 0 && blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && blank(s.p[s.len - 1]))
		s.len--;
	if (s.len == 0)
		return (struct str){0};
	crlf = memmem(s.p, s.len, "\r\n", 2);
	if (!crlf)
		return s;
	p = arena_alloc(a, s.len);
	out = 0;
	for (size_t i = 0; i < s.len; i++)
		if (!(s.p[i] == '\r' && i + 1 < s.len && s.p[i + 1] == '\n'))
			p[out++] = s.p[i];
	return (struct str){p, out};
}
