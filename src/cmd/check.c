/* check: one line for each thing that run needs, in the order in which run needs it; each failure says what
 * to do. */
#include "cmd.h"
#include "database.h"
#include "embed.h"
#include "kafka.h"
#include "schemas.h"
#include "scrub.h"

#include <stdarg.h>
#include <stdlib.h>

#define LOOK_MS 10000

struct report {
	const struct conf *conf;
	int failures;
};

static void say(struct report *r, const char *verdict, const char *what, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
say(struct report *r, const char *verdict, const char *what, const char *fmt, ...)
{
	va_list ap;

	r->failures += !strcmp(verdict, "FAIL");
	printf("%-5s %-9s ", verdict, what);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static void
check_topic(struct report *r, rd_kafka_t *rk, const char *topic, bool needed)
{
	struct err e;
	int n = kafka_partitions(rk, r->conf, topic, LOOK_MS, &e);

	if (n < 0)
		say(r, "FAIL", "topics", "%s", e.text);
	else if (n > 0)
		say(r, "ok", "topics", "\"%s\" has %d partitions", topic, n);
	else if (needed)
		say(r, "FAIL", "topics",
		    "\"%s\" does not exist; create it, or set its name in the configuration", topic);
	else
		say(r, "warn", "topics",
		    "\"%s\" does not exist; create it, unless the broker creates topics by itself: without "
		    "it the first "
		    "rejected message holds everything up",
		    topic);
}

static void
check_kafka(struct report *r)
{
	const struct conf *c = r->conf;
	const struct rd_kafka_metadata *md;
	struct err e;
	rd_kafka_t *rk = kafka_new(RD_KAFKA_CONSUMER, kafka_conf(c), &e);
	rd_kafka_resp_err_t rc;

	if (!rk) {
		say(r, "FAIL", "broker", "%s", e.text);
		return;
	}
	rc = rd_kafka_metadata(rk, 0, NULL, &md, LOOK_MS);
	if (rc) {
		say(r, "FAIL", "broker",
		    "no answer from \"%s\" in %d s: %s; is kafka.bootstrap.servers right, and the broker up?",
		    c->brokers, LOOK_MS / 1000, rd_kafka_err2str(rc));
	} else {
		say(r, "ok", "broker", "\"%s\" answers, %d in the cluster", c->brokers, md->broker_cnt);
		rd_kafka_metadata_destroy(md);
		check_topic(r, rk, c->topic_interactions, true);
		check_topic(r, rk, c->topic_feedback, true);
		check_topic(r, rk, c->topic_dlq, false);
	}
	rd_kafka_destroy(rk);
}

static void
check_registry(struct report *r)
{
	const struct conf *c = r->conf;
	struct registry *registry = NULL;
	struct err e;

	if (!c->registry_url)
		say(r, "ok", "registry", "none configured: messages in Confluent's framing will be rejected");
	else if (registry_open(&registry, c->registry_url, &e) < 0 || registry_ping(registry, &e) < 0)
		say(r, "FAIL", "registry", "%s; is registry.url the base of the API?", e.text);
	else
		say(r, "ok", "registry", "answers");
	registry_close(registry);
}

static void
check_schemas(struct report *r)
{
	const struct {
		const char *name, *json;
		enum plan_of of;
	} ours[] = {{"Interaction", schema_interaction, READ_INTERACTION},
	    {"FeedbackEvent", schema_feedback_event, READ_EVENT}};
	char why[256];

	for (size_t i = 0; i < 2; i++) {
		struct plan *plan = plan_open(ours[i].json, ours[i].of, why, sizeof why);

		if (plan)
			say(r, "ok", "schemas", "afterword.%s can be read", ours[i].name);
		else
			say(r, "FAIL", "schemas", "afterword.%s: %s", ours[i].name, why);
		plan_close(plan);
	}
}

static void
check_rights(struct report *r, struct pg *pg)
{
	struct err e;
	PGresult *res;

	if (pg_query(pg, sql_rights, NULL, 0, &res, &e) < 0) {
		say(r, "FAIL", "rights", "%s", e.text);
		return;
	}
	for (int i = 0; i < PQntuples(res); i++)
		say(r, "FAIL", "rights",
		    "table \"%.*s\": not all of what the worker does; GRANT afterword_writer TO its role",
		    STR_FMT(get_text(res, i, 0)));
	if (PQntuples(res) == 0)
		say(r, "ok", "rights", "tables can be read and written");
	PQclear(res);
}

static void
check_database(struct report *r)
{
	const struct conf *c = r->conf;
	struct pg pg = {0};
	struct match_secret secret;
	struct settings settings;
	struct err e;
	int version;

	if (pg_open(&pg, c, &e) < 0) {
		say(r, "FAIL", "database", "%s; are the postgres.* options right, and the server up?",
		    e.text);
		return;
	}
	say(r, "ok", "database", "Postgres %d.%d answers", PQserverVersion(pg.conn) / 10000,
	    PQserverVersion(pg.conn) % 10000);
	if (database_version(&pg, &version, &e) < 0 || database_check(&pg, c, &settings, &secret, &e) < 0)
		say(r, "FAIL", "version", "%s", e.text);
	else
		say(r, "ok", "version", "schema \"%s\" is at version %d, with our settings", c->schema,
		    version);
	if (version == database_needs())
		check_rights(r, &pg);
	pg_close(&pg);
}

static void
check_scrubber(struct report *r)
{
	struct scrubber s;
	struct err e;

	if (scrubber_open(&s, r->conf, &e) < 0) {
		say(r, "FAIL", "scrubber", "%s", e.text);
		return;
	}
	say(r, "ok", "scrubber", "rules %s", pii_version(s.pii));
	scrubber_close(&s);
}

static int
check(void *arg, const struct cmd_line *line, struct err *e)
{
	struct report r = {line->conf, 0};

	(void)arg;
	(void)e;
	say(&r, "ok", "config", "can be read");
	check_scrubber(&r);
	check_kafka(&r);
	check_registry(&r);
	check_schemas(&r);
	check_database(&r);
	return r.failures ? 1 : 0;
}

int
cmd_check(int argc, char **argv)
{
	return cmd_main(argc, argv,
	    &(struct cmd_options){.run = check,
		.help = "\nPrints a line for each thing looked at: ok, warn or FAIL, and what to do. Changes "
			"nothing.\n"});
}
