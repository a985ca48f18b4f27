#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define R "\xef\xbf\xbd" /* U+FFFD */
#define S(text)                       \
	{                             \
		text, sizeof text - 1 \
	}

/* Without a repair the very same bytes come back. */
static const struct {
	struct str in, out;
} repairs[] = {
    /* fine as they are */
    {S(""), S("")},
    {S("plain"), S("plain")},
    {S("sixteen bytes of"), S("sixteen bytes of")},
    {S("\x01\x7f"), S("\x01\x7f")},
    {S("\xc2\x80\xdf\xbf"), S("\xc2\x80\xdf\xbf")},
    {S("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"),
	S("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf")},
    {S("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), S("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")},
    {S(R), S(R)},

    /* U+0000: each one for itself */
    {S("\0"), S(R)},
    {S("\0\0"), S(R R)},
    {S("a\0b"), S("a" R "b")},
    {S("eight by\0es and more"), S("eight by" R "es and more")},
    {S("12345678"
       "1234567\0"),
	S("12345678"
	  "1234567" R)},

    /* a run of bytes that belong to nothing: one for all of it */
    {S("\x80"), S(R)},
    {S("\xff\xfe\xfd"), S(R)},
    {S("a\xff"
       "b\xff\xff"
       "c"),
	S("a" R "b" R "c")},
    {S("\xff\0\xff"), S(R R R)},
    {S("\0\xff\0"), S(R R R)},
    {S("\xff\xc3\xa9\xff"), S(R "\xc3\xa9" R)},
    {S("1234567\xff"
       "12345678"),
	S("1234567" R "12345678")},

    /* cut short */
    {S("\xc3"), S(R)},
    {S("a\xc3"), S("a" R)},
    {S("\xe2\x82"), S(R)},
    {S("\xf0\x9f\x98"), S(R)},
    {S("\xe2\x82\xc3\xa9"), S(R "\xc3\xa9")},
    {S("\xe2"
       "a"),
	S(R "a")},
    {S("\xf0\x9f"
       "ab"),
	S(R "ab")},
    {S("\xc3\0"), S(R R)},
    {S("\xe2\x82\0"), S(R R)},

    /* overlong, surrogates, beyond U+10FFFF: no characters at all */
    {S("\xc0\x80"), S(R)},
    {S("\xc1\xbf"), S(R)},
    {S("\xe0\x9f\xbf"), S(R)},
    {S("\xf0\x8f\xbf\xbf"), S(R)},
    {S("\xed\xa0\x80"), S(R)},
    {S("\xed\xbf\xbf"), S(R)},
    {S("\xed\xa0\xbd\xed\xb8\x80"), S(R)},
    {S("\xf4\x90\x80\x80"), S(R)},
    {S("\xf5\x80\x80\x80"), S(R)},
    {S("\xf8\x88\x80\x80\x80"), S(R)},
    {S("a\xed\xa0\x80"
       "b"),
	S("a" R "b")},
};

static bool
same(struct str a, struct str b)
{
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

static void
print_bytes(const char *what, struct str s)
{
	print_error(" %s", what);
	for (size_t i = 0; i < s.len; i++)
		print_error(" %02x", (unsigned char)s.p[i]);
}

/* In memory that ends where the text does, so that a sanitizer sees who reads on. */
static struct str
exact(struct str s)
{
	char *p = malloc(s.len ? s.len : 1);

	memcpy(p, s.p, s.len);
	return (struct str){p, s.len};
}

static void
repairs_text(void **state)
{
	struct arena a = {0};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof repairs / sizeof *repairs; i++) {
		struct str in = exact(repairs[i].in), out;
		bool repaired = false, changes = !same(repairs[i].in, repairs[i].out);

		out = text_repair(&a, in, &repaired);
		if (!same(out, repairs[i].out) || repaired != changes || (!changes && out.p != in.p)) {
			print_bytes("in", repairs[i].in);
			print_bytes("out", out);
			print_error(repaired ? ", repaired\n" : "\n");
			bad++;
		}
		free((void *)in.p);
	}
	arena_free(&a);
	assert_int_equal(bad, 0);
}

/* The worst case, every byte one that becomes three, in a piece that fills a block of its own. */
static void
has_room_for_repairs(void **state)
{
	enum { LEN = 100000 };
	struct arena a = {0};
	bool repaired = false;
	struct str out;
	char *zeros = calloc(LEN, 1);

	(void)state;
	out = text_repair(&a, (struct str){zeros, LEN}, &repaired);
	assert_int_equal(out.len, 3 * LEN);
	assert_int_equal(text_chars(out), LEN);
	free(zeros);
	arena_free(&a);
}

static void
leaves_repaired_alone(void **state)
{
	struct arena a = {0};
	bool repaired = true;

	(void)state;
	text_repair(&a, str_of("fine"), &repaired);
	assert_true(repaired);
	arena_free(&a);
}

/* The decoder of a table in the Unicode standard (3-7), byte by byte: every sequence of up to four bytes
 * agrees. */
static size_t
by_the_table(const unsigned char *s, size_t len)
{
	static const struct {
		unsigned char first, last, low, high; /* first byte from..to, second from..to */
		size_t n;
	} table[] = {
	    {0x00, 0x7f, 0x80, 0xbf, 1},
	    {0xc2, 0xdf, 0x80, 0xbf, 2},
	    {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3},
	    {0xed, 0xed, 0x80, 0x9f, 3},
	    {0xee, 0xef, 0x80, 0xbf, 3},
	    {0xf0, 0xf0, 0x90, 0xbf, 4},
	    {0xf1, 0xf3, 0x80, 0xbf, 4},
	    {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (s[0] < table[i].first || s[0] > table[i].last)
			continue;
		if (len < table[i].n || (table[i].n > 1 && (s[1] < table[i].low || s[1] > table[i].high)))
			return 0;
		for (size_t j = 2; j < table[i].n; j++)
			if (s[j] < 0x80 || s[j] > 0xbf)
				return 0;
		return table[i].n;
	}
	return 0;
}

static void
knows_characters(void **state)
{
	enum { N_TAILS = 10 };
	static const unsigned char tails[N_TAILS] = {
	    0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
	unsigned char s[4];

	(void)state;
	assert_int_equal(text_char("", 0), 0);
	for (unsigned i = 0; i < 0x10000; i++)
		for (size_t j = 0; j < N_TAILS * N_TAILS; j++)
			for (size_t len = 1; len <= 4; len++) {
				s[0] = (unsigned char)(i >> 8);
				s[1] = (unsigned char)i;
				s[2] = tails[j / N_TAILS];
				s[3] = tails[j % N_TAILS];
				if (text_char((const char *)s, len) != by_the_table(s, len))
					fail_msg(
					    "%02x %02x %02x %02x, %zu bytes", s[0], s[1], s[2], s[3], len);
			}
}

static const struct {
	const char *text;
	size_t chars;
} counts[] = {
    {"", 0},
    {"abc", 3},
    {"\xc3\xa9", 1},
    {"a\xe2\x82\xac"
     "b",
	3},
    {"\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 2},
    {"e\xcc\x81", 2}, /* an accent of its own is a code point */
    {"\r\n", 2},
};

static void
counts_characters(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		assert_int_equal(text_chars(str_of(counts[i].text)), counts[i].chars);
}

/* NULL: blank, no key. */
static const struct {
	const char *in, *out;
} matches[] = {
    {"a", "a"},
    {" a ", "a"},
    {" \t\n\v\f\ra\r\f\v\n\t ", "a"},
    {"a b", "a b"},
    {"a  b", "a  b"},
    {"a\r\nb", "a\nb"},
    {"a\r\n\r\nb", "a\n\nb"},
    {"a\r\r\nb", "a\r\nb"},
    {"a\rb", "a\rb"},
    {"a\nb", "a\nb"},
    {"a\n\rb", "a\n\rb"},
    {"\r\na\r\n", "a"},
    {"\r\na\r\nb\r\n", "a\nb"},
    {"A", "A"},
    {"\xc2\xa0"
     "a",
	"\xc2\xa0"
	"a"}, /* a no-break space is not trimmed */
    {"\xe2\x80\xa8", "\xe2\x80\xa8"},
    {"\x1f"
     "a",
	"\x1f"
	"a"},
    {"", NULL},
    {" ", NULL},
    {"\r\n", NULL},
    {" \t\n\v\f\r", NULL},
};

static void
matches_text(void **state)
{
	struct arena a = {0};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
		struct str in = exact(str_of(matches[i].in)), out = text_match(&a, in);

		if (matches[i].out ? !str_is(out, matches[i].out) : out.p != NULL) {
			print_bytes("in", str_of(matches[i].in));
			print_bytes("out", out);
			print_error("\n");
			bad++;
		}
		free((void *)in.p);
	}
	assert_null(text_match(&a, (struct str){0}).p);
	arena_free(&a);
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(repairs_text),
	    cmocka_unit_test(has_room_for_repairs),
	    cmocka_unit_test(leaves_repaired_alone),
	    cmocka_unit_test(knows_characters),
	    cmocka_unit_test(counts_characters),
	    cmocka_unit_test(matches_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
