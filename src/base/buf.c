#include "buf.h"

#include "arena.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
buf_grow(struct buf *b, size_t more)
{
	b->cap = b->cap ? b->cap : 256;
	while (b->cap - b->len < more)
		b->cap *= 2;
	b->p = xrealloc(b->p, b->cap);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	buf_need(b, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
buf_set_be32(struct buf *b, size_t at, int32_t v)
{
	uint32_t be = htobe32((uint32_t)v);

	memcpy(b->p + at, &be, sizeof be);
}

void
buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}

int32_t
be32_at(const char *p)
{
	uint32_t be;

	memcpy(&be, p, sizeof be);
	return (int32_t)be32toh(be);
}

int64_t
be64_at(const char *p)
{
	uint64_t be;

	memcpy(&be, p, sizeof be);
	return (int64_t)be64toh(be);
}
