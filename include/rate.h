/* rate: so many a second, shared by threads. What was not used in the last second may be used at once. */
#ifndef RATE_H
#define RATE_H

#include <stdatomic.h>
#include <stdint.h>

/* Zeroed is valid: no limit. */
struct rate {
	int64_t per_second;
	_Atomic int64_t next; /* monotonic nanoseconds: when the next is due */
};

void rate_init(struct rate *r, int64_t per_second, int64_t now_ns);

/* Nanoseconds until another may be taken; 0: now. */
int64_t rate_wait(const struct rate *r, int64_t now_ns);

/* Takes one. */
void rate_take(struct rate *r, int64_t now_ns);

#endif
