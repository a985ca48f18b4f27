#include "cmd.h"
#include "drain.h"
#include "log.h"
#include "pool.h"

#include <inttypes.h>

static bool
drained(void *arg)
{
	return drain_done(arg);
}

static int
run(void *arg, const struct cmd_line *line, struct err *e)
{
	const struct conf *conf = line->conf;
	bool until_drained = *(bool *)arg;
	struct pool pool = {0};
	struct drain drain;
	int rc = -1;

	if (drain_open(&drain, conf, e) < 0) /* the first look at the broker: both topics are there */
		return -1;
	if ((until_drained && drain_mark(&drain, conf, e) < 0) || pool_open(&pool, conf, e) < 0)
		goto out;
	log_info("reading \"%s\" and \"%s\" from \"%s\" as group \"%s\" with %" PRId64 " workers",
	    conf->topic_interactions, conf->topic_feedback, conf->brokers, conf->group_id, pool.workers);
	rc = pool_run(&pool, until_drained ? drained : NULL, &drain) < 0 ? 1 : 0;
	pool_summary(&pool);
out:
	pool_close(&pool);
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

	return cmd_main(argc, argv,
	    &(struct cmd_options){.more = more,
		.take = take_option,
		.run = run,
		.arg = &until_drained,
		.help = "  --drain          stop once the group has stored everything that is in the topics "
			"now\n"});
}
