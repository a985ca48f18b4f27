/*
 * worker: one thread of the pool, a straight line: fill, decode, match, scrub, store, settle, acknowledge. It
 * has a consumer, a connection to Postgres and a batch of its own, and shares nothing but what struct pool
 * holds.
 */
#ifndef WORKER_H
#define WORKER_H

#include "consumer.h"
#include "decode.h"
#include "dlq.h"
#include "guard.h"
#include "pool.h"
#include "scrub.h"
#include "store.h"

struct worker {
	struct pool *pool;
	int index;
	struct consumer consumer;
	struct pg pg;
	struct dlq dlq;
	struct batch batch;
	struct stored stored; /* with this batch */
	int clean;	      /* batches in a row of events that were not stored already: store.h */
	struct decoder decoder;
	struct scrubber scrubber;
	struct guard guard;
	const char *asked; /* the neighbour that is asked */
	int64_t tried;	   /* monotonic ms when what is being tried was begun */
	int64_t told;	   /* monotonic ms when the log said last that it does not work; 0: not yet */
	int64_t stop_seen; /* monotonic ms when stop was first noticed while waiting; 0: not yet */
};

/* Runs until the pool is told to stop or something fatal happens (then *e, logged by the caller). */
int worker_run(struct worker *w, struct pool *pool, int index, struct err *e);

#endif
