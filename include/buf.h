/* buf: bytes that grow, with Postgres's and Kafka's network byte order. Zeroed is valid. */
#ifndef BUF_H
#define BUF_H

#include "str.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *p;
	size_t len, cap;
};

void buf_grow(struct buf *b, size_t more); /* for buf_need() */

/* Room for more bytes beyond len. */
static inline void
buf_need(struct buf *b, size_t more)
{
	if (b->cap - b->len < more)
		buf_grow(b, more);
}

static inline void
buf_put(struct buf *b, const void *p, size_t len)
{
	if (len == 0)
		return;
	buf_need(b, len);
	memcpy(b->p + b->len, p, len);
	b->len += len;
}

static inline void
buf_be16(struct buf *b, int16_t v)
{
	uint16_t be = htobe16((uint16_t)v);

	buf_put(b, &be, sizeof be);
}

static inline void
buf_be32(struct buf *b, int32_t v)
{
	uint32_t be = htobe32((uint32_t)v);

	buf_put(b, &be, sizeof be);
}

static inline void
buf_be64(struct buf *b, int64_t v)
{
	uint64_t be = htobe64((uint64_t)v);

	buf_put(b, &be, sizeof be);
}

void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline void
buf_reset(struct buf *b)
{
	b->len = 0;
}
void buf_free(struct buf *b);

/* Overwrites four bytes that were put before. */
void buf_set_be32(struct buf *b, size_t at, int32_t v);

int32_t be32_at(const char *p);
int64_t be64_at(const char *p);

#endif
