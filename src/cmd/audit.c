#include "audit.h"

#include "clock.h"
#include "cmd.h"
#include "log.h"

#include <inttypes.h>
#include <time.h>

#define TELL_S 10 /* how often it is said how far it is */

struct progress {
	struct audit *audit;
	time_t from, told;
};

/* Called about twice a second while Postgres works. */
static int
progress(void *arg, struct err *e)
{
	struct progress *p = arg;
	time_t now = time(NULL);

	(void)e;
	if (now - p->told < TELL_S)
		return 0;
	p->told = now;
	if (p->audit->parts)
		log_info("audit: %d of %d parts after %lld s; %" PRId64 " rows differ so far", p->audit->part,
		    p->audit->parts, (long long)(now - p->from), p->audit->differing);
	else
		log_info("audit: counting rows");
	return 0;
}

static void
summary(const struct audit *a, double seconds)
{
	printf("%" PRId64 " events and %" PRId64 " interactions looked at, ", a->events, a->interactions);
	if (a->differing == 0)
		printf("nothing differs");
	else if (a->fix)
		printf("%" PRId64 " rows differed, %" PRId64 " repaired%s", a->differing,
		    a->differing - a->left,
		    a->left ? "; run it again, and look what else changes the tables" : "");
	else
		printf("%" PRId64 " rows differ; 'afterword audit --fix' repairs them", a->differing);
	printf(" (%.1f s)\n", seconds);
}

struct asked {
	bool fix;
	int64_t steps; /* 0: not said */
};

/* 0 clean, or all repaired; 1 something differs. */
static int
audit(void *arg, const struct cmd_line *line, struct err *e)
{
	const struct asked *asked = arg;
	struct audit a = {.out = stdout, .fix = asked->fix, .steps = (int)asked->steps};
	struct progress p = {&a, time(NULL), time(NULL)};
	struct pg pg = {.idle = progress, .idle_arg = &p};
	struct match_secret secret;
	struct settings settings;
	int64_t from = now_ns();
	int rc;

	a.pg = &pg;
	a.settings = &settings;
	rc = pg_open(&pg, line->conf, e) < 0 || database_check(&pg, line->conf, &settings, &secret, e) < 0 ||
		     audit_run(&a, e) < 0
		 ? -1
		 : 0;
	pg_close(&pg);
	if (rc == 0)
		summary(&a, (double)(now_ns() - from) / 1e9);
	return rc < 0 ? -1 : a.left > 0;
}

enum { OPT_FIX = 2000, OPT_STEPS };

static int
take_option(void *arg, int opt, const char *value, struct err *e)
{
	struct asked *asked = arg;

	if (opt == OPT_STEPS)
		return cmd_number("--steps", value, AUDIT_PARTS, &asked->steps, e);
	asked->fix = true;
	return 0;
}

int
cmd_audit(int argc, char **argv)
{
	static const struct option more[] = {
	    {"fix", no_argument, NULL, OPT_FIX}, {"steps", required_argument, NULL, OPT_STEPS}, {0}};
	struct asked asked = {0};

	return cmd_main(argc, argv,
	    &(struct cmd_options){.more = more,
		.take = take_option,
		.run = audit,
		.arg = &asked,
		.help =
		    "  --fix            repair what differs, as settling does\n"
		    "  --steps N        look in so many steps (default: one for each 4 GB, at most 16); more "
		    "take less\n"
		    "                   room for sorting, but each reads the tables whole\n"
		    "\nResolves every stored event again from the tables alone, and lists each row that "
		    "differs. It can run\n"
		    "beside a working pool, and changes nothing without --fix. Exit code 1: something "
		    "differs.\n"
		    "The view afterword.audit shows the same to SQL.\n"});
}
