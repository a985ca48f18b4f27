/*
 * arena: memory that dies all at once. What is in a batch lives in the batch's arena.
 * Out of memory ends the process, so no caller checks for it.
 */
#ifndef ARENA_H
#define ARENA_H

#include "str.h"

struct arena_block;

/* Zeroed is valid. */
struct arena {
	struct arena_block *first, *now;
	size_t bytes; /* handed out since the last reset */
};

/* Memory aligned for anything, not zeroed, valid until arena_reset or arena_free. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy of s in the arena. */
struct str arena_dup(struct arena *a, struct str s);

/* A formatted, NUL-terminated string in the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A point to go back to: what was handed out since is given back. */
struct arena_mark {
	struct arena_block *now;
	size_t used, bytes;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_back(struct arena *a, struct arena_mark m);

/* Empties for reuse; keeps the blocks of the ordinary size, gives the big ones back. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

/* malloc and friends that end the process where there is no memory. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);

#endif
