/*
 * range: the part of the topics that is to be read again: what is asked for, and what the broker holds of it.
 */
#ifndef RANGE_H
#define RANGE_H

#include "buf.h"
#include "conf.h"
#include "rate.h"

#include <stdatomic.h>

/* One end of it, as --from (inclusive) or --to (exclusive) says. Zeroed is valid: not said. */
struct bound {
	enum { BOUND_NONE, BOUND_BEGINNING, BOUND_END, BOUND_TIME, BOUND_OFFSETS } kind;
	int64_t ms;    /* BOUND_TIME: milliseconds, as Kafka counts */
	struct point { /* BOUND_OFFSETS */
		int32_t partition;
		int64_t offset;
	} * points; /* owned */
	size_t n;
};

/* Takes a value: an RFC 3339 time, "beginning", "end", or P:OFFSET, of which there may be several: in one
 * value, with commas between, or in several. option names it in errors, all ERR_USAGE. */
int bound_take(struct bound *b, const char *option, const char *value, struct err *e);
void bound_free(struct bound *b);

/* The offset that it says for a partition; NULL: none. */
const struct point *bound_point(const struct bound *b, int32_t partition);

/* What to read of one partition: offsets [from, to). at: all before it is stored; shared. */
struct range {
	const char *topic;
	int32_t partition;
	int64_t from, to;
	_Atomic int64_t at;
};

/*
 * Clips what is asked of a partition to what it holds, offsets [low, high). from_time and to_time: where the
 * first message of those times or later is, for BOUND_TIME. What is not there is told, a line each, in *says.
 */
void range_clip(struct range *r, const struct bound *from, const struct bound *to, int64_t from_time,
    int64_t to_time, int64_t low, int64_t high, struct buf *says);

/* All of it: the interactions first, so that events find them there. Zeroed is valid: nothing. */
struct ranges {
	struct range *list;
	size_t n;
	atomic_size_t taken; /* by workers, in this order */
	struct rate rate;    /* messages a second, of all workers together */
};

/* What is asked for. */
struct ask {
	bool interactions, events; /* topics */
	struct bound from, to;
};

/*
 * Asks the broker. What it does not hold is told by the log. -1: ERR_USAGE where the two ends do not fit
 * together or a partition does not exist, ERR_AGAIN, or ERR_FATAL where nothing is left of offsets that were
 * asked for.
 */
int ranges_open(struct ranges *rs, const struct ask *ask, const struct conf *c, struct err *e);
void ranges_close(struct ranges *rs);

/* The next that nobody has taken; NULL: none. */
struct range *ranges_take(struct ranges *rs);

/* All before this offset is stored. */
void ranges_stored(struct ranges *rs, const char *topic, int32_t partition, int64_t offset);

/* Offsets: of all of it, and of those not stored yet. */
int64_t ranges_total(const struct ranges *rs);
int64_t ranges_left(const struct ranges *rs);

#endif
