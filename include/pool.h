/*
 * pool: the workers of one process and what they share: nothing but this. `run` and `replay` are a pool each.
 */
#ifndef POOL_H
#define POOL_H

#include "database.h"
#include "range.h"
#include "schemas.h"

#include <signal.h>
#include <stdatomic.h>

/* Every counter once: field, what the summary calls it. From fresh to tombstones (enum fate) they are the
 * messages read, each once; settled are stored events that were corrected, found those of them that were
 * pending. */
#define COUNTERS(X)                  \
	X(messages, "messages read") \
	X(fresh, "new")              \
	X(changed, "changed")        \
	X(unchanged, "unchanged")    \
	X(duplicates, "duplicate")   \
	X(rejected, "rejected")      \
	X(tombstones, "tombstones")  \
	X(settled, "settled")        \
	X(found, "pending settled")

struct counters {
#define FIELD(name, help) atomic_size_t name;
	COUNTERS(FIELD)
#undef FIELD
	atomic_size_t redacted; /* texts that the scrubber failed on; said where there are any */
};

/* Zeroed is valid: closed. */
struct pool {
	const struct conf *conf;
	int64_t workers;
	struct settings settings;
	struct match_secret secret;
	struct registry *registry; /* NULL: none */
	struct schemas *schemas;
	struct ranges *ranges; /* what to read, and then end; not owned; NULL: both topics, as a group */
	bool trial;	       /* a dry run: one worker, and nothing is changed */
	atomic_int trial_pid;  /* its session; 0: not yet */
	atomic_bool stop;      /* finish and leave */
	atomic_bool failed;    /* a worker gave up */
	atomic_size_t at_work; /* workers that have not ended */
	atomic_int storing;    /* of them those that still store */
	sigset_t signals;      /* that stop us */
	struct counters counters;
	double seconds; /* that it ran */
};

/* What must be right before anything is read, the broker apart: the database and its settings. From here on
 * SIGINT and SIGTERM are blocked, until pool_run has seen one. */
int pool_open(struct pool *p, const struct conf *c, struct err *e);
void pool_close(struct pool *p);

/*
 * Starts the workers and waits until they have ended: by themselves, by a signal, by the failure of one
 * (logged by then), or because look, called several times a second (NULL: never), returned true. A second
 * signal kills. -1: a worker failed.
 */
int pool_run(struct pool *p, bool (*look)(void *arg), void *arg);

/* What the workers did, on stdout. */
void pool_summary(const struct pool *p);

#endif
