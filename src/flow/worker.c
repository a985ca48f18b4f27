#include "worker.h"

#include "clock.h"
#include "log.h"
#include "scrub.h"
#include "trial.h"

#include <sodium.h>

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 10000
#define SLOW_MS	       10000 /* from then on a neighbour that does not answer is worth a line */
#define REMIND_MS      60000
#define GRACE_MS       10000 /* how long a statement that is under way may take once we are told to stop */

/* Shall the log say now that we wait? Once, and again every minute. */
static bool
tell(struct worker *w)
{
	if (w->pool->stop || (w->told && now_ms() - w->told < REMIND_MS))
		return false;
	w->told = now_ms();
	return true;
}

/* Called about twice a second while a neighbour takes its time: stay in the group; give up when told to stop.
 */
static int
worker_idle(void *arg, struct err *e)
{
	struct worker *w = arg;

	consumer_keep(&w->consumer, 0);
	if (now_ms() - w->tried > SLOW_MS && tell(w))
		log_warn("worker %d: %s: not done after %.0f s; holding %zu messages", w->index, w->asked,
		    (double)(now_ms() - w->tried) / 1000, w->batch.len);
	if (!w->pool->stop)
		return 0;
	if (!w->stop_seen)
		w->stop_seen = now_ms();
	return now_ms() - w->stop_seen < GRACE_MS ? 0 : err_set(e, ERR_AGAIN, "told to stop");
}

/* Waits, in the group; -1: told to stop. */
static int
worker_wait(void *arg, int ms, struct err *e)
{
	struct worker *w = arg;
	int64_t until = now_ms() + ms, left;

	while ((left = until - now_ms()) > 0) {
		if (w->pool->stop)
			return err_set(e, ERR_AGAIN, "told to stop");
		consumer_keep(&w->consumer, left < 200 ? (int)left : 200);
	}
	return 0;
}

/* ---- the stages that talk to neighbours; each can be tried again ---- */

static int
stage_decode(struct worker *w, struct err *e)
{
	return decode_batch(&w->decoder, &w->batch, e);
}

static int
stage_store(struct worker *w, struct err *e)
{
	const struct settings *s = &w->pool->settings;

	w->asked = "postgres (slow, or waiting for a lock: pg_stat_activity and pg_blocking_pids() tell)";
	if (!w->pg.conn && pg_open(&w->pg, w->pool->conf, e) < 0)
		return -1;
	if (store_interactions(&w->pg, &w->batch, e) < 0 ||
	    store_events(&w->pg, &w->batch, s, &w->clean, e) < 0 ||
	    settle(&w->pg, &w->batch, s, &w->stored, e) < 0) {
		/* a new connection may find another server, or other settings of the role; a race is worth
		 * none */
		if (e->kind == ERR_RACE || w->pg.trial)
			pg_rollback(&w->pg);
		else
			pg_close(&w->pg);
		if (w->pg.trial && !w->pg.conn && !w->pool->stop) { /* and with it all that it had done */
			e->kind = ERR_FATAL;
			return err_wrap(e, "the dry run cannot go on; try it again");
		}
		return -1;
	}
	return 0;
}

static int
stage_bury(struct worker *w, struct err *e)
{
	if (w->pg.trial)
		return 0;
	w->asked = "kafka: dead letters";
	return dlq_send(&w->dlq, &w->batch, w->pool->conf, worker_idle, w, e);
}

/* Tries a stage until it works: a neighbour that is down or slow never costs a message. -1: fatal, or told to
 * stop. */
static int
persist(struct worker *w, int (*stage)(struct worker *w, struct err *e), struct err *e)
{
	int64_t began = now_ms();
	int backoff = BACKOFF_MIN_MS, tries = 0, races = 0;
	struct arena_mark mark = arena_mark(&w->batch.arena);
	struct err last = {0}, stopped;

	for (w->told = 0; w->tried = now_ms(), stage(w, e) < 0;) {
		arena_back(&w->batch.arena, mark); /* however often it is tried */
		if (e->kind == ERR_RACE && races++ < 100)
			continue;
		if (e->kind != ERR_AGAIN && e->kind != ERR_RACE)
			return -1;
		last = *e;
		/* a line that is cut is often there again at once; if not, the second error says why */
		if ((tries++ > 0 || now_ms() - w->tried > 1000) && tell(w))
			log_warn("worker %d: %s; holding %zu messages", w->index, e->text, w->batch.len);
		/* half of it fixed, half of it chance, so that the workers do not come back all at once */
		if (worker_wait(
			w, backoff / 2 + (int)randombytes_uniform((uint32_t)backoff / 2 + 1), &stopped) < 0) {
			*e = stopped;
			return -1;
		}
		backoff = backoff > BACKOFF_MAX_MS / 2 ? BACKOFF_MAX_MS : 2 * backoff;
	}
	if (tries || w->told)
		log_info("worker %d: going on after %.1f s%s%s", w->index, (double)(now_ms() - began) / 1000,
		    tries && !w->told ? ": " : "", tries && !w->told ? last.text : "");
	return 0;
}

/* Once a batch is stored, however often that was tried. */
static void
count(struct worker *w)
{
	struct counters *c = &w->pool->counters;
	size_t fates[FATE_COUNT] = {0}, rejected = 0, tombstones = 0;

	for (size_t i = 0; i < w->batch.len; i++) {
		const struct item *it = &w->batch.items[i];

		if (it->reason != REASON_NONE)
			rejected++;
		else if (it->what == WHAT_TOMBSTONE)
			tombstones++;
		else
			fates[it->fate]++;
	}
	c->messages += w->batch.len;
	c->fresh += fates[FATE_NEW];
	c->changed += fates[FATE_CHANGED];
	c->unchanged += fates[FATE_UNCHANGED];
	c->duplicates += fates[FATE_DUPLICATE];
	c->rejected += rejected;
	c->tombstones += tombstones;
	c->settled += w->stored.settled;
	c->found += w->stored.found;
	c->redacted += w->scrubber.redacted;
	w->scrubber.redacted = 0;
}

/* ---- the line ---- */

/* One batch: from Kafka, into Postgres, acknowledged. */
static int
worker_step(struct worker *w, struct err *e)
{
	struct batch *b = &w->batch;
	struct pool *p = w->pool;

	batch_reset(b);
	w->stored = (struct stored){0};
	if (consumer_fill(&w->consumer, b, p->conf, &p->stop, e) < 0)
		return -1;
	if (b->len > 0) {
		if (persist(w, stage_decode, e) < 0 || guard_batch(&w->guard, b, p->conf, e) < 0)
			return -1;
		batch_match(b, &p->secret);
		scrub_batch(&w->scrubber, b);
		if (persist(w, stage_store, e) < 0 || persist(w, stage_bury, e) < 0)
			return -1;
	}
	consumer_ack(&w->consumer, b);
	count(w);
	return 0;
}

static int
open_trial(struct worker *w, struct err *e)
{
	int pid;

	w->asked = "postgres";
	w->tried = now_ms();
	if (pg_open(&w->pg, w->pool->conf, e) < 0 || trial_begin(&w->pg, &pid, e) < 0)
		return -1;
	w->pool->trial_pid = pid;
	return 0;
}

/* When a member leaves, the others' partitions are divided anew, and what they acknowledge in between is
 * refused and comes again. So those who are told to stop leave when the last one has finished what was under
 * way. */
static void
leave_together(struct worker *w)
{
	int64_t until = now_ms() + GRACE_MS;

	w->pool->storing--;
	while (w->pool->stop && !w->pool->failed && w->pool->storing > 0 && now_ms() < until)
		consumer_keep(&w->consumer, 20);
}

int
worker_run(struct worker *w, struct pool *pool, int index, struct err *e)
{
	int rc;

	*w = (struct worker){.pool = pool, .index = index};
	w->pg = (struct pg){.idle = worker_idle, .idle_arg = w};
	w->decoder = (struct decoder){.schemas = pool->schemas,
	    .has_registry = pool->registry != NULL,
	    .conf = pool->conf,
	    .wait = worker_wait,
	    .wait_arg = w};
	rc = scrubber_open(&w->scrubber, pool->conf, e);
	if (rc == 0)
		rc = consumer_open(&w->consumer, pool->conf, pool->ranges, index, e);
	if (rc == 0 && pool->trial)
		rc = open_trial(w, e);
	while (rc == 0 && !pool->stop && !w->consumer.done)
		rc = worker_step(w, e);
	if (rc < 0 && pool->stop && e->kind == ERR_AGAIN)
		rc = 0; /* told to stop while a neighbour was away: what is held is read again next time */
	batch_reset(&w->batch); /* messages go back before the consumer that lent them */
	if (w->consumer.rk && !w->pool->ranges)
		leave_together(w);
	else
		w->pool->storing--;
	scrubber_close(&w->scrubber);
	dlq_close(&w->dlq);
	if (w->pg.trial) {
		w->pg.trial = false;
		pg_rollback(&w->pg);
	}
	pg_close(&w->pg);
	consumer_close(&w->consumer);
	batch_free(&w->batch);
	return rc;
}
