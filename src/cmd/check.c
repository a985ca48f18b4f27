/* check: one line for each thing that run needs, in the order in which run needs it; each failure says what to do. */
#include "cmd.h"
#include "database.h"
#include "embed.h"
#include "kafka.h"
#include "schemas.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>

#define LOOK_MS 10000

static int failures;

static void
say(const char *verdict, const char *what, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void
say(const char *verdict, const char *what, const char *fmt, ...)
{
	va_list ap;

	failures += !strcmp(verdict, "FAIL");
	printf("%-5s %-9s ", verdict, what);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static void
check_topic(rd_kafka_t *rk, const struct conf *c, const char *topic, bool needed)
{
	struct err e;
	int n = kafka_partitions(rk, c, topic, LOOK_MS, &e);

	if (n < 0)
		say("FAIL", "topics", "%s", e.text);
	else if (n > 0)
		say("ok", "topics", "\"%s\" has %d partitions", topic, n);
	else if (needed)
		say("FAIL", "topics", "\"%s\" does not exist; create it, or set its name in the configuration", topic);
	else
		say("warn", "topics",
		    "\"%s\" does not exist; create it, unless the broker creates topics by itself: without it the first "
		    "rejected message holds everything up",
		    topic);
}

static void
check_kafka(const struct conf *c)
{
	const struct rd_kafka_metadata *md;
	struct err e;
	rd_kafka_t *rk = kafka_new(RD_KAFKA_CONSUMER, kafka_conf(c), &e);
	rd_kafka_resp_err_t rc;

	if (!rk) {
		say("FAIL", "broker", "%s", e.text);
		return;
	}
	rc = rd_kafka_metadata(rk, 0, NULL, &md, LOOK_MS);
	if (rc) {
		say("FAIL", "broker", "no answer from \"%s\" in %d s: %s; is kafka.bootstrap.servers right, and the broker up?",
		    c->brokers, LOOK_MS / 1000, rd_kafka_err2str(rc));
	} else {
		say("ok", "broker", "\"%s\" answers, %d in the cluster", c->brokers, md->broker_cnt);
		rd_kafka_metadata_destroy(md);
		check_topic(rk, c, c->topic_interactions, true);
		check_topic(rk, c, c->topic_feedback, true);
		check_topic(rk, c, c->topic_dlq, false);
	}
	rd_kafka_destroy(rk);
}

static void
check_registry(const struct conf *c)
{
	struct registry *registry = NULL;
	struct err e;

	if (!c->registry_url)
		say("ok", "registry", "none configured: messages in Confluent's framing will be rejected");
	else if (registry_open(&registry, c->registry_url, NULL, &e) < 0 || registry_ping(registry, &e) < 0)
		say("FAIL", "registry", "%s; is registry.url the base of the API?", e.text);
	else
		say("ok", "registry", "answers");
	registry_close(registry);
}

static void
check_schemas(void)
{
	const struct {
		const char *name, *json;
		enum reader_of of;
	} ours[] = {{"Interaction", schema_interaction, READ_INTERACTION},
	    {"FeedbackEvent", schema_feedback_event, READ_EVENT}};
	char why[256];

	for (size_t i = 0; i < 2; i++) {
		struct reader *r = reader_open(ours[i].json, ours[i].of, why, sizeof why);

		if (r)
			say("ok", "schemas", "afterword.%s can be read", ours[i].name);
		else
			say("FAIL", "schemas", "afterword.%s: %s", ours[i].name, why);
		reader_close(r);
	}
}

static void
check_rights(struct pg *pg)
{
	struct err e;
	PGresult *res;

	if (pg_query(pg, sql_rights, NULL, 0, &res, &e) < 0) {
		say("FAIL", "rights", "%s", e.text);
		return;
	}
	for (int i = 0; i < PQntuples(res); i++)
		say("FAIL", "rights", "table \"%.*s\": not all of what the worker does; GRANT afterword_writer TO its role",
		    STR_FMT(get_text(res, i, 0)));
	if (PQntuples(res) == 0)
		say("ok", "rights", "tables can be read and written");
	PQclear(res);
}

static void
check_database(const struct conf *c)
{
	struct pg pg = {0};
	struct match_secret secret;
	struct err e;
	int version;

	if (pg_open(&pg, c, &e) < 0) {
		say("FAIL", "database", "%s; are the postgres.* options right, and the server up?", e.text);
		return;
	}
	say("ok", "database", "Postgres %d.%d answers", PQserverVersion(pg.conn) / 10000, PQserverVersion(pg.conn) % 10000);
	if (database_version(&pg, &version, &e) < 0 || database_check(&pg, c, &secret, &e) < 0)
		say("FAIL", "version", "%s", e.text);
	else
		say("ok", "version", "schema \"%s\" is at version %d, with our settings", c->schema, version);
	if (version == database_needs())
		check_rights(&pg);
	pg_close(&pg);
}

int
cmd_check(int argc, char **argv)
{
	static const struct cmd_options options = {
	    .help = "\nPrints a line for each thing looked at: ok, warn or FAIL, and what to do. Changes nothing.\n"};
	struct conf conf;
	struct err e = {0};
	int rc = cmd_open(argc, argv, &options, &conf, &e);

	if (rc > 0)
		return 0;
	if (rc < 0)
		return cmd_fail(argv[0], &e);
	if (optind < argc) {
		conf_close(&conf);
		err_set(&e, ERR_USAGE, "\"%s\" is one argument too many", argv[optind]);
		return cmd_fail(argv[0], &e);
	}
	say("ok", "config", "can be read");
	if (sodium_init() < 0)
		say("FAIL", "config", "libsodium does not start");
	check_kafka(&conf);
	check_registry(&conf);
	check_schemas();
	check_database(&conf);
	conf_close(&conf);
	return failures ? 1 : 0;
}
