#include "pool.h"

#include "clock.h"
#include "log.h"
#include "worker.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_MS 200 /* how often main looks whether a worker failed or all is done */

int
pool_open(struct pool *p, const struct conf *c, struct err *e)
{
	struct scrubber scrubber;
	struct pg pg = {0};
	int rc;

	*p = (struct pool){.conf = c, .workers = c->workers};
	if (scrubber_open(&scrubber, c, e) <
	    0) /* each worker has one: here it is only asked whether it can */
		return -1;
	scrubber_close(&scrubber);
	rc = pg_open(&pg, c, e) < 0 || database_check(&pg, c, &p->settings, &p->secret, e) < 0 ? -1 : 0;
	pg_close(&pg);
	if (rc < 0 || (c->registry_url && registry_open(&p->registry, c->registry_url, e) < 0))
		return -1;
	p->schemas = schemas_open(p->registry);
	sigemptyset(&p->signals);
	sigaddset(&p->signals, SIGINT);
	sigaddset(&p->signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &p->signals, NULL); /* before there are threads to inherit it */
	return 0;
}

void
pool_close(struct pool *p)
{
	schemas_close(p->schemas);
	registry_close(p->registry);
	p->schemas = NULL;
	p->registry = NULL;
}

struct thread {
	pthread_t id;
	struct worker worker;
	struct pool *pool;
	int index;
};

static void *
work(void *arg)
{
	struct thread *t = arg;
	struct err e = {0};

	if (worker_run(&t->worker, t->pool, t->index, &e) < 0) {
		log_error("worker %d: %s", t->index, e.text);
		t->pool->failed = true;
	}
	t->pool->at_work--;
	return NULL;
}

/* Until the workers have ended, or shall end. */
static void
watch(struct pool *p, bool (*look)(void *arg), void *arg)
{
	const struct timespec pause = {0, LOOK_MS * 1000000L};

	while (p->at_work > 0 && !p->failed) {
		int sig = sigtimedwait(&p->signals, NULL, &pause);

		if (sig > 0) {
			log_info("%s: finishing what is under way; once more kills",
			    sig == SIGINT ? "SIGINT" : "SIGTERM");
			break;
		}
		if (look && look(arg))
			break;
	}
	p->stop = true;
	pthread_sigmask(SIG_UNBLOCK, &p->signals, NULL);
}

int
pool_run(struct pool *p, bool (*look)(void *arg), void *arg)
{
	struct thread *threads = xcalloc((size_t)p->workers, sizeof *threads);
	int64_t from = now_ns();
	size_t started = 0;

	for (; started < (size_t)p->workers && !p->failed; started++) {
		struct thread *t = &threads[started];

		t->pool = p;
		t->index = (int)started;
		p->at_work++;
		p->storing++;
		if (pthread_create(&t->id, NULL, work, t)) {
			log_error("cannot start worker %zu", started);
			p->at_work--;
			p->storing--;
			p->failed = true;
			break;
		}
	}
	watch(p, look, arg);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i].id, NULL);
	free(threads);
	p->seconds = (double)(now_ns() - from) / 1e9;
	return p->failed ? -1 : 0;
}

void
pool_summary(const struct pool *p)
{
	const struct counters *c = &p->counters;

#define SAY(name, text) (size_t) c->name,
	const size_t values[] = {COUNTERS(SAY)};
#undef SAY
#define NAME(name, text) text,
	const char *const names[] = {COUNTERS(NAME)};
#undef NAME
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		printf("%s%zu %s", i ? ", " : "", values[i], names[i]);
	if (c->redacted)
		printf(", %zu texts redacted as a whole", (size_t)c->redacted);
	printf(" in %.1f s\n", p->seconds);
}
