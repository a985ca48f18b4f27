#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK (256u * 1024)

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	alignas(max_align_t) unsigned char data[];
};

static void *
need(void *p)
{
	if (!p) {
		fputs("afterword: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	return need(calloc(n ? n : 1, size ? size : 1));
}

void *
xrealloc(void *p, size_t size)
{
	return need(realloc(p, size ? size : 1));
}

char *
xstrdup(const char *s)
{
	return need(strdup(s));
}

static struct arena_block *
block_new(size_t size)
{
	struct arena_block *b = need(malloc(sizeof *b + size));

	b->next = NULL;
	b->size = size;
	b->used = 0;
	return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->now;
	void *p;

	size = (size + alignof(max_align_t) - 1) & ~(size_t)(alignof(max_align_t) - 1);
	if (!b || b->size - b->used < size) {
		if (b && b->next && b->next->size >= size) { /* kept by a reset */
			b = b->next;
		} else {
			struct arena_block *fresh = block_new(size > BLOCK ? size : BLOCK);

			if (b) {
				fresh->next = b->next;
				b->next = fresh;
			} else {
				a->first = fresh;
			}
			b = fresh;
		}
		a->now = b;
	}
	p = b->data + b->used;
	b->used += size;
	a->bytes += size;
	return p;
}

struct str
arena_dup(struct arena *a, struct str s)
{
	char *p;

	if (!s.p)
		return s;
	p = arena_alloc(a, s.len + 1);
	memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return (struct str){p, s.len};
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

struct arena_mark
arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->now, a->now ? a->now->used : 0, a->bytes};
}

void
arena_back(struct arena *a, struct arena_mark m)
{
	if (!m.now) {
		arena_reset(a);
		return;
	}
	for (struct arena_block *b = m.now->next; b; b = b->next)
		b->used = 0;
	m.now->used = m.used;
	a->now = m.now;
	a->bytes = m.bytes;
}

void
arena_reset(struct arena *a)
{
	struct arena_block **at = &a->first;

	while (*at) {
		struct arena_block *b = *at;

		if (b->size > BLOCK) {
			*at = b->next;
			free(b);
		} else {
			b->used = 0;
			at = &b->next;
		}
	}
	a->now = a->first;
	a->bytes = 0;
}

void
arena_free(struct arena *a)
{
	while (a->first) {
		struct arena_block *b = a->first;

		a->first = b->next;
		free(b);
	}
	*a = (struct arena){0};
}
