/* progress: how far a replay has come, on stderr: a bar on a terminal, elsewhere a plain line every 10 s. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "pool.h"

struct progress {
	const struct pool *pool;
	bool terminal;
	int64_t began, told; /* monotonic ms */
};

void progress_begin(struct progress *p, const struct pool *pool);

/* To be called several times a second. */
void progress_look(struct progress *p);

/* Takes the bar away. */
void progress_end(struct progress *p);

#endif
