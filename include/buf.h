/* buf: bytes that grow, with Postgres's and Kafka's network byte order. Zeroed is valid. */
#ifndef BUF_H
#define BUF_H

#include "str.h"

#include <stdint.h>

struct buf {
	char *p;
	size_t len, cap;
};

void buf_need(struct buf *b, size_t more); /* room for more bytes beyond len */
void buf_put(struct buf *b, const void *p, size_t len);
void buf_be16(struct buf *b, int16_t v);
void buf_be32(struct buf *b, int32_t v);
void buf_be64(struct buf *b, int64_t v);
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
