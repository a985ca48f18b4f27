#include "jsonb.h"

#include "buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SAME NULL /* comes out as it went in, the very same bytes */

/*
 * Each verdict is that of PostgreSQL 15's jsonb, asked once; but for what must be an object, for depth, and
 * for what is repaired. out: what to store; wrong: why not.
 */
static const struct {
	const char *in, *out, *wrong;
} rows[] = {
    /* the outermost thing, and white space */
    {"{}", SAME, NULL},
    {" \t\r\n{ \t\r\n} \t\r\n", SAME, NULL},
    {"{\"a\":1}", SAME, NULL},
    {" { \"a\" : [ 1 , { } , [ ] ] , \"b\" : null } ", SAME, NULL},
    {"", NULL, "not an object"},
    {" ", NULL, "not an object"},
    {"[]", NULL, "not an object"},
    {"[{}]", NULL, "not an object"},
    {"1", NULL, "not an object"},
    {"null", NULL, "not an object"},
    {"\"{}\"", NULL, "not an object"},
    {"}", NULL, "not an object"},
    {"\v{}", NULL, "not an object"},
    {"\f{}", NULL, "not an object"},
    {"\xef\xbb\xbf{}", NULL, "not an object"}, /* a byte order mark */
    {"\xc2\xa0{}", NULL, "not an object"},     /* a no-break space */
    {"{\f}", NULL, "no key at byte 2"},
    {"{}{}", NULL, "something after the object at byte 3"},
    {"{} x", NULL, "something after the object at byte 4"},
    {"{}\v", NULL, "something after the object at byte 3"},
    {"{}// x", NULL, "something after the object at byte 3"},

    /* objects and arrays */
    {"{\"a\":true,\"a\":false,\"\":null}", SAME, NULL}, /* the last of equal keys counts */
    {"{", NULL, "it ends early"},
    {"{\"a\"", NULL, "it ends early"},
    {"{\"a\":", NULL, "it ends early"},
    {"{\"a\":1", NULL, "it ends early"},
    {"{\"a\":1,", NULL, "it ends early"},
    {"{\"a\":[1", NULL, "it ends early"},
    {"{\"a\":[1,", NULL, "it ends early"},
    {"{\"a\"}", NULL, "no colon at byte 5"},
    {"{\"a\" 1}", NULL, "no colon at byte 6"},
    {"{\"a\":}", NULL, "no value at byte 6"},
    {"{\"a\":1,}", NULL, "no key at byte 8"},
    {"{,\"a\":1}", NULL, "no key at byte 2"},
    {"{\"a\":1 \"b\":2}", NULL, "no comma at byte 8"},
    {"{\"a\":1,,\"b\":2}", NULL, "no key at byte 8"},
    {"{a:1}", NULL, "no key at byte 2"},
    {"{1:1}", NULL, "no key at byte 2"},
    {"{'a':1}", NULL, "no key at byte 2"},
    {"{\"a\":[1,]}", NULL, "no value at byte 9"},
    {"{\"a\":[,1]}", NULL, "no value at byte 7"},
    {"{\"a\":[1 2]}", NULL, "no comma at byte 9"},
    {"{\"a\":[1:2]}", NULL, "no comma at byte 8"},
    {"{\"a\":[}", NULL, "no value at byte 7"},
    {"{\"a\":{]}", NULL, "no key at byte 7"},
    {"{\"a\":[1}", NULL, "no comma at byte 8"},

    /* words */
    {"{\"a\":[true,false,null]}", SAME, NULL},
    {"{\"a\":tru}", NULL, "no value at byte 6"},
    {"{\"a\":truex}", NULL, "no comma at byte 10"},
    {"{\"a\":TRUE}", NULL, "no value at byte 6"},
    {"{\"a\":NaN}", NULL, "no value at byte 6"},
    {"{\"a\":Infinity}", NULL, "no value at byte 6"},
    {"{\"a\":undefined}", NULL, "no value at byte 6"},
    {"{\"a\":/**/1}", NULL, "no value at byte 6"},

    /* how numbers are written */
    {"{\"a\":[0,-0,1,-1,10,0.0,-0.5,1.50,1e5,1E+05,1e-05,0e0,-0.0e-0]}", SAME, NULL},
    {"{\"a\":00}", NULL, "bad number at byte 6"},
    {"{\"a\":01}", NULL, "bad number at byte 6"},
    {"{\"a\":-}", NULL, "bad number at byte 6"},
    {"{\"a\":-01}", NULL, "bad number at byte 6"},
    {"{\"a\":--1}", NULL, "bad number at byte 6"},
    {"{\"a\":+1}", NULL, "no value at byte 6"},
    {"{\"a\":.5}", NULL, "no value at byte 6"},
    {"{\"a\":1.}", NULL, "bad number at byte 6"},
    {"{\"a\":1.e5}", NULL, "bad number at byte 6"},
    {"{\"a\":1e}", NULL, "bad number at byte 6"},
    {"{\"a\":1e+}", NULL, "bad number at byte 6"},
    {"{\"a\":1e5.5}", NULL, "no comma at byte 9"},
    {"{\"a\":0x1}", NULL, "no comma at byte 7"},
    {"{\"a\":1_0}", NULL, "no comma at byte 7"},
    {"{\"a\":\xd9\xa1}", NULL, "no value at byte 6"}, /* another script's digit */

    /* what numeric can hold: 131072 digits before the point, 16383 behind it */
    {"{\"a\":1e131071}", SAME, NULL},
    {"{\"a\":1e131072}", NULL, "number too long at byte 6"},
    {"{\"a\":10e131070}", SAME, NULL},
    {"{\"a\":10e131071}", NULL, "number too long at byte 6"},
    {"{\"a\":-99999.99999e131067}", SAME, NULL},
    {"{\"a\":-99999.99999e131068}", NULL, "number too long at byte 6"},
    {"{\"a\":0.01e131073}", SAME, NULL},
    {"{\"a\":0.01e131074}", NULL, "number too long at byte 6"},
    {"{\"a\":1e-16383}", SAME, NULL},
    {"{\"a\":1e-16384}", NULL, "number too long at byte 6"},
    {"{\"a\":1.5e-16382}", SAME, NULL},
    {"{\"a\":1.5e-16383}", NULL, "number too long at byte 6"},
    {"{\"a\":1000e-16384}", NULL, "number too long at byte 6"},
    {"{\"a\":0e131072}", SAME, NULL},
    {"{\"a\":0.000e1073741822}", SAME, NULL},
    {"{\"a\":0e1073741823}", NULL, "number too long at byte 6"},
    {"{\"a\":0e-16383}", SAME, NULL},
    {"{\"a\":0e-16384}", NULL, "number too long at byte 6"},
    {"{\"a\":0.0e-16383}", NULL, "number too long at byte 6"},
    {"{\"a\":1e4294967297}", NULL, "number too long at byte 6"},
    {"{\"a\":1e18446744073709551617}", NULL, "number too long at byte 6"},
    {"{\"a\":0e-18446744073709551617}", NULL, "number too long at byte 6"},
    {"{\"a\":1e00000000000000000000000000001}", SAME, NULL},

    /* strings */
    {"{\"a\":\"\"}", SAME, NULL},
    {"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u00E9\"}", SAME, NULL},
    {"{\"a\":\"\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80\x7f\"}", SAME, NULL},
    {"{\"a\":\"\\u0001\\u001f\\uffff\\ufffd\"}", SAME, NULL},
    {"{\"a\":\"x", NULL, "it ends early"},
    {"{\"a\":\"\\", NULL, "bad escape at byte 7"},
    {"{\"a\":\"\\\"", NULL, "it ends early"},
    {"{\"a\":\"\\u12", NULL, "bad escape at byte 7"},
    {"{\"a\":\"\\u12\"}", NULL, "bad escape at byte 7"},
    {"{\"a\":\"\\u123g\"}", NULL, "bad escape at byte 7"},
    {"{\"a\":\"\\U0041\"}", NULL, "bad escape at byte 7"},
    {"{\"a\":\"\\x41\"}", NULL, "bad escape at byte 7"},
    {"{\"a\":\"\\'\"}", NULL, "bad escape at byte 7"},
    {"{\"a\":\"\\\n\"}", NULL, "bad escape at byte 7"},
    {"{\"a\":\"\n\"}", NULL, "control character in a string at byte 7"},
    {"{\"a\":\"\t\"}", NULL, "control character in a string at byte 7"},
    {"{\"a\":\"x\x1f\"}", NULL, "control character in a string at byte 8"},
    {"{\"\x01\":1}", NULL, "control character in a string at byte 3"},

    /* repairs */
    {"{\"a\":\"\\u0000\"}", "{\"a\":\"\\ufffd\"}", NULL},
    {"{\"a\":\"x\\u0000y\\u0000\", \"b\":1}", "{\"a\":\"x\\ufffdy\\ufffd\", \"b\":1}", NULL},
    {"{\"\\u0000\":1}", "{\"\\ufffd\":1}", NULL},
    {"{\"a\":{\"b\\uD800\":[\"\\uDFFF\"]}}", "{\"a\":{\"b\\ufffd\":[\"\\ufffd\"]}}", NULL},
    {"{\"a\":\"\\ud800\"}", "{\"a\":\"\\ufffd\"}", NULL},
    {"{\"a\":\"\\uDBff\"}", "{\"a\":\"\\ufffd\"}", NULL},
    {"{\"a\":\"\\udc00\"}", "{\"a\":\"\\ufffd\"}", NULL},
    {"{\"a\":\"\\udc00\\ud800\"}", "{\"a\":\"\\ufffd\\ufffd\"}", NULL},
    {"{\"a\":\"\\ud800\\ud800\\udc00\"}", "{\"a\":\"\\ufffd\\ud800\\udc00\"}", NULL},
    {"{\"a\":\"\\ud800\\udc00\\udc00\"}", "{\"a\":\"\\ud800\\udc00\\ufffd\"}", NULL},
    {"{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\ufffd\\u0041\"}", NULL},
    {"{\"a\":\"\\ud800\\u0000\"}", "{\"a\":\"\\ufffd\\ufffd\"}", NULL},
    {"{\"a\":\"\\ud800\\n\"}", "{\"a\":\"\\ufffd\\n\"}", NULL},
    {"{\"a\":\"\\ud800x\\udc00\"}", "{\"a\":\"\\ufffdx\\ufffd\"}", NULL},
    {"{\"a\":\"\\\\u0000\"}", SAME, NULL}, /* a backslash and "u0000" */
    {"{\"a\":\"\\\\\\u0000\"}", "{\"a\":\"\\\\\\ufffd\"}", NULL},
    {"{\"a\":\"\\uD83D\\uDe00\"}", SAME, NULL},
    {"{\"a\":\"\\ud7ff\\ue000\\udbff\\udfff\"}", SAME, NULL},
    {"{\"a\":\"\\ud800\\u00\"}", NULL, "bad escape at byte 13"},
    {"{\"a\":\"\\ud800\\q\"}", NULL, "bad escape at byte 13"},
    {"{\"a\":\"\\u0000\",}", NULL, "no key at byte 15"},
};

static bool
as_expected(const char *in, const char *expected, const char *expected_wrong)
{
	struct arena a = {0};
	struct str out = {0};
	bool repaired = false, fine;
	const char *wrong = jsonb_check(&a, str_of(in), NULL, NULL, &out, &repaired);

	if (wrong)
		fine = expected_wrong && !strcmp(wrong, expected_wrong) && !repaired;
	else if (expected)
		fine = !expected_wrong && str_is(out, expected) && repaired;
	else
		fine = !expected_wrong && out.p == in && out.len == strlen(in) && !repaired;
	if (!fine)
		print_error("%.200s: %s, %.*s\n", in, wrong ? wrong : "fine", STR_FMT(out));
	arena_free(&a);
	return fine;
}

static void
judges(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		bad += !as_expected(rows[i].in, rows[i].out, rows[i].wrong);
	assert_int_equal(bad, 0);
}

/* Texts too long to be written out: begin, a piece many times, end. */
static const struct {
	const char *begin, *piece;
	int times;
	const char *end, *wrong;
} long_rows[] = {
    {"{\"a\":", "9", 131072, "}", NULL}, {"{\"a\":", "9", 131073, "}", "number too long at byte 6"},
    {"{\"a\":-", "9", 131072, ".5}", NULL}, {"{\"a\":", "9", 131070, "e2}", NULL},
    {"{\"a\":", "9", 131070, "e3}", "number too long at byte 6"}, {"{\"a\":", "9", 131073, "e-1}", NULL},
    {"{\"a\":0.", "0", 16383, "}", NULL}, {"{\"a\":0.", "0", 16384, "}", "number too long at byte 6"},
    {"{\"a\":0.", "0", 16384, "e1}", NULL}, {"{\"a\":0.", "0", 16384, "1e147456}", NULL},
    {"{\"a\":0.", "0", 16384, "1e147457}", "number too long at byte 6"}, {"{\"a\":1.", "9", 16383, "}", NULL},
    {"{\"a\":1.", "9", 16384, "}", "number too long at byte 6"}, {"{\"a\":1.", "9", 16384, "e1}", NULL},
    {"{\"a\":1e", "0", 100000, "1}", NULL}, {"", "{\"a\":", 64, "", "it ends early"},
    {"", "{\"a\":", 65, "", "nested deeper than 64 levels"}, {"{\"a\":", "[", 63, "", "it ends early"},
    {"{\"a\":", "[", 64, "", "nested deeper than 64 levels"},
    {"{\"a\":", "[", 1000000, "", "nested deeper than 64 levels"},
    {"{\"a\":[", "[],{},", 1000, "1]}", NULL}, /* side by side is not deep */
};

static char *
build(const char *begin, const char *piece, int times, const char *end)
{
	struct buf b = {0};

	buf_put(&b, begin, strlen(begin));
	for (int i = 0; i < times; i++)
		buf_put(&b, piece, strlen(piece));
	buf_put(&b, end, strlen(end) + 1);
	return b.p;
}

static void
judges_long_ones(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof long_rows / sizeof *long_rows; i++) {
		char *in =
		    build(long_rows[i].begin, long_rows[i].piece, long_rows[i].times, long_rows[i].end);

		bad += !as_expected(in, SAME, long_rows[i].wrong);
		free(in);
	}
	assert_int_equal(bad, 0);
}

static void
takes_64_levels(void **state)
{
	char *open = build("", "{\"a\":", 63, "{"), *whole = build(open, "}", 64, "");
	char *deeper = build("", "{\"a\":", 64, "{");

	(void)state;
	assert_true(as_expected(whole, SAME, NULL));
	assert_true(as_expected(deeper, SAME, "nested deeper than 64 levels"));
	free(open);
	free(whole);
	free(deeper);
}

/* Nothing is read behind the length, wherever a text is cut; only the whole is fine. */
static void
ends_with_its_length(void **state)
{
	static const char text[] = "{\"a\\u0000\":[true,-1.5e+10,\"\\ud83d\\ude00\",null,{\"b\":false}]}";
	struct arena a = {0};

	(void)state;
	for (size_t len = 0; len < sizeof text; len++) {
		char *cut = malloc(len ? len : 1);
		bool repaired = false;
		struct str out;
		const char *wrong;

		memcpy(cut, text, len);
		wrong = jsonb_check(&a, (struct str){cut, len}, NULL, NULL, &out, &repaired);
		assert_true(!wrong == (len == sizeof text - 1));
		free(cut);
	}
	arena_free(&a);
}

/* What the map is asked, and what becomes of its answers. */
static const struct {
	const char *in, *asked, *out;
} map_rows[] = {
    {"{}", "", "{}"},
    {"{\"a\":1,\"b\":[true,null]}", "", "{\"a\":1,\"b\":[true,null]}"},
    {"{\"a\":\"x\"}", "a=x;", "{\"a\":\"<x>\"}"},
    {"{\"a\": \"x\" , \"b\":\"y\" }", "a=x;b=y;", "{\"a\": \"<x>\" , \"b\":\"<y>\" }"},
    {"{\"a\":[\"x\",[\"y\",1],{\"b\":\"z\",\"c\":{\"d\":\"\"}}],\"e\":\"f\"}", "a=x;a=y;a=z;a=;e=f;",
	"{\"a\":[\"<x>\",[\"<y>\",1],{\"b\":\"<z>\",\"c\":{\"d\":\"<>\"}}],\"e\":\"<f>\"}"},
    {"{\"keep\":\"x\",\"a\":{\"keep\":\"y\"}}", "keep=x;a=y;", "{\"keep\":\"x\",\"a\":{\"keep\":\"<y>\"}}"},
    {"{\"\\u006beep\":\"x\"}", "keep=x;", "{\"\\u006beep\":\"x\"}"}, /* keys are decoded, values are not */
    {"{\"a\":\"\\u0041\\n\\\"\"}", "a=\\u0041\\n\\\";", "{\"a\":\"<\\u0041\\n\\\">\"}"},
    {"{\"a\\u0000\":\"\\ud800x\"}", "a\xef\xbf\xbd=\\ufffdx;", "{\"a\\ufffd\":\"<\\ufffdx>\"}"},
    {"{\"keep\":\"\\u0000\"}", "keep=\\ufffd;", "{\"keep\":\"\\ufffd\"}"},
    {"{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\":\"x\"}", "\"\\/\b\f\n\r\t=x;",
	"{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\":\"<x>\"}"},
    {"{\"\\u007f\\u0080\\u07ff\\u0800\\uffff\\ud800\\udc00\\udbff\\udfff\":\"x\"}",
	"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf=x;",
	"{\"\\u007f\\u0080\\u07ff\\u0800\\uffff\\ud800\\udc00\\udbff\\udfff\":\"<x>\"}"},
};

struct asked {
	struct arena *a;
	struct buf all;
};

static struct str
brackets(void *arg, struct str key, struct str name, struct str raw)
{
	struct asked *asked = arg;

	(void)name;
	buf_printf(&asked->all, "%.*s=%.*s;", STR_FMT(key), STR_FMT(raw));
	if (str_is(key, "keep"))
		return raw;
	return str_of(arena_printf(asked->a, "<%.*s>", STR_FMT(raw)));
}

static void
maps_strings(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof map_rows / sizeof *map_rows; i++) {
		struct arena a = {0};
		struct asked asked = {&a, {0}};
		struct str out = {0};
		bool repaired = false;
		const char *wrong;

		wrong = jsonb_check(&a, str_of(map_rows[i].in), brackets, &asked, &out, &repaired);
		if (wrong || !str_is(out, map_rows[i].out) ||
		    !str_is((struct str){asked.all.p ? asked.all.p : "", asked.all.len}, map_rows[i].asked) ||
		    repaired != (strstr(map_rows[i].out, "fffd") != NULL)) {
			print_error("%s: %s, %.*s, asked %.*s\n", map_rows[i].in, wrong ? wrong : "fine",
			    STR_FMT(out), STR_FMT(asked.all));
			bad++;
		}
		buf_free(&asked.all);
		arena_free(&a);
	}
	assert_int_equal(bad, 0);
}

/* What was repaired before stays so. */
static void
leaves_repaired_alone(void **state)
{
	struct arena a = {0};
	struct str out;
	bool repaired = true;

	(void)state;
	assert_null(jsonb_check(&a, str_of("{\"a\":\"\"}"), NULL, NULL, &out, &repaired));
	assert_true(repaired);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(judges),
	    cmocka_unit_test(judges_long_ones),
	    cmocka_unit_test(takes_64_levels),
	    cmocka_unit_test(ends_with_its_length),
	    cmocka_unit_test(maps_strings),
	    cmocka_unit_test(leaves_repaired_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
