#include "cmd.h"
#include "database.h"
#include "drain.h"
#include "log.h"
#include "worker.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_MS 200 /* how often main looks whether a worker failed or all is drained */

struct thread {
	pthread_t id;
	struct worker worker;
	struct pool *pool;
	int index;
	int rc;
	struct err err;
};

static void *
work(void *arg)
{
	struct thread *t = arg;

	t->rc = worker_run(&t->worker, t->pool, t->index, &t->err);
	if (t->rc < 0) {
		log_error("worker %d: %s", t->index, t->err.text);
		t->pool->failed = true;
	}
	return NULL;
}

/* Waits for a signal, a failure or, with drain, the end of the backlog. */
static void
watch(struct pool *pool, struct drain *drain, bool until_drained, const sigset_t *signals)
{
	const struct timespec look = {0, LOOK_MS * 1000000L};

	while (!pool->failed) {
		int sig = sigtimedwait(signals, NULL, &look);

		if (sig > 0) {
			log_info("%s: finishing what is under way; once more kills",
			    sig == SIGINT ? "SIGINT" : "SIGTERM");
			break;
		}
		if (until_drained && drain_done(drain))
			break;
	}
	pool->stop = true;
	pthread_sigmask(SIG_UNBLOCK, signals, NULL);
}

static void
summary(const struct pool *pool, double seconds)
{
	const struct counters *c = &pool->counters;

#define SAY(name, text) (size_t) c->name,
	const size_t values[] = {COUNTERS(SAY)};
#undef SAY
#define NAME(name, text) text,
	const char *const names[] = {COUNTERS(NAME)};
#undef NAME
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		printf("%s%zu %s", i ? ", " : "", values[i], names[i]);
	printf(" in %.1f s\n", seconds);
}

static int
pool_run(struct pool *pool, struct drain *drain, bool until_drained, const sigset_t *signals)
{
	size_t n = (size_t)pool->conf->workers, started = 0;
	struct thread *threads = xcalloc(n, sizeof *threads);
	struct timespec from, to;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (; started < n && !pool->failed; started++) {
		threads[started].pool = pool;
		threads[started].index = (int)started;
		if (pthread_create(&threads[started].id, NULL, work, &threads[started])) {
			log_error("cannot start worker %zu", started);
			pool->failed = true;
			break;
		}
	}
	watch(pool, drain, until_drained, signals);
	for (size_t i = 0; i < started; i++) {
		pthread_join(threads[i].id, NULL);
		rc |= threads[i].rc;
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	summary(pool, (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
	free(threads);
	return rc < 0 || pool->failed ? 1 : 0;
}

/* What must be right before anything is read: the broker with both topics, the database, its settings. */
static int
ready(struct pool *pool, struct drain *drain, bool until_drained, struct err *e)
{
	struct pg pg = {0};
	int rc;

	if (drain_open(drain, pool->conf, e) < 0 || (until_drained && drain_mark(drain, pool->conf, e) < 0))
		return -1;
	rc = pg_open(&pg, pool->conf, e) < 0 ||
		     database_check(&pg, pool->conf, &pool->settings, &pool->secret, e) < 0
		 ? -1
		 : 0;
	pg_close(&pg);
	return rc;
}

static int
run(const struct conf *conf, bool until_drained, struct err *e)
{
	struct pool pool = {.conf = conf};
	struct registry *registry = NULL;
	struct drain drain = {0};
	sigset_t signals;
	int rc = -1;

	if (sodium_init() < 0)
		return err_set(e, ERR_FATAL, "libsodium does not start");
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	if (ready(&pool, &drain, until_drained, e) < 0)
		goto out;
	if (conf->registry_url && registry_open(&registry, conf->registry_url, e) < 0)
		goto out;
	pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before there are threads to inherit it */
	pool.has_registry = registry != NULL;
	pool.schemas = schemas_open(registry);
	log_info("reading \"%s\" and \"%s\" from \"%s\" as group \"%s\" with %" PRId64 " workers",
	    conf->topic_interactions, conf->topic_feedback, conf->brokers, conf->group_id, conf->workers);
	rc = pool_run(&pool, &drain, until_drained, &signals);
	schemas_close(pool.schemas);
out:
	registry_close(registry);
	drain_close(&drain);
	return rc;
}

enum { OPT_DRAIN = 2000 };

static int
take_option(void *arg, int opt, const char *value, struct err *e)
{
	(void)opt;
	(void)value;
	(void)e;
	*(bool *)arg = true;
	return 0;
}

int
cmd_run(int argc, char **argv)
{
	static const struct option more[] = {{"drain", no_argument, NULL, OPT_DRAIN}, {0}};
	bool until_drained = false;
	const struct cmd_options options = {.more = more,
	    .take = take_option,
	    .arg = &until_drained,
	    .help =
		"  --drain          stop once the group has stored everything that is in the topics now\n"};
	struct conf conf;
	struct err e = {0};
	int rc = cmd_open(argc, argv, &options, &conf, &e);

	if (rc > 0)
		return 0;
	if (rc < 0)
		return cmd_fail(argv[0], &e);
	if (optind < argc)
		rc = err_set(&e, ERR_USAGE, "\"%s\" is one argument too many", argv[optind]);
	else
		rc = run(&conf, until_drained, &e);
	conf_close(&conf);
	return rc < 0 ? cmd_fail(argv[0], &e) : rc;
}
