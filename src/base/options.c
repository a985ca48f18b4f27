#include "options.h"

#include "arena.h"
#include "buf.h"
#include "log.h"
#include "near.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (1024 * 1024) /* of a configuration or a secret */
#define KEY_MIN	 32
#define NEAR	 3 /* so many typing errors still make a suggestion */

struct option;

/* Checks a value and puts it in its place. value NULL: back to none. */
typedef int set_fn(struct loading *l, const struct option *o, const char *value, struct err *e);

static set_fn set_text, set_topic, set_schema, set_url, set_key, set_list, set_level, set_switch, set_number,
    set_share;
static set_fn set_kafka, set_postgres;

struct option {
	const char *name;
	set_fn *set;
	size_t at;
	const char *fallback; /* NULL: none, and an empty value means none too */
	int64_t min, max;
	bool secret; /* may be file:/path, and is not shown */
	const char *help;
};

#define AT(field) offsetof(struct conf, field)

/*
 * Every option, once: loading, environment, -o and help follow. Of what librdkafka and libpq know only the
 * usual things, and what we want to be different, are here; the rest is taken as it is. kafka.fetch.max.bytes
 * is not: librdkafka makes it as large as the queue, or as kafka.message.max.bytes where that is more, but
 * refuses the latter once somebody has set the former.
 */
static const struct option options[] = {
    {"kafka.bootstrap.servers", set_kafka, 0, "localhost:9092", 0, 0, false,
	"brokers to begin with: host:port, separated by commas"},
    {"kafka.group.id", set_kafka, 0, "afterword", 0, 0, false, "the consumer group of the pool"},
    {"kafka.group.instance.id", set_text, AT(group_instance_id), NULL, 0, 0, false,
	"static membership: each consumer of this process adds -0, -1, ... to it; different in each process"},
    {"kafka.client.id", set_kafka, 0, "afterword", 0, 0, false,
	"what brokers call us in their logs and quotas"},
    {"kafka.security.protocol", set_kafka, 0, "plaintext", 0, 0, false,
	"plaintext, ssl, sasl_plaintext or sasl_ssl"},
    {"kafka.sasl.mechanism", set_kafka, 0, NULL, 0, 0, false,
	"PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI"},
    {"kafka.sasl.username", set_kafka, 0, NULL, 0, 0, false, "for PLAIN and SCRAM"},
    {"kafka.sasl.password", set_kafka, 0, NULL, 0, 0, true, "for PLAIN and SCRAM"},
    {"kafka.ssl.ca.location", set_kafka, 0, NULL, 0, 0, false,
	"file or directory of the certificates that brokers are trusted by"},
    {"kafka.ssl.certificate.location", set_kafka, 0, NULL, 0, 0, false,
	"our own certificate, where brokers ask for one"},
    {"kafka.ssl.key.location", set_kafka, 0, NULL, 0, 0, false, "our certificate's private key"},
    {"kafka.ssl.key.password", set_kafka, 0, NULL, 0, 0, true, "the private key's passphrase"},
    {"kafka.auto.offset.reset", set_kafka, 0, "earliest", 0, 0, false,
	"where a new group begins: earliest or latest"},
    {"kafka.check.crcs", set_kafka, 0, "true", 0, 0, false, "check the checksums of what brokers send"},
    {"kafka.queued.max.messages.kbytes", set_kafka, 0, "8192", 0, 0, false,
	"kilobytes that each consumer fetches ahead of its batches; once full, librdkafka waits for a "
	"second, so at least what "
	"is stored in one"},
    {"kafka.socket.keepalive.enable", set_kafka, 0, "true", 0, 0, false,
	"notice brokers that are gone without a word"},

    {"postgres.host", set_postgres, 0, NULL, 0, 0, false,
	"server or socket directory; libpq's own default otherwise, as for the next four"},
    {"postgres.port", set_postgres, 0, NULL, 0, 0, false, "the server's port"},
    {"postgres.dbname", set_postgres, 0, NULL, 0, 0, false, "database"},
    {"postgres.user", set_postgres, 0, NULL, 0, 0, false, "role, best a member of afterword_writer"},
    {"postgres.password", set_postgres, 0, NULL, 0, 0, true, "the role's password"},
    {"postgres.sslmode", set_postgres, 0, NULL, 0, 0, false,
	"disable, allow, prefer, require, verify-ca or verify-full"},
    {"postgres.application_name", set_postgres, 0, "afterword", 0, 0, false, "our name in pg_stat_activity"},
    {"postgres.connect_timeout", set_postgres, 0, "10", 0, 0, false, "seconds that connecting may take"},
    {"postgres.target_session_attrs", set_postgres, 0, "read-write", 0, 0, false,
	"with several hosts: which to use; read-write finds the new primary after a failover"},
    {"postgres.keepalives_idle", set_postgres, 0, "30", 0, 0, false,
	"seconds of silence until the server is asked whether it is still there"},
    {"postgres.tcp_user_timeout", set_postgres, 0, "30000", 0, 0, false,
	"milliseconds until a server that answers nothing is given up"},

    {"topics.interactions", set_topic, AT(topic_interactions), "interactions", 0, 0, false,
	"topic of the interactions"},
    {"topics.feedback", set_topic, AT(topic_feedback), "feedback", 0, 0, false,
	"topic of the feedback events"},
    {"topics.dlq", set_topic, AT(topic_dlq), "feedback.dlq", 0, 0, false,
	"topic that messages go to which cannot be stored"},
    {"registry.url", set_url, AT(registry_url), NULL, 0, 0, false,
	"base of a Confluent-compatible schema registry, as http://localhost:8081"},
    {"decode.bare", set_switch, AT(decode_bare), "off", 0, 0, false,
	"read messages without any framing as Avro of the topic's schema"},
    {"schema", set_schema, AT(schema), "afterword", 0, 0, false,
	"database schema that holds all tables and views"},
    {"workers", set_number, AT(workers), "2", 1, 64, false,
	"consumers in the pool; more than there are partitions is waste"},

    {"resolve.clock.tolerance.ms", set_number, AT(tolerance_ms), "0", 0, 86400000, false,
	"how much earlier than the end of its interaction an event may be; changed by migrate"},
    {"resolve.skew.min.ms", set_number, AT(skew_min_ms), "300000", -1, INT64_C(1) << 40, false,
	"a client's clock that is wrong by as much is corrected, -1: never; changed by migrate"},
    {"resolve.key", set_key, AT(resolve_key), NULL, 0, 0, true,
	"key of the hash that texts are matched by, at least 32 characters; without one the database has its "
	"own"},

    {"batch.max.events", set_number, AT(batch_max_events), "10000", 1, 1000000, false,
	"messages of one transaction"},
    {"batch.max.bytes", set_number, AT(batch_max_bytes), "8388608", 1024, 1 << 28, false,
	"bytes of messages of one transaction"},
    {"batch.max.wait.ms", set_number, AT(batch_max_wait_ms), "20", 1, 60000, false,
	"how long a batch waits for more messages"},

    {"dlq.max.consecutive", set_number, AT(dlq_max_consecutive), "1000", 0, 1000000000, false,
	"so many bad messages of a topic in a row stop the pool before they are drained into the dead "
	"letters; 0: off"},
    {"dlq.max.ratio", set_share, AT(dlq_max_ratio), "0.5", 0, 1, false,
	"so large a share of bad messages among the last 2000 of a topic stops the pool likewise; 0: "
	"off"},
    {"limit.copy.chars", set_number, AT(limit_copy_chars), "100000", 1, 10000000, false,
	"characters of a copied or pasted text; a longer one is rejected"},
    {"limit.comment.chars", set_number, AT(limit_comment_chars), "5000", 1, 10000000, false,
	"characters of a comment; a longer one is rejected"},
    {"pii.attributes.keep", set_list, AT(pii_keep), "_user,_organisation,_prompt,_environment", 0, 0, false,
	"attributes that are never scrubbed, separated by commas"},
    {"pii.known.attributes", set_list, AT(pii_known), "", 0, 0, false,
	"attributes whose values, like the end user, are taken out of the record's texts"},
    {"pii.entities", set_list, AT(pii_entities), "default", 0, 0, false,
	"what is looked for: default, all, NAME, -NAME; a list that begins with a name is these alone"},
    {"pii.countries", set_list, AT(pii_countries), "", 0, 0, false,
	"countries (de, au, ...) or groups (eu, apac, all) whose numbers need no word beside them"},
    {"pii.aggressive", set_switch, AT(pii_aggressive), "off", 0, 0, false, "take what is only possible, too"},
    {"pii.operator", set_list, AT(pii_operator), "replace", 0, 0, false,
	"replace, mask:N, pseudonym, drop or keep; TYPE=operator for one type"},
    {"pii.key", set_key, AT(pii_key), NULL, 0, 0, true, "key of the pseudonyms, at least 32 characters"},
    {"pii.key.id", set_text, AT(pii_key_id), "k1", 0, 0, false,
	"what the key is called in pseudonyms: a letter, then letters and digits, at most 8"},
    {"pii.allow.file", set_text, AT(pii_allow), NULL, 0, 0, false,
	"file of values that stay, one a line; *ending"},
    {"pii.deny.file", set_text, AT(pii_deny), NULL, 0, 0, false, "file of values that always go, one a line"},
    {"pii.rules.file", set_text, AT(pii_rules), NULL, 0, 0, false,
	"file of rules of your own, one a line: TYPE LITERAL REGEX"},

    {"log.level", set_level, AT(log_level), "info", 0, 0, false, "error, warn, info or debug"},
};
#define N_OPTIONS (sizeof options / sizeof *options)

/* Secrets that have no line of their own above. */
static const char *const more_secrets[] = {
    "kafka.sasl.oauthbearer.client.secret",
    "kafka.sasl.oauthbearer.config",
    "kafka.ssl.key.pem",
    "kafka.ssl.keystore.password",
    "postgres.sslpassword",
};

/* What the libraries know and we cannot leave to others. */
static const struct {
	const char *name, *why, *but[2]; /* but: the values that it may have */
} refused[] = {
    {"kafka.enable.auto.commit", "offsets are committed only after Postgres has committed", {NULL}},
    {"kafka.auto.commit.enable", "offsets are committed only after Postgres has committed", {NULL}},
    {"kafka.enable.auto.offset.store", "offsets are stored only after Postgres has committed", {NULL}},
    {"kafka.enable.partition.eof", "it is switched on where the end of a partition matters", {NULL}},
    {"kafka.transactional.id", "dead letters are sent at least once, without transactions", {NULL}},
    {"kafka.acks", "a dead letter that not all replicas have can be lost", {"all", "-1"}},
    {"kafka.request.required.acks", "a dead letter that not all replicas have can be lost", {"all", "-1"}},
    {"kafka.delivery.report.only.error", "a dead letter is waited for until it is said to be there",
	{"false"}},
    {"postgres.client_encoding", "everything is sent as UTF-8", {NULL}},
    {"postgres.replication", "a replication connection cannot store anything", {NULL}},
};

static const char *const levels[] = {"error", "warn", "info", "debug"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void
put(char **at, const char *value)
{
	char *copy = value ? xstrdup(value) : NULL;

	free(*at);
	*at = copy;
}

static char **
text_at(struct loading *l, const struct option *o)
{
	return (char **)(void *)((char *)l->c + o->at);
}

static int
set_text(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	(void)e;
	put(text_at(l, o), value);
	return 0;
}

static int
set_topic(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = strlen(value);

	if (len == 0 || len > 249 || strspn(value, allowed) != len || !strcmp(value, ".") ||
	    !strcmp(value, ".."))
		return err_set(
		    e, ERR_CONFIG, "\"%s\" is no name of a topic (letters, digits, '.', '_', '-')", value);
	return set_text(l, o, value, e);
}

static int
set_schema(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
	size_t len = strlen(value);

	if (len == 0 || len > 63 || strspn(value, allowed) != len || isdigit((unsigned char)*value) ||
	    !strncmp(value, "pg_", 3))
		return err_set(e, ERR_CONFIG,
		    "\"%s\" is no name of a schema (small letters, digits, '_'; at most 63, not pg_...)",
		    value);
	return set_text(l, o, value, e);
}

/* Not quoted where it is wrong: it may hold a password. */
static int
set_url(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	if (value && strncmp(value, "http://", 7) != 0 && strncmp(value, "https://", 8) != 0)
		return err_set(e, ERR_CONFIG, "not a URL that begins with http:// or https://");
	return set_text(l, o, value, e);
}

static int
set_key(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	size_t n = value ? text_chars(str_of(value)) : KEY_MIN;

	if (n < KEY_MIN)
		return err_set(
		    e, ERR_CONFIG, "\"%s\" has %zu characters, needs at least %d", o->name, n, KEY_MIN);
	return set_text(l, o, value, e);
}

/* Names without the white space around them, and without empty ones. */
static int
set_list(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	char *list = xcalloc(strlen(value) + 1, 1), *out = list;
	int rc;

	while (*value) {
		size_t n = strcspn(value, ","), skip = strspn(value, " \t"), end = n;

		while (end > skip && (value[end - 1] == ' ' || value[end - 1] == '\t'))
			end--;
		if (end > skip) {
			if (out > list)
				*out++ = ',';
			memcpy(out, value + skip, end - skip);
			out += end - skip;
		}
		value += n + (value[n] == ',');
	}
	rc = set_text(l, o, list, e);
	free(list);
	return rc;
}

static int
set_level(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	for (size_t i = 0; i < COUNT(levels); i++)
		if (!strcmp(value, levels[i]))
			return set_text(l, o, value, e);
	return err_set(e, ERR_CONFIG, "\"%s\" is not %s", value, o->help);
}

static int
set_switch(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	static const char *const words[] = {"off", "on", "false", "true", "no", "yes"};

	for (size_t i = 0; i < COUNT(words); i++)
		if (!strcmp(value, words[i])) {
			*(bool *)((char *)l->c + o->at) = i % 2 == 1;
			return 0;
		}
	return err_set(e, ERR_CONFIG, "\"%s\" is neither on nor off", value);
}

static int
set_share(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	char *end;
	double share = strtod(value, &end);

	if (*value == '\0' || *end != '\0' || !(share >= 0 && share <= 1))
		return err_set(e, ERR_CONFIG, "\"%s\" is not a number between 0 and 1", value);
	*(double *)(void *)((char *)l->c + o->at) = share;
	return 0;
}

static int
set_number(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	const char *digits = value + (*value == '-');
	long long n;

	if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return err_set(e, ERR_CONFIG, "\"%s\" is not a whole number", value);
	errno = 0;
	n = strtoll(value, NULL, 10);
	if (errno == ERANGE || n < o->min || n > o->max)
		return err_set(e, ERR_CONFIG, "\"%s\" is not between %lld and %lld", value, (long long)o->min,
		    (long long)o->max);
	*(int64_t *)(void *)((char *)l->c + o->at) = n;
	return 0;
}

char *
option_kafka(const rd_kafka_conf_t *kafka, const char *name)
{
	size_t size = 0;
	char *value;

	if (rd_kafka_conf_get(kafka, name, NULL, &size) != RD_KAFKA_CONF_OK)
		return NULL;
	value = xcalloc(size + 1, 1);
	if (rd_kafka_conf_get(kafka, name, value, &size) != RD_KAFKA_CONF_OK) {
		free(value);
		return NULL;
	}
	return value;
}

/* librdkafka reads "8MB" as 8 and 4294967297 as 1 without a word. Was value a number that came through whole?
 */
static bool
kafka_took(const rd_kafka_conf_t *kafka, const char *name, const char *value)
{
	char *taken = option_kafka(kafka, name), *end;
	bool same = true;

	if (taken && *taken && taken[strspn(taken, "-0123456789")] == '\0' &&
	    strchr("+-0123456789", *value)) {
		double wanted = strtod(value, &end);

		same = *end == '\0' && wanted == strtod(taken, NULL);
	}
	free(taken);
	return same;
}

/* What librdkafka does by itself, to be freed. */
static char *
kafka_own(const char *name)
{
	rd_kafka_conf_t *fresh = rd_kafka_conf_new();
	char *value = option_kafka(fresh, name);

	rd_kafka_conf_destroy(fresh);
	return value;
}

static int
set_kafka(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	const char *name = o->name + strlen("kafka.");
	char text[512], *own = value ? NULL : kafka_own(name);
	rd_kafka_conf_res_t res =
	    rd_kafka_conf_set(l->c->kafka, name, value ? value : own, text, sizeof text);
	size_t n;

	free(own);
	switch (res) {
	case RD_KAFKA_CONF_UNKNOWN:
		return OPTION_UNKNOWN;
	case RD_KAFKA_CONF_INVALID:
		if (o->secret)
			return err_set(e, ERR_CONFIG, "librdkafka refuses the value of \"%s\"", o->name);
		for (n = strlen(text); n > 0 && text[n - 1] == '\n'; n--)
			text[n - 1] = '\0';
		return err_set(e, ERR_CONFIG, "librdkafka refuses it: %s", text);
	case RD_KAFKA_CONF_OK:
		break;
	}
	if (value && *value && !o->secret && !kafka_took(l->c->kafka, name, value))
		return err_set(e, ERR_CONFIG, "\"%s\" is not a number that \"%s\" can hold", value, o->name);
	return 0;
}

static const PQconninfoOption *
pq_find(const struct loading *l, const char *keyword)
{
	for (const PQconninfoOption *p = l->pq; p->keyword; p++)
		if (!strcmp(p->keyword, keyword))
			return p;
	return NULL;
}

static void
pq_put(struct conf *c, const char *keyword, const char *value)
{
	size_t n = 0;

	while (c->pq_names && c->pq_names[n] && strcmp(c->pq_names[n], keyword) != 0)
		n++;
	if (!c->pq_names || !c->pq_names[n]) {
		c->pq_names = xrealloc(c->pq_names, (n + 2) * sizeof *c->pq_names);
		c->pq_values = xrealloc(c->pq_values, (n + 2) * sizeof *c->pq_values);
		c->pq_names[n] = xstrdup(keyword);
		c->pq_values[n] = NULL;
		c->pq_names[n + 1] = c->pq_values[n + 1] = NULL;
	}
	put(&c->pq_values[n], value);
}

/* libpq takes an empty value as none. */
static int
set_postgres(struct loading *l, const struct option *o, const char *value, struct err *e)
{
	const char *keyword = o->name + strlen("postgres.");

	(void)e;
	if (!pq_find(l, keyword))
		return OPTION_UNKNOWN;
	pq_put(l->c, keyword, value ? value : "");
	return 0;
}

/* The option of a name; room is for one that the table does not list. NULL: unknown. */
static const struct option *
option_find(const char *name, struct option *room)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (!strcmp(options[i].name, name))
			return &options[i];
	*room = (struct option){.name = name, .fallback = ""};
	if (!strncmp(name, "kafka.", 6))
		room->set = set_kafka;
	else if (!strncmp(name, "postgres.", 9))
		room->set = set_postgres;
	else
		return NULL;
	for (size_t i = 0; i < COUNT(more_secrets); i++)
		room->secret |= !strcmp(name, more_secrets[i]);
	return room;
}

int
option_file(const char *path, struct buf *out, struct err *e)
{
	enum { STEP = 4096 };
	FILE *f = fopen(path, "re");
	size_t n = STEP;
	int rc = 0;

	if (!f)
		return err_set(e, ERR_CONFIG, "cannot read \"%s\": %s", path, strerror(errno));
	while (n > 0 && out->len <= FILE_MAX) {
		buf_need(out, STEP);
		n = fread(out->p + out->len, 1, STEP, f);
		out->len += n;
	}
	if (ferror(f))
		rc = err_set(e, ERR_CONFIG, "cannot read \"%s\": %s", path, strerror(errno));
	else if (out->len > FILE_MAX)
		rc = err_set(e, ERR_CONFIG, "\"%s\" is larger than %d bytes", path, FILE_MAX);
	fclose(f);
	buf_put(out, "", 1);
	out->len--;
	return rc;
}

/* The content of a secret's file, without its last newline. */
static int
read_secret(const char *path, struct buf *out, struct err *e)
{
	if (option_file(path, out, e) < 0)
		return -1;
	if (!out->p)
		return err_set(e, ERR_CONFIG, "\"%s\" is empty", path);
	if (memchr(out->p, '\0', out->len))
		return err_set(e, ERR_CONFIG, "\"%s\" holds a zero byte", path);
	if (out->len > 0 && out->p[out->len - 1] == '\n')
		out->p[--out->len] = '\0';
	if (out->len > 0 && out->p[out->len - 1] == '\r')
		out->p[--out->len] = '\0';
	if (out->len == 0)
		return err_set(e, ERR_CONFIG, "\"%s\" is empty", path);
	return 0;
}

static int
refuse(const char *name, const char *value, struct err *e)
{
	for (size_t i = 0; i < COUNT(refused); i++) {
		const char *const *but = refused[i].but, *why = refused[i].why;

		if (strcmp(name, refused[i].name))
			continue;
		if (!but[0])
			return err_set(e, ERR_CONFIG, "\"%s\" cannot be configured: %s", name, why);
		if (strcmp(value, but[0]) && !(but[1] && !strcmp(value, but[1])))
			return err_set(e, ERR_CONFIG, "\"%s\" must be %s: %s", name, but[0], why);
	}
	return 0;
}

int
option_set(struct loading *l, const char *name, const char *value, struct err *e)
{
	struct option room;
	const struct option *o = option_find(name, &room);
	struct buf secret = {0};
	int rc = 0;

	if (!o)
		return OPTION_UNKNOWN;
	if (refuse(name, value, e))
		return -1;
	if (o->secret && !strncmp(value, "file:", 5)) {
		rc = read_secret(value + 5, &secret, e);
		value = secret.p ? secret.p : "";
	}
	if (rc == 0)
		rc = o->set(l, o, *value == '\0' && !o->fallback ? NULL : value, e);
	buf_free(&secret);
	return rc;
}

/* The nearest name so far. */
struct near {
	const char *typed;
	char best[128];
	size_t least;
};

static void
near_try(struct near *near, const char *prefix, const char *name)
{
	char whole[sizeof near->best];
	size_t d;

	if (snprintf(whole, sizeof whole, "%s%s", prefix, name) >= (int)sizeof whole)
		return;
	if (strlen(near->typed) > strlen(whole) + NEAR) /* may be as long as a file */
		return;
	d = near_distance(near->typed, whole);
	if (d < near->least) {
		near->least = d;
		memcpy(near->best, whole, sizeof whole);
	}
}

int
option_unknown(const struct loading *l, const char *name, struct err *e)
{
	struct near near = {.typed = name, .least = NEAR + 1};
	size_t n;
	const char **dump = rd_kafka_conf_dump(l->c->kafka, &n);

	for (size_t i = 0; i < N_OPTIONS; i++)
		near_try(&near, "", options[i].name);
	for (size_t i = 0; i < n; i += 2)
		near_try(&near, "kafka.", dump[i]);
	for (const PQconninfoOption *p = l->pq; p->keyword; p++)
		near_try(&near, "postgres.", p->keyword);
	rd_kafka_conf_dump_free(dump, n);
	if (near.least <= NEAR)
		return err_set(e, ERR_CONFIG, "unknown option \"%s\"; did you mean \"%s\"?", name, near.best);
	return err_set(e, ERR_CONFIG, "unknown option \"%s\"", name);
}

bool
option_shown(const char *name)
{
	struct option room;
	const struct option *o = option_find(name, &room);

	return o && o != &room && !o->secret && o->set != set_url;
}

bool
conf_secret(const char *name)
{
	struct option room;
	const struct option *o = option_find(name, &room);

	return o && (o->secret || o->set == set_url);
}

/* libpq's own variables (PGAPPNAME) are over our defaults. */
static bool
in_pq_environment(const struct loading *l, const struct option *o)
{
	const PQconninfoOption *p = o->set == set_postgres ? pq_find(l, o->name + strlen("postgres.")) : NULL;

	return p && p->envvar && getenv(p->envvar);
}

int
option_defaults(struct loading *l, struct err *e)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option *o = &options[i];

		if (!o->fallback || in_pq_environment(l, o))
			continue;
		if (o->set(l, o, o->fallback, e) != 0)
			return err_wrap(e, "default of %s", o->name);
	}
	pq_put(l->c, "client_encoding", "UTF8");
	return 0;
}

/* The sentence, and what else can be told from the table. */
static void
help_line(FILE *out, const struct option *o)
{
	fprintf(out, "\n# %s", o->help);
	if (o->set == set_number)
		fprintf(out, " (%lld to %lld)", (long long)o->min, (long long)o->max);
	if (o->secret)
		fputs("; may be file:/path", out);
	fprintf(out, "\n#%s =%s%s\n", o->name, o->fallback ? " " : "", o->fallback ? o->fallback : "");
}

void
conf_help(FILE *out)
{
	fputs("# Afterword's configuration: every option and its default. What is commented out, or empty, "
	      "is not given.\n"
	      "# The environment is over this file (AFTERWORD_BATCH_MAX_EVENTS=1000), -o name=value over "
	      "both.\n"
	      "# kafka.NAME is any option of librdkafka, postgres.KEYWORD any of libpq; these are the usual "
	      "ones.\n",
	    out);
	for (size_t i = 0; i < N_OPTIONS; i++)
		help_line(out, &options[i]);
}
