/* replay: reads a range of the topics again, through the same path as run, in no group. */
#include "arena.h"
#include "clock.h"
#include "cmd.h"
#include "log.h"
#include "progress.h"
#include "trial.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define WORKERS_MAX 64
#define RATE_MAX    1000000

struct replay {
	const struct conf *conf;
	const struct conf_args *given;
	const char *topics[2]; /* as typed */
	size_t ntopics;
	struct ask ask;
	int64_t workers, rate; /* 0: not said */
	bool dry;

	struct ranges ranges;
	struct pool pool;
	struct progress progress;
	struct trial_watch watch;
	struct err gave_way; /* to whom; its kind is ERR_NONE where to nobody */
};

/* ---- options ---- */

enum { OPT_TOPIC = 2000, OPT_FROM, OPT_TO, OPT_WORKERS, OPT_RATE, OPT_DRY_RUN };

static int
take_option(void *arg, int opt, const char *value, struct err *e)
{
	struct replay *r = arg;

	switch (opt) {
	case OPT_TOPIC:
		if (r->ntopics == 2)
			return err_set(e, ERR_USAGE, "--topic \"%s\": there are only two", value);
		r->topics[r->ntopics++] = value;
		return 0;
	case OPT_FROM:
		return bound_take(&r->ask.from, "--from", value, e);
	case OPT_TO:
		return bound_take(&r->ask.to, "--to", value, e);
	case OPT_WORKERS:
		return cmd_number("--workers", value, WORKERS_MAX, &r->workers, e);
	case OPT_RATE:
		return cmd_number("--rate", value, RATE_MAX, &r->rate, e);
	default:
		r->dry = true;
		return 0;
	}
}

/* What only the configuration can tell. */
static int
take_topics(struct replay *r, struct err *e)
{
	const char *interactions = r->conf->topic_interactions, *events = r->conf->topic_feedback;

	for (size_t i = 0; i < r->ntopics; i++) {
		bool is_interactions = !strcmp(r->topics[i], interactions);

		if (!is_interactions && strcmp(r->topics[i], events) != 0)
			return err_set(e, ERR_USAGE, "--topic \"%s\" is neither \"%s\" nor \"%s\"",
			    r->topics[i], interactions, events);
		r->ask.interactions |= is_interactions;
		r->ask.events |= !is_interactions;
	}
	if (r->ntopics == 0)
		r->ask.interactions = r->ask.events = true;
	if ((r->ask.from.n || r->ask.to.n) && r->ask.interactions && r->ask.events)
		return err_set(e, ERR_USAGE, "P:OFFSET is of one topic: say --topic \"%s\" or --topic \"%s\"",
		    interactions, events);
	return 0;
}

/* ---- how to go on ---- */

/* As a shell reads it. */
static void
put_word(struct buf *b, const char *word)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,@%+-";

	if (*word && word[strspn(word, plain)] == '\0') {
		buf_printf(b, " %s", word);
		return;
	}
	buf_printf(b, " '");
	for (; *word; word++)
		if (*word == '\'')
			buf_printf(b, "'\\''");
		else
			buf_put(b, word, 1);
	buf_printf(b, "'");
}

/* -o as it was typed, but for secrets. */
static void
put_set(struct buf *b, const char *set)
{
	size_t len = strcspn(set, "="), end = len;
	const char *value = set[len] ? set + len + 1 : set + len;
	struct buf name = {0};

	while (end > 0 && strchr(" \t", set[end - 1]))
		end--;
	buf_put(&name, set, end);
	buf_put(&name, "", 1);
	buf_printf(b, " -o");
	if (conf_secret(name.p) && strncmp(value, "file:", 5) != 0)
		buf_printf(b, " %s='(not shown here)'", name.p);
	else
		put_word(b, set);
	buf_free(&name);
}

static void
put_offsets(struct buf *b, const struct replay *r, const char *topic, const char *option, bool from)
{
	bool any = false;

	for (size_t i = 0; i < r->ranges.n; i++) {
		const struct range *g = &r->ranges.list[i];
		int64_t at = g->at;

		if (strcmp(g->topic, topic) != 0 || at >= g->to)
			continue;
		buf_printf(b, "%s%s%" PRId32 ":%" PRId64, any ? "," : option, any ? "" : " ", g->partition,
		    from ? at : g->to);
		any = true;
	}
}

static void
say_command(const struct replay *r, const char *topic)
{
	struct buf b = {0}, offsets = {0};

	put_offsets(&offsets, r, topic, " --from", true);
	put_offsets(&offsets, r, topic, " --to", false);
	if (offsets.len) {
		if (r->given->file) {
			buf_printf(&b, " -c");
			put_word(&b, r->given->file);
		}
		for (size_t i = 0; i < r->given->nsets; i++)
			put_set(&b, r->given->sets[i]);
		buf_printf(&b, " --topic");
		put_word(&b, topic);
		buf_put(&b, offsets.p, offsets.len);
		if (r->workers)
			buf_printf(&b, " --workers %" PRId64, r->workers);
		if (r->rate)
			buf_printf(&b, " --rate %" PRId64, r->rate);
		fprintf(stderr, "  afterword replay%.*s\n", (int)b.len, b.p);
	}
	buf_free(&b);
	buf_free(&offsets);
}

static void
say_how_to_go_on(const struct replay *r)
{
	fputs("afterword replay: not finished; to go on:\n", stderr);
	say_command(r, r->conf->topic_interactions);
	say_command(r, r->conf->topic_feedback);
}

/* ---- the end of a dry run ---- */

static void
say_nothing_changed(const struct replay *r, bool finished)
{
	if (r->gave_way.kind)
		fprintf(stderr,
		    "afterword replay: dry run ended early: %s. Nothing was changed. Try again%s\n",
		    r->gave_way.text,
		    r->gave_way.kind == ERR_AGAIN
			? "; a second connection has to see whether anybody waits for this one"
			: " when the pool has caught up, or with a smaller range");
	else
		fprintf(stderr, "afterword replay: dry run%s: nothing was changed\n",
		    finished ? "" : " not finished");
}

/* ---- all of it ---- */

static bool
look(void *arg)
{
	struct replay *r = arg;

	progress_look(&r->progress);
	if (!r->dry || !r->pool.trial_pid)
		return false;
	if (trial_look(&r->watch, r->conf, r->pool.trial_pid, &r->pool.stop, &r->gave_way) == 0)
		r->gave_way.kind = ERR_NONE;
	return r->gave_way.kind != ERR_NONE;
}

static int
prepare(struct replay *r, struct err *e)
{
	if (take_topics(r, e) < 0 || ranges_open(&r->ranges, &r->ask, r->conf, e) < 0 ||
	    pool_open(&r->pool, r->conf, e) < 0)
		return -1;
	if (r->rate)
		rate_init(&r->ranges.rate, r->rate, now_ns());
	r->pool.ranges = &r->ranges;
	r->pool.trial = r->dry;
	if (r->workers)
		r->pool.workers = r->workers;
	if (r->dry || r->ranges.n == 0)
		r->pool.workers = 1;
	else if (r->pool.workers > (int64_t)r->ranges.n)
		r->pool.workers = (int64_t)r->ranges.n;
	return 0;
}

static int
read_again(struct replay *r, struct err *e)
{
	bool finished;
	int rc;

	if (prepare(r, e) < 0)
		return -1;
	log_info("reading %" PRId64 " offsets of %zu partitions again, with %" PRId64 " workers%s",
	    ranges_total(&r->ranges), r->ranges.n, r->pool.workers, r->dry ? ", and changing nothing" : "");
	progress_begin(&r->progress, &r->pool);
	rc = pool_run(&r->pool, look, r);
	progress_end(&r->progress);
	trial_watch_close(&r->watch);
	finished = rc == 0 && ranges_left(&r->ranges) == 0;
	pool_summary(&r->pool);
	fflush(stdout);
	if (finished && r->pool.counters.messages == 0)
		fputs("afterword replay: there are no messages in this range\n", stderr);
	if (r->dry)
		say_nothing_changed(r, finished);
	else if (!finished)
		say_how_to_go_on(r);
	return finished ? 0 : 1;
}

static int
replay(void *arg, const struct cmd_line *line, struct err *e)
{
	struct replay *r = arg;
	int rc;

	r->conf = line->conf;
	r->given = line->given;
	rc = read_again(r, e);
	pool_close(&r->pool);
	ranges_close(&r->ranges);
	return rc;
}

int
cmd_replay(int argc, char **argv)
{
	static const struct option more[] = {{"topic", required_argument, NULL, OPT_TOPIC},
	    {"from", required_argument, NULL, OPT_FROM}, {"to", required_argument, NULL, OPT_TO},
	    {"workers", required_argument, NULL, OPT_WORKERS}, {"rate", required_argument, NULL, OPT_RATE},
	    {"dry-run", no_argument, NULL, OPT_DRY_RUN}, {0}};
	struct replay r = {0};
	int rc = cmd_main(argc, argv,
	    &(struct cmd_options){.more = more,
		.take = take_option,
		.run = replay,
		.arg = &r,
		.help =
		    "  --topic T        one of the two configured topics (default: both)\n"
		    "  --from WHERE     where to begin, in each partition (default: beginning)\n"
		    "  --to WHERE       where to end, before it (default: end, as it is at the start)\n"
		    "  --workers N      consumers, 1 to 64 (default: the option workers)\n"
		    "  --rate N         at most so many messages a second\n"
		    "  --dry-run        tell what would change, and change nothing; with one worker, and "
		    "gives way\n"
		    "                   to the pool\n\n"
		    "WHERE is \"beginning\", \"end\", a time (2026-01-31T08:00:00Z: the first message of "
		    "that time or\n"
		    "later), or P:OFFSET, several with commas (0:1234,1:77): then only the partitions that "
		    "are named\n"
		    "take part. The pool's group is not touched; the pool may be running.\n"});

	bound_free(&r.ask.from);
	bound_free(&r.ask.to);
	return rc;
}
