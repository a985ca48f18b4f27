/*
 * guard: stops a worker that would drain a topic into the dead letters (contract, section 6): a wrong topic,
 * a new format, a lost schema. Nothing of the batch in question is stored or acknowledged, so nothing is lost
 * when the pool starts again.
 */
#ifndef GUARD_H
#define GUARD_H

#include "batch.h"

#define GUARD_WINDOW 2000 /* messages that the ratio is taken over */

/* What one worker saw of one topic. Zeroed is valid. */
struct guard_topic {
	size_t in_a_row;		    /* bad messages since the last good one */
	unsigned char window[GUARD_WINDOW]; /* the reasons of the last ones, a ring */
	size_t seen, at;		    /* how many it holds, where the next one goes */
	size_t reasons[REASON_COUNT];	    /* how many of each it holds */
};

struct guard {
	struct guard_topic events, interactions;
};

/* After decode_batch, so conflicts of event ids are not among the bad: -1 with ERR_FATAL where
 * dlq.max.consecutive or dlq.max.ratio is reached. */
int guard_batch(struct guard *g, const struct batch *b, const struct conf *c, struct err *e);

#endif
