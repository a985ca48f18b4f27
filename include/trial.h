/*
 * trial: the transaction of a dry run: the whole flow in one that is rolled back at its end. It takes none of
 * the locks by which workers wait for each other (pg_begin, settle), since nobody will ever see what it
 * writes; and it gives way as soon as somebody waits for a row or a key that it has touched.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "pg.h"

#include <stdatomic.h>

/* Begins it on an open connection; *pid: its session. The connection's end is its end. */
int trial_begin(struct pg *pg, int *pid, struct err *e);

/* Looks from outside, by a connection of its own. Zeroed is valid. */
struct trial_watch {
	struct pg pg;
	int64_t asked; /* monotonic ms when the question was put */
};

/* Is anybody held up by session pid? 1: somebody is, who *e names; *stop was set and the session ended; 0:
 * nobody; -1: it cannot be told. */
int trial_look(struct trial_watch *w, const struct conf *c, int pid, atomic_bool *stop, struct err *e);
void trial_watch_close(struct trial_watch *w);

#endif
