/*
 * str: a piece of text that somebody else owns: a pointer and a length in bytes, no NUL at its end.
 * Absent is p == NULL; in a decoded record an empty string counts as absent, so a present str has len > 0.
 */
#ifndef STR_H
#define STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p;
	size_t len;
};

#define STR_FMT(s) (int)(s).len, (s).p /* for "%.*s" */

static inline struct str
str_of(const char *cstr)
{
	return (struct str){cstr, cstr ? strlen(cstr) : 0};
}

static inline bool
str_is(struct str s, const char *cstr)
{
	return s.p && s.len == strlen(cstr) && memcmp(s.p, cstr, s.len) == 0;
}

/* Orders by bytes, the shorter first among equals; absent as empty. The order of COLLATE "C". */
static inline int
str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

#endif
