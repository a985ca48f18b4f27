/* Memory, bytes and errors: what everything else stands on. */
#include "arena.h"
#include "buf.h"
#include "err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define MANY 2000

/* Pieces of all sizes, small and beyond a block, stay what they were while others come. */
static void
pieces_stay(void **state)
{
	static const size_t sizes[] = {0, 1, 7, 8, 15, 16, 17, 1000, 65536, 262143, 262144, 262145, 1000000};
	struct arena a = {0};
	unsigned char *pieces[MANY];
	size_t n = sizeof sizes / sizeof *sizes;

	(void)state;
	for (int round = 0; round < 3; round++) {
		size_t total = 0, many = round == 1 ? 3 : 200;

		for (size_t i = 0; i < many; i++) {
			pieces[i] = arena_alloc(&a, sizes[i % n]);
			assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
			memset(pieces[i], (int)(i % 251), sizes[i % n]);
			total += sizes[i % n];
		}
		for (size_t i = 0; i < many; i++)
			for (size_t j = 0; j < sizes[i % n]; j++)
				if (pieces[i][j] != i % 251)
					fail_msg("round %d, piece %zu, byte %zu", round, i, j);
		assert_in_range(a.bytes, total, total + many * _Alignof(max_align_t));
		arena_reset(&a);
		assert_int_equal(a.bytes, 0);
	}
	arena_free(&a);
	arena_free(&a); /* always safe */
}

/* A big piece in the middle leaves no gap behind: small ones still come from the blocks that a reset keeps.
 */
static void
reset_keeps_blocks(void **state)
{
	struct arena a = {0};
	void *first = arena_alloc(&a, 100);

	(void)state;
	arena_alloc(&a, 1000000);
	arena_alloc(&a, 200000);
	arena_reset(&a);
	assert_ptr_equal(arena_alloc(&a, 100), first);
	arena_free(&a);
	arena_reset(&a);
	assert_null(a.first);
}

static void
copies(void **state)
{
	struct arena a = {0};
	char text[] = "a\0b";
	struct str s = arena_dup(&a, (struct str){text, 3});

	(void)state;
	assert_ptr_not_equal(s.p, text);
	assert_int_equal(s.len, 3);
	assert_memory_equal(s.p, "a\0b\0", 4); /* and a NUL behind it */
	assert_null(arena_dup(&a, (struct str){0}).p);
	assert_non_null(arena_dup(&a, (struct str){"", 0}).p);
	assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
	assert_string_equal(arena_printf(&a, "%s", ""), "");
	assert_int_equal(strlen(arena_printf(&a, "%0*d", 300000, 0)), 300000);
	arena_free(&a);
}

/* Network byte order, at the edges of each width. */
static void
big_endian(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_be16(&b, -2);
	buf_be32(&b, 0x01020304);
	buf_be64(&b, 0x0102030405060708);
	assert_int_equal(b.len, 14);
	assert_memory_equal(b.p, "\xff\xfe\1\2\3\4\1\2\3\4\5\6\7\10", 14);
	buf_set_be32(&b, 2, INT32_MIN);
	assert_int_equal(be32_at(b.p + 2), INT32_MIN);
	assert_memory_equal(b.p, "\xff\xfe\x80\0\0\0\1\2", 8);
	assert_true(be64_at(b.p + 6) == 0x0102030405060708);
	buf_be64(&b, INT64_MIN);
	assert_true(be64_at(b.p + 14) == INT64_MIN);
	buf_free(&b);
}

static void
grows(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_put(&b, NULL, 0);
	assert_null(b.p);
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, "%d,", i);
	assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4 + 9000 * 5 + 90000 * 6);
	assert_memory_equal(b.p + b.len - 12, "99998,99999,", 12);
	assert_true(b.cap >= b.len);
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	assert_non_null(b.p);
	buf_put(&b, "x\0y", 3);
	assert_memory_equal(b.p, "x\0y", 3);
	buf_free(&b);
	buf_put(&b, "x\0y", 3);
	buf_need(&b, 1000000);
	memset(b.p + b.len, 'z', 1000000);
	assert_memory_equal(b.p, "x\0yz", 4);
	buf_free(&b);
	buf_free(&b);
	assert_int_equal(b.cap, 0);
}

static const struct {
	enum err_kind kind;
	int code;
} exits[] = {
    {ERR_NONE, 0},
    {ERR_AGAIN, 1},
    {ERR_RACE, 1},
    {ERR_USAGE, 2},
    {ERR_CONFIG, 3},
    {ERR_FATAL, 1},
};

static void
errors(void **state)
{
	static char wide[2000];
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof exits / sizeof *exits; i++)
		assert_int_equal(err_exit(&(struct err){.kind = exits[i].kind}), exits[i].code);

	assert_int_equal(err_set(&e, ERR_AGAIN, "no \"%s\"", "x"), -1);
	assert_int_equal(err_wrap(&e, "in %d", 7), -1);
	assert_int_equal(err_wrap(&e, "while"), -1);
	assert_string_equal(e.text, "while: in 7: no \"x\"");
	assert_int_equal(e.kind, ERR_AGAIN);

	memset(wide, 'w', sizeof wide - 1);
	err_wrap(&e, "%s", "front");
	err_set(&e, ERR_FATAL, "%s", wide);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	err_wrap(&e, "front");
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	assert_memory_equal(e.text, "front: www", 10);
	err_wrap(&e, "%s", wide);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	assert_int_equal(e.kind, ERR_FATAL);
}

/* Orders by bytes, the shorter first; a byte is unsigned. */
static const struct {
	const char *a, *b;
	int order;
} orders[] = {
    {"a", "b", -1},
    {"a", "a", 0},
    {"a", "aa", -1},
    {"", "a", -1},
    {NULL, "", 0},
    {NULL, "a", -1},
    {"\x7f", "\xc3", -1},
    {"B", "a", -1},
    {"b", "aa", 1},
};

static void
strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		int there = str_cmp(str_of(orders[i].a), str_of(orders[i].b));
		int back = str_cmp(str_of(orders[i].b), str_of(orders[i].a));

		assert_int_equal((there > 0) - (there < 0), orders[i].order);
		assert_int_equal((back > 0) - (back < 0), -orders[i].order);
	}
	assert_true(str_is(str_of(""), ""));
	assert_true(str_is(str_of("ab"), "ab"));
	assert_false(str_is(str_of("ab"), "a"));
	assert_false(str_is(str_of("a"), "ab"));
	assert_false(str_is(str_of(NULL), ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_stay),
	    cmocka_unit_test(reset_keeps_blocks),
	    cmocka_unit_test(copies),
	    cmocka_unit_test(big_endian),
	    cmocka_unit_test(grows),
	    cmocka_unit_test(errors),
	    cmocka_unit_test(strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
